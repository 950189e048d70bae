/* smtp_session_judge_reply.c
 * What is wrong with what was answered, by what was said before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_judge.h"

#include "../smtp_offer_read.h"
#include "smtp_transaction.h"

/* ---- What is offered ---- */

/* What the server offers now. A reply in parts is not read. */
static void keep_offer(smtp_session *session, const smtp_answer *answer, bool is_whole, smtp_unit *unit)
{
    const smtp_offer *kept;

    session->facts.offer = NULL;
    if (!is_whole || unit->exchange->verb == SMTP_VERB_HELO)
        return;
    kept = smtp_offers_keep(&session->store.memory, session, answer->octets, unit->length);
    session->facts.offer = kept;
    session->judge.pipeconnect = session->judge.pipeconnect || smtp_offer_has(kept, SMTP_OFFER_PIPECONNECT) ||
                                 smtp_offer_has(kept, SMTP_OFFER_X_PIPE_CONNECT);
    if (session->judge.inside && smtp_offer_has(kept, SMTP_OFFER_STARTTLS))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_STARTTLS_INSIDE_TLS);
}

static void judge_hello(smtp_session *session, const smtp_answer *answer, bool is_whole, smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;
    bool was_mixed = judge->lhlo && judge->hello;

    if (answer->code != 250)
        return;
    if (unit->exchange->verb == SMTP_VERB_LHLO)
        judge->lhlo = true;
    else
        judge->hello = true;
    if (judge->lhlo && judge->hello && !was_mixed)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_LMTP_MIXED);
    keep_offer(session, answer, is_whole, unit);
}

/* 535 alone says that a name or a password is wrong (RFC 4954, 6). */
static void count_login(smtp_judge *judge, uint16_t code, smtp_unit *unit)
{
    enum {
        GUESSES = 3
    };
    const smtp_name *user = smtp_exchange_name(unit->exchange);

    judge->authenticated = judge->authenticated || smtp_code_accepts(code);
    if (code != 535 || judge->authenticated || judge->refused_logins == GUESSES)
        return;
    if (!judge->refused_user)
        judge->refused_user = user;
    else if (user && !smtp_name_is(user, judge->refused_user->octets, judge->refused_user->length))
        judge->users_differ = true;
    if (judge->refused_logins + 1 < GUESSES || judge->users_differ)
        judge->refused_logins++;
    if (judge->refused_logins == GUESSES)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_AUTH_FAILURES);
}

static void count_name(smtp_judge *judge, uint16_t code, smtp_unit *unit)
{
    enum {
        HARVEST = 5
    };

    /* 50y is about the command, not about the name. */
    if (code < 510 || judge->refused_names == HARVEST)
        return;
    judge->refused_names++;
    if (judge->refused_names == HARVEST)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_HARVESTING);
}

/* LMTP owes a reply for each recipient that it accepted (RFC 2033, 4.2). */
static bool owes(const smtp_transaction *transaction)
{
    const smtp_exchange *next =
        smtp_rare_of(transaction)->reported ? smtp_rare_of(transaction)->reported->next : transaction->recipients;

    return smtp_recipient_accepted((smtp_exchange *)next) != NULL;
}

/* The first reply has come: do more follow for certain? */
static bool is_owed(const smtp_transaction *transaction)
{
    return transaction && transaction->per_recipient && !transaction->partly_seen;
}

static void judge_owed(smtp_session *session, uint16_t code, smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;
    const smtp_exchange *exchange = unit->exchange;
    bool is_later = code == 221 || code == 220 || code == 354;

    if (exchange->verb == SMTP_VERB_END_OF_DATA || (exchange->verb == SMTP_VERB_BDAT && exchange->last))
        judge->owing = is_owed(exchange->transaction) ? exchange->transaction : NULL;
    else if (judge->owing && is_later && exchange->transaction != judge->owing && owes(judge->owing))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_LMTP_REPLIES);
    if (is_later)
        judge->owing = NULL;
}

