/* smtp_session_suspect.c
 * Look-alikes of a message's end, and messages that come unasked.
 *
 * Nothing is kept of others.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_suspect.h"

#include <assert.h>

#include "../smtp_offer.h"
#include "../syntax/smtp_apart.h"
#include "smtp_session_memory.h"
#include "smtp_transaction.h"

static void note_arrival(smtp_session *session, smtp_suspicion *suspicion, uint32_t frame, int64_t time)
{
    uint32_t used = suspicion->arrival_count;

    if (used == 0 || suspicion->arrivals[used - 1].frame != frame) {
        if (used == suspicion->arrival_room)
            suspicion->arrivals =
                smtp_session_grow(session, suspicion->arrivals, used, &suspicion->arrival_room, sizeof(smtp_arrival));
        suspicion->arrivals[suspicion->arrival_count++] = (smtp_arrival){.frame = frame, .time = time};
    }
    suspicion->arrivals[suspicion->arrival_count - 1].end = smtp_suspicion_kept(suspicion);
}

static void keep(smtp_session *session, smtp_suspicion *suspicion, const uint8_t *octets, uint32_t length,
                 const smtp_input *input)
{
    suspicion->lost = suspicion->lost || length > SMTP_SUSPICION_MOST - suspicion->length;
    if (suspicion->lost || length == 0)
        return;
    while (suspicion->room - suspicion->length < length)
        suspicion->octets = smtp_session_grow(session, suspicion->octets, suspicion->length, &suspicion->room, 1);
    memcpy(suspicion->octets + suspicion->length, octets, length);
    suspicion->length += length;
    note_arrival(session, suspicion, input->frame, input->time);
}

/* ---- Suspicions ---- */

/* One of the transaction at hand.
 * @param base  where in the message its octets begin */
static smtp_suspicion *new_suspicion(smtp_session *session, uint64_t base)
{
    smtp_memory *memory = &session->store.memory;
    smtp_suspicion *suspicion = session->spare;

    if (!suspicion)
        suspicion = memory->take(memory->owner, sizeof *suspicion);
    session->spare = NULL;
    suspicion->transaction = session->client.transaction;
    suspicion->base = base;
    smtp_transaction_rare(session, suspicion->transaction)->suspicion = suspicion;
    return suspicion;
}

static void forget_in(smtp_client_state *client, const smtp_suspicion *suspicion)
{
    if (client->suspicion == suspicion)
        client->suspicion = NULL;
    if (client->refused == suspicion)
        client->refused = NULL;
}

/* Nobody asks for it any more; its memory is used again. */
static void forget(smtp_session *session, smtp_suspicion *suspicion)
{
    suspicion->transaction->rare->suspicion = NULL;
    forget_in(&session->client, suspicion);
    /* Who reads a message again has put the session's own aside. */
    if (session->reader)
        forget_in(&session->reader->client, suspicion);
    *suspicion = (smtp_suspicion){
        .octets = suspicion->octets,
        .room = suspicion->room,
        .arrivals = suspicion->arrivals,
        .arrival_room = suspicion->arrival_room,
        .behind = suspicion->behind,
        .behind_room = suspicion->behind_room,
    };
    session->spare = suspicion;
}

/* ---- Messages that come unasked ---- */

static SMTP_APART smtp_suspicion *begin_unasked(smtp_session *session, uint64_t start)
{
    smtp_suspicion *suspicion = new_suspicion(session, start);

    suspicion->unasked = true;
    suspicion->told_unasked =
        smtp_remarks_has(&smtp_session_direction(session, SMTP_CLIENT)->next.remarks, SMTP_REMARK_EARLY_DATA);
    suspicion->start = (smtp_lookalike){.dot = start};
    return suspicion;
}

/* Does the text that begins here come before the reply to DATA, from a server that is seen? */
static bool comes_unasked(smtp_session *session)
{
    return !session->client.transaction->invited && !session->client.transaction->start_missing &&
           session->client.lookalikes.scanned == 0 && smtp_session_direction(session, SMTP_SERVER)->seen;
}

/* May the server refuse the chunk that comes?  One that offers BDAT, and has taken a recipient, hardly does. */
static bool may_be_refused(smtp_session *session)
{
    const smtp_offer *offer = session->facts.offer;

    return smtp_session_direction(session, SMTP_SERVER)->seen &&
           (session->client.transaction->accepted == 0 || !offer || !smtp_offer_has(offer, SMTP_OFFER_CHUNKING));
}

