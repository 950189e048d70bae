/* smtp_transaction.c
 * Transactions (RFC 5321, 3.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_transaction.h"

#include <assert.h>

#include "../syntax/smtp_apart.h"
#include "smtp_session_memory.h"

/* ---- Phases ---- */

static void move_to(smtp_transaction *transaction, smtp_phase phase)
{
    assert(phase >= transaction->phase); /* but for smtp_transaction_take_back_chunk() */
    transaction->phase = (uint8_t)phase;
}

SMTP_APART smtp_rare *smtp_transaction_rare(const smtp_session *session, smtp_transaction *transaction)
{
    const smtp_memory *memory = &session->store.memory;

    if (!transaction->rare)
        transaction->rare = memory->take(memory->owner, sizeof *transaction->rare);
    return transaction->rare;
}

void smtp_transaction_append(smtp_transaction *transaction, smtp_exchange *recipient)
{
    if (transaction->last_recipient)
        transaction->last_recipient->next = recipient;
    else
        transaction->recipients = recipient;
    transaction->last_recipient = recipient;
}

smtp_transaction *smtp_transaction_begin(smtp_session *session)
{
    smtp_memory *memory = &session->store.memory;
    smtp_transaction *transaction = memory->take(memory->owner, sizeof *transaction);

    transaction->ordinal = ++*session->transactions;
    if (session->client.transaction)
        smtp_transaction_rare(session, transaction)->previous = session->client.transaction;
    transaction->before = session->spent;
    session->client.transaction = transaction;
    return transaction;
}

smtp_transaction *smtp_transaction_begin_without_mail(smtp_session *session)
{
    smtp_transaction *transaction = smtp_transaction_begin(session);

    transaction->partly_seen = session->client.commands_missing;
    return transaction;
}

smtp_transaction *smtp_transaction_begin_message(smtp_session *session, smtp_transaction *transaction)
{
    if (!transaction || transaction->phase != SMTP_PHASE_ENVELOPE)
        transaction = smtp_transaction_begin_without_mail(session);
    move_to(transaction, SMTP_PHASE_MESSAGE);
    transaction->chunked = transaction->not_taken = false;
    transaction->lf_ends_line = session->client.lf_ends_line;
    session->client.transaction = transaction;
    smtp_expect_message(&session->client.expectation);
    smtp_body_begin(&session->client.body, session->client.lf_ends_line);
    smtp_lookalike_begin(&session->client.lookalikes);
    session->client.suspicion = NULL;
    return transaction;
}

smtp_transaction *smtp_transaction_begin_chunk(smtp_session *session, const smtp_exchange *exchange)
{
    smtp_transaction *transaction = session->client.transaction;

    if (!transaction || transaction->phase == SMTP_PHASE_WHOLE)
        transaction = smtp_transaction_begin_without_mail(session);
    move_to(transaction, SMTP_PHASE_MESSAGE);
    transaction->start_missing = transaction->start_missing || session->client.commands_missing;
    /* DATA was refused; what becomes of this nobody knows yet. */
    transaction->not_taken = transaction->not_taken && smtp_rare_of(transaction)->refused_chunk;
    transaction->chunked = true;
    transaction->elsewhere = transaction->elsewhere || exchange->verb == SMTP_VERB_BURL;
    return transaction;
}

/* ---- Decisions ---- */

/* Was it told of on a reply? */
static bool is_told(const smtp_transaction *transaction)
{
    return transaction->status != SMTP_STATUS_INCOMPLETE;
}

/* One that may go on has not. */
static bool has_ended(const smtp_transaction *transaction)
{
    return is_told(transaction) && !transaction->may_go_on;
}

/* Is the reply's exchange of this transaction?  Only then does the reply lead to it. */
static bool is_of(const smtp_unit *unit, const smtp_transaction *transaction)
{
    return unit->exchange && smtp_exchange_ended(unit->exchange) == transaction;
}

/* What became of it is told on this reply, unless a later one decides.
 * @param decision  NULL: the client has given it up */
static void conclude(const smtp_session *session, smtp_transaction *transaction, const smtp_exchange *decision,
                     smtp_unit *unit)
{
    transaction->decided_by = decision;
    transaction->told_in = NULL;
    transaction->spent = (smtp_spent){
        .server = session->spent.server - transaction->before.server,
        .client = session->spent.client - transaction->before.client,
        .transfer = session->spent.transfer - transaction->before.transfer,
    };
    if (is_of(unit, transaction))
        unit->concludes = transaction;
}

void smtp_transaction_invite(smtp_transaction *transaction)
{
    if (!transaction)
        return;
    transaction->invited = true;
    transaction->not_taken = false;
}

