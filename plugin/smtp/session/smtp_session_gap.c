/* smtp_session_gap.c
 * What follows from octets of the client that are missing, and from that it goes on behind missing ones.
 *
 * What both ends have acknowledged tells what the missing octets were answered
 * with, or what they answered.  Where it tells nothing, what comes next is in
 * doubt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_gap.h"

#include "../syntax/smtp_apart.h"
#include "../syntax/smtp_line.h"
#include "../syntax/smtp_text.h"
#include "smtp_pending.h"
#include "smtp_session_message.h"
#include "smtp_session_suspect.h"
#include "smtp_transaction.h"

/* Of what the client had for certain when it last went on, is only this one behind? */
static bool is_next(const smtp_session *session, const smtp_exchange *exchange)
{
    const smtp_exchange *waited = session->unread.waited;

    return exchange == (waited ? waited->next : session->pending.oldest);
}

/* The client goes on, and has had more octets of the server, which were not read. */
static SMTP_APART void note_heard(smtp_session *session, uint64_t octets)
{
    smtp_unread *unread = &session->unread;
    smtp_exchange *newest = session->pending.newest;
    uint64_t more = octets - (unread->waited ? unread->of_waited : 0);

    unread->of_server = octets;
    unread->answered = newest;
    if (newest && more >= SMTP_SHORTEST_REPLY && (smtp_pending_has_to_wait(newest) || is_next(session, newest))) {
        unread->waited = newest;
        unread->of_waited = octets;
    }
    smtp_transaction_miss_sender(session->client.transaction);
}

/* Replies that the client had seen answer nothing that it says from here on; and a
 * reply follows from all that the server had seen. */
void smtp_session_note_unread(smtp_session *session, smtp_side side, const smtp_input *input)
{
    smtp_unread *unread = &session->unread;

    if (side == SMTP_SERVER) {
        if (smtp_session_direction(session, SMTP_SERVER)->behind_tls == 0) {
            unread->of_server = 0;
            unread->waited = NULL;
        }
        unread->of_client = input->unread;
    } else if (input->unread > unread->of_server) {
        note_heard(session, input->unread);
    }
}

/* Has the client had a reply to all that it said before these octets of it, and the server all of that? */
static bool is_in_step(smtp_session *session, const smtp_input *input)
{
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);

    return input->acknowledged && input->acknowledged == server->read && server->had == input->position;
}

/* Has the server taken the message? Of one that goes on behind a look-alike, what it has of a line is not read yet. */
static bool is_taken(const smtp_session *session)
{
    const smtp_transaction *transaction = session->client.transaction;

    return !session->reader && session->client.expectation.what == SMTP_EXPECT_MESSAGE && transaction->end &&
           smtp_code_accepts(transaction->end->code);
}

/* Commands, answers or messages are missing: those of the open transaction, perhaps, or
 * an AUTH for somebody else. */
static void miss_commands(smtp_session *session)
{
    session->client.auth.claimed = NULL;
    session->client.commands_missing = true;
    smtp_transaction_miss_commands(session->client.transaction);
}

/* Has the server said what becomes of the message? */
static bool is_answered(const smtp_transaction *transaction)
{
    return transaction->end && transaction->end->reply_frame;
}

/* Has the server asked for another message, though the end of this one, which it has answered, was not read? */
static bool asks_for_another(const smtp_session *session)
{
    return session->client.expectation.what == SMTP_EXPECT_MESSAGE && is_answered(session->client.transaction) &&
           session->reply.last_code == 354 && !session->reply.exchange;
}

/* The commands before that message were not read. */
static smtp_transaction *begin_asked_for(smtp_session *session)
{
    smtp_transaction *transaction;

    smtp_transaction_end_message(session, session->client.transaction);
    miss_commands(session);
    transaction = smtp_transaction_begin_message(session, NULL);
    smtp_transaction_invite(transaction);
    smtp_transaction_miss(transaction);
    return transaction;
}

