/* smtpx_ports.h
 * Standing beside the built-in smtp dissector.
 *
 * A dispatcher owns the ports: smtpx is asked first; what it declines goes to
 * whom it belongs, and in the end to whoever had the port before, for 25, 587
 * and 465 the built-in.  With smtpx disabled, or told not to replace the
 * built-in, the built-in's output is what it is without smtpx.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_PORTS_H
#define SMTPX_PORTS_H

#include "plugin/epan/smtpx_compat.h"

#include <epan/prefs.h>

void smtpx_ports_register(int proto, module_t *module);

/** @param over_tcp, inside_tls  smtpx's entries */
void smtpx_ports_handoff(dissector_handle_t over_tcp, dissector_handle_t inside_tls);

/** The preferences have changed. */
void smtpx_ports_apply(void);

/** TLS records begin: from the first frame that is all TLS on, the
 *  conversation is TLS's, and what it decrypts is smtpx's again. */
void smtpx_ports_give_to_tls(packet_info *pinfo, uint32_t first_frame);

/** Draws TLS records that begin in the middle of a segment; all behind them is TLS's. */
void smtpx_ports_call_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/** Does the user want the built-in dissector for this packet's ports? */
bool smtpx_ports_are_builtin(const packet_info *pinfo);

#endif /* SMTPX_PORTS_H */
