/* smtp_transaction.h
 * Transactions: the only file that changes them, but for smtp_transaction_again, and for what smtp_session_pair
 * and smtp_session_message count.
 *
 * What was told of a transaction that has ended stays as it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "smtp_session_state.h"

/** To change what is rare of a transaction. */
smtp_rare *smtp_transaction_rare(const smtp_session *session, smtp_transaction *transaction);

/** A new transaction, which becomes the client's. */
smtp_transaction *smtp_transaction_begin(smtp_session *session);

/** A new one whose MAIL was never sent, or may be among what is missing, and others of its commands with it. */
smtp_transaction *smtp_transaction_begin_without_mail(smtp_session *session);

/** The client's next octets are a message.
 *  @param transaction  that it is of; NULL, or one that has its message: a new one */
smtp_transaction *smtp_transaction_begin_message(smtp_session *session, smtp_transaction *transaction);

/** A chunk of the client's message begins behind this exchange, or elsewhere (BURL). */
smtp_transaction *smtp_transaction_begin_chunk(smtp_session *session, const smtp_exchange *exchange);

/** The server waits for the message. @param transaction  may be NULL */
void smtp_transaction_invite(smtp_transaction *transaction);

/** DATA or a chunk was refused.
 *  @param transaction  may be NULL
 *  @param unit  of the reply that says so */
void smtp_transaction_refuse_message(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit);

/** The chunk that an exchange has announced was taken or refused. @param transaction  may be NULL */
void smtp_transaction_answer_chunk(const smtp_session *session, smtp_transaction *transaction,
                                   const smtp_exchange *chunk, bool refused);

/** The chunk that was to begin does not come: where it was the first, no message has begun. */
void smtp_transaction_take_back_chunk(smtp_transaction *transaction);

/** The message that was being read is over: the client's next octets are commands. */
void smtp_transaction_end_message(smtp_session *session, smtp_transaction *transaction);

/** The server took a look-alike for the end of its message. */
void smtp_transaction_shorten(const smtp_session *session, smtp_transaction *transaction, const smtp_lookalike *end);

/** Commands or replies of it are missing. @param transaction  may be NULL */
void smtp_transaction_miss(smtp_transaction *transaction);

/** A reply to this has come, of which the code is missing. If it is a message that is answered for each recipient, that
 *  was one of these replies. */
void smtp_transaction_miss_final(const smtp_session *session, const smtp_exchange *message);

/** The client says more, and octets of the server may hold the reply to MAIL: then the one before goes on, perhaps.
 *  @param transaction  the one that MAIL has begun; may be NULL */
void smtp_transaction_miss_sender(const smtp_transaction *transaction);

/** Commands are missing, of which some may be of it. @param transaction  may be NULL */
void smtp_transaction_miss_commands(smtp_transaction *transaction);

/** A recipient was named. @param transaction  may be NULL */
void smtp_transaction_ask_recipient(smtp_transaction *transaction);

/** It is the last one so far. */
void smtp_transaction_append(smtp_transaction *transaction, smtp_exchange *recipient);

/** One recipient more was answered.
 *  @param unit  of the reply to its RCPT */
void smtp_transaction_add_recipient(const smtp_session *session, bool accepted, smtp_unit *unit);

/** The message was taken for one recipient at least: what became of it is told on this reply, unless another one
 * follows. */
void smtp_transaction_take(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit);

/** A recipient that was accepted does not get the message.
 *  @param failed_by  the reply to this one says so */
void smtp_transaction_fail_recipient(const smtp_session *session, smtp_transaction *transaction,
                                     smtp_exchange *recipient, const smtp_exchange *failed_by);

/** None of the recipients behind this one gets the message, either. */
void smtp_transaction_fail_others(const smtp_session *session, smtp_transaction *transaction, smtp_exchange *recipient,
                                  const smtp_exchange *failed_by);

/** Has one reply refused the message, for the first of its recipients as far as that is known (RFC 2033, 4.2)? */
bool smtp_transaction_is_refused_at_once(const smtp_transaction *transaction);

/** That reply was for all recipients. */
void smtp_transaction_refuse_at_once(const smtp_session *session, smtp_transaction *transaction);

/** It has ended, if it has not before.
 *  @param transaction  may be NULL
 *  @param unit  of the reply that ended it */
void smtp_transaction_end(const smtp_session *session, smtp_transaction *transaction, smtp_status status,
                          smtp_unit *unit);

/** It is refused, unless the server takes it after all: it may go on behind 421, the client behind a refused BDAT.
 *  @param transaction  may be NULL
 *  @param unit  of the reply that says so */
void smtp_transaction_refuse(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit);

/** Its message is answered for each recipient, against what was thought when it ended: it goes on behind the first of
 *  these replies.
 *  @param first  what that one answers */
void smtp_transaction_reopen(const smtp_session *session, smtp_transaction *transaction, smtp_exchange *first);

/** The client gave it up. @param transaction  may be NULL */
void smtp_transaction_abandon(const smtp_session *session, smtp_transaction *transaction, smtp_unit *unit);

/** MAIL was refused: no transaction was begun. @param transaction  may be NULL */
void smtp_transaction_drop(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit);

/** The transaction that an answered exchange belongs to: of one whose MAIL was
 *  refused in the meantime, the one before. @param transaction  may be NULL */
smtp_transaction *smtp_transaction_open(smtp_transaction *transaction);

#endif /* SMTP_TRANSACTION_H */
