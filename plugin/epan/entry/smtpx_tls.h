/* smtpx_tls.h
 * Everything that is between smtpx and TLS.
 *
 * What TLS decrypts on a connection that is smtpx's (STARTTLS, or from the start)
 * comes back to smtpx's entry for TLS.  What is stored with TLS is stored on the
 * first pass.
 *
 * It stands at the bottom of this folder: smtpx_around, smtpx_dispatch and
 * smtpx_position use it, and it uses neither them nor what was learned.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_TLS_H
#define SMTPX_TLS_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/smtp/syntax/smtp_text.h"

/** A sequence number, if it was told. */
typedef struct smtpx_sequence {
    uint32_t number;
    bool told;
} smtpx_sequence;

/** @param inside  smtpx's entry for what TLS decrypts */
void smtpx_tls_handoff(int proto, dissector_handle_t inside);

/** Wireshark's TLS dissector; never NULL after the handoff. */
dissector_handle_t smtpx_tls_dissector(void);

/** TLS records begin: what TLS decrypts of them is smtpx's. First pass only. */
void smtpx_tls_take_over(packet_info *pinfo);

/** What TLS decrypts of this conversation goes to a dissector from now on. First pass only. */
void smtpx_tls_leave_to(packet_info *pinfo, dissector_handle_t handle);

/** The same, to smtpx, said by a heuristic dissector inside TLS. Any pass.
 *  @param data  what TLS passed to it */
void smtpx_tls_claim(void *data);

/** Draws TLS records that stand at an offset of a tvbuff. Any pass.
 *  @param data  what TCP passed to smtpx */
void smtpx_tls_draw(tvbuff_t *tvb, smtp_span records, packet_info *pinfo, proto_tree *tree, void *data);

/** The position of a decrypted tvbuff's first octet, the same on every pass.
 *  @param data  what TLS passed to smtpx; may be NULL */
smtpx_sequence smtpx_tls_sequence(tvbuff_t *tvb, packet_info *pinfo, const void *data);

#endif /* SMTPX_TLS_H */
