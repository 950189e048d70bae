/* smtp_transaction_again.h
 * Transactions of which something is said a second time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_TRANSACTION_AGAIN_H
#define SMTP_TRANSACTION_AGAIN_H

#include "smtp_session_state.h"

/** Was its message sent though the server had not asked for it, or does not know BDAT? Then sender and recipients are
 *  good for another one. */
bool smtp_transaction_is_used_up(const smtp_transaction *transaction);

/** That was just refused: what the client says next may be of the same transaction, if it has not said anything else.
 */
void smtp_transaction_give_back(smtp_session *session, smtp_transaction *transaction);

/** Another message for sender and recipients of one that is used up. */
smtp_transaction *smtp_transaction_begin_again(smtp_session *session, const smtp_transaction *before);

/** A transaction of which the client knows nothing is open for the server: what is pending, and said next, is of that.
 */
void smtp_transaction_go_on(smtp_session *session, smtp_transaction *open);

/** A reply was none to MAIL or RCPT, which waits for another one.
 *  @param answered  it, with that reply
 *  @param exchange  the same, without it */
void smtp_transaction_ask_again(smtp_session *session, const smtp_exchange *answered, smtp_exchange *exchange);

#endif /* SMTP_TRANSACTION_AGAIN_H */
