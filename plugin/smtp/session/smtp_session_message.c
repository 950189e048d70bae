/* smtp_session_message.c
 * Transactions, and how the octets of their messages are read: up to a final
 * dot (DATA) or counted (BDAT), or counted for something else (XEXCH50).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "../syntax/smtp_line.h"
#include "smtp_session_state.h"

/* ---- Transactions ---- */

smtp_transaction *smtp_session_transaction(smtp_session *session)
{
    smtp_transaction *transaction = session->memory.take(session->memory.owner, sizeof *transaction);

    transaction->ordinal = ++session->transactions;
    transaction->previous = session->transaction;
    session->transaction = transaction;
    return transaction;
}

bool smtp_transaction_octets(const smtp_transaction *transaction, uint64_t *octets)
{
    if (transaction->status != SMTP_STATUS_INCOMPLETE) {
        *octets = transaction->told_octets;
        return transaction->counted;
    }
    *octets = transaction->octets - (transaction->chunked ? 0 : transaction->stuffed_lines);
    return transaction->whole && transaction->gap == 0 && !transaction->unknown_start && !transaction->elsewhere;
}

/* A message whose MAIL was lost, or never sent. */
static smtp_transaction *without_mail(smtp_session *session)
{
    smtp_transaction *transaction = smtp_session_transaction(session);

    transaction->missed = true;
    return transaction;
}

smtp_transaction *smtp_session_begin_message(smtp_session *session, smtp_transaction *transaction)
{
    if (!transaction || transaction->started)
        transaction = without_mail(session);
    transaction->started = true;
    transaction->lf_ends_line = session->lf_ends_line;
    session->transaction = transaction;
    session->mode = SMTP_MODE_DATA;
    session->end_length = 0;
    smtp_body_begin(&session->body, session->lf_ends_line);
    return transaction;
}

void smtp_session_end_message(smtp_session *session, smtp_transaction *transaction)
{
    transaction->whole = true;
    session->mode = SMTP_MODE_LINES;
    session->end_length = 0;
    session->doubt = transaction->unknown_start || transaction->gap > 0;
    if (session->transaction == transaction)
        session->transaction = NULL;
}

/* Fills in a unit of message octets. */
static bool message_unit(smtp_session *session, const smtp_input *input, uint32_t length, smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;

    unit->role = SMTP_ROLE_MESSAGE;
    unit->length = length;
    unit->transaction = transaction;
    unit->message_offset = transaction->octets;
    if (transaction->octets == 0 && transaction->unknown_start)
        unit->notes |= SMTP_REMARK_UNKNOWN_START;
    transaction->last_frame = input->frame;
    transaction->octets += length;
    transaction->parts++;
    session->body_time = input->time;
    return true;
}

/* ---- DATA ---- */

/* The line "." that ends a message. */
static bool end_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;

    unit->role = SMTP_ROLE_END_OF_DATA;
    unit->length = session->end_length;
    /* The server may have refused the message before this. */
    if (!transaction->end)
        transaction->end = smtp_session_enqueue(session, SMTP_VERB_END_OF_DATA, input);
    unit->exchange = transaction->end;
    unit->exchange->command_frame = input->frame;
    unit->transaction = transaction;
    unit->ends_message = true;
    transaction->octets -= session->end_reclaimed;
    transaction->last_frame = input->frame;
    smtp_session_end_message(session, transaction);
    return true;
}

/* Message text that may be over: is the line in hand a command for certain?
 * @return false when that cannot be told without more octets */
static bool settle_doubt(smtp_session *session, const smtp_input *input)
{
    bool certain;

    if (!smtp_session_tell_command(session, input, &certain))
        return false;
    session->doubt = false;
    if (certain)
        smtp_session_end_message(session, session->transaction);
    return true;
}

static bool read_text(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_body_part part;

    if (session->end_length)
        return end_unit(session, input, unit);
    part = smtp_body_scan(&session->body, input->octets, input->length, input->can_wait);
    if (part.length == 0)
        return false;
    session->transaction->stuffed_lines = session->body.stuffed_lines;
    if (part.ended) {
        session->end_length = part.length - part.content;
        session->end_reclaimed = part.reclaimed;
        if (part.content == 0)
            return end_unit(session, input, unit);
    }
    return message_unit(session, input, part.content, unit);
}

bool smtp_session_read_data(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    if (session->doubt && !settle_doubt(session, input))
        return false;
    if (session->mode != SMTP_MODE_DATA)
        return smtp_session_read_client(session, input, unit);
    return read_text(session, input, unit);
}

/* ---- BDAT and XEXCH50 ---- */

/* What was announced is all there, and waits for a reply: BDAT's, or one of its own. */
static void end_counted(smtp_session *session, const smtp_input *input)
{
    bool is_message = session->mode == SMTP_MODE_BDAT;

    session->mode = SMTP_MODE_LINES;
    if (!is_message) {
        session->counted = smtp_session_enqueue(session, SMTP_VERB_END_OF_BLOB, input);
        return;
    }
    /* The server may have refused BDAT without waiting for all of the chunk. */
    if (!session->counted->reply_frame)
        session->counted->time = input->time;
    if (session->counted->last)
        smtp_session_end_message(session, session->transaction);
}

