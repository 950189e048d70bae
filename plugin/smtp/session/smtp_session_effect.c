/* smtp_session_effect.c
 * What a reply does: the next state follows from (command, reply).
 *
 * The last three columns of smtp_verbs.def name the effect.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_effect.h"

#include "../syntax/smtp_code.h"
#include "smtp_pending.h"
#include "smtp_session_memory.h"
#include "smtp_session_message.h"
#include "smtp_session_pair.h"
#include "smtp_session_suspect.h"
#include "smtp_session_tls.h"
#include "smtp_transaction.h"
#include "smtp_transaction_again.h"

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
    REFUSAL,       /* the server takes nothing in this session */
    CHALLENGE,     /* an AUTH answer follows */
    AUTHENTICATED, /* commands follow, or a security layer */
    NO_CONTENT,    /* no message follows */
    NO_AUTH,       /* no AUTH answer follows */
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
    /* The server closes the connection, and has taken nothing by that. */
    if (code == 221 && exchange->verb != SMTP_VERB_QUIT)
        return smtp_exchange_is_auth(exchange) ? NO_AUTH : NONE;
    return (effect)effects[exchange->verb][column[code / 100 - 2]];
}

/* ---- Transactions ---- */

/* MAIL was accepted while another transaction was open: that one is over. */
static void open_transaction(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    if (transaction && smtp_rare_of(transaction)->previous)
        smtp_transaction_abandon(session, smtp_rare_of(transaction)->previous, unit);
}

/* "355 offset": the server has the start of the message from an earlier connection. */
static void resume(smtp_transaction *transaction, const smtp_answer *answer)
{
    uint32_t end = smtp_skip_token(answer->octets, answer->text.offset, smtp_span_end(answer->text));
    uint64_t offset;

    if (transaction && smtp_number(answer->octets, smtp_span_between(answer->text.offset, end), &offset) && offset > 0)
        transaction->elsewhere = true;
}

/* No transaction is open, unless the client has begun one without waiting for this reply. */
static void reset(smtp_session *session, smtp_transaction *transaction, smtp_unit *unit)
{
    smtp_transaction_abandon(session, transaction, unit);
    if (!session->pending.oldest)
        session->client.commands_missing = false;
}

static void say_hello(smtp_session *session, smtp_protocol protocol, smtp_transaction *transaction, smtp_unit *unit)
{
    session->facts.protocol = protocol;
    session->upgrade = (smtp_upgrade){.asked = NULL}; /* TLS did not come */
    reset(session, transaction, unit);
    /* A message may be on its way already, without waiting for this reply. */
    if (session->client.transaction == transaction && session->client.expectation.what == SMTP_EXPECT_COMMANDS)
        session->client.transaction = NULL;
}

/* A reply to a message: to all of it, or for one recipient (RFC 2033, 4.2). */
static void end_message(smtp_session *session, uint16_t code, smtp_unit *unit)
{
    smtp_transaction *transaction = unit->exchange->transaction;
    smtp_exchange *recipient = smtp_exchange_recipient(unit->exchange);
    bool taken = smtp_code_is_completion(code);

    if (!transaction)
        return;
    if (transaction->per_recipient && taken)
        smtp_transaction_take(session, transaction, unit);
    if (transaction->per_recipient && transaction->partly_seen)
        return;
    if (recipient && !taken)
        smtp_transaction_fail_recipient(session, transaction, recipient, unit->exchange);
    /* The server hangs up. */
    if (recipient && code == 421)
        smtp_transaction_fail_others(session, transaction, recipient, unit->exchange);
    if (recipient && code != 421 &&
        (session->facts.protocol != SMTP_PROTOCOL_LMTP || smtp_recipient_accepted(recipient->next)))
        return;
    if (recipient)
        taken = transaction->accepted > 0;
    smtp_transaction_end(session, transaction, taken ? SMTP_STATUS_ACCEPTED : SMTP_STATUS_REFUSED, unit);
}

