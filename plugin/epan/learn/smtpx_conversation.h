/* smtpx_conversation.h
 * The ends of a packet, and TCP's conversation between them.
 *
 * Asking Wireshark for a conversation costs as much as reading a line, and the first
 * packet of a session asks several times: so the one found last is remembered.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_CONVERSATION_H
#define SMTPX_CONVERSATION_H

#include "plugin/epan/smtpx_compat.h"

/** An end of a connection. */
typedef struct smtpx_end {
    const address *host;
    uint32_t port;
} smtpx_end;

void smtpx_conversation_register(void);

/** As addresses_equal(), without a call for IPv4. */
static inline bool smtpx_is_host(const address *one, const address *other)
{
    enum {
        IPV4 = 4
    };

    if (one->len != IPV4 || other->len != IPV4)
        return addresses_equal(one, other);
    return one->type == other->type && memcmp(one->data, other->data, IPV4) == 0;
}

/** Does one of these ends speak to the other in this packet? */
static inline bool smtpx_is_from_to(const packet_info *pinfo, const smtpx_end *from, const smtpx_end *to)
{
    return pinfo->srcport == from->port && pinfo->destport == to->port && smtpx_is_host(&pinfo->src, from->host) &&
           smtpx_is_host(&pinfo->dst, to->host);
}

/** TCP's conversation of this packet; NULL when there is none. Any pass. */
conversation_t *smtpx_conversation_find(packet_info *pinfo);

/** The same, made where there is none; never NULL. First pass only. */
conversation_t *smtpx_conversation_make(packet_info *pinfo);

/** The conversation that TCP asks for the dissector of this packet; never NULL. First pass only. */
conversation_t *smtpx_conversation_of_dissector(packet_info *pinfo);

#endif /* SMTPX_CONVERSATION_H */
