/* smtp_session.h
 * One SMTP or LMTP session: modes, exchanges, transactions.
 *
 * The octets of both sides are read here, in the order in which they were
 * captured, one unit at a time: a command, a reply, a part of a message.
 * smtp_session_read() is the one function that changes what the session
 * knows; all it finds out about a unit is in smtp_unit, so nobody needs the
 * session's state of that moment again.
 *
 * Two rules keep it honest.  The mode says how the client's next octets are
 * read, and it follows from (command, reply), not from a guess, wherever both
 * were seen.  Where they were not (capture began late, one direction, lost
 * segments) only a line that is certainly a command is read as one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "../syntax/smtp_body.h"
#include "../syntax/smtp_command.h"
#include "../syntax/smtp_remarks.h"
#include "../syntax/smtp_reply.h"

/** Octets of one line, or of one reply, beyond which no more are waited for.
 *  The longest legal line is an AUTH answer of 12288 octets (RFC 4954, 4). */
#define SMTP_LONGEST_WAIT 16384u

typedef enum smtp_side {
    SMTP_CLIENT,
    SMTP_SERVER
} smtp_side;

typedef enum smtp_protocol {
    SMTP_PROTOCOL_UNKNOWN,
    SMTP_PROTOCOL_SMTP,
    SMTP_PROTOCOL_ESMTP,
    SMTP_PROTOCOL_LMTP
} smtp_protocol;

/** How the client's next octets are read. */
typedef enum smtp_mode {
    SMTP_MODE_LINES, /**< commands */
    SMTP_MODE_AUTH,  /**< one line that answers a challenge */
    SMTP_MODE_DATA,  /**< a message, up to its final dot */
    SMTP_MODE_BDAT,  /**< a counted chunk of a message */
    SMTP_MODE_BLOB   /**< counted octets of something else (XEXCH50) */
} smtp_mode;

/** What a unit is. */
typedef enum smtp_role {
    SMTP_ROLE_COMMAND,
    SMTP_ROLE_AUTH_ANSWER, /**< a client line that answers a challenge */
    SMTP_ROLE_REPLY,       /**< one whole reply, or a part of a very long one */
    SMTP_ROLE_MESSAGE,     /**< octets of a message */
    SMTP_ROLE_END_OF_DATA, /**< the line "." that ends a message */
    SMTP_ROLE_LINE_REST,   /**< more of a line that was too long to wait for */
    SMTP_ROLE_TELNET,      /**< telnet commands before a line */
    SMTP_ROLE_TLS,         /**< TLS records begin here, and all that follows is theirs */
    SMTP_ROLE_OPAQUE,      /**< octets that are not text: in a SASL security layer, or XEXCH50's */
    SMTP_ROLE_PROXY        /**< the header that a proxy puts before the session */
} smtp_role;

/** Text that is kept. */
typedef struct smtp_name {
    uint32_t length;
    uint8_t octets[];
} smtp_name;

typedef struct smtp_transaction smtp_transaction;

/** A command and its reply.  Greeting, final dot and AUTH answers have one, too. */
typedef struct smtp_exchange {
    struct smtp_exchange *next;    /**< the next one without a reply; RCPT, answered: the next recipient */
    smtp_transaction *transaction; /**< NULL outside of one */
    int64_t time;                  /**< ns; of the command's last octet, and once answered the
                                        time from there to the reply's first octet */
    union {
        const smtp_name *user;           /**< AUTH and its answers: who the client says it is; NULL: not said */
        const smtp_name *address;        /**< MAIL, RCPT: as typed, without brackets */
        struct smtp_exchange *recipient; /**< END_OF_DATA, BDAT: the RCPT that this reply to it
                                              is about (RFC 2033, 4.2); NULL: all of them */
    } of;
    uint32_t command_frame; /**< 0: none was seen */
    uint32_t reply_frame;   /**< 0: none was seen; of the first of several */
    uint16_t code;          /**< of the first reply; 0: none was seen */
    uint8_t verb;           /**< smtp_verb */
    uint8_t mechanism;      /**< AUTH and its answers: smtp_mechanism */
    uint8_t step;           /**< AUTH and its answers: number of the client's response, from 0 */
    bool last : 1;          /**< BDAT, BURL: the last chunk */
    bool early : 1;         /**< DATA, XEXCH50: what it announced did not wait for the reply */
    bool cancels : 1;       /**< AUTH answer: "*" */
    bool failed_later : 1;  /**< RCPT: accepted, and refused after the message (RFC 2033, 4.2) */
} smtp_exchange;

