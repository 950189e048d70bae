/* smtp_session_gap_server.c
 * What follows from octets of the server that are missing: replies, or parts of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_gap.h"

#include "../syntax/smtp_reply.h"
#include "smtp_session_effect.h"
#include "smtp_transaction.h"

void smtp_session_goes_on_behind_part(smtp_session *session, const smtp_input *input)
{
    smtp_reply_state *reply = &session->reply;
    smtp_unit unit = {.role = SMTP_ROLE_REPLY, .side = SMTP_SERVER, .exchange = reply->exchange};

    if (!reply->exchange || smtp_code_refuses(reply->exchange->code) || smtp_exchange_ends_message(reply->exchange) ||
        input->acknowledged <= smtp_session_direction(session, SMTP_SERVER)->read)
        return;
    reply->last_code = reply->exchange->code;
    unit.transaction = reply->exchange->transaction;
    reply->applied = true;
    smtp_session_apply_code(session, reply->last_code, &unit);
}

void smtp_session_half_reply(smtp_session *session, smtp_bounds ended)
{
    smtp_pending *pending = &session->pending;

    session->reply.lost = true;
    if (smtp_pending_is_one(pending)) {
        session->reply.half = true;
        if (ended.least > 0)
            smtp_transaction_miss_final(session, pending->oldest);
    } else
        session->reply.lost_of = smtp_pending_miss_replies(pending, pending->newest, ended, false);
}

/* May the server have said more than one reply at once, though the client waits? It has for lines of a message that it
 * takes for commands, and of LMTP for each recipient (RFC 2033, 4.2). */
static bool has_several_replies(const smtp_session *session)
{
    const smtp_exchange *answered = session->reply.exchange;

    return session->client.text_lines > 0 || !answered ||
           (answered->transaction && answered->transaction->per_recipient && answered->transaction->end);
}

/* Replies are missing, or parts of them.
 * @param heard    the client had them when it went on
 * @param waited   and that may have been all for which it waited
 * @param is_part  they may be of one reply, which is not over */
static void miss_replies(smtp_session *session, smtp_bounds missing, bool heard, bool waited, bool is_part)
{
    smtp_pending *pending = &session->pending;
    const smtp_exchange *last = heard ? session->unread.answered : pending->newest;

    if (last)
        smtp_transaction_miss(last->transaction);
    /* What comes is more of the one reply that is due. */
    if (is_part && !heard && last && last == pending->oldest && !pending->doubt)
        return;
    session->reply.lost_of = smtp_pending_miss_replies(pending, last, missing, heard && waited);
}

/* Had the client all of what is missing before it began the message? */
static bool is_before_message(smtp_session *session)
{
    return session->client.expectation.what == SMTP_EXPECT_MESSAGE &&
           session->client.transaction->octets > smtp_rare_of(session->client.transaction)->missing &&
           smtp_session_direction(session, SMTP_SERVER)->read <= session->client.body_heard;
}

/* The code of the reply that had begun before what is missing, and was not read yet; 0: none had. */
static uint16_t broken_code(const smtp_session *session, const smtp_direction *server)
{
    const uint8_t *octets = server->start.octets;
    bool has_code = server->next.behind_start && !session->reply.goes_on && (octets[3] == ' ' || octets[3] == '-');

    return has_code ? smtp_reply_line_parse(octets, 4).code : 0;
}

/* Is too little missing for the end of the line that the server had begun, or for the start of one?
 * @param lost  octets that were never seen */
static bool is_in_reply_line(const smtp_direction *server, uint64_t lost)
{
    enum {
        LINE_END = 2
    };

    if (server->next.behind_start)
        return (lost < LINE_END && !server->start.ends_cr) || server->start.length + lost < SMTP_SHORTEST_REPLY;
    return lost < SMTP_SHORTEST_REPLY && !server->next.behind_line;
}

/* Is one reply due, and no other? */
static bool is_one_due(const smtp_session *session)
{
    const smtp_pending *pending = &session->pending;

    return smtp_pending_is_one(pending) && smtp_pending_due(pending->oldest) == 1 && session->client.text_lines == 0;
}

/* Is the client in the middle of a line, and has said nothing but that when it had what is missing? */
static bool is_in_next_line(smtp_session *session)
{
    return smtp_session_direction(session, SMTP_CLIENT)->next.waiting &&
           session->unread.answered == session->pending.newest;
}

void smtp_session_end_broken(smtp_session *session, uint16_t code)
{
    uint16_t broken = smtp_session_direction(session, SMTP_SERVER)->next.broken;

    if (broken && broken != code && smtp_pending_is_one(&session->pending))
        smtp_pending_drop_all(&session->pending);
}

