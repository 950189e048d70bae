/* smtp_session_judge.h
 * What is wrong with what was said, by what was said before.
 *
 * These functions add remarks and keep what later ones need; nothing of the session
 * follows from them.  Where the opening was not seen, octets are missing, or it is in
 * doubt what answers what, nothing is said about order, pairs and counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_JUDGE_H
#define SMTP_SESSION_JUDGE_H

#include "../smtp_reading.h"
#include "smtp_session_effect.h"

/** The session inside TLS begins.
 *  @param is_said  something was said outside before */
void smtp_session_judge_inside(smtp_session *inside, const smtp_session *outside, bool is_said);

/** A command or a reply stands behind the end of TLS, perhaps: that is told once for a side. */
void smtp_session_judge_behind_tls(smtp_session *session, smtp_unit *unit);

/** A command was read, and what it does was done. */
void smtp_session_judge_command(smtp_session *session, const smtp_input *input, const smtp_reading *reading,
                                smtp_unit *unit);

/** An answer in AUTH was read. */
void smtp_session_judge_answer(smtp_session *session, const smtp_reading *reading, smtp_unit *unit);

/** A reply was read; what it does was done, if it is whole.
 *  @param is_whole  all of it is one unit */
void smtp_session_judge_reply(smtp_session *session, const smtp_input *input, const smtp_answer *answer, bool is_whole,
                              smtp_unit *unit);

/** Any unit is over: what is told once, and what is not told behind a gap. */
void smtp_session_judge_unit(smtp_session *session, bool after_gap, smtp_unit *unit);

#endif /* SMTP_SESSION_JUDGE_H */
