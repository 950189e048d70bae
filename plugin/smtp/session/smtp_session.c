/* smtp_session.c
 * One session: what both directions have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session.h"

#include "../syntax/smtp_apart.h"
#include "../syntax/smtp_line.h"
#include "../syntax/smtp_proxy.h"
#include "smtp_pending.h"
#include "smtp_session_alike.h"
#include "smtp_session_client.h"
#include "smtp_session_gap.h"
#include "smtp_session_judge.h"
#include "smtp_session_memory.h"
#include "smtp_session_pair.h"
#include "smtp_session_reread.h"
#include "smtp_session_server.h"
#include "smtp_session_state.h"
#include "smtp_session_tls.h"

smtp_session *smtp_session_new(const smtp_memory *memory, smtp_opening opening)
{
    smtp_session *session = smtp_session_take(memory);

    session->store.memory = *memory;
    session->store.block = 8;
    session->transactions = memory->take(memory->owner, sizeof *session->transactions);
    session->opening = opening;
    session->client.commands_missing = !opening.seen;
    session->judge.unsure = !opening.seen;
    smtp_expectation_doubt(&session->client.expectation, !opening.seen);
    return session;
}

smtp_session *smtp_session_new_in_tls(const smtp_memory *memory, smtp_opening opening)
{
    smtp_session *session = smtp_session_new(memory, opening);

    session->judge.inside = true;
    return session;
}

void smtp_session_unheard(smtp_session *session)
{
    session->judge.unheard = true;
}

/* ---- Octets that are no lines ---- */

/* Are enough octets of the first record in hand?  A header is none before it is sure.  A record that
 * is remarkable has to be there as a whole, as any unit with a remark: it is shown where its last octet is. */
static bool begins_whole(smtp_session *session, const smtp_direction *direction, const smtp_input *input,
                         smtp_unit *unit)
{
    uint32_t record = smtp_tls_length(input->octets, input->length);

    if (smtp_session_tls_is_early(session, unit->side, input))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_EARLY_TLS);
    if (!smtp_input_may_wait(input))
        return true;
    if (smtp_remarks_any(&unit->remarks) || direction->next.after_gap)
        return record > 0 && (record <= input->length || record > SMTP_LONGEST_WAIT);
    return input->length >= SMTP_TLS_SURE;
}

/* What is missing of a direction tells something of the exchanges. */
static void miss(smtp_session *session, const smtp_direction *direction, uint64_t missing, uint64_t unread)
{
    if (direction == smtp_session_direction(session, SMTP_CLIENT))
        smtp_session_gap_of_client(session, missing, unread);
    else
        smtp_session_gap_of_server(session, missing, unread);
}

/* TLS has ended, perhaps among octets that are missing: then some of these were in clear. */
static void end_lost_tls(smtp_session *session, smtp_direction *direction, const smtp_input *input)
{
    direction->next.after_gap = direction->gap_in_tls;
    if (direction->behind_tls == 0)
        return;
    session->judge.unsure = true;
    miss(session, direction, direction->behind_tls, input->unread);
}

static SMTP_APART bool take_tls(smtp_session *session, smtp_direction *direction, const smtp_input *input,
                                smtp_unit *unit)
{
    bool is_open = direction->tls.open, is_begun = is_open && direction->upgraded;
    bool may_begin = !is_begun && smtp_tls_begins(input->octets, input->length);

    if (may_begin && !begins_whole(session, direction, input, unit))
        return false;
    unit->length = smtp_tls_take(&direction->tls, input->octets, input->length);
    if (unit->length == 0) {
        end_lost_tls(session, direction, input);
        return true;
    }
    unit->role = SMTP_ROLE_TLS;
    unit->continued = is_begun;
    if (!is_begun)
        smtp_session_tls_begin(session, unit->side);
    return true;
}

/* Takes what is TLS's of the octets in hand: all, but for clear text behind it.
 * @return false when more octets are needed to tell; true with a unit of no octets when none is */
static bool read_tls(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    if (!direction->tls.open && !smtp_tls_begins(input->octets, input->length))
        return true;
    return take_tls(session, direction, input, unit);
}

/* The exchange that has begun a security layer, or may have, where its success is missing; NULL: none has. */
static smtp_exchange *find_layer(const smtp_session *session, const smtp_direction *direction)
{
    const smtp_auth_state *auth = &session->client.auth;

    if (auth->may_protect)
        return auth->may_protect;
    if (!auth->last || !smtp_auth_may_protect((smtp_mechanism)smtp_exchange_mechanism(auth->last)))
        return NULL;
    return direction->next.after_gap || !auth->last->reply_frame ? auth->last : NULL;
}

