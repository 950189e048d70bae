/* smtp_auth.h
 * SASL mechanisms: what each response of an AUTH exchange carries (RFC 4954).
 *
 * Challenges need no reading beyond base64: what they hold is text, or a token
 * for NTLM or GSS-API.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_AUTH_H
#define SMTP_AUTH_H

#include "smtp_note.h"
#include "smtp_text.h"

/** A row of smtp_mechanisms.def. */
typedef enum smtp_mechanism {
#define SMTP_MECHANISM(name, text, steps, layer, meaning, source) SMTP_MECHANISM_##name,
#include "../smtp_mechanisms.def"
#undef SMTP_MECHANISM
    SMTP_MECHANISM_COUNT
} smtp_mechanism;

/** How the octets of a mechanism are read. */
typedef enum smtp_steps {
    SMTP_STEPS_OPAQUE,    /**< not */
    SMTP_STEPS_SECRET,    /**< not, and all may be a secret */
    SMTP_STEPS_PLAIN,     /**< [authzid] NUL authcid NUL password */
    SMTP_STEPS_LOGIN,     /**< user; password */
    SMTP_STEPS_CRAM,      /**< user SP digest */
    SMTP_STEPS_DIGEST,    /**< directives: username="..." */
    SMTP_STEPS_NTLM,      /**< tokens of NTLMSSP */
    SMTP_STEPS_GSS,       /**< tokens of GSS-API */
    SMTP_STEPS_GS2,       /**< gs2-header, then tokens */
    SMTP_STEPS_SCRAM,     /**< gs2-header, n=user,r=nonce; c=,r=,p= */
    SMTP_STEPS_XOAUTH2,   /**< user=... ^A auth=Bearer token ^A^A */
    SMTP_STEPS_OAUTH,     /**< gs2-header ^A key=value ^A ... ^A^A */
    SMTP_STEPS_EXTERNAL,  /**< [authzid] */
    SMTP_STEPS_ANONYMOUS, /**< trace */
    SMTP_STEPS_OTP,       /**< authzid NUL authcid; one-time password */
    SMTP_STEPS_SECURID    /**< authzid NUL authcid NUL passcode NUL [pin] */
} smtp_steps;

/** The parts of AUTH's argument: "mechanism [initial-response]".  Where the first word is no name of a mechanism, it
 *  may be a secret: it counts as the initial response then, and the mechanism has no octets. */
typedef struct smtp_auth_argument {
    smtp_span mechanism;
    smtp_span initial;
    bool has_initial;
} smtp_auth_argument;

typedef enum smtp_auth_kind {
    SMTP_AUTH_USERNAME, /**< authentication identity */
    SMTP_AUTH_AUTHZID,  /**< authorization identity */
    SMTP_AUTH_REALM,
    SMTP_AUTH_SECRET
} smtp_auth_kind;

/** How the octets of a part are written. */
typedef enum smtp_auth_coding {
    SMTP_CODING_NONE,
    SMTP_CODING_SASLNAME, /**< "=2C" is ",", "=3D" is "=" (RFC 5802, 5.1) */
    SMTP_CODING_QUOTED    /**< a backslash before any octet (RFC 2831, 7.2) */
} smtp_auth_coding;

typedef struct smtp_auth_part {
    smtp_auth_kind kind;
    smtp_auth_coding coding;
    smtp_span span; /**< in the decoded octets */
} smtp_auth_part;

/** What was found in a response. */
typedef struct smtp_auth_parts {
    smtp_auth_part part[4];
    uint32_t count;
    bool malformed; /**< not what the mechanism wants; all of it may be a secret */
} smtp_auth_parts;

/** Is one of these a password or a token? */
static inline bool smtp_auth_has_secret(const smtp_auth_parts *parts)
{
    for (uint32_t i = 0; i < parts->count; i++) {
        if (parts->part[i].kind == SMTP_AUTH_SECRET)
            return true;
    }
    return false;
}

smtp_auth_argument smtp_auth_argument_parse(const uint8_t *line, smtp_span argument);

/** The mechanism of this name; a member of a family that has no row of its own
 *  ("SCRAM-...", "PLAIN-...") is taken for one that has. */
smtp_mechanism smtp_auth_mechanism(const uint8_t *name, uint32_t length);

const char *smtp_auth_mechanism_name(smtp_mechanism mechanism);

/** Of one that has no row both are empty. */
smtp_note smtp_auth_mechanism_note(const uint8_t *name, uint32_t length);

smtp_steps smtp_auth_steps(smtp_mechanism mechanism);

/** May what follows a success travel in a security layer? (RFC 4422, 3.7) */
bool smtp_auth_may_protect(smtp_mechanism mechanism);

/** Are these octets a line of base64, "=" or "*" (RFC 4954, 4)? */
bool smtp_auth_is_answer(const uint8_t *line, uint32_t length);

/** May they be a part of such a line, with its end or without? */
bool smtp_auth_may_be_part(const uint8_t *octets, uint32_t length);

/** Decodes base64 as RFC 4954 wants it: no other octet, "=" only at the end.
 *  @param to  room for smtp_auth_room() octets
 *  @return false when it is malformed */
bool smtp_auth_decode(const uint8_t *base64, uint32_t length, uint8_t *to, uint32_t *written);

/** Reads the decoded octets of a client's response.
 *  @param step  which response of the exchange it is, from 0; the initial
 *               response of AUTH is one of them */
smtp_auth_parts smtp_auth_parts_read(smtp_mechanism mechanism, uint32_t step, const uint8_t *decoded, uint32_t length);

/** A client's response, read. */
typedef struct smtp_auth_response {
    smtp_span base64;        /**< in the line */
    const uint8_t *decoded;  /**< NULL: it is "=", "*", or no base64 */
    uint32_t decoded_length; /**< octets */
    smtp_auth_parts parts;   /**< of decoded */
    bool malformed;          /**< it is no base64, or not what the mechanism wants */
} smtp_auth_response;

/** Reads a response.
 *  @param step  see smtp_auth_parts_read()
 *  @param room  for smtp_auth_room() octets: those decoded stand there */
smtp_auth_response smtp_auth_response_read(const uint8_t *line, smtp_span base64, smtp_mechanism mechanism,
                                           uint32_t step, uint8_t *room);

/** How many octets so many of base64 are at most. */
static inline uint32_t smtp_auth_room(uint32_t base64)
{
    return base64 / 4 * 3 + 3;
}

/** Is this base64 as RFC 4954 wants it? */
bool smtp_auth_is_base64(const uint8_t *octets, uint32_t length);

/** Which response LOGIN's challenge asks for, by its text in base64: 0, the
 *  user; 1, the password; -1 when it is none of LOGIN's. */
int smtp_auth_login_step(const uint8_t *base64, uint32_t length);

/** Undoes the coding of a part.
 *  @param to  room for the part's octets
 *  @return octets written */
uint32_t smtp_auth_uncode(const smtp_auth_part *part, const uint8_t *decoded, uint8_t *to);

#endif /* SMTP_AUTH_H */
