/* smtp_session_message.c
 * How the octets of messages are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_message.h"

#include <assert.h>
#include <string.h>

#include "smtp_pending.h"
#include "smtp_session_memory.h"
#include "smtp_session_octets.h"
#include "smtp_session_pair.h"
#include "smtp_session_suspect.h"
#include "smtp_transaction.h"
#include "smtp_transaction_again.h"

/* How the first line of a message ends, where it is in the capture: mail is mostly ended throughout as it begins. */
static void note_first_line(smtp_transaction *transaction, const uint8_t *octets, uint32_t length)
{
    const uint8_t *end;

    if (transaction->first_line || length == 0 || transaction->start_missing || smtp_rare_of(transaction)->missing > 0)
        return;
    end = memchr(octets, '\n', length);
    transaction->first_line = end != NULL;
    if (end)
        transaction->header_lf = end > octets ? end[-1] != '\r' : !transaction->behind_cr;
    transaction->behind_cr = octets[length - 1] == '\r';
}

/* A server that refuses what it was sent unasked may read it line by line, as commands. */
static void count_lines(smtp_session *session, const smtp_input *input, uint32_t length)
{
    enum {
        MOST = 1000 /* no server answers as many */
    };
    smtp_transaction *transaction = session->client.transaction;
    uint32_t left = MOST - smtp_rare_of(transaction)->unasked_lines, lines;

    if (transaction->invited || left == 0 || !smtp_session_direction(session, SMTP_SERVER)->seen)
        return;
    lines = smtp_body_count_lines(input->octets, length);
    smtp_transaction_rare(session, transaction)->unasked_lines += lines < left ? lines : left;
}

/* The octets are of the message for the client; the server took it for over before. */
static void unit_behind_end(smtp_session *session, uint64_t offset, uint32_t length, smtp_unit *unit)
{
    unit->role = SMTP_ROLE_MESSAGE;
    unit->length = length;
    unit->transaction = session->client.transaction;
    unit->message_offset = offset;
}

/* Fills in a unit of message octets. */
static void message_unit(smtp_session *session, const smtp_input *input, uint32_t length, smtp_unit *unit)
{
    smtp_transaction *transaction = session->client.transaction;

    assert(transaction);
    unit->role = SMTP_ROLE_MESSAGE;
    unit->length = length;
    unit->transaction = transaction;
    unit->message_offset = transaction->octets;
    if (transaction->octets == 0 && transaction->start_missing)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_UNKNOWN_START);
    note_first_line(transaction, input->octets, length);
    count_lines(session, input, length);
    smtp_session_judge_octets(session, input->octets, unit);
    transaction->last_frame = input->frame;
    transaction->octets += length;
    transaction->parts++;
    session->client.body_time = input->time;
}

/* ---- DATA ---- */

/* The final dot that an exchange knows by its reply alone was seen. */
static void see_end(const smtp_session *session, smtp_exchange *exchange, const smtp_input *input)
{
    exchange->command_frame = input->frame;
    smtp_session_set_command_time(session, exchange, input->time);
}

/* The line "." that ends a message for the client, which the server took for over before. */
static void end_behind_end(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_transaction *transaction = session->client.transaction;

    unit->role = SMTP_ROLE_END_OF_DATA;
    unit->length = session->client.expectation.end_length;
    unit->exchange = transaction->end;
    unit->transaction = transaction;
    smtp_session_suspect_end(session, input, unit);
    smtp_transaction_end_message(session, transaction);
}

/* The line "." that ends a message. */
static void end_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_transaction *transaction = session->client.transaction;

    assert(transaction);
    unit->role = SMTP_ROLE_END_OF_DATA;
    unit->length = session->client.expectation.end_length;
    transaction->per_recipient = transaction->per_recipient || session->facts.protocol == SMTP_PROTOCOL_LMTP;
    /* The server may have refused the message before this. */
    if (!transaction->end)
        transaction->end = smtp_session_ask(session, SMTP_VERB_END_OF_DATA, input);
    unit->exchange = transaction->end;
    see_end(session, unit->exchange, input);
    for (smtp_exchange *part = session->refused_early; part; part = part->next) {
        if (part->transaction == transaction)
            see_end(session, part, input);
    }
    session->refused_early = NULL;
    unit->transaction = transaction;
    unit->ends_message = true;
    smtp_session_suspect_end(session, input, unit);
    transaction->octets -= session->client.expectation.end_reclaimed;
    transaction->last_frame = input->frame;
    session->client.commands_missing = false;
    smtp_transaction_end_message(session, transaction);
}

/* What is taken for the start of a message that was never asked for may be an answer to a challenge, if it is one line.
 */
