/* smtp_exchange.h
 * The vocabulary of a session, for the files that read it, keep it and draw it.
 *
 * One word for each thing:
 *
 *   direction     who sent octets: client or server when the connection was opened
 *   side          who speaks in a unit: behind TURN or ATRN, not the direction's
 *   line          octets up to a line end
 *   unit          what is read at once: a command, a reply, octets of a message, ...
 *   reply         one answer of the server, however many lines it has
 *   exchange      a command and its reply. Greeting, final dot, AUTH answers and the
 *                 octets of XEXCH50 have one, too
 *   transaction   MAIL, RCPT and the message (RFC 5321, 3.3), until a reply ends it
 *   message       octets of DATA or BDAT, raw: dots stuffed, without the final dot's line
 *   challenge     334; an answer is the client's line behind it
 *   pending       an exchange that has no reply yet
 *   gap           a place where octets of a direction are missing
 *   unread        octets that an end has acknowledged and that were not read (yet)
 *   codeless      a server line that is no reply, and no part of one
 *   partly seen   commands or replies of a transaction are missing
 *   doubt         what comes cannot be told from what was seen: only what is certain counts
 *   in step       the client has had a reply to all that it said, and the server all of that
 *   early         sent without waiting for the reply that it has to wait for
 *   remark        something odd about a unit (smtp_remarks.def)
 *   look-alike    octets of a message that some servers take for its end (smtp_lookalike.h)
 *   reread        read again as the server has read it, behind a look-alike (smtp_suspicion.h)
 *   decision      the reply by which the server took a transaction or refused it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_EXCHANGE_H
#define SMTP_EXCHANGE_H

#include <stddef.h>

#include "syntax/smtp_code.h"
#include "syntax/smtp_remarks.h"
#include "syntax/smtp_side.h"
#include "syntax/smtp_verb.h"

/** Octets of one line, or of one reply, beyond which no more are waited for.
 *  The longest legal line is an AUTH answer of 12288 octets (RFC 4954, 4). */
#define SMTP_LONGEST_WAIT 16384u

/** How many times more octets are waited for, for one line or one reply.  Who keeps the octets has to put them
 *  together each time, so without a bound a line that comes octet by octet costs the square of its length.  What a
 *  person types is far shorter, and twice the longest line without extensions (RFC 5321, 4.5.3.1.4) stays whole
 *  however it is cut. */
#define SMTP_MOST_WAITS 1024u

/** A span of time that is not known. */
#define SMTP_DURATION_UNKNOWN INT64_MIN

typedef enum smtp_protocol {
    SMTP_PROTOCOL_UNKNOWN,
    SMTP_PROTOCOL_SMTP,
    SMTP_PROTOCOL_ESMTP,
    SMTP_PROTOCOL_LMTP
} smtp_protocol;

/** What a unit is. */
typedef enum smtp_role {
    SMTP_ROLE_COMMAND,
    SMTP_ROLE_AUTH_ANSWER, /**< a client line that answers a challenge */
    SMTP_ROLE_REPLY,       /**< one whole reply, or a part of a very long one */
    SMTP_ROLE_MESSAGE,     /**< octets of a message */
    SMTP_ROLE_END_OF_DATA, /**< the line "." that ends a message */
    SMTP_ROLE_LINE_REST,   /**< more of a line that was too long to wait for */
    SMTP_ROLE_TELNET,      /**< telnet commands before a line */
    SMTP_ROLE_TLS,         /**< TLS records */
    SMTP_ROLE_OPAQUE,      /**< octets that are not text: in a SASL security layer, or XEXCH50's */
    SMTP_ROLE_PROXY        /**< the header that a proxy puts before the session */
} smtp_role;

/** Text that is kept. */
typedef struct smtp_name {
    uint32_t length;
    uint8_t octets[];
} smtp_name;

static inline bool smtp_name_is(const smtp_name *name, const uint8_t *octets, uint32_t length)
{
    return name->length == length && memcmp(name->octets, octets, length) == 0;
}

typedef struct smtp_transaction smtp_transaction;
typedef struct smtp_octets_found smtp_octets_found;

