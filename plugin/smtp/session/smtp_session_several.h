/* smtp_session_several.h
 * A message that is answered more than once, as LMTP does for each recipient.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_SEVERAL_H
#define SMTP_SESSION_SEVERAL_H

#include "smtp_session_state.h"

/** Is what this ends a message that is answered once for each recipient (RFC 2033, 4.2; PRDR)? */
bool smtp_session_has_several(const smtp_session *session, const smtp_exchange *exchange, uint16_t code);

/** Passes over what LMTP does not answer, or no more: a last chunk for nobody, or a message whose one reply was for
 * all. Something is pending.
 *  @param code  of the reply that has come */
void smtp_session_pass_over_unanswered(smtp_session *session, uint16_t code);

/** Has a client that waits perhaps left a message that LMTP refused with one reply for all? It has said more, which was
 * not read: the reply may be to that. Something is pending. */
bool smtp_session_leaves_unseen(const smtp_session *session, const smtp_input *input);

/** The exchange of one of these replies.
 *  @param exchange  the pending one, which has several
 *  @param alone     the reply can answer nothing else
 *  @return NULL when nobody knows if it is one of them */
smtp_exchange *smtp_session_take_part(smtp_session *session, const smtp_input *input, smtp_exchange *exchange,
                                      uint16_t code, bool alone);

/** Shows this reply that the session is LMTP, though LHLO is missing? It does where it is a second one to a message for
 *  several recipients. Then the message waits for it, and the first one was for the first recipient. */
bool smtp_session_learns_lmtp(smtp_session *session, const smtp_input *input, uint16_t code);

#endif /* SMTP_SESSION_SEVERAL_H */
