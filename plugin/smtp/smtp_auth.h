/* smtp_auth.h
 * SASL mechanisms: what each step of an AUTH exchange carries (RFC 4954).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_AUTH_H
#define SMTP_AUTH_H

#include "smtp_text.h"

typedef enum smtp_mechanism {
    SMTP_MECHANISM_OTHER,
    SMTP_MECHANISM_PLAIN,      /**< RFC 4616 */
    SMTP_MECHANISM_LOGIN,      /**< draft-murchison-sasl-login */
    SMTP_MECHANISM_CRAM_MD5,   /**< RFC 2195 */
    SMTP_MECHANISM_XOAUTH2,    /**< Google, Microsoft */
    SMTP_MECHANISM_OAUTHBEARER /**< RFC 7628 */
} smtp_mechanism;

/** The parts of AUTH's argument: "mechanism [initial-response]". */
typedef struct smtp_auth_argument {
    smtp_span mechanism;
    smtp_span initial;
    bool has_initial;
} smtp_auth_argument;

smtp_auth_argument smtp_auth_argument_parse(const uint8_t *line, smtp_span argument);

smtp_mechanism smtp_auth_mechanism(const uint8_t *name, uint32_t length);

const char *smtp_auth_mechanism_name(smtp_mechanism mechanism);

/** Are these octets a line of base64, "=" or "*" (RFC 4954, 4)? */
bool smtp_auth_is_answer(const uint8_t *line, uint32_t length);

/** Decodes base64 as RFC 4954 wants it: no other octet, "=" only at the end.
 *  @param to  room for 3 octets per 4 begun
 *  @return false when it is malformed */
bool smtp_auth_decode(const uint8_t *base64, uint32_t length, uint8_t *to, uint32_t *written);

/** Where the user name is in the decoded octets of a client's response.
 *  @param step  which response of the exchange it is, from 0; the initial
 *               response of AUTH is one of them
 *  @return false when this response has none */
bool smtp_auth_user(smtp_mechanism mechanism, uint32_t step, const uint8_t *decoded, uint32_t length, smtp_span *user);

#endif /* SMTP_AUTH_H */
