/* smtp_session_server.c
 * How the server's octets are read: replies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_server.h"

#include "../smtp_offer_read.h"
#include "../smtp_reading.h"
#include "../syntax/smtp_apart.h"
#include "../syntax/smtp_code.h"
#include "../syntax/smtp_text.h"
#include "smtp_pending.h"
#include "smtp_session_effect.h"
#include "smtp_session_gap.h"
#include "smtp_session_judge.h"
#include "smtp_session_memory.h"
#include "smtp_session_pair.h"
#include "smtp_session_reader.h"
#include "smtp_session_tls.h"
#include "smtp_transaction.h"

/* What a reply answers waits for it no more. */
static void complete_exchange(smtp_session *session, const smtp_input *input, uint16_t code, smtp_exchange *exchange)
{
    exchange->transaction = smtp_transaction_open(exchange->transaction);
    if (exchange == session->upgrade.asked)
        session->upgrade.asked = NULL;
    if (!exchange->reply_frame)
        smtp_session_note_reply(session, input, code, exchange);
}

/* Finds what the reply answers, once. */
static void pair(smtp_session *session, const smtp_input *input, const smtp_answer *answer, smtp_unit *unit)
{
    bool is_doubtful = smtp_pending_is_doubtful(&session->pending) && session->pending.oldest;
    smtp_exchange *exchange;

    /* What is unread in a message is the rest of it, and what comes behind the transaction. */
    if (input->unread > session->client.expectation.left && session->client.expectation.what != SMTP_EXPECT_MESSAGE)
        smtp_transaction_miss(session->client.transaction);
    smtp_session_end_broken(session, answer->code);
    if (session->reader)
        smtp_reader_take_reply(session, session->reader, answer->code);
    exchange = smtp_session_answer(session, input, answer->code, unit);
    session->reply.half = session->reply.lost = false;
    session->reply.lost_of = NULL;
    if (exchange && exchange->verb == SMTP_VERB_GREETING)
        smtp_session_learn_server(session, answer);
    /* 421 may come at any time (RFC 5321, 3.8), a refusal where TLS should (RFC 3207, 4.1). */
    if (!exchange && !is_doubtful && answer->code != 421 &&
        !(session->upgrade.accepted && smtp_code_refuses(answer->code)) &&
        smtp_session_direction(session, SMTP_CLIENT)->seen)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_UNEXPECTED_REPLY);
    /* Nobody can have asked for it: that is remarked on. */
    if (!exchange && session->upgrade.accepted)
        exchange = smtp_session_exchange(session, SMTP_VERB_UNKNOWN, 0, 0);
    /* The server hangs up, and nobody asked. */
    if (!exchange && answer->code == 421 && session->client.transaction)
        exchange = smtp_session_exchange(session, SMTP_VERB_UNKNOWN, 0, 0);
    if (exchange)
        complete_exchange(session, input, answer->code, exchange);
    session->greeted = true;
    session->reply.paired = true;
    session->reply.exchange = exchange;
}

static SMTP_APART void remark_answered(const smtp_answer *answer, smtp_unit *unit)
{
    smtp_remark_list remarks;

    smtp_remark_list_begin(&remarks, unit->remarks);
    smtp_reading_answered(answer->octets, unit->length, unit->exchange, &remarks);
    unit->remarks = remarks.kinds;
}

/* ---- What is kept of a reply ---- */

enum {
    LONGEST_TEXT = 512 /* octets of a reply that are kept (RFC 5321, 4.5.3.1.5) */
};

/* Servers say the same often. */
static const smtp_name *keep_again(smtp_session *session, const uint8_t *text, uint32_t length)
{
    const smtp_name *last = session->reply.last_text;

    if (!last || !smtp_name_is(last, text, length))
        last = session->reply.last_text = smtp_session_keep(session, text, length);
    return last;
}

static SMTP_APART const smtp_name *keep_lines(smtp_session *session, const smtp_answer *answer, const smtp_unit *unit)
{
    smtp_reply_lines lines = {.octets = answer->octets, .length = unit->length};
    uint8_t text[LONGEST_TEXT];
    uint32_t length = 0;

    while (smtp_reply_lines_next(&lines))
        length = smtp_reply_add_text(&lines, text, length, LONGEST_TEXT, '\n');
    unit->exchange->cut = lines.line.eol == SMTP_EOL_NONE || length == LONGEST_TEXT;
    return keep_again(session, text, length);
}

