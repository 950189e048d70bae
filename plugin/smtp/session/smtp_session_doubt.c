/* smtp_session_doubt.c
 * What the client's octets are where no command need follow: octets are missing, or a reply.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_doubt.h"

#include "../syntax/smtp_secret.h"
#include "smtp_expectation.h"
#include "smtp_pending.h"
#include "smtp_session_pair.h"
#include "smtp_transaction.h"

/* What the client said last, if the reply to it is not known; NULL: that is known. */
static smtp_exchange *unanswered(const smtp_session *session)
{
    return session->pending.newest ? session->pending.newest : session->reply.lost_of;
}

/* Is this what the client said last, and the reply not known? */
static bool awaits_reply_to(const smtp_session *session, smtp_verb verb)
{
    const smtp_exchange *newest = unanswered(session);

    return newest && newest->verb == verb;
}

static bool awaits_data_reply(const smtp_session *session)
{
    return awaits_reply_to(session, SMTP_VERB_DATA);
}

/* Are octets missing before what is in hand, so that it may be the rest of a line? */
static bool begins_anywhere(smtp_session *session)
{
    const smtp_next *next = &smtp_session_direction(session, SMTP_CLIENT)->next;

    return next->after_gap && !next->after_line;
}

/* Has the server asked for the message before any of it, and before DATA, came into the capture? */
static bool is_before_message(smtp_session *session, const smtp_input *input)
{
    const smtp_transaction *transaction = session->client.transaction;

    return session->client.expectation.what == SMTP_EXPECT_MESSAGE && transaction->start_missing &&
           transaction->octets == 0 && smtp_session_is_late(session, input);
}

bool smtp_session_is_doubtful(smtp_session *session, const smtp_input *input)
{
    switch (session->client.expectation.what) {
    case SMTP_EXPECT_COMMANDS:
        return session->client.expectation.doubt || awaits_data_reply(session) || begins_anywhere(session);
    case SMTP_EXPECT_MESSAGE:
        return session->client.expectation.doubt || is_before_message(session, input);
    case SMTP_EXPECT_CHUNK:
        return session->client.expectation.doubt;
    default:
        return false;
    }
}

/* Text where a command could stand is the message of a DATA whose reply is not
 * known, or of one that was not seen at all. */
static void presume_message(smtp_session *session, const smtp_input *input)
{
    smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    bool is_whole = awaits_data_reply(session) && !session->client.expectation.doubt;
    smtp_exchange *data = is_whole ? unanswered(session) : NULL;
    smtp_transaction *transaction = smtp_transaction_begin_message(session, data ? data->transaction : NULL);
    bool is_early = data && !input->unread && data == session->pending.newest;

    transaction->start_missing = !data;
    session->reply.lost = false;
    smtp_session_go_on(session, SMTP_VERB_UNKNOWN);
    if (data) {
        data->early = true;
        data->transaction = transaction;
    }
    session->client.data = NULL;
    /* What the client sends on as a message is none of its early ones. */
    if (is_early && !data->reply_frame && !session->judge.unsure && smtp_session_direction(session, SMTP_SERVER)->seen)
        smtp_remarks_add(&client->next.remarks, SMTP_REMARK_EARLY_DATA);
}

/* May a challenge have been lost, or not have come yet? */
static bool may_be_challenged(const smtp_session *session)
{
    const smtp_exchange *newest = unanswered(session);

    return newest && smtp_exchange_is_auth(newest) && !smtp_exchange_cancels(newest);
}

bool smtp_session_answers_unseen_challenge(const smtp_session *session, const smtp_input *input,
                                           const smtp_reading *reading)
{
    return may_be_challenged(session) && smtp_auth_is_answer(input->octets, reading->line.text) &&
           !smtp_command_is_certain(input->octets, &reading->command);
}

/* Clients go on behind an AUTH that was refused, or answered oddly; of a session that was not seen as a whole AUTH may
 * be missing. */
static bool may_answer(const smtp_judge *judge)
{
    bool is_text = judge->mail || (judge->previous && judge->previous->verb == SMTP_VERB_UNKNOWN);

    return judge->auth || (judge->unsure && !is_text);
}

