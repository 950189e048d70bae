/* smtp_session_several.c
 * A message that is answered more than once, as LMTP does for each recipient.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_several.h"

#include "../syntax/smtp_apart.h"
#include "smtp_expectation.h"
#include "smtp_pending.h"
#include "smtp_proof.h"
#include "smtp_session_memory.h"
#include "smtp_transaction.h"

/* An exchange for one reply to a message. */
static smtp_exchange *take_part(smtp_session *session, const smtp_exchange *exchange)
{
    smtp_exchange *part =
        smtp_session_exchange(session, (smtp_verb)exchange->verb, exchange->command_frame, exchange->command_time);

    part->transaction = exchange->transaction;
    part->last = exchange->last;
    if (part->command_frame == 0) {
        part->next = session->refused_early;
        session->refused_early = part;
    }
    return part;
}

/* How many recipients there are is not known: it answers the message if there are so many replies for certain, or if
 * it can answer nothing else.
 * @param alone  nothing else was asked
 * @return NULL when nobody knows */
static smtp_exchange *take_one_of_some(smtp_session *session, smtp_exchange *exchange, bool alone)
{
    smtp_transaction *transaction = exchange->transaction;

    if (!alone && smtp_rare_of(transaction)->finals > 0 && smtp_rare_of(transaction)->finals >= transaction->accepted) {
        smtp_pending_remove_oldest(&session->pending);
        smtp_pending_lose_count(&session->pending);
        return NULL;
    }
    smtp_transaction_rare(session, transaction)->finals++;
    return take_part(session, exchange);
}

/* LMTP answers a message for each recipient that it accepted (RFC 2033, 4.2), PRDR
 * after a 353, and once more for the message. Each of these replies has an exchange
 * of its own. */
static SMTP_APART smtp_exchange *take_one_of_several(smtp_session *session, smtp_exchange *exchange, uint16_t code)
{
    smtp_transaction *transaction = exchange->transaction;
    smtp_exchange *part = take_part(session, exchange);
    smtp_exchange *recipient = NULL;

    if (code != 353)
        recipient = smtp_recipient_accepted(
            smtp_rare_of(transaction)->reported ? smtp_rare_of(transaction)->reported->next : transaction->recipients);
    if (recipient) {
        smtp_session_more(session, part)->recipient = recipient;
        smtp_transaction_rare(session, transaction)->reported = recipient;
    }
    if (code != 353 &&
        (!recipient || (session->facts.protocol == SMTP_PROTOCOL_LMTP && !smtp_recipient_accepted(recipient->next))))
        smtp_pending_remove_oldest(&session->pending);
    return part;
}

/* Is it BDAT that is refused here, not its message: unknown, out of turn, or before its chunk came? */
static bool refuses_command(const smtp_session *session, const smtp_exchange *exchange, uint16_t code)
{
    return exchange->verb == SMTP_VERB_BDAT && smtp_code_refuses(code) &&
           (code / 10 == 50 || smtp_expectation_is_unsent(&session->client.expectation, exchange));
}

/* Is a message answered more than once? */
bool smtp_session_has_several(const smtp_session *session, const smtp_exchange *exchange, uint16_t code)
{
    if (!smtp_exchange_ends_message(exchange) || !exchange->transaction || refuses_command(session, exchange, code))
        return false;
    if (code == 353 || session->facts.protocol == SMTP_PROTOCOL_LMTP)
        exchange->transaction->per_recipient = true;
    return exchange->transaction->per_recipient;
}

/* May this reply answer what was said behind a message? What a client ends or gives up is not refused for what the
 * message holds. */
static bool may_answer_next(uint16_t code, const smtp_exchange *next)
{
    bool is_hardly_refused =
        next->verb == SMTP_VERB_QUIT || next->verb == SMTP_VERB_RSET || next->verb == SMTP_VERB_NOOP;

    if (is_hardly_refused && smtp_code_refuses(code))
        return code == 421 || code / 10 == 50;
    return smtp_proof_allows(code, next);
}

/* Does this reply to what was said behind a message, which was answered for some recipients, show that it was for all?
 */
