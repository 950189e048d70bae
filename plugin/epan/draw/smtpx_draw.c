/* smtpx_draw.c
 * Records to columns, tree and expert items: begins, chooses who draws a unit,
 * and finishes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_draw.h"

#include <epan/proto_data.h>
#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_arguments.h"
#include "plugin/epan/draw/smtpx_call.h"
#include "plugin/epan/draw/smtpx_handover.h"
#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_view_capability.h"
#include "plugin/epan/draw/smtpx_view_command.h"
#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/epan/draw/smtpx_view_message.h"
#include "plugin/epan/draw/smtpx_view_octets.h"
#include "plugin/epan/draw/smtpx_view_parameter.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"
#include "plugin/epan/draw/smtpx_view_reply.h"
#include "plugin/epan/draw/smtpx_view_reread.h"
#include "plugin/epan/draw/smtpx_view_session.h"
#include "plugin/epan/draw/smtpx_view_transaction.h"
#include "plugin/epan/learn/smtpx_cipher.h"
#include "plugin/smtp/syntax/smtp_apart.h"

/* What a packet remembers while it is drawn. */
enum {
    DESCRIBED,  /* an earlier TLS record of it is in Info */
    ENDING,     /* its unfinished line is drawn */
    TRANSACTION /* the ordinal of its first one, where the tree is shown */
};

static int proto_smtpx = -1;
static int ett_smtpx = -1;
static const header_field_info *own_protocol;
static const header_field_info *expert_protocol;
static int frame_tap;
static bool may_count_layers; /* who listens to frames */

/* ---- The start ---- */

/* Behind what stands in Info. TCP's notes end in a blank: "[TCP Previous segment not captured] " */
static const char *info_separator(column_info *cinfo)
{
    const char *text = col_get_text(cinfo, COL_INFO);

    return text && text[0] == '[' && g_str_has_suffix(text, "] ") ? "" : " | ";
}

/* There are none where nobody reads them. */
static void begin_columns(smtpx_view *view)
{
    column_info *cinfo = view->pinfo->cinfo;
    const smtp_facts *facts;

    view->info = col_get_writable(cinfo, COL_INFO);
    if (col_get_writable(cinfo, COL_PROTOCOL) && !smtpx_view_imf_is_named(view)) {
        facts = smtpx_session_facts_at(view->session, view->layer, view->pinfo, view->position);
        col_set_str(cinfo, COL_PROTOCOL, facts->protocol == SMTP_PROTOCOL_LMTP ? "LMTP" : "SMTP");
    }
    if (!view->info)
        return;
    col_clear(cinfo, COL_INFO);
    view->described = p_get_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, DESCRIBED) != NULL;
    if (!view->described)
        col_append_sep_str(cinfo, COL_INFO, info_separator(cinfo), view->side == SMTP_CLIENT ? "C: " : "S: ");
}

static bool is_field_wanted(proto_tree *root)
{
    return root && (smtpx_item_protocol_is_referenced(root, own_protocol) || smtpx_legacy_is_sought());
}

bool smtpx_draw_is_watched(const packet_info *pinfo, proto_tree *root)
{
    return pinfo->cinfo || is_field_wanted(root);
}

/* Wireshark registers it behind the dissectors. */
static bool is_expert_wanted(const proto_tree *root)
{
    if (!expert_protocol)
        expert_protocol = proto_registrar_get_nth((guint)proto_expert);
    return smtpx_item_protocol_is_referenced(root, expert_protocol);
}

/* The built-in's layer: see smtpx_view_legacy.h. */
static void begin_legacy(smtpx_view *view)
{
    smtpx_cursor at = smtpx_view_at(view, 0);

    if (!smtpx_legacy_is_wanted(view->tree))
        return;
    if (smtpx_item_is_shown(&at))
        at.tree = view->root;
    view->legacy_is_printed = smtpx_legacy_is_printed();
    at.hidden = !view->legacy_is_printed;
    view->builtin = smtpx_legacy_packet(&at, view->side);
}

static SMTP_APART void begin_items(smtpx_view *view, proto_item *item)
{
    view->tree = proto_item_add_subtree(item, ett_smtpx);
    begin_legacy(view);
}

