/* smtp_session_state.h
 * What a session knows.  Private to the files of this folder, which stand on
 * each other in this order:
 *
 *   smtp_session           both directions: what they have in common
 *   smtp_session_alike     one recipient more, or one reply more to a recipient, in the same octets
 *   smtp_session_reread    what a server has read in a message: behind a look-alike of its end, or refused
 *   smtp_session_reader    its octets, as the server has read them
 *   smtp_session_end       what the last octets are when their line has no end
 *   smtp_session_client    how the client's octets are read: commands and answers
 *   smtp_session_server    how the server's are: replies
 *   smtp_session_judge     what is wrong with what was said, by what was said before
 *   smtp_session_gap       what follows from octets that are missing
 *   smtp_session_tls       TLS around the session
 *   smtp_session_message   how the octets of messages are read
 *   smtp_session_octets    what is odd in them
 *   smtp_session_effect    what a reply does
 *   smtp_session_pair      which exchange a reply belongs to
 *   smtp_session_suspect   look-alikes of a message's end
 *   smtp_pending           exchanges without a reply
 *   smtp_transaction_again transactions of which something is said a second time
 *   smtp_transaction       transactions: the only file that changes them otherwise
 *   smtp_session_rest      a session that is over, in fewer octets
 *   smtp_session_memory    memory for all that is kept
 *   smtp_expectation       what the client's next octets are
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_STATE_H
#define SMTP_SESSION_STATE_H

#include "../syntax/smtp_auth.h"
#include "../smtp_suspicion.h"
#include "../syntax/smtp_body.h"
#include "../syntax/smtp_octets.h"
#include "../syntax/smtp_reply.h"
#include "../syntax/smtp_tls.h"
#include "smtp_expectation.h"

/** The start of a unit, of which the rest is waited for. */
typedef struct smtp_start {
    uint32_t length;
    uint8_t octets[5]; /**< the first ones; 0: there are no more */
    bool ends_cr;      /**< the last one is a CR */
} smtp_start;

/** The unit of a direction that is read next. */
typedef struct smtp_next {
    int64_t wait;            /**< client: see smtp_unit */
    uint32_t codeless;       /**< client: how many codeless lines it had seen before the unit */
    uint32_t scanned;        /**< of the octets in hand, how many hold no line end; REPLY: counted from reply.length */
    uint32_t without_tls;    /**< of the octets in hand, how far TLS was looked for */
    uint32_t waits;          /**< how many times more octets were waited for */
    smtp_exchange *answered; /**< client: of the line, which was answered before its end */
    smtp_remarks remarks;    /**< on the unit */
    uint16_t broken;         /**< server, with after_gap: the code of a reply that had begun before; 0: none had */
    bool waiting;            /**< it was begun, and the rest of it is waited for */
    bool after_gap;          /**< octets are missing before it */
    bool after_line;         /**< with after_gap: a line begins here all the same */
    bool in_line;            /**< with after_gap: it is the rest of a line */
    uint8_t cut;       /**< with in_line: so many octets are missing, from the line's start on; 0: its start was read */
    bool in_reply;     /**< with after_gap: what is missing is a part of the one reply that is due */
    bool behind_line;  /**< with after_gap: a line that was read in part was not over, as a snaplen leaves it */
    bool behind_start; /**< with after_gap: the start of a unit was in hand before those */
    bool no_data;      /**< with after_gap: no DATA is among what is missing */
} smtp_next;

