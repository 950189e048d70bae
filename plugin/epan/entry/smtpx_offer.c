/* smtpx_offer.c
 * Offers octets to a dissector, as TCP or TLS would.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_offer.h"

/* The called one, not the caller, is right above TCP or TLS: only there more octets may be asked for. */
int smtpx_offer(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
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
