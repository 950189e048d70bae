/* smtpx_view_message.c
 * Messages: their octets, their end, and the hand-over to IMF.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_message.h"

#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_call.h"
#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/smtp/syntax/smtp_body.h"

static int hf_smtpx_message = -1;
static int hf_smtpx_message_octets = -1;
static int hf_smtpx_message_chunk_octets = -1;
static int hf_smtpx_message_stuffed_lines = -1;
static int hf_smtpx_message_gap = -1;
static int hf_smtpx_end_of_data = -1;
static int hf_smtpx_message_fragments = -1;
static int hf_smtpx_message_fragment = -1;
static int hf_smtpx_message_fragment_count = -1;
static int hf_smtpx_message_reassembled_in = -1;
static int hf_smtpx_message_reassembled_length = -1;
static int ett_smtpx_message = -1;
static int ett_smtpx_message_fragments = -1;

static dissector_handle_t imf_handle;

/* ---- The message ---- */

/* The octets of a message, in smtpx's tree. */
static smtpx_cursor message_at(const smtpx_view *view, tvbuff_t *tvb)
{
    return (smtpx_cursor){.tree = view->tree, .tvb = tvb};
}

/* A large message has many, so nobody's are not even counted. */
static void view_parts(const smtpx_cursor *at, const smtp_transaction *transaction)
{
    const smtpx_message *message = smtpx_message_of(transaction);
    uint32_t parts = smtpx_message_parts(message);

    if (!smtpx_item_is_wanted(at, hf_smtpx_message_fragment))
        return;
    for (uint32_t i = 0; i < parts; i++) {
        smtpx_message_part part = smtpx_message_part_at(message, i);
        uint32_t end = i + 1 < parts ? smtpx_message_part_at(message, i + 1).offset : (uint32_t)transaction->octets;
        proto_item *item = smtpx_generated_uint(at, hf_smtpx_message_fragment, part.frame);
        proto_item_append_text(item, ", %u octets from %u on", end - part.offset, part.offset);
    }
}

static void view_fragments(const smtpx_view *view, tvbuff_t *tvb, const smtp_transaction *transaction)
{
    uint32_t parts = smtpx_message_parts(smtpx_message_of(transaction));
    smtpx_cursor at = message_at(view, tvb);
    proto_item *item;

    if (!view->tree)
        return;
    item = smtpx_item_octets(&at, hf_smtpx_message_fragments, (smtp_span){0, tvb_captured_length(tvb)});
    proto_item_append_text(item, " (%u), %" PRIu64 " octets", parts, transaction->octets);
    proto_item_set_generated(item);
    at = smtpx_cursor_below(&at, item, ett_smtpx_message_fragments);
    view_parts(&at, transaction);
    smtpx_generated_uint(&at, hf_smtpx_message_fragment_count, parts);
    smtpx_generated_uint(&at, hf_smtpx_message_reassembled_length, (uint32_t)transaction->octets);
}

/* A message that was put together. */
static tvbuff_t *kept_message(const smtpx_view *view, const smtp_transaction *transaction)
{
    const smtpx_message *message = smtpx_message_of(transaction);
    uint32_t length = smtpx_message_length(message);
    tvbuff_t *tvb;

    if (!smtpx_message_is_complete(message))
        return NULL;
    tvb = tvb_new_child_real_data(view->tvb, smtpx_message_octets(message), length, (int)length);
    add_new_data_source(view->pinfo, tvb, "Message");
    view_fragments(view, tvb, transaction);
    return tvb;
}

/* What the client's program sent, before dots were stuffed. */
static tvbuff_t *unstuffed(const smtpx_view *view, tvbuff_t *raw, const smtp_transaction *transaction)
{
    uint32_t length = tvb_captured_length(raw);
    uint8_t *octets;
    tvbuff_t *tvb;

    if (transaction->chunked || transaction->stuffed_lines == 0)
        return raw;
    octets = wmem_alloc(view->pinfo->pool, length);
    length = smtp_body_unstuff(tvb_get_ptr(raw, 0, (int)length), length, transaction->lf_ends_line, octets);
    tvb = tvb_new_child_real_data(view->tvb, octets, length, (int)length);
    add_new_data_source(view->pinfo, tvb, "Message");
    return tvb;
}

