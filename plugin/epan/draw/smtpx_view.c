/* smtpx_view.c
 * Records to columns, tree and expert items: what all units have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view.h"

#include <epan/exceptions.h>
#include <epan/proto_data.h>
#include <epan/show_exception.h>

#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/smtp/syntax/smtp_auth.h"
#include "plugin/smtp/syntax/smtp_line.h"

static int proto_smtpx = -1;

/* The dissector of a proxy's headers, by version.  Before Wireshark 4.2 it has
 * no name, but is found as a heuristic one; later that one would keep the
 * conversation. */
static dissector_handle_t proxy_handles[2];
static heur_dtbl_entry_t *proxy_over_tcp;
static int hf_smtpx_tls = -1;
static int hf_smtpx_response_in = -1;
static int hf_smtpx_response_to = -1;
static int hf_smtpx_response_time = -1;
static int hf_smtpx_starttls = -1;
static int hf_smtpx_anomaly = -1;
static int hf_smtpx_text = -1;
static int hf_smtpx_opaque = -1;
static int ett_smtpx = -1;
static int ett_smtpx_text = -1;
static expert_field ei_smtpx_notes[SMTP_REMARK_COUNT];

static const char *const note_names[] = {
#define SMTP_REMARK(name, filter, severity, group, text) filter,
#include "plugin/smtp/smtp_remarks.def"
#undef SMTP_REMARK
};

/* ---- Columns ---- */

void smtpx_view_info(smtpx_view *view, const char *text)
{
    if (!view->info)
        return;
    if (view->described)
        col_append_str(view->pinfo->cinfo, COL_INFO, " | ");
    col_append_str(view->pinfo->cinfo, COL_INFO, text);
    view->described = true;
}

void smtpx_view_info_octets(smtpx_view *view, uint32_t offset, uint32_t length)
{
    if (view->info)
        smtpx_view_info(view, tvb_format_text(view->pinfo->pool, view->tvb, (int)offset, (int)length));
}

bool smtpx_view_imf_is_named(const smtpx_view *view)
{
    const char *protocol = col_get_text(view->pinfo->cinfo, COL_PROTOCOL); /* NULL: there is no such column */

    return protocol && strstr(protocol, "MTP/IMF");
}

/* TLS hands over one record after the other and writes to Info between them: what the
 * records before this one told must be kept from that and from col_clear(). */
static void keep_info(smtpx_view *view)
{
    if (!view->info || view->layer != SMTPX_LAYER_TLS || !view->described)
        return;
    col_set_fence(view->pinfo->cinfo, COL_INFO);
    if (!p_get_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, 0))
        p_add_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, 0, view->pinfo);
}

static void begin_columns(smtpx_view *view)
{
    column_info *cinfo = view->pinfo->cinfo;
    const smtp_facts *facts;

    view->info = col_get_writable(cinfo, COL_INFO);
    if (!view->info)
        return;
    facts = smtpx_track_facts(view->session, view->pinfo->num, view->position);
    if (!smtpx_view_imf_is_named(view))
        col_set_str(cinfo, COL_PROTOCOL, facts->protocol == SMTP_PROTOCOL_LMTP ? "LMTP" : "SMTP");
    col_clear(cinfo, COL_INFO);
    view->described = p_get_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, 0) != NULL;
    if (!view->described)
        col_append_sep_str(cinfo, COL_INFO, " | ", view->side == SMTP_CLIENT ? "C: " : "S: ");
}

/* Does anybody look at a field of ours, at the built-in's, or at expert items? */
static bool is_wanted(proto_tree *root)
{
    return proto_field_is_referenced(root, proto_smtpx) || smtpx_legacy_is_wanted(root) ||
           proto_field_is_referenced(root, proto_expert);
}

