/* plugin.c
 * What Wireshark looks for in a plugin (doc/README.plugins).
 *
 * Not part of a build inside Wireshark's tree, which makes its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifdef _WIN32
#define WS_BUILD_DLL
#endif

#include "plugin/epan/smtpx_compat.h"

void proto_register_smtpx(void);
void proto_reg_handoff_smtpx(void);

WS_DLL_PUBLIC_DEF const char plugin_version[] = PLUGIN_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

void plugin_register(void)
{
    static proto_plugin smtpx = {proto_register_smtpx, proto_reg_handoff_smtpx};

    proto_register_plugin(&smtpx);
}

/* Asked for since 4.2. */
uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
