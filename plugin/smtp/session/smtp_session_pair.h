/* smtp_session_pair.h
 * Which exchange a reply belongs to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_PAIR_H
#define SMTP_SESSION_PAIR_H

#include "smtp_session_state.h"

/** Is it a line of text that a reply with this code answers? */
bool smtp_session_answers_text(const smtp_session *session, uint16_t code);

/** Had the server these octets of the client when it last began to say something? */
static inline bool smtp_session_is_late(smtp_session *session, const smtp_input *input)
{
    return input->position < smtp_session_direction(session, SMTP_SERVER)->had;
}

/** A new exchange that is pending. */
smtp_exchange *smtp_session_ask(smtp_session *session, smtp_verb verb, const smtp_input *input);

/** The exchange that a reply with this code answers; NULL when none is pending that it
 *  can be the answer of.
 *  @param unit  of the reply: ends_message is set, and the remark on it added, when the
 *               reply shows that a message was over */
smtp_exchange *smtp_session_answer(smtp_session *session, const smtp_input *input, uint16_t code, smtp_unit *unit);

/** The server asks for an answer: what was read as text, of which nobody has seen that it was asked for, was none. */
void smtp_session_end_presumed_text(smtp_session *session);

/** A reply begins: its first octet is in hand. */
void smtp_session_begin_reply(smtp_session *session, const smtp_input *input);

/** The exchange that a server line without a code answers if the client goes on behind it; NULL: none. */
smtp_exchange *smtp_session_codeless(smtp_session *session, const smtp_input *input);

/** The client says something new. If it has seen lines without a code, and waits for what is
 *  pending before it goes on, then these were its answers. */
void smtp_session_go_on(smtp_session *session, smtp_verb verb);

#endif /* SMTP_SESSION_PAIR_H */
