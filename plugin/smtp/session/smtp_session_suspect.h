/* smtp_session_suspect.h
 * Look-alikes of a message's end: found, and what stands behind them kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_SUSPECT_H
#define SMTP_SESSION_SUSPECT_H

#include "../smtp_suspicion.h"
#include "smtp_session_state.h"

/** Looks at octets of the client's message, which have just been scanned for its end.
 *  @param before  the scan before them
 *  @param length  how many of the input's are content
 *  @param unit    of them: gets the remarks */
void smtp_session_suspect(smtp_session *session, const smtp_body *before, const smtp_input *input, uint32_t length,
                          smtp_unit *unit);

/** The line that ends the message is in hand.
 *  @param unit  of it: gets the remarks */
void smtp_session_suspect_end(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/** Did the server take the message that the client still sends for over? */
static inline bool smtp_session_is_behind_end(const smtp_session *session)
{
    return session->suspicion && session->suspicion->end;
}

/** Octets of the message are missing. */
void smtp_session_suspect_gap(smtp_session *session, uint64_t missing);

/** The look-alike that the server takes for the end, if it has taken one: the first, or the one with a verb
 *  behind it.
 *  @return of no octets: there is none */
smtp_lookalike smtp_session_suspected(const smtp_session *session);

/** The server took it: the message ends there, and what it has read behind that is reread.  What the
 *  client said last is the message, and all behind the look-alike is kept. */
void smtp_session_begin_rereading(smtp_session *session, const smtp_lookalike *end);

#endif /* SMTP_SESSION_SUSPECT_H */
