/* smtp_session_reread.c
 * What a server has read in a message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_reread.h"

#include "../syntax/smtp_apart.h"
#include "../syntax/smtp_code.h"
#include "smtp_session_effect.h"
#include "smtp_session_memory.h"
#include "smtp_pending.h"
#include "smtp_proof.h"
#include "smtp_session_pair.h"
#include "smtp_session_reader.h"
#include "smtp_session_server.h"
#include "smtp_session_suspect.h"
#include "smtp_transaction.h"
#include "smtp_transaction_again.h"

/* ---- Proof ---- */

/* The code that a reply begins with; 0: not enough of it is in hand, or it has none. */
static uint16_t code_of(const smtp_input *input)
{
    uint16_t code = 0;

    for (uint32_t i = 0; i < 3; i++) {
        if (i >= input->length || !smtp_is_digit(input->octets[i]))
            return 0;
        code = (uint16_t)(code * 10 + input->octets[i] - '0');
    }
    return code;
}

/* Can a reply not be meant for what the client has said behind the message? Then the server had not
 * seen that when it replied, or the code answers nothing like it. */
static bool is_for_none(const smtp_session *session, const smtp_input *input, uint16_t code)
{
    const smtp_exchange *oldest = session->pending.oldest;

    if (!oldest || !smtp_proof_allows(code, oldest))
        return true;
    return input->acknowledged && input->acknowledged <= session->client.suspicion->end_position;
}

/* Has the message all the replies that it is due, and does nothing make what comes next doubtful? */
static bool is_settled(const smtp_session *session, const smtp_input *input)
{
    const smtp_suspicion *suspicion = session->client.suspicion;
    const smtp_exchange *end = suspicion->transaction->end;

    return suspicion->ended && !suspicion->lost && !suspicion->end && !suspicion->refused &&
           smtp_session_may_prove(session) && !input->unread && !session->pending.doubt &&
           session->client.text_lines == 0 && session->client.expectation.what == SMTP_EXPECT_COMMANDS && end &&
           end->reply_frame && session->pending.oldest != end;
}

/* The code that a reply begins with, if it may be to something that was reread; 0: it may not. 421 may come at any
 * time (RFC 5321, 3.8). */
static uint16_t code_of_answer(const smtp_session *session, const smtp_input *input)
{
    uint16_t code = session->reader || session->reply.goes_on || session->reply.read.length > 0 ? 0 : code_of(input);

    return code >= 200 && code < 600 && code != 421 ? code : 0;
}

/* Does the server say more than it was asked for, behind a message with a look-alike? */
static bool proves(const smtp_session *session, const smtp_input *input)
{
    uint16_t code = session->client.suspicion ? code_of_answer(session, input) : 0;

    return code && is_settled(session, input) && is_for_none(session, input, code) &&
           smtp_session_suspected(session).length > 0;
}

/* Is the reply to a line of a message that came though DATA or BDAT was refused?  Who knows BDAT passes over its
 * chunk (RFC 3030, 2), or says more than it was asked for. */
static bool answers_refused(const smtp_session *session, const smtp_input *input)
{
    uint16_t code = session->client.refused && session->client.refused->refused ? code_of_answer(session, input) : 0;

    if (!code || session->client.refused->lost || input->unread || session->pending.doubt || session->client.text_doubt)
        return false;
    if (session->client.text_lines > 0)
        return smtp_session_answers_text(session, code);
    return session->client.refused->announced_by && !session->judge.unsure && !session->pending.oldest &&
           session->client.expectation.what == SMTP_EXPECT_COMMANDS && !session->client.expectation.doubt;
}

/* ---- Replies before the proof ---- */

enum {
    MOST_BEHIND = 1000 /* a server that was deceived has said more than it was asked for long before */
};

/* What the client has said behind the message has a reply: whether the server was deceived is not known yet. */
static SMTP_APART void note_behind(smtp_session *session, smtp_suspicion *suspicion, smtp_exchange *exchange)
{
    if (suspicion->behind_count == MOST_BEHIND)
        return;
    if (suspicion->behind_count == suspicion->behind_room)
        suspicion->behind = smtp_session_grow(session, suspicion->behind, suspicion->behind_count,
                                              &suspicion->behind_room, sizeof(smtp_exchange *));
    suspicion->behind[suspicion->behind_count++] = exchange;
}

