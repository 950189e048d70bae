/* smtp_session_client.c
 * How the client's octets are read: commands and answers here, messages in
 * smtp_session_message.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_client.h"

#include <assert.h>

#include "../syntax/smtp_apart.h"
#include "../smtp_reading.h"
#include "smtp_pending.h"
#include "smtp_session_doubt.h"
#include "smtp_session_gap.h"
#include "smtp_session_effect.h"
#include "smtp_session_judge.h"
#include "smtp_session_memory.h"
#include "smtp_session_message.h"
#include "smtp_session_pair.h"
#include "smtp_session_tls.h"
#include "smtp_transaction.h"
#include "smtp_transaction_again.h"

/* ---- AUTH ---- */

/* Who the client says it is in a response. */
static void find_user(smtp_session *session, const smtp_auth_response *response)
{
    uint8_t name[SMTP_LONGEST_WAIT];

    for (uint32_t i = 0; i < response->parts.count; i++) {
        const smtp_auth_part *part = &response->parts.part[i];
        bool names_user =
            part->kind == SMTP_AUTH_USERNAME || (part->kind == SMTP_AUTH_AUTHZID && !session->client.auth.claimed);

        if (names_user && part->span.length > 0)
            session->client.auth.claimed =
                smtp_session_keep(session, name, smtp_auth_uncode(part, response->decoded, name));
    }
}

/* The response in AUTH or in an answer, if there is one. */
static void read_response(smtp_session *session, const smtp_input *input, smtp_reading *reading,
                          smtp_exchange *exchange)
{
    uint8_t room[SMTP_LONGEST_WAIT];

    /* A longer line is not read for whom it names: none of a mechanism is as long. */
    if (!reading->has_response || smtp_auth_room(reading->response.base64.length) > sizeof room)
        return;
    smtp_reading_response(reading, input->octets, exchange, room);
    find_user(session, &reading->response);
}

static SMTP_APART void begin_auth(smtp_session *session, const smtp_input *input, smtp_reading *reading,
                                  smtp_exchange *exchange)
{
    const smtp_auth_argument *argument = &reading->command.of.auth;
    smtp_auth_state *auth = &session->client.auth;

    auth->mechanism =
        (uint8_t)smtp_auth_mechanism(input->octets + argument->mechanism.offset, argument->mechanism.length);
    auth->presumed = false;
    auth->claimed = NULL;
    auth->challenges = 0;
    auth->step = argument->has_initial;
    auth->last = exchange;
    smtp_session_more(session, exchange)->mechanism = auth->mechanism;
    read_response(session, input, reading, exchange);
    smtp_session_set_name(session, exchange, auth->claimed);
}

/* ---- Commands ---- */

static void begin_transaction(smtp_session *session, smtp_exchange *exchange)
{
    session->client.commands_missing = false;
    exchange->transaction = smtp_transaction_begin(session);
    exchange->transaction->sender = exchange;
}

/* RCPT or DATA where no transaction is open: MAIL may be among what is missing. Or its message was refused as it came
 * unasked, and the server knows the sender still. */
static void begin_behind_mail(smtp_session *session, smtp_exchange *exchange)
{
    if (exchange->transaction && smtp_transaction_is_used_up(exchange->transaction))
        exchange->transaction = smtp_transaction_begin_again(session, exchange->transaction);
    else if (!exchange->transaction && session->client.commands_missing)
        exchange->transaction = smtp_transaction_begin_without_mail(session);
}

static void ask_for_message(smtp_session *session, smtp_exchange *exchange)
{
    begin_behind_mail(session, exchange);
    session->client.data = exchange;
    session->client.data_octets = 0;
}

static const smtp_name *keep_span(smtp_session *session, const smtp_input *input, smtp_span span)
{
    return smtp_session_keep(session, input->octets + span.offset, span.length);
}

/* An address that may go on behind what is in hand: it must not be taken for another one. */
static SMTP_APART const smtp_name *keep_cut(smtp_session *session, const smtp_input *input, smtp_span address)
{
    enum {
        LONGEST = 256 /* octets of a path (RFC 5321, 4.5.3.1.3) */
    };
    static const char goes_on[] = "…";
    uint8_t text[LONGEST + sizeof goes_on];
    uint32_t length = address.length < LONGEST ? address.length : LONGEST;

    memcpy(text, input->octets + address.offset, length);
    memcpy(text + length, goes_on, sizeof goes_on);
    return smtp_session_keep(session, text, length + (uint32_t)sizeof goes_on - 1);
}

