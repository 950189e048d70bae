/* smtpx_offer.h
 * Offers octets to a dissector, as TCP or TLS would.
 *
 * It stands at the bottom of this folder. Any pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_OFFER_H
#define SMTPX_OFFER_H

#include "plugin/epan/smtpx_compat.h"

/** Calls a dissector from one that TCP or TLS has called: the called one may ask for more octets.
 *  @param handle  NULL: nobody's
 *  @return how many octets it took; 0: none */
int smtpx_offer(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

#endif /* SMTPX_OFFER_H */
