/* smtp_session_effect.h
 * What a reply does: the next state follows from (command, reply).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_EFFECT_H
#define SMTP_SESSION_EFFECT_H

#include "smtp_session_state.h"

/** A whole reply, for what it does. */
typedef struct smtp_answer {
    uint16_t code;
    const uint8_t *octets; /**< of its unit */
    smtp_span text;        /**< of its first line, in the unit */
} smtp_answer;

/** Does what a reply to unit->exchange (NULL: to none that was seen) does. */
void smtp_session_apply(smtp_session *session, const smtp_answer *answer, smtp_unit *unit);

/** The same of a reply of which only the code is in hand. */
void smtp_session_apply_code(smtp_session *session, uint16_t code, smtp_unit *unit);

/** The greeting, or what is one, names the server. */
void smtp_session_learn_server(smtp_session *session, const smtp_answer *answer);

#endif /* SMTP_SESSION_EFFECT_H */