/* The address in MAIL and RCPT, as typed. */
static void keep_address(smtp_session *session, const smtp_input *input, const smtp_path *path, smtp_exchange *exchange)
{
    if (path->found && !smtp_path_is_missing(path))
        smtp_session_set_name(session, exchange,
                              path->cut ? keep_cut(session, input, path->address)
                                        : keep_span(session, input, path->address));
}

static void greet(smtp_session *session, const smtp_input *input, const smtp_command *command, smtp_exchange *exchange)
{
    if (command->argument.length) {
        session->facts.client = keep_span(session, input, command->argument);
        smtp_session_set_name(session, exchange, session->facts.client);
    }
    if (command->verb == SMTP_VERB_LHLO)
        session->facts.protocol = SMTP_PROTOCOL_LMTP;
}

/* What the reply to a command that is seldom seen is told to answer. */
static void keep_argument(smtp_session *session, const smtp_input *input, const smtp_reading *reading,
                          smtp_exchange *exchange)
{
    enum {
        MOST = 100 /* octets: more are not read at a glance */
    };
    const smtp_command *command = &reading->command;
    smtp_span span = command->verb == SMTP_VERB_UNKNOWN ? (smtp_span){0, reading->line.text} : command->argument;
    smtp_span secret = smtp_reading_secret(reading, input->octets);

    if (secret.length > 0)
        span = smtp_span_between(span.offset, secret.offset > span.offset ? secret.offset - 1 : span.offset);
    if (span.length > MOST)
        span.length = MOST;
    if (span.length > 0)
        smtp_session_set_name(session, exchange, keep_span(session, input, span));
}

static void begin_chunk(smtp_session *session, const smtp_command *command, smtp_unit *unit)
{
    if (command->of.chunk.valid)
        smtp_session_begin_chunk(session, unit->exchange, &command->of.chunk, unit);
}

/* Was it refused before the end of its line? */
static bool is_refused(const smtp_exchange *exchange)
{
    return smtp_code_refuses(exchange->code);
}

/* What a command does when it is sent; what its reply does is in smtp_verbs.def. */
static void sent(smtp_session *session, const smtp_input *input, smtp_reading *reading, smtp_unit *unit)
{
    const smtp_command *command = &reading->command;
    smtp_exchange *exchange = unit->exchange;

    switch (command->shape) {
    case SMTP_SHAPE_FROM:
        if (!is_refused(exchange))
            begin_transaction(session, exchange);
        keep_address(session, input, &command->of.path, exchange);
        break;
    case SMTP_SHAPE_TO:
        begin_behind_mail(session, exchange);
        smtp_transaction_ask_recipient(exchange->transaction);
        keep_address(session, input, &command->of.path, exchange);
        break;
    case SMTP_SHAPE_CHUNK:
        keep_argument(session, input, reading, exchange);
        begin_chunk(session, command, unit);
        break;
    case SMTP_SHAPE_URI:
        begin_chunk(session, command, unit);
        break;
    case SMTP_SHAPE_COUNT:
        session->client.blob = command->of.count.octets;
        break;
    case SMTP_SHAPE_MECHANISM:
        begin_auth(session, input, reading, exchange);
        break;
    case SMTP_SHAPE_DOMAIN:
        greet(session, input, command, exchange);
        break;
    case SMTP_SHAPE_TLS:
        smtp_session_tls_ask(session, exchange);
        break;
    default:
        /* Commands behind these in the same group are outside of the transaction (RFC 2920, 3.1). */
        if (command->verb == SMTP_VERB_RSET || command->verb == SMTP_VERB_QUIT)
            session->client.transaction = NULL;
        if (command->verb == SMTP_VERB_DATA)
            ask_for_message(session, exchange);
        keep_argument(session, input, reading, exchange);
        break;
    }
    unit->transaction = exchange->transaction;
}

/* The exchange of a line whose end has come; it may have been answered before that. */
static smtp_exchange *begin_exchange(smtp_session *session, smtp_verb verb, const smtp_input *input)
{
    smtp_exchange *exchange = smtp_session_direction(session, SMTP_CLIENT)->next.answered;

    if (!exchange)
        return smtp_session_ask(session, verb, input);
    exchange->verb = (uint8_t)verb;
    exchange->command_frame = input->frame;
    smtp_session_set_command_time(session, exchange, input->time);
    return exchange;
}

