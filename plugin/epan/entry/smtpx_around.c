/* smtpx_around.c
 * Connections on which TLS has begun: TLS gets its records, and smtpx all that is
 * clear text before, behind and between them.
 *
 * The dissector belongs to a protocol in name only, a child of TCP: so it is no
 * layer of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_around.h"

#include "plugin/epan/entry/smtpx_offer.h"
#include "plugin/epan/entry/smtpx_position.h"
#include "plugin/epan/entry/smtpx_tls.h"

static dissector_handle_t around_handle;
static dissector_handle_t entry;

/* How many octets from the first on are TLS's. */
static uint32_t find_tls(tvbuff_t *tvb, packet_info *pinfo, const void *data)
{
    const smtpx_session *session = smtpx_session_find(pinfo);
    const smtpx_stream *stream;

    if (!session)
        return 0;
    stream = smtpx_session_stream(session, SMTPX_LAYER_TCP, smtpx_session_direction(session, pinfo));
    if (stream->stretches == 0)
        return 0;
    return smtpx_stream_tls(stream, smtpx_position(stream, SMTPX_LAYER_TCP, tvb, pinfo, data),
                            tvb_captured_length(tvb));
}

/* Clear text behind TLS records. */
static void offer_rest(tvbuff_t *tvb, uint32_t offset, packet_info *pinfo, proto_tree *tree, void *data)
{
    struct tcpinfo behind;

    if (data) {
        behind = *(const struct tcpinfo *)data;
        behind.seq += offset;
    }
    smtpx_offer(entry, tvb_new_subset_remaining(tvb, smtpx_size(offset)), pinfo, tree, data ? &behind : NULL);
    if (pinfo->desegment_len)
        pinfo->desegment_offset += (int)offset;
}

int smtpx_around_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);
    uint32_t of_tls = find_tls(tvb, pinfo, data);
    uint16_t can_desegment = pinfo->saved_can_desegment;
    int taken;

    if (of_tls == 0)
        return 0;
    if (of_tls == length)
        return smtpx_offer(smtpx_tls_dissector(), tvb, pinfo, tree, data);
    pinfo->saved_can_desegment = 0; /* no record goes on behind clear text */
    taken = smtpx_offer(smtpx_tls_dissector(), tvb_new_subset_length(tvb, 0, smtpx_size(of_tls)), pinfo, tree, data);
    pinfo->saved_can_desegment = can_desegment;
    if (!taken)
        return 0;
    offer_rest(tvb, of_tls, pinfo, tree, data);
    return (int)length;
}

static int dissect_around(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    int taken = smtpx_offer(entry, tvb, pinfo, tree, data);

    return taken ? taken : smtpx_around_tls(tvb, pinfo, tree, data);
}

void smtpx_around_take_over(packet_info *pinfo)
{
    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    smtpx_tls_take_over(pinfo);
    conversation_set_dissector_from_frame_number(smtpx_conversation_of_dissector(pinfo), pinfo->num, around_handle);
}

void smtpx_around_register(void)
{
    int proto = proto_register_protocol_in_name_only("Simple Mail Transfer Protocol", "SMTP around TLS (smtpx)",
                                                     "smtpx_around", proto_get_id_by_filter_name("tcp"), FT_PROTOCOL);

    around_handle = register_dissector("smtpx_around", dissect_around, proto);
}

void smtpx_around_handoff(dissector_handle_t over_tcp)
{
    entry = over_tcp;
}
