/* smtpx_view_octets.c
 * Units that are no lines and no message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_octets.h"

#include "plugin/epan/draw/smtpx_call.h"
#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"
#include "plugin/smtp/syntax/smtp_auth.h"

static int hf_smtpx_text = -1;
static int hf_smtpx_opaque = -1;
static int ett_smtpx_text = -1;

/* What it is, and how many octets of it: in the tree and in Info.
 * @param item  set
 * @return below it */
static smtpx_cursor view_part(smtpx_view *view, const smtpx_cursor *at, const char *what, uint32_t length,
                              proto_item **item)
{
    smtpx_cursor below = *at;

    below.tree = proto_tree_add_subtree_format(at->tree, at->tvb, (int)at->offset, (int)length, ett_smtpx_text, item,
                                               "%s, %u octet%s", what, length, plurality(length, "", "s"));
    if (view->info)
        smtpx_view_info(
            view, wmem_strdup_printf(view->pinfo->pool, "%s, %u octet%s", what, length, plurality(length, "", "s")));
    return below;
}

void smtpx_view_text(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record, const char *what)
{
    proto_item *item;
    smtpx_cursor below = view_part(view, at, what, record->length, &item);

    smtpx_item_text(&below, hf_smtpx_text, (smtp_span){0, record->length});
    smtpx_view_remarks(view, at, item, record, NULL);
}

void smtpx_view_unclassified(smtpx_view *view, const smtpx_cursor *at, uint32_t length)
{
    proto_item *item;
    smtpx_cursor below = view_part(view, at, "Unclassified text", length, &item);

    smtpx_item_text(&below, hf_smtpx_text, (smtp_span){0, length});
}

void smtpx_view_tls(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record, uint32_t length)
{
    proto_item *item;

    view_part(view, at, "TLS", length, &item);
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
                                  smtp_auth_mechanism_name((smtp_mechanism)exchange->mechanism));
    return "XEXCH50 data";
}

void smtpx_view_opaque(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    proto_item *item = smtpx_item_octets(at, hf_smtpx_opaque, (smtp_span){0, record->length});
    smtpx_cursor below = smtpx_cursor_below(at, item, ett_smtpx_text);
    const char *text;

    DISSECTOR_ASSERT(exchange);
    text = wmem_strdup_printf(view->pinfo->pool, "%s, %u octet%s", name_opaque(view, exchange), record->length,
                              plurality(record->length, "", "s"));
    proto_item_set_text(item, "%s", text);
    if (exchange->verb == SMTP_VERB_END_OF_BLOB)
        smtpx_view_command_pair(&below, exchange);
    smtpx_view_info(view, text);
    smtpx_view_remarks(view, at, item, record, NULL);
}

void smtpx_view_proxy(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    proto_item *item;

    view_part(view, at, "PROXY protocol header", record->length, &item);
    smtpx_view_remarks(view, at, item, record, NULL);
    smtpx_call_proxy(view, tvb_new_subset_length(at->tvb, (int)at->offset, (int)record->length));
}

void smtpx_view_octets_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_text,
         {"Text", "smtpx.text", FT_STRING, BASE_NONE, NULL, 0, "Octets that are neither command, reply nor message",
          HFILL}},
        {&hf_smtpx_opaque,
         {"Opaque octets", "smtpx.opaque", FT_BYTES, BASE_NONE, NULL, 0,
          "Octets in a SASL security layer, those that XEXCH50 announced, or text that nobody asked for before TLS",
          HFILL}},
    };
    static int *ett[] = {&ett_smtpx_text};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}