/* BDAT was refused before its chunk came. A client that waits for the reply does not send it;
 * one that does not wait sends it all the same (RFC 3030, 2). DATA may follow where BDAT is not known. */
static void refuse_unsent_chunk(smtp_session *session, uint16_t code, smtp_unit *unit)
{
    smtp_transaction *transaction = unit->exchange->transaction;

    smtp_expectation_doubt(&session->client.expectation, true);
    smtp_transaction_refuse_message(session, transaction, unit);
    if (transaction)
        smtp_transaction_take_back_chunk(transaction);
    if (unit->exchange->last && !smtp_code_is_unknown(code))
        smtp_transaction_refuse(session, transaction, unit);
}

/* The server may answer the text of the message. Where octets of that are missing, nobody knows how often. */
static void expect_replies_to_text(smtp_session *session, const smtp_transaction *transaction)
{
    session->client.text_lines = smtp_rare_of(transaction)->unasked_lines;
    if (smtp_rare_of(transaction)->unasked_lines > 0 && smtp_rare_of(transaction)->missing > 0)
        smtp_pending_lose_count(&session->pending);
}

/* The server has not read it as one: another one may follow. */
static void refuse_message(smtp_session *session, smtp_unit *unit)
{
    smtp_transaction_refuse_message(session, unit->exchange->transaction, unit);
    smtp_transaction_give_back(session, unit->exchange->transaction);
}

static void end_chunk(smtp_session *session, uint16_t code, smtp_unit *unit)
{
    smtp_transaction *transaction = unit->exchange->transaction;
    bool refused = !smtp_code_is_completion(code);

    smtp_transaction_answer_chunk(session, transaction, unit->exchange, refused);
    /* A server that does not know BDAT does not know of its chunk. */
    if (transaction && smtp_code_is_unknown(code))
        expect_replies_to_text(session, transaction);
    if (refused)
        smtp_session_suspect_refused(session, unit->exchange);
    else
        smtp_session_suspect_taken(session, transaction);

    if (refused && smtp_expectation_is_unsent(&session->client.expectation, unit->exchange))
        refuse_unsent_chunk(session, code, unit);
    else if (transaction && smtp_code_is_unknown(code))
        refuse_message(session, unit);
    else if (unit->exchange->last)
        end_message(session, code, unit);
    else if (refused)
        smtp_transaction_refuse_message(session, unit->exchange->transaction, unit);
}

/* ---- What follows ---- */

/* Lines were sent behind DATA before its 354, and read as commands: they are the first ones of its message. */
static void begin_with_lines(smtp_session *session, const smtp_exchange *data)
{
    smtp_transaction *transaction;

    for (const smtp_exchange *line = session->pending.oldest; line; line = line->next) {
        if (line->transaction && line->transaction != data->transaction)
            line->transaction->none = true;
    }
    session->pending = (smtp_pending){.pipelined = session->pending.pipelined};
    smtp_expect_commands(&session->client.expectation);
    session->client.auth.last = session->client.auth.may_protect = NULL;
    transaction = smtp_transaction_begin_message(session, data->transaction);
    smtp_transaction_invite(transaction);
    transaction->octets = session->client.data_octets;
}

/* DATA was accepted; its message may have begun without waiting for that.  If DATA
 * is missing, the start of the message may be among what is missing with it. */
static void content_follows(smtp_session *session, const smtp_exchange *exchange)
{
    smtp_transaction *transaction = exchange ? exchange->transaction : session->client.transaction;

    smtp_transaction_invite(transaction);
    smtp_session_suspect_taken(session, transaction);
    if (exchange && exchange == session->client.data && session->client.data_octets > 0) {
        begin_with_lines(session, exchange);
        return;
    }
    if (session->client.expectation.what != SMTP_EXPECT_COMMANDS || (exchange && exchange->early))
        return;
    transaction = smtp_transaction_begin_message(session, transaction);
    smtp_transaction_invite(transaction);
    if (!exchange)
        smtp_transaction_miss(transaction);
    transaction->start_missing = !exchange && smtp_session_direction(session, SMTP_CLIENT)->seen;
    smtp_expectation_doubt(&session->client.expectation, false);
}

