/* smtp_session_reply.c
 * How the server's octets are read, and which exchange a reply belongs to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "../syntax/smtp_line.h"
#include "smtp_session_state.h"

/* ---- Pairing ---- */

static bool ends_message(const smtp_exchange *exchange)
{
    return exchange->verb == SMTP_VERB_END_OF_DATA || exchange->last;
}

/* Codes that answer one kind of command only. */
static bool code_proves(uint16_t code, const smtp_exchange *exchange)
{
    switch (code) {
    case 221:
        return exchange->verb == SMTP_VERB_QUIT;
    case 220:
        return smtp_exchange_is_starttls(exchange) || exchange->verb == SMTP_VERB_XCLIENT;
    case 353:
        return ends_message(exchange);
    case 354:
        return exchange->verb == SMTP_VERB_DATA || exchange->verb == SMTP_VERB_XEXCH50;
    case 235:
    case 334:
    case 535:
        return smtp_exchange_is_auth(exchange);
    default:
        return false;
    }
}

/* Codes that no other command has as an answer, whatever its trouble. */
static bool is_proof(uint16_t code)
{
    return code == 220 || code == 221 || code == 235 || code == 334 || code == 354;
}

static bool is_greeting(const smtp_session *session, uint16_t code)
{
    if (session->greeted)
        return false;
    /* Whatever a server says first, it is no success but 220 (RFC 5321, 4.3.2). */
    if (!session->oldest && (session->opening.frame || session->swapped) && code / 100 != 2)
        return true;
    return code == 220 && !(session->oldest && code_proves(220, session->oldest));
}

static void remove_oldest(smtp_session *session)
{
    session->oldest = session->oldest->next;
    if (!session->oldest)
        session->newest = NULL;
}

/* The transaction that an answered exchange belongs to: of one whose MAIL was
 * refused in the meantime, the one before. */
static smtp_transaction *open_transaction(smtp_transaction *transaction)
{
    while (transaction && transaction->dropped && transaction->previous &&
           transaction->previous->status == SMTP_STATUS_INCOMPLETE)
        transaction = transaction->previous;
    return transaction;
}

/* Commands were lost: passes over exchanges up to the one that the code proves. */
static bool find_proven(smtp_session *session, uint16_t code)
{
    smtp_exchange *exchange = session->oldest;

    if (!code_proves(code, session->newest))
        return false;
    while (!code_proves(code, exchange)) {
        smtp_session_miss(exchange->transaction);
        exchange = exchange->next;
    }
    session->oldest = exchange;
    session->unsure = false;
    return true;
}

/* A reply to a message that is answered more than once: LMTP does so for each
 * recipient that it accepted (RFC 2033, 4.2), PRDR after a 353, and once more
 * for the message. Each of these replies has an exchange of its own. */
static smtp_exchange *take_one_of_several(smtp_session *session, smtp_exchange *exchange, uint16_t code)
{
    smtp_transaction *transaction = exchange->transaction;
    smtp_exchange *part = smtp_session_exchange(session, exchange->verb, exchange->command_frame, exchange->time);
    smtp_exchange *recipient = NULL;

    part->transaction = transaction;
    part->last = exchange->last;
    if (code != 353)
        recipient =
            smtp_recipient_accepted(transaction->reported ? transaction->reported->next : transaction->recipients);
    part->of.recipient = recipient;
    if (recipient)
        transaction->reported = recipient;
    if (code != 353 &&
        (!recipient || (session->facts.protocol == SMTP_PROTOCOL_LMTP && !smtp_recipient_accepted(recipient->next))))
        remove_oldest(session);
    return part;
}

/* Is a message answered more than once? */
static bool has_several_replies(const smtp_session *session, const smtp_exchange *exchange, uint16_t code)
{
    if (!ends_message(exchange) || !exchange->transaction)
        return false;
    if (code == 353 || session->facts.protocol == SMTP_PROTOCOL_LMTP)
        exchange->transaction->per_recipient = true;
    return exchange->transaction->per_recipient;
}

