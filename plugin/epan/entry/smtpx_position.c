/* smtpx_position.c
 * Where octets stand in their stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_position.h"

#include <epan/proto_data.h>

#include "plugin/epan/entry/smtpx_tls.h"

static int proto_smtpx = -1;

void smtpx_position_register(int proto)
{
    proto_smtpx = proto;
}

/* Nobody tells (a tunnel over something else than TCP): octets follow each
 * other as they are offered, and the frame remembers where they were. */
static uint64_t remembered_position(const smtpx_stream *stream, tvbuff_t *tvb, packet_info *pinfo)
{
    uint64_t *position = p_get_proto_data(wmem_file_scope(), pinfo, proto_smtpx, pinfo->curr_layer_num);

    if (!position) {
        bool put_together = stream->waiting_for > 0 && tvb_reported_length(tvb) > stream->waiting_for;
        position = wmem_new(wmem_file_scope(), uint64_t);
        *position = put_together ? stream->next : stream->next + stream->waiting_for;
        p_add_proto_data(wmem_file_scope(), pinfo, proto_smtpx, pinfo->curr_layer_num, position);
    }
    return *position;
}

uint64_t smtpx_position_untold(const smtpx_stream *stream, smtpx_layer layer, tvbuff_t *tvb, packet_info *pinfo,
                               const void *data)
{
    smtpx_sequence first = {.told = false};

    if (layer == SMTPX_LAYER_TLS)
        first = smtpx_tls_sequence(tvb, pinfo, data);
    return first.told ? smtpx_stream_position(stream, pinfo, first.number) : remembered_position(stream, tvb, pinfo);
}

/* Octets between the start of a connection and a sequence number of one of its
 * ends.  It is TCP's preference whether its numbers begin at 0 or where they really do. */
static uint32_t octets_from_start(const tcp_flow_t *flow, uint32_t sequence)
{
    return flow ? MIN(sequence - 1, sequence - 1 - flow->base_seq) : sequence - 1;
}

/* Octets before a sequence number of a stream of which nobody has offered any; 0 when that is not known. Where its
 * start was not seen, what the other end wanted of it, when that began to speak, tells. */
static uint32_t octets_before(const smtpx_session *session, const smtpx_stream *stream, const tcp_flow_t *flow,
                              uint32_t sequence)
{
    enum {
        MOST = 1 << 20 /* more are hardly missing: then the numbers mean something else */
    };
    uint32_t octets = 0;

    if (session->from_start)
        octets = octets_from_start(flow, sequence);
    else if (stream->is_wanted)
        octets = sequence - stream->wanted;
    return octets < MOST ? octets : 0;
}

/* How many octets of a stream were acknowledged that nobody has offered. */
static uint64_t unseen(const smtpx_session *session, const smtpx_stream *stream, const tcp_flow_t *flow,
                       uint64_t acknowledged)
{
    uint64_t octets = 0;

    if (!stream->begun)
        octets = octets_before(session, stream, flow, (uint32_t)acknowledged);
    else if (acknowledged > stream->next + stream->waiting_for)
        octets = acknowledged - stream->next;
    /* A FIN counts as one octet; of a side that has said nothing it may be that. */
    return !stream->begun && octets == 1 ? 0 : octets;
}

/* Is the one octet that was acknowledged behind those of a side its FIN? */
static bool is_fin(const smtpx_session *session, packet_info *pinfo)
{
    const struct tcp_analysis *tcp = get_tcp_conversation_data(session->conversation, pinfo);

    return tcp && tcp->rev->fin > 0;
}

void smtpx_position_unseen(smtpx_session *session, const smtpx_stream *stream, packet_info *pinfo, smtpx_hand *hand)
{
    smtpx_stream *other = &smtpx_session_layer(session, hand->layer)->streams[!hand->direction];
    const struct tcp_analysis *tcp = NULL;
    const struct tcpinfo *numbers = hand->told;

    if (!numbers)
        return;
    if (!stream->begun || !other->begun)
        tcp = get_tcp_conversation_data(session->conversation, pinfo);
    if (!stream->begun)
        hand->missing = octets_before(session, stream, tcp ? tcp->fwd : NULL, numbers->seq);
    hand->acknowledged = smtpx_stream_position(other, pinfo, numbers->lastackseq);
    if (!other->begun && !other->is_wanted) {
        other->wanted = numbers->lastackseq;
        other->is_wanted = true;
    }
    if (other->begun && hand->acknowledged == other->next + other->waiting_for + 1 && is_fin(session, pinfo))
        hand->acknowledged--;
    hand->unread = unseen(session, other, tcp ? tcp->rev : NULL, hand->acknowledged);
}

bool smtpx_position_speaks_first(const smtpx_session *session, packet_info *pinfo, const void *data)
{
    const struct tcp_analysis *tcp = get_tcp_conversation_data(session->conversation, pinfo);
    const struct tcpinfo *numbers = data;

    return numbers && octets_from_start(tcp ? tcp->rev : NULL, numbers->lastackseq) == 0;
}
