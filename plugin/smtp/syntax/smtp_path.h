/* smtp_path.h
 * The path of MAIL and RCPT, and the parts of its address (RFC 5321, 4.1.2).
 *
 * Whatever a client typed gives a path, as a server reads it that takes it:
 * brackets may be missing, open or doubled, a name may stand before the
 * address, blanks where they must not.  Remarks say so beside the reading.
 * Spans are offsets into the line that was given.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PATH_H
#define SMTP_PATH_H

#include "smtp_remarks.h"

typedef struct smtp_path {
    smtp_span path;       /**< as typed, brackets included */
    smtp_span address;    /**< without brackets and source route; empty for "<>" */
    smtp_span route;      /**< "@a,@b" of a source route, without its colon */
    smtp_span parameters; /**< all behind the path */
    bool found;           /**< there is a path: "FROM:" or "TO:" stands before it, or "FROM <" or "TO <" */
    bool has_colon;       /**< the former, as it has to be */
    bool opened;          /**< "<" stands before the address */
    bool bracketed;       /**< and ">" behind it, as they have to */
} smtp_path;

/** The parts of an address. */
typedef struct smtp_address {
    smtp_span local_part; /**< all of it when there is no domain */
    smtp_span domain;
} smtp_address;

/** Reads the argument of a command that takes a path.
 *  @param word  "FROM" or "TO", which stands before the path with a colon */
smtp_path smtp_path_parse(const uint8_t *line, smtp_span argument, const char *word, smtp_remark_list *remarks);

/** Splits the address of a path at its last unquoted "@". */
smtp_address smtp_address_split(const uint8_t *line, smtp_span address);

#endif /* SMTP_PATH_H */
