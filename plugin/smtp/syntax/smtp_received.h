/* smtp_received.h
 * The field Received of a message's header: which server put it there, and what it calls the
 * message (RFC 5321, 4.4).  Pure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_RECEIVED_H
#define SMTP_RECEIVED_H

#include "smtp_text.h"

/** Of no length: it does not say. */
typedef struct smtp_received {
    smtp_span by; /**< the server's name */
    smtp_span id; /**< its queue id */
} smtp_received;

/** Reads the value of the field, folded as it stands. */
smtp_received smtp_received_read(const uint8_t *value, uint32_t length);

#endif /* SMTP_RECEIVED_H */
