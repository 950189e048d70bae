/* smtp_session_state.h
 * What a session knows, for the files that read it: smtp_session.c (memory,
 * directions, gaps), smtp_session_client.c (commands), smtp_session_message.c
 * (messages), smtp_session_reply.c (replies) and smtp_session_effect.c (what a
 * reply does).  Private to them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_STATE_H
#define SMTP_SESSION_STATE_H

#include "../syntax/smtp_auth.h"
#include "smtp_session.h"

/** One direction. */
typedef struct smtp_side_state {
    int64_t first_time; /**< of the first octet of the unit that is being waited for */
    uint32_t scanned;   /**< of its octets, how many hold no line end; REPLY: counted from reply.length */
    uint32_t notes;     /**< of that unit */
    bool waiting;       /**< such a unit was begun */
    bool in_long_line;  /**< what comes is the rest of a line too long to wait for */
    bool after_gap;     /**< octets are missing before what comes */
    bool seen;          /**< any octet was read */
    bool tls;           /**< TLS records have begun */
    bool opaque;        /**< a SASL security layer has begun */
} smtp_side_state;

struct smtp_session {
    smtp_memory memory;
    smtp_side_state sides[2]; /**< by direction */
    bool swapped;             /**< the directions' roles have changed */
    smtp_facts facts;
    uint8_t *text; /**< memory for names, text_left octets of it */
    uint32_t text_left;

    /* Exchanges without a reply, oldest first. */
    smtp_exchange *oldest;
    smtp_exchange *newest;
    smtp_exchange *spare; /**< memory for more, spares of them */
    uint32_t spares;
    uint32_t block;      /**< how many are taken at once */
    bool unsure;         /**< commands were lost: a reply is paired only when its code proves the pair */
    uint32_t unexpected; /**< replies in a row that no exchange waited for */
    uint64_t replied; /**< octets of the client that were not read, and that the server had seen when it last replied */
    uint16_t last_code;      /**< of the last whole reply */
    uint64_t acknowledged;   /**< octets of replies that were not read, and that the client had seen ... */
    smtp_exchange *answered; /**< ... before it said what follows this one; NULL: all that waits */

    /* The server's side. */
    smtp_reply reply;          /**< the one being waited for */
    smtp_reply reply_begun;    /**< what it was before any of the octets in hand */
    smtp_exchange *open_reply; /**< whose reply goes on in the next unit */
    bool reply_goes_on;
    bool reply_paired; /**< open_reply is what it answers, NULL if nothing */
    smtp_opening opening;
    bool greeted;
    bool tls_expected; /**< STARTTLS was accepted */

    /* The client's side. */
    smtp_mode mode;
    bool doubt;        /**< the next line is a command only if that is certain */
    bool missed;       /**< octets were lost, or not captured, since the last MAIL: chunks, perhaps */
    bool lf_ends_line; /**< its last command did */
    smtp_transaction *transaction;
    uint32_t transactions;
    smtp_body body;
    int64_t body_time;   /**< of the last message octet */
    uint32_t end_length; /**< octets of the final dot's line that follow; 0: none found */
    uint32_t end_reclaimed;
    uint64_t counted_left;  /**< BDAT, BLOB: octets that follow */
    smtp_exchange *counted; /**< BDAT, BLOB: what announced them */
    uint64_t blob;          /**< octets that XEXCH50 announced */
    uint8_t mechanism;
    uint32_t challenges;        /**< since the client last answered */
    uint8_t step;               /**< number of the client's next response */
    smtp_exchange *starttls;    /**< STARTTLS whose reply is not known yet */
    const smtp_name *claimed;   /**< who the client says it is, in the exchange at hand */
    smtp_exchange *may_protect; /**< AUTH that may have begun a security layer */
};

/* ---- smtp_session.c ---- */

/** An exchange of no queue. */
smtp_exchange *smtp_session_exchange(smtp_session *session, smtp_verb verb, uint32_t frame, int64_t time);

/** An exchange that waits for its reply. */
smtp_exchange *smtp_session_enqueue(smtp_session *session, smtp_verb verb, const smtp_input *input);

/** Keeps a text. */
const smtp_name *smtp_session_keep(smtp_session *session, const uint8_t *octets, uint32_t length);

/** A command or a reply of a transaction was lost, perhaps: how many recipients it
 *  has is not known, nor whether the server refused it.
 *  @param transaction  may be NULL */
void smtp_session_miss(smtp_transaction *transaction);

/** The state of the direction in which a side speaks. */
smtp_side_state *smtp_session_side(smtp_session *session, smtp_side side);

/** May what is in hand of a unit be waited for until it is all there? */
bool smtp_session_may_wait(const smtp_input *input);

/* ---- smtp_session_client.c ---- */

/** Is the line in hand a command for certain?
 *  @return false when that cannot be told without more octets */
bool smtp_session_tell_command(smtp_session *session, const smtp_input *input, bool *certain);

bool smtp_session_read_client(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/* ---- smtp_session_message.c ---- */

/** A new transaction, which becomes the client's. */
smtp_transaction *smtp_session_transaction(smtp_session *session);

/** The client's next octets are a message. @param transaction  may be NULL */
smtp_transaction *smtp_session_begin_message(smtp_session *session, smtp_transaction *transaction);

/** The message that was being read is over. */
void smtp_session_end_message(smtp_session *session, smtp_transaction *transaction);

/** A chunk begins behind this BDAT, or elsewhere (BURL). */
void smtp_session_begin_chunk(smtp_session *session, smtp_exchange *exchange, const smtp_chunk_size *chunk,
                              smtp_unit *unit);

/** The octets that XEXCH50 announced begin. */
void smtp_session_begin_blob(smtp_session *session, smtp_exchange *exchange);

bool smtp_session_read_data(smtp_session *session, const smtp_input *input, smtp_unit *unit);
bool smtp_session_read_counted(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/** Octets of the client are missing: counts them into what is being read.
 *  @param ahead  see smtp_session_gap() */
void smtp_session_gap_in_message(smtp_session *session, uint64_t octets, uint64_t ahead);

/* ---- smtp_session_reply.c ---- */

bool smtp_session_read_server(smtp_session *session, const smtp_input *input, smtp_unit *unit);

/* ---- smtp_session_effect.c ---- */

/** What a whole reply to an exchange (NULL: to none that was seen) does.
 *  @param unit   of the reply, or of its last part
 *  @param octets, length  of the unit */
void smtp_session_apply(smtp_session *session, smtp_unit *unit, uint16_t code, const uint8_t *octets, uint32_t length);

/** The greeting, or what is one, names the server. */
void smtp_session_learn_server(smtp_session *session, const uint8_t *octets, uint32_t length);

#endif /* SMTP_SESSION_STATE_H */
