/* smtp_offer_read.h
 * What servers offer is read along with their replies, and kept once.
 *
 * Whether a reply answers EHLO is known when all of it was read. So each that begins with "250-" is read as one that
 * may. Most servers say the same to each client, but for the first line: then the rest of the reply is not read again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_OFFER_READ_H
#define SMTP_OFFER_READ_H

#include "smtp_offer.h"
#include "syntax/smtp_reply.h"

/** The reply at hand, and the last one that may have answered EHLO; of all sessions with the same memory. */
typedef struct smtp_offers {
    const smtp_offer *kept; /**< the one that was kept last; NULL: none */

    const void *whose;  /**< session of the reply at hand; NULL: none is at hand */
    uint32_t first;     /**< octets of its first line */
    uint32_t read;      /**< octets of it that were read */
    smtp_offer offered; /**< in these */

    smtp_offer last;    /**< what the last one offered */
    uint32_t lines;     /**< of it, without the first */
    uint32_t last_line; /**< where the last of them begins, in said */
    uint32_t length;    /**< octets of them; 0: there was none, or none as short */
    uint8_t said[512];  /**< these */
} smtp_offers;

/** smtp_reply_read() of the lines behind the first, which has just been read, or was then, up to SMTP_LONGEST_WAIT.
 *  @param offers  NULL: nothing is read along
 *  @param whose   the session */
bool smtp_offers_read(smtp_offers *offers, const void *whose, const smtp_input *input, uint32_t scanned,
                      smtp_reply *reply);

/** What a whole EHLO reply offers, to be kept: what was read along, if it was. */
const smtp_offer *smtp_offers_keep(const smtp_memory *memory, const void *whose, const uint8_t *octets,
                                   uint32_t length);

#endif /* SMTP_OFFER_READ_H */
