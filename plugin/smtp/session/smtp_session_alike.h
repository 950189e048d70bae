/* smtp_session_alike.h
 * One recipient more, or one reply more to a recipient, in the same octets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_ALIKE_H
#define SMTP_SESSION_ALIKE_H

#include "smtp_session_state.h"

/** Reads the unit in hand if it does just what the one before it did.
 *  @param unit  what was read before, of octets that were in hand with these; set to what is read
 *  @return false: it has to be read as any other, and nothing is changed */
bool smtp_session_read_alike(smtp_session *session, smtp_direction *direction, const smtp_input *input,
                             smtp_unit *unit);

#endif /* SMTP_SESSION_ALIKE_H */