void smtp_session_suspect_chunk(smtp_session *session, const smtp_input *input, const smtp_unit *unit)
{
    const smtp_exchange *announced_by = session->client.expectation.counted;
    smtp_transaction *transaction = session->client.transaction;
    smtp_suspicion *suspicion = smtp_rare_of(transaction)->suspicion;

    if (!suspicion && !session->client.expectation.begun && may_be_refused(session)) {
        suspicion = begin_unasked(session, unit->message_offset);
        suspicion->announced_by = announced_by;
        if (smtp_code_refuses(announced_by->code))
            smtp_session_suspect_refused(session, announced_by);
    }
    if (!suspicion || !suspicion->unasked)
        return;
    /* Of several that are not answered nobody knows which one the server reads. */
    if (suspicion->announced_by == announced_by)
        keep(session, suspicion, input->octets, unit->length, input);
    else
        suspicion->lost = true;
    suspicion->ended = session->client.expectation.left == unit->length;
    suspicion->client_end = suspicion->client_dot = smtp_suspicion_kept(suspicion);
}

void smtp_session_suspect_taken(smtp_session *session, const smtp_transaction *transaction)
{
    smtp_suspicion *suspicion = transaction ? smtp_rare_of(transaction)->suspicion : NULL;

    if (!suspicion || !suspicion->unasked || suspicion->refused)
        return;
    suspicion->unasked = false;
    if (suspicion->lookalike.length == 0 && suspicion->smuggling.length == 0)
        forget(session, suspicion);
}

void smtp_session_suspect_refused(smtp_session *session, const smtp_exchange *exchange)
{
    smtp_suspicion *suspicion = exchange->transaction ? smtp_rare_of(exchange->transaction)->suspicion : NULL;
    bool is_of = suspicion && suspicion->unasked && !suspicion->end &&
                 (!suspicion->announced_by || suspicion->announced_by == exchange);

    session->client.refused = is_of ? suspicion : NULL;
    if (is_of)
        suspicion->refused = true;
}

void smtp_session_suspect_in_step(smtp_session *session)
{
    smtp_suspicion *suspicion = session->client.refused;

    session->client.text_lines = 0;
    session->client.refused = NULL;
    if (suspicion && suspicion->refused && suspicion->lookalike.length == 0 && suspicion->smuggling.length == 0)
        forget(session, suspicion);
}

/* ---- Look-alikes ---- */

static SMTP_APART smtp_suspicion *begin_suspicion(smtp_session *session, const smtp_lookalike *found,
                                                  const smtp_input *input)
{
    smtp_suspicion *suspicion = session->client.suspicion = new_suspicion(session, smtp_lookalike_end(found));

    keep(session, suspicion, found->behind, found->behind_length, input);
    return suspicion;
}

/* The first look-alike of the kind of this one; of no octets: this is it. */
static smtp_lookalike *first_of(smtp_suspicion *suspicion, const smtp_lookalike *found)
{
    return found->has_verb ? &suspicion->smuggling : &suspicion->lookalike;
}

/* Notes a look-alike, the first of its kind, and remarks on it. */
static SMTP_APART void note(smtp_suspicion *suspicion, const smtp_lookalike *found, smtp_unit *unit)
{
    smtp_lookalike *first = first_of(suspicion, found);

    *first = *found;
    first->told = true;
    smtp_remarks_add(&unit->remarks, found->has_verb ? SMTP_REMARK_SMUGGLING : SMTP_REMARK_LOOKALIKE);
}

/* The part of a message that is looked at. */
typedef struct looked_at {
    const smtp_body *before;
    const smtp_input *input;
    uint64_t start; /* in the message */
} looked_at;

/* How many lines before a dot of these octets began with one too many. The dot itself is none of them yet. */
static uint32_t stuffed_before(const looked_at *part, uint64_t dot)
{
    smtp_body body = *part->before;

    smtp_body_scan(&body, part->input->octets, (uint32_t)(dot - part->start) + 1);
    return body.stuffed_lines;
}

/* What is to be known of a look-alike whose dot or whose end is among these octets. */
static SMTP_APART void place(const looked_at *part, smtp_lookalike *found)
{
    if (found->dot >= part->start)
        found->stuffed = stuffed_before(part, found->dot);
    if (smtp_lookalike_end(found) > part->start) {
        found->frame = part->input->frame;
        found->time = part->input->time;
    }
}

