/* smtp_secret.h
 * What may be a secret where no AUTH says so: its octets are told by how they look.
 *
 * Base64 of a password or token differs from words: it has digits, signs, or small letters before large ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SECRET_H
#define SMTP_SECRET_H

#include "smtp_text.h"

/** Behind AUTH, where no answer is due: can a line that is no command be one all the same? */
bool smtp_secret_is_answer(const uint8_t *line, uint32_t length);

/** In a line that speaks of AUTH, but has no verb of it ("AUTHENTICATE PLAIN AGFs..."): from where on it may be a
 *  secret; of no octets where it is none. */
smtp_span smtp_secret_in_line(const uint8_t *line, uint32_t length);

/** Does a line that has no verb of AUTH speak of it all the same?  Secrets may follow. */
bool smtp_secret_is_near(const uint8_t *line, uint32_t length);

/** May these octets, of lines that have no start or no end, hold one? */
bool smtp_secret_in_text(const uint8_t *octets, uint32_t length);

#endif /* SMTP_SECRET_H */
