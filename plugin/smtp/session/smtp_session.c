/* smtp_session.c
 * One session: what both directions have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session.h"

#include "../syntax/smtp_line.h"
#include "../syntax/smtp_proxy.h"
#include "../syntax/smtp_sniff.h"
#include "smtp_session_client.h"
#include "smtp_session_gap.h"
#include "smtp_session_server.h"
#include "smtp_session_state.h"

smtp_session *smtp_session_new(const smtp_memory *memory, smtp_opening opening)
{
    smtp_session *session = memory->take(memory->owner, sizeof *session);

    session->store.memory = *memory;
    session->store.block = 8;
    session->opening = opening;
    session->chunks_missing = opening.frame == 0;
    smtp_expectation_doubt(&session->expectation, opening.frame == 0);
    return session;
}

/* ---- Octets that are no lines ---- */

/* Takes all that is in hand of an over-long line, but for a CR that may end it.
 * @return false when that CR is all there is */
static bool read_rest(smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_line line = smtp_line_find(input->octets, input->length, 0);

    unit->role = SMTP_ROLE_LINE_REST;
    unit->length = line.length;
    direction->in_long_line = line.eol == SMTP_EOL_NONE;
    if (direction->in_long_line && input->can_wait && input->octets[line.length - 1] == '\r')
        unit->length--;
    return unit->length > 0;
}

/* Takes all that is in hand for TLS's, if it is.
 * @return false when more octets are needed to tell; true with a unit of no octets when it is not */
static bool read_tls(smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    if (!direction->tls && !smtp_sniff_tls(input->octets, input->length))
        return true;
    if (!direction->tls && input->length < 3 && input->can_wait)
        return false;
    direction->tls = true;
    unit->role = SMTP_ROLE_TLS;
    unit->length = input->length;
    return true;
}

/* The exchange that has begun a security layer, or may have, where its success is missing; NULL: none has. */
static smtp_exchange *find_layer(const smtp_session *session, const smtp_direction *direction)
{
    const smtp_auth_state *auth = &session->auth;

    if (auth->may_protect)
        return auth->may_protect;
    if (!auth->last || !smtp_auth_may_protect((smtp_mechanism)auth->last->mechanism))
        return NULL;
    return direction->after_gap || !auth->last->reply_frame ? auth->last : NULL;
}

/* Takes all that is in hand for a security layer's, if it is: each of its
 * buffers begins with a length whose first octet is 0, as no line does
 * (RFC 4422, 3.7). */
static bool read_opaque(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_exchange *layer = direction->opaque || input->octets[0] == 0 ? find_layer(session, direction) : NULL;

    if (!layer)
        return false;
    session->auth.may_protect = layer;
    direction->opaque = true;
    unit->role = SMTP_ROLE_OPAQUE;
    unit->length = input->length;
    unit->exchange = layer;
    return true;
}

/* @return false when a command is cut */
static bool read_telnet(smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    unit->length = smtp_line_telnet(input->octets, input->length, direction->scanned);
    if (unit->length == 0) {
        direction->scanned = input->length;
        if (smtp_input_may_wait(input))
            return false;
        unit->length = input->length;
    }
    unit->role = SMTP_ROLE_TELNET;
    smtp_remarks_add(&unit->remarks, SMTP_REMARK_TELNET);
    return true;
}

/* Takes a proxy's header, if it is one.
 * @return false when more octets are needed to tell; true with a unit of no octets when it is none */
static bool read_proxy(const smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    bool partial = false;

    if (direction->seen)
        return true;
    unit->length = smtp_proxy_header(input->octets, input->length, &partial);
    unit->role = SMTP_ROLE_PROXY;
    return unit->length > 0 || !partial || !smtp_input_may_wait(input);
}

/* ---- Both sides ---- */

/* Octets that are neither lines nor a message's.
 * @return false when more octets are needed to tell; true with a unit of no octets when they are */
static bool read_other(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    if (read_opaque(session, direction, input, unit))
        return true;
    if (!read_tls(direction, input, unit))
        return false;
    if (unit->length > 0 || unit->side == SMTP_SERVER)
        return true;
    if (!read_proxy(direction, input, unit))
        return false;
    if (unit->length == 0 && input->octets[0] == 0xff)
        return read_telnet(direction, input, unit);
    return true;
}

static bool read_side(smtp_session *session, smtp_direction *direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_expected what = session->expectation.what;
    bool may_be_other = session->reply.read.length == 0;

    if (direction->in_long_line)
        return read_rest(direction, input, unit);
    if (unit->side == SMTP_CLIENT)
        may_be_other = what == SMTP_EXPECT_COMMANDS || what == SMTP_EXPECT_ANSWER;
    if (may_be_other) {
        if (!read_other(session, direction, input, unit))
            return false;
        if (unit->length > 0)
            return true;
    }
    if (unit->side == SMTP_CLIENT)
        return smtp_session_read_client(session, input, unit);
    return smtp_session_read_server(session, input, unit);
}

/* The unit is read: the next one begins. */
static void finish_unit(const smtp_session *session, smtp_direction *direction, smtp_unit *unit)
{
    smtp_remarks_join(&unit->remarks, &direction->remarks);
    if (direction->after_gap)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_GAP);
    if (unit->role == SMTP_ROLE_TLS && !session->tls_expected)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_EARLY_TLS);
    *direction = (smtp_direction){.in_long_line = direction->in_long_line,
                                  .tls = direction->tls,
                                  .opaque = direction->opaque,
                                  .seen = direction->seen || unit->role != SMTP_ROLE_PROXY};
}

bool smtp_session_read(smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_direction *mine = &session->directions[direction];

    *unit = (smtp_unit){.side = session->swapped ? !direction : direction};
    if (input->length == 0)
        return false;
    if (!mine->waiting)
        mine->first_time = input->time;
    mine->waiting = true;
    smtp_session_note_unread(session, unit->side, input);
    if (!read_side(session, mine, input, unit))
        return false;
    finish_unit(session, mine, unit);
    return true;
}

/* ---- What was not seen ---- */

void smtp_session_gap(smtp_session *session, smtp_side direction, uint64_t missing, uint64_t unread)
{
    smtp_direction *mine = &session->directions[direction];

    *mine = (smtp_direction){.after_gap = true, .tls = mine->tls, .opaque = mine->opaque, .seen = true};
    if (mine == smtp_session_direction(session, SMTP_CLIENT))
        smtp_session_gap_of_client(session, missing, unread);
    else
        smtp_session_gap_of_server(session, missing);
}

void smtp_session_inside_tls(smtp_session *session)
{
    smtp_session fresh = {.store = session->store,
                          .swapped = session->swapped,
                          .facts.server = session->facts.server,
                          .transactions = session->transactions,
                          .greeted = true};

    *session = fresh;
}

const smtp_facts *smtp_session_facts(const smtp_session *session)
{
    return &session->facts;
}
