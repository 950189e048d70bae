/* smtp_session_gap.h
 * What follows from octets that are missing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_GAP_H
#define SMTP_SESSION_GAP_H

#include "smtp_pending.h"

/** What the sender of these octets has acknowledged without that it was read.
 *  @param side  who sends them */
void smtp_session_note_unread(smtp_session *session, smtp_side side, const smtp_input *input);

/** The client goes on: what follows from that it has had the replies so far. */
void smtp_session_goes_on(smtp_session *session, const smtp_input *input);

/** The client goes on behind a reply that was read in part, and has had more of it: the code says what follows.  What
 *  becomes of a mail is told on whole replies only. */
void smtp_session_goes_on_behind_part(smtp_session *session, const smtp_input *input);

/** A line of a reply, of which the start is missing.
 *  @param ended  how many replies end with it */
void smtp_session_half_reply(smtp_session *session, smtp_bounds ended);

/** Another reply has this code than the one that was broken off by a gap: that has answered what was pending, if it was
 *  one thing alone. */
void smtp_session_end_broken(smtp_session *session, uint16_t code);

/** Takes all that is in hand of a line whose start was read or is missing, but for a CR that may end it.
 *  @return false when that CR is all there is */
bool smtp_session_read_rest(smtp_direction *direction, const smtp_input *input, smtp_unit *unit);

/** Of one command more the start is missing. */
void smtp_session_miss_start(smtp_session *session);

/** @p missing octets of the client are missing.
 *  @param unread  see smtp_session_gap() */
void smtp_session_gap_of_client(smtp_session *session, uint64_t missing, uint64_t unread);

/** @p missing octets of the server are missing.
 *  @param unread  see smtp_session_gap() */
void smtp_session_gap_of_server(smtp_session *session, uint64_t missing, uint64_t unread);

#endif /* SMTP_SESSION_GAP_H */
