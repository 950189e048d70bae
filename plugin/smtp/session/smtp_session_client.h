/* smtp_session_client.h
 * How the client's octets are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_CLIENT_H
#define SMTP_SESSION_CLIENT_H

#include "smtp_session_state.h"

/** Reads the next unit of the client: a command, an answer, octets of a message.
 *  @return false when more octets are needed */
bool smtp_session_read_client(smtp_session *session, const smtp_input *input, smtp_unit *unit);

#endif /* SMTP_SESSION_CLIENT_H */
