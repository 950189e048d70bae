/* smtp_session_reader.c
 * The octets of a message, as a server has read them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_reader.h"

#include <assert.h>

#include "../syntax/smtp_apart.h"
#include "smtp_session_client.h"
#include "smtp_session_memory.h"
#include "smtp_pending.h"
#include "smtp_session_suspect.h"
#include "smtp_transaction.h"

/* ---- Whose octets are read ---- */

void smtp_reader_change(smtp_session *session, smtp_reader *reader)
{
    smtp_direction *direction = smtp_session_direction(session, SMTP_CLIENT);
    const smtp_client_state client = session->client;
    const smtp_direction heard = *direction;
    const smtp_judge judge = session->judge;

    session->client = reader->client;
    *direction = reader->direction;
    session->judge = reader->judge;
    reader->client = client;
    reader->direction = heard;
    reader->judge = judge;
}

/* ---- Units ---- */

/* Of the octets that are kept, when those before an offset came. */
static smtp_arrival arrival_of(const smtp_suspicion *suspicion, uint64_t offset)
{
    uint32_t at = 0;

    while (suspicion->arrivals[at].end < offset)
        at++;
    return suspicion->arrivals[at];
}

/* ---- Where a message ends ---- */

/* A server that took a look-alike for the end takes the same octets for it again. */
static bool is_end(const smtp_reader *reader, const smtp_lookalike *found)
{
    return found->length > 0 && smtp_lookalike_is_alike(found, reader->of->end);
}

static void set_end(smtp_reader *reader, const smtp_lookalike *found)
{
    reader->dot = reader->scanned_from + found->dot;
    reader->ends = true;
}

/* Scans on for the end of the message that is read. */
static void find_end(const smtp_session *session, smtp_reader *reader)
{
    smtp_lookalike_scan *scan = &reader->scan;
    const smtp_lookalike *found;
    smtp_lookalike tail;
    uint32_t at = 0, length;
    uint64_t from;

    if (reader->scanned_of != session->client.transaction) {
        reader->scanned_of = session->client.transaction;
        reader->scanned_from = reader->at;
        reader->ends = false;
        smtp_lookalike_begin(scan);
    }
    if (reader->ends)
        return;
    from = reader->scanned_from + scan->scanned;
    length = (uint32_t)(smtp_suspicion_kept(reader->of) - from);
    while ((found = smtp_lookalike_next(scan, smtp_suspicion_octets(reader->of, from), length, &at))) {
        if (is_end(reader, found)) {
            set_end(reader, found);
            return;
        }
    }
    tail = smtp_lookalike_tail(scan);
    if (is_end(reader, &tail))
        set_end(reader, &tail);
}

/* How far octets of the message that is read are known to be its content. */
static uint64_t content_end(const smtp_reader *reader)
{
    if (reader->ends)
        return reader->dot;
    /* What may become a look-alike is no content before that is known. */
    if (!reader->of->ended && smtp_lookalike_is_near(&reader->scan))
        return reader->scanned_from + reader->scan.found.dot;
    return smtp_suspicion_kept(reader->of);
}

/* Is a message read that the server may end at a look-alike? One that was refused has none. */
static bool may_end_early(const smtp_session *session, const smtp_reader *reader)
{
    return session->client.expectation.what == SMTP_EXPECT_MESSAGE && reader->of->end->length > 0;
}

/* Does the look-alike come next that ends the message for the server? */
static bool is_at_dot(const smtp_session *session, const smtp_reader *reader)
{
    return may_end_early(session, reader) && reader->ends && reader->at == reader->dot;
}

/* How many octets it has from its dot on. */
static uint32_t end_length(const smtp_reader *reader)
{
    return reader->of->end->length - reader->of->end->before;
}

/* ---- Octets ---- */

/* Does the client's end of a refused message come next?  Where lines are read, its own exchange is the one that is
 * answered. */
static bool is_at_end(const smtp_session *session, const smtp_reader *reader)
{
    const smtp_suspicion *suspicion = reader->of;

    return suspicion->refused && suspicion->ended && reader->at >= suspicion->client_dot &&
           smtp_expectation_is_line(&session->client.expectation);
}

/* How many octets of a line come next; 0: its end is not there. */
static uint32_t next_line(const smtp_reader *reader)
{
    const uint8_t *octets = smtp_suspicion_octets(reader->of, reader->at);
    const uint8_t *end = memchr(octets, '\n', smtp_suspicion_kept(reader->of) - reader->at);

    return end ? (uint32_t)(end - octets) + 1 : 0;
}

/* How many octets of a message come next that came in one frame. */
static uint32_t next_part(const smtp_session *session, smtp_reader *reader)
{
    uint64_t came = arrival_of(reader->of, reader->at + 1).end, end;

    if (!may_end_early(session, reader))
        return (uint32_t)(came - reader->at);
    find_end(session, reader);
    if (is_at_dot(session, reader))
        return end_length(reader);
    end = content_end(reader);
    return (uint32_t)((came < end ? came : end) - reader->at);
}

