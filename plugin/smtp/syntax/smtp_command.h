/* smtp_command.h
 * A command line to its parts (RFC 5321, 4.1.1).
 *
 * Parsing is pure: the same octets always give the same parts, so nothing
 * of it is stored.  Spans are offsets into the line that was given.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

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

typedef struct smtp_command {
    smtp_verb verb;
    smtp_span name;     /**< the verb as typed */
    smtp_span argument; /**< all behind the verb and the blanks that follow it */
} smtp_command;

typedef struct smtp_path {
    smtp_span path;       /**< as typed, brackets included */
    smtp_span address;    /**< without brackets and source route; empty for "<>" */
    smtp_span route;      /**< "@a,@b" of a source route, without its colon */
    smtp_span parameters; /**< all behind the path */
    uint32_t notes;       /**< SMTP_REMARK_PATH_* */
} smtp_path;

/** The parts of an address. */
typedef struct smtp_address {
    smtp_span local_part; /**< all of it when there is no domain */
    smtp_span domain;
} smtp_address;

/** One ESMTP parameter: keyword or keyword=value. */
typedef struct smtp_parameter {
    smtp_span whole;
    smtp_span keyword;
    smtp_span value;
    bool has_value;
} smtp_parameter;

/** What BDAT or BURL announces. */
typedef struct smtp_chunk_size {
    uint64_t octets; /**< BDAT */
    bool last;
    bool valid;       /**< false: no digits, too large, or trailing words; octets is 0 */
    smtp_span size;   /**< BDAT: the digits; BURL: the URI */
    smtp_span marker; /**< "LAST" as typed */
} smtp_chunk_size;

/** @param length  octets of the line without its line end */
smtp_command smtp_command_parse(const uint8_t *line, uint32_t length);

/** The verb's shape. */
smtp_shape smtp_verb_shape(smtp_verb verb);

/** Is this line a well-formed command of a known verb whose shape proves it?
 *  Text that is read as a command only if this holds can hardly be prose. */
bool smtp_command_is_certain(const uint8_t *line, uint32_t length);

/** Can octets that lack their line end still grow into a certain command? */
bool smtp_command_may_become_certain(const uint8_t *octets, uint32_t length);

/** The path of MAIL, RCPT, SEND, SOML, SAML (RFC 5321, 4.1.2).
 *  @return false when the argument has no "FROM:" or "TO:" */
bool smtp_command_path(const uint8_t *line, const smtp_command *command, smtp_path *path);

/** Splits the address of a path at its last unquoted "@". */
smtp_address smtp_address_split(const uint8_t *line, smtp_span address);

/** The next word or parameter in *rest, which then shrinks; false when none is left. */
bool smtp_parameter_next(const uint8_t *line, smtp_span *rest, smtp_parameter *parameter);

/** The argument of BDAT (RFC 3030, 2) or BURL (RFC 4468, 3.2). */
smtp_chunk_size smtp_command_chunk(const uint8_t *line, const smtp_command *command);

/** How many octets follow the reply to XEXCH50, the first word of its argument.
 *  @return false when that is no number */
bool smtp_command_count(const uint8_t *line, const smtp_command *command, smtp_span *digits, uint64_t *octets);

#endif /* SMTP_COMMAND_H */
