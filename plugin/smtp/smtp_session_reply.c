/* smtp_session_reply.c
 * How the server's octets are read, which exchange a reply belongs to, and
 * what it does: the next state follows from (command, reply).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_line.h"
#include "smtp_session_state.h"

/* ---- Effects ---- */

typedef enum effect {
    NONE,
    SMTP,       /* HELO: which protocol is spoken */
    ESMTP,      /* EHLO */
    DROP,       /* MAIL refused: no transaction was begun */
    ACCEPT,     /* a recipient more */
    REFUSE,     /* a recipient less */
    CONTENT,    /* a message follows */
    ANSWER,     /* an AUTH answer follows */
    COMMANDS,   /* commands follow */
    CHUNK_DONE, /* nothing: BDAT counts its octets whatever the reply */
    DONE,       /* the transaction is over */
    TLS,        /* TLS follows */
    RESTART     /* the session begins again with a greeting */
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
        return code == 354 ? CONTENT : code == 334 ? ANSWER : NONE;
    return (effect)effects[exchange->verb][column[code / 100 - 2]];
}

/* DATA was accepted; its message may have begun without waiting for that. */
static void content_follows(smtp_session *session, const smtp_exchange *exchange)
{
    smtp_transaction *transaction = exchange ? exchange->transaction : session->transaction;

    if (session->mode != SMTP_MODE_LINES || (exchange && exchange->step))
        return;
    smtp_session_begin_message(session, transaction);
    session->doubt = false;
}

/* DATA or AUTH is over. */
static void commands_follow(smtp_session *session, const smtp_exchange *exchange)
{
    if (session->mode == SMTP_MODE_AUTH)
        session->mode = SMTP_MODE_LINES;
    if (session->mode == SMTP_MODE_DATA && exchange->verb == SMTP_VERB_DATA) {
        session->mode = SMTP_MODE_LINES;
        session->end_length = 0;
    }
}

static void restart(smtp_session *session)
{
    session->greeted = false;
    session->opening = (smtp_opening){.frame = 0};
    session->doubt = false;
    session->protocol = SMTP_PROTOCOL_UNKNOWN;
    session->transaction = NULL;
}

static void apply(smtp_session *session, smtp_exchange *exchange, uint16_t code)
{
    smtp_transaction *transaction = exchange ? exchange->transaction : NULL;

    switch (effect_of(exchange, code)) {
    case SMTP:
        session->protocol = SMTP_PROTOCOL_SMTP;
        break;
    case ESMTP:
        session->protocol = SMTP_PROTOCOL_ESMTP;
        break;
    case DROP:
        if (transaction && session->transaction == transaction && !transaction->started)
            session->transaction = transaction->previous;
        break;
    case ACCEPT:
        if (transaction)
            transaction->accepted++;
        break;
    case REFUSE:
        if (transaction)
            transaction->refused++;
        break;
    case CONTENT:
        content_follows(session, exchange);
        break;
    case ANSWER:
        if (session->mode == SMTP_MODE_LINES)
            session->mode = SMTP_MODE_AUTH;
        break;
    case COMMANDS:
        commands_follow(session, exchange);
        break;
    case TLS:
        session->tls_expected = true;
        break;
    case RESTART:
        restart(session);
        break;
    case NONE:
    case CHUNK_DONE:
    case DONE:
        break;
    }
}

/* ---- Pairing ---- */

/* Codes that answer one kind of command only. */
static bool code_proves(uint16_t code, uint8_t verb)
{
    switch (code) {
    case 221:
        return verb == SMTP_VERB_QUIT;
    case 220:
        return verb == SMTP_VERB_STARTTLS || verb == SMTP_VERB_X_ANONYMOUSTLS || verb == SMTP_VERB_XCLIENT;
    case 354:
        return verb == SMTP_VERB_DATA || verb == SMTP_VERB_XEXCH50;
    case 235:
    case 334:
    case 535:
        return verb == SMTP_VERB_AUTH || verb == SMTP_VERB_AUTH_ANSWER || verb == SMTP_VERB_X_EXPS;
    default:
        return false;
    }
}

static bool is_greeting(const smtp_session *session, uint16_t code)
{
    if (session->greeted)
        return false;
    if (!session->oldest && session->opening.frame)
        return true;
    return code == 220 && !(session->oldest && code_proves(220, session->oldest->verb));
}

static void remove_oldest(smtp_session *session)
{
    session->oldest = session->oldest->next;
    if (!session->oldest)
        session->newest = NULL;
}

/* Commands were lost: passes over exchanges up to the one that the code proves. */
static bool find_proven(smtp_session *session, uint16_t code)
{
    smtp_exchange *exchange = session->oldest;

    if (!code_proves(code, session->newest->verb))
        return false;
    while (!code_proves(code, exchange->verb))
        exchange = exchange->next;
    session->oldest = exchange;
    session->unsure = false;
    return true;
}

/* LMTP answers a message once for each recipient that it accepted (RFC 2033, 4.2). */
static bool expects_more_replies(const smtp_session *session, smtp_exchange *exchange)
{
    bool ends_message = exchange->verb == SMTP_VERB_END_OF_DATA || (exchange->verb == SMTP_VERB_BDAT && exchange->step);

    if (session->protocol != SMTP_PROTOCOL_LMTP || !ends_message || !exchange->transaction)
        return false;
    return ++exchange->transaction->final_replies < exchange->transaction->accepted;
}

