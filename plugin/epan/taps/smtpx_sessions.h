/* smtpx_sessions.h
 * The table of sessions: -z smtpx,session, and Statistics > SMTP Sessions.
 *
 * A row for each session of which a unit was read in a frame that passes the filter: who
 * spoke to whom, who waited for whom how long, what became of the mails, how it ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_SESSIONS_H
#define SMTPX_SESSIONS_H

void smtpx_sessions_register(void);

#endif /* SMTPX_SESSIONS_H */