/** One direction. */
typedef struct smtp_direction {
    smtp_next next;
    smtp_start start;    /**< of the unit that is waited for; behind a gap: that was, before the gap */
    int64_t last_time;   /**< of the last octet that was read */
    uint64_t read;       /**< position behind what was read */
    uint64_t had;        /**< what its sender had of the other side when the last unit began, up to this position */
    uint32_t in_parts;   /**< octets read of the line that in_long_line is about */
    uint64_t behind_tls; /**< octets that are missing behind the last TLS record: of TLS, or of what is in clear */
    smtp_exchange *auth; /**< with in_parts: AUTH or an answer, of which that line is; NULL: it is another one */
    bool in_long_line;   /**< what comes is the rest of a line that is not waited for any more */
    bool gap_in_tls;     /**< octets are missing since TLS has begun */
    bool seen;           /**< any octet was read, in clear */
    bool upgraded;       /**< TLS has begun since STARTTLS */
    bool injected;       /**< what comes is text that nobody asked for, see smtp_session_tls.h */
    bool opaque;         /**< a SASL security layer has begun */
    smtp_tls tls;
} smtp_direction;

/** Memory that is at hand. */
typedef struct smtp_store {
    smtp_memory memory;
    uint8_t *text; /**< for names, text_left octets of it */
    uint32_t text_left;
    uint32_t text_block; /**< how many octets the last block has, unless a name has it alone */
    uint32_t spares;     /**< how many exchanges there is room for at spare */
    smtp_exchange *spare;
    uint32_t block; /**< how many are taken at once */
} smtp_store;

/** Server lines without a code since something is pending. */
typedef struct smtp_codeless {
    uint32_t count;
    uint32_t frame; /**< of the first one that may answer this: */
    int64_t time;
    smtp_exchange *to; /**< what was the oldest pending exchange then */
} smtp_codeless;

/** Exchanges without a reply, oldest first. */
typedef struct smtp_pending {
    smtp_exchange *oldest;
    smtp_exchange *newest;
    uint32_t count;
    uint32_t unexpected; /**< replies in a row that no exchange waited for */
    uint32_t of_missing; /**< of them, those that answer commands which are missing */
    smtp_codeless codeless;
    const smtp_exchange *refused; /**< up to this one, all were refused with the session (421, 554); NULL: none was */
    uint64_t heard; /**< what the client had of the server when it asked the newest, up to this position */
    bool with_end;  /**< an exchange that ends a message may be among them: it may get several replies */
    bool pipelined; /**< the client has not waited for a reply before */
    bool waits;     /**< it has, where it need not (RFC 2920, 3.1) */

    /* The place of doubt, see smtp_pending.h. */
    bool doubt;                /**< there is one */
    const smtp_exchange *sure; /**< it is behind this one; NULL: at the front */
    int64_t first, last;       /**< the bounds of what the next reply there answers */
} smtp_pending;

/** What was acknowledged, but not read. */
typedef struct smtp_unread {
    uint64_t of_client;      /**< octets of the client that the server had seen when it last replied */
    uint64_t of_server;      /**< octets of the server that the client had seen ... */
    smtp_exchange *answered; /**< ... before it said what follows this one; NULL: all that is pending */
    smtp_exchange *waited;   /**< it has had the reply to this one for certain (NULL: to none) when ... */
    uint64_t of_waited;      /**< ... it had so many of these octets */
} smtp_unread;

/** The reply at hand. */
typedef struct smtp_reply_state {
    smtp_reply read;         /**< what was read of it */
    smtp_reply begun;        /**< what it was before any of the octets in hand */
    smtp_exchange *exchange; /**< what it answers, once it is paired; until then, what the one before it does; NULL:
                                  nothing */
    int64_t first_time;      /**< of its first octet */
    bool came_first;         /**< when that came, nothing waited for an answer: what was begun later is not answered */
    bool paired;
    bool goes_on;               /**< the next unit is more of it */
    bool applied;               /**< with goes_on: what it does was done */
    uint16_t last_code;         /**< of the last whole reply */
    bool half;                  /**< the end of a reply has come, without its code; what it answers is pending still */
    bool lost;                  /**< of one that came later, or of a part of it, nothing was read */
    smtp_exchange *lost_of;     /**< what was answered last with a reply of which the code is missing; NULL: nothing */
    const smtp_name *last_text; /**< what was kept last (smtp_exchange.said); NULL: nothing */
} smtp_reply_state;

