/* smtpx_ports.c
 * Who owns a port.
 *
 * An entry of a table has a default handle and a current one.  Decode As
 * changes the current one, and so does a preference for another dissector's
 * ports, which drops the default besides.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_ports.h"

#include <epan/prefs-int.h>

/* A table in which the dispatcher owns ports. */
typedef struct owned_table {
    const char *name; /* of the table, and of the preference */
    const char *usual;
    const char *title;
    const char *description;
    range_t *ports;     /* the preference */
    wmem_map_t *owners; /* port -> handle that had it before */
    dissector_handle_t dispatcher;
} owned_table;

/* The usual ports are the built-in dissector's, but for 24, which is LMTP's (RFC 2033, 5) and nobody's. */
static owned_table tables[] = {
    [SMTPX_TABLE_TCP] = {.name = "tcp.port",
                         .usual = "24,25,587",
                         .title = "TCP ports",
                         .description = "Ports on which everything that may be SMTP is taken for SMTP"},
    [SMTPX_TABLE_TLS] = {.name = "tls.port",
                         .usual = "465",
                         .title = "TLS ports",
                         .description = "Ports on which the protocol inside TLS is SMTP from the start"},
};
static owned_table *const tcp = &tables[SMTPX_TABLE_TCP];
static owned_table *const tls = &tables[SMTPX_TABLE_TLS];

static dissector_handle_t builtin;

/* ---- Questions ---- */

static bool owns(const owned_table *table, uint32_t port)
{
    return wmem_map_contains(table->owners, GUINT_TO_POINTER(port));
}

/* TCP's dispatcher may own a port of TLS as well, see verify_below_tls(). */
static bool is_preferred(const owned_table *table, uint32_t port)
{
    return value_is_in_range(table->ports, port) ||
           (table == tcp && owns(tcp, port) && value_is_in_range(tls->ports, port));
}

bool smtpx_ports_are_preferred(smtpx_table which, const packet_info *pinfo)
{
    const owned_table *table = &tables[which];

    /* TCP's table is also asked about ports that are not the packet's own, but behind a proxy's header. */
    return is_preferred(table, pinfo->srcport) || is_preferred(table, pinfo->destport) ||
           (table == tcp && is_preferred(table, pinfo->match_uint));
}

bool smtpx_ports_are_owned(smtpx_table table, const packet_info *pinfo)
{
    return owns(&tables[table], pinfo->srcport) || owns(&tables[table], pinfo->destport);
}

dissector_handle_t smtpx_ports_owner(smtpx_table which, const packet_info *pinfo, uint32_t matched)
{
    const owned_table *table = &tables[which];
    uint32_t port = owns(table, matched) ? matched : owns(table, pinfo->srcport) ? pinfo->srcport : pinfo->destport;

    return owns(table, port) ? wmem_map_lookup(table->owners, GUINT_TO_POINTER(port)) : builtin;
}

/* ---- The tables ---- */

static dissector_handle_t default_of(const owned_table *table, uint32_t port)
{
    return dissector_get_default_uint_handle(table->name, port);
}

static dissector_handle_t current_of(const owned_table *table, uint32_t port)
{
    return dissector_get_uint_handle(find_dissector_table(table->name), port);
}

/* Has a preference given this port to a dissector: that of the dissector's own ports? */
static bool is_by_preference(const owned_table *table, uint32_t port, dissector_handle_t handle)
{
    const char *name = handle ? proto_get_protocol_filter_name(dissector_handle_get_protocol_index(handle)) : NULL;
    module_t *module = name ? prefs_find_module(name) : NULL;
    pref_t *preference = module ? prefs_find_preference(module, table->name) : NULL;

    return preference && prefs_get_type(preference) == PREF_DECODE_AS_RANGE &&
           value_is_in_range(prefs_get_range_value_real(preference, pref_current), port);
}

/* Has the user chosen a dissector for this port with Decode As? */
static bool is_chosen(const owned_table *table, uint32_t port)
{
    dissector_handle_t current = current_of(table, port);

    return current != default_of(table, port) && !is_by_preference(table, port, current);
}

