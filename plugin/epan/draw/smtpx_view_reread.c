/* smtpx_view_reread.c
 * Octets of a message that a deceived server has read as something else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_reread.h"

#include "plugin/smtp/syntax/smtp_octets.h"

/* Where a record of a message begins in it, or that of the line that ends it for the client. */
static uint64_t start_of(const smtpx_record *record, const smtp_suspicion *suspicion)
{
    if (record->role == SMTP_ROLE_END_OF_DATA)
        return suspicion->client_end;
    return smtpx_position_near(suspicion->end->dot, record->of.message_offset);
}

/* Was anything reread between two places in the message? */
static bool has_units(const smtp_suspicion *suspicion, uint64_t from, uint64_t to)
{
    uint32_t last = suspicion->unit_count;

    return last > 0 && suspicion->units[0].start < to && smtp_reread_end(&suspicion->units[last - 1]) > from;
}

/* Of a refused message nothing is a command before it is proven that the server has read commands in it. */
static bool is_changed(const smtp_suspicion *suspicion, uint64_t from, uint64_t to)
{
    if (!suspicion->refused)
        return to + suspicion->end->before > suspicion->end->dot;
    return suspicion->obeyed && has_units(suspicion, from, to);
}

bool smtpx_view_is_reread(const smtpx_view *view, const smtpx_record *record)
{
    const smtp_transaction *transaction;
    const smtp_suspicion *suspicion;
    uint64_t start;

    if ((record->role != SMTP_ROLE_MESSAGE && record->role != SMTP_ROLE_END_OF_DATA) || !PINFO_FD_VISITED(view->pinfo))
        return false;
    transaction = smtpx_record_transaction(record);
    suspicion = transaction ? smtp_rare_of(transaction)->suspicion : NULL;
    if (!suspicion || !suspicion->end)
        return false;
    start = start_of(record, suspicion);
    return is_changed(suspicion, start, start + record->length);
}

smtpx_pieces smtpx_pieces_of(const smtpx_record *record)
{
    const smtp_suspicion *suspicion = smtp_rare_of(smtpx_record_transaction(record))->suspicion;
    uint64_t start = start_of(record, suspicion);

    return (smtpx_pieces){record, suspicion, start, start, 0};
}

/* ---- Pieces ---- */

/* Octets of the message that is being sent. */
static smtpx_record content(const smtpx_pieces *pieces)
{
    const smtp_transaction *transaction = pieces->suspicion->transaction;

    return (smtpx_record){.role = SMTP_ROLE_MESSAGE,
                          .of.message_offset = (uint32_t)pieces->at,
                          .context = smtpx_kept_number(transaction)};
}

/* The remark that was made on the look-alike when it was learned. */
static smtp_remark kind_of(const smtp_lookalike *lookalike)
{
    return lookalike->has_verb ? SMTP_REMARK_SMUGGLING : SMTP_REMARK_LOOKALIKE;
}

/* What is odd in the octets of the message from an offset on, up to another. */
static smtp_remarks found_between(const smtp_suspicion *suspicion, uint64_t from, uint64_t to)
{
    const smtp_octets_found *found = smtp_rare_of(suspicion->transaction)->found;
    smtp_remarks remarks = {{0, 0}};

    for (uint32_t i = 0; found && i < found->count; i++) {
        if (found->octets[i].at >= from && found->octets[i].at < to)
            smtp_remarks_add(&remarks, found->octets[i].kind);
    }
    return remarks;
}

/* The end, as the server saw it. */
static smtpx_record end_of_message(const smtpx_pieces *pieces)
{
    const smtp_lookalike *end = pieces->suspicion->end;
    smtp_remarks remarks = found_between(pieces->suspicion, smtp_lookalike_start(end), smtp_lookalike_end(end));

    smtp_remarks_add(&remarks, SMTP_REMARK_LOOKALIKE_END);
    if (end->told)
        smtp_remarks_add(&remarks, kind_of(end));
    return (smtpx_record){.role = SMTP_ROLE_END_OF_DATA,
                          .ends_message = !pieces->suspicion->early,
                          .remarks = smtpx_remark_sets_index(&remarks),
                          .context = smtpx_kept_number(pieces->suspicion->transaction->end)};
}

