/* smtp_fingerprint.h
 * A number that tells long texts apart: two that differ have the same one by a chance of 1 in
 * 2^64.  Whoever wants to can make such two; nothing that protects anybody may rest on it.  Pure.
 *
 * A text is read from its end, so the end of one may be read first, and its start when it is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_FINGERPRINT_H
#define SMTP_FINGERPRINT_H

#include <stdint.h>

enum {
    SMTP_FINGERPRINT_STEP = 32 /* octets: what is read first has a multiple of it */
};

/** What is known of a text when its end was read; the same on all machines of one byte order.
 *  @param length  a multiple of SMTP_FINGERPRINT_STEP; 0: nothing is known yet, and 0 is returned */
uint64_t smtp_fingerprint_behind(const uint8_t *octets, uint32_t length);

/** The fingerprint of a text of which this is the start.
 *  @param sum     smtp_fingerprint_behind() of what stands behind it ...
 *  @param behind  ... and how many octets that are */
uint64_t smtp_fingerprint_before(const uint8_t *octets, uint32_t length, uint64_t sum, uint32_t behind);

/** The fingerprint of a text. */
static inline uint64_t smtp_fingerprint(const uint8_t *octets, uint32_t length)
{
    return smtp_fingerprint_before(octets, length, 0, 0);
}

#endif /* SMTP_FINGERPRINT_H */
