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
#include "plugin/epan/learn/smtpx_prelude.h"
#include "plugin/smtp/syntax/smtp_sniff.h"

static int proto_smtpx = -1;
static int proto_dispatcher = -1; /* TCP's; what is stored with conversations is under its name */
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

/* A protocol that has named itself on a conversation. */
typedef struct named {
    dissector_handle_t dissector; /* NULL: on a port that was nobody's it is left alone */
    uint32_t frame;               /* where it did */
    bool settled;                 /* the server did, or went along with it */
} named;

static named *find_named(packet_info *pinfo)
{
    conversation_t *conversation = smtpx_conversation_find(pinfo);
    named *found = conversation ? conversation_get_proto_data(conversation, proto_dispatcher) : NULL;

    return found && pinfo->num >= found->frame ? found : NULL;
}

static bool is_by_server(const packet_info *pinfo)
{
    return pinfo->match_uint == pinfo->srcport;
}

/* Does a mail server answer, whatever its client has spoken before? */
static bool answers_as_smtp(tvbuff_t *tvb, const packet_info *pinfo)
{
    uint32_t length = tvb_captured_length(tvb);

    return is_by_server(pinfo) && length > 0 &&
           smtp_sniff_likely(tvb_get_ptr(tvb, 0, smtpx_size(length)), length) == SMTP_SERVER;
}

/* The conversation is another protocol's for good: the server speaks it. First pass only. */
static void settle(named *other, packet_info *pinfo)
{
    other->settled = true;
    if (other->dissector)
        conversation_set_dissector_from_frame_number(smtpx_conversation_of_dissector(pinfo), pinfo->num,
                                                     other->dissector);
}

/* Offers octets of a conversation to the protocol that has named itself there. */
static int offer_named(named *other, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    int taken = smtpx_offer(other->dissector, tvb, pinfo, tree, data);

    if (!PINFO_FD_VISITED(pinfo) && !other->settled && is_by_server(pinfo) && (taken || !other->dissector))
        settle(other, pinfo);
    return taken;
}

/* A protocol that names itself gets the conversation; until the server has said
 * something, what a client says may be nonsense to a mail server.
 * @param is_owned  the port has an owner besides smtpx */
static int offer_other(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, bool is_owned)
{
    uint32_t length = tvb_captured_length(tvb);
    const uint8_t *octets = tvb_get_ptr(tvb, 0, smtpx_size(length));
    const char *name = smtp_sniff_other(octets, length);
    named *other;

    if (!name || PINFO_FD_VISITED(pinfo))
        return 0;
    other = wmem_new0(wmem_file_scope(), named);
    other->dissector = is_owned ? find_dissector(name) : NULL;
    other->frame = pinfo->num;
    conversation_add_proto_data(smtpx_conversation_make(pinfo), proto_dispatcher, other);
    if (is_owned && !is_by_server(pinfo))
        smtpx_prelude_keep(pinfo, data, octets, length);
    return offer_named(other, tvb, pinfo, tree, data);
}

/* What smtpx declined: TLS's, or another protocol's. */
static int offer_others(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, bool is_owned)
{
    uint32_t length = tvb_captured_length(tvb);
    int taken = smtpx_around_tls(tvb, pinfo, tree, data);

    if (!taken && length && smtp_sniff(tvb_get_ptr(tvb, 0, smtpx_size(length)), length) == SMTP_SNIFFED_OTHER)
        taken = offer_other(tvb, pinfo, tree, data, is_owned);
    return taken;
}

/* What smtpx declined inside TLS. A protocol that names itself is its owner's
 * for good, as TLS asks the dispatcher again for every record otherwise. */
static void leave_to_owner(tvbuff_t *tvb, packet_info *pinfo, dissector_handle_t owner)
{
    uint32_t length = tvb_captured_length(tvb);

    if (owner && length && !PINFO_FD_VISITED(pinfo) &&
        smtp_sniff_other(tvb_get_ptr(tvb, 0, smtpx_size(length)), length))
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
    conversation = smtpx_conversation_of_dissector(pinfo);
    if (!conversation_get_dissector(conversation, pinfo->num))
        conversation_set_dissector_from_frame_number(conversation, pinfo->num, entries[table]);
}

/* Does TLS begin where no session has? */
static bool begins_tls(tvbuff_t *tvb, packet_info *pinfo)
{
    uint32_t length = tvb_captured_length(tvb);

    return length > 0 && smtp_sniff(tvb_get_ptr(tvb, 0, smtpx_size(length)), length) == SMTP_SNIFFED_TLS &&
           !smtpx_session_find(pinfo);
}

/* Offers the octets to smtpx, and then to whom they name, or have named before. On a port
 * that was nobody's, all but mail in clear is as without smtpx.
 * @return 0 when they are nobody's of these */
static int offer_smtpx(smtpx_table table, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    bool is_tcp = table == SMTPX_TABLE_TCP;
    bool is_owned = smtpx_ports_owner(table, pinfo, pinfo->match_uint) != NULL;
    named *other = is_tcp ? find_named(pinfo) : NULL;
    int taken = 0;

    if (is_tcp && !is_owned && begins_tls(tvb, pinfo))
        return 0;
    /* Later passes know whose it was. */
    if (!other || PINFO_FD_VISITED(pinfo) || (!other->settled && answers_as_smtp(tvb, pinfo)))
        taken = smtpx_offer(entries[table], tvb, pinfo, tree, data);
    if (taken && !PINFO_FD_VISITED(pinfo))
        keep(table, pinfo);
    if (taken || !is_tcp)
        return taken;
    return other ? offer_named(other, tvb, pinfo, tree, data) : offer_others(tvb, pinfo, tree, data, is_owned);
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
    dissector_handle_t over_tcp = register_dispatcher(dispatch_tcp, "smtpx_port", "SMTP (smtpx)");

    proto_smtpx = proto;
    proto_dispatcher = dissector_handle_get_protocol_index(over_tcp);
    smtpx_around_register();
    smtpx_ports_register(SMTPX_TABLE_TCP, module, over_tcp);
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
