/* smtp_session_end.h
 * What octets of a direction are when their line, reply or TLS record has no end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_END_H
#define SMTP_SESSION_END_H

#include "smtp_session.h"

/** An exchange that is not kept. */
typedef struct smtp_last_exchange {
    smtp_exchange exchange;
    smtp_more more;
} smtp_last_exchange;

/** Reads octets for which more were wanted, and behind which there is nothing. Changes nothing of the session.
 *  @param direction  who was client or server when the connection was opened
 *  @param last  set; has the exchange of the unit, if there is one, which nobody else knows */
void smtp_session_end(const smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit,
                      smtp_last_exchange *last);

/** Reads octets for which more were wanted, and behind which octets are missing: lines of a reply, or the start of a
 *  line. What is cut tells nothing: a word in it may go on. Changes nothing of the session.
 *  @param direction  who was client or server when the connection was opened
 *  @param unit       what they begin with, at least one of them; its exchange is NULL, or marks a secret
 *  @param last       set; see smtp_session_end() */
void smtp_session_cut(const smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit,
                      smtp_last_exchange *last);

/** The same, of which the unit is all of them, as text. */
void smtp_session_cut_text(const smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit,
                           smtp_last_exchange *last);

#endif /* SMTP_SESSION_END_H */