/* A message that stands in one piece before the end of a unit. */
static tvbuff_t *message_in_hand(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    uint32_t end = record->role == SMTP_ROLE_MESSAGE ? at->offset + record->length : at->offset;
    uint32_t octets = (uint32_t)transaction->octets;
    tvbuff_t *raw;

    if (transaction->parts > 1 || octets > end)
        return NULL;
    raw = tvb_new_subset_length(view->tvb, (int)(end - octets), (int)octets);
    return unstuffed(view, raw, transaction);
}

/* ---- IMF ---- */

/* What a listener of IMF's export tap reads; packet-imf.c keeps it to itself. */
typedef struct imf_export {
    char *filename;
    char *sender;
    char *subject;
    uint32_t length;
    char *octets;
} imf_export;

/* IMF tells its export tap at the very end, so a message that makes it or a
 * dissector of one of its parts give up would be lost. */
static void export_message(smtpx_view *view, tvbuff_t *tvb)
{
    int tap = find_tap_id("imf_eo");
    imf_export *told;

    if (!have_tap_listener(tap))
        return;
    told = wmem_new0(view->pinfo->pool, imf_export);
    told->sender = wmem_strdup(view->pinfo->pool, "");
    told->subject = wmem_strdup(view->pinfo->pool, "message");
    told->length = tvb_captured_length(tvb);
    told->octets = tvb_memdup(view->pinfo->pool, tvb, 0, told->length);
    tap_queue_packet(tap, view->pinfo, told);
}

/* IMF writes its own name behind ours, and its own Info. */
static void begin_imf_columns(const smtpx_view *view)
{
    column_info *cinfo = view->pinfo->cinfo;

    if (view->info)
        col_append_str(cinfo, COL_INFO, " | ");
    col_set_fence(cinfo, COL_INFO);
    /* TCP and TLS close the column behind the first of several units of a frame. */
    col_set_writable(cinfo, COL_PROTOCOL, !smtpx_view_imf_is_named(view));
}

static void end_imf_columns(const smtpx_view *view, bool protocol_writable)
{
    column_info *cinfo = view->pinfo->cinfo;

    col_set_writable(cinfo, COL_PROTOCOL, protocol_writable);
    col_set_fence(cinfo, COL_PROTOCOL);
    col_set_fence(cinfo, COL_INFO);
}

static void call_imf(smtpx_view *view, tvbuff_t *tvb)
{
    bool writable = col_get_writable(view->pinfo->cinfo, COL_PROTOCOL);
    bool has_columns = smtpx_view_has_columns(view);

    if (has_columns)
        begin_imf_columns(view);
    if (!smtpx_call(view, imf_handle, tvb, view->root))
        export_message(view, tvb);
    if (has_columns)
        end_imf_columns(view, writable);
}

/* ---- Drawing ---- */

/* Is what the server took for the end of the message part of these octets? */
static bool holds_end(const smtpx_view *view, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);

    return transaction->end && transaction->end->command_frame == view->pinfo->num &&
           record->message_offset + record->length > transaction->octets;
}

void smtpx_view_message_part(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    const smtpx_message *message = smtpx_message_of(transaction);
    proto_item *item = NULL;
    smtpx_cursor at;

    if (view->info)
        smtpx_view_info(view, wmem_strdup_printf(view->pinfo->pool, "DATA fragment, %u byte%s", record->length,
                                                 plurality(record->length, "", "s")));
    if (view->tree) {
        item = smtpx_item_octets(unit, hf_smtpx_message, (smtp_span){0, record->length});
        proto_item_append_text(item, " data, %u octet%s", record->length, plurality(record->length, "", "s"));
        at = smtpx_cursor_below(unit, item, ett_smtpx_message);
        smtpx_generated_uint(&at, hf_smtpx_message_chunk_octets, record->length);
        if (message && smtpx_message_is_complete(message))
            smtpx_generated_uint(&at, hf_smtpx_message_reassembled_in, transaction->last_frame);
        if (holds_end(view, record))
            smtpx_view_command_pair(&at, transaction->end);
        else
            smtpx_view_transaction(&at, transaction);
    }
    smtpx_view_remarks(view, unit, item, record, NULL);
}

