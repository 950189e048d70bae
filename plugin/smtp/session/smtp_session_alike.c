/* smtp_session_alike.c
 * One recipient more, or one reply more to a recipient, in the same octets.
 *
 * A mail for many comes as a group of RCPT in few segments, and a group of
 * replies to them (RFC 2920).  Between two that were in hand together nobody has
 * said or heard anything.  So where nothing is odd or in doubt, and nothing else
 * than recipients was asked, all that was found out for the one before holds for
 * the next one: it is not asked again, nor for those behind that.  What differs is
 * done here: the exchange, its address or its reply, and the counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_alike.h"

#include "../smtp_offer.h"
#include "../smtp_reading.h"
#include "smtp_pending.h"
#include "smtp_session_memory.h"
#include "smtp_session_pair.h"
#include "smtp_session_reread.h"
#include "smtp_transaction.h"

/* Was the unit before about a recipient, and is nothing to be said of it? */
static bool is_plain(const smtp_unit *before)
{
    return before->exchange && before->exchange->verb == SMTP_VERB_RCPT && before->transaction && !before->concludes &&
           !before->ends_transaction && !smtp_remarks_any(&before->remarks);
}

/* Is nothing missing, in doubt or waited for that might make a difference between two units? */
static bool is_calm(const smtp_session *session, const smtp_direction *direction, const smtp_input *input)
{
    const smtp_pending *pending = &session->pending;

    return session->client.expectation.what == SMTP_EXPECT_COMMANDS && !session->client.expectation.doubt &&
           pending->oldest && !pending->doubt && !input->unread && !session->upgrade.asked &&
           !session->upgrade.accepted && !direction->tls.open && !direction->opaque && !direction->in_long_line &&
           !direction->next.after_gap && !direction->next.waiting && direction->next.without_tls == 0;
}

/* The unit is read. What its direction knows is what it knew behind the one before. */
static void finish(smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    unit->alike = true;
    direction->had = input->acknowledged;
    direction->read = input->position + unit->length;
}

/* ---- Recipients ---- */

/* Is the client in the midst of a group, behind which nothing was heard? Of the second recipient more is to be said
 * than of the others. */
static bool is_in_group(smtp_session *session, const smtp_input *input, const smtp_unit *before)
{
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);
    const smtp_pending *pending = &session->pending;
    const smtp_judge *judge = &session->judge;
    bool may_go_on =
        judge->told_group || (session->facts.offer && smtp_offer_has(session->facts.offer, SMTP_OFFER_PIPELINING));

    return may_go_on && pending->pipelined && pending->newest == before->exchange && !before->exchange->reply_frame &&
           session->client.transaction == before->transaction && before->transaction->asked >= 2 &&
           pending->of_missing == 0 && pending->codeless.count == 0 && !session->client.lf_ends_line &&
           server->had < input->position && server->seen && !server->next.waiting && !server->next.after_gap &&
           !session->reply.goes_on;
}

/* Is it RCPT with a path and nothing behind that, and as it should be? */
static bool is_plain_recipient(const smtp_reading *reading)
{
    enum {
        LONGEST = 512 /* octets of a command line (RFC 5321, 4.5.3.1.4) */
    };
    const smtp_command *command = &reading->command;

    return command->verb == SMTP_VERB_RCPT && command->of.path.found && command->of.path.parameters.length == 0 &&
           !reading->is_odd && !smtp_remarks_any(&reading->remarks.kinds) && reading->line.length <= LONGEST;
}

static bool read_recipient(smtp_session *session, smtp_direction *client, const smtp_input *input, smtp_unit *unit)
{
    smtp_exchange *exchange;
    smtp_reading reading;
    smtp_line line;

    if (!unit->alike && !is_in_group(session, input, unit))
        return false;
    line = smtp_line_find(input->octets, input->length, 0);
    if (line.eol != SMTP_EOL_CRLF)
        return false;
    smtp_reading_command(&reading, input->octets, &line);
    if (!is_plain_recipient(&reading))
        return false;
    exchange = smtp_session_exchange(session, SMTP_VERB_RCPT, input->frame, input->time);
    smtp_pending_add(&session->pending, exchange);
    smtp_transaction_ask_recipient(unit->transaction);
    exchange->of.name = smtp_session_keep(session, input->octets + reading.command.of.path.address.offset,
                                          reading.command.of.path.address.length);
    session->client.data_octets += line.length;
    session->judge.previous = unit->exchange = exchange;
    unit->length = line.length;
    unit->wait = smtp_span_of_time(smtp_session_direction(session, SMTP_SERVER)->last_time, input->time);
    finish(client, input, unit);
    return true;
}

/* ---- Replies to them ---- */

/* Does the next pending exchange get the reply that the one before got? The last one may be another's. */
static bool is_answered_alike(const smtp_session *session, const smtp_unit *before)
{
    const smtp_exchange *oldest = session->pending.oldest, *answered = before->exchange;

    return oldest->verb == SMTP_VERB_RCPT && oldest != session->pending.newest &&
           oldest->transaction == answered->transaction && !oldest->reply_frame && smtp_code_accepts(answered->code) &&
           !smtp_transaction_is_dropped(answered->transaction);
}

/* Was it a whole reply, and is it known what the server replies to? */
static bool is_whole_reply(const smtp_session *session, const smtp_unit *before)
{
    return !before->continued && !before->continues && !session->reply.goes_on && session->reply.read.length == 0 &&
           session->client.text_lines == 0 && !smtp_session_may_be_deceived(session);
}

/* Does the server say again what it has just said? */
static bool is_said_again(const smtp_input *input, const smtp_unit *before)
{
    return input->length >= before->length &&
           memcmp(input->octets, input->octets - before->length, before->length) == 0;
}

static bool read_reply(smtp_session *session, smtp_direction *server, const smtp_input *input, smtp_unit *unit)
{
    smtp_exchange *exchange = session->pending.oldest;
    bool is_whole = unit->alike || is_whole_reply(session, unit);

    if (!is_whole || !is_answered_alike(session, unit) || !is_said_again(input, unit))
        return false;
    session->reply.first_time = input->time;
    smtp_session_note_reply(session, input, unit->exchange->code, exchange);
    smtp_pending_remove_oldest(&session->pending);
    session->pending.unexpected = session->pending.of_missing = 0;
    session->reply.exchange = unit->exchange = exchange;
    unit->duration = 0;
    smtp_transaction_add_recipient(session, true, unit);
    finish(server, input, unit);
    return true;
}

bool smtp_session_read_alike(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    if (!unit->alike && !(is_plain(unit) && is_calm(session, direction, input)))
        return false;
    switch (unit->role) {
    case SMTP_ROLE_COMMAND:
        return read_recipient(session, direction, input, unit);
    case SMTP_ROLE_REPLY:
        return read_reply(session, direction, input, unit);
    default:
        return false;
    }
}
