/* smtp_session_pair.c
 * Which exchange a reply belongs to.
 *
 * Replies come in the order of the commands (RFC 5321, 4.1).  Where commands
 * or replies are missing, a code that answers one kind of command only proves
 * a pair; nothing else does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_pair.h"

#include "../syntax/smtp_apart.h"
#include "smtp_pending.h"
#include "smtp_proof.h"
#include "smtp_session_memory.h"
#include "smtp_session_several.h"
#include "smtp_session_suspect.h"
#include "smtp_transaction.h"

/* ---- The pending ones ---- */

/* Has the client to wait for a reply before it says more? It may take a message that was answered for one recipient for
 * answered. */
static bool has_to_wait(const smtp_pending *pending)
{
    return pending->oldest && !(pending->oldest == pending->newest && pending->oldest->left);
}

smtp_exchange *smtp_session_ask(smtp_session *session, smtp_verb verb, const smtp_input *input)
{
    smtp_exchange *exchange = smtp_session_exchange(session, verb, input->frame, input->time);
    smtp_pending *pending = &session->pending;

    if (has_to_wait(pending) && !pending->doubt && input->unread < SMTP_SHORTEST_REPLY)
        pending->pipelined = true;
    if (!pending->oldest && !pending->doubt && (verb == SMTP_VERB_RCPT || verb == SMTP_VERB_DATA))
        pending->waits = true;
    pending->heard = input->acknowledged;
    if (smtp_session_is_late(session, input))
        smtp_pending_find_late(pending);
    smtp_pending_add(pending, exchange);
    return exchange;
}

/* ---- Where commands are missing ---- */

/* Does a code that ends AUTH answer what was said behind this? An answer shows that there was a challenge. */
static bool was_challenged(uint16_t code, const smtp_exchange *exchange)
{
    return code != 334 && smtp_exchange_is_auth(exchange) && exchange->next &&
           exchange->next->verb == SMTP_VERB_AUTH_ANSWER;
}

/* Commands are missing: passes over exchanges up to the one that the code proves.
 * @param more  there may be others, which were not read */
static bool find_proven(smtp_pending *pending, uint16_t code, bool more)
{
    smtp_exchange *exchange = pending->oldest;

    if (!smtp_proof_is_of(code, pending->newest))
        return false;
    while (!smtp_proof_is_of(code, exchange) || was_challenged(code, exchange))
        exchange = exchange->next;
    /* It may have had a challenge, to which the answer is missing. */
    if (more && pending->doubt && smtp_exchange_is_auth(exchange))
        return false;
    smtp_pending_prove(pending, exchange);
    return true;
}

/* Is the client inside of a line, of which the server has some? */
static bool is_in_line(smtp_session *session)
{
    const smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);

    return client->next.waiting && (server->had == 0 || server->had > client->read);
}

/* ---- Pairs ---- */

/* Are lines read as text of which nobody has seen that it was asked for?  They may be commands. */
static bool has_presumed_text(const smtp_session *session)
{
    const smtp_transaction *transaction = session->client.transaction;

    return session->client.expectation.what == SMTP_EXPECT_MESSAGE && transaction->start_missing &&
           !transaction->invited;
}

void smtp_session_end_presumed_text(smtp_session *session)
{
    smtp_transaction *transaction = session->client.transaction;

    if (!has_presumed_text(session))
        return;
    smtp_transaction_end_message(session, transaction);
    if (transaction->may_be_answer)
        transaction->none = true;
}

/* Does a code end AUTH, and nothing else? */
static bool ends_auth(uint16_t code)
{
    return code == 235 || code == 535;
}

/* What may a reply answer that is not among what was read? */
static smtp_unseen unseen(const smtp_session *session, const smtp_input *input)
{
    if (session->reply.came_first)
        return SMTP_UNSEEN_ALL;
    return input->unread || has_presumed_text(session) ? SMTP_UNSEEN_SOME : SMTP_UNSEEN_NONE;
}

static smtp_exchange *is_unexpected(smtp_session *session, const smtp_input *input)
{
    smtp_pending_count(&session->pending, unseen(session, input));
    return NULL;
}

/* What ends a group of commands is missing (RFC 2920, 3.1): all that is pending was answered before. */
static void pass_over_group(smtp_pending *pending, uint16_t code)
{
    if (code == 354 || code == 334 || code == 221)
        smtp_pending_drop_all(pending);
}

/* Is it a line of text that this answers, which the server has read as a command?  It would hardly be one
 * that succeeds.  The message itself is answered before what stands behind its end, and behind its text if it
 * was not asked for. */
