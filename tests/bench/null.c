/* null.c
 * A dissector that claims SMTP's ports and does nothing: what it costs is what
 * any dissector on these ports costs.  For the benchmark only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_compat.h"

void proto_register_smtpnull(void);
void proto_reg_handoff_smtpnull(void);

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

static dissector_handle_t null_handle;

static int dissect_null(tvbuff_t *tvb, packet_info *pinfo _U_, proto_tree *tree _U_, void *data _U_)
{
    return (int)tvb_captured_length(tvb);
}

void proto_register_smtpnull(void)
{
    int proto = proto_register_protocol("Nothing on SMTP's ports", "SMTPNULL", "smtpnull");

    null_handle = register_dissector("smtpnull", dissect_null, proto);
}

void proto_reg_handoff_smtpnull(void)
{
    dissector_add_uint("tcp.port", 25, null_handle);
    dissector_add_uint("tcp.port", 587, null_handle);
    ssl_dissector_add(465, null_handle);
}

void plugin_register(void)
{
    static proto_plugin null = {proto_register_smtpnull, proto_reg_handoff_smtpnull};

    proto_register_plugin(&null);
}

uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
