/* smtp_header.h
 * What a message's header says of it (RFC 5322, 3.6), as far as a list of mails shows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_HEADER_H
#define SMTP_HEADER_H

#include "smtp_text.h"

enum {
    SMTP_HEADER_MOST = 65536, /* octets of a message in which its header is looked for */
    SMTP_HEADER_VALUE = 998   /* octets of a value that are told, as many as a line has at most (RFC 5322, 2.1.1) */
};

/** The first field of each name, folded as it stands; of no length: there is none. */
typedef struct smtp_header {
    smtp_span subject;
    smtp_span message_id;
    smtp_span received;       /**< what the last server put before all others (RFC 5321, 4.4) */
    uint32_t received_fields; /**< how many there are */
    uint32_t body;            /**< where that begins; 0: the header's end is not there */
} smtp_header;

/** Reads the header at the front of a message, or as much of it as there is. */
smtp_header smtp_header_read(const uint8_t *message, uint32_t length);

/** Is the end of the header at the front of a message among these octets? */
bool smtp_header_ends(const uint8_t *message, uint32_t length);

/** Takes out the line ends of a folded value (RFC 5322, 2.2.3).
 *  @param to  as many octets; it may be @p value
 *  @return how many are left */
uint32_t smtp_header_unfold(const uint8_t *value, uint32_t length, uint8_t *to);

#endif /* SMTP_HEADER_H */
