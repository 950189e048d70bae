/* smtp_line.h
 * Octets to lines.
 *
 * A line ends with CR LF (RFC 5321, 2.3.8), or with a bare LF, as servers read
 * it.  A bare CR is part of the text, and so is CR NUL, the return key of telnet
 * (RFC 854): no server takes it for a line end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_LINE_H
#define SMTP_LINE_H

#include "smtp_remarks.h"

typedef enum smtp_eol {
    SMTP_EOL_NONE, /**< the octets in hand end before the line does */
    SMTP_EOL_CRLF,
    SMTP_EOL_LF
} smtp_eol;

typedef struct smtp_line {
    uint32_t text;   /**< octets before the line end, or before a CR that may be the start of one */
    uint32_t length; /**< octets with the line end */
    smtp_eol eol;
} smtp_line;

/** The line that begins at octets[0].
 *  @param scanned  how many of the octets are known to hold no line end;
 *                  an unfinished line then costs no second look. */
smtp_line smtp_line_find(const uint8_t *octets, uint32_t length, uint32_t scanned);

/** Adds the remarks that the line's octets alone justify. */
void smtp_line_remark(const uint8_t *octets, const smtp_line *line, smtp_remark_list *remarks);

/** Length of the telnet command (RFC 854: IAC ...) at octets[0]; 0 when there
 *  is none, or not all of it.
 *  @param scanned  of the octets, how many were in hand when it was not all there */
uint32_t smtp_line_telnet(const uint8_t *octets, uint32_t length, uint32_t scanned);

#endif /* SMTP_LINE_H */