/* Takes all that is in hand for a security layer's, if it is: each of its
 * buffers begins with a length whose first octet is 0, as no line does
 * (RFC 4422, 3.7). */
static bool read_opaque(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_exchange *layer = direction->opaque || input->octets[0] == 0 ? find_layer(session, direction) : NULL;

    if (!layer)
        return false;
    session->client.auth.may_protect = layer;
    direction->opaque = true;
    unit->role = SMTP_ROLE_OPAQUE;
    unit->length = input->length;
    unit->exchange = layer;
    return true;
}

/* @return false when a command is cut */
static bool read_telnet(smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    unit->length = smtp_line_telnet(input->octets, input->length, direction->next.scanned);
    if (unit->length == 0) {
        direction->next.scanned = input->length;
        if (smtp_input_may_wait(input))
            return false;
        unit->length = input->length;
    }
    unit->role = SMTP_ROLE_TELNET;
    smtp_remarks_add(&unit->remarks, SMTP_REMARK_TELNET);
    return true;
}

/* Has neither end said anything yet? */
static bool is_start(smtp_session *session, const smtp_input *input)
{
    return session->opening.seen && !smtp_session_direction(session, SMTP_SERVER)->seen && !input->unread;
}

/* Takes a proxy's header, if it is one. Elsewhere than at the start of a connection two empty lines may begin as it
 * does: there its first octets are not waited for.
 * @return false when more octets are needed to tell; true with a unit of no octets when it is none */
static bool read_proxy(smtp_session *session, const smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    enum {
        EMPTY_LINES = 4 /* octets */
    };
    bool partial = false;

    if (direction->seen)
        return true;
    unit->length = smtp_proxy_header(input->octets, input->length, &partial);
    unit->role = SMTP_ROLE_PROXY;
    return unit->length > 0 || !partial || !smtp_input_may_wait(input) ||
           (input->octets[0] == '\r' && input->length <= EMPTY_LINES && !is_start(session, input));
}

/* ---- Both sides ---- */

/* Octets that are neither lines nor a message's.
 * @return false when more octets are needed to tell; true with a unit of no octets when they are */
static bool read_other(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    if (read_opaque(session, direction, input, unit))
        return true;
    if (!read_tls(session, direction, input, unit))
        return false;
    if (unit->length > 0 || unit->side == SMTP_SERVER)
        return true;
    if (!read_proxy(session, direction, input, unit))
        return false;
    if (unit->length == 0 && input->octets[0] == 0xff)
        return read_telnet(direction, input, unit);
    return true;
}

static bool read_side(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    bool may_be_other = session->reply.read.length == 0;

    if (direction->tls.open || smtp_session_tls_is_near(session, direction, unit->side)) {
        if (!read_tls(session, direction, input, unit))
            return false;
        if (unit->length > 0 || smtp_session_tls_read_injected(session, input, unit))
            return true;
    }
    if (direction->in_long_line)
        return smtp_session_read_rest(direction, input, unit);
    if (unit->side == SMTP_CLIENT)
        may_be_other = smtp_expectation_is_line(&session->client.expectation);
    if (may_be_other) {
        if (!read_other(session, direction, input, unit))
            return false;
        if (unit->length > 0)
            return true;
    }
    if (unit->side == SMTP_CLIENT)
        return smtp_session_read_client(session, input, unit);
    if (smtp_session_may_be_deceived(session))
        return smtp_session_read_deceived(session, input, unit);
    return smtp_session_read_server(session, input, unit);
}

/* Is what has this role around the session, and not said in it? */
static bool is_around(smtp_role role)
{
    return role == SMTP_ROLE_PROXY || role == SMTP_ROLE_TLS;
}

/* Does the client say more without having had a reply to what it said last? Something is pending. */
static bool is_pipelining(const smtp_session *session, const smtp_input *input)
{
    const smtp_pending *pending = &session->pending;
    bool heard_nothing = input->acknowledged && input->acknowledged == pending->heard;

    return session->client.expectation.what == SMTP_EXPECT_COMMANDS && !pending->oldest->reply_frame &&
           pending->codeless.count == 0 && (heard_nothing || (!pending->doubt && !input->unread));
}

/* Does the client say a line before it has all of the replies that were read? */
static bool is_ahead(const smtp_session *session, const smtp_direction *server, const smtp_input *input)
{
    return input->acknowledged && input->acknowledged < server->read &&
           session->client.expectation.what == SMTP_EXPECT_COMMANDS;
}

/* Had the client only a part of a reply: of what is in hand, and no more? */
static bool has_half_reply(const smtp_direction *server, const smtp_input *input)
{
    return server->next.waiting && input->acknowledged > server->read &&
           input->acknowledged <= server->read + server->start.length;
}

