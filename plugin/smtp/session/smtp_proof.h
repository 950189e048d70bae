/* smtp_proof.h
 * What the code of a reply shows by itself of what it answers (RFC 5321, 4.3.2; RFC 3207, 4; RFC 4954, 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PROOF_H
#define SMTP_PROOF_H

#include "../smtp_exchange.h"

/** Is this code an answer to such an exchange, and to no other kind? */
bool smtp_proof_is_of(uint16_t code, const smtp_exchange *exchange);

/** May a reply with this code be to this exchange, by what such exchanges are answered with? */
bool smtp_proof_allows(uint16_t code, const smtp_exchange *exchange);

#endif /* SMTP_PROOF_H */
