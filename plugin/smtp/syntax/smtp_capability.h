/* smtp_capability.h
 * EHLO keywords and what follows them (RFC 5321, 4.1.1.1).
 *
 * A line's text is a span of the line that was given.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_CAPABILITY_H
#define SMTP_CAPABILITY_H

#include "smtp_note.h"
#include "smtp_reply.h"

/** An EHLO line's keyword and what follows it (RFC 5321, 4.1.1.1). */
typedef struct smtp_capability {
    smtp_span keyword;
    smtp_span parameter; /**< also of the pre-standard "AUTH=LOGIN" */
} smtp_capability;

smtp_capability smtp_capability_parse(const uint8_t *line, smtp_span text);

/** How what follows an EHLO keyword is read. */
typedef enum smtp_keyword_parameter {
    SMTP_KEYWORD_NONE,         /**< nothing follows */
    SMTP_KEYWORD_TEXT,         /**< words */
    SMTP_KEYWORD_SIZE,         /**< a number of octets, 0: no fixed maximum (RFC 1870, 4) */
    SMTP_KEYWORD_MECHANISMS,   /**< SASL mechanisms (RFC 4954, 3) */
    SMTP_KEYWORD_LIMITS,       /**< NAME=value ... (RFC 9422, 3) */
    SMTP_KEYWORD_DELIVERBY,    /**< a minimum in seconds, then tokens behind commas (RFC 2852, 3) */
    SMTP_KEYWORD_FUTURERELEASE /**< an interval in seconds and a date-time (RFC 4865, 3) */
} smtp_keyword_parameter;

/** A row of smtp_keywords.def. */
typedef struct smtp_keyword {
    const char *text;
    bool standard; /**< registered, or in an RFC */
    smtp_keyword_parameter parameter;
    smtp_note note;
} smtp_keyword;

/** NULL when there is no row for it. */
const smtp_keyword *smtp_keyword_find(const uint8_t *keyword, uint32_t length);

/** Does an EHLO line's text begin with the keyword of a standard? */
bool smtp_capability_is_standard(const uint8_t *line, smtp_span text);

/** Is this text of the last line of a reply to EHLO no keyword, but what Exchange ends it with? */
bool smtp_capability_is_ok(const uint8_t *line, smtp_span text);

/** Is this line of a reply to EHLO, behind its first, a keyword? */
bool smtp_capability_is_line(const uint8_t *line, const smtp_reply_line *parsed);

#endif /* SMTP_CAPABILITY_H */
