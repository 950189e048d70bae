/* smtpx_conversation.c
 * The ends of a packet, and TCP's conversation between them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_conversation.h"

/* The one that was found last: in which frame, and between which ends. */
static struct {
    conversation_t *conversation; /* NULL: none was */
    uint32_t frame;
    port_type ptype;
    address src;
    address dst;
    smtpx_end from;
    smtpx_end to;
} last;

static void forget_capture(void)
{
    last.conversation = NULL;
}

void smtpx_conversation_register(void)
{
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
}

/* On the first pass each frame comes once, so the hosts that are remembered for it are still in memory. */
static bool is_last(const packet_info *pinfo)
{
    return last.conversation && last.frame == pinfo->num && !PINFO_FD_VISITED(pinfo) && last.ptype == pinfo->ptype &&
           smtpx_is_from_to(pinfo, &last.from, &last.to);
}

static conversation_t *remember(const packet_info *pinfo, conversation_t *conversation)
{
    last.conversation = PINFO_FD_VISITED(pinfo) ? NULL : conversation;
    last.frame = pinfo->num;
    last.ptype = pinfo->ptype;
    last.src = pinfo->src;
    last.dst = pinfo->dst;
    last.from = (smtpx_end){&last.src, pinfo->srcport};
    last.to = (smtpx_end){&last.dst, pinfo->destport};
    return conversation;
}

conversation_t *smtpx_conversation_find(packet_info *pinfo)
{
    return is_last(pinfo) ? last.conversation : remember(pinfo, smtpx_find_conversation(pinfo));
}

conversation_t *smtpx_conversation_make(packet_info *pinfo)
{
    conversation_t *found = smtpx_conversation_find(pinfo);

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    return found ? found : remember(pinfo, smtpx_make_conversation(pinfo));
}

conversation_t *smtpx_conversation_of_dissector(packet_info *pinfo)
{
    return smtpx_conversations_are_told_apart() ? find_or_create_conversation(pinfo) : smtpx_conversation_make(pinfo);
}