static void note_answer(smtp_transaction *transaction, const smtp_body *before, const smtp_input *input)
{
    bool may_go_on;

    if (!transaction->start_missing || transaction->invited)
        return;
    may_go_on = transaction->octets == 0 || (transaction->may_be_answer && !smtp_body_is_behind_line(before));
    transaction->may_be_answer = may_go_on && smtp_auth_may_be_part(input->octets, input->length);
}

/* Content of a message is in hand. */
static void content_unit(smtp_session *session, const smtp_body *before, const smtp_input *input, uint32_t length,
                         smtp_unit *unit)
{
    if (smtp_session_is_behind_end(session)) {
        unit_behind_end(session, session->client.lookalikes.scanned, length, unit);
    } else {
        note_answer(session->client.transaction, before, input);
        message_unit(session, input, length, unit);
    }
    smtp_session_suspect(session, before, input, length, unit);
}

void smtp_session_read_text(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_body before = session->client.body;
    smtp_body_part part;

    assert(session->client.expectation.what == SMTP_EXPECT_MESSAGE);
    /* No message is as short as what is missing before this, so none was answered. */
    if (session->client.transaction->octets == smtp_rare_of(session->client.transaction)->missing &&
        smtp_rare_of(session->client.transaction)->missing < 3)
        session->client.body_heard = input->acknowledged;
    if (session->client.expectation.end_length == 0) {
        part = smtp_body_scan(&session->client.body, input->octets, input->length);
        if (!smtp_session_is_behind_end(session))
            session->client.transaction->stuffed_lines = session->client.body.stuffed_lines;
        if (part.ended)
            smtp_expectation_end(&session->client.expectation, part.length - part.content, part.reclaimed);
        if (!part.ended || part.content > 0) {
            content_unit(session, &before, input, part.content, unit);
            return;
        }
    }
    if (smtp_session_is_behind_end(session))
        end_behind_end(session, input, unit);
    else
        end_unit(session, input, unit);
}

/* ---- BDAT and XEXCH50 ---- */

void smtp_session_end_counted(smtp_session *session, const smtp_input *last)
{
    smtp_expectation *expectation = &session->client.expectation;
    smtp_exchange *announced_by = expectation->counted;
    bool is_chunk = expectation->what == SMTP_EXPECT_CHUNK;

    assert(smtp_expectation_is_counted(expectation) && expectation->left == 0);
    smtp_expect_commands(expectation);
    if (!is_chunk) {
        smtp_session_ask(session, SMTP_VERB_END_OF_BLOB, last);
        return;
    }
    /* The server may have refused BDAT without waiting for all of the chunk. */
    if (!announced_by->reply_frame)
        smtp_session_set_command_time(session, announced_by, last->time);
    if (!announced_by->last)
        return;
    session->client.commands_missing = false;
    smtp_transaction_end_message(session, session->client.transaction);
}

void smtp_session_begin_chunk(smtp_session *session, smtp_exchange *exchange, const smtp_chunk_size *chunk,
                              smtp_unit *unit)
{
    smtp_transaction *transaction = session->client.transaction;

    if (transaction && transaction->phase == SMTP_PHASE_WHOLE && smtp_transaction_is_used_up(transaction))
        smtp_transaction_begin_again(session, transaction);
    transaction = exchange->transaction = smtp_transaction_begin_chunk(session, exchange);
    exchange->last = chunk->last;
    if (chunk->last)
        smtp_pending_note_end(&session->pending);
    if (chunk->octets > 0) {
        smtp_expect_counted(&session->client.expectation, SMTP_EXPECT_CHUNK, exchange, chunk->octets);
    } else if (chunk->last) {
        unit->ends_message = exchange->verb != SMTP_VERB_BURL;
        if (unit->ends_message)
            transaction->last_frame = exchange->command_frame;
        smtp_transaction_end_message(session, transaction);
    }
}

void smtp_session_begin_blob(smtp_session *session, smtp_exchange *exchange)
{
    if (session->client.blob > 0)
        smtp_expect_counted(&session->client.expectation, SMTP_EXPECT_BLOB, exchange, session->client.blob);
    session->client.blob = 0;
}

void smtp_session_read_counted(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_expectation *expectation = &session->client.expectation;
    uint32_t length = expectation->left < input->length ? (uint32_t)expectation->left : input->length;
    bool is_chunk = expectation->what == SMTP_EXPECT_CHUNK;
    bool is_last = expectation->counted->last;

    if (is_chunk) {
        message_unit(session, input, length, unit);
        smtp_session_suspect_chunk(session, input, unit);
    }
    smtp_expectation_count(expectation, length);
    if (expectation->left > 0) {
        unit->exchange = is_chunk ? NULL : expectation->counted;
    } else {
        unit->ends_message = is_chunk && is_last;
        smtp_session_end_counted(session, input);
        unit->exchange = is_chunk ? NULL : session->pending.newest;
    }
    if (!is_chunk) {
        unit->role = SMTP_ROLE_OPAQUE;
        unit->length = length;
    }
}
