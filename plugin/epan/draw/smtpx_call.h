/* smtpx_call.h
 * Other dissectors, and what they throw.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_CALL_H
#define SMTPX_CALL_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_call_handoff(void);

/** Calls a dissector, and shows what it throws.
 *  @return false when it threw something */
bool smtpx_call(smtpx_view *view, dissector_handle_t handle, tvbuff_t *tvb, proto_tree *tree);

/** Calls Wireshark's dissector of the header that a proxy puts before a session. */
void smtpx_call_proxy(smtpx_view *view, tvbuff_t *header);

#endif /* SMTPX_CALL_H */
