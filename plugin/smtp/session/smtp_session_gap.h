/* smtp_session_gap.h
 * What follows from octets that are missing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_GAP_H
#define SMTP_SESSION_GAP_H

#include "smtp_session_state.h"

/** What the sender of these octets has acknowledged without that it was read.
 *  @param side  who sends them */
void smtp_session_note_unread(smtp_session *session, smtp_side side, const smtp_input *input);

/** @p missing octets of the client are missing.
 *  @param unread  see smtp_session_gap() */
void smtp_session_gap_of_client(smtp_session *session, uint64_t missing, uint64_t unread);

/** @p missing octets of the server are missing. */
void smtp_session_gap_of_server(smtp_session *session, uint64_t missing);

#endif /* SMTP_SESSION_GAP_H */
