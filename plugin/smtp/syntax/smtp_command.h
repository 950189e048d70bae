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

#include "smtp_auth.h"
#include "smtp_line.h"
#include "smtp_parameter.h"
#include "smtp_path.h"
#include "smtp_verb.h"

/** What BDAT or BURL announces. */
typedef struct smtp_chunk_size {
    uint64_t octets; /**< BDAT */
    bool last;
    bool valid;       /**< false: no digits, too large, or trailing words; octets is 0 */
    smtp_span size;   /**< BDAT: the digits; BURL: the URI */
    smtp_span marker; /**< "LAST" as typed */
} smtp_chunk_size;

/** What XEXCH50 announces. */
typedef struct smtp_count {
    uint64_t octets; /**< that follow the reply; 0 when not valid */
    bool valid;
    smtp_span digits; /**< the first word of the argument */
} smtp_count;

typedef struct smtp_command {
    smtp_verb verb;
    smtp_shape shape;   /**< of the verb */
    smtp_span name;     /**< the verb as typed */
    smtp_span argument; /**< all behind the verb and the blanks that follow it */
    bool cut;           /**< the end of the line is not in hand */
    union {
        smtp_path path;          /**< FROM, TO */
        smtp_chunk_size chunk;   /**< CHUNK, URI */
        smtp_count count;        /**< COUNT */
        smtp_auth_argument auth; /**< MECHANISM */
    } of;                        /**< by shape */
} smtp_command;

/** Reads a command line.
 *  @param found    where the line ends
 *  @param command  set; of its union the part for the verb's shape
 *  @param remarks  of which smtp_line_remark() has begun the list, so that what is cut is not remarked on */
void smtp_command_parse(const uint8_t *line, const smtp_line *found, smtp_command *command, smtp_remark_list *remarks);

/** Is this a well-formed command of a known verb whose argument, or as much as
 *  there is of it, proves it?  Text that is read as a command only if this holds
 *  can hardly be prose. */
bool smtp_command_is_certain(const uint8_t *line, const smtp_command *command);

#endif /* SMTP_COMMAND_H */
