/* smtpx_text.h
 * Octets of a session as text.
 *
 * What is said is UTF-8 (RFC 6531) and nearly always ASCII, which needs no decoding.
 * A NUL would end a string; it is shown as U+2400.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_TEXT_H
#define SMTPX_TEXT_H

#include "plugin/epan/smtpx_compat.h"

/** Octets as a string.  What is not UTF-8 becomes U+FFFD, and NUL U+2400.
 *  @param pool  where its memory comes from */
char *smtpx_text(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length);

/** How many octets of a text there is room for, so that no character of UTF-8 is cut in two. */
uint32_t smtpx_text_room(const char *text, uint32_t length, uint32_t room);

#endif /* SMTPX_TEXT_H */
