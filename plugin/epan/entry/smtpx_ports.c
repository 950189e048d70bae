/* smtpx_ports.c
 * Standing beside the built-in smtp dissector.
 *
 * The dispatcher belongs to a protocol that is one in name only, a child of
 * TCP: so it is no layer of its own, and works with smtpx disabled.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_ports.h"

#include <epan/conversation.h>

#include "plugin/smtp/syntax/smtp_sniff.h"

/* epan/dissectors/packet-tls-utils.h needs libgcrypt's headers for what it
 * declares besides this. */
WS_DLL_PUBLIC void tls_set_appdata_dissector(dissector_handle_t tls_handle, packet_info *pinfo,
                                             dissector_handle_t app_handle);

/* The built-in's defaults, and smtpx's. */
static const char tcp_default[] = "25,587";
static const char tls_default[] = "465";

/* One of Wireshark's tables in which the dispatcher owns ports. */
typedef struct owned_table {
    const char *name;
    range_t *ports;     /* the preference */
    wmem_map_t *owners; /* port -> handle that had it before */
    dissector_handle_t smtpx;
    dissector_handle_t dispatcher;
} owned_table;

static owned_table tcp = {.name = "tcp.port"};
static owned_table tls = {.name = "tls.port"};

static int proto_smtpx = -1;
static smtpx_bool replace_builtin = true;
static dissector_handle_t tls_handle;

static bool is_enabled(void)
{
    return replace_builtin && proto_is_protocol_enabled(find_protocol_by_id(proto_smtpx));
}

/* Is a port of this packet among those of the preference? TCP's table is also
 * asked about ports that are not the packet's own, but behind a proxy's header. */
static bool is_preferred(const owned_table *table, const packet_info *pinfo)
{
    return value_is_in_range(table->ports, pinfo->srcport) || value_is_in_range(table->ports, pinfo->destport) ||
           (table == &tcp && value_is_in_range(table->ports, pinfo->match_uint));
}

static bool owns(const owned_table *table, uint32_t port)
{
    return wmem_map_contains(table->owners, GUINT_TO_POINTER(port));
}

static bool owns_either(const owned_table *table, const packet_info *pinfo)
{
    return owns(table, pinfo->srcport) || owns(table, pinfo->destport);
}

bool smtpx_ports_are_builtin(const packet_info *pinfo)
{
    return !replace_builtin && (owns_either(&tcp, pinfo) || owns_either(&tls, pinfo));
}

/* Who had the port before: the one that matched, if it is among those owned. */
static dissector_handle_t find_owner(const owned_table *table, const packet_info *pinfo, uint32_t matched)
{
    uint32_t port = owns(table, matched) ? matched : owns(table, pinfo->srcport) ? pinfo->srcport : pinfo->destport;

    return wmem_map_lookup(table->owners, GUINT_TO_POINTER(port));
}

/* Calls a dissector as TCP or TLS would: it, not the dispatcher, is the one
 * right above them that may ask for more octets. */
static int offer(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint16_t can_desegment = pinfo->saved_can_desegment;
    int taken;

    if (!handle)
        return 0;
    pinfo->can_desegment = can_desegment;
    taken = call_dissector_only(handle, tvb, pinfo, tree, data);
    pinfo->saved_can_desegment = can_desegment; /* for the next one that is asked */
    return taken;
}

void smtpx_ports_give_to_tls(packet_info *pinfo, uint32_t first_frame)
{
    if (PINFO_FD_VISITED(pinfo) || !tls_handle)
        return;
    tls_set_appdata_dissector(tls_handle, pinfo, tls.smtpx);
    conversation_set_dissector_from_frame_number(find_or_create_conversation(pinfo), first_frame, tls_handle);
}

void smtpx_ports_call_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint16_t can_desegment = pinfo->can_desegment;

    smtpx_ports_give_to_tls(pinfo, pinfo->num + 1);
    /* What TCP allows smtpx, smtpx allows TLS. */
    pinfo->can_desegment = can_desegment ? can_desegment + 1 : 0;
    call_dissector_only(tls_handle, tvb, pinfo, tree, data);
    pinfo->can_desegment = can_desegment;
}

/* A protocol that names itself gets the conversation. */
static int offer_other(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);
    const char *name = smtp_sniff_other(tvb_get_ptr(tvb, 0, (int)length), length);
    dissector_handle_t handle = name ? find_dissector(name) : NULL;
    int taken = offer(handle, tvb, pinfo, tree, data);

    if (taken && !PINFO_FD_VISITED(pinfo))
        conversation_set_dissector_from_frame_number(find_or_create_conversation(pinfo), pinfo->num, handle);
    return taken;
}

/* What smtpx declined. */
static int offer_others(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);

    switch (length ? smtp_sniff(tvb_get_ptr(tvb, 0, (int)length), length) : SMTP_SNIFFED_TEXT) {
    case SMTP_SNIFFED_TLS:
        smtpx_ports_give_to_tls(pinfo, pinfo->num);
        return offer(tls_handle, tvb, pinfo, tree, data);
    case SMTP_SNIFFED_OTHER:
        return offer_other(tvb, pinfo, tree, data);
    default:
        return 0;
    }
}

/* What smtpx declined inside TLS. A protocol that names itself is its owner's
 * for good, as TLS asks the dispatcher again for every record otherwise. */
