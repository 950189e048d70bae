/* smtp_session_gap.c
 * What follows from octets that are missing.
 *
 * What both ends have acknowledged tells what the missing octets were answered
 * with, or what they answered.  Where it tells nothing, what comes next is in
 * doubt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_gap.h"

#include "smtp_session_message.h"
#include "smtp_session_pair.h"
#include "smtp_transaction.h"

/* Replies that the client had seen answer nothing that it says from here on; and a
 * reply follows from all that the server had seen. */
void smtp_session_note_unread(smtp_session *session, smtp_side side, const smtp_input *input)
{
    smtp_unread *unread = &session->unread;

    if (side == SMTP_SERVER) {
        unread->of_server = 0;
        unread->of_client = input->unread;
    } else if (input->unread > unread->of_server) {
        unread->of_server = input->unread;
        unread->answered = session->pending.newest;
    }
}

void smtp_session_gap_of_server(smtp_session *session, uint64_t missing)
{
    session->reply.read = session->reply.begun = (smtp_reply){.length = 0};
    session->reply.goes_on = false;
    session->greeted = true;
    session->upgrade.asked = NULL;
    smtp_session_drop_answered(session, missing);
}

/* ---- Of the client ---- */

/* @return how many of the missing octets are not among the counted ones */
static uint64_t gap_in_counted(smtp_session *session, uint64_t octets)
{
    smtp_expectation *expectation = &session->expectation;
    const smtp_exchange *announced_by = expectation->counted;
    smtp_input last = {.frame = announced_by->command_frame, .time = announced_by->command_time};
    uint64_t missing = octets < expectation->left ? octets : expectation->left;

    if (expectation->what == SMTP_EXPECT_CHUNK) {
        session->transaction->octets += missing;
        session->transaction->missing += missing;
    }
    smtp_expectation_count(expectation, missing);
    if (expectation->left == 0)
        smtp_session_end_counted(session, &last);
    return octets - missing;
}

/* Commands, answers or messages are missing: those of the open transaction, perhaps, or
 * an AUTH for somebody else. */
static void miss_commands(smtp_session *session)
{
    session->auth.claimed = NULL;
    session->chunks_missing = true;
    smtp_transaction_miss(session->transaction);
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
    session->auth.mechanism = SMTP_MECHANISM_UNSEEN;
}

/* The missing octets were all that was said of a message before the reply to it. */
static void end_missing_message(smtp_session *session, uint64_t octets)
{
    smtp_transaction *transaction = session->transaction;

    transaction->missing = transaction->octets = octets;
    smtp_transaction_end_message(session, transaction);
}

static void gap_in_message(smtp_session *session, uint64_t octets)
{
    smtp_transaction *transaction = session->transaction;

    if (!transaction->start_missing || transaction->octets > 0) {
        transaction->octets += octets;
        transaction->missing += octets;
    }
    smtp_expectation_end(&session->expectation, 0, 0);
    smtp_body_gap(&session->body);
}

/* Has the server said what becomes of the message? */
static bool is_answered(const smtp_transaction *transaction)
{
    return transaction->end && transaction->end->reply_frame;
}

/* The server had all that is missing when it last replied, and the client had that
 * reply when it went on: what the reply says holds.
 * @return false when it says nothing, as it came in the middle of a message */
static bool gap_before_reply(smtp_session *session, uint64_t octets)
{
    smtp_expected what = session->expectation.what;
    smtp_auth_state *auth = &session->auth;

    if (what == SMTP_EXPECT_MESSAGE && is_answered(session->transaction)) {
        gap_in_message(session, octets);
        smtp_transaction_end_message(session, session->transaction);
        smtp_expectation_doubt(&session->expectation, false);
        return true;
    }
    if (what == SMTP_EXPECT_MESSAGE && session->transaction->octets > 0)
        return false;
    miss_commands(session);
    smtp_expectation_doubt(&session->expectation, false);
    if (what == SMTP_EXPECT_MESSAGE && session->reply.last_code == 354) {
        session->transaction->start_missing = false;
        return true;
    }
    if (what == SMTP_EXPECT_ANSWER && session->reply.last_code == 334) {
        if (!asks_for_login(auth) || auth->challenges < 2)
            forget_mechanism(session);
        return true;
    }
    if (what == SMTP_EXPECT_MESSAGE)
        end_missing_message(session, octets);
    smtp_expect_commands(&session->expectation);
    smtp_expectation_doubt(&session->expectation, false);
    session->pending.doubt = session->pending.oldest != NULL;
    return true;
}

void smtp_session_gap_of_client(smtp_session *session, uint64_t missing, uint64_t unread)
{
    smtp_auth_state *auth = &session->auth;

    if (smtp_expectation_is_counted(&session->expectation))
        missing = gap_in_counted(session, missing);
    if (missing == 0)
        return;
    if (missing <= session->unread.of_client && !unread && gap_before_reply(session, missing))
        return;
    smtp_expectation_doubt(&session->expectation, true);
    if (session->expectation.what == SMTP_EXPECT_MESSAGE) {
        gap_in_message(session, missing);
        return;
    }
    miss_commands(session);
    /* What is missing was answered by a challenge: the next line answers that one. */
    if (session->expectation.what == SMTP_EXPECT_ANSWER && auth->challenges > 1) {
        if (!asks_for_login(auth))
            forget_mechanism(session);
        smtp_expectation_doubt(&session->expectation, false);
        return;
    }
    smtp_expect_commands(&session->expectation);
    /* If a reply came that nothing waited for, it was the missing command's. */
    session->pending.doubt = session->pending.oldest || session->pending.unexpected == 0;
}
