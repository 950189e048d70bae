/* smtpx_wait.h
 * What is waited for: when, and how TCP and TLS are asked for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_WAIT_H
#define SMTPX_WAIT_H

#include "plugin/epan/learn/smtpx_stream.h"

/** Will TCP or TLS bring more octets behind those in hand, when asked to?
 *  @param hand  all that was captured of tvb */
bool smtpx_may_wait(const packet_info *pinfo, tvbuff_t *tvb, const smtpx_hand *hand);

/** Asks for more octets.
 *  @param offset  in tvb, of those that come again then
 *  @param told    see smtpx_hand */
void smtpx_wait(packet_info *pinfo, tvbuff_t *tvb, uint32_t offset, const struct tcpinfo *told);

/** What TCP put together it hands over again, from its first octet on, where it is asked for
 *  more behind octets of former frames alone. Then nothing of it is drawn yet: on later
 *  passes the frame at hand is not handed over.
 *  @param before  how many octets in hand were there before this frame
 *  @param whole   how many need no more octets */
bool smtpx_comes_again(const smtpx_hand *hand, uint32_t before, uint32_t whole);

#endif /* SMTPX_WAIT_H */
