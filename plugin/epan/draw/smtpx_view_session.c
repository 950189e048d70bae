/* smtpx_view_session.c
 * What is known of the session and its transactions: generated items.
 *
 * What is shown of the session is what was known behind the last unit that is
 * drawn, so that any click shows the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view.h"

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/smtp/syntax/smtp_line.h"

static int hf_smtpx_session = -1;
static int hf_smtpx_session_protocol = -1;
static int hf_smtpx_session_client = -1;
static int hf_smtpx_session_server = -1;
static int hf_smtpx_session_username = -1;
static int hf_smtpx_transaction = -1;
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
    {&hf_smtpx_transaction,
     {"Transaction", "smtpx.transaction", FT_UINT32, BASE_DEC, NULL, 0,
      "Ordinal of the mail transaction in the session", HFILL}},
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
    view->session_item = smtpx_generated_uint(view->tree, hf_smtpx_session, view->tvb, view->session->ordinal);
}

void smtpx_view_session_facts(smtpx_view *view)
{
    static const char *const protocols[] = {NULL, "SMTP", "ESMTP", "LMTP"};
    const smtp_facts *facts;
    proto_tree *tree;

    if (!smtpx_item_any_is_wanted(view->tree, fact_fields, array_length(fact_fields)))
        return;
    facts = smtpx_track_facts(view->session, view->pinfo->num, view->position);
    tree = smtpx_item_subtree(view->tree, view->session_item, ett_smtpx_session);
    if (facts->protocol != SMTP_PROTOCOL_UNKNOWN)
        smtpx_generated_string(tree, hf_smtpx_session_protocol, view->tvb, protocols[facts->protocol]);
    if (facts->client)
        smtpx_view_name(view, tree, hf_smtpx_session_client, facts->client);
    if (facts->server)
        smtpx_view_name(view, tree, hf_smtpx_session_server, facts->server);
    if (facts->user)
        smtpx_view_name(view, tree, hf_smtpx_session_username, facts->user);
}

/* ---- Transactions ---- */

void smtpx_view_transaction(smtpx_view *view, proto_tree *tree, const smtp_transaction *transaction)
{
    smtpx_generated_uint(tree, hf_smtpx_transaction, view->tvb, transaction->ordinal);
}

static void view_envelope(smtpx_view *view, proto_tree *tree, const smtp_transaction *transaction)
{
    if (transaction->sender && transaction->sender->of.address)
        smtpx_view_name(view, tree, hf_smtpx_transaction_sender, transaction->sender->of.address);
    for (const smtp_exchange *recipient = transaction->recipients; recipient; recipient = recipient->next) {
        bool accepted = recipient->code / 100 == 2 && !recipient->failed_later;
        if (recipient->of.address)
            smtpx_view_name(view, tree, accepted ? hf_smtpx_transaction_recipient : hf_smtpx_transaction_refused,
                            recipient->of.address);
    }
    /* Where replies to RCPT are not in the capture, nobody knows how many were accepted. */
    if (transaction->missed || transaction->status == SMTP_STATUS_INCOMPLETE)
        return;
    smtpx_generated_uint(tree, hf_smtpx_transaction_accepted_count, view->tvb, transaction->accepted);
    smtpx_generated_uint(tree, hf_smtpx_transaction_refused_count, view->tvb, transaction->refused);
}

void smtpx_view_queue_id(smtpx_view *view, proto_tree *tree, uint32_t offset, uint32_t length)
{
    uint32_t end = offset + length;

    if (!smtpx_item_is_wanted(tree, hf_smtpx_transaction_queue_id))
        return;
    while (offset < end) {
        const uint8_t *octets = view->octets + offset;
        smtp_line line = smtp_line_find(octets, end - offset, 0);
        smtp_span id;

        if (smtp_queue_id(octets, smtp_reply_line_parse(octets, line.text).text, &id)) {
            proto_item_set_generated(smtpx_view_span(view, tree, hf_smtpx_transaction_queue_id, offset, id));
            return;
        }
        offset += line.length;
    }
}

/* On the reply that ended it. A transaction that no reply ended is told of on its
 * last unit, which is known once the capture was read. */
static const smtp_transaction *ended_here(const smtpx_record *record, bool visited)
{
    const smtp_transaction *transaction;

    if (record->ends_transaction)
        return smtp_exchange_ended(smtpx_record_exchange(record));
    transaction = visited ? smtpx_record_transaction(record) : NULL;
    return transaction && !transaction->told && transaction->last_unit == record ? transaction : NULL;
}

void smtpx_view_results(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    static const char *const statuses[] = {"incomplete", "accepted", "refused", "aborted"};
    const smtp_transaction *transaction = ended_here(record, PINFO_FD_VISITED(view->pinfo));
    const char *status;
    proto_item *item;
    proto_tree *tree;
    uint64_t octets;

    if (!transaction)
        return;
    status = statuses[transaction->status];
    tree = proto_tree_add_subtree_format(view->tree, view->tvb, 0, 0, ett_smtpx_transaction, &item,
                                         "Transaction %u: %s", transaction->ordinal, status);
    proto_item_set_generated(item);
    smtpx_generated_string(tree, hf_smtpx_transaction_status, view->tvb, status);
    view_envelope(view, tree, transaction);
    if (smtp_transaction_octets(transaction, &octets))
        smtpx_generated_uint64(tree, hf_smtpx_transaction_octets, view->tvb, octets);
    if (record->ends_transaction && transaction->status == SMTP_STATUS_ACCEPTED &&
        !smtp_exchange_recipient(smtpx_record_exchange(record)))
        smtpx_view_queue_id(view, tree, offset, record->length);
    if (transaction->status != SMTP_STATUS_INCOMPLETE && transaction->sender)
        smtpx_generated_time(tree, hf_smtpx_transaction_duration, view->tvb, transaction->duration);
}

void smtpx_view_session_register(int proto)
{
    static int *ett[] = {&ett_smtpx_session, &ett_smtpx_transaction};

    proto_register_field_array(proto, fact_fields, array_length(fact_fields));
    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
