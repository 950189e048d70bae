/* smtpx_handover.c
 * The octets of messages, for IMF and for what exports them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_handover.h"

#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_call.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/smtp/syntax/smtp_body.h"

static dissector_handle_t imf_handle;
static int export_tap;

smtpx_bool smtpx_message_export_unfinished = false;

/* ---- The octets ---- */

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

/* Where the message ends, of whose last unit this is the record. */
static uint32_t end_of(const smtpx_cursor *at, const smtpx_record *record)
{
    return record->role == SMTP_ROLE_MESSAGE ? at->offset + record->length : at->offset;
}

/* What is kept of a message, and its tail, which stands before an offset; NULL when it does not. */
static tvbuff_t *with_tail(const smtpx_view *view, const smtpx_message *message, uint32_t end)
{
    uint32_t kept = smtpx_message_length(message), tail = smtpx_message_tail(message);
    uint8_t *octets;

    if (tail > end)
        return NULL;
    octets = wmem_alloc(view->pinfo->pool, kept + tail);
    memcpy(octets, smtpx_message_octets(message), kept);
    memcpy(octets + kept, view->octets + end - tail, tail);
    return message_source(view, octets, kept + tail);
}

/* A message that was put together, or the start of one; NULL when there is none. */
static tvbuff_t *kept_message(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    const smtpx_message *message = smtpx_message_of(transaction);
    const uint8_t *octets = smtpx_message_octets(message);
    uint32_t length = smtpx_message_length(message);

    if (!octets || (length == 0 && !smtpx_message_is_complete(message)))
        return NULL;
    if (smtpx_message_tail(message) > 0)
        return with_tail(view, message, end_of(at, record));
    if (!smtpx_message_has_ended(message) && is_stuffed(transaction))
        return unstuffed(view, octets, length, transaction);
    return message_source(view, octets, length);
}

/* A message that stands in one piece before the end of a unit; NULL when none does. */
static tvbuff_t *message_in_hand(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_transaction *transaction = smtpx_record_transaction(record);
    bool is_part = record->role == SMTP_ROLE_MESSAGE;
    uint32_t end = end_of(at, record);
    uint32_t octets = is_part ? record->length : (uint32_t)transaction->octets;

    if (transaction->parts > 1 || transaction->start_missing || transaction->elsewhere || octets > end ||
        (is_part ? record->of.message_offset : smtp_rare_of(transaction)->missing) > 0)
        return NULL;
    if (is_stuffed(transaction))
        return unstuffed(view, view->octets + end - octets, octets, transaction);
    return tvb_new_subset_length(view->tvb, smtpx_size(end - octets), smtpx_size(octets));
}

smtpx_shown_message smtpx_handover_find(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    smtpx_shown_message shown = {.transaction = smtpx_record_transaction(record)};
    const smtpx_message *message;

    DISSECTOR_ASSERT(shown.transaction);
    message = smtpx_message_of(shown.transaction);
    shown.complete = record->ends_message && (!message || smtpx_message_is_complete(message));
    if (message)
        shown.tvb = kept_message(view, at, record);
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
static bool is_kept_from_export(const smtpx_shown_message *shown)
{
    return !shown->complete && !smtpx_message_export_unfinished && have_tap_listener(find_tap_id("imf_eo"));
}

static void call_imf(smtpx_view *view, const smtpx_shown_message *shown)
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

static void tell_message(const smtpx_view *view, const smtpx_shown_message *shown)
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

/* ---- Both ---- */

void smtpx_handover(smtpx_view *view, const smtpx_shown_message *shown)
{
    tell_message(view, shown);
    call_imf(view, shown);
}

void smtpx_handover_handoff(int proto)
{
    imf_handle = find_dissector_add_dependency("imf", proto);
    export_tap = find_tap_id("smtpx_eo");
}
