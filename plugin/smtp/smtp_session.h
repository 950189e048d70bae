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

#include "smtp_body.h"
#include "smtp_command.h"
#include "smtp_notes.h"
#include "smtp_reply.h"

/** Octets of one line, or of one reply, beyond which no more are waited for.
 *  The longest legal line is an AUTH answer of 12288 octets (RFC 4954, 4.1). */
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
    SMTP_MODE_BDAT   /**< a counted chunk of a message */
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
    SMTP_ROLE_TLS          /**< TLS records begin here, and all that follows is theirs */
} smtp_role;

typedef struct smtp_transaction smtp_transaction;

/** A command and its reply.  Greeting, final dot and AUTH answers have one, too. */
typedef struct smtp_exchange {
    struct smtp_exchange *next;    /**< the next one without a reply */
    smtp_transaction *transaction; /**< NULL outside of one */
    int64_t time;                  /**< ns; of the command's last octet, and once answered the
                                        time from there to the reply's first octet */
    uint32_t command_frame;        /**< 0: none was seen */
    uint32_t reply_frame;          /**< 0: none was seen; of the first of several */
    uint16_t code;                 /**< of the first reply; 0: none was seen */
    uint8_t verb;                  /**< smtp_verb */
    bool part_answered;            /**< a further reply belongs to it (LMTP, RFC 2033) */
    uint8_t mechanism;             /**< AUTH and its answers: smtp_mechanism */
    uint8_t step;                  /**< AUTH and its answers: number of the client's response, from 0;
                                        BDAT: 1 for LAST; DATA: 1 if its message did not wait */
} smtp_exchange;

/** One mail transaction and its message (RFC 5321, 3.3). */
struct smtp_transaction {
    smtp_transaction *previous; /**< still open when MAIL was sent again */
    const smtp_exchange *end;   /**< of the final dot and the reply to it */
    uint64_t octets;            /**< of the message so far, raw (smtp_body.h) */
    uint64_t gap;               /**< of them, not in the capture */
    uint32_t ordinal;           /**< in the session, from 1 */
    uint32_t parts;             /**< MESSAGE units of it */
    uint32_t stuffed_lines;
    uint32_t accepted;      /**< recipients */
    uint32_t refused;       /**< recipients */
    uint32_t final_replies; /**< seen after the message */
    bool started;           /**< message octets were read */
    bool ended;             /**< the end of the message was read */
    bool unknown_start;     /**< the message began before what was seen */
    bool lf_ends_line;      /**< see smtp_body.h */
    bool chunked;           /**< by BDAT: no dots are stuffed */
    uint32_t first_frame;   /**< with octets of the message; 0: none */
    uint32_t last_frame;    /**< with octets of it, or with its end */
    void *host;             /**< the caller's, who may change it; NULL at first */
};

/** What was read. */
typedef struct smtp_unit {
    uint32_t length; /**< octets */
    smtp_role role;
    uint32_t notes;                /**< SMTP_NOTE_* that only the session can know */
    bool ends_message;             /**< the message of its transaction is complete here */
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

/** A session.  When its opening was seen, a first reply that no command waits
 *  for is the greeting whatever it says, and answers the opening. */
smtp_session *smtp_session_new(const smtp_memory *memory, smtp_opening opening);

/** Reads the next unit of one side.
 *  @return false when more octets are needed; only if input->can_wait, or if
 *          there are none */
bool smtp_session_read(smtp_session *session, smtp_side side, const smtp_input *input, smtp_unit *unit);

/** @p octets of a side are missing before what is read next. */
void smtp_session_gap(smtp_session *session, smtp_side side, uint64_t octets);

/** TLS has begun: what is read from now on is the session inside it, which
 *  knows nothing of what was said before (RFC 3207, 4.2). */
void smtp_session_inside_tls(smtp_session *session);

smtp_protocol smtp_session_protocol(const smtp_session *session);

/** Do TLS records begin with these octets, of which there is at least one? (RFC 8446, 5.1) */
bool smtp_session_is_tls(const uint8_t *octets, uint32_t length);

#endif /* SMTP_SESSION_H */