/* The hierarchy of protocols (tshark -z io,phs) looks for the protocol's item and asks for nothing; it listens to
 * frames. */
static bool may_be_counted(void)
{
    return may_count_layers && have_tap_listener(frame_tap);
}

/* Where the tree is not shown, and the protocol itself is not asked for, but fields of it are, its own item need not
 * be there. */
static bool needs_item(proto_tree *root)
{
    return !smtpx_view_session_can_count(root) || smtpx_item_layer_is_wanted(root, own_protocol) ||
           is_expert_wanted(root) || may_be_counted();
}

/* The protocol is named in frame.protocols if it has added an item, or has tried to: one that nobody
 * asks for is counted, and not made, where it would stand below another item. At the root, as the
 * protocol's own, it is always made, which costs as much as reading a line. */
void smtpx_draw_layer(tvbuff_t *tvb, proto_tree *tree)
{
    if (tree && smtpx_view_session_can_count(tree) && !may_be_counted())
        smtpx_view_session_count(tvb, tree);
    else
        proto_tree_add_item(tree, proto_smtpx, tvb, 0, smtpx_size(tvb_captured_length(tvb)), ENC_NA);
}

/* Fields without the protocol's item stand where that would be. */
static void begin_fields(smtpx_view *view)
{
    smtpx_view_session_count(view->tvb, view->root);
    view->tree = view->root;
    begin_legacy(view);
}

static void begin_tree(smtpx_view *view)
{
    proto_item *item;
    bool is_wanted;

    if (!view->root)
        return;
    is_wanted = is_field_wanted(view->root);
    if (is_wanted && !needs_item(view->root)) {
        begin_fields(view);
        return;
    }
    item =
        proto_tree_add_item(view->root, proto_smtpx, view->tvb, 0, smtpx_size(tvb_captured_length(view->tvb)), ENC_NA);
    if (is_wanted || is_expert_wanted(view->root))
        begin_items(view, item);
}

static void begin(smtpx_view *view)
{
    smtpx_cursor at;

    if (view->begun)
        return;
    if (view->pinfo->cinfo)
        begin_columns(view);
    begin_tree(view);
    at = smtpx_view_at(view, 0);
    view->tells_transactions = smtpx_view_transaction_is_wanted(&at);
    view->begun = true;
}

/* ---- Units ---- */

/* Nobody looks at tree or columns; what is left to tell are remarks and refusals. */
static bool is_unseen(const smtpx_view *view, const smtpx_record *record)
{
    return !view->tree && !view->info && !smtpx_draw_is_for_others(record);
}

static bool is_unfinished(const smtpx_record *record)
{
    return smtp_remarks_has(smtpx_record_remarks(record), SMTP_REMARK_UNFINISHED_LINE);
}

static void draw(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    switch ((smtp_role)record->role) {
    case SMTP_ROLE_COMMAND:
        smtpx_view_command(view, at, record);
        break;
    case SMTP_ROLE_AUTH_ANSWER:
        smtpx_view_auth_answer(view, at, record);
        break;
    case SMTP_ROLE_REPLY:
        smtpx_view_reply(view, at, record);
        break;
    case SMTP_ROLE_MESSAGE:
        smtpx_view_message_part(view, at, record);
        break;
    case SMTP_ROLE_END_OF_DATA:
        smtpx_view_message_end(view, at, record);
        break;
    case SMTP_ROLE_LINE_REST:
        smtpx_view_text(view, at, record, is_unfinished(record) ? "Unfinished line" : "Rest of a line");
        break;
    case SMTP_ROLE_TELNET:
        smtpx_view_text(view, at, record, "Telnet commands");
        break;
    case SMTP_ROLE_TLS: /* one without its end, see smtpx_draw_ending(); others: smtpx_draw_tls() */
        smtpx_view_tls(view, at, record, record->length);
        break;
    case SMTP_ROLE_OPAQUE:
        smtpx_view_opaque(view, at, record);
        break;
    case SMTP_ROLE_PROXY:
        smtpx_view_proxy(view, at, record);
        break;
    }
}

uint32_t smtpx_draw_first_transaction(packet_info *pinfo)
{
    return GPOINTER_TO_UINT(p_get_proto_data(pinfo->pool, pinfo, proto_smtpx, TRANSACTION));
}

