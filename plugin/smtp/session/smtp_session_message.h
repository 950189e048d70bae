/* smtp_session_message.h
 * How the octets of messages are read: up to a final dot (DATA) or counted
 * (BDAT), or counted for something else (XEXCH50).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_MESSAGE_H
#define SMTP_SESSION_MESSAGE_H

#include "../syntax/smtp_command.h"
#include "smtp_session_state.h"

/** Octets of a message, or its final dot, where a message is expected. None is waited for. */
void smtp_session_read_text(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/** A chunk begins behind this BDAT, or elsewhere (BURL).
 *  @param unit  of the command */
void smtp_session_begin_chunk(smtp_session *session, smtp_exchange *exchange, const smtp_chunk_size *chunk,
                              smtp_unit *unit);

/** The octets that XEXCH50 announced begin, if there are any. */
void smtp_session_begin_blob(smtp_session *session, smtp_exchange *exchange);

/** Octets where counted ones are expected. */
void smtp_session_read_counted(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/** What was announced is all there, or missing, and waits for a reply: BDAT's, or one of its own.
 *  @param last  frame and time of its last octet */
void smtp_session_end_counted(smtp_session *session, const smtp_input *last);

#endif /* SMTP_SESSION_MESSAGE_H */