typedef struct smtp_exchange smtp_exchange;

/** What few exchanges have all of. */
typedef struct smtp_more {
    const smtp_name *name; /**< see smtp_exchange_name() */
    union {
        const smtp_name *text;          /**< see smtp_exchange_text() */
        const smtp_exchange *failed_by; /**< RCPT, failed_later: the reply to this one says so */
    } said;
    smtp_exchange *recipient; /**< END_OF_DATA, BDAT: the RCPT that this reply to it is about (RFC 2033, 4.2); NULL: all
                                   of them */
    const struct smtp_suspicion *proved; /**< the reply to this one proved that the server has reread octets of it;
                                            NULL: it did not */
    int64_t reply_time;                  /**< see smtp_exchange_reply_time() */
    bool elsewhere;                      /**< the reply to it was told to answer something else */
    /* AUTH and its answers. */
    uint8_t mechanism; /**< smtp_mechanism */
    uint8_t step;      /**< number of the client's response, from 0 */
    bool cancels;      /**< answer: "*" */
    bool presumed;     /**< answer: AUTH was not seen, or what came since; the challenge asks as LOGIN's do */
} smtp_more;

/** A command and its reply. */
struct smtp_exchange {
    smtp_exchange *next;           /**< pending: the next one; RCPT, answered: the next recipient */
    smtp_transaction *transaction; /**< NULL outside of one */
    int64_t command_time;          /**< ns; of the command's last octet */
    union {
        const smtp_name *name; /**< see smtp_exchange_name() */
        const smtp_name *text; /**< with has_text: see smtp_exchange_text() */
        smtp_more *more;       /**< with has_more: both, and what else there is */
    } of;
    uint32_t command_frame; /**< 0: none was seen */
    uint32_t reply_frame;   /**< 0: none was seen; of the first of several */
    uint32_t reply_after;   /**< see smtp_exchange_reply_time() */
    uint16_t code;          /**< of the first reply; 0: none was seen, or it is codeless */
    uint8_t verb;           /**< smtp_verb */
    bool last : 1;          /**< BDAT, BURL: the last chunk */
    bool early : 1;         /**< DATA, XEXCH50: what it announced did not wait for the reply */
    bool failed_later : 1;  /**< RCPT: accepted, and refused after the message (RFC 2033, 4.2) */
    bool cut : 1;           /**< the end of the text is missing */
    bool before_tls : 1;    /**< said in clear behind an accepted STARTTLS, and TLS came later */
    bool left : 1;          /**< END_OF_DATA, BDAT: answered for some recipients, and a client that waits goes on */
    bool has_text : 1;
    bool has_more : 1;
};

/** Of the first octet of the first reply, once there is one, ns; it may be before command_time. */
static inline int64_t smtp_exchange_reply_time(const smtp_exchange *exchange)
{
    return exchange->has_more ? exchange->of.more->reply_time : exchange->command_time + exchange->reply_after;
}

/** The smtp_mechanism of AUTH and its answers. */
static inline uint8_t smtp_exchange_mechanism(const smtp_exchange *exchange)
{
    return exchange->has_more ? exchange->of.more->mechanism : 0;
}

/** Is it an answer in AUTH that gives up? */
static inline bool smtp_exchange_cancels(const smtp_exchange *exchange)
{
    return exchange->has_more && exchange->of.more->cancels;
}

/** AUTH and its answers: who the client says it is; MAIL, RCPT: the address as typed, without brackets; other commands:
 *  the argument as typed, of an unknown verb the line. NULL: there is none, or it is not kept. */
static inline const smtp_name *smtp_exchange_name(const smtp_exchange *exchange)
{
    if (exchange->has_more)
        return exchange->of.more->name;
    return exchange->has_text ? NULL : exchange->of.name;
}

/** Of a reply that refuses, or takes a message: its lines behind their codes, LF between them; NULL: it is not kept. */
static inline const smtp_name *smtp_exchange_text(const smtp_exchange *exchange)
{
    if (exchange->has_more)
        return exchange->failed_later ? NULL : exchange->of.more->said.text;
    return exchange->has_text ? exchange->of.text : NULL;
}

