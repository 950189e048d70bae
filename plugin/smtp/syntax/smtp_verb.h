/* smtp_verb.h
 * Verbs: one for each row of smtp_verbs.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_VERB_H
#define SMTP_VERB_H

#include "smtp_text.h"

typedef enum smtp_verb {
#define SMTP_VERB(name, text, shape, on2, on3, on45) SMTP_VERB_##name,
#include "../smtp_verbs.def"
#undef SMTP_VERB
    SMTP_VERB_COUNT
} smtp_verb;

/** What the argument of a well-formed command of a verb is. */
typedef enum smtp_shape {
    SMTP_SHAPE_ANY,        /**< anything: only the verb alone proves something */
    SMTP_SHAPE_SOME,       /**< the same, but something */
    SMTP_SHAPE_WILD,       /**< anything, and even the verb alone proves nothing */
    SMTP_SHAPE_BARE,       /**< nothing */
    SMTP_SHAPE_TLS,        /**< nothing: TLS follows the reply (RFC 3207, 4) */
    SMTP_SHAPE_DOMAIN,     /**< the client's name */
    SMTP_SHAPE_MECHANISM,  /**< a SASL mechanism and perhaps a response (RFC 4954, 4) */
    SMTP_SHAPE_FROM,       /**< "FROM:" and a path */
    SMTP_SHAPE_TO,         /**< "TO:" and a path */
    SMTP_SHAPE_CHUNK,      /**< digits, perhaps "LAST" (RFC 3030, 2) */
    SMTP_SHAPE_URI,        /**< a URI, perhaps "LAST" (RFC 4468, 3.2) */
    SMTP_SHAPE_COUNT,      /**< digits: octets that follow the reply (XEXCH50) */
    SMTP_SHAPE_ATTRIBUTES, /**< NAME=value ... (XCLIENT, XFORWARD) */
} smtp_shape;

/** The verb of this name, whatever its case; UNKNOWN when there is no row for it. */
smtp_verb smtp_verb_find(const uint8_t *name, uint32_t length);

smtp_shape smtp_verb_shape(smtp_verb verb);

/** Its name; empty for what is not on the wire as such. */
const char *smtp_verb_text(smtp_verb verb);

/** Can octets grow into a line that begins with a verb whose argument can prove it?
 *  This is asked again each time that octets come, so not all are looked at. */
bool smtp_verb_may_follow(const uint8_t *octets, uint32_t length);

#endif /* SMTP_VERB_H */
