/* smtpx_view_transaction.c
 * Transactions: a row on each unit of one, and what became of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_transaction.h"

#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/learn/smtpx_hops.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/epan/learn/smtpx_words.h"
#include "plugin/smtp/session/smtp_result.h"
#include "plugin/smtp/smtp_suspicion.h"
#include "plugin/smtp/syntax/smtp_apart.h"
#include "plugin/smtp/syntax/smtp_queue_id.h"

static int hf_smtpx_transaction = -1;
static int hf_smtpx_transaction_sender = -1;
static int hf_smtpx_transaction_recipient = -1;
static int hf_smtpx_transaction_refused = -1;
static int hf_smtpx_transaction_refused_code = -1;
static int hf_smtpx_transaction_refused_enhanced = -1;
static int hf_smtpx_transaction_refused_in = -1;
static int hf_smtpx_transaction_accepted_count = -1;
static int hf_smtpx_transaction_refused_count = -1;
static int hf_smtpx_transaction_octets = -1;
static int hf_smtpx_transaction_queue_id = -1;
static int hf_smtpx_transaction_status = -1;
static int hf_smtpx_transaction_reason = -1;
static int hf_smtpx_transaction_reason_in = -1;
static int hf_smtpx_transaction_begins_in = -1;
static int hf_smtpx_transaction_message_in = -1;
static int hf_smtpx_transaction_ends_in = -1;
static int hf_smtpx_transaction_subject = -1;
static int hf_smtpx_transaction_message_id = -1;
static int hf_smtpx_transaction_duration = -1;
static int hf_smtpx_transaction_server_time = -1;
static int hf_smtpx_transaction_client_time = -1;
static int hf_smtpx_transaction_transfer_time = -1;
static int hf_smtpx_transaction_previous_hop = -1;
static int hf_smtpx_transaction_next_hop = -1;
static int hf_smtpx_message_sender = -1;
static int hf_smtpx_message_recipient = -1;
static int ett_smtpx_transaction = -1;

static hf_register_info fields[] = {
    {&hf_smtpx_transaction,
     {"Mail", "smtpx.transaction", FT_UINT32, BASE_DEC, NULL, 0, "Ordinal of the mail transaction in the session",
      HFILL}},
    {&hf_smtpx_transaction_sender,
     {"Mail sender", "smtpx.transaction.sender", FT_STRING, BASE_NONE, NULL, 0, "Empty for <>", HFILL}},
    {&hf_smtpx_transaction_recipient,
     {"Mail recipient", "smtpx.transaction.recipient", FT_STRING, BASE_NONE, NULL, 0, "One that was accepted", HFILL}},
    {&hf_smtpx_transaction_refused,
     {"Refused recipient", "smtpx.transaction.refused", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_transaction_refused_code,
     {"Refused with code", "smtpx.transaction.refused.code", FT_UINT16, BASE_DEC, NULL, 0,
      "Of the reply that refused a recipient", HFILL}},
    {&hf_smtpx_transaction_refused_enhanced,
     {"Refused with enhanced code", "smtpx.transaction.refused.enhanced", FT_STRING, BASE_NONE, NULL, 0,
      "Of the reply that refused a recipient", HFILL}},
    {&hf_smtpx_transaction_refused_in,
     {"Recipient refused in", "smtpx.transaction.refused_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "The frame with the reply that refused a recipient, where that is another one", HFILL}},
    {&hf_smtpx_transaction_accepted_count,
     {"Accepted recipients", "smtpx.transaction.accepted_count", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_transaction_refused_count,
     {"Refused recipients", "smtpx.transaction.refused_count", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_transaction_octets,
     {"Message octets", "smtpx.transaction.octets", FT_UINT64, BASE_DEC, NULL, 0, "Dots unstuffed", HFILL}},
    {&hf_smtpx_transaction_queue_id,
     {"Queue id", "smtpx.transaction.queue_id", FT_STRING, BASE_NONE, NULL, 0, "What the server calls the message",
      HFILL}},
    {&hf_smtpx_transaction_status,
     {"Status", "smtpx.transaction.status", FT_STRING, BASE_NONE, NULL, 0, "accepted, refused, aborted or incomplete",
      HFILL}},
    {&hf_smtpx_transaction_reason,
     {"Reason", "smtpx.transaction.reason", FT_STRING, BASE_NONE, NULL, 0, "The reply that accepted or refused it",
      HFILL}},
    {&hf_smtpx_transaction_reason_in,
     {"Reason in", "smtpx.transaction.reason_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "The frame with that reply, where that is another one", HFILL}},
    {&hf_smtpx_transaction_begins_in,
     {"Begins in", "smtpx.transaction.begins_in", FT_FRAMENUM, BASE_NONE, NULL, 0, "The frame with MAIL", HFILL}},
    {&hf_smtpx_transaction_message_in,
     {"Message in", "smtpx.transaction.message_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "The frame in which the message ends", HFILL}},
    {&hf_smtpx_transaction_ends_in,
     {"Ends in", "smtpx.transaction.ends_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "The frame with the reply that decided: all of the transaction is told there", HFILL}},
    {&hf_smtpx_transaction_subject,
     {"Subject", "smtpx.transaction.subject", FT_STRING, BASE_NONE, NULL, 0,
      "Of the message; encoded words are decoded (RFC 2047)", HFILL}},
    {&hf_smtpx_transaction_message_id,
     {"Message-ID", "smtpx.transaction.message_id", FT_STRING, BASE_NONE, NULL, 0, "Of the message", HFILL}},
    {&hf_smtpx_transaction_duration,
     {"Mail duration", "smtpx.transaction.duration", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "From MAIL to the reply that decided", HFILL}},
    {&hf_smtpx_transaction_server_time,
     {"Server time", "smtpx.transaction.server_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "Of the duration, until the server's replies were there", HFILL}},
    {&hf_smtpx_transaction_client_time,
     {"Client time", "smtpx.transaction.client_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "Of the duration, until the client's commands were there, and the start of its message", HFILL}},
    {&hf_smtpx_transaction_transfer_time,
     {"Transfer time", "smtpx.transaction.transfer_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "Of the duration, from the first segment of the message to the last", HFILL}},
    {&hf_smtpx_transaction_previous_hop,
     {"Previous hop", "smtpx.transaction.previous_hop", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "Where the same mail ends in the session by which it came to this client", HFILL}},
    {&hf_smtpx_transaction_next_hop,
     {"Next hop", "smtpx.transaction.next_hop", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "Where the same mail ends in a session by which this server sent it on", HFILL}},
    {&hf_smtpx_message_sender,
     {"Envelope sender", "smtpx.message.sender", FT_STRING, BASE_NONE, NULL, 0, "Empty for <>", HFILL}},
    {&hf_smtpx_message_recipient,
     {"Envelope recipient", "smtpx.message.recipient", FT_STRING, BASE_NONE, NULL, 0,
      "One that was accepted before the message", HFILL}},
};

static const char *status_of(const smtp_transaction *transaction)
{
    return smtp_status_name(smtp_transaction_outcome(transaction));
}

bool smtpx_view_transaction_is_wanted(const smtpx_cursor *at)
{
    return smtpx_item_any_is_wanted(at, fields, array_length(fields));
}

/* ---- What is told where ---- */