/* Have the missing octets room for a reply to each of the commands up to one that was pending when the client had them?
 * If not, it has not waited for all. Of one, the reply may be as short as replies are.
 * @param is_begun  one had begun before them */
static bool have_room(const smtp_session *session, const smtp_exchange *last, uint64_t octets, bool is_begun)
{
    const smtp_exchange *exchange = session->pending.oldest;
    uint64_t room = octets / SMTP_USUAL_REPLY + is_begun, count = 1;

    if (session->pending.doubt)
        return true;
    while (exchange && exchange != last) {
        exchange = exchange->next;
        count++;
    }
    return !exchange || count == 1 || count <= room;
}

/* How many replies are missing. None need be among the octets: they may be of one that goes on.
 * @param is_begun  one had begun before them */
static smtp_bounds replies_in(uint64_t octets, bool is_begun)
{
    return (smtp_bounds){0, (int64_t)(octets / SMTP_SHORTEST_REPLY) + is_begun};
}

/* The client went on when it had the replies to some commands, whatever it said behind these.
 * @return how many of the missing octets are these replies */
static uint64_t miss_waited(smtp_session *session, const smtp_unread *had, bool is_begun)
{
    if (!had->waited || !have_room(session, had->waited, had->of_waited, is_begun))
        return 0;
    session->reply.lost_of = smtp_pending_miss_replies_to(&session->pending, had->waited);
    return session->reply.lost_of ? had->of_waited : 0;
}

/* Replies are missing; the client has waited for some of them, perhaps.
 * @param had      of them, when it went on; it may be more than all
 * @param missing  octets, with those of a line that had begun
 * @param is_part  they may be of one reply, which is not over */
static void miss_lines(smtp_session *session, const smtp_unread *had, uint64_t missing, bool is_begun, bool is_part)
{
    bool heard = missing <= had->of_server;
    uint64_t lost = smtp_direction_never_seen(smtp_session_direction(session, SMTP_SERVER), missing);
    uint64_t waited = miss_waited(session, had, is_begun), heard_of = had->of_server - waited;

    if (waited > 0) {
        /* May the rest answer more than it has waited for? */
        if (!session->pending.oldest || (heard && had->answered == had->waited))
            return;
        is_begun = false;
        lost = missing > waited ? missing - waited : 0;
    }
    /* The client had some of it, and the reply that had begun, when it said what is pending. */
    if (!heard && heard_of > 0) {
        miss_replies(session, replies_in(heard_of, is_begun), true,
                     have_room(session, had->answered, heard_of, is_begun), false);
        is_begun = false;
    }
    miss_replies(session, replies_in(lost, is_begun), heard, have_room(session, had->answered, lost, is_begun),
                 is_part);
}

void smtp_session_gap_of_server(smtp_session *session, uint64_t missing, uint64_t unread)
{
    const smtp_unread had = session->unread;
    bool heard = missing <= had.of_server;
    smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);
    smtp_next *next = &server->next;
    bool is_begun = next->behind_start;
    uint64_t lost = smtp_direction_never_seen(server, missing);
    bool is_part = lost < SMTP_SHORTEST_REPLY;

    next->broken = had.of_server > 0 ? 0 : broken_code(session, server);
    next->in_reply = (!heard || is_in_next_line(session)) && !unread && !session->reply.goes_on && !next->behind_line &&
                     is_one_due(session);
    session->reply.read = session->reply.begun = (smtp_reply){.length = 0};
    session->reply.goes_on = false;
    session->unread.of_server = 0;
    session->unread.waited = NULL;
    next->in_line = is_in_reply_line(server, lost);
    next->cut = next->in_line && !is_begun ? (uint8_t)lost : 0;
    session->client.text_doubt = session->client.text_lines > 0;
    next->after_line = heard && smtp_session_misses_line(session, server) && !has_several_replies(session);
    session->greeted = session->greeted || is_begun || !next->in_line;
    /* The client went on behind a reply of which the end was seen. */
    if (heard && session->reply.half)
        session->reply.lost_of =
            smtp_pending_miss_replies(&session->pending, session->unread.answered, (smtp_bounds){0, 1}, true);
    session->reply.half = session->reply.half && !heard;
    if (next->in_line || next->after_line)
        return;
    session->upgrade.asked = NULL;
    miss_lines(session, &had, missing, is_begun, is_begun ? !unread && !session->pending.pipelined : is_part);
    session->reply.lost = !session->reply.lost_of && !is_before_message(session);
}
