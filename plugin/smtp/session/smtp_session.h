/* smtp_session.h
 * One SMTP or LMTP session.
 *
 * The octets of both directions are read here, in the order in which they were
 * captured, one unit at a time.  smtp_session_read() is the one function that
 * changes what the session knows; all it finds out about a unit is in smtp_unit,
 * so nobody needs the session's state of that moment again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "../smtp_exchange.h"

typedef struct smtp_session smtp_session;

/** A session.  When its opening was seen, a first reply that no command waits
 *  for is the greeting whatever it says, and answers the opening. */
smtp_session *smtp_session_new(const smtp_memory *memory, smtp_opening opening);

/** The same, on a connection of which all is inside TLS. */
smtp_session *smtp_session_new_in_tls(const smtp_memory *memory, smtp_opening opening);

/** The server may have said something that was not taken for SMTP: its greeting, perhaps. */
void smtp_session_unheard(smtp_session *session);

/** Reads the next unit of one direction.
 *  @param direction  who was client or server when the connection was opened
 *  @param unit  set to what is read; with input->goes_on it holds what was read before
 *  @return false when more octets are needed; only if input->can_wait, or if
 *          there are none */
bool smtp_session_read(smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit);

/** @p missing octets of a direction are missing before what is read next.
 *  @param unread  of what is read next, see smtp_input */
void smtp_session_gap(smtp_session *session, smtp_side direction, uint64_t missing, uint64_t unread);

/** The session inside TLS, which knows nothing of what was said outside (RFC 3207, 4.2)
 *  but the server's name. The one outside goes on where TLS ends. */
smtp_session *smtp_session_inside_tls(const smtp_session *outside);

const smtp_facts *smtp_session_facts(const smtp_session *session);

/** For what its time went, from its first octet to the last that was read. */
const smtp_spent *smtp_session_spent(const smtp_session *session);

#endif /* SMTP_SESSION_H */