/** How a transaction ended. */
typedef enum smtp_status {
    SMTP_STATUS_INCOMPLETE, /**< it did not, as far as was seen */
    SMTP_STATUS_ACCEPTED,   /**< the server took the message, for one recipient at least */
    SMTP_STATUS_REFUSED,    /**< the server refused sender, all recipients, or the message */
    SMTP_STATUS_ABORTED     /**< the client gave it up */
} smtp_status;

/** One mail transaction and its message (RFC 5321, 3.3). */
struct smtp_transaction {
    smtp_transaction *previous;  /**< still open when MAIL was sent again */
    const smtp_exchange *sender; /**< MAIL; NULL: not seen */
    smtp_exchange *recipients;   /**< the first RCPT that was answered; by next in their order */
    smtp_exchange *last_recipient;
    smtp_exchange *reported; /**< the last recipient that a final reply was about */
    smtp_exchange *end;      /**< of the final dot and the reply to it */
    uint64_t octets;         /**< of the message so far, raw (smtp_body.h) */
    uint64_t gap;            /**< of them, not in the capture */
    uint64_t told_octets;    /**< of the message when the transaction ended, dots unstuffed */
    int64_t duration;        /**< ns, from MAIL's last octet to the reply that ended it;
                                  before that, MAIL's time */
    uint32_t ordinal;        /**< in the session, from 1 */
    uint32_t parts;          /**< MESSAGE units of it */
    uint32_t stuffed_lines;
    uint32_t accepted;     /**< recipients */
    uint32_t refused;      /**< recipients */
    uint32_t last_frame;   /**< with octets of the message, or with its end */
    uint8_t status;        /**< smtp_status */
    bool started;          /**< message octets were read */
    bool whole;            /**< the message is over */
    bool unknown_start;    /**< the message began before what was seen */
    bool lf_ends_line;     /**< see smtp_body.h */
    bool chunked;          /**< by BDAT: no dots are stuffed */
    bool elsewhere;        /**< parts of the message are not on this connection (BURL, CHECKPOINT) */
    bool per_recipient;    /**< the message is answered once for each recipient */
    bool not_taken;        /**< DATA or a chunk was refused */
    bool dropped;          /**< MAIL was refused: what was said in it belongs to the previous one */
    bool missed;           /**< commands or replies of it were lost: of recipients, or what ended it */
    bool counted;          /**< told_octets are all of it */
    bool told;             /**< a reply of this transaction has ends_transaction */
    const void *last_unit; /**< the caller's: the last unit of the transaction */
    void *host;            /**< the caller's; NULL at first */
};

/** What was read. */
typedef struct smtp_unit {
    uint32_t length; /**< octets */
    smtp_role role;
    smtp_side side;                /**< whose it is; after TURN or ATRN the sides have changed */
    uint32_t notes;                /**< SMTP_REMARK_* that only the session can know */
    smtp_remarks remarks;          /**< the same as a set */
    bool ends_message;             /**< the message of its transaction is complete here */
    bool ends_transaction;         /**< REPLY: its transaction is over */
    bool continues;                /**< REPLY: a part; more of it follows in another unit */
    bool continued;                /**< REPLY: not the first part */
    smtp_exchange *exchange;       /**< COMMAND, AUTH_ANSWER, REPLY, END_OF_DATA; NULL: an unexpected reply */
    smtp_transaction *transaction; /**< NULL outside of one */
    uint64_t message_offset;       /**< MESSAGE: where in the message it stands, raw */
} smtp_unit;