bool smtp_session_answers_text(const smtp_session *session, uint16_t code)
{
    const smtp_exchange *oldest = session->pending.oldest;

    if (session->client.text_lines == 0 || !oldest)
        return session->client.text_lines > 0;
    if (oldest->verb == SMTP_VERB_END_OF_DATA && !(oldest->transaction && oldest->transaction->not_taken))
        return false;
    return smtp_code_refuses(code) || !smtp_proof_allows(code, oldest);
}

/* An exchange for such a line; NULL: the reply may be to what is pending, too. */
static smtp_exchange *take_text(smtp_session *session, const smtp_input *input)
{
    session->client.text_lines--;
    if (session->client.text_doubt) {
        smtp_pending_lose_count(&session->pending);
        return is_unexpected(session, input);
    }
    return smtp_session_exchange(session, SMTP_VERB_UNKNOWN, 0, 0);
}

/* Are octets missing, in a session whose opening was seen? */
static bool has_gap(const smtp_session *session)
{
    return session->reply.lost || (session->judge.unsure && session->opening.seen);
}

/* Has the client perhaps taken a line without a code for the answer, and said more, which was not read? */
static bool may_be_behind_codeless(const smtp_pending *pending, const smtp_input *input)
{
    return smtp_pending_may_miss_one(input) && pending->codeless.count > 0 && pending->codeless.to == pending->oldest;
}

/* The end of a reply was read. Is this another one? The client has said more, which was not read, or the server hangs
 * up. */
static bool may_be_behind_half(const smtp_input *input, uint16_t code)
{
    return smtp_pending_may_miss_one(input) || code == 421;
}

/* The pending exchange that a reply with this code answers; NULL: none does. */
static smtp_exchange *take_pending(smtp_session *session, const smtp_input *input, uint16_t code)
{
    smtp_pending *pending = &session->pending;
    smtp_exchange *exchange, *part;
    bool alone;

    if (smtp_session_answers_text(session, code))
        return take_text(session, input);
    if (!pending->oldest)
        return is_unexpected(session, input);
    if ((session->client.text_lines > 0 || session->client.refused) && pending->oldest->verb != SMTP_VERB_END_OF_DATA)
        smtp_session_suspect_in_step(session);
    if (smtp_pending_is_doubtful(pending) && !find_proven(pending, code, input->unread > 0)) {
        smtp_transaction_miss(pending->oldest->transaction);
        pass_over_group(pending, code);
        return is_unexpected(session, input);
    }
    /* It does not answer the oldest: if commands are missing, it was one of those. */
    if (!smtp_proof_allows(code, pending->oldest) && !find_proven(pending, code, input->unread > 0) &&
        (input->unread || pending->doubt || has_gap(session))) {
        pass_over_group(pending, code);
        return is_unexpected(session, input);
    }
    if (may_be_behind_codeless(pending, input))
        return is_unexpected(session, input);
    if (session->reply.half && may_be_behind_half(input, code)) {
        smtp_pending_drop_all(pending);
        return is_unexpected(session, input);
    }
    if (smtp_session_leaves_unseen(session, input)) {
        smtp_transaction_miss(pending->oldest->transaction);
        smtp_pending_remove_oldest(pending);
        return is_unexpected(session, input);
    }
    pending->unexpected = pending->of_missing = 0;
    smtp_session_pass_over_unanswered(session, code);
    exchange = pending->oldest;
    exchange->transaction = smtp_transaction_open(exchange->transaction);
    if (!smtp_session_has_several(session, exchange, code)) {
        smtp_pending_remove_oldest(pending);
        return exchange;
    }
    alone = !exchange->next && !pending->doubt && !input->unread && !is_in_line(session) && code != 421;
    part = smtp_session_take_part(session, input, exchange, code, alone);
    return part ? part : is_unexpected(session, input);
}

static bool is_greeting(const smtp_session *session, uint16_t code)
{
    const smtp_exchange *oldest = session->reply.came_first ? NULL : session->pending.oldest;

    if (session->greeted)
        return false;
    /* Whatever a server says first, it is no success but 220 (RFC 5321, 4.3.2). One that refuses
     * the session refuses what a client has said without waiting for it, too. */
    if ((session->opening.seen || session->swapped) &&
        (smtp_code_refuses(code) || (!oldest && !smtp_code_is_completion(code))))
        return true;
    return code == 220 && !(oldest && smtp_proof_is_of(220, oldest));
}

/* The first transaction that a client has begun without waiting for the greeting; NULL: none. */
static smtp_transaction *early_transaction(const smtp_session *session)
{
    const smtp_exchange *exchange = session->pending.oldest;

    while (exchange && !exchange->transaction)
        exchange = exchange->next;
    return exchange ? exchange->transaction : NULL;
}