void smtp_transaction_refuse_message(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    if (!transaction)
        return;
    transaction->not_taken = true;
    if (!has_ended(transaction))
        conclude(session, transaction, unit->exchange, unit);
}

/* Behind a chunk that was refused the others are, too, whatever they hold (RFC 3030, 2): the first refusal says why. */
void smtp_transaction_answer_chunk(const smtp_session *session, smtp_transaction *transaction,
                                   const smtp_exchange *chunk, bool refused)
{
    bool is_refused = transaction && smtp_rare_of(transaction)->refused_chunk;

    if (transaction && refused != is_refused)
        smtp_transaction_rare(session, transaction)->refused_chunk = refused ? chunk : NULL;
}

void smtp_transaction_take_back_chunk(smtp_transaction *transaction)
{
    if (transaction->octets == 0 && smtp_rare_of(transaction)->missing == 0 && transaction->phase == SMTP_PHASE_MESSAGE)
        transaction->phase = SMTP_PHASE_ENVELOPE;
}

void smtp_transaction_end_message(smtp_session *session, smtp_transaction *transaction)
{
    move_to(transaction, SMTP_PHASE_WHOLE);
    smtp_expect_commands(&session->client.expectation);
    smtp_expectation_doubt(&session->client.expectation,
                           transaction->start_missing || smtp_rare_of(transaction)->missing > 0);
    if (session->client.transaction == transaction)
        session->client.transaction = NULL;
}

static bool octets_so_far(const smtp_transaction *transaction, uint64_t *octets)
{
    *octets = transaction->octets - (transaction->chunked ? 0 : transaction->stuffed_lines);
    return transaction->phase == SMTP_PHASE_WHOLE && smtp_rare_of(transaction)->missing == 0 &&
           !transaction->start_missing && !transaction->elsewhere;
}

void smtp_transaction_shorten(const smtp_session *session, smtp_transaction *transaction, const smtp_lookalike *end)
{
    transaction->phase = SMTP_PHASE_WHOLE;
    transaction->octets = smtp_lookalike_start(end);
    transaction->stuffed_lines = end->stuffed;
    transaction->last_frame = end->frame;
    if (transaction->end) {
        transaction->end->command_frame = end->frame;
        smtp_session_set_command_time(session, transaction->end, end->time);
    }
    if (!is_told(transaction))
        return;
    transaction->final_known = octets_so_far(transaction, &transaction->final_octets);
    transaction->message_in = end->frame;
}

/* ---- Recipients ---- */

void smtp_transaction_ask_recipient(smtp_transaction *transaction)
{
    if (transaction)
        transaction->asked++;
}

/* Does the reply to RCPT say that the server has taken no MAIL (503, RFC 5321, 4.3.2), where none is in the capture?
 * Then the recipient is none of the mail that comes. */
static bool is_without_mail(const smtp_transaction *transaction, const smtp_exchange *recipient)
{
    return recipient->code == 503 && transaction->partly_seen && !transaction->sender && !transaction->recipients;
}

/* Another transaction goes on, perhaps, than the one whose recipients were all refused. */
static void forget_refused(smtp_transaction *transaction)
{
    transaction->asked -= transaction->refused;
    transaction->refused = 0;
    transaction->recipients = transaction->last_recipient = NULL;
    transaction->list_unsure = false;
}

void smtp_transaction_add_recipient(const smtp_session *session, bool accepted, smtp_unit *unit)
{
    smtp_exchange *exchange = unit->exchange;
    smtp_transaction *transaction = exchange->transaction;

    /* The reply may be late. */
    if (!transaction || has_ended(transaction))
        return;
    if (is_without_mail(transaction, exchange)) {
        transaction->asked--;
        return;
    }
    if (transaction->list_unsure)
        forget_refused(transaction);
    transaction->accepted += accepted;
    transaction->refused += !accepted;
    exchange->next = NULL;
    smtp_transaction_append(transaction, exchange);
    if (!accepted)
        conclude(session, transaction, exchange, unit);
}

void smtp_transaction_take(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    smtp_transaction_rare(session, transaction)->taken_by = unit->exchange;
    if (!has_ended(transaction))
        conclude(session, transaction, unit->exchange, unit);
}

void smtp_transaction_fail_recipient(const smtp_session *session, smtp_transaction *transaction,
                                     smtp_exchange *recipient, const smtp_exchange *failed_by)
{
    recipient->failed_later = true;
    smtp_session_more(session, recipient)->said.failed_by = failed_by;
    transaction->accepted--;
    transaction->refused++;
}

void smtp_transaction_fail_others(const smtp_session *session, smtp_transaction *transaction, smtp_exchange *recipient,
                                  const smtp_exchange *failed_by)
{
    while ((recipient = smtp_recipient_accepted(recipient->next)))
        smtp_transaction_fail_recipient(session, transaction, recipient, failed_by);
}

