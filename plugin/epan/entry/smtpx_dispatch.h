/* smtpx_dispatch.h
 * Standing beside the built-in smtp dissector.
 *
 * A dispatcher is asked for the ports: smtpx is offered the octets first; what
 * it declines goes to whom it belongs, and in the end to the port's owner, for
 * 25, 587 and 465 the built-in.  A port that was nobody's, like 24, gives nothing
 * away: what is declined there is as without smtpx.  With smtpx disabled, or told not to replace
 * the built-in, the built-in's output is what it is without smtpx.
 *
 * It stands above smtpx_around, smtpx_ports and smtpx_tls. Any pass dispatches; whose a
 * conversation is, is stored on the first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_DISPATCH_H
#define SMTPX_DISPATCH_H

#include "plugin/epan/smtpx_compat.h"

void smtpx_dispatch_register(int proto, module_t *module);

/** @param over_tcp, inside_tls  smtpx's entries */
void smtpx_dispatch_handoff(dissector_handle_t over_tcp, dissector_handle_t inside_tls);

/** Does the user want the built-in dissector for this packet's ports? */
bool smtpx_dispatch_is_builtin(const packet_info *pinfo);

#endif /* SMTPX_DISPATCH_H */
