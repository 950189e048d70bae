/* smtp_pending.h
 * Exchanges without a reply, oldest first, and which of them may have been
 * answered where commands or replies are missing.
 *
 * Replies come in the order of the commands (RFC 5321, 4.1).  Where some are
 * missing, the queue has a place of doubt: what was asked before it is answered
 * first, for certain; then come so many replies, at most, of which nobody knows
 * what they answer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PENDING_H
#define SMTP_PENDING_H

#include "smtp_session_state.h"

enum {
    SMTP_SHORTEST_REPLY = 5,   /**< three digits and a line end (RFC 5321, 4.2) */
    SMTP_SHORTEST_COMMAND = 6, /**< four letters and a line end */
    SMTP_PENDING_ANY = INT32_MAX
};

void smtp_pending_add(smtp_pending *pending, smtp_exchange *exchange);
void smtp_pending_remove_oldest(smtp_pending *pending);

/** All that was asked so far has been answered, whatever it was answered with.
 *  @return the newest of it; NULL: nothing was pending */
smtp_exchange *smtp_pending_drop_all(smtp_pending *pending);

/** Commands are missing behind what is pending.
 *  @param most  how many at most */
void smtp_pending_miss_commands(smtp_pending *pending, uint64_t most);

/** Has the client to wait for the reply to this before it says more (RFC 2920, 3.1)? */
bool smtp_pending_has_to_wait(const smtp_exchange *exchange);

/** Replies are missing, or cannot be told from others.
 *  @param last     the newest exchange that they may answer; NULL: none
 *  @param least    how many replies at least
 *  @param went_on  whether the client had these when it said what follows last
 *  @return what was answered last, when all up to last was; NULL when that is not known */
smtp_exchange *smtp_pending_miss_replies(smtp_pending *pending, const smtp_exchange *last, uint32_t least,
                                         bool went_on);

/** How many replies follow is not known. */
void smtp_pending_lose_count(smtp_pending *pending);

/** It is this one that is answered next, and nothing is in doubt. */
void smtp_pending_prove(smtp_pending *pending, const smtp_exchange *exchange);

/** A reply has come that answers something at the place of doubt. */
void smtp_pending_count(smtp_pending *pending);

/** The client is in step (smtp_exchange.h): all is answered, unless it does not wait for replies. */
void smtp_pending_in_step(smtp_pending *pending);

/** Is it in doubt what the next reply answers? */
static inline bool smtp_pending_is_doubtful(const smtp_pending *pending)
{
    return pending->doubt && !pending->sure;
}

#endif /* SMTP_PENDING_H */