static void begin(smtpx_view *view)
{
    proto_item *item;

    if (view->begun)
        return;
    begin_columns(view);
    if (!view->root)
        return;
    /* Without an item the protocol would not be named in frame.protocols. */
    item = proto_tree_add_item(view->root, proto_smtpx, view->tvb, 0, -1, ENC_NA);
    if (!is_wanted(view->root))
        return;
    view->tree = proto_item_add_subtree(item, ett_smtpx);
    smtpx_view_session(view);
    if (view->layer == SMTPX_LAYER_TLS)
        smtpx_generated_boolean(view->tree, hf_smtpx_tls, view->tvb, true);
    if (smtpx_legacy_is_wanted(view->tree))
        view->legacy = view->tree;
    smtpx_legacy_packet(view->legacy, view->tvb, view->side);
}

/* ---- Items that several kinds of unit have ---- */

void smtpx_view_notes(smtpx_view *view, proto_item *item, uint32_t notes)
{
    for (int note = 0; notes; note++, notes >>= 1) {
        if (notes & 1) {
            smtpx_generated_string(view->tree, hf_smtpx_anomaly, view->tvb, note_names[note]);
            expert_add_info(view->pinfo, item ? item : (proto_item *)view->tree, &ei_smtpx_notes[note]);
        }
    }
}

void smtpx_view_pair(smtpx_view *view, proto_tree *tree, const smtp_exchange *exchange, bool is_reply)
{
    uint32_t partner;

    if (!tree || !exchange)
        return;
    if (exchange->transaction)
        smtpx_view_transaction(view, tree, exchange->transaction);
    partner = is_reply ? exchange->command_frame : exchange->reply_frame;
    if (partner == 0)
        return;
    smtpx_generated_uint(tree, is_reply ? hf_smtpx_response_to : hf_smtpx_response_in, view->tvb, partner);
    /* A message may be refused before its final dot. */
    if (is_reply && partner <= view->pinfo->num)
        smtpx_generated_time(tree, hf_smtpx_response_time, view->tvb, exchange->time);
}

void smtpx_view_starttls(smtpx_view *view, proto_tree *tree, bool starts)
{
    smtpx_generated_boolean(tree, hf_smtpx_starttls, view->tvb, starts);
}

proto_item *smtpx_view_span(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, smtp_span span)
{
    return smtpx_item_text(tree, field, view->tvb, offset + span.offset, span.length);
}

proto_item *smtpx_view_span_upper(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, smtp_span span)
{
    uint32_t start = offset + span.offset;
    char *text;

    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    text = smtpx_text(view->pinfo->pool, view->octets + start, span.length);
    for (char *c = text; *c; c++)
        *c = (char)smtp_upper((uint8_t)*c);
    return proto_tree_add_string(tree, field, view->tvb, (int)start, (int)span.length, text);
}

void smtpx_view_number(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, const uint8_t *line,
                       smtp_span digits)
{
    uint64_t number;

    if (smtp_number(line, digits, &number) && number <= UINT32_MAX)
        smtpx_item_uint(tree, field, view->tvb, offset + digits.offset, digits.length, (uint32_t)number);
}

void smtpx_view_number64(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, const uint8_t *line,
                         smtp_span digits)
{
    uint64_t number;

    if (smtp_number(line, digits, &number))
        smtpx_item_uint64(tree, field, view->tvb, offset + digits.offset, digits.length, number);
}

proto_item *smtpx_view_octets(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, uint32_t length,
                              const uint8_t *octets, uint32_t octets_length)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_string(tree, field, view->tvb, (int)offset, (int)length,
                                 smtpx_text(view->pinfo->pool, octets, octets_length));
}

void smtpx_view_name(smtpx_view *view, proto_tree *tree, int field, const smtp_name *name)
{
    proto_item_set_generated(smtpx_view_octets(view, tree, field, 0, 0, name->octets, name->length));
}