void smtp_session_begin_chunk(smtp_session *session, smtp_exchange *exchange, const smtp_chunk_size *chunk,
                              smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;

    if (!transaction)
        transaction = without_mail(session);
    exchange->transaction = transaction;
    exchange->last = chunk->last;
    transaction->unknown_start = transaction->unknown_start || session->missed;
    transaction->started = true;
    transaction->chunked = true;
    session->counted = exchange;
    session->counted_left = chunk->octets;
    if (exchange->verb == SMTP_VERB_BURL)
        transaction->elsewhere = true;
    if (chunk->octets > 0) {
        session->mode = SMTP_MODE_BDAT;
    } else if (chunk->last) {
        unit->ends_message = exchange->verb != SMTP_VERB_BURL;
        smtp_session_end_message(session, transaction);
    }
}

void smtp_session_begin_blob(smtp_session *session, smtp_exchange *exchange)
{
    if (session->blob == 0)
        return;
    session->mode = SMTP_MODE_BLOB;
    session->counted = exchange;
    session->counted_left = session->blob;
    session->blob = 0;
}

bool smtp_session_read_counted(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    uint32_t length = session->counted_left < input->length ? (uint32_t)session->counted_left : input->length;
    bool is_message = session->mode == SMTP_MODE_BDAT;

    session->counted_left -= length;
    if (is_message)
        message_unit(session, input, length, unit);
    if (session->counted_left == 0) {
        unit->ends_message = is_message && session->counted->last;
        end_counted(session, input);
    }
    if (!is_message) {
        unit->role = SMTP_ROLE_OPAQUE;
        unit->length = length;
        unit->exchange = session->counted;
    }
    return true;
}

/* ---- What was not seen ---- */

/* Returns how many octets are left over. */
static uint64_t gap_in_counted(smtp_session *session, uint64_t octets)
{
    smtp_transaction *transaction = session->transaction;
    uint64_t missing = octets < session->counted_left ? octets : session->counted_left;
    smtp_input last = {.frame = session->counted->command_frame, .time = session->counted->time};

    if (session->mode == SMTP_MODE_BDAT) {
        transaction->octets += missing;
        transaction->gap += missing;
    }
    session->counted_left -= missing;
    if (session->counted_left == 0)
        end_counted(session, &last);
    return octets - missing;
}

/* The server had all that is missing when it last replied, and the client had that
 * reply when it went on: what the reply says holds.
 * @return false when it says nothing, as it came in the middle of a message */
static bool gap_before_reply(smtp_session *session, uint64_t octets)
{
    smtp_transaction *transaction = session->transaction;

    if (session->mode == SMTP_MODE_DATA && transaction->octets > 0)
        return false;
    session->missed = true;
    smtp_session_miss(transaction);
    session->doubt = false;
    if (session->mode == SMTP_MODE_DATA && session->last_code == 354) {
        transaction->unknown_start = false;
        return true;
    }
    if (session->mode == SMTP_MODE_AUTH && session->last_code == 334) {
        if (session->mechanism != SMTP_MECHANISM_LOGIN || session->challenges < 2)
            session->mechanism = SMTP_MECHANISM_UNSEEN;
        return true;
    }
    if (session->mode == SMTP_MODE_DATA) {
        transaction->gap = transaction->octets = octets;
        smtp_session_end_message(session, transaction);
    }
    session->mode = SMTP_MODE_LINES;
    session->doubt = false;
    session->unsure = session->oldest != NULL;
    return true;
}

void smtp_session_gap_in_message(smtp_session *session, uint64_t octets, uint64_t ahead)
{
    if (session->mode == SMTP_MODE_BDAT || session->mode == SMTP_MODE_BLOB)
        octets = gap_in_counted(session, octets);
    if (octets == 0)
        return;
    if (octets <= session->replied && !ahead && gap_before_reply(session, octets))
        return;
    session->doubt = true;
    if (session->mode == SMTP_MODE_DATA) {
        if (!session->transaction->unknown_start || session->transaction->octets > 0) {
            session->transaction->octets += octets;
            session->transaction->gap += octets;
        }
        session->end_length = 0;
        smtp_body_gap(&session->body);
        return;
    }
    session->missed = true;
    smtp_session_miss(session->transaction);
    /* What is missing was answered by a challenge: the next line answers that one. */
    if (session->mode == SMTP_MODE_AUTH && session->challenges > 1) {
        if (session->mechanism != SMTP_MECHANISM_LOGIN)
            session->mechanism = SMTP_MECHANISM_UNSEEN;
        session->doubt = false;
        return;
    }
    session->mode = SMTP_MODE_LINES;
    /* If a reply came that nothing waited for, it was the lost command's. */
    session->unsure = session->oldest || session->unexpected == 0;
}