/* A last chunk for nobody gets no reply from LMTP (RFC 2033, 4.2), unless it is refused. */
static void pass_over_unanswered(smtp_session *session, uint16_t code)
{
    smtp_exchange *oldest = session->oldest;

    if (session->facts.protocol == SMTP_PROTOCOL_LMTP && oldest->next && oldest->last && oldest->transaction &&
        oldest->transaction->accepted == 0 && code / 100 == 2)
        remove_oldest(session);
}

/* The exchange that a reply with this code answers; NULL when none waits for it. */
static smtp_exchange *take_answered(smtp_session *session, const smtp_input *input, uint16_t code)
{
    smtp_exchange *exchange;

    if (!session->oldest || (session->unsure && !find_proven(session, code))) {
        session->unexpected++;
        if (session->oldest)
            smtp_session_miss(session->oldest->transaction);
        return NULL;
    }
    /* Of what answers it alone, nothing waits: if commands were lost, it was one of those. */
    if (is_proof(code) && !code_proves(code, session->oldest) && !find_proven(session, code) && input->ahead) {
        session->unexpected++;
        return NULL;
    }
    session->unexpected = 0;
    pass_over_unanswered(session, code);
    exchange = session->oldest;
    if (!has_several_replies(session, exchange, code)) {
        remove_oldest(session);
        return exchange;
    }
    if (!exchange->reply_frame)
        exchange->reply_frame = input->frame;
    /* For whom it is, and how many follow, is not known. */
    if (exchange->transaction->missed) {
        remove_oldest(session);
        session->unsure = true;
        return exchange;
    }
    return take_one_of_several(session, exchange, code);
}

/* The first reply, or the first behind a change of roles. */
static smtp_exchange *take_greeting(smtp_session *session, const smtp_input *input)
{
    smtp_exchange *exchange =
        smtp_session_exchange(session, SMTP_VERB_GREETING, session->opening.frame, session->opening.time);

    exchange->transaction = NULL;
    session->doubt = false;
    smtp_session_learn_server(session, input->octets, input->length);
    return exchange;
}

/* The server has had enough of a message whose final dot is still to come. */
static smtp_exchange *refuse_early(smtp_session *session, smtp_transaction *transaction)
{
    if (transaction->end)
        return NULL;
    transaction->end = smtp_session_exchange(session, SMTP_VERB_END_OF_DATA, 0, 0);
    return transaction->end;
}

/* A reply while a message is still being read: the server may have seen its end
 * where the standard has none, or in octets that are missing here. */
static smtp_exchange *message_ended(smtp_session *session, const smtp_input *input, uint16_t code, smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;
    uint32_t last_line = smtp_body_lookalike(&session->body);
    smtp_input last = {.frame = transaction->last_frame, .time = session->body_time};

    if (input->ahead || last_line == 0 || last_line > transaction->octets) {
        session->doubt = input->ahead || transaction->unknown_start || transaction->gap > 0;
        if (code >= 400 && !transaction->unknown_start &&
            !(input->ahead && session->facts.protocol == SMTP_PROTOCOL_LMTP))
            return refuse_early(session, transaction);
        session->unsure = true;
        return NULL;
    }
    transaction->end = smtp_session_enqueue(session, SMTP_VERB_END_OF_DATA, &last);
    session->unsure = false;
    transaction->octets -= last_line;
    transaction->lf_ends_line = true;
    unit->ends_message = true;
    unit->notes |= SMTP_REMARK_LOOKALIKE_END;
    smtp_session_end_message(session, transaction);
    transaction->last_frame = input->frame;
    return take_answered(session, input, 250);
}

/* ---- Replies ---- */