static void look(smtp_session *session, const looked_at *part, uint32_t length, smtp_unit *unit)
{
    smtp_lookalike_scan *scan = &session->client.lookalikes;
    smtp_suspicion *suspicion = session->client.suspicion;
    uint32_t at = 0, kept = 0;

    while (smtp_lookalike_next(scan, part->input->octets, length, &at)) {
        if (suspicion && first_of(suspicion, &scan->found)->length > 0)
            continue;
        place(part, &scan->found);
        if (!suspicion) {
            suspicion = begin_suspicion(session, &scan->found, part->input);
            kept = at;
        }
        note(suspicion, &scan->found, unit);
    }
    if (smtp_lookalike_is_near(scan))
        place(part, &scan->found);
    if (suspicion)
        keep(session, suspicion, part->input->octets + kept, length - kept, part->input);
}

void smtp_session_suspect(smtp_session *session, const smtp_body *before, const smtp_input *input, uint32_t length,
                          smtp_unit *unit)
{
    const looked_at part = {before, input, session->client.lookalikes.scanned};

    /* It ends with LF . LF, as all that this client says (RFC 5321, 2.3.8, is against that). */
    if (before->lf_ends_line)
        return;
    if (!session->client.suspicion && comes_unasked(session))
        session->client.suspicion = begin_unasked(session, 0);
    look(session, &part, length, unit);
}

void smtp_session_suspect_end(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_lookalike_scan *scan = &session->client.lookalikes;
    const looked_at part = {&session->client.body, input, scan->scanned};
    uint64_t start = scan->scanned;
    smtp_suspicion *suspicion;

    /* No verb stands behind what the content ends in. */
    if (smtp_lookalike_is_near(scan))
        look(session, &part, 1, unit);
    suspicion = session->client.suspicion;
    if (!suspicion || suspicion->lost)
        return;
    suspicion->length = (uint32_t)(start - suspicion->base);
    keep(session, suspicion, input->octets, unit->length, input);
    suspicion->ended = true;
    suspicion->client_end = start;
    suspicion->client_dot = start - session->client.expectation.end_reclaimed;
    suspicion->end_position = input->position + unit->length;
}

void smtp_session_suspect_gap(smtp_session *session, uint64_t missing)
{
    smtp_lookalike_gap(&session->client.lookalikes, missing);
    if (session->client.suspicion)
        session->client.suspicion->lost = true;
}

/* ---- The server's end ---- */

smtp_lookalike smtp_session_suspected(const smtp_session *session)
{
    const smtp_suspicion *suspicion = session->client.suspicion;

    if (!suspicion)
        return smtp_lookalike_tail(&session->client.lookalikes);
    /* Who takes one for the end takes the first of its kind for it. */
    if (suspicion->smuggling.length == 0 ||
        (suspicion->lookalike.length > 0 && suspicion->lookalike.dot < suspicion->smuggling.dot &&
         smtp_lookalike_is_alike(&suspicion->lookalike, &suspicion->smuggling)))
        return suspicion->lookalike;
    return suspicion->smuggling;
}

bool smtp_session_may_prove(const smtp_session *session)
{
    smtp_lookalike suspected;

    if (!session->judge.unsure || !session->proven)
        return !session->judge.unsure;
    suspected = smtp_session_suspected(session);
    return smtp_lookalike_is_alike(&suspected, session->proven);
}

/* The server's end is found: all that it has read behind it is to be reread. */
static void begin_reader(smtp_session *session, smtp_suspicion *suspicion)
{
    smtp_memory *memory = &session->store.memory;
    smtp_reader *reader = memory->take(memory->owner, sizeof *reader);

    assert(!session->reader);
    *reader = (smtp_reader){.of = suspicion, .at = smtp_lookalike_end(suspicion->end)};
    reader->judge.unsure = true;
    reader->direction.seen = true;
    session->reader = reader;
}

void smtp_session_begin_refused(smtp_session *session)
{
    smtp_suspicion *suspicion = session->client.refused;

    session->client.refused = NULL;
    suspicion->end = &suspicion->start;
    begin_reader(session, suspicion);
}

void smtp_session_begin_rereading(smtp_session *session, const smtp_lookalike *end)
{
    smtp_suspicion *suspicion = session->client.suspicion;

    assert(end->length > 0);
    if (!suspicion)
        suspicion = begin_suspicion(session, end, &(smtp_input){.frame = end->frame, .time = end->time});
    suspicion->end = end->has_verb ? &suspicion->smuggling : &suspicion->lookalike;
    if (suspicion->end->length == 0)
        suspicion->lookalike = *end;
    session->proven = suspicion->end;
    suspicion->early = !suspicion->ended;
    smtp_transaction_shorten(session, suspicion->transaction, end);
    begin_reader(session, suspicion);
}
