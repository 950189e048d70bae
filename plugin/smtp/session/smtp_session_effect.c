/* smtp_session_effect.c
 * What a reply does: the next state follows from (command, reply).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "../syntax/smtp_line.h"
#include "smtp_session_state.h"

typedef enum effect {
    NONE,
    SMTP,          /* HELO: which protocol is spoken, and no transaction is open */
    ESMTP,         /* EHLO */
    LMTP,          /* LHLO */
    NO_LMTP,       /* LHLO refused */
    SENDER,        /* MAIL accepted: a transaction is open */
    RESUME,        /* MAIL accepted, and the server has the start of the message (RFC 1845) */
    DROP,          /* MAIL refused: no transaction was begun */
    RECIPIENT,     /* one more, accepted or refused */
    CONTENT,       /* a message follows */
    END,           /* the message was taken or not: the transaction is over */
    CHUNK_END,     /* a chunk was taken or not; the last one is the end */
    RESET,         /* the client gave the transaction up */
    CHALLENGE,     /* an AUTH answer follows */
    AUTHENTICATED, /* commands follow, or a security layer */
    REFUSED,       /* commands follow: no AUTH answer, no message */
    TLS,           /* TLS follows */
    BLOB,          /* counted octets follow */
    RESTART,       /* this is a greeting: the session begins again (XCLIENT) */
    SWAP           /* client and server change their roles (RFC 2645, 5.3; RFC 821, 3.8) */
} effect;

/* For 2yz, 3yz, and 4yz or 5yz. */
static const uint8_t effects[SMTP_VERB_COUNT][3] = {
#define SMTP_VERB(name, text, shape, on2, on3, on45) {on2, on3, on45},
#include "../smtp_verbs.def"
#undef SMTP_VERB
};

static effect effect_of(const smtp_exchange *exchange, uint16_t code)
{
    static const uint8_t column[] = {0, 1, 2, 2};

    /* Without the command, the codes that say what comes next still do. */
    if (!exchange)
        return code == 354 ? CONTENT : code == 334 ? CHALLENGE : code == 355 ? RESUME : NONE;
    return (effect)effects[exchange->verb][column[code / 100 - 2]];
}

/* ---- Transactions ---- */

static void end_transaction(smtp_session *session, smtp_transaction *transaction, smtp_status status, smtp_unit *unit)
{
    if (!transaction || transaction->status != SMTP_STATUS_INCOMPLETE)
        return;
    transaction->counted = smtp_transaction_octets(transaction, &transaction->told_octets);
    transaction->status = (uint8_t)status;
    transaction->duration = smtp_session_side(session, SMTP_SERVER)->first_time - transaction->duration;
    if (unit->exchange && smtp_exchange_ended(unit->exchange) == transaction) {
        unit->ends_transaction = true;
        transaction->told = true;
    }
}

/* The client gives it up: because the server would not have it?  Where a reply may
 * have been lost, nobody knows. */
static void abandon(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    bool refused = transaction && (transaction->not_taken || (transaction->refused > 0 && transaction->accepted == 0));

    if (!transaction || (transaction->missed && !transaction->not_taken))
        return;
    end_transaction(session, transaction, refused ? SMTP_STATUS_REFUSED : SMTP_STATUS_ABORTED, unit);
}

static void add_recipient(smtp_exchange *exchange, bool accepted)
{
    smtp_transaction *transaction = exchange->transaction;

    /* What was told of a transaction stays as it is: a reply may be late. */
    if (!transaction || transaction->status != SMTP_STATUS_INCOMPLETE)
        return;
    transaction->accepted += accepted;
    transaction->refused += !accepted;
    exchange->next = NULL;
    if (transaction->last_recipient)
        transaction->last_recipient->next = exchange;
    else
        transaction->recipients = exchange;
    transaction->last_recipient = exchange;
}

/* MAIL was accepted while another transaction was open: that one is over. */
static void begin_transaction(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    if (transaction && transaction->previous)
        abandon(session, transaction->previous, unit);
}

/* "355 offset": the server has the start of the message from an earlier connection. */
static void resume(smtp_transaction *transaction, const uint8_t *octets, uint32_t length)
{
    smtp_line line = smtp_line_find(octets, length, 0);
    smtp_span text = smtp_reply_line_parse(octets, line.text).text;
    uint32_t end = smtp_skip_token(octets, text.offset, smtp_span_end(text));
    uint64_t offset;

    if (transaction && smtp_number(octets, smtp_span_between(text.offset, end), &offset) && offset > 0)
        transaction->elsewhere = true;
}