/* The client says more in the middle of a reply, for which it has not waited, then. It had not waited for one of which
 * the start is missing either, so what that answers is open. */
static SMTP_APART void speak_in_reply(smtp_session *session, const smtp_direction *server)
{
    session->pending.pipelined = true;
    if (server->next.after_gap)
        smtp_pending_lose_count(&session->pending);
}

/* What the client knew when it began to say something. */
static void begin_client_unit(smtp_session *session, smtp_direction *client, const smtp_input *input)
{
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);
    bool knows_all = (input->acknowledged == 0 || input->acknowledged == server->read) && !server->next.waiting;

    if (is_ahead(session, server, input) || (session->pending.oldest && is_pipelining(session, input)))
        session->pending.pipelined = true;
    if (session->pending.oldest && has_half_reply(server, input))
        speak_in_reply(session, server);
    if (session->reply.goes_on && !session->reply.applied)
        smtp_session_goes_on_behind_part(session, input);
    if (knows_all)
        smtp_pending_leave(&session->pending);
    client->next.codeless = knows_all ? session->pending.codeless.count : 0;
    client->next.wait = server->seen && !server->next.after_gap && !input->unread
                            ? smtp_span_of_time(server->last_time, input->time)
                            : SMTP_DURATION_UNKNOWN;
}

/* The first octet of a unit is in hand. */
static void begin_unit(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_side side)
{
    direction->had = input->acknowledged;
    if (side == SMTP_CLIENT)
        begin_client_unit(session, direction, input);
    else if (!session->reply.goes_on)
        smtp_session_begin_reply(session, input);
    direction->next.waiting = true;
}

/* How long the unit took, or the client to begin it. */
static void note_times(const smtp_session *session, const smtp_direction *direction, const smtp_input *input,
                       smtp_unit *unit)
{
    bool is_command = unit->role == SMTP_ROLE_COMMAND || unit->role == SMTP_ROLE_AUTH_ANSWER;
    bool is_reply = unit->role == SMTP_ROLE_REPLY && !unit->continues && !direction->next.after_gap;

    unit->wait = is_command ? direction->next.wait : SMTP_DURATION_UNKNOWN;
    unit->duration = is_reply ? smtp_span_of_time(session->reply.first_time, input->time) : SMTP_DURATION_UNKNOWN;
}

/* Who is the time until these octets to be put down to? */
static int64_t *spender(smtp_session *session, smtp_side side)
{
    smtp_spent *spent = &session->spent;
    bool in_message = session->client.expectation.what == SMTP_EXPECT_MESSAGE ||
                      session->client.expectation.what == SMTP_EXPECT_CHUNK;

    if (side == SMTP_SERVER)
        return session->pending.oldest || !session->greeted || in_message ? &spent->server : &spent->client;
    return in_message && session->client.transaction && session->client.transaction->octets > 0 ? &spent->transfer
                                                                                                : &spent->client;
}

/* Where there is TLS, its octets tell nothing of who waits for whom. */
static void spend_time(smtp_session *session, const smtp_direction *direction, smtp_side side, const smtp_input *input)
{
    if (session->clock > 0 && input->time > session->clock && !direction->tls.open)
        *spender(session, side) += input->time - session->clock;
    session->clock = input->time;
}

/* The rest of the unit is waited for, and may never come. */
static SMTP_APART void remember_start(smtp_start *start, const smtp_input *input)
{
    uint32_t length = input->length < sizeof start->octets ? input->length : (uint32_t)sizeof start->octets;

    *start = (smtp_start){.length = input->length, .ends_cr = input->octets[input->length - 1] == '\r'};
    memcpy(start->octets, input->octets, length);
}

/* The unit is read: the next one begins. */
static void finish_unit(smtp_direction *direction, smtp_unit *unit)
{
    uint32_t without_tls = direction->next.without_tls;

    smtp_remarks_join(&unit->remarks, &direction->next.remarks);
    if (direction->next.after_gap)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_GAP);
    direction->gap_in_tls = direction->gap_in_tls && unit->role == SMTP_ROLE_TLS;
    direction->behind_tls = 0;
    direction->next = (smtp_next){.after_gap = direction->gap_in_tls && !direction->tls.open};
    /* Octets behind the unit are not looked at again. */
    if (without_tls > unit->length)
        direction->next.without_tls = without_tls - unit->length;
    direction->seen = direction->seen || !is_around(unit->role);
}