/* Is something missing in what a client that does not wait has said? What it acknowledges then does not tell that the
 * server has read it. */
static bool is_ahead(const smtp_pending *pending)
{
    return pending->pipelined && pending->doubt;
}

/* The client has had a reply to all that it said, and of some the code may be missing. */
static void be_in_step(smtp_session *session)
{
    /* Was the last one to a command that is missing, too? */
    bool is_unknown = session->reply.lost && session->pending.doubt && session->pending.first < 1;
    smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    smtp_exchange *answered = smtp_pending_in_step(&session->pending, session->reply.lost);

    if (session->reply.lost && answered)
        session->reply.lost_of = answered;
    if (asks_for_another(session)) {
        begin_asked_for(session);
        smtp_expectation_doubt(&session->client.expectation, false);
    } else if (is_taken(session)) {
        /* What stands behind the message began with the last octets of it that were read. */
        client->in_long_line = !smtp_body_is_behind_line(&session->client.body);
        smtp_transaction_end_message(session, session->client.transaction);
    }
    if (session->client.expectation.what != SMTP_EXPECT_COMMANDS)
        return;
    /* Its lines are whole, then; half of one would have had to wait for a reply to something else. */
    if (session->pending.waits && !session->pending.pipelined && !client->next.behind_start)
        client->next.after_line = true;
    if (is_unknown)
        smtp_expectation_doubt(&session->client.expectation, true);
    else if (!session->reply.lost_of && session->reply.last_code && !is_ahead(&session->pending))
        smtp_expectation_doubt(&session->client.expectation, false);
}

/* Behind a gap: do the octets begin with a verb? That is known with the whole line. Those of a security layer say
 * nothing. */
static bool begins_with_verb(const smtp_direction *client, const smtp_input *input)
{
    return !client->opaque && smtp_verb_may_follow(input->octets, input->length) &&
           (!smtp_input_may_wait(input) ||
            smtp_line_find(input->octets, input->length, client->next.scanned).eol != SMTP_EOL_NONE);
}

/* Is it the rest of a command, which was not sent as a whole before what the server has answered? */
static bool is_in_line(smtp_session *session, const smtp_input *input)
{
    const smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);

    return session->client.expectation.what == SMTP_EXPECT_COMMANDS &&
           (client->in_long_line || (client->next.after_gap && !begins_with_verb(client, input)));
}

/* Is nothing in doubt, and nothing waited for, as in any session of which all is there? */
static bool is_certain(smtp_session *session)
{
    return !session->pending.oldest && !session->pending.doubt && !session->reply.lost &&
           !session->client.expectation.doubt && session->client.expectation.what == SMTP_EXPECT_COMMANDS &&
           !smtp_session_direction(session, SMTP_CLIENT)->next.after_gap;
}

void smtp_session_goes_on(smtp_session *session, const smtp_input *input)
{
    if (is_certain(session) || input->acknowledged != smtp_session_direction(session, SMTP_SERVER)->read)
        return;
    if (session->reply.half)
        session->reply.lost_of = smtp_pending_drop_all(&session->pending);
    session->reply.half = false;
    if (is_in_step(session, input) && !is_in_line(session, input))
        be_in_step(session);
}

/* ---- What is missing ---- */

bool smtp_session_read_rest(smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_line line = smtp_line_find(input->octets, input->length, 0);

    unit->role = SMTP_ROLE_LINE_REST;
    unit->length = line.length;
    unit->exchange = direction->in_parts > 0 ? direction->auth : NULL;
    direction->in_long_line = line.eol == SMTP_EOL_NONE;
    if (direction->in_long_line && input->can_wait && input->octets[line.length - 1] == '\r')
        unit->length--;
    return unit->length > 0;
}