/* The octets of the next unit: a line, or what came of a message in one frame.
 * @return of no octets: its end is not there */
static smtp_input next_input(const smtp_session *session, smtp_reader *reader)
{
    smtp_input input = {.octets = smtp_suspicion_octets(reader->of, reader->at)};
    smtp_arrival arrival;

    if (reader->at == smtp_suspicion_kept(reader->of) || is_at_end(session, reader))
        return input;
    input.length =
        smtp_expectation_is_line(&session->client.expectation) ? next_line(reader) : next_part(session, reader);
    if (input.length == 0)
        return input;
    arrival = arrival_of(reader->of, reader->at + input.length);
    input.frame = arrival.frame;
    input.time = arrival.time;
    return input;
}

/* A unit of a refused message was read. */
static void count_unit(smtp_reader *reader, const smtp_input *input, smtp_unit *unit)
{
    uint32_t *lines = &reader->client.text_lines;
    uint32_t read = smtp_body_count_lines(input->octets, unit->length);

    *lines -= read < *lines ? read : *lines;
    /* Header lines are where they were meant to be. */
    smtp_remarks_remove(&unit->remarks, SMTP_REMARK_FOREIGN_PROTOCOL);
}

static void add_unit(smtp_session *session, smtp_reader *reader, const smtp_input *input, const smtp_unit *unit)
{
    smtp_suspicion *suspicion = reader->of;

    if (suspicion->unit_count == suspicion->unit_room)
        suspicion->units = smtp_session_grow(session, suspicion->units, suspicion->unit_count, &suspicion->unit_room,
                                             sizeof(smtp_reread));
    if (unit->ends_message)
        unit->transaction->reread = true;
    if (unit->transaction && !smtp_rare_of(unit->transaction)->within)
        smtp_transaction_rare(session, unit->transaction)->within = suspicion;
    suspicion->units[suspicion->unit_count++] =
        (smtp_reread){.start = reader->at, .frame = input->frame, .time = input->time, .unit = *unit};
}

/* @return whether there was one */
static bool read_unit(smtp_session *session, smtp_reader *reader)
{
    smtp_input input = next_input(session, reader);
    smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    smtp_unit unit = {.side = SMTP_CLIENT, .wait = SMTP_DURATION_UNKNOWN, .duration = SMTP_DURATION_UNKNOWN};

    if (input.length > 0 && is_at_dot(session, reader))
        smtp_expectation_end(&session->client.expectation, input.length, 0);
    if (input.length == 0 || !smtp_session_read_client(session, &input, &unit))
        return false;
    assert(unit.length > 0 && unit.length <= input.length);
    smtp_remarks_join(&unit.remarks, &client->next.remarks);
    client->next = (smtp_next){.waiting = false};
    if (reader->of->refused)
        count_unit(reader, &input, &unit);
    add_unit(session, reader, &input, &unit);
    reader->at += unit.length;
    return true;
}

/* ---- What is asked ---- */

bool smtp_reader_is_asking(const smtp_session *session, const smtp_reader *reader)
{
    const smtp_exchange *exchange = session->pending.oldest;

    while (exchange && exchange != reader->asked)
        exchange = exchange->next;
    return exchange != NULL;
}

/* The line that ends the message for the client has ended another one for the server. */
static void leave_end(smtp_session *session, const smtp_reader *reader)
{
    const smtp_suspicion *suspicion = reader->of;

    if (suspicion->refused && suspicion->ended && reader->at > suspicion->client_dot)
        smtp_pending_remove(&session->pending, suspicion->transaction->end);
}

SMTP_APART void smtp_reader_read_on(smtp_session *session, smtp_reader *reader)
{
    smtp_pending pending = session->pending, asked;

    session->pending = (smtp_pending){.pipelined = true};
    while (!session->pending.oldest && read_unit(session, reader))
        ;
    asked = session->pending;
    session->pending = pending;
    if (asked.newest)
        reader->asked = asked.newest;
    leave_end(session, reader);
    /* What the server has read comes before what the client has said behind its message. */
    if (asked.newest)
        smtp_pending_put_first(&session->pending, asked.oldest, asked.newest, asked.count);
}

/* Who knows BDAT has read its chunk before the reply to it; who does not reads lines there. */
SMTP_APART void smtp_reader_take_reply(smtp_session *session, smtp_reader *reader, uint16_t code)
{
    smtp_expectation *expectation = &session->client.expectation;

    if (!session->pending.oldest || !smtp_expectation_is_unsent(expectation, session->pending.oldest))
        return;
    if (smtp_code_is_unknown(code)) {
        smtp_transaction_take_back_chunk(expectation->counted->transaction);
        smtp_expect_commands(expectation);
        return;
    }
    while (smtp_expectation_is_counted(expectation) && read_unit(session, reader))
        ;
}