/* Of a transaction that ended or was left. */
static bool is_over(const smtp_transaction *transaction)
{
    return smtp_transaction_outcome(transaction) != SMTP_STATUS_INCOMPLETE;
}

/* Does the record tell of a transaction that its exchange leads to? */
static bool tells_of(const smtpx_view *view, const smtpx_record *record, const smtp_exchange *exchange,
                     const smtp_transaction *transaction)
{
    if (!transaction || transaction->told_in != record || !is_over(transaction))
        return false;
    return PINFO_FD_VISITED(view->pinfo) || (record->ends_transaction && transaction->ended_by == exchange);
}

/* Is the record of the last that a server has read of a transaction in a message, and was that answered before anybody
 * knew? Then no record of the stream leads to it. */
static SMTP_APART bool is_last_reread(const smtpx_record *record, const smtp_transaction *transaction)
{
    const smtp_suspicion *within = smtp_rare_of(transaction)->within;
    uint32_t last = within ? within->unit_count : 0;
    const smtp_unit *unit;

    while (last > 0 && within->units[last - 1].unit.transaction != transaction)
        last--;
    if (last == 0)
        return false;
    unit = &within->units[last - 1].unit;
    return record->role == unit->role && record->length == unit->length &&
           record->context == smtpx_record_context(unit) &&
           (record->role != SMTP_ROLE_MESSAGE || record->of.message_offset == (uint32_t)unit->message_offset);
}

