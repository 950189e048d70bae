/* smtpx_around.h
 * Connections on which TLS has begun: TLS gets its records, and smtpx all that is
 * clear text before, behind and between them.
 *
 * Whose octets are was learned with their positions (smtpx_stream.h).  So the
 * connection stays smtpx's: TLS may fail or end, and the session goes on.
 *
 * It stands above smtpx_position, smtpx_tls and smtpx_offer; smtpx_dispatch uses it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_AROUND_H
#define SMTPX_AROUND_H

#include "plugin/epan/smtpx_compat.h"

void smtpx_around_register(void);

/** @param over_tcp  smtpx's entry */
void smtpx_around_handoff(dissector_handle_t over_tcp);

/** TLS records begin: the connection is taken over from this frame on, and what TLS
 *  decrypts is smtpx's. First pass only. */
void smtpx_around_take_over(packet_info *pinfo);

/** Octets that smtpx has learned and declined: TLS's, and clear text behind them. Any pass.
 *  @param data  what TCP passed
 *  @return 0 when they do not begin with TLS's */
int smtpx_around_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

#endif /* SMTPX_AROUND_H */
