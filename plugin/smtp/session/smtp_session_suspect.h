/* smtp_session_suspect.h
 * Look-alikes of a message's end: found, and what stands behind them kept.  So is a
 * message that comes before the reply to DATA or BDAT.
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

/** Octets of a chunk are in hand, and not counted yet.
 *  @param unit  of them */
void smtp_session_suspect_chunk(smtp_session *session, const smtp_input *input, const smtp_unit *unit);

/** DATA or BDAT was accepted: what came before that was asked for. */
void smtp_session_suspect_taken(smtp_session *session, const smtp_transaction *transaction);

/** DATA or BDAT was refused: the server may read as commands what came all the same. */
void smtp_session_suspect_refused(smtp_session *session, const smtp_exchange *exchange);

/** It has answered what the client said behind that. */
void smtp_session_suspect_in_step(smtp_session *session);

/** It reads it as commands. */
void smtp_session_begin_refused(smtp_session *session);

/** Did the server take the message that the client still sends for over? */
static inline bool smtp_session_is_behind_end(const smtp_session *session)
{
    return session->client.suspicion && session->client.suspicion->end;
}

/** Octets of the message are missing. */
void smtp_session_suspect_gap(smtp_session *session, uint64_t missing);

/** The look-alike that the server takes for the end, if it has taken one: the first, or the one with a verb
 *  behind it.
 *  @return of no octets: there is none */
smtp_lookalike smtp_session_suspected(const smtp_session *session);

/** May a reply prove that the server has taken it? Where something was unsure before, only if the server has taken the
 *  same octets for the end of an earlier message. */
bool smtp_session_may_prove(const smtp_session *session);

/** The server took it: the message ends there, and what it has read behind that is reread.  What the
 *  client said last is the message, and all behind the look-alike is kept. */
void smtp_session_begin_rereading(smtp_session *session, const smtp_lookalike *end);

#endif /* SMTP_SESSION_SUSPECT_H */