static bool is_last(const smtpx_record *record, const smtp_transaction *transaction)
{
    return transaction->last_unit ? transaction->last_unit == record : is_last_reread(record, transaction);
}

const smtp_transaction *smtpx_view_told(const smtpx_view *view, const smtpx_record *record)
{
    const smtp_exchange *exchange = record->role == SMTP_ROLE_REPLY ? smtpx_record_exchange(record) : NULL;
    const smtp_transaction *transaction = exchange ? smtp_exchange_ended(exchange) : NULL;

    if (tells_of(view, record, exchange, transaction))
        return transaction;
    transaction = PINFO_FD_VISITED(view->pinfo) ? smtpx_record_transaction(record) : NULL;
    if (!transaction || transaction->none || !is_last(record, transaction) ||
        (transaction->told_in && is_over(transaction)))
        return NULL;
    return transaction;
}

/* ---- Frames ---- */

/* A reference to another frame. */
static void view_frame(const smtpx_view *view, const smtpx_cursor *at, int field, uint32_t frame)
{
    if (frame > 0 && frame != view->pinfo->num)
        smtpx_generated_uint(at, field, frame);
}

static void hide_frame(const smtpx_view *view, const smtpx_cursor *at, int field, uint32_t frame)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(at);

    view_frame(view, &hidden, field, frame);
}

static uint32_t begins_in(const smtp_transaction *transaction)
{
    const smtp_exchange *sender = smtp_transaction_begun_by(transaction);

    return sender ? sender->command_frame : 0;
}

/* ---- The row of each unit ---- */

static const char *queue_id_of(const smtpx_view *view, const smtp_transaction *transaction)
{
    smtp_span id;
    const smtp_name *text = smtp_result_queue_id(transaction, &id);

    return text ? smtpx_text(view->pinfo->pool, text->octets + id.offset, id.length) : NULL;
}

/* " for 1 of 3 recipients" */
static const char *tell_recipients(wmem_allocator_t *pool, const smtp_transaction *transaction)
{
    uint32_t accepted = transaction->accepted, all = accepted + transaction->refused;

    if (transaction->status != SMTP_STATUS_ACCEPTED || transaction->partly_seen)
        return "";
    if (transaction->refused > 0)
        return wmem_strdup_printf(pool, " for %u of %u recipients", accepted, all);
    return wmem_strdup_printf(pool, " for %u recipient%s", accepted, plurality(accepted, "", "s"));
}

/* In a row of few words the recipients are counted where some were refused. */
static const char *short_status(wmem_allocator_t *pool, const smtp_transaction *transaction)
{
    const char *status = status_of(transaction);

    return transaction->refused > 0 ? wmem_strconcat(pool, status, tell_recipients(pool, transaction), NULL) : status;
}

/* Where it begins and ends, if that is in other frames: "Mail 2, begins in: 13, ends in: 21 (accepted, 4ABC1234)". That
 * one has no end is known when the capture was read. */
static void label_links(const smtpx_view *view, proto_item *item, const smtp_transaction *transaction, uint32_t ends)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    uint32_t number = view->pinfo->num, begins = begins_in(transaction);
    const char *start = "", *end = "", *id;

    if (begins > 0 && begins != number)
        start = wmem_strdup_printf(pool, ", begins in: %u", begins);
    if (ends > 0 && ends != number) {
        id = queue_id_of(view, transaction);
        end = wmem_strdup_printf(pool, ", ends in: %u (%s%s%s)", ends, short_status(pool, transaction), id ? ", " : "",
                                 id ? id : "");
    } else if (PINFO_FD_VISITED(view->pinfo) && !is_over(transaction) && !transaction->none) {
        end = wmem_strconcat(pool, ", ", status_of(transaction), NULL);
    }
    proto_item_set_text(item, "Mail %u%s%s", transaction->ordinal, start, end);
}

