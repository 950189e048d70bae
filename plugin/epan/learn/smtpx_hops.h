/* smtpx_hops.h
 * The same mail in two sessions of a capture: into a relay, and out of it.
 *
 * Two things prove that a mail is the one that came in:
 *
 *   - its topmost field Received has the queue id under which the server took that one, and that
 *     server's name or address;
 *   - it has the same Message-ID and the same body, and more fields Received; or as many, where
 *     the host that sends it is the one that the other was sent to.
 *
 * Where two mails could be the one before, as with a mail that was sent twice, neither is.
 * What the first pass notes is two pointers for a message, and one for a transaction that ended;
 * all else is found when somebody asks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_HOPS_H
#define SMTPX_HOPS_H

#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/epan/learn/smtpx_session.h"

/** Where a mail went on more often, rows for the others would freeze a window. */
enum {
    SMTPX_HOPS_MOST_ROWS = 100
};

/** A mail on one of its hops. */
typedef struct smtpx_hop {
    const smtp_transaction *transaction;
    const smtpx_session *session;
    smtpx_layer layer;
    uint32_t place;             /**< among all, in the order in which their messages end */
    smtpx_trace trace;          /**< of its message ... */
    smtpx_value message_id;     /**< ... and that */
    struct smtpx_hop *previous; /**< NULL: it is not known */
    struct smtpx_hop *next;     /**< the first on which it went on; NULL: none is known */
    struct smtpx_hop *sibling;  /**< the next one of the same previous hop */
    struct smtpx_hop *youngest; /**< the last on which it went on */
    uint32_t deliveries;        /**< on how many it went on */
} smtpx_hop;

void smtpx_hops_register(void);

/** A message has ended. First pass only. */
void smtpx_hops_add_message(const smtpx_session *session, smtpx_layer layer, const smtp_transaction *transaction);

/** A reply has ended a transaction. First pass only. */
void smtpx_hops_add_end(const smtp_transaction *transaction);

/** The hop of a transaction, linked with all that is known by now. Behind the first pass, and when it is over.
 *  @return NULL: no end of its message was seen */
const smtpx_hop *smtpx_hop_of(const smtp_transaction *transaction);

/** The hop before that of a transaction, as far as a first pass can know it: what it says holds.
 *  @return NULL: not known, or not yet */
const smtpx_hop *smtpx_hop_previous_so_far(const smtp_transaction *transaction);

/** The frame in which what became of it is told; where no reply ended it, in which its message ends. */
uint32_t smtpx_hop_frame(const smtpx_hop *hop);

/** Of how many deliveries of the mail before it is this one? 0: none is known. */
static inline uint32_t smtpx_hop_siblings(const smtpx_hop *hop)
{
    return hop->previous ? hop->previous->deliveries : 0;
}

#endif /* SMTPX_HOPS_H */