/* The text of a whole reply that refuses something, or takes a message. Of one line it was found when that was read. */
static const smtp_name *keep_text(smtp_session *session, const smtp_answer *answer, const smtp_unit *unit)
{
    smtp_span text = answer->text;

    if (session->reply.read.lines != 1 || unit->continued || text.length >= LONGEST_TEXT ||
        answer->octets[unit->length - 1] != '\n')
        return keep_lines(session, answer, unit);
    unit->exchange->cut = false;
    return keep_again(session, answer->octets + text.offset, text.length);
}

/* Is this where a transaction, or something else, is decided? */
static bool is_decision(const smtp_answer *answer, const smtp_exchange *exchange)
{
    return smtp_code_refuses(answer->code) || smtp_exchange_ends_message(exchange);
}

/* ---- Replies ---- */

/* Does what a whole reply does. */
static void apply(smtp_session *session, const smtp_answer *answer, smtp_unit *unit)
{
    session->reply.last_code = answer->code;
    if (unit->exchange && is_decision(answer, unit->exchange))
        smtp_session_set_text(session, unit->exchange, keep_text(session, answer, unit));
    smtp_session_apply(session, answer, unit);
    /* All is answered: the server waits for a command. */
    if (session->client.expectation.what == SMTP_EXPECT_COMMANDS && !session->pending.oldest && !session->pending.doubt)
        smtp_expectation_doubt(&session->client.expectation, false);
}

/* The next reply begins, or the next part of this one. */
static void begin_next(smtp_reply_state *state)
{
    state->goes_on = !state->read.complete;
    state->read = (smtp_reply){.code = state->goes_on ? state->read.code : 0, .lines = state->goes_on};
    state->begun = state->read;
}

/* A line without a code behind a gap is the end of a line: what stands before it is missing, and so it is not odd. */
static void end_of_line(smtp_session *session, const smtp_next *next, smtp_unit *unit)
{
    smtp_session_half_reply(session, (smtp_bounds){0, 1});
    if (next->after_line)
        return;
    smtp_remarks_remove(&unit->remarks, SMTP_REMARK_NOT_A_REPLY);
    smtp_remarks_remove(&unit->remarks, SMTP_REMARK_REPLY_CODE);
}

/* One unit: the lines that were counted. */
static void reply_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_reply_state *state = &session->reply;
    const smtp_reply *reply = &state->read;
    const smtp_next *next = &smtp_session_direction(session, SMTP_SERVER)->next;
    bool is_reply = reply->code != 0;
    smtp_answer answer = {reply->code, input->octets, reply->text};

    unit->role = SMTP_ROLE_REPLY;
    unit->length = reply->length;
    unit->continued = state->goes_on;
    unit->continues = !reply->complete;
    unit->refuses = smtp_code_refuses(reply->code) && !unit->continued;
    smtp_remarks_join(&unit->remarks, &reply->remarks);
    if (unit->continues)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_UNFINISHED_REPLY);
    if (!unit->continued) {
        if (!is_reply)
            state->exchange = NULL;
        state->paired = false;
    }
    if (is_reply && !state->paired)
        pair(session, input, &answer, unit);
    if (!is_reply && next->after_gap)
        end_of_line(session, next, unit);
    unit->exchange = is_reply || unit->continued ? state->exchange : smtp_session_codeless(session, input);
    if (unit->exchange && is_reply)
        unit->transaction = unit->exchange->transaction;
    smtp_session_tls_remark_reply(session, unit);
    if (is_reply && smtp_reading_tells_more(answer.code, unit->exchange))
        remark_answered(&answer, unit);
    if (is_reply && reply->complete && !(unit->continued && state->applied))
        apply(session, &answer, unit);
    state->applied = state->applied && unit->continues && unit->continued;
    smtp_session_judge_reply(session, input, &answer, reply->complete && !unit->continued, unit);
    begin_next(state);
}

/* The start of a line that ends later or never. */
static void unfinished_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_session_direction(session, SMTP_SERVER)->in_long_line = true;
    smtp_reply_read_unfinished(input->octets, input->length, &session->reply.read);
    reply_unit(session, input, unit);
}

