/* smtpx_auth.h
 * AUTH: who logs in, how, and with what success (RFC 4954).
 *
 * Passwords and tokens are shown only when the user asks for them; that there
 * is one, and how long it is, is shown always.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_AUTH_H
#define SMTPX_AUTH_H

#include "plugin/epan/draw/smtpx_view.h"

/** The preference smtpx.show_secrets. */
extern smtpx_bool smtpx_auth_show_secrets;

void smtpx_auth_register(int proto);
void smtpx_auth_handoff(int proto);

/** Is this of an AUTH exchange that somebody wants to know of, whether it is
 *  drawn or not: a tap listener, or a dissector for its tokens? */
bool smtpx_auth_is_wanted(const smtp_exchange *exchange);

/** Draws the argument of AUTH, which is a span of a line at an offset.
 *  @return SMTP_REMARK_* */
uint32_t smtpx_auth_view_command(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                 smtp_span argument, const smtp_exchange *exchange);

/** Draws a line that answers a challenge.
 *  @return SMTP_REMARK_* */
uint32_t smtpx_auth_view_answer(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                uint32_t length, const smtp_exchange *exchange);

/** Draws the text of a challenge, which is a span of a line at an offset.
 *  @return SMTP_REMARK_* */
uint32_t smtpx_auth_view_challenge(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                   smtp_span text, const smtp_exchange *exchange);

/** Draws what a reply with this code says of the exchange. */
void smtpx_auth_view_result(smtpx_view *view, proto_tree *tree, uint16_t code, const smtp_exchange *exchange);

#endif /* SMTPX_AUTH_H */
