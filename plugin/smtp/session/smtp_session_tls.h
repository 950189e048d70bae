/* smtp_session_tls.h
 * TLS around the session: what STARTTLS asked for, and clear text where only TLS may be.
 *
 * Clear text behind an accepted STARTTLS is no attack by itself: TLS may have been
 * taken off before the capture, or have failed.  It is one where TLS follows after
 * all, where the client did not wait for the reply to STARTTLS, and where the server
 * says what nobody asked for (RFC 3207, 4 and 6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_TLS_H
#define SMTP_SESSION_TLS_H

#include "smtp_session_state.h"

/** The client has sent STARTTLS. */
void smtp_session_tls_ask(smtp_session *session, smtp_exchange *starttls);

/** The server has accepted it. */
void smtp_session_tls_accept(smtp_session *session, smtp_exchange *starttls);

/** Do TLS records come next on a side that says lines, if the session is as it should be? */
bool smtp_session_tls_is_near(const smtp_session *session, const smtp_direction *direction, smtp_side side);

/** Where TLS begins behind a line, which ends there: more of it does not come.
 *  @return octets before that; all that are in hand when it does not begin */
uint32_t smtp_session_tls_limit(const smtp_session *session, smtp_direction *direction, smtp_side side,
                                const smtp_input *input);

/** Takes what a server says that nobody asked for, where only TLS may come. Nothing of it is
 *  waited for: it may end anywhere, and it is no reply.
 *  @return false when this is no such text */
bool smtp_session_tls_read_injected(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/** Remarks on a command in clear.
 *  @param unit  has its exchange */
void smtp_session_tls_remark_command(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/** Remarks on a reply in clear.
 *  @param unit  has its exchange, if it has one */
void smtp_session_tls_remark_reply(smtp_session *session, smtp_unit *unit);

/** Do the records that begin here come before the other side can have agreed to them, as far as is known? */
bool smtp_session_tls_is_early(smtp_session *session, smtp_side side, const smtp_input *input);

/** TLS records begin on a side. */
void smtp_session_tls_begin(smtp_session *session, smtp_side side);

#endif /* SMTP_SESSION_TLS_H */