/** For what the time of a session went, ns. */
typedef struct smtp_spent {
    int64_t server;   /**< until its replies were there */
    int64_t client;   /**< until it said what comes next */
    int64_t transfer; /**< from a message's first octets to its last */
} smtp_spent;

/** How far a transaction is; smtp_transaction.c alone moves it on. */
typedef enum smtp_phase {
    SMTP_PHASE_ENVELOPE, /**< sender and recipients */
    SMTP_PHASE_MESSAGE,  /**< octets of the message are read, or a chunk was announced */
    SMTP_PHASE_WHOLE     /**< the message is over */
} smtp_phase;

/** How a transaction ended. */
typedef enum smtp_status {
    SMTP_STATUS_INCOMPLETE, /**< it did not, as far as was seen */
    SMTP_STATUS_ACCEPTED,   /**< the server took the message, for one recipient at least */
    SMTP_STATUS_REFUSED,    /**< the server refused sender, all recipients, or the message */
    SMTP_STATUS_ABORTED     /**< the client gave it up */
} smtp_status;

/** What most transactions have nothing of. */
typedef struct smtp_rare {
    smtp_transaction *previous;    /**< still open when MAIL was sent again */
    smtp_exchange *reported;       /**< the last recipient that a final reply was about */
    const smtp_exchange *taken_by; /**< the last reply that took it for a recipient is to this one; NULL: none did, or
                                        recipients were not answered one by one */
    const smtp_exchange *refused_chunk;  /**< the reply to this one refused it, and none behind it was taken; NULL: none
                                              is */
    smtp_octets_found *found;            /**< what is odd in the octets of the message; NULL: nothing */
    struct smtp_suspicion *suspicion;    /**< look-alikes in its message; NULL: there is none */
    const struct smtp_suspicion *within; /**< in which it was reread; NULL: in none */
    uint64_t missing;                    /**< octets of the message that are not in the capture */
    uint32_t unasked_lines; /**< of what came before the server had taken DATA or BDAT, the first thousand */
    uint32_t finals;        /**< replies to the message, where some for its recipients may be missing */
} smtp_rare;

/** One mail transaction and its message (RFC 5321, 3.3). */
struct smtp_transaction {
    smtp_rare *rare;             /**< NULL: nothing; see smtp_rare_of() */
    const smtp_exchange *sender; /**< MAIL; NULL: not seen */
    smtp_exchange *recipients;   /**< the first RCPT that was answered; by next in their order */
    smtp_exchange *last_recipient;
    smtp_exchange *end;              /**< of the final dot and the reply to it */
    const smtp_exchange *ended_by;   /**< the reply to this one ended it; NULL: none did */
    const smtp_exchange *decided_by; /**< the reply to this one is the decision so far; NULL: there is none */
    uint64_t octets;                 /**< of the message so far, raw; with those that are missing */
    uint64_t final_octets;           /**< of the message when the transaction ended, dots unstuffed */
    smtp_spent before;               /**< of the session's time, before the transaction began */
    smtp_spent spent;                /**< in it, until it was decided or given up */
    uint32_t ordinal;                /**< in the session, from 1 */
    uint32_t parts;                  /**< MESSAGE units of it */
    uint32_t stuffed_lines;
    uint32_t asked;         /**< recipients that were named, answered or not */
    uint32_t accepted;      /**< recipients */
    uint32_t refused;       /**< recipients */
    uint32_t last_frame;    /**< with octets of the message, or with its end */
    uint32_t message_in;    /**< last_frame when the transaction ended, if its message was over; 0: it was not */
    uint8_t phase;          /**< smtp_phase */
    uint8_t status;         /**< smtp_status */
    bool start_missing : 1; /**< the message began before what was seen */
    bool end_presumed : 1;  /**< its last octets, behind a hole, are taken for its end, as the server has taken it */
    bool lf_ends_line : 1;  /**< see smtp_body.h */
    bool chunked : 1;       /**< by BDAT: no dots are stuffed */
    bool elsewhere : 1;     /**< parts of the message are not on this connection (BURL, CHECKPOINT) */
    bool per_recipient : 1; /**< the message is answered once for each recipient */
    bool invited : 1;       /**< 354 was seen: the server waits for the message */
    bool not_taken : 1;     /**< DATA or a chunk was refused */
    bool given : 1;         /**< MAIL was refused, and its message is the previous one's */
    bool perhaps_open : 1;  /**< it may go on: what comes behind a refusal, or the reply to a later MAIL, is missing */
    bool may_go_on : 1;     /**< refused, but the server may take it after all (421, BDAT) */
    bool sender_unsure : 1; /**< octets are missing behind MAIL: there may be another one among them */
    bool list_unsure : 1;   /**< and behind recipients that were all refused: these may be of the one before */
    bool partly_seen : 1;   /**< see the words above */
    bool final_known : 1;   /**< final_octets are all of the message */
    bool reread : 1;        /**< its message ended in another's (smtp_suspicion.h) */
    bool may_be_answer : 1; /**< what is taken for the start of a message may be an answer to a challenge */
    bool none : 1;         /**< there was none: its MAIL is text of another's message, or its text was an answer; or the
                                reply that refused it was told to answer something else */
    bool first_line : 1;   /**< of the message, its end was read */
    bool header_lf : 1;    /**< that was a bare LF */
    bool behind_cr : 1;    /**< the last octet of the message was a CR, and first_line is not over */
    const void *last_unit; /**< the caller's: the last unit of the transaction */
    const void *told_in;   /**< the caller's: the unit that concludes it (smtp_unit); NULL: none does, so far */
    void *host;            /**< the caller's; NULL at first */
    const void *heading;   /**< the caller's: what is kept of a message whose octets are not; NULL: nothing */
};