static void drop_transaction(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    end_transaction(session, transaction, SMTP_STATUS_REFUSED, unit);
    if (!transaction)
        return;
    transaction->dropped = true;
    if (transaction->previous && transaction->previous->dropped)
        transaction->previous = transaction->previous->previous;
    if (session->transaction == transaction && !transaction->started)
        session->transaction = transaction->previous;
}

static void say_hello(smtp_session *session, smtp_protocol protocol, smtp_transaction *transaction, smtp_unit *unit)
{
    session->facts.protocol = protocol;
    session->tls_expected = false; /* TLS did not come */
    abandon(session, transaction, unit);
    /* A message may be on its way already, without waiting for this reply. */
    if (session->transaction == transaction && session->mode == SMTP_MODE_LINES)
        session->transaction = NULL;
}

static void fail_recipient(smtp_transaction *transaction, smtp_exchange *recipient)
{
    recipient->failed_later = true;
    transaction->accepted--;
    transaction->refused++;
}

/* A reply to a message: to all of it, or for one recipient (RFC 2033, 4.2). */
static void end_message(smtp_session *session, const smtp_exchange *exchange, uint16_t code, smtp_unit *unit)
{
    smtp_transaction *transaction = exchange->transaction;
    smtp_exchange *recipient = exchange->of.recipient;
    bool taken = code / 100 == 2;

    if (!transaction || (transaction->per_recipient && transaction->missed))
        return;
    if (recipient && !taken)
        fail_recipient(transaction, recipient);
    /* The server hangs up: nobody else gets it either. */
    while (code == 421 && recipient && (recipient = smtp_recipient_accepted(recipient->next)))
        fail_recipient(transaction, recipient);
    recipient = exchange->of.recipient;
    if (recipient && code != 421 &&
        (session->facts.protocol != SMTP_PROTOCOL_LMTP || smtp_recipient_accepted(recipient->next)))
        return;
    if (recipient)
        taken = transaction->accepted > 0;
    end_transaction(session, transaction, taken ? SMTP_STATUS_ACCEPTED : SMTP_STATUS_REFUSED, unit);
}

static void end_chunk(smtp_session *session, const smtp_exchange *exchange, uint16_t code, smtp_unit *unit)
{
    if (exchange->last)
        end_message(session, exchange, code, unit);
    else if (exchange->transaction && code / 100 != 2)
        exchange->transaction->not_taken = true;
}

/* ---- What follows ---- */

/* DATA was accepted; its message may have begun without waiting for that.  If DATA
 * was lost, the start of the message may be among what was lost with it. */
static void content_follows(smtp_session *session, const smtp_exchange *exchange)
{
    smtp_transaction *transaction = exchange ? exchange->transaction : session->transaction;

    if (session->mode != SMTP_MODE_LINES || (exchange && exchange->early))
        return;
    transaction = smtp_session_begin_message(session, transaction);
    transaction->unknown_start = !exchange && smtp_session_side(session, SMTP_CLIENT)->seen;
    session->doubt = false;
}

static void blob_follows(smtp_session *session, smtp_exchange *exchange)
{
    if (session->mode == SMTP_MODE_LINES && !exchange->early)
        smtp_session_begin_blob(session, exchange);
}

/* DATA or AUTH was refused. */
static void commands_follow(smtp_session *session, const smtp_exchange *exchange)
{
    if (session->mode == SMTP_MODE_AUTH)
        session->mode = SMTP_MODE_LINES;
    if (exchange->verb != SMTP_VERB_DATA) {
        session->mechanism = SMTP_MECHANISM_UNSEEN;
        return;
    }
    if (exchange->transaction)
        exchange->transaction->not_taken = true;
    if (session->mode == SMTP_MODE_DATA) {
        session->mode = SMTP_MODE_LINES;
        session->end_length = 0;
    }
}

static void authenticated(smtp_session *session, smtp_exchange *exchange)
{
    commands_follow(session, exchange);
    session->facts.user = exchange->of.user;
    if (smtp_auth_may_protect((smtp_mechanism)exchange->mechanism))
        session->may_protect = exchange;
}

/* An answer follows. LOGIN's challenges say what they want, also where AUTH was
 * not seen, or the client has sent something else first. */
static void challenge(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    smtp_line line = smtp_line_find(octets, length, 0);
    smtp_span text = smtp_reply_line_parse(octets, line.text).text;
    int step = smtp_auth_login_step(octets + text.offset, text.length);

    if (session->mode == SMTP_MODE_LINES)
        session->mode = SMTP_MODE_AUTH;
    session->challenges++;
    if (step < 0 || (session->mechanism != SMTP_MECHANISM_UNSEEN && session->mechanism != SMTP_MECHANISM_LOGIN))
        return;
    session->mechanism = SMTP_MECHANISM_LOGIN;
    session->step = (uint8_t)step;
}

