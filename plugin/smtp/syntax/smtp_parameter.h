/* smtp_parameter.h
 * ESMTP parameters of MAIL and RCPT, and their values.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PARAMETER_H
#define SMTP_PARAMETER_H

#include "smtp_note.h"
#include "smtp_remarks.h"

/** A row of smtp_parameters.def; UNKNOWN for what has none. */
typedef enum smtp_parameter_name {
    SMTP_PARAMETER_UNKNOWN,
#define SMTP_PARAMETER(name, keyword, command, value, meaning, source) SMTP_PARAMETER_##name,
#define SMTP_PARAMETER_WORD(name, word, meaning)
#include "../smtp_parameters.def"
#undef SMTP_PARAMETER
#undef SMTP_PARAMETER_WORD
    SMTP_PARAMETER_COUNT
} smtp_parameter_name;

/** The grammar of a value. */
typedef enum smtp_value {
    SMTP_VALUE_ANY,
    SMTP_VALUE_NONE,      /**< there is none */
    SMTP_VALUE_SIZE,      /**< 1*20DIGIT (RFC 1870, 3) */
    SMTP_VALUE_BODY,      /**< 7BIT, 8BITMIME or BINARYMIME */
    SMTP_VALUE_RET,       /**< FULL or HDRS */
    SMTP_VALUE_XTEXT,     /**< RFC 3461, 4 */
    SMTP_VALUE_MAILBOX,   /**< "<>" or xtext (RFC 4954, 5) */
    SMTP_VALUE_NOTIFY,    /**< NEVER, or SUCCESS, FAILURE, DELAY behind commas (RFC 3461, 4.1) */
    SMTP_VALUE_ORCPT,     /**< type ";" xtext (RFC 3461, 4.2) */
    SMTP_VALUE_BY,        /**< ["-" / "+"] 1*9DIGIT ";" ("N" / "R") ["T"] (RFC 2852, 4) */
    SMTP_VALUE_SECONDS,   /**< 1*9DIGIT (RFC 4865, 4) */
    SMTP_VALUE_DATE_TIME, /**< RFC 3339, 5.6 */
    SMTP_VALUE_PRIORITY,  /**< -9 to 9 (RFC 6710, 4) */
    SMTP_VALUE_RRVS,      /**< date-time, then perhaps ";C" or ";R" (RFC 7293, 3) */
    SMTP_VALUE_MTRK,      /**< certifier [":" 1*9DIGIT] (RFC 3885, 3) */
    SMTP_VALUE_KEYWORDS,  /**< words behind commas (RFC 3865, 2) */
    SMTP_VALUE_TRANSID    /**< "<" local "@" domain ">" (RFC 1845) */
} smtp_value;

/** A word, or one ESMTP parameter: keyword or keyword=value. */
typedef struct smtp_parameter {
    smtp_span whole;
    smtp_span keyword;
    smtp_span value;
    bool has_value;
} smtp_parameter;

/** What is known of a parameter of MAIL or RCPT. */
typedef struct smtp_parameter_reading {
    smtp_parameter parts;
    smtp_parameter_name name;
    smtp_value grammar;
    bool well_formed; /**< the keyword is one, and the value is as its grammar wants it */
} smtp_parameter_reading;

/** The next word in *rest, which then shrinks; false when none is left. */
bool smtp_parameter_next(const uint8_t *line, smtp_span *rest, smtp_parameter *parameter);

/** The next parameter of MAIL or RCPT in *rest, which then shrinks; false when none is left. */
bool smtp_parameter_read(const uint8_t *line, smtp_span *rest, bool of_rcpt, smtp_parameter_reading *reading);

/** Adds the remarks on all parameters behind a path. */
void smtp_parameters_remark(const uint8_t *line, smtp_span rest, bool of_rcpt, smtp_remark_list *remarks);

smtp_parameter_name smtp_parameter_find(const uint8_t *keyword, uint32_t length, bool of_rcpt);

smtp_value smtp_parameter_value(smtp_parameter_name name);

/** Of UNKNOWN both are empty.
 *  @param word  of its value: if it has a meaning of its own, that */
smtp_note smtp_parameter_note(smtp_parameter_name name, const uint8_t *line, smtp_span word);

/** Is the value what the grammar wants? */
bool smtp_value_is_valid(smtp_value value, const uint8_t *line, smtp_span span);

/** Undoes xtext; what is none stays as it is.
 *  @param to  room for the span's octets
 *  @return octets written */
uint32_t smtp_xtext_decode(const uint8_t *line, smtp_span span, uint8_t *to);

/** A number with or without sign, of at most 9 digits.
 *  @return octets of it; 0 when there is none */
uint32_t smtp_signed_number(const uint8_t *line, smtp_span span, int32_t *value);

/** A date-time of RFC 3339, 5.6.
 *  @param seconds      since 1970-01-01T00:00:00Z
 *  @param nanoseconds  of its fraction
 *  @return octets of it; 0 when there is none */
uint32_t smtp_date_time(const uint8_t *line, smtp_span span, int64_t *seconds, int32_t *nanoseconds);

/** The next word in *rest before a comma, or the end; *rest then shrinks.
 *  @return false when none is left */
bool smtp_next_listed(const uint8_t *line, smtp_span *rest, smtp_span *word);

#endif /* SMTP_PARAMETER_H */
