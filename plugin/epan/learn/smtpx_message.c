/* smtpx_message.c
 * Messages: putting them together, dot-unstuffing, and the hand-over to IMF.
 *
 * The octets of a message are appended to one buffer as they are learned, and
 * unstuffed there when the last one is: a scan and a copy each.  Wireshark's
 * reassembly tables would keep the order of parts that can come in any order;
 * these cannot, and the tables' time grows with the square of their number
 * (4.0: 37 s for 400 KB in segments of 7 octets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_message.h"

#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"

smtpx_bool smtpx_message_reassemble = true;
unsigned smtpx_message_max_octets = 256 * 1024 * 1024;

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

/* One part of a message, up to the next one. */
typedef struct part {
    uint32_t frame;
    uint32_t offset;
} part;

/* A message that is being put together, or was: smtp_transaction.host. */
typedef struct message {
    uint8_t *octets; /* raw until it is complete, then unstuffed; NULL when given up; glib's, see begin_message() */
    uint32_t length;
    uint32_t room;
    part *parts;
    uint32_t parts_used;
    uint32_t parts_room;
    bool too_large;
    bool complete;
} message;

/* ---- Putting together, on the first pass ---- */

static bool is_wanted(const smtp_transaction *transaction)
{
    return smtpx_message_reassemble && !transaction->unknown_start && !transaction->elsewhere && transaction->gap == 0;
}

/* How many elements there shall be room for when so many are wanted. */
static uint32_t grown(uint32_t room, uint32_t wanted)
{
    return room > UINT32_MAX / 2 ? UINT32_MAX : MAX(wanted, room * 2);
}

static smtpx_bool free_octets(wmem_allocator_t *allocator _U_, wmem_cb_event_t event _U_, void *data)
{
    g_free(((message *)data)->octets);
    return false;
}

/* Its octets are not wmem's, whose blocks keep what a growing buffer has left. */
static message *begin_message(void)
{
    message *kept = wmem_new0(wmem_file_scope(), message);

    wmem_register_callback(wmem_file_scope(), free_octets, kept);
    return kept;
}

static void add_octets(message *kept, const uint8_t *octets, uint32_t length)
{
    if (kept->room - kept->length < length) {
        kept->room = grown(kept->room, kept->length + length);
        kept->octets = g_realloc(kept->octets, kept->room);
    }
    memcpy(kept->octets + kept->length, octets, length);
    kept->length += length;
}

static void add_part(message *kept, uint32_t frame, uint32_t offset)
{
    if (kept->parts_used == kept->parts_room) {
        kept->parts_room = grown(kept->parts_room, 2);
        kept->parts = wmem_realloc(wmem_file_scope(), kept->parts, kept->parts_room * sizeof(part));
    }
    kept->parts[kept->parts_used++] = (part){frame, offset};
}

/* A tvbuff holds no more than INT_MAX octets. */
static uint64_t most_octets(void)
{
    return MIN(smtpx_message_max_octets, (unsigned)INT32_MAX);
}

static void give_up(message *kept, bool too_large)
{
    g_free(kept->octets);
    kept->octets = NULL;
    kept->room = kept->length = 0;
    kept->too_large = too_large;
}

static void append(const smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    smtp_transaction *transaction = record->context;
    message *kept = transaction->host;

    if (!kept)
        kept = transaction->host = begin_message();
    if (kept->too_large)
        return;
    if (transaction->octets > most_octets() || !is_wanted(transaction) || record->message_offset != kept->length) {
        give_up(kept, transaction->octets > most_octets());
        return;
    }
    add_octets(kept, view->octets + offset, record->length);
    add_part(kept, view->pinfo->num, record->message_offset);
}

void smtpx_message_append_collected(smtpx_collector *collector, const smtpx_view *view)
{
    append(view, collector->offset, collector->record);
    collector->record = NULL;
}

/* The last octet is there: takes off what belongs to the end of data, and the stuffed dots. */
static void complete(const smtp_transaction *transaction)
{
    message *kept = transaction->host;
    uint32_t length = (uint32_t)transaction->octets;

    if (!kept || !kept->octets)
        return;
    if (kept->length < length || !is_wanted(transaction)) {
        give_up(kept, false);
        return;
    }
    if (!transaction->chunked && transaction->stuffed_lines > 0)
        length = smtp_body_unstuff(kept->octets, length, transaction->lf_ends_line, kept->octets);
    kept->length = length;
    kept->octets = g_realloc(kept->octets, MAX(length, 1));
    kept->complete = true;
}

