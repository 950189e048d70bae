/* smtpx_view_octets.c
 * Units that are no lines and no message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_octets.h"

#include "plugin/epan/draw/smtpx_call.h"
#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"
#include "plugin/smtp/syntax/smtp_auth.h"
#include "plugin/smtp/syntax/smtp_secret.h"

static int hf_smtpx_text = -1;
static int hf_smtpx_opaque = -1;
static int hf_smtpx_tls_records = -1;
static int hf_smtpx_proxy = -1;
static int ett_smtpx_text = -1;

/* What it is, and how many octets of it: in the tree and in Info. */
static const char *tell(smtpx_view *view, const char *what, uint32_t length)
{
    const char *told =
        wmem_strdup_printf(view->pinfo->pool, "%s, %u octet%s", what, length, plurality(length, "", "s"));

    smtpx_view_info(view, told);
    smtpx_view_title(view, told);
    return told;
}

/* What it says is not shown. */
static proto_item *view_secret(smtpx_view *view, const smtpx_cursor *at, uint32_t length, const char *what)
{
    proto_item *item = smtpx_item_string(at, hf_smtpx_text, (smtp_span){0, length}, what);

    if (smtpx_view_is_described(view))
        proto_item_set_text(item, "%s", tell(view, what, length));
    return item;
}

static proto_item *view_octets_of(smtpx_view *view, const smtpx_cursor *at, uint32_t length, const char *what)
{
    proto_item *item;
    const char *told;

    if (view->side == SMTP_CLIENT && !smtpx_auth_show_secrets && smtp_secret_in_text(at->octets, length))
        return view_secret(view, at, length, what);
    item = smtpx_item_text(at, hf_smtpx_text, (smtp_span){0, length});
    told = smtpx_view_is_described(view) ? tell(view, what, length) : "";

    if (item && smtpx_item_is_shown(at))
        proto_item_set_text(item, "%s: %s", told, smtpx_view_one_line(view, at->octets, length));
    return item;
}

void smtpx_view_text(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record, const char *what)
{
    if (smtpx_record_exchange(record) && !smtpx_auth_show_secrets) {
        smtpx_view_remarks(view, at, view_secret(view, at, record->length, what), record, NULL);
        return;
    }
    smtpx_view_remarks(view, at, view_octets_of(view, at, record->length, what), record, NULL);
}

void smtpx_view_unclassified(smtpx_view *view, const smtpx_cursor *at, uint32_t length, const char *what)
{
    view_octets_of(view, at, length, what);
}

void smtpx_view_again(smtpx_view *view, const smtpx_cursor *at, uint32_t length)
{
    proto_item *item = smtpx_item_octets(at, hf_smtpx_opaque, (smtp_span){0, length});

    if (smtpx_view_is_described(view))
        proto_item_set_text(item, "%s", tell(view, "Octets sent again", length));
}

void smtpx_view_tls(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record, uint32_t length)
{
    proto_item *item = smtpx_item_mark(at, hf_smtpx_tls_records, length);

    if (smtpx_view_is_described(view))
        proto_item_set_text(item, "%s", tell(view, "TLS", length));
    if (record)
        smtpx_view_remarks(view, at, item, record, NULL);
}

/* What octets are that belong to an exchange, and are no text of the session's. */
static const char *name_opaque(const smtpx_view *view, const smtp_exchange *exchange)
{
    if (smtp_exchange_is_starttls(exchange))
        return "Clear text before TLS";
    if (smtp_exchange_is_auth(exchange))
        return wmem_strdup_printf(view->pinfo->pool, "%s security layer",
                                  smtp_auth_mechanism_name((smtp_mechanism)smtp_exchange_mechanism(exchange)));
    return "XEXCH50 data";
}

void smtpx_view_opaque(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    proto_item *item = smtpx_item_octets(at, hf_smtpx_opaque, (smtp_span){0, record->length});
    smtpx_cursor below = smtpx_cursor_below(at, item, ett_smtpx_text);

    DISSECTOR_ASSERT(exchange);
    if (smtpx_view_is_described(view))
        proto_item_set_text(item, "%s", tell(view, name_opaque(view, exchange), record->length));
    if (exchange->verb == SMTP_VERB_END_OF_BLOB)
        smtpx_view_command_pair(view, &below, exchange);
    smtpx_view_remarks(view, at, item, record, NULL);
}

void smtpx_view_proxy(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    proto_item *item = smtpx_item_mark(at, hf_smtpx_proxy, record->length);

    if (smtpx_view_is_described(view))
        proto_item_set_text(item, "%s", tell(view, "PROXY protocol header", record->length));
    smtpx_view_remarks(view, at, item, record, NULL);
    smtpx_call_proxy(view, tvb_new_subset_length(at->tvb, smtpx_size(at->offset), smtpx_size(record->length)));
}

void smtpx_view_octets_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_text,
         {"Other text", "smtpx.text", FT_STRING, BASE_NONE, NULL, 0,
          "Octets that are neither command, reply nor message", HFILL}},
        {&hf_smtpx_tls_records,
         {"TLS", "smtpx.tls.records", FT_BOOLEAN, BASE_NONE, NULL, 0, "Octets that are TLS's, in a session in clear",
          HFILL}},
        {&hf_smtpx_proxy,
         {"PROXY protocol header", "smtpx.proxy", FT_BOOLEAN, BASE_NONE, NULL, 0,
          "What a proxy puts before the session", HFILL}},
        {&hf_smtpx_opaque,
         {"Opaque octets", "smtpx.opaque", FT_BYTES, BASE_NONE, NULL, 0,
          "Octets in a SASL security layer, those that XEXCH50 announced, or text that nobody asked for before TLS",
          HFILL}},
    };
    static int *ett[] = {&ett_smtpx_text};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}
