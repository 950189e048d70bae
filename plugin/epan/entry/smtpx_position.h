/* smtpx_position.h
 * Where octets stand in their stream: the only place that knows.
 *
 * TCP tells a dissector the sequence number of its first octet, and it is
 * the same in every pass, frame and tvbuff; so does TLS from Wireshark 4.4
 * on.  In 4.0 it is worked out from what TLS has stored of its records.
 *
 * It stands above smtpx_tls, which knows the numbers inside TLS, and above
 * plugin/epan/learn: a number of 32 bits is near to what was learned.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_POSITION_H
#define SMTPX_POSITION_H

#include "plugin/epan/learn/smtpx_session.h"

void smtpx_position_register(int proto);

/** As smtpx_position(), where TCP does not tell it. */
uint64_t smtpx_position_untold(const smtpx_stream *stream, smtpx_layer layer, tvbuff_t *tvb, packet_info *pinfo,
                               const void *data);

/** The position of a tvbuff's first octet in its stream.
 *  @param data  what TCP or TLS passed to the dissector; may be NULL */
static inline uint64_t smtpx_position(const smtpx_stream *stream, smtpx_layer layer, tvbuff_t *tvb, packet_info *pinfo,
                                      const void *data)
{
    if (layer == SMTPX_LAYER_TCP && data)
        return smtpx_stream_position(stream, pinfo, ((const struct tcpinfo *)data)->seq);
    return smtpx_position_untold(stream, layer, tvb, pinfo, data);
}

/** What TCP's numbers say of octets that were not offered: fills in hand->missing
 *  and hand->unread.  First pass only.
 *  @param stream  of the octets in hand */
void smtpx_position_unseen(smtpx_session *session, const smtpx_stream *stream, packet_info *pinfo, smtpx_hand *hand);

/** Had the sender nothing of the other side yet, as far as TCP's numbers tell?  First pass only.
 *  @param data  what TCP passed to the dissector; NULL: they tell nothing */
bool smtpx_position_speaks_first(const smtpx_session *session, packet_info *pinfo, const void *data);

#endif /* SMTPX_POSITION_H */
