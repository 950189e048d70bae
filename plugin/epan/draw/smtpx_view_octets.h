/* smtpx_view_octets.h
 * Units that are no lines and no message: other dissectors show what is in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_OCTETS_H
#define SMTPX_VIEW_OCTETS_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_octets_register(int proto);

/** A part of a line, telnet commands: octets that are text. @param what  names them */
void smtpx_view_text(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record, const char *what);

/** TLS records, which TLS shows. @param record  NULL where they only go on
 *  @param length  of those in hand */
void smtpx_view_tls(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record, uint32_t length);

/** Octets that are not text: in a security layer, or what XEXCH50 announced. */
void smtpx_view_opaque(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** The header of a proxy, by Wireshark's dissector of it. */
void smtpx_view_proxy(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** Octets that were sent before. No unit begins with them, and they may be a part of anything, a secret too. */
void smtpx_view_again(smtpx_view *view, const smtpx_cursor *at, uint32_t length);

/** Octets that no unit was made of. */
void smtpx_view_unclassified(smtpx_view *view, const smtpx_cursor *at, uint32_t length, const char *what);

#endif /* SMTPX_VIEW_OCTETS_H */