/** What of these a transaction has; never NULL. */
static inline const smtp_rare *smtp_rare_of(const smtp_transaction *transaction)
{
    static const smtp_rare nothing;

    return transaction->rare ? transaction->rare : &nothing;
}

/** What was read. */
typedef struct smtp_unit {
    uint32_t length; /**< octets */
    smtp_role role;
    smtp_side side;
    smtp_remarks remarks;          /**< all of them */
    bool ends_message;             /**< the message of its transaction is complete here */
    bool ends_transaction;         /**< REPLY: its transaction is over */
    bool continues;                /**< REPLY: a part; more of it follows in another unit */
    bool continued;                /**< REPLY, TLS: not the first part */
    bool refuses;                  /**< REPLY: 4yz or 5yz; of one in parts, the first */
    bool alike;                    /**< it did just what the unit before it did, for another recipient */
    smtp_exchange *exchange;       /**< COMMAND, AUTH_ANSWER, REPLY, END_OF_DATA, OPAQUE; NULL: an unexpected reply;
                                        codeless: the one that it answers if nothing else does; LINE_REST: AUTH or an
                                        answer, of which it is more: a secret, perhaps */
    smtp_transaction *transaction; /**< NULL outside of one */
    smtp_transaction *concludes;   /**< REPLY: the decision on this one, or the client has given it up; NULL: on none */
    uint64_t message_offset;       /**< MESSAGE: where in the message it stands, raw */
    int64_t duration; /**< REPLY: ns from its first to its last octet; SMTP_DURATION_UNKNOWN: not all of it is here */
    int64_t wait;     /**< COMMAND, AUTH_ANSWER: ns from the server's last octet before it to its first
                           one; SMTP_DURATION_UNKNOWN: it has said nothing, or that is missing */
    const struct smtp_suspicion *reread; /**< REPLY: it proves that the server has reread octets of this one, or more
                                              of them; NULL: it does not */
    uint32_t reread_from;                /**< the first of its units that are new with this reply */
} smtp_unit;

/** Octets in hand. */
typedef struct smtp_input {
    const uint8_t *octets;
    uint32_t length;
    bool can_wait;         /**< when more are needed, the same octets come again with more behind them; that is used
                                SMTP_MOST_WAITS times for a unit at most */
    uint64_t unread;       /**< octets of the other side, behind what was read of it, that the sender has
                                acknowledged: they are not in the capture, or not yet */
    uint32_t frame;        /**< from 1, never falling */
    int64_t time;          /**< ns */
    uint64_t position;     /**< of octets[0] in what its side says; 0: not known */
    uint64_t acknowledged; /**< what the sender had of the other side, up to this position; 0: not known */
    bool goes_on;          /**< the unit before was in hand with these octets, which follow it at once */
} smtp_input;

