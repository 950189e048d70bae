/* smtpx_tap.c
 * The tap "smtpx".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_tap.h"

#include "plugin/epan/draw/smtpx_handover.h"
#include "plugin/epan/draw/smtpx_view_reread.h"
#include "plugin/epan/draw/smtpx_view_transaction.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/smtp/syntax/smtp_apart.h"
#include "plugin/smtp/syntax/smtp_reply.h"

static int tap = -1;
static int export_tap = -1; /* see smtpx_exported */

/* Wireshark has room for 5000 tapped things of a frame, so a tvbuff is one. */
enum {
    FIRST_UNITS = 8
};

void smtpx_tap_register(void)
{
    tap = register_tap("smtpx");
    export_tap = register_tap("smtpx_eo");
}

bool smtpx_tap_is_heard(void)
{
    return have_tap_listener(tap);
}

bool smtpx_tap_exports(void)
{
    return have_tap_listener(export_tap);
}

static smtpx_exported *exported(const smtpx_tap_read *told, packet_info *pinfo, const smtp_transaction *transaction)
{
    smtpx_exported *made = wmem_new0(pinfo->pool, smtpx_exported);

    made->session = told->session;
    made->facts = told->facts;
    made->layer = told->layer;
    made->transaction = transaction;
    return made;
}

/* A message that a server has read in another one is drawn on later passes: where the first one exports, it is told
 * with the reply. */
static void tell_reread(const smtpx_tap_read *told, packet_info *pinfo, const smtp_transaction *transaction)
{
    const smtpx_message *message = smtpx_message_of(transaction);
    smtpx_exported *made;

    if (!message || !smtpx_message_is_complete(message))
        return;
    made = exported(told, pinfo, transaction);
    made->octets = smtpx_message_octets(message);
    made->length = smtpx_message_length(message);
    tap_queue_packet(export_tap, pinfo, made);
}

/* The server took a look-alike for the end of a message that was told. */
static void tell_shortened(const smtpx_tap_read *told, packet_info *pinfo)
{
    smtpx_exported *made = exported(told, pinfo, NULL);

    made->shortens = true;
    tap_queue_packet(export_tap, pinfo, made);
}

/* On a first pass a message is exported before the server has answered it. */
static void tell_end(const smtpx_tap_read *told, packet_info *pinfo, const smtpx_record *record)
{
    const smtp_exchange *exchange = record->ends_transaction ? smtpx_record_exchange(record) : NULL;
    const smtp_transaction *transaction = exchange ? smtp_exchange_ended(exchange) : NULL;

    if (record->role == SMTP_ROLE_REPLY && smtp_remarks_has(smtpx_record_remarks(record), SMTP_REMARK_LOOKALIKE_END))
        tell_shortened(told, pinfo);
    /* What seemed to end it need not have: see smtp_transaction_reopen(). */
    if (!transaction || transaction->ended_by != exchange)
        return;
    if (transaction->reread)
        tell_reread(told, pinfo, transaction);
    tap_queue_packet(export_tap, pinfo, exported(told, pinfo, transaction));
}

static void tell_ends(const smtpx_tap_read *told, packet_info *pinfo)
{
    for (uint32_t i = 0; i < told->count; i++)
        tell_end(told, pinfo, told->units[i].record);
}

static void add_unit(smtpx_tap_read *read, packet_info *pinfo, const smtpx_tap_unit *unit)
{
    bool is_full = read->count >= FIRST_UNITS && (read->count & (read->count - 1)) == 0;

    if (read->count == 0)
        read->units = wmem_alloc(pinfo->pool, FIRST_UNITS * sizeof *unit);
    else if (is_full)
        read->units = wmem_realloc(pinfo->pool, read->units, (size_t)2 * read->count * sizeof *unit);
    read->units[read->count++] = *unit;
}

/* What the server has read in a message, as it is drawn. */
static SMTP_APART void add_reread(smtpx_tap_read *read, const smtpx_view *view, const smtpx_tap_unit *unit)
{
    smtpx_pieces pieces = smtpx_pieces_of(unit->record);
    smtpx_tap_unit part = *unit;
    smtpx_piece piece;

    part.within = pieces.suspicion->transaction;
    while (smtpx_pieces_next(&pieces, &piece)) {
        part.record = wmem_memdup(view->pinfo->pool, &piece.record, sizeof piece.record);
        part.octets = piece.octets ? piece.octets : unit->octets + piece.offset;
        part.offset = unit->offset + piece.offset;
        part.told = piece.record.length - piece.in_hand;
        if (piece.offset > 0 || !part.ended)
            part.ended = smtpx_view_told(view, &piece.record);
        add_unit(read, view->pinfo, &part);
    }
}