bool smtp_transaction_is_refused_at_once(const smtp_transaction *transaction)
{
    const smtp_exchange *first = smtp_recipient_accepted(transaction->recipients);

    return first && first == smtp_rare_of(transaction)->reported && first->failed_later;
}

void smtp_transaction_refuse_at_once(const smtp_session *session, smtp_transaction *transaction)
{
    smtp_exchange *reported = smtp_rare_of(transaction)->reported;

    transaction->decided_by = reported->of.more->said.failed_by;
    transaction->told_in = NULL;
    smtp_transaction_fail_others(session, transaction, reported, transaction->decided_by);
}

/* ---- Ends ---- */

bool smtp_transaction_octets(const smtp_transaction *transaction, uint64_t *octets)
{
    if (!is_told(transaction))
        return octets_so_far(transaction, octets);
    *octets = transaction->final_octets;
    return transaction->final_known;
}

/* How many replies to the message have taken it for a recipient. */
static uint32_t count_taken(const smtp_transaction *transaction)
{
    const smtp_exchange *reported = smtp_rare_of(transaction)->reported;
    const smtp_exchange *recipient = reported ? transaction->recipients : NULL;
    uint32_t count = 0;

    for (; recipient; recipient = recipient == reported ? NULL : recipient->next)
        count += smtp_recipient_is_served(recipient);
    return count;
}

void smtp_transaction_miss_sender(const smtp_transaction *transaction)
{
    smtp_transaction *previous = transaction ? smtp_rare_of(transaction)->previous : NULL;

    if (previous && transaction->sender && !transaction->sender->reply_frame)
        previous->perhaps_open = true;
}

void smtp_transaction_miss(smtp_transaction *transaction)
{
    transaction = smtp_transaction_open(transaction);
    if (!transaction || is_told(transaction))
        return;
    if (!transaction->partly_seen && transaction->rare)
        transaction->rare->finals = count_taken(transaction);
    transaction->partly_seen = true;
    /* DATA may come again, and be taken. */
    transaction->perhaps_open = transaction->perhaps_open || transaction->not_taken;
    smtp_transaction_miss_sender(transaction);
}

void smtp_transaction_miss_final(const smtp_session *session, const smtp_exchange *message)
{
    smtp_transaction *transaction = smtp_transaction_open(message->transaction);

    if (!transaction || !smtp_exchange_ends_message(message) || !transaction->per_recipient)
        return;
    smtp_transaction_miss(transaction);
    smtp_transaction_rare(session, transaction)->finals++;
}

void smtp_transaction_miss_commands(smtp_transaction *transaction)
{
    if (transaction && !is_told(transaction) && !smtp_recipient_accepted(transaction->recipients))
        transaction->sender_unsure = transaction->list_unsure = true;
    smtp_transaction_miss(transaction);
}

/* How it ended is known with this reply, and will not change. */
static void tell(smtp_transaction *transaction, smtp_status status, smtp_unit *unit)
{
    transaction->final_known = octets_so_far(transaction, &transaction->final_octets);
    transaction->message_in = transaction->phase == SMTP_PHASE_WHOLE ? transaction->last_frame : 0;
    transaction->status = (uint8_t)status;
    if (is_of(unit, transaction)) {
        unit->ends_transaction = true;
        transaction->ended_by = unit->exchange;
    }
}

/* It has not ended before, or goes on behind a refusal. */
static bool may_end(const smtp_transaction *transaction, smtp_status status)
{
    return transaction && !has_ended(transaction) && !(transaction->may_go_on && status != SMTP_STATUS_ACCEPTED);
}

static void end(smtp_transaction *transaction, smtp_status status, smtp_unit *unit)
{
    tell(transaction, status, unit);
    transaction->may_go_on = false;
}

void smtp_transaction_end(const smtp_session *session, smtp_transaction *transaction, smtp_status status,
                          smtp_unit *unit)
{
    if (!may_end(transaction, status))
        return;
    conclude(session, transaction, unit->exchange, unit);
    end(transaction, status, unit);
}

/* Is it a message that another reply may have taken: one that is missing, or for another recipient? */
static bool is_perhaps_taken(const smtp_transaction *transaction)
{
    return transaction->partly_seen && transaction->phase != SMTP_PHASE_ENVELOPE;
}

void smtp_transaction_refuse(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    if (!transaction || is_told(transaction) || is_perhaps_taken(transaction))
        return;
    conclude(session, transaction, unit->exchange, unit);
    tell(transaction, SMTP_STATUS_REFUSED, unit);
    transaction->may_go_on = true;
}