static void pair(smtp_session *session, const smtp_input *input, uint16_t code, smtp_unit *unit)
{
    smtp_side_state *side = smtp_session_side(session, SMTP_SERVER);
    smtp_exchange *exchange;
    bool expected;

    if (input->ahead)
        smtp_session_miss(session->transaction);
    if (is_greeting(session, code))
        exchange = take_greeting(session, input);
    else if (session->mode == SMTP_MODE_DATA && !session->oldest && code / 100 != 3)
        exchange = message_ended(session, input, code, unit);
    else
        exchange = take_answered(session, input, code);
    expected = exchange != NULL;
    /* The server hangs up, and nobody asked. */
    if (!exchange && code == 421 && session->transaction)
        exchange = smtp_session_exchange(session, SMTP_VERB_UNKNOWN, 0, 0);
    if (exchange)
        exchange->transaction = open_transaction(exchange->transaction);
    if (exchange && exchange == session->starttls)
        session->starttls = NULL;
    session->greeted = true;
    session->reply_paired = true;
    session->open_reply = exchange;
    if (!expected && smtp_session_side(session, SMTP_CLIENT)->seen)
        unit->notes |= SMTP_REMARK_UNEXPECTED_REPLY;
    if (!exchange)
        return;
    if (!exchange->reply_frame) {
        exchange->reply_frame = input->frame;
        exchange->code = code;
        exchange->time = exchange->command_frame ? side->first_time - exchange->time : 0;
    }
}

/* One unit: the lines that session->reply has counted. */
static bool reply_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_reply *reply = &session->reply;
    bool is_reply = reply->code >= 200 && reply->code < 600; /* not Sendmail's "050" */

    unit->role = SMTP_ROLE_REPLY;
    unit->length = reply->length;
    unit->continued = session->reply_goes_on;
    if (session->tls_expected)
        unit->notes |= SMTP_REMARK_CLEAR_AFTER_STARTTLS;
    unit->continues = !reply->complete;
    if (!unit->continued) {
        session->open_reply = NULL;
        session->reply_paired = false;
    }
    if (is_reply && !session->reply_paired)
        pair(session, input, reply->code, unit);
    unit->exchange = session->open_reply;
    if (unit->exchange)
        unit->transaction = unit->exchange->transaction;
    if (is_reply && reply->complete) {
        session->last_code = reply->code;
        smtp_session_apply(session, unit, reply->code, input->octets, reply->length);
        /* All is answered: the server waits for a command. */
        if (session->mode == SMTP_MODE_LINES && !session->oldest && !session->unsure)
            session->doubt = false;
    }
    session->reply_goes_on = unit->continues;
    *reply = (smtp_reply){.code = unit->continues ? reply->code : 0, .lines = unit->continues};
    session->reply_begun = *reply;
    return true;
}

/* The start of a line that ends later or never. */
static bool unfinished_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_reply_line line = smtp_reply_line_parse(input->octets, input->length);

    smtp_session_side(session, SMTP_SERVER)->in_long_line = true;
    session->reply = (smtp_reply){.length = input->length, .lines = 1, .code = line.code, .complete = !line.more};
    if (input->length >= SMTP_LONGEST_WAIT)
        unit->notes |= SMTP_REMARK_LONG_LINE;
    return reply_unit(session, input, unit);
}

bool smtp_session_read_server(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_side_state *side = smtp_session_side(session, SMTP_SERVER);
    smtp_reply *reply = &session->reply;

    /* A retransmission that the capture cut shorter is in hand: begin again. */
    if (reply->length > input->length) {
        *reply = session->reply_begun;
        side->scanned = 0;
    }
    if (!smtp_reply_read(input->octets, input->length, side->scanned, SMTP_LONGEST_WAIT, reply) &&
        reply->length < SMTP_LONGEST_WAIT) {
        if (smtp_session_may_wait(input)) {
            side->scanned = input->length - reply->length;
            return false;
        }
        if (reply->length == 0)
            return unfinished_unit(session, input, unit);
    }
    return reply_unit(session, input, unit);
}