void smtpx_view_transaction(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction)
{
    uint32_t ends = is_over(transaction) ? smtp_result_ends_in(transaction) : 0;
    proto_item *item = smtpx_generated_uint(at, hf_smtpx_transaction, transaction->ordinal);
    smtpx_cursor below = smtpx_cursor_below(at, item, ett_smtpx_transaction);

    if (item && smtpx_item_is_shown(at))
        label_links(view, item, transaction, ends);
    hide_frame(view, &below, hf_smtpx_transaction_begins_in, begins_in(transaction));
    if (view->side == SMTP_CLIENT)
        view_frame(view, &below, hf_smtpx_transaction_ends_in, ends);
    else
        hide_frame(view, &below, hf_smtpx_transaction_ends_in, ends);
}

/* ---- Replies in words ---- */

/* Behind the row of a recipient: what answered it, and where. */
static void append_reply(const smtpx_view *view, proto_item *item, const smtp_exchange *exchange)
{
    const char *reply;

    if (!item || !exchange->code)
        return;
    reply = smtpx_view_label(view, smtpx_view_reply_text(view->pinfo->pool, exchange));
    if (exchange->reply_frame == view->pinfo->num)
        proto_item_append_text(item, " (%s)", reply);
    else
        proto_item_append_text(item, " (%s, frame %u)", reply, exchange->reply_frame);
}

/* ---- Who sent it to whom ---- */

/* An empty path, as of a bounce's sender, is told as it was sent. */
static proto_item *view_address(const smtpx_cursor *at, int field, const smtp_name *mailbox)
{
    proto_item *item = smtpx_generated_name(at, field, mailbox);

    if (mailbox && mailbox->length == 0)
        proto_item_append_text(item, "<>");
    return item;
}

static void view_refused(const smtpx_view *view, const smtpx_cursor *at, const smtp_exchange *recipient,
                         const smtp_exchange *refusal)
{
    proto_item *item = view_address(at, hf_smtpx_transaction_refused, smtp_exchange_name(recipient));
    smtpx_cursor below = smtpx_cursor_below(at, item, ett_smtpx_transaction);
    smtpx_cursor hidden = smtpx_cursor_hidden(&below);
    smtp_span enhanced = smtp_result_enhanced(refusal);

    if (smtpx_item_is_shown(at))
        append_reply(view, item, refusal);
    smtpx_generated_uint(&hidden, hf_smtpx_transaction_refused_code, refusal->code);
    if (enhanced.length > 0 && smtpx_item_is_wanted(&hidden, hf_smtpx_transaction_refused_enhanced))
        smtpx_generated_string(
            &hidden, hf_smtpx_transaction_refused_enhanced,
            smtpx_text(view->pinfo->pool, smtp_exchange_text(refusal)->octets + enhanced.offset, enhanced.length));
    view_frame(view, &hidden, hf_smtpx_transaction_refused_in, refusal->reply_frame);
}

static void view_recipient(const smtpx_view *view, const smtpx_cursor *at, const smtp_exchange *recipient)
{
    const smtp_exchange *refusal = smtp_recipient_refusal(recipient);
    proto_item *item;

    if (refusal) {
        view_refused(view, at, recipient, refusal);
        return;
    }
    item = smtpx_generated_name(at, hf_smtpx_transaction_recipient, smtp_exchange_name(recipient));
    if (smtpx_item_is_shown(at))
        append_reply(view, item, recipient);
}

static void view_sender(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction)
{
    const smtp_exchange *sender = smtp_transaction_sender(transaction);
    proto_item *item = NULL;

    if (sender)
        item = view_address(at, hf_smtpx_transaction_sender, smtp_exchange_name(sender));
    if (item && begins_in(transaction) > 0 && begins_in(transaction) != view->pinfo->num)
        proto_item_append_text(item, ", MAIL in: %u", begins_in(transaction));
    hide_frame(view, at, hf_smtpx_transaction_begins_in, begins_in(transaction));
}

static void view_recipients(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction)
{
    const smtp_exchange *unreported = smtp_result_unreported(transaction);
    bool is_known = true;

    for (const smtp_exchange *recipient = transaction->recipients; recipient; recipient = recipient->next) {
        is_known = is_known && recipient != unreported;
        if (is_known || !smtp_recipient_is_served(recipient))
            view_recipient(view, at, recipient);
    }
}

