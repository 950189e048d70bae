/* smtp_session_end.h
 * What the last octets of a direction are when their line, or TLS record, has no end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_END_H
#define SMTP_SESSION_END_H

#include "smtp_session.h"

/** Reads octets for which more were wanted, and behind which there is nothing. Changes nothing of the session.
 *  @param direction  who was client or server when the connection was opened
 *  @param exchange   set; of the unit, if it has one, and known to nobody else */
void smtp_session_end(const smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit,
                      smtp_exchange *exchange);

#endif /* SMTP_SESSION_END_H */
