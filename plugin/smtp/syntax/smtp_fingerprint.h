/* smtp_fingerprint.h
 * A number that tells long texts apart: two that differ have the same one by a chance of 1 in
 * 2^64.  Whoever wants to can make such two; nothing that protects anybody may rest on it.  Pure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_FINGERPRINT_H
#define SMTP_FINGERPRINT_H

#include <stdint.h>

/** The same on all machines of one byte order. */
uint64_t smtp_fingerprint(const uint8_t *octets, uint32_t length);

#endif /* SMTP_FINGERPRINT_H */