static void view_counts(const smtpx_cursor *at, const smtp_transaction *transaction)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(at);

    /* Where replies to RCPT are not in the capture, nobody knows how many were accepted. */
    if (transaction->partly_seen || !is_over(transaction))
        return;
    smtpx_generated_uint(&hidden, hf_smtpx_transaction_accepted_count, transaction->accepted);
    smtpx_generated_uint(&hidden, hf_smtpx_transaction_refused_count, transaction->refused);
}

/* As far as it is known there: what comes later does not change it. */
void smtpx_view_envelope(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction)
{
    const smtp_exchange *sender = smtp_transaction_begun_by(transaction);

    if (sender)
        view_address(at, hf_smtpx_message_sender, smtp_exchange_name(sender));
    for (const smtp_exchange *recipient = transaction->recipients; recipient; recipient = recipient->next) {
        if (smtp_code_is_completion(recipient->code) && recipient->reply_frame <= view->pinfo->num)
            smtpx_generated_name(at, hf_smtpx_message_recipient, smtp_exchange_name(recipient));
    }
}

/* ---- The message ---- */

static void view_value(const smtpx_cursor *at, int field, const smtpx_value *value)
{
    if (value->octets && smtpx_item_is_wanted(at, field))
        smtpx_generated_string(at, field, smtpx_words_text(PNODE_POOL(at->tree), value->octets, value->length));
}

void smtpx_view_header(const smtpx_cursor *at, const smtp_transaction *transaction)
{
    smtpx_header header;

    if (!smtpx_item_is_wanted(at, hf_smtpx_transaction_subject) &&
        !smtpx_item_is_wanted(at, hf_smtpx_transaction_message_id))
        return;
    header = smtpx_message_header(transaction);
    view_value(at, hf_smtpx_transaction_subject, &header.subject);
    view_value(at, hf_smtpx_transaction_message_id, &header.message_id);
}

void smtpx_view_queue_id(const smtpx_cursor *at, smtp_reply_lines lines)
{
    smtp_span id;

    if (!smtpx_item_is_wanted(at, hf_smtpx_transaction_queue_id))
        return;
    do {
        smtpx_cursor line = smtpx_cursor_behind(at, lines.offset);

        if (smtp_queue_id(line.octets, lines.parsed.text, lines.line.eol == SMTP_EOL_NONE, &id)) {
            proto_item_set_generated(smtpx_item_text(&line, hf_smtpx_transaction_queue_id, id));
            return;
        }
    } while (smtp_reply_lines_next(&lines));
}

/* ---- What became of it ---- */

static double seconds(int64_t nanoseconds)
{
    return (double)nanoseconds / 1e9;
}

/* How long it took, and whom it waited for. */
static void view_times(const smtpx_cursor *at, const smtp_transaction *transaction)
{
    int64_t duration = smtp_result_duration(transaction);
    const smtp_spent *spent = &transaction->spent;
    smtpx_cursor hidden = smtpx_cursor_hidden(at);
    proto_item *item;

    if (duration == SMTP_DURATION_UNKNOWN)
        return;
    item = smtpx_generated_time(at, hf_smtpx_transaction_duration, duration);
    if (item && smtpx_item_is_shown(at))
        proto_item_set_text(item, "Mail duration: %.3f s (server %.3f s, client %.3f s, transfer %.3f s)",
                            seconds(duration), seconds(spent->server), seconds(spent->client),
                            seconds(spent->transfer));
    smtpx_generated_time(&hidden, hf_smtpx_transaction_server_time, spent->server);
    smtpx_generated_time(&hidden, hf_smtpx_transaction_client_time, spent->client);
    smtpx_generated_time(&hidden, hf_smtpx_transaction_transfer_time, spent->transfer);
}

