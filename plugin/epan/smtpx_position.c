/* smtpx_position.c
 * Where octets stand in their stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_position.h"

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
