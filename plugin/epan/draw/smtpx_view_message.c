/* smtpx_view_message.c
 * Messages: their parts, their end, and what is known of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_message.h"

#include "plugin/epan/draw/smtpx_handover.h"
#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"
#include "plugin/epan/draw/smtpx_view_transaction.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/epan/learn/smtpx_words.h"
#include "plugin/smtp/smtp_suspicion.h"
#include "plugin/smtp/syntax/smtp_octets.h"

static int hf_smtpx_message = -1;
static int hf_smtpx_message_octets = -1;
static int hf_smtpx_message_chunk_octets = -1;
static int hf_smtpx_message_stuffed_lines = -1;
static int hf_smtpx_message_gap = -1;
static int hf_smtpx_message_unfinished = -1;
static int hf_smtpx_message_no_header = -1;
static int hf_smtpx_end_of_data = -1;
static int hf_smtpx_message_fragments = -1;
static int hf_smtpx_message_fragment = -1;
static int hf_smtpx_message_fragment_count = -1;
static int hf_smtpx_message_reassembled_in = -1;
static int hf_smtpx_message_reassembled_length = -1;
static int ett_smtpx_message = -1;
static int ett_smtpx_message_fragments = -1;

static hf_register_info fields[] = {
    {&hf_smtpx_message,
     {"Message", "smtpx.message", FT_STRING, BASE_NONE, NULL, 0,
      "How many octets, and its subject; where only a part of it is, the octets of that", HFILL}},
    {&hf_smtpx_message_octets,
     {"Octets", "smtpx.message.octets", FT_UINT64, BASE_DEC, NULL, 0, "Of the message, dots unstuffed", HFILL}},
    {&hf_smtpx_message_chunk_octets,
     {"Message data", "smtpx.message.chunk_octets", FT_UINT32, BASE_DEC, NULL, 0,
      "Octets of a message in this unit, as sent", HFILL}},
    {&hf_smtpx_message_stuffed_lines,
     {"Stuffed lines", "smtpx.message.stuffed_lines", FT_UINT32, BASE_DEC, NULL, 0,
      "Lines that were sent with an additional dot", HFILL}},
    {&hf_smtpx_message_gap,
     {"Missing octets", "smtpx.message.gap", FT_UINT64, BASE_DEC, NULL, 0, "Not in the capture", HFILL}},
    {&hf_smtpx_message_unfinished,
     {"Unfinished, octets that are there", "smtpx.message.unfinished", FT_UINT64, BASE_DEC, NULL, 0,
      "Of a message without an end: up to the first that is missing, dots unstuffed", HFILL}},
    {&hf_smtpx_message_no_header,
     {"Header is not read", "smtpx.message.no_header", FT_STRING, BASE_NONE, NULL, 0,
      "Why a mail header is not shown as one", HFILL}},
    {&hf_smtpx_end_of_data,
     {"End of data", "smtpx.end_of_data", FT_BOOLEAN, BASE_NONE, NULL, 0, "The dot behind a message", HFILL}},
    {&hf_smtpx_message_fragments,
     {"Message fragments", "smtpx.message.fragments", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_message_fragment,
     {"Message fragment", "smtpx.message.fragment", FT_FRAMENUM, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_message_fragment_count,
     {"Fragment count", "smtpx.message.fragment.count", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_message_reassembled_in,
     {"Reassembled in", "smtpx.message.reassembled.in", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "The frame in which the message is complete", HFILL}},
    {&hf_smtpx_message_reassembled_length,
     {"Reassembled length", "smtpx.message.reassembled.length", FT_UINT32, BASE_DEC, NULL, 0,
      "Octets as sent, dots stuffed", HFILL}},
};

/* ---- Info ---- */

/* ", from a@b", as far as the envelope is known. */
static const char *tell_sender(const smtpx_view *view, const smtp_transaction *transaction)
{
    const smtp_exchange *sender = smtp_transaction_begun_by(transaction);
    const smtp_name *name = sender ? smtp_exchange_name(sender) : NULL;

    if (!name)
        return "";
    if (name->length == 0)
        return ", from <>";
    return wmem_strdup_printf(view->pinfo->pool, ", from %s", smtpx_view_one_line(view, name->octets, name->length));
}

/* ", subject: Invoice" */
static const char *tell_subject(const smtpx_view *view, const smtp_transaction *transaction)
{
    smtpx_value subject = smtpx_message_header(transaction).subject;
    const char *text;

    if (!subject.octets)
        return "";
    text = smtpx_words_text(view->pinfo->pool, subject.octets, subject.length);
    return wmem_strdup_printf(view->pinfo->pool, ", subject: %s", smtpx_view_label(view, text));
}

