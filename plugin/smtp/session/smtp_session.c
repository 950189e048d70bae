/* smtp_session.c
 * One session: its memory, its two directions, and what was not seen of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "../syntax/smtp_line.h"
#include "../syntax/smtp_proxy.h"
#include "smtp_session_state.h"

/* ---- Memory ---- */

smtp_session *smtp_session_new(const smtp_memory *memory, smtp_opening opening)
{
    smtp_session *session = memory->take(memory->owner, sizeof *session);

    session->memory = *memory;
    session->opening = opening;
    session->doubt = session->missed = opening.frame == 0;
    session->block = 8;
    return session;
}

static smtp_exchange *take_exchange(smtp_session *session)
{
    if (session->spares == 0) {
        session->spare = session->memory.take(session->memory.owner, session->block * sizeof *session->spare);
        session->spares = session->block;
        session->block = 32;
    }
    session->spares--;
    return session->spare++;
}

smtp_exchange *smtp_session_exchange(smtp_session *session, smtp_verb verb, uint32_t frame, int64_t time)
{
    smtp_exchange *exchange = take_exchange(session);

    exchange->verb = (uint8_t)verb;
    exchange->command_frame = frame;
    exchange->time = time;
    exchange->transaction = session->transaction;
    return exchange;
}

smtp_exchange *smtp_session_enqueue(smtp_session *session, smtp_verb verb, const smtp_input *input)
{
    smtp_exchange *exchange = smtp_session_exchange(session, verb, input->frame, input->time);

    if (session->newest)
        session->newest->next = exchange;
    else
        session->oldest = exchange;
    session->newest = exchange;
    return exchange;
}

/* Names stand one behind the other in blocks, the first of which has room for those of a
 * usual session; a long one has its own. */