/* The reply at hand need not be told again. */
static void view_reason(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction)
{
    const smtp_exchange *answer = smtp_result_reason(transaction);
    smtpx_cursor reason = *at;

    if (!answer || !smtp_exchange_text(answer))
        return;
    reason.hidden = answer->reply_frame == view->pinfo->num;
    if (smtpx_item_is_wanted(&reason, hf_smtpx_transaction_reason))
        smtpx_generated_string(&reason, hf_smtpx_transaction_reason, smtpx_view_reply_text(view->pinfo->pool, answer));
    view_frame(view, at, hf_smtpx_transaction_reason_in, answer->reply_frame);
}

/* ---- Its way ---- */

static void view_hop(const smtpx_cursor *at, int field, const smtpx_hop *hop, uint32_t siblings)
{
    proto_item *item = smtpx_generated_uint(at, field, smtpx_hop_frame(hop));

    if (!item || !smtpx_item_is_shown(at))
        return;
    proto_item_append_text(item, " (session %u, mail %u: %s", hop->session->ordinal, hop->transaction->ordinal,
                           short_status(PNODE_POOL(at->tree), hop->transaction));
    if (siblings > 1)
        proto_item_append_text(item, "; this is one of %u deliveries", siblings);
    proto_item_append_text(item, ")");
}

/* A first pass does not know yet what comes. */
static void view_hops(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction)
{
    const smtpx_hop *hop, *previous;
    uint32_t rows = 0;

    if (!smtpx_item_is_wanted(at, hf_smtpx_transaction_previous_hop) &&
        !smtpx_item_is_wanted(at, hf_smtpx_transaction_next_hop))
        return;
    hop = PINFO_FD_VISITED(view->pinfo) ? smtpx_hop_of(transaction) : NULL;
    previous = hop ? hop->previous : smtpx_hop_previous_so_far(transaction);
    if (previous)
        view_hop(at, hf_smtpx_transaction_previous_hop, previous, hop ? smtpx_hop_siblings(hop) : 0);
    for (const smtpx_hop *next = hop ? hop->next : NULL; next && rows < SMTPX_HOPS_MOST_ROWS; next = next->sibling) {
        view_hop(at, hf_smtpx_transaction_next_hop, next, 0);
        rows++;
    }
}

/* @param id  NULL: nobody told it */
static void label_result(const smtpx_view *view, proto_item *item, const smtp_transaction *transaction, const char *id)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    const char *size = "";
    uint64_t octets;

    if (transaction->status == SMTP_STATUS_ACCEPTED && smtp_transaction_octets(transaction, &octets))
        size = wmem_strdup_printf(pool, ", %" PRIu64 " octets", octets);
    proto_item_set_text(item, "Mail %u: %s%s%s%s%s", transaction->ordinal, status_of(transaction),
                        tell_recipients(pool, transaction), size, id ? ", queue id " : "", id ? id : "");
}

void smtpx_view_result(const smtpx_view *view, const smtpx_cursor *at, const smtp_transaction *transaction)
{
    proto_item *item = smtpx_generated_uint(at, hf_smtpx_transaction, transaction->ordinal);
    smtpx_cursor below = smtpx_cursor_below(at, item, ett_smtpx_transaction);
    const char *id = NULL;
    uint64_t octets;

    if (smtpx_item_is_wanted(&below, hf_smtpx_transaction_queue_id))
        id = queue_id_of(view, transaction);
    if (item && smtpx_item_is_shown(at))
        label_result(view, item, transaction, id);
    smtpx_generated_string(&below, hf_smtpx_transaction_status, status_of(transaction));
    view_reason(view, &below, transaction);
    /* A recipient's own name for it stands with the reply that says so. */
    if (id && !smtp_exchange_recipient(smtp_result_decision(transaction)))
        smtpx_generated_string(&below, hf_smtpx_transaction_queue_id, id);
    view_sender(view, &below, transaction);
    view_recipients(view, &below, transaction);
    view_counts(&below, transaction);
    view_frame(view, &below, hf_smtpx_transaction_message_in, smtp_result_message_in(transaction));
    if (smtp_transaction_octets(transaction, &octets))
        smtpx_generated_uint64(&below, hf_smtpx_transaction_octets, octets);
    smtpx_view_header(&below, transaction);
    view_times(&below, transaction);
    view_hops(view, &below, transaction);
}

void smtpx_view_transaction_register(int proto)
{
    static int *ett[] = {&ett_smtpx_transaction};

    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
