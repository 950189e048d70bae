/* smtpx_call.c
 * Other dissectors, and what they throw.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_call.h"

#include <epan/exceptions.h>
#include <epan/show_exception.h>

/* The dissector of a proxy's headers, by version.  Before Wireshark 4.2 it has
 * no name, but is found as a heuristic one; later that one would keep the
 * conversation. */
static dissector_handle_t proxy_handles[2];
static heur_dtbl_entry_t *proxy_over_tcp;

void smtpx_call_handoff(void)
{
    proxy_handles[0] = find_dissector("proxy_v1");
    proxy_handles[1] = find_dissector("proxy_v2");
    proxy_over_tcp = find_heur_dissector_by_unique_short_name("proxy_tcp");
}

/* Who is called: by a handle, or where a dissector has none, as a heuristic one. */
typedef struct callee {
    dissector_handle_t handle;
    heur_dtbl_entry_t *entry;
} callee;

static bool call_safely(smtpx_view *view, callee who, tvbuff_t *tvb, proto_tree *tree)
{
    packet_info *pinfo = view->pinfo;
    const char *current_proto = pinfo->current_proto;
    uint16_t can_desegment = pinfo->can_desegment;
    volatile bool done = true;

    TRY
    {
        if (who.handle)
            call_dissector(who.handle, tvb, pinfo, tree);
        else
            call_heur_dissector_direct(who.entry, tvb, pinfo, tree, NULL);
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

bool smtpx_call(smtpx_view *view, dissector_handle_t handle, tvbuff_t *tvb, proto_tree *tree)
{
    return call_safely(view, (callee){handle, NULL}, tvb, tree);
}

void smtpx_call_proxy(smtpx_view *view, tvbuff_t *header)
{
    /* Version 1 is text. */
    bool is_text = tvb_get_ptr(header, 0, 1)[0] == 'P';
    callee who = {proxy_handles[is_text ? 0 : 1], proxy_over_tcp};
    column_info *cinfo = view->pinfo->cinfo;
    bool protocol = col_get_writable(cinfo, COL_PROTOCOL);
    bool info = col_get_writable(cinfo, COL_INFO);

    if (!who.handle && !who.entry)
        return;
    col_set_writable(cinfo, COL_PROTOCOL, false);
    col_set_writable(cinfo, COL_INFO, false);
    call_safely(view, who, header, view->root);
    col_set_writable(cinfo, COL_PROTOCOL, protocol);
    col_set_writable(cinfo, COL_INFO, info);
}
