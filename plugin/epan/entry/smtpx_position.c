/* smtpx_position.c
 * Where octets stand in their stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_position.h"

#include <epan/proto_data.h>

#if !SMTPX_TLS_TELLS_POSITION
#include <epan/dissectors/packet-tls-utils.h>
#endif

static int proto_smtpx = -1;

void smtpx_position_register(int proto)
{
    proto_smtpx = proto;
}

#if SMTPX_TLS_TELLS_POSITION

void smtpx_position_handoff(void)
{
}

static bool tls_sequence(tvbuff_t *tvb _U_, packet_info *pinfo _U_, const void *data, uint32_t *sequence)
{
    if (data)
        *sequence = ((const struct tlsinfo *)data)->seq;
    return data != NULL;
}

#else

static int proto_tls = -1;

void smtpx_position_handoff(void)
{
    proto_tls = proto_get_id_by_filter_name("tls");
}

/* The decrypted record of this frame that holds the octet at @p octet. */
static const SslRecordInfo *find_tls_record(packet_info *pinfo, const uint8_t *octet)
{
    const SslPacketInfo *packet = p_get_proto_data(wmem_file_scope(), pinfo, proto_tls, 0);
    const SslRecordInfo *record = packet ? packet->records : NULL;

    while (record && !(octet >= record->plain_data && octet < record->plain_data + record->data_len))
        record = record->next;
    return record;
}

/* TLS hands over a decrypted record, or what it put together from the start of
 * a unit on ("multisegment PDU").  The octets of a record are known by their
 * address.  Octets put together follow, in the list of data sources, the
 * record that completed them; and TLS knows where such a unit began. */
static bool tls_sequence(tvbuff_t *tvb, packet_info *pinfo, const void *data _U_, uint32_t *sequence)
{
    const uint8_t *octet = tvb_get_ptr(tvb, 0, 1);
    const SslRecordInfo *record = find_tls_record(pinfo, octet);
    const GSList *source;

    if (record) {
        *sequence = record->seq + (uint32_t)(octet - record->plain_data);
        return true;
    }
    for (source = pinfo->data_src; source; source = source->next) {
        tvbuff_t *other = get_data_source_tvb((const struct data_source *)source->data);
        const SslRecordInfo *found;

        if (tvb_captured_length(other) == 0)
            continue;
        found = find_tls_record(pinfo, tvb_get_ptr(other, 0, 1));
        record = found ? found : record;
    }
    if (record && record->flow && record->seq > 0) {
        const struct tcp_multisegment_pdu *pdu =
            wmem_tree_lookup32_le(record->flow->multisegment_pdus, record->seq - 1);
        if (pdu)
            *sequence = pdu->seq;
        return pdu != NULL;
    }
    return false;
}

#endif

/* Nobody tells (a tunnel over something else than TCP): octets follow each
 * other as they are offered, and the frame remembers where they were. */
static uint64_t remembered_position(const smtpx_stream *stream, tvbuff_t *tvb, packet_info *pinfo)
{
    uint64_t *position = p_get_proto_data(wmem_file_scope(), pinfo, proto_smtpx, pinfo->curr_layer_num);

    if (!position) {
        bool put_together = stream->waiting_for > 0 && tvb_reported_length(tvb) > stream->waiting_for;
        position = wmem_new(wmem_file_scope(), uint64_t);
        *position = put_together ? stream->waiting_at : stream->next + stream->waiting_for;
        p_add_proto_data(wmem_file_scope(), pinfo, proto_smtpx, pinfo->curr_layer_num, position);
    }
    return *position;
}

uint64_t smtpx_position(smtpx_stream *stream, smtpx_layer layer, tvbuff_t *tvb, packet_info *pinfo, const void *data)
{
    uint32_t sequence = 0;
    bool told;

    if (layer == SMTPX_LAYER_TLS) {
        told = tls_sequence(tvb, pinfo, data, &sequence);
    } else {
        told = data != NULL;
        if (told)
            sequence = ((const struct tcpinfo *)data)->seq;
    }
    if (!told)
        return remembered_position(stream, tvb, pinfo);
    return smtpx_records_unwrap(&stream->records, pinfo->num, sequence);
}

/* Octets between the start of a connection and a sequence number of one of its
 * ends; 0 when that is not known.  It is TCP's preference whether its numbers begin
 * at 0 or where they really do. */
static uint32_t octets_from_start(const smtpx_session *session, const tcp_flow_t *flow, uint32_t sequence)
{
    enum {
        MOST = 1 << 20 /* more are hardly missing: then the numbers mean something else */
    };
    uint32_t octets = flow ? MIN(sequence - 1, sequence - 1 - flow->base_seq) : sequence - 1;

    return session->from_start && octets < MOST ? octets : 0;
}

/* How many octets of a stream were acknowledged that nobody has offered. */
static uint64_t unseen(const smtpx_session *session, const smtpx_stream *stream, const tcp_flow_t *flow, uint32_t frame,
                       uint32_t acknowledged)
{
    uint64_t position;

    if (!stream->begun)
        return octets_from_start(session, flow, acknowledged);
    if (acknowledged == (uint32_t)(stream->next + stream->waiting_for))
        return 0;
    position = smtpx_records_unwrap(&stream->records, frame, acknowledged);
    return position > stream->next + stream->waiting_for ? position - stream->next : 0;
}

void smtpx_position_unseen(const smtpx_session *session, packet_info *pinfo, const void *data, smtpx_hand *hand)
{
    const smtpx_stream *mine = &session->streams[hand->layer][hand->direction];
    const smtpx_stream *other = &session->streams[hand->layer][!hand->direction];
    const struct tcp_analysis *tcp = NULL;
    const struct tcpinfo *numbers = data;

    if (hand->layer != SMTPX_LAYER_TCP || !numbers)
        return;
    if (!mine->begun || !other->begun)
        tcp = get_tcp_conversation_data(session->conversation, pinfo);
    if (!mine->begun)
        hand->missing = octets_from_start(session, tcp ? tcp->fwd : NULL, numbers->seq);
    hand->ahead = unseen(session, other, tcp ? tcp->rev : NULL, pinfo->num, numbers->lastackseq);
    /* A FIN counts as one octet. */
    if (hand->ahead == 1)
        hand->ahead = 0;
}
