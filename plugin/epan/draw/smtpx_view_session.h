/* smtpx_view_session.h
 * What is known of the session and its transactions: generated items.
 *
 * What is shown of the session is what was known behind the last unit that is
 * drawn, so that any click shows the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_SESSION_H
#define SMTPX_VIEW_SESSION_H

#include "plugin/epan/draw/smtpx_view.h"
#include "plugin/smtp/syntax/smtp_reply.h"

void smtpx_view_session_register(int proto);

/** The session; what is known of it is added last. */
void smtpx_view_session(smtpx_view *view);
void smtpx_view_session_facts(const smtpx_view *view);

/** What became of a transaction, on the unit that ends it. */
void smtpx_view_results(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** The server's name for the message, in the first line that has one.
 *  @param at     the reply
 *  @param lines  of it, at the first line that is looked at */
void smtpx_view_queue_id(const smtpx_cursor *at, smtp_reply_lines lines);

#endif /* SMTPX_VIEW_SESSION_H */
