/* smtp_session_octets.h
 * What is odd in the octets of a message: each kind once for a message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_OCTETS_H
#define SMTP_SESSION_OCTETS_H

#include "smtp_session_state.h"

/** Octets of the open transaction's message were read, and are not counted yet.
 *  @param unit  of them */
void smtp_session_judge_octets(smtp_session *session, const uint8_t *octets, smtp_unit *unit);

/** Is it known what MAIL has announced of a transaction's message? */
bool smtp_session_knows_announced(const smtp_session *session, const smtp_transaction *transaction);

#endif /* SMTP_SESSION_OCTETS_H */
