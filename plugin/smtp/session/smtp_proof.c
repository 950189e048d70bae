/* smtp_proof.c
 * What the code of a reply shows by itself of what it answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_proof.h"

bool smtp_proof_is_of(uint16_t code, const smtp_exchange *exchange)
{
    switch (code) {
    case 221:
        return exchange->verb == SMTP_VERB_QUIT;
    case 220:
        return smtp_exchange_is_starttls(exchange) || exchange->verb == SMTP_VERB_XCLIENT;
    case 353:
        return smtp_exchange_ends_message(exchange);
    case 354:
        return exchange->verb == SMTP_VERB_DATA || exchange->verb == SMTP_VERB_XEXCH50;
    case 235:
    case 334:
    case 535:
        return smtp_exchange_is_auth(exchange);
    default:
        return false;
    }
}

/* Codes that no other command has as an answer, whatever its trouble. */
static bool is_proof(uint16_t code)
{
    return code == 220 || code == 221 || code == 235 || code == 334 || code == 354;
}

bool smtp_proof_allows(uint16_t code, const smtp_exchange *exchange)
{
    if (is_proof(code))
        return smtp_proof_is_of(code, exchange);
    return smtp_code_refuses(code) || (exchange->verb != SMTP_VERB_QUIT && exchange->verb != SMTP_VERB_DATA);
}