static void blob_follows(smtp_session *session, smtp_exchange *exchange)
{
    if (session->client.expectation.what == SMTP_EXPECT_COMMANDS && !exchange->early)
        smtp_session_begin_blob(session, exchange);
}

/* An AUTH exchange is over. */
static void end_auth(smtp_session *session)
{
    if (session->client.expectation.what == SMTP_EXPECT_ANSWER)
        smtp_expect_commands(&session->client.expectation);
    session->client.auth.mechanism = SMTP_MECHANISM_UNSEEN;
}

/* DATA was refused; its message may have begun without waiting for that. */
static void refuse_content(smtp_session *session, smtp_unit *unit)
{
    const smtp_exchange *exchange = unit->exchange;

    if (session->client.expectation.what == SMTP_EXPECT_ANSWER ||
        session->client.expectation.what == SMTP_EXPECT_MESSAGE)
        smtp_expect_commands(&session->client.expectation);
    smtp_transaction_refuse_message(session, exchange->transaction, unit);
    if (!exchange->early || !exchange->transaction)
        return;
    smtp_transaction_give_back(session, exchange->transaction);
    expect_replies_to_text(session, exchange->transaction);
    smtp_session_suspect_refused(session, exchange);
}

static void authenticated(smtp_session *session, smtp_exchange *exchange)
{
    end_auth(session);
    session->facts.user = smtp_exchange_name(exchange);
    if (smtp_auth_may_protect((smtp_mechanism)smtp_exchange_mechanism(exchange)))
        session->client.auth.may_protect = exchange;
}

/* An answer follows. LOGIN's challenges say what they want, also where AUTH was
 * not seen, or the client has sent something else first. */
static void challenge(smtp_session *session, const smtp_answer *answer)
{
    smtp_auth_state *auth = &session->client.auth;
    int step = smtp_auth_login_step(answer->octets + answer->text.offset, answer->text.length);

    smtp_session_end_presumed_text(session);
    if (session->client.expectation.what == SMTP_EXPECT_COMMANDS)
        smtp_expect_answer(&session->client.expectation);
    auth->challenges++;
    auth->asked = step >= 0;
    if (step < 0 || (auth->mechanism != SMTP_MECHANISM_UNSEEN && auth->mechanism != SMTP_MECHANISM_LOGIN))
        return;
    auth->presumed = auth->presumed || auth->mechanism == SMTP_MECHANISM_UNSEEN;
    /* Asked for the user again, a client that has named it may send its password all the same. */
    if (auth->mechanism == SMTP_MECHANISM_UNSEEN || auth->step < step)
        auth->step = (uint8_t)step;
    auth->mechanism = SMTP_MECHANISM_LOGIN;
}

/* All that was known is known no more. */
static void forget(smtp_session *session)
{
    session->facts = (smtp_facts){.server = NULL};
    session->opening = (smtp_opening){.seen = false};
    session->client.transaction = NULL;
    session->client.commands_missing = false;
    smtp_expect_commands(&session->client.expectation);
    smtp_expectation_doubt(&session->client.expectation, false);
}

static void swap_sides(smtp_session *session)
{
    forget(session);
    session->swapped = !session->swapped;
    session->directions[0].next.scanned = session->directions[1].next.scanned = 0;
    session->greeted = false;
    session->pending = (smtp_pending){.oldest = NULL};
}

/* A greeting has no enhanced code (RFC 2034, 4): what has one is a reply to something
 * else.  So may be "220 go ahead", where the start of the connection was not seen. */
