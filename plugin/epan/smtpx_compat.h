/* smtpx_compat.h
 * Every difference between Wireshark's versions, and the headers behind them.
 *
 * The code is written to Wireshark 4.6's names; what is here maps them onto
 * 4.4 and 4.0.  No other file asks for the version.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_COMPAT_H
#define SMTPX_COMPAT_H

#include <stdbool.h>
#include <stdint.h>

#include <wireshark.h>
#include <ws_version.h>

#define SMTPX_WIRESHARK_AT_LEAST(major, minor) \
    (WIRESHARK_VERSION_MAJOR > (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

#include <epan/conversation.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/tfs.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls.h>
#include <wsutil/str_util.h>

#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
#include <wsutil/plugins.h>
/* What a heuristic dissector and a callback of wmem return, and a Boolean preference points to. */
typedef bool smtpx_bool;
#else
typedef gboolean smtpx_bool;
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#endif

/* Is a dissector over TLS told its position in the stream?  CMake asks the headers; a build inside
 * Wireshark's tree, which does not, goes by the version. */
#ifndef SMTPX_TLS_TELLS_POSITION
#define SMTPX_TLS_TELLS_POSITION SMTPX_WIRESHARK_AT_LEAST(4, 4)
#endif

/* What the beginning of a statistic returns. */
#if SMTPX_WIRESHARK_AT_LEAST(4, 6)
typedef bool smtpx_stat_begun;
#define SMTPX_STAT_HAS_BEGUN true
#else
typedef void smtpx_stat_begun;
#define SMTPX_STAT_HAS_BEGUN
#endif

/* From 4.4 on the user may have conversations between the same ends told apart by
 * VLAN, MAC or interface.  Then TCP's own conversation is one that only functions
 * named "strat" find, but the dissector of a conversation still belongs to the one
 * that find_or_create_conversation() finds. */
static inline bool smtpx_conversations_are_told_apart(void)
{
#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
    return prefs.conversation_deinterlacing_key > 0;
#else
    return false;
#endif
}

/* TCP's conversation of this packet; NULL when there is none. */
static inline conversation_t *smtpx_find_conversation(packet_info *pinfo)
{
#if SMTPX_WIRESHARK_AT_LEAST(4, 6)
    if (smtpx_conversations_are_told_apart())
        return find_conversation_pinfo_strat(pinfo, 0);
#elif SMTPX_WIRESHARK_AT_LEAST(4, 4)
    if (smtpx_conversations_are_told_apart())
        return find_conversation_strat(pinfo, conversation_pt_to_conversation_type(pinfo->ptype), 0);
#endif
    return find_conversation_pinfo(pinfo, 0);
}

/* TCP's conversation of this packet, made where there is none; never NULL. */
static inline conversation_t *smtpx_make_conversation(packet_info *pinfo)
{
    conversation_t *found = smtpx_find_conversation(pinfo);

#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
    if (!found && smtpx_conversations_are_told_apart())
        found = conversation_new_strat(pinfo, conversation_pt_to_conversation_type(pinfo->ptype), 0);
#endif
    return found ? found : find_or_create_conversation(pinfo);
}

#endif /* SMTPX_COMPAT_H */