enum {
    SMTP_NAMES_MOST = 1024
};

/** Names that were kept last: most sessions of a capture have some of them. Zeroed: none. */
typedef struct smtp_names {
    const smtp_name *kept[SMTP_NAMES_MOST]; /**< each where its octets say (smtp_session_memory.c) */
} smtp_names;

/** Where memory comes from.  It is zeroed, and freed by its owner all at once. */
typedef struct smtp_memory {
    void *(*take)(void *owner, size_t octets);
    void (*give_back)(void *owner, void *start, size_t octets); /**< of what was taken, what is not used any more; NULL:
                                                                     nothing is given back */
    void *owner;
    struct smtp_offers *offers;   /**< of all sessions with this memory (smtp_offer_read.h); NULL: each reads its own */
    smtp_names *names;            /**< the same; NULL: each keeps its own */
    struct smtp_session **spares; /**< memory of sessions that needs not be taken again; NULL: none is given back */
    const struct smtp_session **model; /**< the first one that rested, for all that do (smtp_session_rest.h); NULL: each
                                            is kept by itself */
} smtp_memory;

/** How the connection was opened; zeroed when that was not seen. */
typedef struct smtp_opening {
    bool seen;      /**< by one side at least: the session is there from its start */
    uint32_t frame; /**< of the client's first segment; 0: it was not seen */
    int64_t time;   /**< ns; of that segment */
} smtp_opening;

typedef struct smtp_offer smtp_offer;

/** What is known of both ends; NULL and UNKNOWN for what is not. */
typedef struct smtp_facts {
    smtp_protocol protocol;
    const smtp_name *client; /**< argument of HELO, EHLO or LHLO */
    const smtp_name *server; /**< domain in the greeting */
    const smtp_name *user;   /**< who has authenticated */
    const smtp_offer *offer; /**< what the last EHLO reply offers, see smtp_offer.h */
} smtp_facts;

/** What people call a status, and what filters compare it with. */
static inline const char *smtp_status_name(smtp_status status)
{
    static const char *const names[] = {"incomplete", "accepted", "refused", "aborted"};

    return names[status];
}

/** The same of a protocol; NULL: it is not known. */
static inline const char *smtp_protocol_name(smtp_protocol protocol)
{
    static const char *const names[] = {NULL, "SMTP", "ESMTP", "LMTP"};

    return names[protocol];
}

/** The first of these recipients that was accepted, whatever became of the message; NULL if none. */
static inline smtp_exchange *smtp_recipient_accepted(smtp_exchange *recipient)
{
    while (recipient && !smtp_code_is_completion(recipient->code))
        recipient = recipient->next;
    return recipient;
}

/** Does this recipient get the message, as far as the server has said? */
static inline bool smtp_recipient_is_served(const smtp_exchange *recipient)
{
    return smtp_code_is_completion(recipient->code) && !recipient->failed_later;
}

/** The transaction that the reply to an exchange may end: its own, or when MAIL
 *  was accepted the one that was open before. */
static inline smtp_transaction *smtp_exchange_ended(const smtp_exchange *exchange)
{
    bool begins = smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_FROM && !smtp_code_refuses(exchange->code);

    return begins && exchange->transaction ? smtp_rare_of(exchange->transaction)->previous : exchange->transaction;
}

/** What the reply to this proved to be reread; NULL: nothing. */
static inline const struct smtp_suspicion *smtp_exchange_proved(const smtp_exchange *exchange)
{
    return exchange->has_more ? exchange->of.more->proved : NULL;
}

/** Is the reply to this one told to answer it? */
static inline bool smtp_exchange_is_told(const smtp_exchange *exchange)
{
    return exchange->reply_frame && !(exchange->has_more && exchange->of.more->elsewhere);
}

