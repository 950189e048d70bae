/* smtpx_tls.c
 * Everything that is between smtpx and TLS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_tls.h"

#include <epan/proto_data.h>

#include "plugin/smtp/syntax/smtp_tls.h"

#if SMTPX_TLS_TELLS_POSITION
/* epan/dissectors/packet-tls-utils.h needs libgcrypt's headers for what it
 * declares besides this. */
WS_DLL_PUBLIC void tls_set_appdata_dissector(dissector_handle_t tls_handle, packet_info *pinfo,
                                             dissector_handle_t app_handle);
#else
#include <epan/dissectors/packet-tls-utils.h>
#endif

static int proto_tls = -1;
static dissector_handle_t tls_handle;
static dissector_handle_t inside_handle;

void smtpx_tls_handoff(int proto, dissector_handle_t inside)
{
    inside_handle = inside;
    tls_handle = find_dissector_add_dependency("tls", proto);
    proto_tls = proto_get_id_by_filter_name("tls");
}

dissector_handle_t smtpx_tls_dissector(void)
{
    DISSECTOR_ASSERT(tls_handle);
    return tls_handle;
}

void smtpx_tls_take_over(packet_info *pinfo)
{
    smtpx_tls_leave_to(pinfo, inside_handle);
}

void smtpx_tls_leave_to(packet_info *pinfo, dissector_handle_t handle)
{
    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    tls_set_appdata_dissector(smtpx_tls_dissector(), pinfo, handle);
}

static bool begins_record(tvbuff_t *tvb)
{
    uint32_t length = MIN(tvb_captured_length(tvb), SMTP_TLS_HEADER);

    return smtp_tls_is_header(tvb_get_ptr(tvb, 0, smtpx_size(length)), length);
}

void smtpx_tls_draw(tvbuff_t *tvb, smtp_span records, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint16_t can_desegment = pinfo->can_desegment;
    bool are_last = smtp_span_end(records) == tvb_captured_length(tvb);
    tvbuff_t *part = are_last ? tvb_new_subset_remaining(tvb, smtpx_size(records.offset))
                              : tvb_new_subset_length(tvb, smtpx_size(records.offset), smtpx_size(records.length));

    /* What TCP allows smtpx, smtpx allows TLS; but no record goes on behind clear text, and behind missing octets
     * none can be put together of its middle: TCP would not offer that frame again. */
    pinfo->can_desegment = can_desegment && are_last && begins_record(part) ? can_desegment + 1 : 0;
    call_dissector_only(smtpx_tls_dissector(), part, pinfo, tree, data);
    pinfo->can_desegment = can_desegment;
    if (pinfo->desegment_len)
        pinfo->desegment_offset += (int)records.offset;
}

#if SMTPX_TLS_TELLS_POSITION

void smtpx_tls_claim(void *data)
{
    *((struct tlsinfo *)data)->app_handle = inside_handle;
}

smtpx_sequence smtpx_tls_sequence(tvbuff_t *tvb _U_, packet_info *pinfo _U_, const void *data)
{
    const struct tlsinfo *told = data;

    return (smtpx_sequence){told ? told->seq : 0, told != NULL};
}

#else

void smtpx_tls_claim(void *data)
{
    *(dissector_handle_t *)data = inside_handle;
}

/* The decrypted record of this frame that holds the octet at @p octet. */
static const SslRecordInfo *find_record(packet_info *pinfo, const uint8_t *octet)
{
    const SslPacketInfo *packet = p_get_proto_data(wmem_file_scope(), pinfo, proto_tls, 0);
    const SslRecordInfo *record = packet ? packet->records : NULL;

    while (record && !(octet >= record->plain_data && octet < record->plain_data + record->data_len))
        record = record->next;
    return record;
}

/* The last of the frame's data sources that is a decrypted record. */
static const SslRecordInfo *find_last_record(packet_info *pinfo)
{
    const SslRecordInfo *last = NULL;

    for (const GSList *source = pinfo->data_src; source; source = source->next) {
        tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)source->data);
        const SslRecordInfo *found = tvb_captured_length(tvb) > 0 ? find_record(pinfo, tvb_get_ptr(tvb, 0, 1)) : NULL;

        last = found ? found : last;
    }
    return last;
}

/* TLS hands over a decrypted record, or what it put together from the start of
 * a unit on ("multisegment PDU").  The octets of a record are known by their
 * address.  Octets put together follow, in the list of data sources, the
 * record that completed them; and TLS knows where such a unit began. */
smtpx_sequence smtpx_tls_sequence(tvbuff_t *tvb, packet_info *pinfo, const void *data _U_)
{
    const uint8_t *octet = tvb_get_ptr(tvb, 0, 1);
    const SslRecordInfo *record = find_record(pinfo, octet);
    const struct tcp_multisegment_pdu *pdu = NULL;

    if (record)
        return (smtpx_sequence){record->seq + (uint32_t)(octet - record->plain_data), true};
    record = find_last_record(pinfo);
    if (record && record->flow && record->seq > 0)
        pdu = wmem_tree_lookup32_le(record->flow->multisegment_pdus, record->seq - 1);
    return (smtpx_sequence){pdu ? pdu->seq : 0, pdu != NULL};
}

#endif
