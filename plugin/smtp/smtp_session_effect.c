/* smtp_session_effect.c
 * What a reply does: the next state follows from (command, reply).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_line.h"
#include "smtp_session_state.h"

typedef enum effect {
    NONE,
    SMTP,          /* HELO: which protocol is spoken, and no transaction is open */
    ESMTP,         /* EHLO */
    LMTP,          /* LHLO */
    SENDER,        /* MAIL accepted: a transaction is open */
    RESUME,        /* MAIL accepted, and the server has the start of the message (RFC 1845, 5) */
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
    SWAP           /* client and server change their roles (RFC 2645, 5.2; RFC 821, 3.8) */
} effect;

/* For 2yz, 3yz, and 4yz or 5yz. */
static const uint8_t effects[SMTP_VERB_COUNT][3] = {
#define SMTP_VERB(name, text, shape, on2, on3, on45) {on2, on3, on45},
#include "smtp_verbs.def"
#undef SMTP_VERB
};

static effect effect_of(const smtp_exchange *exchange, uint16_t code)
{
    static const uint8_t column[] = {0, 1, 2, 2};

    /* Without the command, the two codes that say what comes next still do. */
    if (!exchange)
        return code == 354 ? CONTENT : code == 334 ? CHALLENGE : NONE;
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

/* The client gives it up: because the server would not have it? */
static void abandon(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    bool refused = transaction && (transaction->not_taken || (transaction->refused > 0 && transaction->accepted == 0));

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
    if (transaction && session->transaction == transaction && !transaction->started)
        session->transaction = transaction->previous;
}

static void say_hello(smtp_session *session, smtp_protocol protocol, smtp_transaction *transaction, smtp_unit *unit)
{
    session->facts.protocol = protocol;
    abandon(session, transaction, unit);
    if (session->transaction == transaction)
        session->transaction = NULL;
}

/* A reply to a message: to all of it, or for one recipient (RFC 2033, 4.2). */
static void end_message(smtp_session *session, const smtp_exchange *exchange, uint16_t code, smtp_unit *unit)
{
    smtp_transaction *transaction = exchange->transaction;
    smtp_exchange *recipient = exchange->of.recipient;
    bool taken = code / 100 == 2;

    if (!transaction)
        return;
    if (recipient && !taken) {
        recipient->failed_later = true;
        transaction->accepted--;
        transaction->refused++;
    }
    if (recipient && (session->facts.protocol != SMTP_PROTOCOL_LMTP || smtp_recipient_accepted(recipient->next)))
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

/* DATA was accepted; its message may have begun without waiting for that. */
static void content_follows(smtp_session *session, const smtp_exchange *exchange)
{
    smtp_transaction *transaction = exchange ? exchange->transaction : session->transaction;

    if (session->mode != SMTP_MODE_LINES || (exchange && exchange->early))
        return;
    smtp_session_begin_message(session, transaction);
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
    if (exchange->verb != SMTP_VERB_DATA)
        return;
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
    session->facts.user = session->claimed;
    session->claimed = NULL;
    if (smtp_auth_may_protect((smtp_mechanism)exchange->mechanism))
        session->may_protect = exchange;
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
    session->greeted = false;
    session->oldest = session->newest = NULL;
}

void smtp_session_learn_server(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    smtp_line line = smtp_line_find(octets, length, 0);
    smtp_reply_line parsed = smtp_reply_line_parse(octets, line.text);
    uint32_t start = parsed.text.offset;
    uint32_t end = smtp_skip_token(octets, start, smtp_span_end(parsed.text));

    if (parsed.code / 100 == 2 && end > start)
        session->facts.server = smtp_session_keep(session, octets + start, end - start);
}

static void restart(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    forget(session);
    smtp_session_learn_server(session, octets, length);
}

void smtp_session_apply(smtp_session *session, smtp_unit *unit, uint16_t code, const uint8_t *octets, uint32_t length)
{
    smtp_exchange *exchange = unit->exchange;
    smtp_transaction *transaction = exchange ? exchange->transaction : NULL;

    switch (effect_of(exchange, code)) {
    case SMTP:
        say_hello(session, SMTP_PROTOCOL_SMTP, transaction, unit);
        break;
    case ESMTP:
        say_hello(session, SMTP_PROTOCOL_ESMTP, transaction, unit);
        break;
    case LMTP:
        say_hello(session, SMTP_PROTOCOL_LMTP, transaction, unit);
        break;
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
    case CONTENT:
        content_follows(session, exchange);
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
    case CHALLENGE:
        if (session->mode == SMTP_MODE_LINES)
            session->mode = SMTP_MODE_AUTH;
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
    case NONE:
        break;
    }
    /* The server hangs up (RFC 5321, 3.8). */
    if (code == 421)
        end_transaction(session, transaction, SMTP_STATUS_REFUSED, unit);
}