/* By a handle, or where a dissector has none, as a heuristic one. */
static bool call_safely(smtpx_view *view, dissector_handle_t handle, heur_dtbl_entry_t *entry, tvbuff_t *tvb,
                        proto_tree *tree)
{
    packet_info *pinfo = view->pinfo;
    const char *current_proto = pinfo->current_proto;
    uint16_t can_desegment = pinfo->can_desegment;
    volatile bool done = true;

    TRY
    {
        if (handle)
            call_dissector(handle, tvb, pinfo, tree);
        else
            call_heur_dissector_direct(entry, tvb, pinfo, tree, NULL);
    }
    CATCH_NONFATAL_ERRORS
    {
        show_exception(tvb, pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
        done = false;
    }
    ENDTRY;
    pinfo->current_proto = current_proto;
    pinfo->can_desegment = can_desegment;
    return done;
}

bool smtpx_view_call(smtpx_view *view, dissector_handle_t handle, tvbuff_t *tvb, proto_tree *tree)
{
    return call_safely(view, handle, NULL, tvb, tree);
}

/* ---- Units ---- */

/* Octets that are no line; other dissectors show what is in them.
 * @return the tree below them */
static proto_tree *view_part(smtpx_view *view, const char *what, uint32_t offset, uint32_t length, uint32_t notes)
{
    proto_item *item;
    proto_tree *tree = proto_tree_add_subtree_format(view->tree, view->tvb, (int)offset, (int)length, ett_smtpx_text,
                                                     &item, "%s, %u octet%s", what, length, plurality(length, "", "s"));

    if (view->info)
        smtpx_view_info(
            view, wmem_strdup_printf(view->pinfo->pool, "%s, %u octet%s", what, length, plurality(length, "", "s")));
    smtpx_view_notes(view, item, notes);
    return tree;
}

static void view_text(smtpx_view *view, const char *what, uint32_t offset, uint32_t length, uint32_t notes)
{
    smtpx_item_text(view_part(view, what, offset, length, notes), hf_smtpx_text, view->tvb, offset, length);
}

/* Octets that are not text: in a security layer, or what XEXCH50 announced. */
static void view_opaque(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    bool is_layer = smtp_exchange_is_auth(exchange);
    const char *name = is_layer ? smtp_auth_mechanism_name((smtp_mechanism)exchange->mechanism) : "XEXCH50";
    const char *text =
        wmem_strdup_printf(view->pinfo->pool, "%s %s, %u octet%s", name, is_layer ? "security layer" : "data",
                           record->length, plurality(record->length, "", "s"));
    proto_item *item = smtpx_item_octets(view->tree, hf_smtpx_opaque, view->tvb, offset, record->length);

    proto_item_set_text(item, "%s", text);
    if (exchange->verb == SMTP_VERB_END_OF_BLOB)
        smtpx_view_pair(view, smtpx_item_subtree(view->tree, item, ett_smtpx_text), exchange, false);
    smtpx_view_info(view, text);
    smtpx_view_notes(view, item, record->notes);
}

/* The header of a proxy, by Wireshark's dissector of it. */
static void view_proxy(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    tvbuff_t *header = tvb_new_subset_length(view->tvb, (int)offset, (int)record->length);
    dissector_handle_t handle = proxy_handles[view->octets[offset] != 'P'];
    column_info *cinfo = view->pinfo->cinfo;
    bool writable = col_get_writable(cinfo, COL_PROTOCOL);

    view_part(view, "PROXY protocol header", offset, record->length, record->notes);
    if (!handle && !proxy_over_tcp)
        return;
    col_set_writable(cinfo, COL_PROTOCOL, false);
    col_set_writable(cinfo, COL_INFO, false);
    call_safely(view, handle, proxy_over_tcp, header, view->root);
    col_set_writable(cinfo, COL_PROTOCOL, writable);
    col_set_writable(cinfo, COL_INFO, view->info);
}

void smtpx_view_stray(smtpx_view *view, uint32_t offset, uint32_t length)
{
    begin(view);
    view_text(view, "Unclassified text", offset, length, 0);
    view->begun = true;
}

/* Nobody looks at tree or columns; what is left to tell are the session's
 * notes, for the expert severity of the capture, and credentials. */
static bool is_unseen(smtpx_view *view, const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);

    if (view->tree || view->info || record->role == SMTP_ROLE_PROXY || (exchange && smtpx_auth_is_wanted(exchange)))
        return false;
    if (record->notes)
        smtpx_view_notes(view, NULL, record->notes);
    return true;
}