static bool is_dead(const smtp_transaction *transaction)
{
    return transaction && !transaction->partly_seen && transaction->asked > 0 && transaction->accepted == 0 &&
           transaction->refused == transaction->asked;
}

static void judge_sure_reply(smtp_session *session, uint16_t code, smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;

    switch (unit->exchange->verb) {
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
    case SMTP_VERB_RCPT:
        count_name(judge, code, unit);
        break;
    case SMTP_VERB_DATA:
        if (code == 354 && is_dead(unit->exchange->transaction))
            smtp_remarks_add(&unit->remarks, SMTP_REMARK_DEAD_RECIPIENTS);
        break;
    case SMTP_VERB_AUTH:
    case SMTP_VERB_AUTH_ANSWER:
        count_login(judge, code, unit);
        break;
    default:
        break;
    }
}

/* The client spoke before the greeting. Exim may, where the server offers it: that is known with its hello's reply. */
static void judge_early(smtp_session *session, uint16_t code, smtp_unit *unit)
{
    uint8_t verb = unit->exchange->verb;
    bool is_hello = smtp_verb_shape((smtp_verb)verb) == SMTP_SHAPE_DOMAIN && code == 250;

    if (!is_hello && verb != SMTP_VERB_QUIT && !(verb == SMTP_VERB_GREETING && smtp_code_refuses(code)))
        return;
    session->judge.early = false;
    if (!session->judge.pipeconnect && !session->judge.proxied && !session->judge.unsure)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_EARLY_TALKER);
}

static bool has_recipients(const smtp_transaction *transaction)
{
    return transaction && transaction->asked > 0;
}

/* What follows from a reply for what is sent next. */
static void follow_reply(smtp_session *session, uint16_t code, const smtp_exchange *exchange)
{
    smtp_judge *judge = &session->judge;

    if (smtp_exchange_is_starttls(exchange))
        judge->tls_refused = smtp_code_refuses(code) && !judge->inside;
    /* A MAIL in a transaction was refused, and that goes on with its recipients. */
    if (smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_FROM && smtp_code_refuses(code))
        judge->rcpt = judge->rcpt || has_recipients(smtp_transaction_open(exchange->transaction));
    /* The server has the recipients from an earlier connection (RFC 1845, 5). */
    if (code == 355)
        judge->rcpt = true;
    /* A message follows and ends the transaction, or its last chunk has. */
    if ((code == 354 && exchange->verb == SMTP_VERB_DATA) || (exchange->last && smtp_code_is_completion(code)))
        judge->mail = judge->rcpt = judge->chunk = judge->last = false;
}

void smtp_session_judge_reply(smtp_session *session, const smtp_input *input, const smtp_answer *answer, bool is_whole,
                              smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;
    const smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);

    smtp_session_judge_behind_tls(session, unit);
    if (judge->unsure || input->unread)
        smtp_remarks_remove(&unit->remarks, SMTP_REMARK_UNEXPECTED_REPLY);
    if (smtp_remarks_has(&unit->remarks, SMTP_REMARK_TLS_ABSENT))
        judge->tls_absent = true;
    if (judge->inside && judge->expects_hello && judge->clear_commands && !client->seen && !client->next.waiting)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_CLEAR_COMMAND_OBEYED);
    /* A line without a code may be the answer for a recipient. */
    if (answer->code == 0)
        judge->owing = NULL;
    if (!unit->exchange || answer->code == 0)
        return;
    if (smtp_verb_shape((smtp_verb)unit->exchange->verb) == SMTP_SHAPE_DOMAIN)
        judge_hello(session, answer, is_whole, unit);
    if (!judge->unsure && !session->swapped && !input->unread) {
        judge_owed(session, answer->code, unit);
        if (!session->pending.doubt)
            judge_sure_reply(session, answer->code, unit);
    }
    if (judge->early)
        judge_early(session, answer->code, unit);
    follow_reply(session, answer->code, unit->exchange);
}