static SMTP_APART void keep_transaction(const smtpx_view *view)
{
    if (smtpx_draw_first_transaction(view->pinfo) == 0)
        p_add_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, TRANSACTION,
                         GUINT_TO_POINTER(view->transaction->ordinal));
}

/* Units of one transaction that follow each other tell of it once, behind the last. There is a tree. */
static void end_group(smtpx_view *view)
{
    smtpx_cursor at = smtpx_view_at(view, view->transaction_at);

    if (view->transaction && view->transaction_is_told)
        smtpx_view_result(view, &at, view->transaction);
    else if (view->transaction)
        smtpx_view_transaction(view, &at, view->transaction);
    if (view->transaction && smtpx_item_is_shown(&at))
        keep_transaction(view);
    view->transaction = NULL;
    view->transaction_is_told = false;
}

static void join_group(smtpx_view *view, uint32_t offset, const smtp_transaction *transaction)
{
    if (transaction == view->transaction)
        return;
    end_group(view);
    view->transaction = transaction;
    view->transaction_at = offset;
}

/* A reply may tell what became of another transaction than its own: behind MAIL, of the one before. */
static void draw_result(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    const smtp_transaction *told = smtpx_view_told(view, record);

    if (told && told == view->transaction)
        view->transaction_is_told = true;
    else if (told)
        smtpx_view_result(view, at, told);
}

/* A record that somebody looks at, or that tells something all the same. */
static SMTP_APART void draw_told(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    smtpx_cursor at = smtpx_view_at(view, offset);

    if (is_unseen(view, record)) {
        smtpx_view_remarks(view, &at, NULL, record, NULL);
        smtpx_view_refusal(view, &at, NULL, record);
    } else {
        if (view->tells_transactions)
            join_group(view, offset, smtpx_record_transaction(record));
        view->legacy = view->builtin;
        draw(view, &at, record);
    }
    if (record->ends_message || smtpx_view_message_breaks_off(view, record))
        smtpx_view_message(view, &at, record);
    if (view->tells_transactions)
        draw_result(view, &at, record);
}

/* A unit of which not all octets are in hand. */
static SMTP_APART void draw_elsewhere(smtpx_view *view, const smtpx_piece *piece)
{
    tvbuff_t *tvb = view->tvb;
    const uint8_t *octets = view->octets;

    view->octets = piece->octets;
    view->tvb = tvb_new_child_real_data(tvb, piece->octets, piece->record.length, smtpx_size(piece->record.length));
    add_new_data_source(view->pinfo, view->tvb, "As the server read it");
    draw_told(view, 0, &piece->record);
    end_group(view);
    view->tvb = tvb;
    view->octets = octets;
}

/* All of it is drawn where it ends. */
static SMTP_APART void draw_start(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    smtpx_cursor at = smtpx_view_at(view, offset);

    if (view->info)
        smtpx_view_info(view, wmem_strdup_printf(view->pinfo->pool, "fragment, %u byte%s", record->length,
                                                 plurality(record->length, "", "s")));
    smtpx_view_remarks(view, &at, NULL, record, NULL);
}

/* What the client sent as a message that nobody took is one, whatever the server has read in it. */
static void draw_refused(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    smtpx_cursor at = smtpx_view_at(view, offset);

    smtpx_view_message(view, &at, record);
}

/* Octets of a message that the server has read as something else. */
static SMTP_APART void draw_reread(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    smtpx_pieces pieces = smtpx_pieces_of(record);
    smtpx_piece piece;

    while (smtpx_pieces_next(&pieces, &piece)) {
        if (piece.goes_on)
            draw_start(view, offset + piece.offset, &piece.record);
        else if (piece.octets)
            draw_elsewhere(view, &piece);
        else
            draw_told(view, offset + piece.offset, &piece.record);
    }
    if (record->ends_message && pieces.suspicion->refused)
        draw_refused(view, offset, record);
}