/* Makes a dissector the default of a port; what the user has chosen there stays. */
static void set_default(const owned_table *table, uint32_t port, dissector_handle_t handle)
{
    bool chosen = is_chosen(table, port), chosen_below = is_chosen(tcp, port);
    dissector_handle_t current = current_of(table, port), current_below = current_of(tcp, port);

    if (table == tls)
        ssl_dissector_add(port, handle);
    else
        dissector_add_uint(table->name, port, handle);
    if (chosen)
        dissector_change_uint(table->name, port, current);
    if (table == tls && chosen_below)
        dissector_change_uint(tcp->name, port, current_below);
}

static void take(owned_table *table, uint32_t port)
{
    dissector_handle_t owner = is_chosen(table, port) ? default_of(table, port) : current_of(table, port);

    /* Nobody: it was taken and given up again. */
    if (!owner && owns(table, port))
        owner = wmem_map_lookup(table->owners, GUINT_TO_POINTER(port));
    wmem_map_insert(table->owners, GUINT_TO_POINTER(port), owner);
    set_default(table, port, table->dispatcher);
}

static void verify(uint32_t port, void *data)
{
    owned_table *table = data;

    if (port != 0 && default_of(table, port) != table->dispatcher)
        take(table, port);
}

/* A preference may have given the built-in dissector, in TCP's table, a port of
 * TLS's: then TLS is not asked there. TCP's dispatcher knows TLS by its records. */
static void verify_below_tls(uint32_t port, void *data _U_)
{
    if (port != 0 && current_of(tcp, port) == builtin && !is_chosen(tcp, port))
        take(tcp, port);
}

static void delete_default(const owned_table *table, uint32_t port)
{
    if (table == tls)
        ssl_dissector_delete(port, table->dispatcher);
    else
        dissector_delete_uint(table->name, port, table->dispatcher);
}

static void give_back(owned_table *table, uint32_t port)
{
    dissector_handle_t owner = wmem_map_remove(table->owners, GUINT_TO_POINTER(port));
    dissector_handle_t current = current_of(table, port);
    bool chosen = is_chosen(table, port);

    /* Somebody else has taken it. */
    if (default_of(table, port) != table->dispatcher)
        return;
    if (owner)
        set_default(table, port, owner);
    else
        delete_default(table, port);
    if (!owner && chosen)
        dissector_change_uint(table->name, port, current);
}

/* What the preference named once and no longer names. */
static void give_back_ports(owned_table *table)
{
    wmem_list_t *ports = wmem_map_get_keys(NULL, table->owners);

    for (wmem_list_frame_t *at = wmem_list_head(ports); at; at = wmem_list_frame_next(at)) {
        uint32_t port = GPOINTER_TO_UINT(wmem_list_frame_data(at));

        if (!is_preferred(table, port))
            give_back(table, port);
    }
    wmem_destroy_list(ports);
}

void smtpx_ports_verify(void)
{
    give_back_ports(tcp);
    give_back_ports(tls);
    range_foreach(tcp->ports, verify, tcp);
    range_foreach(tls->ports, verify, tls);
    range_foreach(tls->ports, verify_below_tls, NULL);
}

/* ---- Registration ---- */

void smtpx_ports_register(smtpx_table which, module_t *module, dissector_handle_t dispatcher)
{
    owned_table *table = &tables[which];

    table->dispatcher = dispatcher;
    table->owners = wmem_map_new(wmem_epan_scope(), g_direct_hash, g_direct_equal);
    range_convert_str(wmem_epan_scope(), &table->ports, table->usual, 65535);
    prefs_register_range_preference(module, table->name, table->title, table->description, &table->ports, 65535);
}

void smtpx_ports_handoff(void)
{
    builtin = find_dissector("smtp");
    smtpx_ports_verify();
    /* sharkd sets preferences and tells nobody. */
    register_init_routine(smtpx_ports_verify);
}