void smtpx_message_collect(smtpx_collector *collector, const smtpx_view *view, uint32_t offset,
                           const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    bool is_message = record->role == SMTP_ROLE_MESSAGE;

    if (is_message || !record->ends_message)
        smtpx_message_append(collector, view);
    if (is_message)
        *collector = (smtpx_collector){record, offset};
    if (!record->ends_message)
        return;
    /* All of it is in hand in one piece: it need not be kept. */
    if (transaction->parts <= 1 && (collector->record || transaction->parts == 0)) {
        collector->record = NULL;
        return;
    }
    smtpx_message_append(collector, view);
    complete(transaction);
}

/* ---- The message ---- */

/* A large message has many, so nobody's are not even counted. */
static void view_parts(proto_tree *tree, tvbuff_t *tvb, const smtp_transaction *transaction, const message *kept)
{
    if (!smtpx_item_is_wanted(tree, hf_smtpx_message_fragment))
        return;
    for (uint32_t i = 0; i < kept->parts_used; i++) {
        uint32_t end = i + 1 < kept->parts_used ? kept->parts[i + 1].offset : (uint32_t)transaction->octets;
        proto_item *item = smtpx_generated_uint(tree, hf_smtpx_message_fragment, tvb, kept->parts[i].frame);
        proto_item_append_text(item, ", %u octets from %u on", end - kept->parts[i].offset, kept->parts[i].offset);
    }
}

static void view_fragments(smtpx_view *view, tvbuff_t *tvb, const smtp_transaction *transaction, const message *kept)
{
    proto_item *item;
    proto_tree *tree;

    if (!view->tree)
        return;
    item = smtpx_item_octets(view->tree, hf_smtpx_message_fragments, tvb, 0, kept->length);
    proto_item_append_text(item, " (%u), %" PRIu64 " octets", kept->parts_used, transaction->octets);
    proto_item_set_generated(item);
    tree = smtpx_item_subtree(view->tree, item, ett_smtpx_message_fragments);
    view_parts(tree, tvb, transaction, kept);
    smtpx_generated_uint(tree, hf_smtpx_message_fragment_count, tvb, kept->parts_used);
    smtpx_generated_uint(tree, hf_smtpx_message_reassembled_length, tvb, (uint32_t)transaction->octets);
}

/* A message that was put together. */
static tvbuff_t *kept_message(smtpx_view *view, const smtp_transaction *transaction)
{
    const message *kept = transaction->host;
    tvbuff_t *tvb;

    if (!kept->complete)
        return NULL;
    tvb = tvb_new_child_real_data(view->tvb, kept->octets, kept->length, (int)kept->length);
    add_new_data_source(view->pinfo, tvb, "Message");
    view_fragments(view, tvb, transaction, kept);
    return tvb;
}

/* What the client's program sent, before dots were stuffed. */
static tvbuff_t *unstuffed(smtpx_view *view, tvbuff_t *raw, const smtp_transaction *transaction)
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

