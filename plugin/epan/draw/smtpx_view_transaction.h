/* smtpx_view_transaction.h
 * Transactions: a row on each unit of one, with all that is known of it on the unit that
 * tells what became of it.
 *
 * That is the reply that took it or refused it, or the reply to what gave it up.  A refusal
 * of recipients or of DATA turns out to be that once nothing more comes of the transaction,
 * so it tells on later passes only, as the last unit does of a transaction that no reply ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_TRANSACTION_H
#define SMTPX_VIEW_TRANSACTION_H

#include "plugin/epan/draw/smtpx_view.h"
#include "plugin/smtp/syntax/smtp_reply.h"

void smtpx_view_transaction_register(int proto);

/** Does anybody look at a field that is drawn here? */
bool smtpx_view_transaction_is_wanted(const smtpx_cursor *at);

/** The transaction of which a record tells what became of it; NULL: of none. */
const smtp_transaction *smtpx_view_told(const smtpx_view *view, const smtpx_record *record);

/** The row of a transaction, on units that do not tell what became of it. */
void smtpx_view_transaction(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction);

/** The same on one that does. */
void smtpx_view_result(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction);

/** The server's name for the message, in the first line that has one.
 *  @param at     the reply
 *  @param lines  of it, at the first line that is looked at */
void smtpx_view_queue_id(const smtpx_cursor *at, smtp_reply_lines lines);

/** What the header of the transaction's message says, where the message is shown. */
void smtpx_view_header(const smtpx_cursor *at, const smtp_transaction *transaction);

/** The envelope, as far as it is known by this frame. */
void smtpx_view_envelope(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction);

#endif /* SMTPX_VIEW_TRANSACTION_H */
