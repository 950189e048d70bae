/* smtp_code.h
 * Reply codes and enhanced status codes: what they mean (RFC 5321, 4.2; RFC 3463).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_CODE_H
#define SMTP_CODE_H

#include "smtp_note.h"
#include "smtp_verb.h"

/** RFC 3463: class "." subject "." detail */
typedef struct smtp_enhanced {
    smtp_span whole;
    uint16_t class_;
    uint16_t subject;
    uint16_t detail;
} smtp_enhanced;

/** Positive completion, 2yz (RFC 5321, 4.2.1) */
static inline bool smtp_code_is_completion(uint16_t code)
{
    return code / 100 == 2;
}

/** Positive intermediate, 3yz: the server waits for more. */
static inline bool smtp_code_is_intermediate(uint16_t code)
{
    return code / 100 == 3;
}

/** Transient or permanent negative completion: 4yz or 5yz */
static inline bool smtp_code_refuses(uint16_t code)
{
    return code >= 400;
}

/** Does a reply take what it answers? 221 only closes the connection. */
static inline bool smtp_code_accepts(uint16_t code)
{
    return smtp_code_is_completion(code) && code != 221;
}

/** Does a server say by this code that it does not know the command? */
static inline bool smtp_code_is_unknown(uint16_t code)
{
    return code == 500 || code == 502;
}

/** The enhanced status code at the start of a reply's text, if it has one
 *  that fits the reply's code (RFC 2034, 4). */
bool smtp_enhanced_parse(const uint8_t *line, smtp_span text, uint16_t code, smtp_enhanced *enhanced);

/** What a code means behind this command, where that is not what it means
 *  elsewhere; NULL otherwise. */
const char *smtp_code_meaning(uint16_t code, smtp_verb verb);

/** The registered meaning of an enhanced status code; NULL when it has none. */
const char *smtp_enhanced_meaning(const smtp_enhanced *enhanced);

/** What it means for people: no failure where the class says success. Of one that is not registered it is what its
 *  subject is about; of a subject that is not either, both are empty. */
smtp_note smtp_enhanced_note(const smtp_enhanced *enhanced);

#endif /* SMTP_CODE_H */
