/* smtpx_prelude.h
 * What one end said on a connection before it was known to be SMTP's.
 *
 * A greeting may be FTP's as well, and a client may speak HTTP to a mail server.
 * Such octets are kept, a few of each connection, and learned once the other end's
 * answer proves the session.  By then their frames were shown as something else, so
 * smtpx draws them on later passes only.  They are kept and learned on the first pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_PRELUDE_H
#define SMTPX_PRELUDE_H

#include "plugin/epan/learn/smtpx_session.h"

void smtpx_prelude_register(void);

/** Keeps octets that nobody has taken for SMTP, but may turn out to be. First pass only.
 *  @param data  what TCP passed to smtpx; without it nothing is kept */
void smtpx_prelude_keep(packet_info *pinfo, const void *data, const uint8_t *octets, uint32_t length);

/** Notes that this may be a greeting, where none can be kept: inside TLS. First pass only. */
void smtpx_prelude_note(packet_info *pinfo);

/** Has the other end said something before this packet that may be a greeting? First pass only. */
bool smtpx_prelude_is_noted(const smtpx_session *session, const packet_info *pinfo);

/** Is this the rest of a line whose start was kept? Any pass.
 *  @param data  what TCP passed to smtpx; may be NULL */
bool smtpx_prelude_goes_on(packet_info *pinfo, const void *data);

/** Learns what the other end said before this packet, which begins the session:
 *  if it is all that this packet acknowledges. First pass only. */
void smtpx_prelude_learn(smtpx_session *session, packet_info *pinfo, const void *data);

#endif /* SMTPX_PRELUDE_H */
