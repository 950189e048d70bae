/* smtp_pending.h
 * Exchanges without a reply, oldest first, and which of them may have been
 * answered where commands or replies are missing.
 *
 * Replies come in the order of the commands (RFC 5321, 4.1).  Where some are
 * missing, the queue has a place of doubt: what was asked before it is answered
 * first, for certain.  What the next reply then answers is known by two bounds:
 * 1 is the first exchange behind the place, 2 the one behind that; 0 and less
 * are commands that are missing.  Each reply moves both bounds on, and none
 * answers what was not asked yet.  Where they meet, nothing is in doubt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PENDING_H
#define SMTP_PENDING_H

#include "smtp_session_state.h"

enum {
    SMTP_SHORTEST_REPLY = 5,   /**< three digits and a line end (RFC 5321, 4.2) */
    SMTP_USUAL_REPLY = 8,      /**< "250 ok" and a line end; hardly one is shorter */
    SMTP_SHORTEST_COMMAND = 6, /**< four letters and a line end */
    SMTP_PENDING_ANY = INT32_MAX
};

void smtp_pending_add(smtp_pending *pending, smtp_exchange *exchange);
/** The exchange that was added last ends a message. */
void smtp_pending_note_end(smtp_pending *pending);
void smtp_pending_remove_oldest(smtp_pending *pending);

/** These are answered before all that is pending.
 *  @param first, last  so many exchanges, by next */
void smtp_pending_put_first(smtp_pending *pending, smtp_exchange *first, smtp_exchange *last, uint32_t count);

/** Removes one, if it is there; nothing is in doubt. */
void smtp_pending_remove(smtp_pending *pending, const smtp_exchange *exchange);

/** All that was asked so far has been answered, whatever it was answered with.
 *  @return the newest of it; NULL: nothing was pending */
smtp_exchange *smtp_pending_drop_all(smtp_pending *pending);

/** Commands are missing behind what is pending.
 *  @param most  how many at most */
void smtp_pending_miss_commands(smtp_pending *pending, uint64_t most);

/** What is asked next was there before the last reply, which came here first: if nothing waited for that, it may be the
 *  answer to this. */
void smtp_pending_find_late(smtp_pending *pending);

/** Of one command more the start is missing: it is not answered yet. */
void smtp_pending_miss_start(smtp_pending *pending);

/** Has the client to wait for the reply to this before it says more (RFC 2920, 3.1)? */
bool smtp_pending_has_to_wait(const smtp_exchange *exchange);

/** How many replies an exchange and those behind it get at most. @param first  NULL: none */
int64_t smtp_pending_due(const smtp_exchange *first);

/** How many of something there are. */
typedef struct smtp_bounds {
    int64_t least;
    int64_t most;
} smtp_bounds;

/** Replies are missing, or cannot be told from others.
 *  @param last     the newest exchange that they may answer; NULL: none
 *  @param missing  how many replies
 *  @param went_on  whether the client had these when it said what follows last
 *  @return what was answered last, when all up to last was; NULL when that is not known */
smtp_exchange *smtp_pending_miss_replies(smtp_pending *pending, const smtp_exchange *last, smtp_bounds missing,
                                         bool went_on);

/** The client has had the replies to all up to this one, if it is pending; they were not read.
 *  @return as smtp_pending_miss_replies() */
smtp_exchange *smtp_pending_miss_replies_to(smtp_pending *pending, const smtp_exchange *last);

/** How many replies follow is not known. */
void smtp_pending_lose_count(smtp_pending *pending);

/** It is this one that is answered next, and nothing is in doubt. */
void smtp_pending_prove(smtp_pending *pending, const smtp_exchange *exchange);

/** What of the client's octets a server had, and were not read. */
typedef enum smtp_unseen {
    SMTP_UNSEEN_NONE,
    SMTP_UNSEEN_SOME, /**< they are missing, or come late */
    SMTP_UNSEEN_ALL   /**< nothing that is pending was there when the reply began */
} smtp_unseen;

/** A reply has come. It answers something that was asked before. */
void smtp_pending_limit(smtp_pending *pending, smtp_unseen unseen);

/** Nobody knows what it answers. */
void smtp_pending_count(smtp_pending *pending, smtp_unseen unseen);

/** The client is in step (smtp_exchange.h): all is answered, unless it does not wait for replies.
 *  @param lost  of the last reply the code is missing
 *  @return what was answered last, if that was in doubt; NULL: nothing was */
smtp_exchange *smtp_pending_in_step(smtp_pending *pending, bool lost);

/** The client says more, and has all that the server has said: a message that was answered for some recipients is left,
 *  if the client waits. The next reply tells whether there are more. */
void smtp_pending_leave(smtp_pending *pending);

/** May a command be among what the server has had of the client, and was not read? */
static inline bool smtp_pending_may_miss_one(const smtp_input *input)
{
    return input->unread >= SMTP_SHORTEST_COMMAND;
}

/** Is one exchange pending, and nothing in doubt? */
static inline bool smtp_pending_is_one(const smtp_pending *pending)
{
    return pending->oldest && pending->oldest == pending->newest && !pending->doubt;
}

/** Is it in doubt what the next reply answers? */
static inline bool smtp_pending_is_doubtful(const smtp_pending *pending)
{
    return pending->doubt && !pending->sure;
}

#endif /* SMTP_PENDING_H */