/* The reply came before the end of the line: now it is known what it does. */
static SMTP_APART void catch_up(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_answer answer = {.code = unit->exchange->code, .octets = input->octets};
    bool begins = smtp_verb_shape((smtp_verb)unit->exchange->verb) == SMTP_SHAPE_FROM;

    /* A transaction that was refused before it began is none. */
    if (begins && is_refused(unit->exchange))
        return;
    smtp_session_apply(session, &answer, unit);
}

/* How many octets of replies is a client that waits to have had before it says more, of those that were not read?
 * One reply to what is missing, and one to all that is pending; 0: what was read of the server breaks off in a reply.
 */
static uint64_t fewest_replies(smtp_session *session)
{
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);
    bool breaks_off = server->next.waiting || server->in_long_line || session->reply.goes_on;

    return breaks_off ? 0 : (session->pending.count + 1) * (uint64_t)SMTP_USUAL_REPLY;
}

/* Is a command missing before this one that was not answered when the client said this? */
static bool has_not_waited(smtp_session *session, const smtp_input *input)
{
    const smtp_pending *pending = &session->pending;

    return smtp_session_direction(session, SMTP_CLIENT)->next.after_gap && pending->doubt && pending->first < 1 &&
           pending->unexpected == 0 && !session->reply.lost && !session->reply.lost_of &&
           (!input->unread || input->unread < fewest_replies(session));
}

static void command_unit(smtp_session *session, const smtp_input *input, smtp_reading *reading, smtp_unit *unit)
{
    if (has_not_waited(session, input))
        session->pending.pipelined = true;
    smtp_expectation_doubt(&session->client.expectation, false);
    session->reply.lost_of = NULL;
    session->client.auth.may_protect = session->client.auth.last = NULL;
    session->client.lf_ends_line = reading->line.eol == SMTP_EOL_LF;
    unit->role = SMTP_ROLE_COMMAND;
    unit->length = reading->line.length;
    unit->exchange = begin_exchange(session, reading->command.verb, input);
    session->client.data_octets += unit->length;
    smtp_session_tls_remark_command(session, input, unit);
    sent(session, input, reading, unit);
    if (unit->exchange->reply_frame)
        catch_up(session, input, unit);
    smtp_remarks_join(&unit->remarks, &reading->remarks.kinds);
    smtp_session_judge_command(session, input, reading, unit);
}

static void answer_unit(smtp_session *session, const smtp_input *input, smtp_reading *reading, smtp_unit *unit)
{
    smtp_exchange *exchange = begin_exchange(session, SMTP_VERB_AUTH_ANSWER, input);
    smtp_auth_state *auth = &session->client.auth;

    /* A challenge is missing: whether LOGIN's wanted a name or a password nobody knows. */
    if (input->unread && auth->mechanism == SMTP_MECHANISM_LOGIN && smtp_session_direction(session, SMTP_SERVER)->seen)
        auth->mechanism = SMTP_MECHANISM_UNSEEN;
    unit->role = SMTP_ROLE_AUTH_ANSWER;
    unit->length = reading->line.length;
    unit->exchange = exchange;
    unit->transaction = exchange->transaction;
    if (!exchange->reply_frame) {
        auth->last = exchange;
        smtp_session_note_auth(session, exchange);
    }
    smtp_session_more(session, exchange)->cancels = reading->line.text == 1 && input->octets[0] == '*';
    read_response(session, input, reading, exchange);
    smtp_session_set_name(session, exchange, auth->claimed);
    auth->challenges = 0;
    if (auth->step < UINT8_MAX)
        auth->step++;
    smtp_expect_commands(&session->client.expectation);
    smtp_session_judge_answer(session, reading, unit);
    smtp_remarks_join(&unit->remarks, &reading->remarks.kinds);
}

/* ---- Lines ---- */

/* Is it a command that comes late: did the server have its octets when it sent the challenge? */
static bool is_late_command(smtp_session *session, const smtp_input *input, const smtp_reading *reading)
{
    return smtp_session_is_late(session, input) && smtp_command_is_certain(input->octets, &reading->command);
}

/* Is the line that the client has begun an answer to a challenge? */
static bool is_answer(smtp_session *session, const smtp_input *input, const smtp_reading *reading)
{
    const smtp_exchange *answered = smtp_session_direction(session, SMTP_CLIENT)->next.answered;

    if (answered)
        return answered->verb == SMTP_VERB_AUTH_ANSWER;
    return session->client.expectation.what == SMTP_EXPECT_ANSWER && !is_late_command(session, input, reading);
}