/* Are digits behind a gap a code for certain? A hyphen follows, or an enhanced code that fits, or it is the code with
 * which the reply had begun. */
static bool is_certain_code(const smtp_next *next, const smtp_input *input, const smtp_line *line)
{
    smtp_reply_line parsed = smtp_reply_line_parse(input->octets, line->text);
    smtp_enhanced enhanced;

    return parsed.more || parsed.code == next->broken ||
           smtp_enhanced_parse(input->octets, parsed.text, parsed.code, &enhanced);
}

enum {
    CODE = 3 /* octets */
};

/* May digits behind a gap be text? So it is in the middle of the one reply that is due, and where a code and what
 * follows it fit into what is missing. Less than that in front of a code is no part of a reply: an empty line, perhaps.
 */
static bool may_be_text(const smtp_next *next)
{
    return next->in_reply || next->cut > CODE;
}

/* Is this the rest of a line, though it begins with digits? */
static bool is_rest(const smtp_next *next, const smtp_input *input)
{
    bool is_like_code = input->length <= CODE || input->octets[CODE] <= ' ' || input->octets[CODE] == '-';
    smtp_line line;

    if (!is_like_code || (next->in_line && next->cut == 0))
        return true;
    if (!may_be_text(next))
        return false;
    line = smtp_line_find(input->octets, input->length, next->scanned);
    return line.eol != SMTP_EOL_NONE && !is_certain_code(next, input, &line);
}

/* How many replies end with the rest of a line? What stands behind its code tells, where that is in hand. */
static smtp_bounds ended_by_rest(const smtp_next *next, const smtp_input *input)
{
    uint32_t digits = next->cut <= CODE ? CODE - next->cut : 0;

    if (next->cut == 0 || next->cut > CODE || input->length <= digits)
        return (smtp_bounds){0, 1};
    for (uint32_t i = 0; i < digits; i++) {
        if (!smtp_is_digit(input->octets[i]))
            return (smtp_bounds){0, 1};
    }
    if (input->octets[digits] == '-')
        return (smtp_bounds){0, 0};
    return (smtp_bounds){input->octets[digits] <= ' ', 1};
}

static bool read_rest(smtp_session *session, smtp_direction *server, const smtp_input *input, smtp_unit *unit)
{
    smtp_bounds ended = ended_by_rest(&server->next, input);

    if (!smtp_session_read_rest(server, input, unit))
        return false;
    session->greeted = session->greeted || ended.least > 0;
    smtp_session_half_reply(session, ended);
    return true;
}

/* Reads lines of the reply as far as they are in hand.
 * @return whether it is complete */
static bool read_lines(smtp_session *session, const smtp_input *input, uint32_t scanned)
{
    smtp_reply *reply = &session->reply.read;

    if (session->reply.goes_on)
        return smtp_reply_read(input->octets, input->length, scanned, SMTP_LONGEST_WAIT, reply);
    if (reply->length == 0) {
        if (smtp_reply_read(input->octets, input->length, scanned, 1, reply) || reply->length == 0)
            return reply->complete;
        scanned = 0;
    }
    return smtp_offers_read(session->store.memory.offers, session, input, scanned, reply);
}

bool smtp_session_read_server(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);
    smtp_reply *reply = &session->reply.read;

    if (server->next.after_gap && !server->next.after_line && reply->length == 0 && smtp_is_digit(input->octets[0])) {
        if (input->length < 4 && smtp_input_may_wait(input))
            return false;
        if (is_rest(&server->next, input))
            return read_rest(session, server, input, unit);
    }
    /* A retransmission that the capture cut shorter is in hand: begin again. */
    if (reply->length > input->length) {
        *reply = session->reply.begun;
        server->next.scanned = 0;
    }
    if (!read_lines(session, input, server->next.scanned) && reply->length < SMTP_LONGEST_WAIT) {
        if (smtp_input_may_wait(input)) {
            server->next.scanned = input->length - reply->length;
            return false;
        }
        if (reply->length == 0) {
            unfinished_unit(session, input, unit);
            return true;
        }
    }
    reply_unit(session, input, unit);
    return true;
}
