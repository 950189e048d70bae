/* smtp_tls.h
 * TLS records in a stream that may have clear text around them.
 *
 * Only their framing is read (RFC 8446, 5.1): five octets of header say how many
 * follow.  So it is known where a record ends, and whether the next octets are
 * TLS's again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_TLS_H
#define SMTP_TLS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SMTP_TLS_HEADER = 5, /* octets */
    SMTP_TLS_SURE = 4    /* of them; by these a header is told from text */
};

/** Where in its records a direction is. Zeroed: in clear. */
typedef struct smtp_tls {
    bool open;                       /**< records have begun, and did not end yet */
    bool carried;                    /**< data of the session was in a record, so the handshake was over */
    bool lost;                       /**< octets are missing: where records begin is not known */
    uint8_t held;                    /**< octets of a header that is not all there yet */
    uint8_t header[SMTP_TLS_HEADER]; /**< of it */
    uint32_t left;                   /**< octets of the record at hand that follow */
} smtp_tls;

/** May these octets, of which there is at least one, be a record's header, as far as it is there? */
bool smtp_tls_is_header(const uint8_t *octets, uint32_t length);

/** Do TLS records begin with these octets, of which there is at least one? */
bool smtp_tls_begins(const uint8_t *octets, uint32_t length);

/** How many octets the first record has, header and all; 0: that is not known yet. */
uint32_t smtp_tls_length(const uint8_t *octets, uint32_t length);

/** Where TLS records begin behind text, or how far that was looked for. */
typedef struct smtp_tls_place {
    bool found;
    uint32_t at;
} smtp_tls_place;

/** Looks for the first header that is sure, behind text and before the end of its line.
 *  @param from  how far it was looked for before; 0: nothing was */
smtp_tls_place smtp_tls_find(const uint8_t *octets, uint32_t length, uint32_t from);

/** How many of the last octets may begin a header that is not sure yet. */
uint32_t smtp_tls_begun(const uint8_t *octets, uint32_t length);

/** Takes what is TLS's of the octets in hand, of which there is at least one, and opens
 *  what was in clear.
 *  @return how many that are; fewer than length: clear text follows, and it is closed */
uint32_t smtp_tls_take(smtp_tls *tls, const uint8_t *octets, uint32_t length);

/** So many octets are missing, behind what was taken. */
void smtp_tls_gap(smtp_tls *tls, uint64_t missing);

#endif /* SMTP_TLS_H */