/* TLS stands where the rest of the line should be: the line is not judged as one. */
static void judge_fragment(smtp_unit *unit)
{
    bool is_attack = smtp_remarks_has(&unit->remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS);

    if (!smtp_remarks_has(&unit->remarks, SMTP_REMARK_UNFINISHED_LINE) &&
        !smtp_remarks_has(&unit->remarks, SMTP_REMARK_UNFINISHED_REPLY))
        return;
    unit->remarks = (smtp_remarks){{0}};
    if (is_attack)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS);
}

/* A line that is read in parts is too long, however many these are: that is told once, on the part that makes it so. */
static SMTP_APART void judge_length(smtp_direction *direction, smtp_unit *unit)
{
    uint32_t before = direction->in_parts;

    if (before == 0)
        direction->auth = unit->exchange && smtp_exchange_is_auth(unit->exchange) ? unit->exchange : NULL;
    direction->in_parts = unit->length < UINT32_MAX - before ? before + unit->length : UINT32_MAX;
    if (before < SMTP_LONGEST_WAIT && direction->in_parts >= SMTP_LONGEST_WAIT)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_LONG_LINE);
    if (!direction->in_long_line)
        direction->in_parts = 0;
}

bool smtp_session_read(smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_direction *mine = &session->directions[direction];
    smtp_input all;
    uint32_t limit;
    bool is_cut;

    if (input->goes_on && smtp_session_read_alike(session, mine, input, unit))
        return true;
    *unit = (smtp_unit){.side = session->swapped ? !direction : direction};
    if (input->length == 0)
        return false;
    if (!mine->next.waiting)
        begin_unit(session, mine, input, unit->side);
    mine->last_time = input->time;
    spend_time(session, mine, unit->side, input);
    smtp_session_note_unread(session, unit->side, input);
    if (unit->side == SMTP_CLIENT)
        smtp_session_goes_on(session, input);
    limit = smtp_session_tls_limit(session, mine, unit->side, input);
    is_cut = limit < input->length;
    if (is_cut || mine->next.waits >= SMTP_MOST_WAITS) {
        all = *input;
        all.length = limit;
        all.can_wait = false;
        input = &all;
    }
    if (!read_side(session, mine, input, unit)) {
        remember_start(&mine->start, input);
        mine->next.waits++;
        return false;
    }
    if (is_cut)
        judge_fragment(unit);
    if (mine->in_long_line || mine->in_parts > 0)
        judge_length(mine, unit);
    note_times(session, mine, input, unit);
    smtp_session_judge_unit(session, mine->next.after_gap, unit);
    finish_unit(mine, unit);
    mine->read = input->position + unit->length;
    return true;
}

/* ---- What was not seen ---- */

void smtp_session_gap(smtp_session *session, smtp_side direction, uint64_t missing, uint64_t unread)
{
    smtp_direction *mine = &session->directions[direction];

    if (mine->tls.open) {
        smtp_tls_gap(&mine->tls, missing);
        mine->gap_in_tls = true;
        mine->behind_tls += mine->tls.lost ? missing : 0;
        return;
    }
    session->judge.unsure = true;
    smtp_session_stop_rereading(session);
    if (!mine->next.waiting)
        mine->start = (smtp_start){.length = 0};
    mine->next = (smtp_next){
        .after_gap = true,
        .behind_start = mine->next.waiting,
        .behind_line = mine->in_long_line,
    };
    mine->read += missing;
    mine->last_time = 0;
    mine->in_long_line = mine->gap_in_tls = mine->injected = false;
    mine->in_parts = 0;
    mine->seen = true;
    /* The other side has begun TLS; this one, too, among what is missing. */
    if (session->directions[!direction].tls.open) {
        mine->tls = (smtp_tls){.open = true, .lost = true};
        mine->gap_in_tls = true;
    }
    miss(session, mine, missing, unread);
}

smtp_session *smtp_session_inside_tls(const smtp_session *outside)
{
    bool is_said = outside->directions[0].seen || outside->directions[1].seen;
    smtp_session *inside = smtp_session_new(&outside->store.memory, outside->opening);

    inside->transactions = outside->transactions;
    smtp_session_judge_inside(inside, outside, is_said);
    inside->clock = outside->clock;
    if (!is_said)
        return inside;
    inside->opening = (smtp_opening){.seen = false};
    inside->swapped = outside->swapped;
    inside->facts.server = outside->facts.server;
    inside->greeted = true;
    inside->client.commands_missing = false;
    smtp_expectation_doubt(&inside->client.expectation, false);
    return inside;
}

const smtp_facts *smtp_session_facts(const smtp_session *session)
{
    return &session->facts;
}

const smtp_spent *smtp_session_spent(const smtp_session *session)
{
    return &session->spent;
}