/* @return how many of the missing octets are not among the counted ones */
static uint64_t gap_in_counted(smtp_session *session, uint64_t octets)
{
    smtp_expectation *expectation = &session->client.expectation;
    const smtp_exchange *announced_by = expectation->counted;
    smtp_input last = {.frame = announced_by->command_frame, .time = announced_by->command_time};
    uint64_t missing = octets < expectation->left ? octets : expectation->left;

    if (expectation->what == SMTP_EXPECT_CHUNK) {
        session->client.transaction->octets += missing;
        smtp_transaction_rare(session, session->client.transaction)->missing += missing;
    }
    smtp_expectation_count(expectation, missing);
    if (expectation->left == 0)
        smtp_session_end_counted(session, &last);
    return octets - missing;
}

/* Has LOGIN's last challenge said what it wants? */
static bool asks_for_login(const smtp_auth_state *auth)
{
    return auth->mechanism == SMTP_MECHANISM_LOGIN && auth->asked;
}

/* The client's answer to a challenge is missing, and was answered by another one.  Which
 * answer is next nobody knows, unless the challenge says so, as LOGIN's mostly do. */
static void forget_mechanism(smtp_session *session)
{
    session->client.auth.mechanism = SMTP_MECHANISM_UNSEEN;
}

/* The missing octets were all that was said of a message before the reply to it. */
static void end_missing_message(smtp_session *session, uint64_t octets)
{
    smtp_transaction *transaction = session->client.transaction;

    smtp_transaction_rare(session, transaction)->missing = transaction->octets = octets;
    smtp_transaction_end_message(session, transaction);
}

static void gap_in_message(smtp_session *session, uint64_t octets)
{
    smtp_transaction *transaction = session->client.transaction;

    if (!smtp_session_is_behind_end(session) && (!transaction->start_missing || transaction->octets > 0)) {
        transaction->octets += octets;
        smtp_transaction_rare(session, transaction)->missing += octets;
    }
    smtp_session_suspect_gap(session, octets);
    smtp_expectation_end(&session->client.expectation, 0, 0);
    smtp_body_gap(&session->client.body);
}

/* How many commands are among the missing octets, at most. */
static uint64_t most_commands(smtp_session *session, uint64_t missing)
{
    const smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);
    uint32_t shortest = SMTP_SHORTEST_COMMAND - session->client.lf_ends_line;

    if (session->client.expectation.what == SMTP_EXPECT_ANSWER)
        return missing;
    return smtp_direction_never_seen(client, missing) / shortest + client->next.behind_start;
}

/* The end of a message is missing, and the commands before the next one: that was not answered yet.
 * @param unread  see smtp_input */
static void begin_another(smtp_session *session, uint64_t octets, uint64_t unread)
{
    gap_in_message(session, octets);
    begin_asked_for(session)->start_missing = unread || octets > session->unread.of_client;
    if (!unread)
        smtp_pending_drop_all(&session->pending);
    smtp_expectation_doubt(&session->client.expectation, unread > 0);
}

/* The server had all that is missing when it last replied, and the client had that
 * reply when it went on: what the reply says holds.
 * @return false when it says nothing, as it came in the middle of a message */
static bool gap_before_reply(smtp_session *session, uint64_t octets)
{
    smtp_expected what = session->client.expectation.what;
    smtp_auth_state *auth = &session->client.auth;
    smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);

    if (what == SMTP_EXPECT_MESSAGE && is_answered(session->client.transaction)) {
        gap_in_message(session, octets);
        smtp_transaction_end_message(session, session->client.transaction);
        miss_commands(session);
        smtp_expectation_doubt(&session->client.expectation, false);
        return true;
    }
    if (what == SMTP_EXPECT_MESSAGE && session->client.transaction->octets > 0)
        return false;
    miss_commands(session);
    smtp_expectation_doubt(&session->client.expectation, false);
    if (what == SMTP_EXPECT_MESSAGE && session->reply.last_code == 354) {
        session->client.transaction->start_missing = false;
        return true;
    }
    if (what == SMTP_EXPECT_ANSWER && session->reply.last_code == 334) {
        if (!asks_for_login(auth) || auth->challenges < 2)
            forget_mechanism(session);
        return true;
    }
    if (what == SMTP_EXPECT_MESSAGE)
        end_missing_message(session, octets);
    smtp_expect_commands(&session->client.expectation);
    smtp_expectation_doubt(&session->client.expectation, false);
    if (smtp_session_misses_line(session, client)) {
        client->next.after_line = session->reply.exchange && smtp_pending_has_to_wait(session->reply.exchange);
        return true;
    }
    /* The reply answers something else: the client has not waited for it. */
    if (session->reply.exchange)
        session->pending.pipelined = true;
    smtp_pending_miss_commands(&session->pending, most_commands(session, octets));
    return true;
}

