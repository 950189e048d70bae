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

#include <epan/addr_resolv.h>
#include <epan/conversation.h>
#include <epan/conversation_filter.h>
#include <epan/follow.h>
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

/* A number of octets, or an offset, as the calls of Wireshark take it that have to do with tvbuffs and
 * trees: int, and without a sign in the version behind 4.6. */
#if SMTPX_WIRESHARK_AT_LEAST(4, 7)
typedef unsigned smtpx_octets;
#else
typedef int smtpx_octets;
#endif

static inline smtpx_octets smtpx_size(size_t octets)
{
    return (smtpx_octets)octets;
}

/* What the beginning of a statistic returns. */
#if SMTPX_WIRESHARK_AT_LEAST(4, 6)
typedef bool smtpx_stat_begun;
#define SMTPX_STAT_HAS_BEGUN true
#else
typedef void smtpx_stat_begun;
#define SMTPX_STAT_HAS_BEGUN
#endif

/* What parts the names of menus in the title of a statistic. */
#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
#define SMTPX_MENU "//"
#else
#define SMTPX_MENU "/"
#endif

/* What a conversation filter is asked with. */
#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
#define SMTPX_FILTER_ARGUMENTS packet_info *pinfo, void *data _U_
#else
#define SMTPX_FILTER_ARGUMENTS packet_info *pinfo
#endif

static inline void smtpx_register_filter(const char *name, smtpx_bool (*is_valid)(SMTPX_FILTER_ARGUMENTS),
                                         char *(*build)(SMTPX_FILTER_ARGUMENTS))
{
#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
    register_conversation_filter("smtpx", name, is_valid, build, NULL);
#else
    register_conversation_filter("smtpx", name, is_valid, build);
#endif
}

/* Follows TCP's streams, by their number. */
static inline void smtpx_register_follow(int proto, const char *tap, follow_conv_filter_func of_packet,
                                         follow_index_filter_func of_stream, follow_address_filter_func of_ends,
                                         tap_packet_cb packet)
{
#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
    register_follow_stream(proto, tap, of_packet, of_stream, of_ends, tcp_port_to_display, packet, get_tcp_stream_count,
                           NULL);
#else
    register_follow_stream(proto, tap, of_packet, of_stream, of_ends, tcp_port_to_display, packet);
#endif
}

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