/** The AUTH exchange at hand. */
typedef struct smtp_auth_state {
    uint8_t mechanism;          /**< smtp_mechanism */
    uint8_t step;               /**< number of the client's next response */
    uint32_t challenges;        /**< since the client last answered */
    bool presumed;              /**< the mechanism is not known: see smtp_exchange */
    bool asked;                 /**< the last challenge said which of LOGIN's responses it wants */
    const smtp_name *claimed;   /**< who the client says it is */
    smtp_exchange *last;        /**< AUTH or an answer that was not refused, as far as is known; NULL: none */
    smtp_exchange *may_protect; /**< what may have begun a security layer; NULL: nothing */
} smtp_auth_state;

enum {
    SMTP_CLEAR_MOST = 8
};

/** STARTTLS, and what came of it. */
typedef struct smtp_upgrade {
    smtp_exchange *asked;    /**< STARTTLS that is pending; NULL: none */
    smtp_exchange *answered; /**< the one that was accepted last */
    bool accepted;           /**< it was, and no side has both begun TLS or gone on without */
    bool injected;           /**< what was said in clear was an attack */
    bool told;               /**< it was remarked on that the session goes on in clear */
    uint32_t clear_count;
    smtp_exchange *clear[SMTP_CLEAR_MOST]; /**< what was said in clear, an attack if TLS follows; the first ones */
} smtp_upgrade;

/** What is remembered to judge what is said. Zeroed: nothing was said. */
typedef struct smtp_judge {
    const smtp_exchange *previous; /**< the client's last command; NULL: none */
    const smtp_exchange *greeting; /**< its last EHLO, HELO or LHLO; NULL: none */
    const smtp_exchange *sender;   /**< the last MAIL, if it was read; size, binary, eight_bit and utf8 are of it */
    const smtp_transaction *owing; /**< LMTP: a message of which not all replies have come; NULL: none */
    const smtp_name *refused_user; /**< of the first login that was refused */
    uint64_t size;                 /**< of the message, as MAIL says; 0: it does not */
    uint8_t cancelled;             /**< smtp_mechanism that the client has cancelled last; UNSEEN: none */
    uint8_t refused_logins;
    uint8_t refused_names;   /**< to VRFY, EXPN and RCPT */
    bool unsure : 1;         /**< the opening was not seen, or octets are missing */
    bool unheard : 1;        /**< the server may have greeted, and nobody has read it */
    bool inside : 1;         /**< inside TLS */
    bool expects_hello : 1;  /**< TLS has begun with STARTTLS, and the client has said nothing inside */
    bool clear_commands : 1; /**< stood behind STARTTLS; inside: outside they did */
    bool tls_refused : 1;    /**< STARTTLS was */
    bool tls_absent : 1;     /**< it was accepted, and the session goes on in clear */
    bool proxied : 1;        /**< a proxy's header came first */
    bool early : 1;          /**< the client has spoken before the greeting, and it is not told yet */
    bool pipeconnect : 1;    /**< the server has offered that */
    bool authenticated : 1;
    bool users_differ : 1; /**< of the logins that were refused */
    bool lhlo : 1;         /**< was accepted */
    bool hello : 1;        /**< EHLO or HELO was accepted */
    bool refused_text : 1; /**< DATA was refused, and what has come since is no command */
    bool auth : 1;         /**< AUTH was sent, and no greeting and nothing of a transaction since */
    /* Sent since the last transaction ended. */
    bool mail : 1;
    bool rcpt : 1;
    bool chunk : 1;     /**< BDAT */
    bool last : 1;      /**< BDAT LAST */
    bool binary : 1;    /**< BODY=BINARYMIME */
    bool eight_bit : 1; /**< octets above 127 were announced for the message */
    bool utf8 : 1;      /**< and for addresses */
    /* Told already. */
    bool told_group : 1; /**< of the commands that did not wait */
    bool told_tls_refused : 1;
    bool told_foreign : 1;
    bool told_clear[2]; /**< by smtp_side: clear text behind TLS */
    bool told_lf[2];    /**< the same: lines that end with LF */
} smtp_judge;

