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
    bool cut;             /**< its ">" is missing as the end of the line is: there may be more of the address */
    bool has_special;     /**< smtp_path_find_odd() may find something in it */
} smtp_path;

/** Is there nothing where it should be?  "<>" is a path. */
static inline bool smtp_path_is_missing(const smtp_path *path)
{
    return !path->opened && path->address.length == 0;
}

/** The parts of an address. */
typedef struct smtp_address {
    smtp_span local_part; /**< all of it when there is no domain */
    smtp_span domain;
} smtp_address;

/** Reads the argument of a command that takes a path.
 *  @param word  "FROM" or "TO", which stands before the path with a colon */
smtp_path smtp_path_parse(const uint8_t *line, smtp_span argument, const char *word, smtp_remark_list *remarks);

/** The first octet between the brackets that no path may hold, and that need not be the work of an attacker; of no
 * octets where there is none. */
smtp_span smtp_path_find_odd(const uint8_t *line, const smtp_path *path);

/** Splits the address of a path at its last unquoted "@". */
smtp_address smtp_address_split(const uint8_t *line, smtp_span address);

#endif /* SMTP_PATH_H */