static bool is_for_all(const smtp_session *session, const smtp_exchange *message, uint16_t code)
{
    if (message->left && !session->pending.pipelined)
        return may_answer_next(code, message->next);
    return message->last && message->reply_frame && refuses_command(session, message, code) &&
           smtp_transaction_is_refused_at_once(message->transaction);
}

/* Does LMTP answer it no more? A last chunk for nobody gets no reply (RFC 2033, 4.2), unless it is refused. */
static bool is_unanswered(const smtp_session *session, const smtp_exchange *oldest, uint16_t code)
{
    if (session->facts.protocol != SMTP_PROTOCOL_LMTP || !oldest->transaction || !oldest->next)
        return false;
    return is_for_all(session, oldest, code) ||
           (oldest->last && oldest->transaction->accepted == 0 && smtp_code_is_completion(code));
}

void smtp_session_pass_over_unanswered(smtp_session *session, uint16_t code)
{
    smtp_exchange *oldest = session->pending.oldest;

    oldest->transaction = smtp_transaction_open(oldest->transaction);
    if (!is_unanswered(session, oldest, code)) {
        session->pending.pipelined = session->pending.pipelined || oldest->left;
        return;
    }
    if (smtp_transaction_is_refused_at_once(oldest->transaction))
        smtp_transaction_refuse_at_once(session, oldest->transaction);
    smtp_pending_remove_oldest(&session->pending);
}

bool smtp_session_leaves_unseen(const smtp_session *session, const smtp_input *input)
{
    const smtp_exchange *oldest = session->pending.oldest;

    return session->facts.protocol == SMTP_PROTOCOL_LMTP && !session->pending.pipelined &&
           smtp_exchange_ends_message(oldest) && oldest->reply_frame && smtp_code_refuses(oldest->code) &&
           smtp_pending_may_miss_one(input);
}

smtp_exchange *smtp_session_take_part(smtp_session *session, const smtp_input *input, smtp_exchange *exchange,
                                      uint16_t code, bool alone)
{
    if (!exchange->reply_frame)
        smtp_session_note_reply(session, input, code, exchange);
    return exchange->transaction->partly_seen ? take_one_of_some(session, exchange, alone)
                                              : take_one_of_several(session, exchange, code);
}

/* ---- LMTP whose LHLO was not seen ---- */

/* May several get the mail? The reply to a recipient may be missing. */
static bool is_for_several(const smtp_transaction *transaction)
{
    return transaction->accepted > 1 ||
           (transaction->accepted == 1 && transaction->partly_seen && transaction->asked > transaction->refused + 1);
}

/* Is it one reply to a message for several recipients, in a session of which nobody knows the protocol? */
static bool may_be_first_of_several(const smtp_session *session, const smtp_exchange *exchange)
{
    const smtp_transaction *transaction = exchange ? exchange->transaction : NULL;

    return session->facts.protocol == SMTP_PROTOCOL_UNKNOWN && transaction && smtp_exchange_ends_message(exchange) &&
           exchange == transaction->ended_by && !transaction->per_recipient && !transaction->reread &&
           is_for_several(transaction);
}

/* Is nothing asked, and nothing in doubt, that this could answer? */
static bool is_for_nothing_else(const smtp_session *session, const smtp_input *input, uint16_t code)
{
    const smtp_exchange *oldest = session->pending.oldest;

    return !(oldest && smtp_proof_allows(code, oldest)) && !session->pending.doubt && !input->unread &&
           !session->reply.lost && session->client.text_lines == 0 &&
           session->client.expectation.what == SMTP_EXPECT_COMMANDS;
}

bool smtp_session_learns_lmtp(smtp_session *session, const smtp_input *input, uint16_t code)
{
    smtp_exchange *first = session->reply.exchange;

    if (!may_be_first_of_several(session, first) || !is_for_nothing_else(session, input, code) || code == 421 ||
        code == 221 || smtp_code_is_intermediate(code))
        return false;
    session->facts.protocol = SMTP_PROTOCOL_LMTP;
    smtp_transaction_reopen(session, first->transaction, first);
    smtp_pending_put_first(&session->pending, first, first, 1);
    return true;
}
