/* smtpx_dispatch.c
 * Standing beside the built-in smtp dissector.
 *
 * The dispatchers belong to protocols in name only, children of TCP: so they
 * are no layers of their own, and work with smtpx disabled.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_dispatch.h"

#include "plugin/epan/entry/smtpx_around.h"
#include "plugin/epan/entry/smtpx_offer.h"
#include "plugin/epan/entry/smtpx_ports.h"
#include "plugin/epan/entry/smtpx_tls.h"
#include "plugin/smtp/syntax/smtp_sniff.h"

static int proto_smtpx = -1;
static smtpx_bool replace_builtin = true;
static dissector_handle_t entries[2]; /* smtpx's, by table */

/* Is smtpx to be asked? On a port that is not owned the dispatcher is the user's choice (Decode As). */
static bool is_wanted(smtpx_table table, const packet_info *pinfo)
{
    return replace_builtin && proto_is_protocol_enabled(find_protocol_by_id(proto_smtpx)) &&
           (smtpx_ports_are_preferred(table, pinfo) || !smtpx_ports_are_owned(table, pinfo));
}

bool smtpx_dispatch_is_builtin(const packet_info *pinfo)
{
    return !replace_builtin &&
           (smtpx_ports_are_owned(SMTPX_TABLE_TCP, pinfo) || smtpx_ports_are_owned(SMTPX_TABLE_TLS, pinfo));
}

/* A protocol that names itself gets the conversation. */
static int offer_other(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);
    const char *name = smtp_sniff_other(tvb_get_ptr(tvb, 0, (int)length), length);
    dissector_handle_t handle = name ? find_dissector(name) : NULL;
    int taken = smtpx_offer(handle, tvb, pinfo, tree, data);

    if (taken && !PINFO_FD_VISITED(pinfo))
        conversation_set_dissector_from_frame_number(find_or_create_conversation(pinfo), pinfo->num, handle);
    return taken;
}

/* What smtpx declined: TLS's, or another protocol's. */
static int offer_others(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);
    int taken = smtpx_around_tls(tvb, pinfo, tree, data);

    if (!taken && length && smtp_sniff(tvb_get_ptr(tvb, 0, (int)length), length) == SMTP_SNIFFED_OTHER)
        taken = offer_other(tvb, pinfo, tree, data);
    return taken;
}

/* What smtpx declined inside TLS. A protocol that names itself is its owner's
 * for good, as TLS asks the dispatcher again for every record otherwise. */
static void leave_to_owner(tvbuff_t *tvb, packet_info *pinfo, dissector_handle_t owner)
{
    uint32_t length = tvb_captured_length(tvb);

    if (owner && length && !PINFO_FD_VISITED(pinfo) && smtp_sniff_other(tvb_get_ptr(tvb, 0, (int)length), length))
        smtpx_tls_leave_to(pinfo, owner);
}

/* What smtpx took is its own for good: nobody need ask the dispatcher again.
 * A conversation that is carried by somebody else's (an HTTP proxy's) stays theirs.
 * First pass only. */
static void keep(smtpx_table table, packet_info *pinfo)
{
    conversation_t *conversation;

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (table == SMTPX_TABLE_TLS) {
        smtpx_tls_leave_to(pinfo, entries[table]);
        return;
    }
    conversation = find_or_create_conversation(pinfo);
    if (!conversation_get_dissector(conversation, pinfo->num))
        conversation_set_dissector_from_frame_number(conversation, pinfo->num, entries[table]);
}

/* Offers smtpx the octets, and then those that what it declined names.
 * @return 0 when it is nobody's of these */
static int offer_smtpx(smtpx_table table, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    int taken = smtpx_offer(entries[table], tvb, pinfo, tree, data);

    if (taken && !PINFO_FD_VISITED(pinfo))
        keep(table, pinfo);
    if (!taken && table == SMTPX_TABLE_TCP)
        taken = offer_others(tvb, pinfo, tree, data);
    return taken;
}

static int dispatch(smtpx_table table, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t matched = pinfo->match_uint;
    bool wanted = is_wanted(table, pinfo);
    int taken = wanted ? offer_smtpx(table, tvb, pinfo, tree, data) : 0;
    dissector_handle_t owner;

    if (taken)
        return taken;
    owner = smtpx_ports_owner(table, pinfo, matched);
    if (wanted && table == SMTPX_TABLE_TLS)
        leave_to_owner(tvb, pinfo, owner);
    return smtpx_offer(owner, tvb, pinfo, tree, data);
}

static int dispatch_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dispatch(SMTPX_TABLE_TCP, tvb, pinfo, tree, data);
}

static int dispatch_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dispatch(SMTPX_TABLE_TLS, tvb, pinfo, tree, data);
}

/* ---- Registration ---- */

/* @param title  what Decode As, Lua and tshark -G protocols call it */
static dissector_handle_t register_dispatcher(dissector_t dissector, const char *name, const char *title)
{
    /* The long name is the built-in's, so that TLS names its payload as without smtpx. */
    int proto = proto_register_protocol_in_name_only("Simple Mail Transfer Protocol", title, name,
                                                     proto_get_id_by_filter_name("tcp"), FT_PROTOCOL);

    return register_dissector(name, dissector, proto);
}

void smtpx_dispatch_register(int proto, module_t *module)
{
    proto_smtpx = proto;
    smtpx_around_register();
    smtpx_ports_register(SMTPX_TABLE_TCP, module, register_dispatcher(dispatch_tcp, "smtpx_port", "SMTP (smtpx)"));
    smtpx_ports_register(SMTPX_TABLE_TLS, module,
                         register_dispatcher(dispatch_tls, "smtpx_tls_port", "SMTP over TLS (smtpx)"));
    prefs_register_bool_preference(module, "replace_builtin", "Replace the built-in dissector on its ports",
                                   "Whether smtpx, or Wireshark's own smtp dissector, reads the ports above",
                                   &replace_builtin);
}

void smtpx_dispatch_handoff(dissector_handle_t over_tcp, dissector_handle_t inside_tls)
{
    entries[SMTPX_TABLE_TCP] = over_tcp;
    entries[SMTPX_TABLE_TLS] = inside_tls;
    smtpx_around_handoff(over_tcp);
    find_dissector_add_dependency("smtp", proto_smtpx);
    smtpx_ports_handoff();
}
