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

#include <epan/packet.h>
#include <epan/tfs.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls.h>
#include <wsutil/str_util.h>

#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
#include <wsutil/plugins.h>
/* What a heuristic dissector and a callback of wmem return, and a Boolean preference points to. */
typedef bool smtpx_bool;
/* A dissector over TLS is told its position in the stream. */
#define SMTPX_TLS_TELLS_POSITION 1
#else
typedef gboolean smtpx_bool;
#define SMTPX_TLS_TELLS_POSITION 0
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#endif

/* A heuristic dissector over TLS names the handle to be called from then on. */
static inline void smtpx_claim_tls_session(void *data, dissector_handle_t handle)
{
#if SMTPX_TLS_TELLS_POSITION
    *((struct tlsinfo *)data)->app_handle = handle;
#else
    *(dissector_handle_t *)data = handle;
#endif
}

#endif /* SMTPX_COMPAT_H */
