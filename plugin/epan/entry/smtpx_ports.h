/* smtpx_ports.h
 * Who owns a port.
 *
 * The dispatchers own the ports that smtpx's preferences name, in TCP's table
 * and in TLS's.  Whoever had such a port before is its owner, to whom goes what
 * smtpx declines.  Ownership is verified, not believed: at each change of the
 * preferences and before each capture the tables are asked, as a preference of
 * the built-in dissector's takes a port without a word.  What the user decodes
 * as something else stays so.
 *
 * It stands at the bottom of this folder; smtpx_dispatch uses it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_PORTS_H
#define SMTPX_PORTS_H

#include "plugin/epan/smtpx_compat.h"

/** One of Wireshark's tables of ports. */
typedef enum smtpx_table {
    SMTPX_TABLE_TCP,
    SMTPX_TABLE_TLS
} smtpx_table;

/** The preference with a table's ports. */
void smtpx_ports_register(smtpx_table table, module_t *module, dissector_handle_t dispatcher);

void smtpx_ports_handoff(void);

/** Asks the tables who owns the preferred ports, and takes back those that are not the dispatchers'. */
void smtpx_ports_verify(void);

/** Is a port of this packet among those of the preference? */
bool smtpx_ports_are_preferred(smtpx_table table, const packet_info *pinfo);

/** Does the dispatcher own a port of this packet? */
bool smtpx_ports_are_owned(smtpx_table table, const packet_info *pinfo);

/** To whom a packet's port belongs besides the dispatcher: the port that matched,
 *  if it is owned. For a port that is not owned it is the built-in dissector.
 *  @return NULL when the port was nobody's */
dissector_handle_t smtpx_ports_owner(smtpx_table table, const packet_info *pinfo, uint32_t matched);

#endif /* SMTPX_PORTS_H */