/* What the server has read next has the reply that seemed to answer this, and is told to. */
static void answer_with(smtp_session *session, smtp_reader *reader, const smtp_exchange *answered)
{
    smtp_exchange *reread = session->pending.oldest;
    smtp_unit unit = {.role = SMTP_ROLE_REPLY, .side = SMTP_SERVER, .exchange = reread};

    smtp_reader_take_reply(session, reader, answered->code);
    smtp_pending_remove_oldest(&session->pending);
    reread->transaction = smtp_transaction_open(reread->transaction);
    reread->code = answered->code;
    reread->reply_frame = answered->reply_frame;
    smtp_session_more(session, reread)->elsewhere = true;
    smtp_session_set_reply_time(session, reread, smtp_exchange_reply_time(answered));
    if (smtp_exchange_text(answered))
        smtp_session_set_text(session, reread, smtp_exchange_text(answered));
    unit.transaction = reread->transaction;
    smtp_session_apply_code(session, answered->code, &unit);
}

/* Reads what came before the proof with the replies that came before it.
 * @return how many there were */
static uint32_t catch_up(smtp_session *session, smtp_reader *reader)
{
    smtp_exchange *const *behind = reader->of->behind;
    uint32_t count = 0;

    while (count < reader->of->behind_count) {
        if (!smtp_reader_is_asking(session, reader))
            smtp_reader_read_on(session, reader);
        if (!smtp_reader_is_asking(session, reader) || !smtp_proof_allows(behind[count]->code, session->pending.oldest))
            break;
        answer_with(session, reader, behind[count++]);
    }
    return count;
}

/* Whether the login is accepted is not known yet. */
static void ask_for_login_again(smtp_session *session, const smtp_exchange *answered, smtp_exchange *exchange)
{
    smtp_more *more = smtp_session_more(session, exchange);

    more->mechanism = smtp_exchange_mechanism(answered);
    if (answered->has_more) {
        more->step = answered->of.more->step;
        more->cancels = answered->of.more->cancels;
        more->presumed = answered->of.more->presumed;
    }
    if (smtp_code_is_completion(answered->code)) {
        session->facts.user = NULL;
        session->judge.authenticated = false;
    }
}

/* It waits for its reply again. The one that it was paired with stays as it was told. */
static void ask_again(smtp_session *session, const smtp_exchange *answered)
{
    smtp_exchange *exchange =
        smtp_session_exchange(session, (smtp_verb)answered->verb, answered->command_frame, answered->command_time);

    exchange->transaction = answered->transaction;
    exchange->last = answered->last;
    exchange->early = answered->early;
    smtp_session_set_name(session, exchange, smtp_exchange_name(answered));
    if (smtp_exchange_is_auth(answered))
        ask_for_login_again(session, answered, exchange);
    smtp_transaction_ask_again(session, answered, exchange);
    smtp_pending_put_first(&session->pending, exchange, exchange, 1);
}

/* The replies in step with what the client has said behind its message were to what the server has read in it: those
 * that come are to what seemed to be answered. */
static void shift_pairs(smtp_session *session, smtp_reader *reader)
{
    const smtp_suspicion *suspicion = reader->of;
    uint32_t count;

    if (suspicion->behind_count == MOST_BEHIND)
        return;
    smtp_reader_change(session, reader);
    count = catch_up(session, reader);
    smtp_reader_change(session, reader);
    for (uint32_t i = 0; i < count; i++)
        ask_again(session, suspicion->behind[suspicion->behind_count - 1 - i]);
    /* They were said before this reply. */
    session->reply.came_first = session->reply.came_first && count == 0;
}

/* ---- Replies ---- */

/* Was the last unit read that can be?  Of a refused message the last line need not be over: its rest was read as
 * a command. */
static bool is_used_up(const smtp_reader *reader)
{
    const smtp_suspicion *suspicion = reader->of;
    uint64_t end = smtp_suspicion_kept(suspicion);

    if (suspicion->refused && smtp_expectation_is_line(&reader->client.expectation)) {
        end = suspicion->ended ? suspicion->client_dot : end;
        return reader->at >= end || !memchr(smtp_suspicion_octets(suspicion, reader->at), '\n', end - reader->at);
    }
    return reader->at >= end;
}

/* Does the client's side go on as the server reads it? */
static bool goes_on(const smtp_session *session, const smtp_reader *reader)
{
    if (reader->of->ended)
        return false;
    return !reader->of->refused ||
           (session->client.expectation.what == SMTP_EXPECT_COMMANDS && !session->pending.oldest &&
            (!session->client.transaction || session->client.transaction == reader->of->transaction));
}

/* Has the server a mail open of which the client knows nothing, though it has ended the message?  What it has said
 * behind that is of the mail. */
static void leave_open(smtp_session *session, smtp_reader *reader)
{
    if (!reader->of->ended || !reader->client.transaction || (reader->of->refused && !reader->of->obeyed))
        return;
    smtp_transaction_go_on(session, reader->client.transaction);
    reader->client.transaction = NULL;
}

static bool is_over(const smtp_session *session, const smtp_reader *reader)
{
    return is_used_up(reader) && !smtp_reader_is_asking(session, reader);
}

