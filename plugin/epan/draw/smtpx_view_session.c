/* smtpx_view_session.c
 * What is known of the session and its transactions: generated items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_session.h"

#include "plugin/smtp/session/smtp_result.h"
#include "plugin/smtp/syntax/smtp_queue_id.h"

static int hf_smtpx_session = -1;
static int hf_smtpx_session_protocol = -1;
static int hf_smtpx_session_client = -1;
static int hf_smtpx_session_server = -1;
static int hf_smtpx_session_username = -1;
static int hf_smtpx_transaction_sender = -1;
static int hf_smtpx_transaction_recipient = -1;
static int hf_smtpx_transaction_refused = -1;
static int hf_smtpx_transaction_accepted_count = -1;
static int hf_smtpx_transaction_refused_count = -1;
static int hf_smtpx_transaction_octets = -1;
static int hf_smtpx_transaction_queue_id = -1;
static int hf_smtpx_transaction_status = -1;
static int hf_smtpx_transaction_duration = -1;
static int ett_smtpx_session = -1;
static int ett_smtpx_transaction = -1;

/* What was learned of the session so far. */
static hf_register_info fact_fields[] = {
    {&hf_smtpx_session_protocol,
     {"Protocol", "smtpx.session.protocol", FT_STRING, BASE_NONE, NULL, 0, "SMTP, ESMTP or LMTP", HFILL}},
    {&hf_smtpx_session_client,
     {"Client", "smtpx.session.client", FT_STRING, BASE_NONE, NULL, 0, "Name in HELO, EHLO or LHLO", HFILL}},
    {&hf_smtpx_session_server,
     {"Server", "smtpx.session.server", FT_STRING, BASE_NONE, NULL, 0, "Domain in the greeting", HFILL}},
    {&hf_smtpx_session_username,
     {"User", "smtpx.session.username", FT_STRING, BASE_NONE, NULL, 0, "Who has authenticated", HFILL}},
};

static hf_register_info fields[] = {
    {&hf_smtpx_session,
     {"Session", "smtpx.session", FT_UINT32, BASE_DEC, NULL, 0, "Ordinal of the session in the capture", HFILL}},
    {&hf_smtpx_transaction_sender,
     {"Sender", "smtpx.transaction.sender", FT_STRING, BASE_NONE, NULL, 0, "Empty for <>", HFILL}},
    {&hf_smtpx_transaction_recipient,
     {"Recipient", "smtpx.transaction.recipient", FT_STRING, BASE_NONE, NULL, 0, "One that was accepted", HFILL}},
    {&hf_smtpx_transaction_refused,
     {"Refused recipient", "smtpx.transaction.refused", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
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
    {&hf_smtpx_transaction_duration,
     {"Duration", "smtpx.transaction.duration", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "From MAIL to the reply that ended the transaction", HFILL}},
};

/* ---- The session ---- */

void smtpx_view_session(smtpx_view *view)
{
    smtpx_cursor at = smtpx_view_at(view, 0);

    view->session_item = smtpx_generated_uint(&at, hf_smtpx_session, view->session->ordinal);
}

void smtpx_view_session_facts(const smtpx_view *view)
{
    static const char *const protocols[] = {NULL, "SMTP", "ESMTP", "LMTP"};
    smtpx_cursor at = smtpx_view_at(view, 0);
    const smtp_facts *facts;

    if (!smtpx_item_any_is_wanted(&at, fact_fields, array_length(fact_fields)))
        return;
    facts = smtpx_session_facts_at(view->session, view->layer, view->pinfo, view->position);
    at = smtpx_cursor_below(&at, view->session_item, ett_smtpx_session);
    if (facts->protocol != SMTP_PROTOCOL_UNKNOWN)
        smtpx_generated_string(&at, hf_smtpx_session_protocol, protocols[facts->protocol]);
    smtpx_generated_name(&at, hf_smtpx_session_client, facts->client);
    smtpx_generated_name(&at, hf_smtpx_session_server, facts->server);
    smtpx_generated_name(&at, hf_smtpx_session_username, facts->user);
}

/* ---- Transactions ---- */

static void view_envelope(const smtpx_cursor *at, const smtp_transaction *transaction)
{
    if (transaction->sender)
        smtpx_generated_name(at, hf_smtpx_transaction_sender, transaction->sender->of.address);
    for (const smtp_exchange *recipient = transaction->recipients; recipient; recipient = recipient->next) {
        bool served = smtp_recipient_is_served(recipient);

        smtpx_generated_name(at, served ? hf_smtpx_transaction_recipient : hf_smtpx_transaction_refused,
                             recipient->of.address);
    }
    /* Where replies to RCPT are not in the capture, nobody knows how many were accepted. */
    if (transaction->partly_seen || smtp_transaction_outcome(transaction) == SMTP_STATUS_INCOMPLETE)
        return;
    smtpx_generated_uint(at, hf_smtpx_transaction_accepted_count, transaction->accepted);
    smtpx_generated_uint(at, hf_smtpx_transaction_refused_count, transaction->refused);
}

void smtpx_view_queue_id(const smtpx_cursor *at, smtp_reply_lines lines)
{
    smtp_span id;

    if (!smtpx_item_is_wanted(at, hf_smtpx_transaction_queue_id))
        return;
    do {
        smtpx_cursor line = smtpx_cursor_behind(at, lines.offset);

        if (smtp_queue_id(line.octets, lines.parsed.text, &id)) {
            proto_item_set_generated(smtpx_item_text(&line, hf_smtpx_transaction_queue_id, id));
            return;
        }
    } while (smtp_reply_lines_next(&lines));
}

/* Did this reply take the message, under one name for all recipients? */
static bool took_message(const smtpx_record *record, const smtp_transaction *transaction)
{
    return record->ends_transaction && transaction->status == SMTP_STATUS_ACCEPTED &&
           !smtp_exchange_recipient(smtpx_record_exchange(record));
}

void smtpx_view_results(const smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    smtp_reply_lines lines = {.octets = unit->octets, .length = record->length};
    static const char *const statuses[] = {"incomplete", "accepted", "refused", "aborted"};
    const smtp_transaction *transaction = smtpx_record_told(record, PINFO_FD_VISITED(view->pinfo));
    smtpx_cursor at = *unit;
    const char *status;
    proto_item *item;
    uint64_t octets;

    if (!transaction)
        return;
    status = statuses[smtp_transaction_outcome(transaction)];
    at.tree = proto_tree_add_subtree_format(unit->tree, unit->tvb, (int)unit->offset, 0, ett_smtpx_transaction, &item,
                                            "Transaction %u: %s", transaction->ordinal, status);
    proto_item_set_generated(item);
    smtpx_generated_string(&at, hf_smtpx_transaction_status, status);
    view_envelope(&at, transaction);
    if (smtp_transaction_octets(transaction, &octets))
        smtpx_generated_uint64(&at, hf_smtpx_transaction_octets, octets);
    if (took_message(record, transaction) && smtp_reply_lines_next(&lines))
        smtpx_view_queue_id(&at, lines);
    if (smtp_result_duration(transaction) != SMTP_DURATION_UNKNOWN)
        smtpx_generated_time(&at, hf_smtpx_transaction_duration, smtp_result_duration(transaction));
}

void smtpx_view_session_register(int proto)
{
    static int *ett[] = {&ett_smtpx_session, &ett_smtpx_transaction};

    proto_register_field_array(proto, fact_fields, array_length(fact_fields));
    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