/* May a message be over, as replies are missing, or the one to DATA? */
static bool may_be_over(smtp_session *session, uint64_t unread)
{
    return unread || !smtp_session_direction(session, SMTP_SERVER)->seen || !session->client.transaction->invited;
}

/* Had the server all that the client had said before the gap when it took the message? */
static bool is_over(smtp_session *session, uint64_t missing)
{
    return is_taken(session) && smtp_session_direction(session, SMTP_SERVER)->had + missing ==
                                    smtp_session_direction(session, SMTP_CLIENT)->read;
}

/* Is no DATA among the missing octets, and what was in hand before them? */
static bool is_without_data(const smtp_session *session, const smtp_direction *client, uint64_t missing)
{
    const smtp_expectation *expectation = &session->client.expectation;

    return smtp_direction_never_seen(client, missing) < SMTP_SHORTEST_COMMAND - 1U &&
           smtp_upper(client->start.octets[0]) != 'D' && !expectation->doubt &&
           expectation->what == SMTP_EXPECT_COMMANDS;
}

/* What is missing is the rest of a command: its verb may tell the protocol. */
static void learn_start(smtp_session *session, const smtp_start *start)
{
    if (session->client.expectation.what == SMTP_EXPECT_COMMANDS &&
        smtp_starts_with(start->octets, sizeof start->octets, "LHLO "))
        session->facts.protocol = SMTP_PROTOCOL_LMTP;
}

void smtp_session_gap_of_client(smtp_session *session, uint64_t missing, uint64_t unread)
{
    smtp_auth_state *auth = &session->client.auth;
    smtp_direction *client = smtp_session_direction(session, SMTP_CLIENT);

    learn_start(session, &client->start);
    client->next.no_data = is_without_data(session, client, missing);
    if (is_over(session, missing))
        smtp_transaction_end_message(session, session->client.transaction);
    if (smtp_expectation_is_counted(&session->client.expectation))
        missing = gap_in_counted(session, missing);
    if (missing == 0)
        return;
    if (asks_for_another(session)) {
        begin_another(session, missing, unread);
        return;
    }
    if (missing <= session->unread.of_client && !unread && gap_before_reply(session, missing))
        return;
    if (session->client.expectation.what == SMTP_EXPECT_MESSAGE) {
        if (may_be_over(session, unread))
            smtp_expectation_doubt(&session->client.expectation, true);
        gap_in_message(session, missing);
        return;
    }
    smtp_expectation_doubt(&session->client.expectation, true);
    if (most_commands(session, missing) > 0)
        miss_commands(session);
    /* What is missing was answered by a challenge: the next line answers that one. */
    if (session->client.expectation.what == SMTP_EXPECT_ANSWER && auth->challenges > 1) {
        if (!asks_for_login(auth))
            forget_mechanism(session);
        smtp_expectation_doubt(&session->client.expectation, false);
        return;
    }
    smtp_pending_miss_commands(&session->pending, most_commands(session, missing));
    smtp_expect_commands(&session->client.expectation);
}

void smtp_session_miss_start(smtp_session *session)
{
    miss_commands(session);
    smtp_pending_miss_start(&session->pending);
}