/* "unfinished, 4616 octets" */
static const char *tell_octets(const smtpx_view *view, const char *before, uint64_t octets)
{
    return wmem_strdup_printf(view->pinfo->pool, "%s%" PRIu64 " octet%s", before, octets, plurality(octets, "", "s"));
}

/* In Info and in the protocol's row, behind its last part. */
static void describe(smtpx_view *view, const smtpx_shown_message *shown)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    uint64_t octets = shown->tvb ? tvb_captured_length(shown->tvb) : shown->transaction->octets;
    const char *size;

    if (!smtpx_view_is_described(view))
        return;
    size =
        wmem_strdup_printf(pool, "%smessage of %" PRIu64, shown->complete || !shown->tvb ? "" : "unfinished ", octets);
    smtpx_view_title(view, wmem_strdup_printf(pool, "%s octet%s", size, plurality(octets, "", "s")));
    if (view->info)
        smtpx_view_info(view, wmem_strdup_printf(pool, "%s byte%s%s%s", size, plurality(octets, "", "s"),
                                                 tell_sender(view, shown->transaction),
                                                 tell_subject(view, shown->transaction)));
}

/* ---- Drawing ---- */

/* Is the message opened in a later frame, as far as it is known by now? */
static bool is_opened_later(const smtpx_view *view, const smtp_transaction *transaction)
{
    const smtpx_message *message = smtpx_message_of(transaction);

    if (!message || !smtpx_message_octets(message) || transaction->last_frame == view->pinfo->num)
        return false;
    return smtpx_message_has_ended(message) || PINFO_FD_VISITED(view->pinfo);
}

/* Where a look-alike and the verb behind it stand in a record, as far as they do. */
static void add_place(smtp_remark_list *places, const smtpx_record *record, smtp_remark kind,
                      const smtp_lookalike *lookalike)
{
    uint64_t start = smtpx_position_near(lookalike->dot, record->of.message_offset), end = start + record->length;
    uint64_t verb_end = smtp_lookalike_end(lookalike) + (lookalike->has_verb ? lookalike->behind_length : 0);
    uint64_t from = MAX(start, smtp_lookalike_start(lookalike)), to = MIN(end, verb_end);

    if (lookalike->length > 0 && from < to)
        smtp_remark_add(places, kind, (smtp_span){(uint32_t)(from - start), (uint32_t)(to - from)});
}

/* Where the remarks on its octets stand. What was decided by the first octet in hand stands there,
 * though it may be about the one before. */
static void find_places(const smtpx_record *record, smtp_remark_list *places)
{
    const smtp_octets_found *found = smtp_rare_of(smtpx_record_transaction(record))->found;
    const smtp_suspicion *suspicion = smtp_rare_of(smtpx_record_transaction(record))->suspicion;

    smtp_remark_list_begin(places, (smtp_remarks){{0, 0}});
    for (uint32_t i = 0; found && i < found->count; i++) {
        smtp_remark kind = found->octets[i].kind;
        uint32_t offset = (uint32_t)found->octets[i].at - record->of.message_offset;

        if (smtp_remarks_has(smtpx_record_remarks(record), kind))
            smtp_remark_add(places, kind, (smtp_span){offset < record->length ? offset : 0, 1});
    }
    if (suspicion) {
        add_place(places, record, SMTP_REMARK_LOOKALIKE, &suspicion->lookalike);
        add_place(places, record, SMTP_REMARK_SMUGGLING, &suspicion->smuggling);
    }
}

/* Is the message opened behind this part? That it goes on the first pass does not know. */
static bool is_opened_here(const smtpx_view *view, const smtp_transaction *transaction)
{
    return transaction->phase == SMTP_PHASE_WHOLE && transaction->last_frame == view->pinfo->num;
}

/* Are these the last octets of a message with a hole, which the server has answered then? */
static bool is_presumed_end(const smtpx_view *view, const smtp_transaction *transaction, const smtpx_record *record)
{
    const smtpx_message *message = transaction->end_presumed ? smtpx_message_of(transaction) : NULL;

    return message && transaction->end->command_frame == view->pinfo->num &&
           record->of.message_offset + record->length == smtpx_message_end(message);
}

/* Does anybody look at what is told of a message? */
static bool is_wanted(const smtpx_view *view, const smtpx_cursor *at)
{
    return view->tells_transactions || smtpx_item_any_is_wanted(at, fields, array_length(fields)) ||
           smtpx_view_exchange_is_wanted(at);
}

