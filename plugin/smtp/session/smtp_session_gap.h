/* smtp_session_gap.h
 * What follows from octets that are missing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_GAP_H
#define SMTP_SESSION_GAP_H

#include "smtp_pending.h"
#include "smtp_session_state.h"

/** How many of the missing octets were not even in hand, of a unit that was waited for? */
static inline uint64_t smtp_direction_never_seen(const smtp_direction *direction, uint64_t missing)
{
    uint64_t in_hand = direction->next.behind_start ? direction->start.length : 0;

    return missing > in_hand ? missing - in_hand : 0;
}

/** Is only the rest of a line missing, which was read as far as it goes, where the other end had all that is missing
 *  when it went on?  A client that waits says one line at once, and so does its server. */
static inline bool smtp_session_misses_line(const smtp_session *session, const smtp_direction *direction)
{
    return direction->next.behind_line && !session->pending.pipelined;
}

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