void smtpx_view_message_end(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    smtpx_cursor legacy = smtpx_view_legacy_at(view, unit);
    proto_item *item = smtpx_item_octets(unit, hf_smtpx_end_of_data, (smtp_span){0, record->length});
    smtpx_cursor at = smtpx_cursor_below(unit, item, ett_smtpx_message);

    smtpx_view_info(view, ".");
    smtpx_legacy_end_of_data(&legacy);
    smtpx_view_command_pair(&at, smtpx_record_exchange(record));
    smtpx_view_remarks(view, unit, item, record, NULL);
}

/* A message that is not all there, or not wanted. */
static void view_incomplete(const smtpx_cursor *unit, const smtp_transaction *transaction)
{
    smtpx_cursor at = *unit;
    proto_item *item;

    at.tree = proto_tree_add_subtree_format(unit->tree, unit->tvb, (int)unit->offset, 0, ett_smtpx_message, &item,
                                            "Message, %" PRIu64 " octets, not reassembled", transaction->octets);
    proto_item_set_generated(item);
    if (transaction->missing)
        smtpx_generated_uint64(&at, hf_smtpx_message_gap, transaction->missing);
}

static void view_complete(const smtpx_view *view, tvbuff_t *tvb, const smtp_transaction *transaction)
{
    uint32_t octets = tvb_captured_length(tvb);
    smtpx_cursor at = message_at(view, tvb);
    proto_item *item;

    if (!view->tree)
        return;
    item = smtpx_item_octets(&at, hf_smtpx_message, (smtp_span){0, octets});
    proto_item_append_text(item, ", %u octet%s", octets, plurality(octets, "", "s"));
    at = smtpx_cursor_below(&at, item, ett_smtpx_message);
    smtpx_generated_uint64(&at, hf_smtpx_message_octets, octets);
    if (!transaction->chunked)
        smtpx_generated_uint(&at, hf_smtpx_message_stuffed_lines, transaction->stuffed_lines);
    smtpx_legacy_message(&at, octets, view->pinfo->num);
}

void smtpx_view_message(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    tvbuff_t *tvb = NULL;

    DISSECTOR_ASSERT(transaction);
    if (!transaction->start_missing && !transaction->elsewhere && transaction->missing == 0)
        tvb = smtpx_message_of(transaction) ? kept_message(view, transaction) : message_in_hand(view, at, record);
    if (!tvb) {
        view_incomplete(at, transaction);
        return;
    }
    view_complete(view, tvb, transaction);
    call_imf(view, tvb);
}

/* ---- Registration ---- */

void smtpx_view_message_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_message, {"Message", "smtpx.message", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_message_octets,
         {"Octets", "smtpx.message.octets", FT_UINT64, BASE_DEC, NULL, 0, "Of the message, dots unstuffed", HFILL}},
        {&hf_smtpx_message_chunk_octets,
         {"Octets in this unit", "smtpx.message.chunk_octets", FT_UINT32, BASE_DEC, NULL, 0, "As sent", HFILL}},
        {&hf_smtpx_message_stuffed_lines,
         {"Stuffed lines", "smtpx.message.stuffed_lines", FT_UINT32, BASE_DEC, NULL, 0,
          "Lines that were sent with an additional dot", HFILL}},
        {&hf_smtpx_message_gap,
         {"Missing octets", "smtpx.message.gap", FT_UINT64, BASE_DEC, NULL, 0, "Not in the capture", HFILL}},
        {&hf_smtpx_end_of_data, {"End of data", "smtpx.end_of_data", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
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
    static int *ett[] = {&ett_smtpx_message, &ett_smtpx_message_fragments};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

void smtpx_view_message_handoff(int proto)
{
    imf_handle = find_dissector_add_dependency("imf", proto);
}
