/* smtp_session_rest.h
 * A session that is over, in fewer octets.
 *
 * Most of what a session knows in the end is what others of the same capture knew.  Behind the reply to QUIT hardly
 * anything is said any more: what differs from the first one that rested is kept then, and put where it was if
 * something is said all the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_REST_H
#define SMTP_SESSION_REST_H

#include "smtp_session.h"

typedef struct smtp_resting smtp_resting;

/** Is the session over behind this unit: has the server said that it closes the connection (RFC 5321, 3.8)? */
static inline bool smtp_unit_ends_session(const smtp_unit *unit)
{
    return unit->role == SMTP_ROLE_REPLY && unit->exchange && unit->exchange->verb == SMTP_VERB_QUIT &&
           unit->exchange->code == 221 && !unit->continues;
}

/** Keeps what the session knows. Its own memory is for the next session that begins, or wakes. */
const smtp_resting *smtp_session_rest(smtp_session *session);

/** The same session as before.
 *  @param memory  that it had */
smtp_session *smtp_session_wake(const smtp_memory *memory, const smtp_resting *resting);

/** For what its time went.
 *  @param memory  that it had */
smtp_spent smtp_resting_spent(const smtp_memory *memory, const smtp_resting *resting);

#endif /* SMTP_SESSION_REST_H */