/* Is all reread, and answered? Where the client has not ended the message, it goes on as the server reads it. */
static void finish(smtp_session *session, smtp_reader *reader)
{
    if (!is_over(session, reader))
        return;
    leave_open(session, reader);
    if (goes_on(session, reader)) {
        session->client = reader->client;
        session->judge.unsure = true;
    }
    if (reader->of->refused)
        session->client.text_lines = 0;
    session->reader = NULL;
}

/* Does this reply prove that the server was deceived, or has obeyed a refused message: are there more replies than the
 * client can have for what it has said behind the message, and for its end? */
static bool proves_now(const smtp_session *session, const smtp_reader *reader)
{
    const smtp_exchange *behind =
        smtp_reader_is_asking(session, reader) ? reader->asked->next : session->pending.oldest;

    return !reader->of->refused || (!session->judge.unsure && reader->replies > smtp_pending_due(behind));
}

/* What was read of a refused message are commands: their replies are told to answer them. */
static void reveal(const smtp_suspicion *suspicion)
{
    for (uint32_t i = 0; i < suspicion->unit_count; i++) {
        if (suspicion->units[i].unit.exchange)
            suspicion->units[i].unit.exchange->command_frame = suspicion->units[i].frame;
    }
}

static void tell(smtp_session *session, smtp_reader *reader, smtp_unit *unit)
{
    bool is_refused = reader->of->refused;

    if (!reader->remarked && proves_now(session, reader)) {
        smtp_remarks_add(&unit->remarks, is_refused ? SMTP_REMARK_MESSAGE_OBEYED : SMTP_REMARK_LOOKALIKE_END);
        reader->of->obeyed = is_refused;
        reader->remarked = true;
        if (unit->exchange)
            smtp_session_more(session, unit->exchange)->proved = reader->of;
        if (is_refused)
            reveal(reader->of);
    }
    /* Before that is proven, nobody knows what this answers. */
    if (is_refused && !reader->of->obeyed) {
        if (unit->exchange)
            unit->exchange->command_frame = 0;
        return;
    }
    unit->reread = reader->of;
    unit->reread_from = reader->told;
    reader->told = reader->of->unit_count;
}

/* The server has answered what the client said behind a refused message: it has read no more of that. */
static void stop_in_step(smtp_session *session, const smtp_reader *reader)
{
    reader->of->unit_count = reader->told;
    session->client.text_lines = 0;
    smtp_session_stop_rereading(session);
}

/* The server speaks, and has read what reader reads. */
static bool read_as_deceived(smtp_session *session, smtp_reader *reader, const smtp_input *input, smtp_unit *unit)
{
    const smtp_exchange *due;
    bool is_read;

    if (!session->reply.goes_on && !smtp_reader_is_asking(session, reader)) {
        smtp_reader_change(session, reader);
        smtp_reader_read_on(session, reader);
        smtp_reader_change(session, reader);
    }
    if (is_over(session, reader))
        leave_open(session, reader);
    smtp_reader_change(session, reader);
    due = smtp_reader_is_asking(session, reader) ? session->pending.oldest : NULL;
    if (due)
        session->reply.came_first = false;
    is_read = smtp_session_read_server(session, input, unit);
    smtp_reader_change(session, reader);
    if (!is_read)
        return false;
    if (!unit->continued && reader->of->refused && unit->exchange && unit->exchange != due) {
        stop_in_step(session, reader);
        return true;
    }
    reader->replies += due && !unit->continued;
    tell(session, reader, unit);
    finish(session, reader);
    return true;
}

bool smtp_session_read_deceived(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_suspicion *behind =
        session->client.suspicion && !session->reader && is_settled(session, input) ? session->client.suspicion : NULL;
    smtp_lookalike end;

    /* The client has sent more than is kept: nobody knows what the server has read of that. */
    if (session->reader && session->reader->of->lost)
        smtp_session_stop_rereading(session);
    if (proves(session, input)) {
        end = smtp_session_suspected(session);
        smtp_session_begin_rereading(session, &end);
        shift_pairs(session, session->reader);
    }
    if (answers_refused(session, input))
        smtp_session_begin_refused(session);
    if (session->reader)
        return read_as_deceived(session, session->reader, input, unit);
    if (!smtp_session_read_server(session, input, unit))
        return false;
    /* Behind 354 another message has begun. */
    if (behind && behind == session->client.suspicion && unit->exchange && !unit->continued &&
        unit->exchange->code / 100 >= 2 && unit->exchange->code / 100 <= 5)
        note_behind(session, behind, unit->exchange);
    /* The reply itself has proved it: it was to the message. */
    if (session->reader) {
        tell(session, session->reader, unit);
        finish(session, session->reader);
    }
    return true;
}