static smtpx_record unit_of(const smtp_unit *unit)
{
    bool is_message = unit->role == SMTP_ROLE_MESSAGE;
    smtpx_record record = {
        .length = unit->length,
        .role = unit->role,
        .ends_message = unit->ends_message,
        .remarks = smtpx_remark_sets_index(&unit->remarks),
        .of.wait = SMTPX_TIME_UNKNOWN,
        .context = smtpx_record_context(unit),
    };

    if (is_message)
        record.of.message_offset = (uint32_t)unit->message_offset;
    return record;
}

/* The next unit that ends behind what was drawn; NULL: there is none. */
static const smtp_reread *next_unit(smtpx_pieces *pieces)
{
    const smtp_suspicion *suspicion = pieces->suspicion;

    while (pieces->unit < suspicion->unit_count && smtp_reread_end(&suspicion->units[pieces->unit]) <= pieces->at)
        pieces->unit++;
    return pieces->unit < suspicion->unit_count ? &suspicion->units[pieces->unit] : NULL;
}

static void join_set(smtpx_record *record, smtp_remarks remarks)
{
    smtp_remarks_join(&remarks, smtpx_record_remarks(record));
    record->remarks = smtpx_remark_sets_index(&remarks);
}

/* What is to be said of all of a refused message stands with its first command. */
static void join_first(const smtp_suspicion *suspicion, smtpx_record *record)
{
    smtp_remarks remarks = {{0, 0}};

    if (suspicion->obeyed)
        smtp_remarks_add(&remarks, SMTP_REMARK_MESSAGE_OBEYED);
    if (suspicion->refused && suspicion->told_unasked)
        smtp_remarks_add(&remarks, SMTP_REMARK_EARLY_DATA);
    join_set(record, remarks);
}

/* What stands behind the look-alike.
 * @param end  of the record in hand
 * @return where it ends */
static uint64_t next_behind(smtpx_pieces *pieces, uint64_t end, smtpx_piece *piece)
{
    const smtp_reread *reread = next_unit(pieces);

    if (!reread || smtp_reread_end(reread) > end) {
        piece->record = content(pieces);
        piece->goes_on = reread && reread->start < end;
        return end;
    }
    piece->record = unit_of(&reread->unit);
    if (reread == pieces->suspicion->units)
        join_first(pieces->suspicion, &piece->record);
    if (reread->start < pieces->start)
        piece->octets = smtp_suspicion_octets(pieces->suspicion, reread->start);
    return smtp_reread_end(reread);
}

/* What is odd in octets of the message stands with the piece that has them. What else was remarked on when the record
 * was learned stands with its first piece, but for what is told at the end. */
static void join_remarks(const smtpx_pieces *pieces, smtpx_piece *piece)
{
    smtp_remarks remarks = *smtpx_record_remarks(pieces->record);
    smtp_remarks odd = found_between(pieces->suspicion, 0, UINT64_MAX);

    if (!pieces->record->remarks)
        return;
    remarks.bits[0] &= ~odd.bits[0];
    remarks.bits[1] &= ~odd.bits[1];
    smtp_remarks_remove(&remarks,
                        pieces->suspicion->refused ? SMTP_REMARK_EARLY_DATA : kind_of(pieces->suspicion->end));
    join_set(&piece->record, remarks);
}

bool smtpx_pieces_next(smtpx_pieces *pieces, smtpx_piece *piece)
{
    const smtp_lookalike *lookalike = pieces->suspicion->end;
    uint64_t end = pieces->start + pieces->record->length, next;

    *piece = (smtpx_piece){.offset = (uint32_t)(pieces->at - pieces->start)};
    if (pieces->at >= end)
        return false;
    if (pieces->at < smtp_lookalike_start(lookalike)) {
        next = smtp_lookalike_start(lookalike);
        piece->record = content(pieces);
        join_set(&piece->record, found_between(pieces->suspicion, pieces->at, MIN(next, end)));
    } else if (pieces->at < smtp_lookalike_end(lookalike)) {
        next = smtp_lookalike_end(lookalike);
        piece->goes_on = next > end;
        piece->record = piece->goes_on ? content(pieces) : end_of_message(pieces);
    } else {
        next = next_behind(pieces, end, piece);
    }
    next = MIN(next, end);
    piece->in_hand = (uint32_t)(next - pieces->at);
    if (!piece->octets)
        piece->record.length = piece->in_hand;
    piece->record.by_server = pieces->record->by_server;
    if (pieces->at == pieces->start)
        join_remarks(pieces, piece);
    pieces->at = next;
    return true;
}
