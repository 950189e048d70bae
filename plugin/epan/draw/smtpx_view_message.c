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
#include "plugin/epan/draw/smtpx_view_transaction.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/epan/learn/smtpx_words.h"
#include "plugin/smtp/smtp_suspicion.h"
#include "plugin/smtp/syntax/smtp_body.h"
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

static dissector_handle_t imf_handle;
static int export_tap;

smtpx_bool smtpx_message_export_unfinished = false;

/* ---- The message ---- */

/* What there is of a message. */
typedef struct shown_message {
    const smtp_transaction *transaction;
    tvbuff_t *tvb; /* up to the first octet that is missing, dots unstuffed; NULL: nothing */
    bool complete; /* that is all of it */
} shown_message;

static bool is_stuffed(const smtp_transaction *transaction)
{
    return !transaction->chunked && transaction->stuffed_lines > 0;
}

static tvbuff_t *message_source(const smtpx_view *view, const uint8_t *octets, uint32_t length)
{
    tvbuff_t *tvb = tvb_new_child_real_data(view->tvb, octets, length, smtpx_size(length));

    add_new_data_source(view->pinfo, tvb, "Message");
    return tvb;
}

/* What the client's program sent, before dots were stuffed. */
static tvbuff_t *unstuffed(const smtpx_view *view, const uint8_t *raw, uint32_t length,
                           const smtp_transaction *transaction)
{
    uint8_t *octets = wmem_alloc(view->pinfo->pool, length);

    return message_source(view, octets, smtp_body_unstuff(raw, length, transaction->lf_ends_line, octets));
}

/* A message that was put together, or the start of one; NULL when there is none. */
static tvbuff_t *kept_message(const smtpx_view *view, const smtp_transaction *transaction)
{
    const smtpx_message *message = smtpx_message_of(transaction);
    const uint8_t *octets = smtpx_message_octets(message);
    uint32_t length = smtpx_message_length(message);

    if (!octets || (length == 0 && !smtpx_message_is_complete(message)))
        return NULL;
    if (!smtpx_message_has_ended(message) && is_stuffed(transaction))
        return unstuffed(view, octets, length, transaction);
    return message_source(view, octets, length);
}

/* A message that stands in one piece before the end of a unit; NULL when none does. */
static tvbuff_t *message_in_hand(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    bool is_part = record->role == SMTP_ROLE_MESSAGE;
    uint32_t end = is_part ? at->offset + record->length : at->offset;
    uint32_t octets = is_part ? record->length : (uint32_t)transaction->octets;

    if (transaction->parts > 1 || transaction->start_missing || transaction->elsewhere || octets > end ||
        (is_part ? record->of.message_offset : transaction->missing) > 0)
        return NULL;
    if (is_stuffed(transaction))
        return unstuffed(view, view->octets + end - octets, octets, transaction);
    return tvb_new_subset_length(view->tvb, smtpx_size(end - octets), smtpx_size(octets));
}