/* All that was known is known no more. */
static void forget(smtp_session *session)
{
    session->facts = (smtp_facts){.server = NULL};
    session->opening = (smtp_opening){.frame = 0};
    session->doubt = false;
    session->transaction = NULL;
    session->mode = SMTP_MODE_LINES;
}

static void swap_sides(smtp_session *session)
{
    forget(session);
    session->swapped = !session->swapped;
    session->sides[0].scanned = session->sides[1].scanned = 0;
    session->greeted = false;
    session->oldest = session->newest = NULL;
}

void smtp_session_learn_server(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    smtp_line line = smtp_line_find(octets, length, 0);
    smtp_reply_line parsed = smtp_reply_line_parse(octets, line.text);
    uint32_t start = parsed.text.offset;
    uint32_t end = smtp_skip_token(octets, start, smtp_span_end(parsed.text));
    smtp_enhanced enhanced;

    /* Neither has an enhanced code (RFC 2034, 4): then it is a reply to something else.
     * So it may be where the start of the connection was not seen: "220 go ahead". */
    if (!session->opening.frame && !session->swapped && start < end && !memchr(octets + start, '.', end - start))
        return;
    if (parsed.code == 220 && end > start && !smtp_enhanced_parse(octets, parsed.text, parsed.code, &enhanced))
        session->facts.server = smtp_session_keep(session, octets + start, end - start);
}

static void restart(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    forget(session);
    smtp_session_learn_server(session, octets, length);
}

/* RFC 5321, 3.8 */
static void hang_up(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    end_transaction(session, transaction, SMTP_STATUS_REFUSED, unit);
    if (session->mode == SMTP_MODE_AUTH)
        session->mode = SMTP_MODE_LINES;
}

/* ---- The table's effects ---- */

/* Those on the transaction that the exchange belongs to. */
static void apply_to_transaction(smtp_session *session, effect what, smtp_unit *unit, uint16_t code,
                                 const uint8_t *octets, uint32_t length)
{
    smtp_exchange *exchange = unit->exchange;
    smtp_transaction *transaction = exchange->transaction;

    switch (what) {
    case RESUME:
        resume(transaction, octets, length);
        begin_transaction(session, transaction, unit);
        break;
    case SENDER:
        begin_transaction(session, transaction, unit);
        break;
    case DROP:
        drop_transaction(session, transaction, unit);
        break;
    case RECIPIENT:
        add_recipient(exchange, code / 100 == 2);
        break;
    case END:
        end_message(session, exchange, code, unit);
        break;
    case CHUNK_END:
        end_chunk(session, exchange, code, unit);
        break;
    case RESET:
        abandon(session, transaction, unit);
        break;
    case SMTP:
        say_hello(session, SMTP_PROTOCOL_SMTP, transaction, unit);
        break;
    case ESMTP:
        say_hello(session, SMTP_PROTOCOL_ESMTP, transaction, unit);
        break;
    case LMTP:
        say_hello(session, SMTP_PROTOCOL_LMTP, transaction, unit);
        break;
    default:
        break;
    }
}

/* Those on how the session goes on. */
static void apply_to_session(smtp_session *session, effect what, smtp_exchange *exchange, const uint8_t *octets,
                             uint32_t length)
{
    switch (what) {
    case RESUME:
        if (!exchange)
            resume(session->transaction, octets, length);
        break;
    case NO_LMTP:
        session->facts.protocol = SMTP_PROTOCOL_UNKNOWN;
        break;
    case CONTENT:
        content_follows(session, exchange);
        break;
    case CHALLENGE:
        challenge(session, octets, length);
        break;
    case AUTHENTICATED:
        authenticated(session, exchange);
        break;
    case REFUSED:
        commands_follow(session, exchange);
        break;
    case TLS:
        session->tls_expected = true;
        break;
    case BLOB:
        blob_follows(session, exchange);
        break;
    case RESTART:
        restart(session, octets, length);
        break;
    case SWAP:
        swap_sides(session);
        break;
    default:
        break;
    }
}

void smtp_session_apply(smtp_session *session, smtp_unit *unit, uint16_t code, const uint8_t *octets, uint32_t length)
{
    effect what = effect_of(unit->exchange, code);

    if (unit->exchange)
        apply_to_transaction(session, what, unit, code, octets, length);
    apply_to_session(session, what, unit->exchange, octets, length);
    if (code == 421)
        hang_up(session, unit->exchange ? unit->exchange->transaction : NULL, unit);
}
