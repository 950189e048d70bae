/* smtp_transaction_again.c
 * Transactions of which something is said a second time: the message, or what a reply was to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_transaction_again.h"

#include "smtp_session_memory.h"
#include "smtp_transaction.h"

/* ---- Another message ---- */

bool smtp_transaction_is_used_up(const smtp_transaction *transaction)
{
    const smtp_exchange *chunk;

    if (!transaction->not_taken)
        return false;
    chunk = smtp_rare_of(transaction)->refused_chunk;
    return transaction->phase == SMTP_PHASE_WHOLE ||
           (transaction->phase == SMTP_PHASE_MESSAGE && chunk && smtp_code_is_unknown(chunk->code));
}

void smtp_transaction_give_back(smtp_session *session, smtp_transaction *transaction)
{
    const smtp_exchange *oldest = session->pending.oldest;
    bool is_alone = !oldest || (oldest == transaction->end && oldest == session->pending.newest);

    if (!session->client.transaction && is_alone && smtp_transaction_is_used_up(transaction))
        session->client.transaction = transaction;
}

/* What happens to a recipient in one transaction does not happen in the other. */
static void copy_recipient(smtp_session *session, smtp_transaction *transaction, const smtp_exchange *recipient)
{
    smtp_exchange *copy =
        smtp_session_exchange(session, SMTP_VERB_RCPT, recipient->command_frame, recipient->command_time);

    *copy = *recipient;
    copy->next = NULL;
    if (recipient->has_more) {
        copy->has_more = false;
        copy->of.name = NULL;
        *smtp_session_more(session, copy) = *recipient->of.more;
    }
    smtp_transaction_append(transaction, copy);
}

smtp_transaction *smtp_transaction_begin_again(smtp_session *session, const smtp_transaction *before)
{
    smtp_transaction *transaction;

    session->client.transaction = NULL;
    transaction = smtp_transaction_begin(session);
    transaction->sender = before->sender;
    for (const smtp_exchange *recipient = before->recipients; recipient; recipient = recipient->next)
        copy_recipient(session, transaction, recipient);
    transaction->asked = before->asked;
    transaction->accepted = before->accepted;
    transaction->refused = before->refused;
    transaction->before = before->before;
    transaction->sender_unsure = before->sender_unsure;
    transaction->list_unsure = before->list_unsure;
    transaction->partly_seen = before->partly_seen || session->client.commands_missing;
    return transaction;
}

/* ---- One more that is open ---- */

void smtp_transaction_go_on(smtp_session *session, smtp_transaction *open)
{
    smtp_exchange *exchange = session->pending.oldest;

    while (exchange && !exchange->transaction) {
        exchange->transaction = open;
        if (exchange->verb == SMTP_VERB_RSET || exchange->verb == SMTP_VERB_QUIT)
            return;
        exchange = exchange->next;
    }
    if (!exchange && !session->client.transaction)
        session->client.transaction = open;
    else if (exchange && exchange->transaction->sender == exchange && !smtp_rare_of(exchange->transaction)->previous)
        smtp_transaction_rare(session, exchange->transaction)->previous = open;
}

/* ---- Another reply ---- */

/* It is not known yet whether it is a recipient. */
static void remove_recipient(smtp_transaction *transaction, const smtp_exchange *recipient)
{
    smtp_exchange **place = &transaction->recipients;

    transaction->last_recipient = NULL;
    while (*place) {
        if (*place != recipient) {
            transaction->last_recipient = *place;
            place = &(*place)->next;
            continue;
        }
        *place = recipient->next;
        transaction->accepted -= smtp_code_is_completion(recipient->code);
        transaction->refused -= !smtp_code_is_completion(recipient->code);
    }
}

/* Nor what becomes of the transaction. */
static void take_back_decision(smtp_transaction *transaction, const smtp_exchange *answered)
{
    if (transaction->decided_by == answered)
        transaction->decided_by = NULL;
    if (transaction->ended_by != answered)
        return;
    transaction->status = SMTP_STATUS_INCOMPLETE;
    transaction->ended_by = NULL;
    transaction->may_go_on = false;
}

void smtp_transaction_ask_again(smtp_session *session, const smtp_exchange *answered, smtp_exchange *exchange)
{
    smtp_transaction *transaction = exchange->transaction;

    if (!transaction)
        return;
    remove_recipient(transaction, answered);
    take_back_decision(transaction, answered);
    if (transaction->sender != answered)
        return;
    transaction->sender = exchange;
    if (smtp_code_refuses(answered->code) &&
        (!session->client.transaction || session->client.transaction == smtp_rare_of(transaction)->previous))
        session->client.transaction = transaction;
}
