/* smtp_find.h
 * Texts in octets, whatever their case.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_FIND_H
#define SMTP_FIND_H

#include "smtp_text.h"

/** The first place of a text (upper case) in a span, whatever the case there; of no octets when it is not in it. */
smtp_span smtp_find(const uint8_t *octets, smtp_span span, const char *text);

/** The same, outside quotes. */
smtp_span smtp_find_unquoted(const uint8_t *octets, smtp_span span, const char *text);

/** A control octet; of no octets when there is none. Blanks are none, and CR NUL, telnet's return key (RFC 854). */
smtp_span smtp_find_control(const uint8_t *octets, smtp_span span);

/** An octet above ASCII; of no octets when there is none. */
smtp_span smtp_find_eight_bit(const uint8_t *octets, smtp_span span);

#endif /* SMTP_FIND_H */