/* Units are found as they are when they are drawn. */
const smtpx_tap_read *smtpx_tap_tell(const smtpx_tap_read *read, packet_info *pinfo, smtpx_hand hand, smtpx_place place)
{
    const smtpx_stream *stream = smtpx_session_stream(read->session, hand.layer, hand.direction);
    smtpx_tap_read *told = wmem_memdup(pinfo->pool, read, sizeof *read);
    smtpx_view view = {.pinfo = pinfo};
    uint32_t length = hand.length;
    uint64_t last = 0;

    while (hand.length > 0) {
        smtpx_step step = smtpx_stream_find(stream, &hand, &place);
        smtpx_tap_unit unit = {.record = step.record, .octets = hand.octets, .offset = length - hand.length};

        if (step.found == SMTPX_FOUND_PARTIAL && hand.can_wait)
            break;
        /* What is behind TLS comes again, and is told then. */
        if (hand.length == length && smtpx_step_is_for_tls(&step, hand.layer))
            return NULL;
        if (step.found == SMTPX_FOUND_RECORD || (step.record && step.record->remarks)) {
            unit.ended = smtpx_view_told(&view, step.record);
            if (step.found == SMTPX_FOUND_RECORD && smtpx_view_is_reread(&view, step.record))
                add_reread(told, &view, &unit);
            else
                add_unit(told, pinfo, &unit);
            last = hand.position;
        }
        smtpx_hand_pass(&hand, step.length);
    }
    if (told->count == 0)
        return NULL;
    told->visited = PINFO_FD_VISITED(pinfo);
    told->facts = smtpx_session_facts_at(read->session, read->layer, pinfo, last);
    if (!told->visited && smtpx_tap_exports())
        tell_ends(told, pinfo);
    if (smtpx_tap_is_heard())
        tap_queue_packet(tap, pinfo, told);
    return told;
}

const char *smtpx_tap_verb_name(smtp_verb verb)
{
    static const char *const names[] = {
#define SMTP_VERB(name, text, shape, on2, on3, on45) text,
#include "plugin/smtp/smtp_verbs.def"
#undef SMTP_VERB
    };

    switch (verb) {
    case SMTP_VERB_UNKNOWN:
        return "unknown verb";
    case SMTP_VERB_GREETING:
        return "connection";
    case SMTP_VERB_END_OF_DATA:
        return "end of data";
    case SMTP_VERB_AUTH_ANSWER:
        return "AUTH answer";
    case SMTP_VERB_END_OF_BLOB:
        return "end of XEXCH50";
    default:
        return names[verb];
    }
}

smtp_remarks smtpx_tap_remarks(const smtpx_tap_unit *unit)
{
    smtp_remarks remarks = *smtpx_record_remarks(unit->record);

    if (smtpx_record_is_before_tls(unit->record))
        smtp_remarks_add(&remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS);
    return remarks;
}

/* What the reply to this record's command proves, which has a remark. */
static SMTP_APART const smtp_suspicion *proved_by(const smtpx_record *record)
{
    const smtp_remarks *remarks = smtpx_record_remarks(record);
    bool is_proof =
        smtp_remarks_has(remarks, SMTP_REMARK_LOOKALIKE_END) || smtp_remarks_has(remarks, SMTP_REMARK_MESSAGE_OBEYED);
    const smtp_exchange *exchange = record->role == SMTP_ROLE_REPLY && is_proof ? smtpx_record_exchange(record) : NULL;

    return exchange ? smtp_exchange_proved(exchange) : NULL;
}

const smtp_suspicion *smtpx_tap_proved(const smtpx_tap_unit *unit)
{
    return unit->record->remarks ? proved_by(unit->record) : NULL;
}

const smtp_transaction *smtpx_tap_next_reread(const smtp_suspicion *suspicion, uint32_t *at)
{
    const smtp_transaction *transaction;

    while (*at < suspicion->unit_count) {
        transaction = suspicion->units[(*at)++].unit.transaction;
        if (transaction && !transaction->none)
            return transaction;
    }
    return NULL;
}

uint16_t smtpx_tap_code(const smtpx_tap_unit *unit)
{
    smtp_reply reply = {.length = 0};

    if (unit->record->role == SMTP_ROLE_REPLY && !unit->record->continued)
        smtp_reply_read(unit->octets, unit->record->length, 0, UINT32_MAX, &reply);
    return reply.code;
}

int64_t smtpx_tap_response_time(const smtpx_tap_unit *unit, const packet_info *pinfo)
{
    const smtpx_record *record = unit->record;
    const smtp_exchange *exchange = record->role == SMTP_ROLE_REPLY ? smtpx_record_exchange(record) : NULL;

    /* A message may be refused before its final dot, a line before its end. */
    if (!exchange || record->continued || exchange->command_frame > pinfo->num)
        return SMTP_DURATION_UNKNOWN;
    /* A line without a code is an answer only if nothing else was one. */
    if (smtpx_tap_code(unit) == 0 && !smtp_exchange_is_answered_codeless(exchange))
        return SMTP_DURATION_UNKNOWN;
    return smtp_exchange_response_time(exchange);
}
