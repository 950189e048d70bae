/* smtp_session_state.h
 * What a session knows, for the files that read it: smtp_session.c (the
 * client's side) and smtp_session_reply.c (the server's).  Private to them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_STATE_H
#define SMTP_SESSION_STATE_H

#include "smtp_auth.h"
#include "smtp_session.h"

typedef struct smtp_side_state {
    int64_t first_time; /**< of the first octet of the unit that is being waited for */
    uint32_t scanned;   /**< of its octets, how many hold no line end; REPLY: counted from reply.length */
    bool waiting;       /**< such a unit was begun */
    bool in_long_line;  /**< what comes is the rest of a line too long to wait for */
    bool after_gap;     /**< octets are missing before what comes */
    bool seen;          /**< any octet was read */
    bool tls;           /**< TLS records have begun */
} smtp_side_state;

struct smtp_session {
    smtp_memory memory;
    smtp_side_state sides[2];
    smtp_protocol protocol;

    /* Exchanges without a reply, oldest first. */
    smtp_exchange *oldest;
    smtp_exchange *newest;
    smtp_exchange *spare; /**< memory for more, spares of them */
    uint32_t spares;
    uint32_t block;      /**< how many are taken at once */
    bool unsure;         /**< commands were lost: a reply is paired only when its code proves the pair */
    uint32_t unexpected; /**< replies in a row that no exchange waited for */

    /* The server's side. */
    smtp_reply reply;          /**< the one being waited for */
    smtp_exchange *open_reply; /**< whose reply goes on in the next unit */
    bool reply_goes_on;
    bool reply_paired; /**< open_reply is what it answers, NULL if nothing */
    smtp_opening opening;
    bool greeted;
    bool tls_expected; /**< STARTTLS was accepted */

    /* The client's side. */
    smtp_mode mode;
    bool doubt;        /**< the next line is a command only if that is certain */
    bool lf_ends_line; /**< its last command did */
    smtp_transaction *transaction;
    uint32_t transactions;
    smtp_body body;
    int64_t body_time;   /**< of the last message octet */
    uint32_t end_length; /**< octets of the final dot's line that follow; 0: none found */
    uint32_t end_reclaimed;
    uint64_t chunk_left;
    bool chunk_last;
    smtp_exchange *chunk;
    uint8_t mechanism;
    uint8_t step; /**< number of the client's next response */
};

/** An exchange that waits for its reply. */
smtp_exchange *smtp_session_exchange(smtp_session *session, smtp_verb verb, const smtp_input *input);

/** A new transaction, which becomes the client's. */
smtp_transaction *smtp_session_transaction(smtp_session *session);

/** The client's next octets are a message. @param transaction  may be NULL */
smtp_transaction *smtp_session_begin_message(smtp_session *session, smtp_transaction *transaction);

/** The message that was being read is over. */
void smtp_session_end_message(smtp_session *session, smtp_transaction *transaction);

/** Takes all that is in hand for TLS's, if it is.
 *  @return whether it is */
bool smtp_session_read_tls(smtp_side_state *side, const smtp_input *input, smtp_unit *unit);

/** Takes all that is in hand of an over-long line. */
bool smtp_session_read_rest(smtp_side_state *side, const smtp_input *input, smtp_unit *unit);

/** smtp_session_reply.c: the next unit of the server. */
bool smtp_session_read_server(smtp_session *session, const smtp_input *input, smtp_unit *unit);

#endif /* SMTP_SESSION_STATE_H */