void smtpx_draw_record(smtpx_view *view, uint32_t offset, uint64_t position, const smtpx_record *record)
{
    view->position = position;
    if (!view->begun)
        view->side = record->by_server ? SMTP_SERVER : SMTP_CLIENT;
    begin(view);
    if (smtpx_view_is_reread(view, record))
        draw_reread(view, offset, record);
    else if (view->tree || view->info || record->role == SMTP_ROLE_MESSAGE || smtpx_draw_tells(record))
        draw_told(view, offset, record);
}

void smtpx_draw_tls(smtpx_view *view, uint32_t offset, uint64_t position, const smtpx_record *record, uint32_t length)
{
    smtpx_cursor at;

    view->position = position;
    begin(view);
    at = smtpx_view_at(view, offset);
    smtpx_view_tls(view, &at, record, length);
    if (view->info)
        col_set_fence(view->pinfo->cinfo, COL_INFO);
}

/* Where more was wanted nothing was learned, and later passes read what there is. Its
 * record is nobody else's; the set of its remarks is kept as others are. */
void smtpx_draw_ending(smtpx_view *view, uint32_t offset, const smtpx_ending *ending)
{
    const smtpx_record *record;
    uint32_t drawn = 0;

    DISSECTOR_ASSERT(PINFO_FD_VISITED(view->pinfo));
    for (uint32_t i = 0; (record = smtpx_ending_record(ending, view->octets + offset, i)); i++) {
        smtpx_draw_record(view, offset + drawn, ending->position + drawn, record);
        drawn += record->length;
    }
    p_add_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, ENDING, view->pinfo);
}

bool smtpx_draw_has_ending(const smtpx_view *view)
{
    return p_get_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, ENDING) != NULL;
}

void smtpx_draw_stray(smtpx_view *view, uint32_t offset, const smtpx_step *step)
{
    smtpx_cursor at;

    begin(view);
    at = smtpx_view_at(view, offset);
    if (step->found == SMTPX_FOUND_AGAIN)
        smtpx_view_again(view, &at, step->length);
    else
        smtpx_view_unclassified(view, &at, step->length,
                                step->found == SMTPX_FOUND_NOTHING ? "Late octets" : "Unclassified text");
}

/* ---- The end ---- */

/* TLS hands over one record after the other and writes to Info between them: what the
 * records before this one told must be kept from that and from col_clear(). */
static SMTP_APART void keep_info(smtpx_view *view)
{
    if (view->layer != SMTPX_LAYER_TLS || !view->described)
        return;
    col_set_fence(view->pinfo->cinfo, COL_INFO);
    if (!p_get_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, DESCRIBED))
        p_add_proto_data(view->pinfo->pool, view->pinfo, proto_smtpx, DESCRIBED, view->pinfo);
}

static SMTP_APART void finish_tree(smtpx_view *view)
{
    end_group(view);
    /* In another TLS record of this frame the message ends. */
    if (view->data_is_untold)
        smtpx_view_title(view, "message data");
    smtpx_view_session(view);
}

void smtpx_draw_finish(smtpx_view *view)
{
    if (view->info)
        keep_info(view);
    if (view->tree)
        finish_tree(view);
}

/* ---- Registration ---- */

void smtpx_draw_register(int proto)
{
    static int *ett[] = {&ett_smtpx};

    proto_smtpx = proto;
    proto_register_subtree_array(ett, array_length(ett));
    smtpx_view_exchange_register(proto);
    smtpx_view_octets_register(proto);
    smtpx_view_command_register(proto);
    smtpx_view_parameter_register(proto);
    smtpx_view_reply_register(proto);
    smtpx_view_capability_register(proto);
    smtpx_view_session_register(proto);
    smtpx_view_transaction_register(proto);
    smtpx_view_auth_register(proto);
    smtpx_view_message_register(proto);
    smtpx_view_remarks_register(proto, expert_register_protocol(proto));
    smtpx_legacy_register();
}

void smtpx_draw_handoff(int proto)
{
    smtpx_cipher_handoff();
    smtpx_call_handoff();
    smtpx_view_auth_handoff(proto);
    smtpx_handover_handoff(proto);
    smtpx_legacy_handoff();
    smtpx_item_handoff(proto);
    own_protocol = proto_registrar_get_nth((guint)proto);
    frame_tap = find_tap_id("frame");
    may_count_layers = smtpx_arguments_may_count_layers();
}
