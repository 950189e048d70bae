/* smtp_mime.h
 * The parts of a message (RFC 2045, 2046): which there are, what they are called, how they are
 * decoded.  Pure; a part is a span of the message.
 *
 * Parts of a part are found to a depth of SMTP_MIME_DEPTH; what lies deeper, and a message that is
 * part of another, is one part.  Nothing is rejected: what has no end goes on to the message's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_MIME_H
#define SMTP_MIME_H

#include "smtp_text.h"

enum {
    SMTP_MIME_DEPTH = 16
};

/** How its octets are written down (RFC 2045, 6). */
typedef enum smtp_mime_encoding {
    SMTP_MIME_PLAIN,
    SMTP_MIME_BASE64,
    SMTP_MIME_QUOTED_PRINTABLE
} smtp_mime_encoding;

typedef struct smtp_mime_part {
    smtp_span type;        /**< as in image/png; of no length: none is told */
    smtp_span parameters;  /**< of the type */
    smtp_span disposition; /**< with its parameters */
    smtp_mime_encoding encoding;
    smtp_span body;
} smtp_mime_part;

/** A message whose parts are read one after the other. */
typedef struct smtp_mime {
    const uint8_t *message;
    uint32_t length;
    uint32_t at; /**< where the header of the next part begins; length: there is none */
    uint32_t depth;
    smtp_span boundaries[SMTP_MIME_DEPTH]; /**< from the outermost on */
} smtp_mime;

void smtp_mime_begin(smtp_mime *mime, const uint8_t *message, uint32_t length);

/** Reads the next part that has none itself. @return false: there is none */
bool smtp_mime_next(smtp_mime *mime, smtp_mime_part *part);

/** Finds a parameter in the value of a field: after the first ";" of it.
 *  @param name  in upper case
 *  @return what stands behind the "=", without quotes; of no length: it is not there */
smtp_span smtp_mime_parameter(const uint8_t *octets, smtp_span field, const char *name);

/** Decodes a value with "%" in it (RFC 2231, 4).
 *  @param charset  set to the span of that, of no length where none is told
 *  @param to       as many octets as the value
 *  @return how many were written */
uint32_t smtp_mime_percent_decode(const uint8_t *octets, smtp_span value, smtp_span *charset, uint8_t *to);

/** Decodes the body of a part. What is not written down as its header says is taken as it stands, or left out.
 *  @param to  as many octets as the body
 *  @return how many were written */
uint32_t smtp_mime_decode(const uint8_t *message, const smtp_mime_part *part, uint8_t *to);

#endif /* SMTP_MIME_H */