/* The exchange that a reply with this code answers; NULL when none waits for it. */
static smtp_exchange *take_answered(smtp_session *session, uint16_t code)
{
    smtp_exchange *exchange;

    if (!session->oldest || (session->unsure && !find_proven(session, code))) {
        session->unexpected++;
        return NULL;
    }
    exchange = session->oldest;
    exchange->part_answered = expects_more_replies(session, exchange);
    if (!exchange->part_answered)
        remove_oldest(session);
    session->unexpected = 0;
    return exchange;
}

static smtp_exchange *take_greeting(smtp_session *session)
{
    smtp_exchange *oldest = session->oldest, *newest = session->newest;
    smtp_input opening = {.frame = session->opening.frame, .time = session->opening.time};
    smtp_exchange *exchange;

    /* Not to be waited for: it is answered as it is made. */
    session->oldest = session->newest = NULL;
    exchange = smtp_session_exchange(session, SMTP_VERB_GREETING, &opening);
    exchange->transaction = NULL;
    session->oldest = oldest;
    session->newest = newest;
    session->doubt = false;
    return exchange;
}

/* A reply while a message is still being read: the server may have seen its end
 * where the standard has none, or in octets that are missing here. */
static smtp_exchange *message_ended(smtp_session *session, uint32_t frame, smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;
    uint32_t last_line = smtp_body_lookalike(&session->body);
    smtp_input last = {.frame = transaction->last_frame, .time = session->body_time};

    if (last_line == 0 || last_line > transaction->octets) {
        session->doubt = transaction->unknown_start || transaction->gap > 0;
        return NULL;
    }
    transaction->end = smtp_session_exchange(session, SMTP_VERB_END_OF_DATA, &last);
    session->unsure = false;
    transaction->octets -= last_line;
    transaction->lf_ends_line = true;
    unit->ends_message = true;
    unit->notes |= SMTP_NOTE_LOOKALIKE_END;
    smtp_session_end_message(session, transaction);
    transaction->last_frame = frame;
    return take_answered(session, 250);
}

/* ---- Replies ---- */

static void pair(smtp_session *session, const smtp_input *input, uint16_t code, smtp_unit *unit)
{
    smtp_side_state *side = &session->sides[SMTP_SERVER];
    smtp_exchange *exchange;

    if (is_greeting(session, code))
        exchange = take_greeting(session);
    else if (session->mode == SMTP_MODE_DATA && !session->oldest && code / 100 != 3)
        exchange = message_ended(session, input->frame, unit);
    else
        exchange = take_answered(session, code);
    session->greeted = true;
    session->reply_paired = true;
    session->open_reply = exchange;
    if (!exchange && session->sides[SMTP_CLIENT].seen)
        unit->notes |= SMTP_NOTE_UNEXPECTED_REPLY;
    if (!exchange)
        return;
    if (!exchange->reply_frame) {
        exchange->reply_frame = input->frame;
        exchange->code = code;
        exchange->time = exchange->command_frame ? side->first_time - exchange->time : 0;
    }
}

/* One unit: the lines that session->reply has counted. */
static bool reply_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_reply *reply = &session->reply;
    bool is_reply = reply->code >= 200 && reply->code < 600; /* not Sendmail's "050" */

    unit->role = SMTP_ROLE_REPLY;
    unit->length = reply->length;
    unit->continued = session->reply_goes_on;
    if (session->tls_expected)
        unit->notes |= SMTP_NOTE_CLEAR_AFTER_STARTTLS;
    unit->continues = !reply->complete;
    if (!unit->continued) {
        session->open_reply = NULL;
        session->reply_paired = false;
    }
    if (is_reply && !session->reply_paired)
        pair(session, input, reply->code, unit);
    unit->exchange = session->open_reply;
    if (unit->exchange)
        unit->transaction = unit->exchange->transaction;
    if (is_reply && reply->complete) {
        apply(session, unit->exchange, reply->code);
        /* All is answered: the server waits for a command. */
        if (session->mode == SMTP_MODE_LINES && !session->oldest && !session->unsure)
            session->doubt = false;
    }
    session->reply_goes_on = unit->continues;
    *reply = (smtp_reply){.code = unit->continues ? reply->code : 0, .lines = unit->continues};
    return true;
}

/* The start of a line that ends later or never. */
static bool unfinished_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_reply_line line = smtp_reply_line_parse(input->octets, input->length);

    session->sides[SMTP_SERVER].in_long_line = true;
    session->reply = (smtp_reply){.length = input->length, .lines = 1, .code = line.code, .complete = !line.more};
    if (input->length >= SMTP_LONGEST_WAIT)
        unit->notes |= SMTP_NOTE_LONG_LINE;
    return reply_unit(session, input, unit);
}

bool smtp_session_read_server(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_side_state *side = &session->sides[SMTP_SERVER];
    smtp_reply *reply = &session->reply;

    if (side->in_long_line)
        return smtp_session_read_rest(side, input, unit);
    if (reply->length == 0 && smtp_session_read_tls(side, input, unit))
        return true;
    if (!smtp_reply_read(input->octets, input->length, side->scanned, SMTP_LONGEST_WAIT, reply) &&
        reply->length < SMTP_LONGEST_WAIT) {
        if (input->can_wait && input->length < SMTP_LONGEST_WAIT) {
            side->scanned = input->length - reply->length;
            return false;
        }
        if (reply->length == 0)
            return unfinished_unit(session, input, unit);
    }
    return reply_unit(session, input, unit);
}