const smtp_name *smtp_session_keep(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    enum {
        FIRST_BLOCK = 160,
        BLOCK = 512,
        ALIGNMENT = sizeof(uint32_t)
    };
    uint32_t need = (uint32_t)(sizeof(smtp_name) + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    smtp_name *name;

    if (!session->text || need > session->text_left) {
        uint32_t room = session->text ? BLOCK : FIRST_BLOCK;
        session->text_left = need > room ? need : room;
        session->text = session->memory.take(session->memory.owner, session->text_left);
    }
    name = (void *)session->text;
    session->text += need;
    session->text_left -= need;
    name->length = length;
    memcpy(name->octets, octets, length);
    return name;
}

/* What was told of a transaction stays as it is. */
void smtp_session_miss(smtp_transaction *transaction)
{
    if (transaction && transaction->status == SMTP_STATUS_INCOMPLETE)
        transaction->missed = true;
}

/* ---- Directions ---- */

smtp_side_state *smtp_session_side(smtp_session *session, smtp_side side)
{
    return &session->sides[session->swapped ? !side : side];
}

bool smtp_session_may_wait(const smtp_input *input)
{
    return input->can_wait && input->length < SMTP_LONGEST_WAIT;
}

bool smtp_session_is_tls(const uint8_t *octets, uint32_t length)
{
    /* Content types 20 to 23, then the record's legacy version 3.0 to 3.4. */
    return octets[0] >= 20 && octets[0] <= 23 && (length < 2 || octets[1] == 3) && (length < 3 || octets[2] <= 4);
}

/* Takes all that is in hand of an over-long line, but for a CR that may end it. */
static bool read_rest(smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    smtp_line line = smtp_line_find(input->octets, input->length, 0);

    unit->role = SMTP_ROLE_LINE_REST;
    unit->length = line.length;
    side->in_long_line = line.eol == SMTP_EOL_NONE;
    if (side->in_long_line && input->can_wait && input->octets[line.length - 1] == '\r')
        unit->length--;
    return unit->length > 0;
}

/* Takes all that is in hand for TLS's, if it is.
 * @return false when more octets are needed to tell; true with a unit of no octets when it is not */
static bool read_tls(smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    if (!side->tls && !smtp_session_is_tls(input->octets, input->length))
        return true;
    if (!side->tls && input->length < 3 && input->can_wait)
        return false;
    side->tls = true;
    unit->role = SMTP_ROLE_TLS;
    unit->length = input->length;
    return true;
}

/* Takes all that is in hand for a security layer's, if it is: each of its
 * buffers begins with a length whose first octet is 0, as no line does
 * (RFC 4422, 3.7). */
static bool read_opaque(smtp_session *session, smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    if (!session->may_protect || (!side->opaque && input->octets[0] != 0))
        return false;
    side->opaque = true;
    unit->role = SMTP_ROLE_OPAQUE;
    unit->length = input->length;
    unit->exchange = session->may_protect;
    return true;
}

/* @return false when a command is cut */
static bool read_telnet(smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    unit->length = smtp_line_telnet(input->octets, input->length, side->scanned);
    if (unit->length == 0) {
        side->scanned = input->length;
        if (smtp_session_may_wait(input))
            return false;
        unit->length = input->length;
    }
    unit->role = SMTP_ROLE_TELNET;
    unit->notes |= SMTP_REMARK_TELNET;
    return true;
}

static bool read_client(smtp_session *session, smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    bool partial = false;

    if (!side->seen)
        unit->length = smtp_proxy_header(input->octets, input->length, &partial);
    unit->role = SMTP_ROLE_PROXY;
    if (unit->length > 0)
        return true;
    if (partial && smtp_session_may_wait(input))
        return false;
    if (input->octets[0] == 0xff)
        return read_telnet(side, input, unit);
    return smtp_session_read_client(session, input, unit);
}

static bool read_side(smtp_session *session, smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    if (side->in_long_line)
        return read_rest(side, input, unit);
    if (unit->side == SMTP_CLIENT && session->mode == SMTP_MODE_DATA)
        return smtp_session_read_data(session, input, unit);
    if (unit->side == SMTP_CLIENT && (session->mode == SMTP_MODE_BDAT || session->mode == SMTP_MODE_BLOB))
        return smtp_session_read_counted(session, input, unit);
    if (unit->side == SMTP_CLIENT || session->reply.length == 0) {
        if (read_opaque(session, side, input, unit))
            return true;
        if (!read_tls(side, input, unit))
            return false;
        if (unit->length > 0)
            return true;
    }
    return unit->side == SMTP_CLIENT ? read_client(session, side, input, unit)
                                     : smtp_session_read_server(session, input, unit);
}

/* Replies that the client had seen answer nothing that it says from here on; and a
 * reply follows from all that the server had seen. */
static void note_acknowledged(smtp_session *session, const smtp_input *input, bool by_client)
{
    if (!by_client) {
        session->acknowledged = 0;
        session->replied = input->ahead;
    } else if (input->ahead > session->acknowledged) {
        session->acknowledged = input->ahead;
        session->answered = session->newest;
    }
}

/* Replies are missing: what they answered waits for nothing any more. */
static void drop_answered(smtp_session *session, uint64_t octets)
{
    const smtp_exchange *last = octets <= session->acknowledged ? session->answered : session->newest;
    bool more = last != NULL;

    while (more) {
        smtp_session_miss(session->oldest->transaction);
        more = session->oldest != last;
        session->oldest = session->oldest->next;
    }
    if (!session->oldest)
        session->newest = NULL;
    session->acknowledged = 0;
}

bool smtp_session_read(smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit)
{
    smtp_side_state *side = &session->sides[direction];

    *unit = (smtp_unit){.side = session->swapped ? !direction : direction};
    if (input->length == 0)
        return false;
    if (!side->waiting)
        side->first_time = input->time;
    side->waiting = true;
    note_acknowledged(session, input, unit->side == SMTP_CLIENT);
    if (!read_side(session, side, input, unit))
        return false;
    unit->notes |= side->notes;
    if (side->after_gap)
        unit->notes |= SMTP_REMARK_GAP;
    if (unit->role == SMTP_ROLE_TLS && !session->tls_expected)
        unit->notes |= SMTP_REMARK_EARLY_TLS;
    unit->remarks.bits[0] = unit->notes;
    *side = (smtp_side_state){.in_long_line = side->in_long_line,
                              .tls = side->tls,
                              .opaque = side->opaque,
                              .seen = side->seen || unit->role != SMTP_ROLE_PROXY};
    return true;
}

/* ---- What was not seen ---- */

void smtp_session_gap(smtp_session *session, smtp_side direction, uint64_t octets, uint64_t ahead)
{
    smtp_side_state *side = &session->sides[direction];

    *side = (smtp_side_state){.after_gap = true, .tls = side->tls, .opaque = side->opaque, .seen = true};
    if (side == smtp_session_side(session, SMTP_CLIENT)) {
        smtp_session_gap_in_message(session, octets, ahead);
        return;
    }
    session->reply = session->reply_begun = (smtp_reply){.length = 0};
    session->reply_goes_on = false;
    session->greeted = true;
    session->starttls = NULL;
    drop_answered(session, octets);
}

void smtp_session_inside_tls(smtp_session *session)
{
    smtp_session fresh = {.memory = session->memory,
                          .swapped = session->swapped,
                          .facts.server = session->facts.server,
                          .text = session->text,
                          .text_left = session->text_left,
                          .spare = session->spare,
                          .spares = session->spares,
                          .block = session->block,
                          .transactions = session->transactions,
                          .greeted = true};

    *session = fresh;
}

const smtp_facts *smtp_session_facts(const smtp_session *session)
{
    return &session->facts;
}