bool smtp_session_is_unasked_answer(const smtp_session *session, const smtp_input *input, const smtp_reading *reading)
{
    return reading->command.verb == SMTP_VERB_UNKNOWN && may_answer(&session->judge) &&
           smtp_secret_is_answer(input->octets, reading->line.text);
}

/* Were all replies read that the client had, or is one of them in hand that does not ask for a message, and no other
 * behind it? */
static bool knows_replies(smtp_session *session, const smtp_input *input)
{
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);
    const smtp_start *start = &server->start;

    if (!input->acknowledged || input->acknowledged == server->read)
        return input->acknowledged > 0;
    return server->next.waiting && start->length > 0 && start->octets[0] != '3' &&
           input->acknowledged < server->read + start->length + SMTP_SHORTEST_REPLY;
}

/* Is what comes behind a gap the rest of a command?  A message is none where none was asked for. */
static bool is_rest(smtp_session *session, const smtp_input *input)
{
    return begins_anywhere(session) && !awaits_data_reply(session) &&
           (knows_replies(session, input) || !session->client.expectation.doubt ||
            smtp_session_direction(session, SMTP_CLIENT)->next.no_data);
}

/* Is a message's end in hand, or all that is there of it, and is the end of another one right before it? DATA would
 * stand between two messages, so it is none. */
static bool is_end_again(smtp_session *session, const smtp_input *input, const smtp_line *line)
{
    return input->octets[0] == '.' && line->text == 1 && session->client.expectation.what == SMTP_EXPECT_COMMANDS &&
           !smtp_session_direction(session, SMTP_CLIENT)->next.after_gap &&
           awaits_reply_to(session, SMTP_VERB_END_OF_DATA);
}

static smtp_settled line_is(smtp_session *session, const smtp_input *input, const smtp_reading *reading)
{
    bool is_command = smtp_command_is_certain(input->octets, &reading->command);

    if (session->client.expectation.what != SMTP_EXPECT_COMMANDS)
        return is_command ? SMTP_IS_LINE : SMTP_IS_MESSAGE;
    if (is_command || smtp_session_answers_unseen_challenge(session, input, reading))
        return SMTP_IS_LINE;
    return is_rest(session, input) || is_end_again(session, input, &reading->line) ? SMTP_IS_REST : SMTP_IS_MESSAGE;
}

/* Is the line in hand, whose end is not there, waited for? It may be a command, an answer, or the rest of one, of which
 * a CR alone is not shown. */
static bool is_waited_for(smtp_session *session, const smtp_input *input, const smtp_line *line)
{
    bool is_line = session->client.expectation.what == SMTP_EXPECT_COMMANDS;

    return smtp_verb_may_follow(input->octets, input->length) || (is_line && may_be_challenged(session)) ||
           (is_line && input->octets[input->length - 1] == '\r' && is_rest(session, input)) ||
           is_end_again(session, input, line);
}

smtp_settled smtp_session_settle(smtp_session *session, const smtp_input *input, smtp_reading *reading)
{
    smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    smtp_line line = smtp_line_find(input->octets, input->length, client->next.scanned);
    smtp_settled is;

    if (line.eol == SMTP_EOL_NONE && smtp_input_may_wait(input) && is_waited_for(session, input, &line)) {
        client->next.scanned = input->length;
        return SMTP_NEEDS_MORE;
    }
    smtp_reading_command(reading, input->octets, &line);
    is = line_is(session, input, reading);
    if (is == SMTP_IS_REST)
        return is;
    if (is == SMTP_IS_LINE && is_before_message(session, input))
        return SMTP_IS_LATE;
    if (session->client.expectation.what == SMTP_EXPECT_COMMANDS && is == SMTP_IS_MESSAGE)
        presume_message(session, input);
    else if (session->client.expectation.what == SMTP_EXPECT_MESSAGE && is == SMTP_IS_LINE)
        smtp_transaction_end_message(session, session->client.transaction);
    else if (session->client.expectation.what == SMTP_EXPECT_CHUNK && is == SMTP_IS_LINE)
        smtp_expect_commands(&session->client.expectation);
    smtp_expectation_doubt(&session->client.expectation, false);
    return is;
}
