/* smtp_session_server.h
 * How the server's octets are read: replies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_SERVER_H
#define SMTP_SESSION_SERVER_H

#include "smtp_session_state.h"

/** Reads the next reply, or a part of a very long one.
 *  @return false when more octets are needed */
bool smtp_session_read_server(smtp_session *session, const smtp_input *input, smtp_unit *unit);

#endif /* SMTP_SESSION_SERVER_H */