/* A message that stands in one piece before the end of the unit at an offset. */
static tvbuff_t *message_in_hand(smtpx_view *view, uint32_t offset, const smtpx_record *record,
                                 const smtp_transaction *transaction)
{
    uint32_t end = record->role == SMTP_ROLE_MESSAGE ? offset + record->length : offset;
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
static void begin_imf_columns(smtpx_view *view)
{
    column_info *cinfo = view->pinfo->cinfo;

    if (!view->info)
        return;
    col_append_str(cinfo, COL_INFO, " | ");
    col_set_fence(cinfo, COL_INFO);
    /* TCP and TLS close the column behind the first of several units of a frame. */
    col_set_writable(cinfo, COL_PROTOCOL, !smtpx_view_imf_is_named(view));
}

static void end_imf_columns(smtpx_view *view, bool protocol_writable)
{
    column_info *cinfo = view->pinfo->cinfo;

    if (!view->info)
        return;
    col_set_writable(cinfo, COL_PROTOCOL, protocol_writable);
    col_set_fence(cinfo, COL_PROTOCOL);
    col_set_fence(cinfo, COL_INFO);
}

static void call_imf(smtpx_view *view, tvbuff_t *tvb)
{
    bool writable = col_get_writable(view->pinfo->cinfo, COL_PROTOCOL);

    begin_imf_columns(view);
    if (!smtpx_view_call(view, imf_handle, tvb, view->root))
        export_message(view, tvb);
    end_imf_columns(view, writable);
}

/* ---- Drawing ---- */

void smtpx_message_view_chunk(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    proto_item *item;
    proto_tree *tree;

    if (view->info)
        smtpx_view_info(view, wmem_strdup_printf(view->pinfo->pool, "DATA fragment, %u byte%s", record->length,
                                                 plurality(record->length, "", "s")));
    if (!view->tree)
        return;
    item = smtpx_item_octets(view->tree, hf_smtpx_message, view->tvb, offset, record->length);
    proto_item_append_text(item, " data, %u octet%s", record->length, plurality(record->length, "", "s"));
    tree = smtpx_item_subtree(view->tree, item, ett_smtpx_message);
    smtpx_generated_uint(tree, hf_smtpx_message_chunk_octets, view->tvb, record->length);
    if (transaction->host && ((const message *)transaction->host)->complete)
        smtpx_generated_uint(tree, hf_smtpx_message_reassembled_in, view->tvb, transaction->last_frame);
    /* What the server took for the end of the message is part of these octets. */
    if (transaction->end && transaction->end->command_frame == view->pinfo->num &&
        record->message_offset + record->length > transaction->octets)
        smtpx_view_pair(view, tree, transaction->end, false);
    else
        smtpx_view_transaction(view, tree, transaction);
    smtpx_view_notes(view, item, record->notes);
}

void smtpx_message_view_end(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    proto_item *item = smtpx_item_octets(view->tree, hf_smtpx_end_of_data, view->tvb, offset, record->length);
    proto_tree *tree = smtpx_item_subtree(view->tree, item, ett_smtpx_message);

    smtpx_view_info(view, ".");
    smtpx_legacy_end_of_data(view->legacy, view->tvb, offset);
    smtpx_view_pair(view, tree, smtpx_record_exchange(record), false);
    smtpx_view_notes(view, item, record->notes);
}

/* A message that is not all there, or not wanted. */
static void view_incomplete(smtpx_view *view, const smtp_transaction *transaction)
{
    const message *kept = transaction->host;
    proto_tree *tree;
    proto_item *item;
    uint32_t notes = 0;

    if (transaction->gap)
        notes = SMTP_REMARK_MESSAGE_GAP;
    else if (kept && kept->too_large)
        notes = SMTP_REMARK_MESSAGE_SIZE;
    else if (transaction->elsewhere)
        notes = SMTP_REMARK_MESSAGE_ELSEWHERE;
    tree = proto_tree_add_subtree_format(view->tree, view->tvb, 0, 0, ett_smtpx_message, &item,
                                         "Message, %" PRIu64 " octets, not reassembled", transaction->octets);
    proto_item_set_generated(item);
    if (transaction->gap)
        smtpx_generated_uint64(tree, hf_smtpx_message_gap, view->tvb, transaction->gap);
    smtpx_view_notes(view, item, notes);
}

static void view_complete(smtpx_view *view, tvbuff_t *tvb, const smtp_transaction *transaction)
{
    uint32_t octets = tvb_captured_length(tvb);
    proto_item *item;
    proto_tree *tree;

    if (!view->tree)
        return;
    item = smtpx_item_octets(view->tree, hf_smtpx_message, tvb, 0, octets);
    proto_item_append_text(item, ", %u octet%s", octets, plurality(octets, "", "s"));
    tree = smtpx_item_subtree(view->tree, item, ett_smtpx_message);
    smtpx_generated_uint64(tree, hf_smtpx_message_octets, tvb, octets);
    if (!transaction->chunked)
        smtpx_generated_uint(tree, hf_smtpx_message_stuffed_lines, tvb, transaction->stuffed_lines);
    smtpx_legacy_message(tree, tvb, octets, view->pinfo->num);
}

void smtpx_message_view(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    tvbuff_t *tvb = NULL;

    if (!transaction->unknown_start && !transaction->elsewhere && transaction->gap == 0)
        tvb = transaction->host ? kept_message(view, transaction) : message_in_hand(view, offset, record, transaction);
    if (!tvb) {
        view_incomplete(view, transaction);
        return;
    }
    view_complete(view, tvb, transaction);
    call_imf(view, tvb);
}

/* ---- Registration ---- */

void smtpx_message_register(int proto)
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

void smtpx_message_handoff(int proto)
{
    imf_handle = find_dissector_add_dependency("imf", proto);
}
