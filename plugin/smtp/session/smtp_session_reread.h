/* smtp_session_reread.h
 * What a server has read in a message, behind a look-alike of its end, or in one that
 * came though DATA or BDAT was refused.
 *
 * The look-alike was the end for the server if it says more than it was asked for.
 * From then on the octets behind it are read again with the reader of all other
 * octets, one unit whenever the server says more: so each is read as what the
 * server had said before made of it.  Where what is kept is used up before the
 * client has ended the message, client and server are in step again.
 *
 * A server that has refused DATA reads lines (RFC 5321, 4.3.1), so its next refusals are
 * taken for replies to these.  That the message was obeyed is told when there are more replies than the
 * client can have had for anything else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_REREAD_H
#define SMTP_SESSION_REREAD_H

#include "smtp_session_state.h"

/** Reads what the server says, as smtp_session_read_server().
 *  @param unit  gets what was reread for it */
bool smtp_session_read_deceived(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/** Was the server deceived, or may the next reply prove that it was? */
static inline bool smtp_session_may_be_deceived(const smtp_session *session)
{
    return session->reader || session->client.suspicion || session->client.refused ||
           smtp_lookalike_is_near(&session->client.lookalikes);
}

/** Octets are missing: what is pending stays, and no more is reread. */
static inline void smtp_session_stop_rereading(smtp_session *session)
{
    session->reader = NULL;
}

#endif /* SMTP_SESSION_REREAD_H */
