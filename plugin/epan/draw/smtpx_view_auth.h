/* smtpx_view_auth.h
 * AUTH: who logs in, how, and with what success (RFC 4954).
 *
 * Passwords and tokens are shown only when the user asks for them; that there
 * is one, and how long it is, is shown always.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_AUTH_H
#define SMTPX_VIEW_AUTH_H

#include "plugin/epan/draw/smtpx_view.h"
#include "plugin/smtp/smtp_reading.h"

/** The preference smtpx.show_secrets. */
extern smtpx_bool smtpx_auth_show_secrets;

void smtpx_view_auth_register(int proto);
void smtpx_view_auth_handoff(int proto);

/** Does a dissector for its tokens listen to this AUTH exchange? */
bool smtpx_view_auth_is_heard(const smtp_exchange *exchange);

/** Is this of an AUTH exchange that somebody wants to know of, whether it is
 *  drawn or not? */
static inline bool smtpx_view_auth_is_wanted(const smtp_exchange *exchange)
{
    return smtp_exchange_is_auth(exchange) && smtpx_view_auth_is_heard(exchange);
}

/** Does anybody look at a field that is drawn here? */
bool smtpx_view_auth_is_asked_for(const smtpx_cursor *at);

/** The mechanism in a command's argument. */
void smtpx_view_auth_mechanism(const smtpx_cursor *at, smtp_span name);

/** The user that a response names, as one line of text; NULL: it names none. */
const char *smtpx_view_auth_user(smtpx_view *view, const smtp_auth_response *response);

/** The line behind a challenge: as typed, or without secrets what it carries. */
proto_item *smtpx_view_auth_line(smtpx_view *view, const smtpx_cursor *unit, const smtp_reading *reading,
                                 const smtp_exchange *exchange);

/** What the client answers, in a command or behind a challenge, if it does. */
void smtpx_view_auth_response(smtpx_view *view, const smtpx_cursor *at, const smtp_reading *reading,
                              const smtp_exchange *exchange);

/** The text of a challenge, in a line.
 *  @param exchange  NULL: it is not in the capture */
void smtpx_view_auth_challenge(smtpx_view *view, const smtpx_cursor *at, smtp_span text, const smtp_exchange *exchange);

/** A challenge decoded, as one line of text; NULL: it is empty, or no base64. */
const char *smtpx_view_auth_challenge_text(smtpx_view *view, const smtpx_cursor *at, smtp_span text);

/** What a reply with this code says of the exchange. */
void smtpx_view_auth_result(const smtpx_cursor *at, uint16_t code, const smtp_exchange *exchange);

#endif /* SMTPX_VIEW_AUTH_H */
