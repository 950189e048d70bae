/* smtpx_auth.h
 * AUTH: who logs in and how (RFC 4954).  Secrets are never shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_AUTH_H
#define SMTPX_AUTH_H

#include "plugin/epan/smtpx_view.h"

void smtpx_auth_register(int proto);

/** Is this an AUTH command or answer that a listener wants to know of? */
bool smtpx_auth_is_wanted(const smtp_exchange *exchange);

/** Draws the argument of AUTH, which is a span of a line at an offset.
 *  @return SMTP_NOTE_* */
uint32_t smtpx_auth_view_command(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                 smtp_span argument, const smtp_exchange *exchange);

/** Draws a line that answers a challenge.
 *  @return SMTP_NOTE_* */
uint32_t smtpx_auth_view_answer(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                uint32_t length, const smtp_exchange *exchange);

#endif /* SMTPX_AUTH_H */
