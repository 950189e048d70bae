/* smtpx_wait.c
 * What is waited for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/entry/smtpx_wait.h"

/* Will TCP bring more octets of this sender? None follow a FIN. */
static bool is_last_segment(const struct tcpinfo *told)
{
    return told && IS_TH_FIN(told->flags);
}

bool smtpx_may_wait(const packet_info *pinfo, tvbuff_t *tvb, const smtpx_hand *hand)
{
    return pinfo->can_desegment && hand->length == tvb_reported_length(tvb) && !is_last_segment(hand->told);
}

/* How many octets of the segment at hand stand behind what TCP has handed over. From 4.4 on
 * there are some where a segment came again in between; asked for one segment more, TCP would
 * then keep them until the next segment comes. */
static uint32_t rest_of_segment(const struct tcpinfo *told, tvbuff_t *tvb)
{
    int32_t rest = told ? (int32_t)(told->nxtseq - (told->seq + tvb_reported_length(tvb))) : 0;

    return (uint32_t)MAX(rest, 0);
}

void smtpx_wait(packet_info *pinfo, tvbuff_t *tvb, uint32_t offset, const struct tcpinfo *told)
{
    uint32_t rest = rest_of_segment(told, tvb);

    pinfo->desegment_offset = (int)offset;
    pinfo->desegment_len = rest > 0 ? rest : DESEGMENT_ONE_MORE_SEGMENT;
}

bool smtpx_comes_again(const smtpx_hand *hand, uint32_t before, uint32_t whole)
{
    return whole <= before && whole < hand->length && hand->can_wait && hand->told && hand->told->is_reassembled;
}