/* Would the server not have it, by all that it has said? Where a reply may be missing, nobody knows of recipients. */
static bool is_refused(const smtp_transaction *transaction)
{
    bool by_recipients = !transaction->partly_seen && transaction->refused > 0 && transaction->accepted == 0;

    return transaction->not_taken || by_recipients;
}

smtp_status smtp_transaction_outcome(const smtp_transaction *transaction)
{
    bool is_left = !is_told(transaction) && !transaction->perhaps_open &&
                   (transaction->not_taken || transaction->refused >= transaction->asked);

    if (!is_told(transaction) && smtp_rare_of(transaction)->taken_by)
        return SMTP_STATUS_ACCEPTED;
    return is_left && is_refused(transaction) ? SMTP_STATUS_REFUSED : (smtp_status)transaction->status;
}

/* Why it did is not known where a reply may be missing. What was refused was refused before. */
void smtp_transaction_abandon(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    smtp_status status = transaction && is_refused(transaction) ? SMTP_STATUS_REFUSED : SMTP_STATUS_ABORTED;

    if (!may_end(transaction, status) || (status == SMTP_STATUS_ABORTED && transaction->partly_seen))
        return;
    if (status == SMTP_STATUS_ABORTED)
        conclude(session, transaction, NULL, unit);
    end(transaction, status, unit);
}

void smtp_transaction_reopen(const smtp_session *session, smtp_transaction *transaction, smtp_exchange *first)
{
    smtp_rare *rare = smtp_transaction_rare(session, transaction);
    smtp_exchange *recipient = smtp_recipient_accepted(transaction->recipients);

    assert(is_told(transaction) && recipient);
    transaction->status = SMTP_STATUS_INCOMPLETE;
    transaction->may_go_on = false;
    transaction->ended_by = NULL;
    transaction->per_recipient = true;
    if (smtp_code_is_completion(first->code))
        rare->taken_by = first;
    if (transaction->partly_seen) {
        rare->finals = 1;
        return;
    }
    rare->reported = smtp_session_more(session, first)->recipient = recipient;
    if (!smtp_code_is_completion(first->code))
        smtp_transaction_fail_recipient(session, transaction, recipient, first);
}

/* What is rare of a message. */
static void take_rare(const smtp_session *session, smtp_transaction *transaction, const smtp_rare *dropped)
{
    smtp_rare *rare = dropped ? smtp_transaction_rare(session, transaction) : NULL;

    if (!rare)
        return;
    rare->missing = dropped->missing;
    rare->unasked_lines = dropped->unasked_lines;
    rare->found = dropped->found;
}

/* What was said behind MAIL without waiting for its refusal: the message is that of the one before.
 * @return false when there is none, or it has one */
static bool take_message(const smtp_session *session, smtp_transaction *transaction, const smtp_transaction *dropped)
{
    if (!transaction || is_told(transaction) || transaction->phase != SMTP_PHASE_ENVELOPE)
        return false;
    transaction->phase = dropped->phase;
    transaction->end = dropped->end;
    transaction->octets = dropped->octets;
    transaction->parts = dropped->parts;
    transaction->stuffed_lines = dropped->stuffed_lines;
    transaction->last_frame = dropped->last_frame;
    transaction->start_missing = dropped->start_missing;
    transaction->lf_ends_line = dropped->lf_ends_line;
    transaction->chunked = dropped->chunked;
    transaction->elsewhere = dropped->elsewhere;
    transaction->per_recipient = dropped->per_recipient;
    transaction->first_line = dropped->first_line;
    transaction->header_lf = dropped->header_lf;
    transaction->behind_cr = dropped->behind_cr;
    transaction->host = dropped->host;
    take_rare(session, transaction, dropped->rare);
    return true;
}

void smtp_transaction_drop(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    smtp_transaction *previous;
    bool is_open;

    smtp_transaction_end(session, transaction, SMTP_STATUS_REFUSED, unit);
    if (!transaction)
        return;
    previous = smtp_rare_of(transaction)->previous;
    if (previous && smtp_transaction_is_dropped(previous))
        previous = transaction->rare->previous = smtp_rare_of(previous)->previous;
    if (transaction->phase != SMTP_PHASE_ENVELOPE)
        transaction->given = take_message(session, previous, transaction);
    is_open = transaction->phase != SMTP_PHASE_ENVELOPE && !transaction->given;
    if (session->client.transaction == transaction && !is_open)
        session->client.transaction = previous;
}

smtp_transaction *smtp_transaction_open(smtp_transaction *transaction)
{
    while (transaction && smtp_transaction_is_dropped(transaction) && smtp_rare_of(transaction)->previous &&
           !is_told(smtp_rare_of(transaction)->previous))
        transaction = smtp_rare_of(transaction)->previous;
    return transaction;
}