static void draw(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    switch ((smtp_role)record->role) {
    case SMTP_ROLE_COMMAND:
        smtpx_view_command(view, offset, record);
        break;
    case SMTP_ROLE_AUTH_ANSWER:
        smtpx_view_auth_answer(view, offset, record);
        break;
    case SMTP_ROLE_REPLY:
        smtpx_view_reply(view, offset, record);
        break;
    case SMTP_ROLE_MESSAGE:
        smtpx_message_view_chunk(view, offset, record);
        break;
    case SMTP_ROLE_END_OF_DATA:
        smtpx_message_view_end(view, offset, record);
        break;
    case SMTP_ROLE_LINE_REST:
        view_text(view, "Rest of a line", offset, record->length, record->notes);
        break;
    case SMTP_ROLE_TELNET:
        view_text(view, "Telnet commands", offset, record->length, record->notes);
        break;
    case SMTP_ROLE_TLS:
        view_part(view, "TLS", offset, record->length, record->notes);
        break;
    case SMTP_ROLE_OPAQUE:
        view_opaque(view, offset, record);
        break;
    case SMTP_ROLE_PROXY:
        view_proxy(view, offset, record);
        break;
    }
}

void smtpx_view_record(smtpx_view *view, uint32_t offset, uint64_t position, const smtpx_record *record)
{
    view->position = position;
    if (!view->begun)
        view->side = record->by_server ? SMTP_SERVER : SMTP_CLIENT;
    begin(view);
    if (!is_unseen(view, record))
        draw(view, offset, record);
    view->begun = true;
    if (record->ends_message)
        smtpx_message_view(view, offset, record);
    if (view->tree)
        smtpx_view_results(view, offset, record);
}

void smtpx_view_finish(smtpx_view *view)
{
    keep_info(view);
    if (view->tree)
        smtpx_view_session_facts(view);
}

/* ---- Registration ---- */

static ei_register_info notes_register[] = {
#define SMTP_REMARK(name, filter, severity, group, text) \
    {&ei_smtpx_notes[SMTP_REMARK_INDEX_##name], {"smtpx.anomaly." filter, PI_##group, PI_##severity, text, EXPFILL}},
#include "plugin/smtp/smtp_remarks.def"
#undef SMTP_REMARK
};

void smtpx_view_register(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_tls, {"Inside TLS", "smtpx.tls", FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_response_in,
         {"Response in", "smtpx.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0,
          "The frame with the reply to this command", HFILL}},
        {&hf_smtpx_response_to,
         {"Response to", "smtpx.response_to", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0,
          "The frame with the command that this answers", HFILL}},
        {&hf_smtpx_response_time,
         {"Response time", "smtpx.response_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "From the last octet of the command to the first octet of the reply", HFILL}},
        {&hf_smtpx_starttls,
         {"Starts TLS", "smtpx.starttls", FT_BOOLEAN, BASE_NONE, NULL, 0, "True on the reply that starts TLS", HFILL}},
        {&hf_smtpx_anomaly,
         {"Anomaly", "smtpx.anomaly", FT_STRING, BASE_NONE, NULL, 0, "Name of something remarkable", HFILL}},
        {&hf_smtpx_text,
         {"Text", "smtpx.text", FT_STRING, BASE_NONE, NULL, 0, "Octets that are neither command, reply nor message",
          HFILL}},
        {&hf_smtpx_opaque,
         {"Opaque octets", "smtpx.opaque", FT_BYTES, BASE_NONE, NULL, 0,
          "Octets in a SASL security layer, or those that XEXCH50 announced", HFILL}},
    };
    static int *ett[] = {&ett_smtpx, &ett_smtpx_text};

    proto_smtpx = proto;
    for (int note = 0; note < SMTP_REMARK_COUNT; note++)
        ei_smtpx_notes[note] = (expert_field)EI_INIT;
    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, notes_register, array_length(notes_register));
    smtpx_view_command_register(proto);
    smtpx_view_parameter_register(proto);
    smtpx_view_reply_register(proto);
    smtpx_view_capability_register(proto);
    smtpx_view_session_register(proto);
}

void smtpx_view_handoff(void)
{
    proxy_handles[0] = find_dissector("proxy_v1");
    proxy_handles[1] = find_dissector("proxy_v2");
    proxy_over_tcp = find_heur_dissector_by_unique_short_name("proxy_tcp");
}