/* "Message data: 272 octets". Who looks for messages finds it, too, unless the message itself is there. */
static proto_item *view_part_row(const smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    smtp_span octets = {0, record->length};
    proto_item *item = smtpx_item_uint(unit, hf_smtpx_message_chunk_octets, octets, record->length);
    smtpx_cursor below = smtpx_cursor_below(unit, item, ett_smtpx_message);
    smtpx_cursor hidden = smtpx_cursor_hidden(&below);

    if (item && smtpx_item_is_shown(unit))
        proto_item_set_text(item, "Message data: %s", tell_octets(view, "", record->length));
    if (!is_opened_here(view, smtpx_record_transaction(record)) && smtpx_item_is_wanted(&hidden, hf_smtpx_message))
        smtpx_item_string(&hidden, hf_smtpx_message, octets, tell_octets(view, "", record->length));
    return item;
}

void smtpx_view_message_part(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    smtpx_cursor legacy = smtpx_view_legacy_at(view, unit);
    smtp_remark_list places;
    proto_item *item = NULL;
    smtpx_cursor at;

    if (smtpx_view_has_remarks(record))
        find_places(record, &places);
    if (view->info)
        smtpx_view_info(view, wmem_strdup_printf(view->pinfo->pool, "DATA fragment, %u byte%s", record->length,
                                                 plurality(record->length, "", "s")));
    view->data_is_untold = true;
    if (!is_opened_here(view, transaction))
        smtpx_view_title(view, "message data");
    if (is_wanted(view, unit) || view->legacy) {
        item = view_part_row(view, unit, record);
        at = smtpx_cursor_below(unit, item, ett_smtpx_message);
        if (is_opened_later(view, transaction)) {
            smtpx_generated_uint(&at, hf_smtpx_message_reassembled_in, transaction->last_frame);
            smtpx_legacy_message_part(&legacy, transaction->last_frame);
        }
        if (is_presumed_end(view, transaction, record))
            smtpx_view_command_pair(view, &at, transaction->end);
    }
    smtpx_view_remarks(view, unit, item, record, &places);
}

void smtpx_view_message_end(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    smtpx_cursor legacy = smtpx_view_legacy_at(view, unit);
    proto_item *item = smtpx_item_mark(unit, hf_smtpx_end_of_data, record->length);
    smtpx_cursor at = smtpx_cursor_below(unit, item, ett_smtpx_message);

    smtpx_view_info(view, ".");
    smtpx_legacy_end_of_data(&legacy);
    smtpx_view_command_pair(view, &at, smtpx_record_exchange(record));
    smtpx_view_remarks(view, unit, item, record, NULL);
}

/* A message of which nothing can be opened, or that is not wanted. */
static void view_unopened(const smtpx_view *view, const smtpx_cursor *unit, const smtp_transaction *transaction)
{
    smtpx_cursor at = *unit;
    const char *told;

    if (smtpx_item_is_wanted(unit, hf_smtpx_message)) {
        told = wmem_strdup_printf(view->pinfo->pool, "%" PRIu64 " octets, not reassembled", transaction->octets);
        at = smtpx_cursor_below(unit, smtpx_generated_string(unit, hf_smtpx_message, told), ett_smtpx_message);
    }
    if (smtp_rare_of(transaction)->missing)
        smtpx_generated_uint64(&at, hf_smtpx_message_gap, smtp_rare_of(transaction)->missing);
}

/* A large message has many: a row for each would freeze the window. */
static void view_parts(const smtpx_cursor *at, const smtpx_message *message)
{
    uint32_t rows = MIN(smtpx_message_parts(message), SMTPX_MESSAGE_MOST_PARTS);

    if (!smtpx_item_is_wanted(at, hf_smtpx_message_fragment))
        return;
    for (uint32_t i = 0; i < rows; i++) {
        smtpx_message_part part = smtpx_message_part_at(message, i);
        uint32_t left = smtpx_message_raw_length(message) - part.offset, length = MIN(part.length, left);
        proto_item *item = smtpx_generated_uint(at, hf_smtpx_message_fragment, part.frame);
        /* Of the last one octets may belong to the end of data. */
        proto_item_append_text(item, ", %u octet%s from %u on", length, plurality(length, "", "s"), part.offset);
    }
}

static void view_fragments(const smtpx_cursor *unit, const smtpx_message *message)
{
    uint32_t parts = smtpx_message_parts(message), length = smtpx_message_raw_length(message);
    proto_item *item = smtpx_item_octets(unit, hf_smtpx_message_fragments, (smtp_span){0, 0});
    smtpx_cursor at = smtpx_cursor_below(unit, item, ett_smtpx_message_fragments);
    smtpx_cursor hidden = smtpx_cursor_hidden(&at);

    proto_item_append_text(item, " (%u), %u octet%s", parts, length, plurality(length, "", "s"));
    if (parts > SMTPX_MESSAGE_MOST_PARTS)
        proto_item_append_text(item, "; the first %u", SMTPX_MESSAGE_MOST_PARTS);
    proto_item_set_generated(item);
    view_parts(&at, message);
    smtpx_generated_uint(&hidden, hf_smtpx_message_fragment_count, parts);
    smtpx_generated_uint(&hidden, hf_smtpx_message_reassembled_length, length);
}