void smtp_session_learn_server(smtp_session *session, const smtp_answer *answer)
{
    smtp_span name = smtp_reply_server(answer->octets, answer->text, answer->code);
    const uint8_t *octets = answer->octets + name.offset;

    if (answer->code != 220 || name.length == 0)
        return;
    if (session->opening.seen || session->swapped || smtp_reply_server_is_certain(octets, name.length))
        session->facts.server = smtp_session_keep(session, octets, name.length);
}

static void restart(smtp_session *session, const smtp_answer *answer)
{
    forget(session);
    smtp_session_learn_server(session, answer);
}

/* Nothing that the client has begun is taken. */
static void refuse_session(smtp_session *session, smtp_unit *unit)
{
    smtp_pending *pending = &session->pending;
    const smtp_exchange *exchange = pending->refused ? pending->refused->next : pending->oldest;

    smtp_transaction_refuse(session, unit->transaction, unit);
    for (; exchange; exchange = exchange->next) {
        /* Of what is in doubt some may have been answered. */
        if (pending->doubt)
            smtp_transaction_miss(exchange->transaction);
        else
            smtp_transaction_refuse(session, exchange->transaction, unit);
    }
    pending->refused = pending->newest;
}

/* RFC 5321, 3.8 */
static void hang_up(smtp_session *session, smtp_unit *unit)
{
    refuse_session(session, unit);
    if (session->client.expectation.what == SMTP_EXPECT_ANSWER)
        smtp_expect_commands(&session->client.expectation);
}

/* ---- The table's effects ---- */

/* Those on the transaction that the exchange belongs to. */
static void apply_to_transaction(smtp_session *session, effect what, const smtp_answer *answer, smtp_unit *unit)
{
    smtp_transaction *transaction = unit->exchange->transaction;

    switch (what) {
    case RESUME:
        resume(transaction, answer);
        open_transaction(session, transaction, unit);
        break;
    case SENDER:
        open_transaction(session, transaction, unit);
        break;
    case DROP:
        smtp_transaction_drop(session, transaction, unit);
        break;
    case RECIPIENT:
        smtp_transaction_add_recipient(session, smtp_code_is_completion(answer->code), unit);
        break;
    case END:
        end_message(session, answer->code, unit);
        break;
    case CHUNK_END:
        end_chunk(session, answer->code, unit);
        break;
    case RESET:
        reset(session, transaction, unit);
        break;
    case REFUSAL:
        refuse_session(session, unit);
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
static void apply_to_session(smtp_session *session, effect what, const smtp_answer *answer, smtp_unit *unit)
{
    smtp_exchange *exchange = unit->exchange;

    switch (what) {
    case RESUME:
        if (!exchange)
            resume(session->client.transaction, answer);
        break;
    case NO_LMTP:
        session->facts.protocol = SMTP_PROTOCOL_UNKNOWN;
        break;
    case CONTENT:
        content_follows(session, exchange);
        break;
    case NO_CONTENT:
        refuse_content(session, unit);
        break;
    case CHALLENGE:
        challenge(session, answer);
        break;
    case AUTHENTICATED:
        authenticated(session, exchange);
        break;
    case NO_AUTH:
        end_auth(session);
        session->client.auth.last = NULL;
        break;
    case TLS:
        smtp_session_tls_accept(session, exchange);
        break;
    case BLOB:
        blob_follows(session, exchange);
        break;
    case RESTART:
        restart(session, answer);
        break;
    case SWAP:
        swap_sides(session);
        break;
    default:
        break;
    }
}

void smtp_session_apply(smtp_session *session, const smtp_answer *answer, smtp_unit *unit)
{
    effect what = effect_of(unit->exchange, answer->code);

    if (unit->exchange)
        apply_to_transaction(session, what, answer, unit);
    apply_to_session(session, what, answer, unit);
    if (answer->code == 421)
        hang_up(session, unit);
}

void smtp_session_apply_code(smtp_session *session, uint16_t code, smtp_unit *unit)
{
    smtp_answer answer = {.code = code, .octets = (const uint8_t *)""};

    smtp_session_apply(session, &answer, unit);
}
