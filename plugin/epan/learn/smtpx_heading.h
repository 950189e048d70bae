/* smtpx_heading.h
 * What a message's header says of it, and what its body is like.
 *
 * Where the octets of a message are kept, it is found in them when somebody looks.
 * Of others it is kept when they are in hand.  Only the first pass keeps; any may look.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_HEADING_H
#define SMTPX_HEADING_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/smtp/smtp_exchange.h"

/** A value in a message's header, folded as it stands. */
typedef struct smtpx_value {
    const uint8_t *octets; /**< NULL: there is none */
    uint32_t length;
} smtpx_value;

/** What a message's header says of it. */
typedef struct smtpx_header {
    smtpx_value subject;
    smtpx_value message_id;
} smtpx_header;

/** What a message shows of its way: what comes the same way shows the same, but for the fields that servers add. */
typedef struct smtpx_trace {
    smtpx_value received;     /**< the topmost field Received */
    uint32_t received_fields; /**< how many there are */
    bool is_whole;            /**< all of the message is known, and where its body begins */
    uint32_t body_length;     /**< of the body, without line ends behind it ... */
    uint64_t body;            /**< ... and its smtp_fingerprint() */
} smtpx_trace;

/** The last octets of a message, which are not kept. Zeroed: none are. */
typedef struct smtpx_tail {
    uint64_t sum;      /**< smtp_fingerprint_behind() of the body's among them */
    uint32_t length;   /**< how many they are ... */
    uint32_t line_end; /**< ... and how many of them are line ends behind the body */
} smtpx_tail;

/** The tail of a message whose last octets are in hand; it may be shorter than these. */
smtpx_tail smtpx_tail_of(const uint8_t *octets, uint32_t length);

/** Keeps what the header says of a message whose octets are not kept. First pass only.
 *  @param octets  its start */
void smtpx_heading_keep_start(smtp_transaction *transaction, const uint8_t *octets, uint32_t length);

/** The same, and what its body is like, of all of a message as it was sent. First pass only. */
void smtpx_heading_keep(smtp_transaction *transaction, const packet_info *pinfo, const uint8_t *octets,
                        uint32_t length);

/** What was kept of a transaction's message, or else stands in its octets.
 *  @param octets  NULL: none are kept */
smtpx_header smtpx_heading_find(const smtp_transaction *transaction, const uint8_t *octets, uint32_t length);

/** The same, of its way.
 *  @param tail  what follows the octets; NULL: not all of that is known */
smtpx_trace smtpx_heading_trace(const smtp_transaction *transaction, const uint8_t *octets, uint32_t length,
                                const smtpx_tail *tail);

#endif /* SMTPX_HEADING_H */
