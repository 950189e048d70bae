/* smtp_result.h
 * What became of a transaction, for all that tell of it.  Pure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_RESULT_H
#define SMTP_RESULT_H

#include "../smtp_exchange.h"

/** The exchange whose reply took the transaction or refused it; NULL: none did, as
 *  the client gave it up, or nothing more was seen. */
const smtp_exchange *smtp_result_decision(const smtp_transaction *transaction);

/** The exchange whose reply says why: the decision, but of a message that was taken for some recipients, and refused
 * for the last, the last reply that took it; and of one in chunks the first of those that were refused. */
const smtp_exchange *smtp_result_reason(const smtp_transaction *transaction);

/** Where something stands in the capture. */
typedef struct smtp_moment {
    uint32_t frame; /**< 0: nowhere that is known */
    int64_t time;   /**< ns */
} smtp_moment;

/** MAIL, or what came first of a transaction without it that a server has read in a message. */
smtp_moment smtp_result_begin(const smtp_transaction *transaction);

/** The frame in which the transaction ended: of the decision, or of the reply to what gave it up; 0: none was seen. */
uint32_t smtp_result_ends_in(const smtp_transaction *transaction);

/** The frame in which its message is over; 0: that was not seen. */
uint32_t smtp_result_message_in(const smtp_transaction *transaction);

/** The time from MAIL to where it ended, ns; SMTP_DURATION_UNKNOWN where one of them was not seen. */
int64_t smtp_result_duration(const smtp_transaction *transaction);

/** What the server calls the message that it took, under one name for all who get it.
 *  @param id  where that stands in what is returned
 *  @return NULL: it has no name that is known */
const smtp_name *smtp_result_queue_id(const smtp_transaction *transaction, smtp_span *id);

/** The enhanced status code that a reply's kept text begins with; of no length: it has none. */
smtp_span smtp_result_enhanced(const smtp_exchange *exchange);

/** Where the connection broke off between the replies to a message: the first recipient of whom nobody
 *  knows whether the message was taken for him, if RCPT was accepted; NULL: there is none. All behind him are like him.
 */
const smtp_exchange *smtp_result_unreported(const smtp_transaction *transaction);

#endif /* SMTP_RESULT_H */