static shown_message find_message(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    shown_message shown = {.transaction = smtpx_record_transaction(record)};
    const smtpx_message *message;

    DISSECTOR_ASSERT(shown.transaction);
    message = smtpx_message_of(shown.transaction);
    shown.complete = record->ends_message && (!message || smtpx_message_is_complete(message));
    if (message)
        shown.tvb = kept_message(view, shown.transaction);
    if (!shown.tvb && !(message && smtpx_message_has_ended(message)))
        shown.tvb = message_in_hand(view, at, record);
    return shown;
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

/* IMF writes its own name behind ours. Its Info, and that of who reads parts of the message, is not
 * what the frame says. */
static void begin_imf_columns(const smtpx_view *view)
{
    column_info *cinfo = view->pinfo->cinfo;

    col_set_writable(cinfo, COL_INFO, false);
    /* TCP and TLS close the column behind the first of several units of a frame. */
    col_set_writable(cinfo, COL_PROTOCOL, !smtpx_view_imf_is_named(view));
}

static void end_imf_columns(const smtpx_view *view, bool protocol_writable)
{
    column_info *cinfo = view->pinfo->cinfo;

    col_set_writable(cinfo, COL_PROTOCOL, protocol_writable);
    col_set_fence(cinfo, COL_PROTOCOL);
    col_set_writable(cinfo, COL_INFO, view->info);
}

/* Shall nobody get this for export?  IMF tells its tap of whatever it is given, and those
 * that export leave out what is quoted in an error message. */
static bool is_kept_from_export(const shown_message *shown)
{
    return !shown->complete && !smtpx_message_export_unfinished && have_tap_listener(find_tap_id("imf_eo"));
}

static void call_imf(smtpx_view *view, const shown_message *shown)
{
    packet_info *pinfo = view->pinfo;
    bool writable = col_get_writable(pinfo->cinfo, COL_PROTOCOL);
    bool has_columns = smtpx_view_has_columns(view);
    bool in_error = pinfo->flags.in_error_pkt, fragmented = pinfo->fragmented;

    if (has_columns)
        begin_imf_columns(view);
    /* What is not there is not malformed. */
    pinfo->fragmented = fragmented || !shown->complete;
    pinfo->flags.in_error_pkt = in_error || is_kept_from_export(shown);
    if (!smtpx_call(view, imf_handle, shown->tvb, view->root) && !pinfo->flags.in_error_pkt)
        export_message(view, shown->tvb);
    pinfo->flags.in_error_pkt = in_error;
    pinfo->fragmented = fragmented;
    if (has_columns)
        end_imf_columns(view, writable);
}

/* ---- Export of our own ---- */

static void tell_message(const smtpx_view *view, const shown_message *shown)
{
    static const uint8_t nothing[1];
    smtpx_exported *told;

    if (!have_tap_listener(export_tap) || (!shown->complete && !smtpx_message_export_unfinished))
        return;
    told = wmem_new0(view->pinfo->pool, smtpx_exported);
    told->session = view->session;
    told->facts = smtpx_session_facts_at(view->session, view->layer, view->pinfo, view->position);
    told->transaction = shown->transaction;
    told->layer = view->layer;
    told->length = tvb_captured_length(shown->tvb);
    told->octets = told->length > 0 ? tvb_memdup(view->pinfo->pool, shown->tvb, 0, told->length) : nothing;
    tap_queue_packet(export_tap, view->pinfo, told);
}

/* ---- Info ---- */

/* ", from a@b", as far as the envelope is known. */
static const char *tell_sender(const smtpx_view *view, const smtp_transaction *transaction)
{
    const smtp_exchange *sender = smtp_transaction_sender(transaction);
    const smtp_name *name = sender ? sender->of.address : NULL;

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
static void describe(smtpx_view *view, const shown_message *shown)
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
    uint64_t from = MAX(start, lookalike->dot), to = MIN(end, verb_end);

    if (lookalike->length > 0 && from < to)
        smtp_remark_add(places, kind, (smtp_span){(uint32_t)(from - start), (uint32_t)(to - from)});
}

/* Where the remarks on its octets stand. What was decided by the first octet in hand stands there,
 * though it may be about the one before. */
static void find_places(const smtpx_record *record, smtp_remark_list *places)
{
    const smtp_octets_found *found = smtpx_record_transaction(record)->found;
    const smtp_suspicion *suspicion = smtpx_record_transaction(record)->suspicion;

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

    find_places(record, &places);
    if (view->info)
        smtpx_view_info(view, wmem_strdup_printf(view->pinfo->pool, "DATA fragment, %u byte%s", record->length,
                                                 plurality(record->length, "", "s")));
    view->data_is_untold = true;
    if (!is_opened_here(view, transaction))
        smtpx_view_title(view, "message data");
    if (view->tree) {
        item = view_part_row(view, unit, record);
        at = smtpx_cursor_below(unit, item, ett_smtpx_message);
        if (is_opened_later(view, transaction)) {
            smtpx_generated_uint(&at, hf_smtpx_message_reassembled_in, transaction->last_frame);
            smtpx_legacy_message_part(&legacy, transaction->last_frame);
        }
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
    if (transaction->missing)
        smtpx_generated_uint64(&at, hf_smtpx_message_gap, transaction->missing);
}

/* A large message has many: a row for each would freeze the window. */
static void view_parts(const smtpx_cursor *at, const smtpx_message *message)
{
    uint32_t rows = MIN(smtpx_message_parts(message), SMTPX_MESSAGE_MOST_PARTS);

    if (!smtpx_item_is_wanted(at, hf_smtpx_message_fragment))
        return;
    for (uint32_t i = 0; i < rows; i++) {
        smtpx_message_part part = smtpx_message_part_at(message, i);
        uint32_t left = smtpx_message_raw_length(message) - part.offset;
        proto_item *item = smtpx_generated_uint(at, hf_smtpx_message_fragment, part.frame);
        /* Of the last one octets may belong to the end of data. */
        proto_item_append_text(item, ", %u octets from %u on", MIN(part.length, left), part.offset);
    }
}

static void view_fragments(const smtpx_cursor *unit, const smtpx_message *message)
{
    uint32_t parts = smtpx_message_parts(message), length = smtpx_message_raw_length(message);
    proto_item *item = smtpx_item_octets(unit, hf_smtpx_message_fragments, (smtp_span){0, 0});
    smtpx_cursor at = smtpx_cursor_below(unit, item, ett_smtpx_message_fragments);
    smtpx_cursor hidden = smtpx_cursor_hidden(&at);

    proto_item_append_text(item, " (%u), %u octets", parts, length);
    if (parts > SMTPX_MESSAGE_MOST_PARTS)
        proto_item_append_text(item, "; the first %u", SMTPX_MESSAGE_MOST_PARTS);
    proto_item_set_generated(item);
    view_parts(&at, message);
    smtpx_generated_uint(&hidden, hf_smtpx_message_fragment_count, parts);
    smtpx_generated_uint(&hidden, hf_smtpx_message_reassembled_length, length);
}

/* How much of it is there, and why IMF shows less than that. */
static void view_unfinished(const smtpx_cursor *at, const shown_message *shown)
{
    smtpx_generated_uint64(at, hf_smtpx_message_unfinished, tvb_captured_length(shown->tvb));
    if (shown->transaction->missing)
        smtpx_generated_uint64(at, hf_smtpx_message_gap, shown->transaction->missing);
    if (shown->transaction->header_lf)
        smtpx_generated_string(at, hf_smtpx_message_no_header, "Header lines end with a bare LF, not with CRLF");
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
static proto_item *view_whole(const smtpx_view *view, const smtpx_cursor *whole, const shown_message *shown)
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
    if (message && smtpx_message_parts(message) > 1)
        proto_item_append_text(item, " in frames %u to %u", smtpx_message_part_at(message, 0).frame, view->pinfo->num);
    return item;
}

/* The message's octets; what is known of them stands in the frame. */
static void view_opened(const smtpx_view *view, const smtpx_cursor *unit, const shown_message *shown)
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
    shown_message shown = find_message(view, at, record);

    if (shown.tvb || record->ends_message)
        describe(view, &shown);
    if (!shown.tvb) {
        if (record->ends_message)
            view_unopened(view, at, shown.transaction);
        return;
    }
    if (view->tree)
        view_opened(view, at, &shown);
    tell_message(view, &shown);
    call_imf(view, &shown);
}

/* ---- Registration ---- */

void smtpx_view_message_register(int proto)
{
    static hf_register_info hf[] = {
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
    static int *ett[] = {&ett_smtpx_message, &ett_smtpx_message_fragments};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

void smtpx_view_message_handoff(int proto)
{
    imf_handle = find_dissector_add_dependency("imf", proto);
    export_tap = find_tap_id("smtpx_eo");
}
