/* smtp_body.h
 * Message octets: where DATA ends, and dot-stuffing (RFC 5321, 4.5.2).
 *
 * One forward scan, carried over the edges of segments by the place of the
 * last octet in "<CRLF>.<CRLF>".  Octets are counted raw: with their stuffed
 * dots, without the line that ends them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_BODY_H
#define SMTP_BODY_H

#include "smtp_text.h"

typedef struct smtp_body {
    uint8_t place;          /**< of the last octet, see smtp_body.c */
    bool lf_ends_line;      /**< a client that ends its lines with a bare LF ends its message so, too */
    bool unstuffed;         /**< a line began with a dot that was not doubled, and was not all of it */
    uint32_t stuffed_lines; /**< lines that began with a dot too many */
    uint32_t tail;          /**< the last four octets */
} smtp_body;

/** What a scan found. */
typedef struct smtp_body_part {
    uint32_t length;  /**< octets of the message, and of its end: all that were given unless it ended */
    uint32_t content; /**< of them, how many stand before the end of data */
    bool ended;
    /** Octets at the end of *earlier* parts that belong to the end of data
     *  ("." or ".\r"); 0 unless ended. */
    uint32_t reclaimed;
} smtp_body_part;

/** @param lf_ends_line  see smtp_body */
void smtp_body_begin(smtp_body *body, bool lf_ends_line);

/** Scans the next octets of a message. None is waited for: a dot at their end is content until more comes. */
smtp_body_part smtp_body_scan(smtp_body *body, const uint8_t *octets, uint32_t length);

/** Forgets where in a line the scan is: octets are missing. */
void smtp_body_gap(smtp_body *body);

/** Are the octets since those that are missing the end of a message, as far as they go?
 *  @param with_dot  the dot has to be among them */
bool smtp_body_may_have_ended(const smtp_body *body, bool with_dot);

/** Was a line end read last, or nothing since octets are missing? */
bool smtp_body_is_behind_line(const smtp_body *body);

/** How many line ends there are among octets. */
uint32_t smtp_body_count_lines(const uint8_t *octets, uint32_t length);

/** Removes stuffed dots.
 *  @param to  room for @p length octets; may be @p from
 *  @return octets written */
uint32_t smtp_body_unstuff(const uint8_t *from, uint32_t length, bool lf_ends_line, uint8_t *to);

#endif /* SMTP_BODY_H */
