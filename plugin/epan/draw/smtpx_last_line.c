/* smtpx_last_line.c
 * Lines that have no end in the capture, where TCP or TLS show them to nobody.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_last_line.h"

#include "plugin/epan/draw/smtpx_draw.h"

static dissector_handle_t handle;

/* Is called for each frame, so it is registered only where there is such a line. */
static int dissect_ending(tvbuff_t *tvb _U_, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const smtpx_ending *ending = PINFO_FD_VISITED(pinfo) ? smtpx_endings_find(pinfo->num) : NULL;
    tvbuff_t *octets = ending ? smtpx_ending_octets(ending, pinfo) : NULL;
    smtpx_view view = {.pinfo = pinfo, .root = tree, .tvb = octets};
    bool writable;

    if (!octets || smtpx_draw_has_ending(&view))
        return 0;
    view.session = ending->session;
    view.side = ending->direction;
    view.layer = ending->layer;
    view.octets = tvb_get_ptr(octets, 0, smtpx_size(ending->length));
    /* From 4.4 on a postdissector finds columns closed. */
    writable = col_get_writable(pinfo->cinfo, -1);
    col_set_writable(pinfo->cinfo, -1, true);
    smtpx_draw_ending(&view, 0, ending);
    smtpx_draw_finish(&view);
    col_set_writable(pinfo->cinfo, -1, writable);
    return (int)ending->length;
}

void smtpx_last_line_watch(void)
{
    static bool watched;

    if (watched || !smtpx_endings_exist())
        return;
    watched = true;
    register_postdissector(handle);
}

void smtpx_last_line_register(int proto)
{
    handle = create_dissector_handle(dissect_ending, proto);
    register_postseq_cleanup_routine(smtpx_last_line_watch);
}