/* How much of it is there, and why IMF shows less than that. */
static void view_unfinished(const smtpx_cursor *at, const smtpx_shown_message *shown)
{
    smtpx_generated_uint64(at, hf_smtpx_message_unfinished, tvb_captured_length(shown->tvb));
    if (smtp_rare_of(shown->transaction)->missing)
        smtpx_generated_uint64(at, hf_smtpx_message_gap, smtp_rare_of(shown->transaction)->missing);
    if (shown->transaction->header_lf)
        smtpx_generated_string(at, hf_smtpx_message_no_header, "Lines end with a bare LF, not with CRLF");
}

static void view_complete(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction,
                          uint32_t octets)
{
    smtpx_cursor stuffed = *at, hidden = smtpx_cursor_hidden(at);

    smtpx_view_envelope(view, at, transaction);
    smtpx_view_header(at, transaction);
    smtpx_generated_uint64(&hidden, hf_smtpx_message_octets, octets);
    stuffed.hidden = transaction->stuffed_lines == 0;
    if (!transaction->chunked)
        smtpx_generated_uint(&stuffed, hf_smtpx_message_stuffed_lines, transaction->stuffed_lines);
}

/* "Message: 4616 octets in frames 15 to 18"; a column has its subject, too, which a row below says. */
static proto_item *view_whole(const smtpx_view *view, const smtpx_cursor *whole, const smtpx_shown_message *shown)
{
    const smtpx_message *message = smtpx_message_of(shown->transaction);
    uint32_t octets = tvb_captured_length(shown->tvb);
    const char *told, *subject;
    proto_item *item;

    if (!smtpx_item_is_wanted(whole, hf_smtpx_message))
        return NULL;
    told = tell_octets(view, shown->complete ? "" : "unfinished, ", octets);
    subject = shown->complete ? tell_subject(view, shown->transaction) : "";
    item = smtpx_item_string(whole, hf_smtpx_message, (smtp_span){0, octets},
                             wmem_strconcat(view->pinfo->pool, told, subject, NULL));
    if (!smtpx_item_is_shown(whole))
        return item;
    proto_item_set_text(item, "Message: %s", told);
    if (message && smtpx_message_parts(message) > 1 && smtpx_message_part_at(message, 0).frame != view->pinfo->num)
        proto_item_append_text(item, " in frames %u to %u", smtpx_message_part_at(message, 0).frame, view->pinfo->num);
    return item;
}

/* The message's octets; what is known of them stands in the frame. */
static void view_opened(const smtpx_view *view, const smtpx_cursor *unit, const smtpx_shown_message *shown)
{
    const smtpx_message *message = smtpx_message_of(shown->transaction);
    smtpx_cursor whole = {.tree = view->tree, .tvb = shown->tvb};
    uint32_t octets = tvb_captured_length(shown->tvb);
    smtpx_cursor at;

    at = smtpx_cursor_below(unit, view_whole(view, &whole, shown), ett_smtpx_message);
    if (!shown->complete)
        view_unfinished(&at, shown);
    else
        view_complete(view, &at, shown->transaction, octets);
    if (message && smtpx_message_octets(message))
        view_fragments(&at, message);
    if (!shown->complete)
        return;
    whole.tree = view->builtin;
    whole.hidden = !view->legacy_is_printed;
    smtpx_legacy_message(&whole, shown->transaction, view->pinfo->num);
}

bool smtpx_view_message_breaks_off(const smtpx_view *view, const smtpx_record *record)
{
    const smtpx_message *message;

    if (record->role != SMTP_ROLE_MESSAGE || !PINFO_FD_VISITED(view->pinfo))
        return false;
    message = smtpx_message_of(smtpx_record_transaction(record));
    return message && !smtpx_message_has_ended(message) &&
           record->of.message_offset + record->length == smtpx_message_end(message);
}

void smtpx_view_message(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    smtpx_shown_message shown = smtpx_handover_find(view, at, record);

    if (shown.tvb || record->ends_message)
        describe(view, &shown);
    if (!shown.tvb) {
        if (record->ends_message)
            view_unopened(view, at, shown.transaction);
        return;
    }
    if (is_wanted(view, at) || view->builtin)
        view_opened(view, at, &shown);
    smtpx_handover(view, &shown);
}

/* ---- Registration ---- */

void smtpx_view_message_register(int proto)
{
    static int *ett[] = {&ett_smtpx_message, &ett_smtpx_message_fragments};

    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