/* The first reply, or the first behind a change of roles. */
static smtp_exchange *take_greeting(smtp_session *session, uint16_t code)
{
    smtp_exchange *exchange =
        smtp_session_exchange(session, SMTP_VERB_GREETING, session->opening.frame, session->opening.time);

    exchange->transaction = smtp_code_refuses(code) ? early_transaction(session) : NULL;
    smtp_expectation_doubt(&session->client.expectation, false);
    return exchange;
}

/* Where the message ended, if the reply came to the last octets that were read of it, and some before
 * them are missing: then the final dot need not look like one.  Without a dot they may be of a command behind it,
 * if the client does not wait. */
static smtp_input last_input(smtp_session *session)
{
    const smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);

    if (smtp_rare_of(session->client.transaction)->missing == 0 ||
        !smtp_body_may_have_ended(&session->client.body, session->pending.pipelined) || server->had == 0 ||
        server->had != client->read)
        return (smtp_input){.frame = 0};
    return (smtp_input){.frame = session->client.transaction->last_frame, .time = session->client.body_time};
}

/* The first final reply behind a 354 is the message's, whatever of the message is
 * missing or still to come (RFC 5321, 4.3.2); of LMTP the first ones are.
 * @return NULL when the message has its reply already, or when its 354 was not seen */
static smtp_exchange *answer_early(smtp_session *session, const smtp_input *input, uint16_t code)
{
    smtp_transaction *transaction = session->client.transaction;
    smtp_input last = last_input(session);

    smtp_expectation_doubt(&session->client.expectation, input->unread || transaction->start_missing ||
                                                             smtp_rare_of(transaction)->missing > 0 ||
                                                             !transaction->invited);
    if (session->reply.lost)
        smtp_transaction_miss(transaction);
    /* It may have its reply among what is missing, or none was asked for. */
    if (transaction->end || transaction->start_missing || session->reply.lost ||
        (!transaction->invited && (!smtp_code_refuses(code) || code / 10 == 50))) {
        smtp_pending_lose_count(&session->pending);
        return is_unexpected(session, input);
    }
    if (session->facts.protocol != SMTP_PROTOCOL_LMTP) {
        transaction->end = smtp_session_exchange(session, SMTP_VERB_END_OF_DATA, last.frame, last.time);
        transaction->end_presumed = last.frame > 0;
        return transaction->end;
    }
    transaction->end = smtp_session_ask(session, SMTP_VERB_END_OF_DATA, &last);
    return take_pending(session, input, code);
}

/* The look-alike that a reply proves to be the server's end of the message, as it came before the client's.
 * @return of no octets: none is proved */
static smtp_lookalike find_end(const smtp_session *session, const smtp_input *input, uint16_t code)
{
    const smtp_suspicion *suspicion = session->client.suspicion;
    smtp_lookalike none = {.length = 0};
    bool is_sure = !suspicion || (!suspicion->lost && smtp_session_may_prove(session));

    /* A server may refuse a message of which it has not seen the end; hardly one that looks like an attack. */
    if (input->unread || session->reader || !is_sure ||
        (suspicion && smtp_code_refuses(code) && suspicion->smuggling.length == 0))
        return none;
    return smtp_session_suspected(session);
}

/* A reply while a message is still being read: the server may have seen its end
 * where the standard has none, or in octets that are missing here. */
static smtp_exchange *answer_message(smtp_session *session, const smtp_input *input, uint16_t code, smtp_unit *unit)
{
    smtp_transaction *transaction = session->client.transaction;
    smtp_lookalike end = find_end(session, input, code);
    smtp_input last = {.frame = end.frame, .time = end.time};

    if (end.length == 0 || transaction->end)
        return answer_early(session, input, code);
    transaction->end = smtp_session_ask(session, SMTP_VERB_END_OF_DATA, &last);
    smtp_pending_prove(&session->pending, transaction->end);
    smtp_session_begin_rereading(session, &end);
    unit->ends_message = true;
    return take_pending(session, input, 250);
}

/* ---- Lines that are answered before their end ---- */

/* The client is inside of a line, and the server does not wait for more of it. */
static bool answers_unfinished_line(smtp_session *session, const smtp_input *input, uint16_t code)
{
    const smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    const smtp_expectation *expectation = &session->client.expectation;
    bool is_line = smtp_expectation_is_line(expectation);

    /* 3yz says by itself what follows. */
    return client->next.waiting && is_line && !session->pending.oldest && !smtp_code_is_intermediate(code) &&
           !client->next.answered && !expectation->doubt && !session->pending.doubt && !input->unread;
}