static void line_unit(smtp_session *session, const smtp_input *input, smtp_reading *reading, smtp_unit *unit)
{
    bool is_asked =
        is_answer(session, input, reading) || smtp_session_answers_unseen_challenge(session, input, reading);
    bool is_unasked = !is_asked && smtp_session_is_unasked_answer(session, input, reading);

    smtp_session_direction(session, SMTP_CLIENT)->in_long_line = reading->line.eol == SMTP_EOL_NONE;
    if (!is_asked && !is_unasked) {
        smtp_session_go_on(session, reading->command.verb);
        command_unit(session, input, reading, unit);
        return;
    }
    smtp_session_go_on(session, SMTP_VERB_AUTH_ANSWER);
    smtp_reading_answer(reading, input->octets, &reading->line);
    answer_unit(session, input, reading, unit);
    /* No security layer begins behind it. */
    if (is_unasked)
        session->client.auth.last = NULL;
}

/* @return false when the end of the line is not in hand */
static bool read_line(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    smtp_line line = smtp_line_find(input->octets, input->length, client->next.scanned);
    smtp_reading reading;

    if (line.eol == SMTP_EOL_NONE && smtp_input_may_wait(input)) {
        client->next.scanned = input->length;
        return false;
    }
    smtp_reading_command(&reading, input->octets, &line);
    line_unit(session, input, &reading, unit);
    return true;
}

/* Of a command that is missing but for this. It is waited for as a whole: a CR alone would be waited for
 * from the start of its segment on, and TCP then hands over what is before it twice on the first pass only. */
static bool read_rest(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    if (input->octets[input->length - 1] == '\r' && smtp_input_may_wait(input) &&
        smtp_line_find(input->octets, input->length, 0).eol == SMTP_EOL_NONE)
        return false;
    if (!smtp_session_read_rest(smtp_session_direction(session, SMTP_CLIENT), input, unit))
        return false;
    smtp_session_miss_start(session);
    /* If it was BDAT, a chunk follows. */
    smtp_expectation_doubt(&session->client.expectation, true);
    return true;
}

/* A command that the server had when it asked for the message: its reply was read, and nothing was known of it then.
 * Behind DATA the message begins. */
static SMTP_APART void late_command_unit(smtp_session *session, const smtp_input *input, smtp_reading *reading,
                                         smtp_unit *unit)
{
    smtp_transaction *transaction = session->client.transaction;

    smtp_session_direction(session, SMTP_CLIENT)->next.answered =
        smtp_session_exchange(session, SMTP_VERB_UNKNOWN, 0, 0);
    command_unit(session, input, reading, unit);
    session->client.data = NULL;
    session->client.transaction = transaction;
    transaction->start_missing = reading->command.verb != SMTP_VERB_DATA;
    smtp_expect_message(&session->client.expectation);
    smtp_expectation_doubt(&session->client.expectation, transaction->start_missing);
}

/* XEXCH50 was sent, and the server's side is not in the capture: what follows
 * is what it announced. */
static void begin_early_blob(smtp_session *session)
{
    smtp_exchange *newest = session->pending.newest;

    if (!smtp_expectation_is_line(&session->client.expectation) || !newest || newest->verb != SMTP_VERB_XEXCH50 ||
        session->client.blob == 0 || smtp_session_direction(session, SMTP_SERVER)->seen)
        return;
    newest->early = true;
    smtp_session_begin_blob(session, newest);
}

bool smtp_session_read_client(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_reading reading;

    begin_early_blob(session);
    switch (smtp_session_is_doubtful(session, input) ? smtp_session_settle(session, input, &reading)
                                                     : SMTP_IS_MESSAGE) {
    case SMTP_NEEDS_MORE:
        return false;
    case SMTP_IS_LINE:
        line_unit(session, input, &reading, unit);
        return true;
    case SMTP_IS_LATE:
        late_command_unit(session, input, &reading, unit);
        return true;
    case SMTP_IS_REST:
        return read_rest(session, input, unit);
    case SMTP_IS_MESSAGE:
        break;
    }
    switch (session->client.expectation.what) {
    case SMTP_EXPECT_MESSAGE:
        smtp_session_read_text(session, input, unit);
        return true;
    case SMTP_EXPECT_CHUNK:
    case SMTP_EXPECT_BLOB:
        smtp_session_read_counted(session, input, unit);
        return true;
    default:
        return read_line(session, input, unit);
    }
}