static void leave_to_owner(tvbuff_t *tvb, packet_info *pinfo, dissector_handle_t owner)
{
    uint32_t length = tvb_captured_length(tvb);

    if (owner && length && !PINFO_FD_VISITED(pinfo) && smtp_sniff_other(tvb_get_ptr(tvb, 0, (int)length), length))
        tls_set_appdata_dissector(tls_handle, pinfo, owner);
}

/* What smtpx took is its own for good: nobody need ask the dispatcher again.
 * A conversation that is carried by somebody else's (an HTTP proxy's) stays theirs. */
static void keep(const owned_table *table, packet_info *pinfo)
{
    conversation_t *conversation;

    if (PINFO_FD_VISITED(pinfo))
        return;
    if (table == &tls) {
        tls_set_appdata_dissector(tls_handle, pinfo, table->smtpx);
        return;
    }
    conversation = find_or_create_conversation(pinfo);
    if (!conversation_get_dissector(conversation, pinfo->num))
        conversation_set_dissector_from_frame_number(conversation, pinfo->num, table->smtpx);
}

static int dispatch(const owned_table *table, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t matched = pinfo->match_uint;
    bool asked = is_enabled() && is_preferred(table, pinfo);
    int taken = asked ? offer(table->smtpx, tvb, pinfo, tree, data) : 0;
    dissector_handle_t owner;

    if (taken)
        keep(table, pinfo);
    else if (asked && table == &tcp)
        taken = offer_others(tvb, pinfo, tree, data);
    if (taken)
        return taken;
    owner = find_owner(table, pinfo, matched);
    if (asked && table == &tls)
        leave_to_owner(tvb, pinfo, owner);
    return offer(owner, tvb, pinfo, tree, data);
}

static int dispatch_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dispatch(&tcp, tvb, pinfo, tree, data);
}

static int dispatch_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dispatch(&tls, tvb, pinfo, tree, data);
}

/* ---- The tables ---- */

static void add_port(const owned_table *table, uint32_t port, dissector_handle_t handle)
{
    if (table == &tls)
        ssl_dissector_add(port, handle);
    else
        dissector_add_uint(table->name, port, handle);
}

static void own_port(uint32_t port, void *data)
{
    owned_table *table = data;

    if (port == 0 || owns(table, port))
        return;
    wmem_map_insert(table->owners, GUINT_TO_POINTER(port),
                    dissector_get_uint_handle(find_dissector_table(table->name), port));
    add_port(table, port, table->dispatcher);
}

static void give_back(owned_table *table, uint32_t port)
{
    dissector_handle_t owner = wmem_map_remove(table->owners, GUINT_TO_POINTER(port));

    if (table == &tls)
        ssl_dissector_delete(port, table->dispatcher);
    else
        dissector_delete_uint(table->name, port, table->dispatcher);
    if (owner)
        add_port(table, port, owner);
}

/* What the preference named once and no longer names. */
static void give_back_ports(owned_table *table)
{
    wmem_list_t *ports = wmem_map_get_keys(NULL, table->owners);

    for (wmem_list_frame_t *at = wmem_list_head(ports); at; at = wmem_list_frame_next(at)) {
        uint32_t port = GPOINTER_TO_UINT(wmem_list_frame_data(at));

        if (!value_is_in_range(table->ports, port))
            give_back(table, port);
    }
    wmem_destroy_list(ports);
}

void smtpx_ports_apply(void)
{
    give_back_ports(&tcp);
    give_back_ports(&tls);
    range_foreach(tcp.ports, own_port, &tcp);
    range_foreach(tls.ports, own_port, &tls);
}

void smtpx_ports_handoff(dissector_handle_t over_tcp, dissector_handle_t inside_tls)
{
    tcp.smtpx = over_tcp;
    tls.smtpx = inside_tls;
    find_dissector_add_dependency("smtp", proto_smtpx);
    tls_handle = find_dissector_add_dependency("tls", proto_smtpx);
    smtpx_ports_apply();
    /* sharkd sets preferences and tells nobody. */
    register_init_routine(smtpx_ports_apply);
}

/* The dispatcher of a table, and the preference with its ports. */
static void register_table(owned_table *table, module_t *module, dissector_t dissector, const char *name,
                           const char *ports, const char *title, const char *description)
{
    /* The long name is the built-in's, so that TLS names its payload as without smtpx. */
    int proto = proto_register_protocol_in_name_only("Simple Mail Transfer Protocol", title, name,
                                                     proto_get_id_by_filter_name("tcp"), FT_PROTOCOL);

    table->dispatcher = register_dissector(name, dissector, proto);
    table->owners = wmem_map_new(wmem_epan_scope(), g_direct_hash, g_direct_equal);
    range_convert_str(wmem_epan_scope(), &table->ports, ports, 65535);
    prefs_register_range_preference(module, table->name, title, description, &table->ports, 65535);
}

void smtpx_ports_register(int proto, module_t *module)
{
    proto_smtpx = proto;
    register_table(&tcp, module, dispatch_tcp, "smtpx_port", tcp_default, "TCP ports",
                   "Ports on which everything that may be SMTP is taken for SMTP");
    register_table(&tls, module, dispatch_tls, "smtpx_tls_port", tls_default, "TLS ports",
                   "Ports on which the protocol inside TLS is SMTP from the start");
    prefs_register_bool_preference(module, "replace_builtin", "Replace the built-in dissector on its ports",
                                   "Whether smtpx, or Wireshark's own smtp dissector, reads the ports above",
                                   &replace_builtin);
}