/** Does the reply to this say what becomes of a message? */
static inline bool smtp_exchange_ends_message(const smtp_exchange *exchange)
{
    return exchange->verb == SMTP_VERB_END_OF_DATA || exchange->last;
}

/** The RCPT that a reply to a message is about, if it is about one. */
static inline smtp_exchange *smtp_exchange_recipient(const smtp_exchange *exchange)
{
    return exchange->has_more ? exchange->of.more->recipient : NULL;
}

/** Is this AUTH, its like, or an answer in its exchange? */
static inline bool smtp_exchange_is_auth(const smtp_exchange *exchange)
{
    return smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_MECHANISM;
}

/** How AUTH ended, by the code of the reply that ended it: 221 is to QUIT in the place of an answer. */
static inline const char *smtp_exchange_auth_result(const smtp_exchange *exchange, uint16_t code)
{
    bool quits = code == 221 && exchange->verb == SMTP_VERB_AUTH_ANSWER;

    if (smtp_code_accepts(code))
        return "accepted";
    return smtp_exchange_cancels(exchange) || quits ? "cancelled" : "refused";
}

/** Is this STARTTLS or its like? */
static inline bool smtp_exchange_is_starttls(const smtp_exchange *exchange)
{
    return smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_TLS;
}

/** The span from one time to another, ns; UNKNOWN where the clock of the capture went back. */
static inline int64_t smtp_span_of_time(int64_t from, int64_t to)
{
    return to >= from ? to - from : SMTP_DURATION_UNKNOWN;
}

/** The time from the command's last octet to the first one of its reply, ns; UNKNOWN
 *  where one of them was not seen, or the reply came first. */
static inline int64_t smtp_exchange_response_time(const smtp_exchange *exchange)
{
    if (!exchange->command_frame || !exchange->reply_frame)
        return SMTP_DURATION_UNKNOWN;
    return smtp_span_of_time(exchange->command_time, smtp_exchange_reply_time(exchange));
}

/** Is the exchange answered by server lines without a code? */
static inline bool smtp_exchange_is_answered_codeless(const smtp_exchange *exchange)
{
    return exchange->reply_frame && exchange->code == 0;
}

/** Was MAIL refused?  Then what was said in the transaction belongs to the previous one. */
static inline bool smtp_transaction_is_dropped(const smtp_transaction *transaction)
{
    return transaction->sender && smtp_code_refuses(transaction->sender->code);
}

/** The MAIL that began a transaction; NULL: it was not seen, or may have been refused, and then it is the one before's.
 */
static inline const smtp_exchange *smtp_transaction_begun_by(const smtp_transaction *transaction)
{
    const smtp_exchange *sender = transaction->sender;

    return sender && smtp_rare_of(transaction)->previous && !sender->reply_frame ? NULL : sender;
}

/** The MAIL that says who the sender is; NULL: it was not seen, or another one may have taken its place, as replies or
 *  commands are missing. */
static inline const smtp_exchange *smtp_transaction_sender(const smtp_transaction *transaction)
{
    const smtp_exchange *sender = smtp_transaction_begun_by(transaction);
    bool is_unsure =
        transaction->sender_unsure || (transaction->partly_seen && !smtp_recipient_accepted(transaction->recipients));

    return sender && is_unsure && !sender->reply_frame ? NULL : sender;
}

/** How a transaction ended; of one that did not, how it was left: behind a refusal it is refused. */
smtp_status smtp_transaction_outcome(const smtp_transaction *transaction);

/** The exchange whose reply refuses a recipient: RCPT itself, or one to the message
 *  (RFC 2033, 4.2); NULL: none does. */
static inline const smtp_exchange *smtp_recipient_refusal(const smtp_exchange *recipient)
{
    if (recipient->failed_later)
        return recipient->of.more->said.failed_by;
    return smtp_code_is_completion(recipient->code) ? NULL : recipient;
}

/** Is all of a transaction's message known?
 *  @param octets  of it, dots unstuffed; set when it is */
bool smtp_transaction_octets(const smtp_transaction *transaction, uint64_t *octets);

#endif /* SMTP_EXCHANGE_H */