/** Octets in hand. */
typedef struct smtp_input {
    const uint8_t *octets;
    uint32_t length;
    bool can_wait;  /**< when more are needed, the same octets come again with more behind them */
    uint64_t ahead; /**< octets of the other side, behind what was read of it, that the sender has seen
                         though they are not in the capture, or not yet */
    uint32_t frame; /**< from 1, never falling */
    int64_t time;   /**< ns */
} smtp_input;

/** Where memory comes from.  It is zeroed, and given back by its owner all at once. */
typedef struct smtp_memory {
    void *(*take)(void *owner, size_t octets);
    void *owner;
} smtp_memory;

typedef struct smtp_session smtp_session;

/** How the connection was opened; zeroed when that was not seen. */
typedef struct smtp_opening {
    uint32_t frame; /**< of the first segment */
    int64_t time;   /**< ns */
} smtp_opening;

/** What is known of both ends; NULL and UNKNOWN for what is not. */
typedef struct smtp_facts {
    smtp_protocol protocol;
    const smtp_name *client; /**< argument of HELO, EHLO or LHLO */
    const smtp_name *server; /**< domain in the greeting */
    const smtp_name *user;   /**< who has authenticated */
} smtp_facts;

/** A session.  When its opening was seen, a first reply that no command waits
 *  for is the greeting whatever it says, and answers the opening. */
smtp_session *smtp_session_new(const smtp_memory *memory, smtp_opening opening);

/** Reads the next unit of one direction.
 *  @param direction  who was client or server when the connection was opened
 *  @return false when more octets are needed; only if input->can_wait, or if
 *          there are none */
bool smtp_session_read(smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit);

/** @p octets of a direction are missing before what is read next.
 *  @param ahead  of what is read next, see smtp_input */
void smtp_session_gap(smtp_session *session, smtp_side direction, uint64_t octets, uint64_t ahead);

/** TLS has begun: what is read from now on is the session inside it, which
 *  knows nothing of what was said before (RFC 3207, 4.2). */
void smtp_session_inside_tls(smtp_session *session);

const smtp_facts *smtp_session_facts(const smtp_session *session);

/** Do TLS records begin with these octets, of which there is at least one? (RFC 8446, 5.1) */
bool smtp_session_is_tls(const uint8_t *octets, uint32_t length);

/** Is all of a transaction's message known?
 *  @param octets  of it, dots unstuffed; set when it is */
bool smtp_transaction_octets(const smtp_transaction *transaction, uint64_t *octets);

/** The first of these recipients that was accepted, whatever became of the message; NULL if none. */
static inline smtp_exchange *smtp_recipient_accepted(smtp_exchange *recipient)
{
    while (recipient && recipient->code / 100 != 2)
        recipient = recipient->next;
    return recipient;
}

/** The transaction that the reply to an exchange may end: its own, or when MAIL
 *  was accepted the one that was open before. */
static inline smtp_transaction *smtp_exchange_ended(const smtp_exchange *exchange)
{
    bool begins = smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_FROM && exchange->code < 400;

    return begins && exchange->transaction ? exchange->transaction->previous : exchange->transaction;
}

/** The RCPT that a reply to a message is about, if it is about one. */
static inline const smtp_exchange *smtp_exchange_recipient(const smtp_exchange *exchange)
{
    return exchange->verb == SMTP_VERB_END_OF_DATA || exchange->last ? exchange->of.recipient : NULL;
}

/** Is this AUTH, its like, or an answer in its exchange? */
static inline bool smtp_exchange_is_auth(const smtp_exchange *exchange)
{
    return smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_MECHANISM;
}

/** Is this STARTTLS or its like? */
static inline bool smtp_exchange_is_starttls(const smtp_exchange *exchange)
{
    return smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_TLS;
}

#endif /* SMTP_SESSION_H */