static smtp_exchange *answer_unfinished_line(smtp_session *session)
{
    bool is_answer = session->client.expectation.what == SMTP_EXPECT_ANSWER;
    smtp_exchange *exchange =
        smtp_session_exchange(session, is_answer ? SMTP_VERB_AUTH_ANSWER : SMTP_VERB_UNKNOWN, 0, 0);

    if (is_answer) {
        smtp_session_note_auth(session, exchange);
        smtp_session_set_name(session, exchange, session->client.auth.claimed);
    }
    smtp_session_direction(session, SMTP_CLIENT)->next.answered = exchange;
    return exchange;
}

/* ---- Lines without a code ---- */

smtp_exchange *smtp_session_codeless(smtp_session *session, const smtp_input *input)
{
    smtp_codeless *codeless = &session->pending.codeless;
    smtp_exchange *oldest = session->pending.oldest;

    if (!oldest || session->pending.doubt || session->reply.came_first || input->unread ||
        smtp_session_direction(session, SMTP_SERVER)->next.after_gap)
        return NULL;
    if (codeless->to != oldest) {
        codeless->frame = input->frame;
        codeless->time = session->reply.first_time;
    }
    codeless->to = oldest;
    codeless->count++;
    return oldest;
}

/* Has the client to wait for what is pending before it says this? */
static bool waits(const smtp_pending *pending, smtp_verb verb)
{
    if (!pending->pipelined)
        return true;
    /* The reply to QUIT proves its pair anyway. */
    return verb != SMTP_VERB_QUIT &&
           (smtp_pending_has_to_wait(pending->newest) || pending->newest->verb == SMTP_VERB_END_OF_DATA);
}

/* May its reply have said something of the mail that is open? */
static bool concerns_mail(const smtp_exchange *exchange)
{
    switch (smtp_verb_shape((smtp_verb)exchange->verb)) {
    case SMTP_SHAPE_ANY:
    case SMTP_SHAPE_SOME:
    case SMTP_SHAPE_MECHANISM:
        return false;
    case SMTP_SHAPE_WILD:
        return exchange->verb == SMTP_VERB_END_OF_DATA;
    default:
        return true;
    }
}

void smtp_session_go_on(smtp_session *session, smtp_verb verb)
{
    smtp_pending *pending = &session->pending;
    smtp_codeless codeless = pending->codeless;
    uint32_t seen = smtp_session_direction(session, SMTP_CLIENT)->next.codeless;

    if (!pending->oldest || pending->doubt || pending->count > seen || !waits(pending, verb))
        return;
    while (pending->oldest) {
        smtp_exchange *exchange = pending->oldest;

        if (concerns_mail(exchange))
            smtp_transaction_miss(exchange->transaction);
        if (exchange == session->upgrade.asked)
            session->upgrade.asked = NULL;
        if (exchange == codeless.to && !exchange->reply_frame) {
            exchange->reply_frame = codeless.frame;
            smtp_session_set_reply_time(session, exchange, codeless.time);
        }
        smtp_pending_remove_oldest(pending);
    }
}

/* ---- All replies ---- */

void smtp_session_begin_reply(smtp_session *session, const smtp_input *input)
{
    session->reply.first_time = input->time;
    session->reply.came_first = !session->pending.oldest && !is_in_line(session) && session->client.text_lines == 0 &&
                                session->client.expectation.what != SMTP_EXPECT_MESSAGE && !input->unread;
}

/* Had the client the start of this reply when it said the one thing that is pending? */
static bool came_before_pending(const smtp_session *session, const smtp_input *input)
{
    return smtp_pending_is_one(&session->pending) && input->position > 0 && input->position < session->pending.heard;
}

smtp_exchange *smtp_session_answer(smtp_session *session, const smtp_input *input, uint16_t code, smtp_unit *unit)
{
    bool in_message;

    if (is_greeting(session, code))
        return take_greeting(session, code);
    if (ends_auth(code) && has_presumed_text(session) && session->client.transaction->may_be_answer)
        smtp_session_end_presumed_text(session);
    /* 421 may come at any time (RFC 5321, 3.8). */
    if (session->pending.doubt && code != 421)
        smtp_pending_limit(&session->pending, unseen(session, input));
    if (smtp_session_learns_lmtp(session, input, code))
        return take_pending(session, input, code);
    if (session->reply.came_first || came_before_pending(session, input))
        return is_unexpected(session, input);
    in_message = session->client.expectation.what == SMTP_EXPECT_MESSAGE && !session->pending.oldest;
    if (in_message && !smtp_code_is_intermediate(code))
        return answer_message(session, input, code, unit);
    if (answers_unfinished_line(session, input, code))
        return answer_unfinished_line(session);
    return take_pending(session, input, code);
}