/** What the octets of the client are, for one that reads them: smtpx, or a server that was deceived. */
typedef struct smtp_client_state {
    smtp_expectation expectation;
    smtp_exchange *data;   /**< DATA whose reply is not known, and of whose message nothing was read; NULL: none */
    uint64_t data_octets;  /**< of the lines behind it, which were read as commands */
    uint32_t text_lines;   /**< lines of a message that the server has read as commands, and not answered yet */
    bool text_doubt;       /**< so many at most: some of these replies may be missing */
    bool commands_missing; /**< octets are missing since a transaction began or ended: MAIL, RCPT, chunks, perhaps */
    bool lf_ends_line;     /**< its last command did */
    smtp_transaction *transaction;
    smtp_body body;
    smtp_octets octets;                /**< what is odd in the octets of a message: */
    const smtp_transaction *octets_of; /**< of this one; NULL: none has begun */
    smtp_lookalike_scan lookalikes;    /**< in the message, up to where the body was scanned */
    smtp_suspicion *suspicion;         /**< of the message that was read last; NULL: there is none */
    smtp_suspicion *refused; /**< what came though DATA or BDAT was refused, and was not answered yet; NULL: nothing */
    uint64_t body_heard;     /**< what the client had of the server when it began the message, up to this position */
    int64_t body_time;       /**< of the last message octet */
    uint64_t blob;           /**< octets that XEXCH50 announced */
    smtp_auth_state auth;
} smtp_client_state;

/** Reads a message again as a server has read it, behind a look-alike of its end or from its start. */
typedef struct smtp_reader {
    smtp_suspicion *of;
    uint64_t at;                /**< where in the message it goes on */
    const smtp_exchange *asked; /**< what it has asked last; NULL: nothing */
    uint32_t told;              /**< how many of its units were told with replies */
    bool remarked;              /**< one of these has the remark on it */
    uint32_t replies;           /**< of a refused message: to its lines, so far */
    /* The message that is read, behind the first one: where the server ends it. */
    const smtp_transaction *scanned_of; /**< whose message; NULL: none was read */
    uint64_t scanned_from;              /**< where it begins in the client's */
    uint64_t dot;                       /**< with ends: that of its look-alike there */
    bool ends;                          /**< a look-alike ends it */
    smtp_lookalike_scan scan;
    /* What takes the place of the session's own while it reads. */
    smtp_client_state client;
    smtp_direction direction;
    smtp_judge judge;
} smtp_reader;

typedef struct smtp_session {
    smtp_store store;
    smtp_direction directions[2]; /**< by smtp_side */
    bool swapped;                 /**< the directions' roles have changed */
    smtp_facts facts;
    smtp_spent spent;
    int64_t clock; /**< ns; when octets were read last; 0: none were */

    /* The server's side. */
    smtp_opening opening;
    bool greeted;
    smtp_reply_state reply;
    smtp_pending pending;
    smtp_unread unread;
    smtp_exchange *refused_early; /**< replies to a message for one recipient, before its final dot; by next */
    smtp_upgrade upgrade;

    /* The client's side. */
    smtp_client_state client;
    uint32_t *transactions; /**< how many there were on the connection, in clear and inside TLS */
    smtp_suspicion *spare;  /**< no transaction's; NULL: there is none */
    smtp_reader *reader;    /**< of a server that was deceived; NULL: it has read no more than the standard says */
    const smtp_lookalike *proven; /**< what it took last for a message's end; NULL: nothing that is known */

    smtp_judge judge;
} smtp_session;

/** The direction in which a side speaks. */
static inline smtp_direction *smtp_session_direction(smtp_session *session, smtp_side side)
{
    return &session->directions[session->swapped ? !side : side];
}

/** May what is in hand of a unit be waited for until it is all there? */
static inline bool smtp_input_may_wait(const smtp_input *input)
{
    return input->can_wait && input->length < SMTP_LONGEST_WAIT;
}

#endif /* SMTP_SESSION_STATE_H */
