/* smtp_session_tls.c
 * TLS around the session: what STARTTLS asked for, and clear text where only TLS may be.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_tls.h"

#include <string.h>

#include "../syntax/smtp_line.h"
#include "smtp_pending.h"
#include "smtp_session_pair.h"
#include "smtp_transaction.h"

/* ---- STARTTLS ---- */

/* The next TLS of a side is that of this STARTTLS. */
static void renew(smtp_session *session, smtp_upgrade upgrade)
{
    session->upgrade = upgrade;
    for (int side = 0; side < 2; side++) {
        smtp_direction *direction = &session->directions[side];

        direction->upgraded = direction->tls.open;
        direction->injected = false;
    }
}

void smtp_session_tls_ask(smtp_session *session, smtp_exchange *starttls)
{
    renew(session, (smtp_upgrade){.asked = starttls});
}

void smtp_session_tls_accept(smtp_session *session, smtp_exchange *starttls)
{
    renew(session, (smtp_upgrade){.accepted = true, .answered = starttls, .injected = session->upgrade.injected});
}

/* Has it not begun yet? */
static bool is_awaited(const smtp_session *session, const smtp_direction *direction)
{
    return (session->upgrade.asked || session->upgrade.accepted) && !direction->upgraded;
}

bool smtp_session_tls_is_near(const smtp_session *session, const smtp_direction *direction, smtp_side side)
{
    return is_awaited(session, direction) &&
           (side == SMTP_SERVER || smtp_expectation_is_line(&session->client.expectation));
}

/* ---- Text where only TLS may come ---- */

uint32_t smtp_session_tls_limit(const smtp_session *session, smtp_direction *direction, smtp_side side,
                                const smtp_input *input)
{
    smtp_tls_place place;

    if (direction->tls.open || !smtp_session_tls_is_near(session, direction, side) ||
        smtp_tls_begins(input->octets, input->length))
        return input->length;
    place = smtp_tls_find(input->octets, input->length, direction->next.without_tls);
    direction->next.without_tls = place.at;
    return place.found ? place.at : input->length;
}

/* Is it STARTTLS's 220 once more, or may become that? It answers nothing that the client asks inside TLS. */
static bool is_accepted_again(const smtp_input *input)
{
    static const uint8_t accepted[] = {'2', '2', '0'};
    bool is_short = input->length < sizeof accepted;

    return memcmp(input->octets, accepted, is_short ? input->length : sizeof accepted) == 0 &&
           (!is_short || smtp_input_may_wait(input));
}

/* Can the server have no reason to say this?  Behind an accepted STARTTLS it is the client's
 * turn, and only a refusal may come all the same; or the client has gone on in octets that are missing. */
static bool is_injected(smtp_session *session, const smtp_direction *server, const smtp_input *input)
{
    const smtp_upgrade *upgrade = &session->upgrade;

    if (!upgrade->accepted || server->upgraded || smtp_session_direction(session, SMTP_CLIENT)->upgraded ||
        session->pending.oldest || upgrade->clear_count > 0 || (input->unread && !server->injected))
        return false;
    return server->injected || (input->octets[0] != '4' && input->octets[0] != '5' && !is_accepted_again(input));
}

bool smtp_session_tls_read_injected(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);

    if (unit->side != SMTP_SERVER || session->reply.read.length > 0 || !is_injected(session, server, input))
        return false;
    unit->role = SMTP_ROLE_OPAQUE;
    unit->length = smtp_line_find(input->octets, input->length, 0).length;
    /* What may begin a record is one by itself, whether more of it comes or not. */
    unit->length -= smtp_tls_begun(input->octets, unit->length);
    unit->exchange = session->upgrade.answered;
    if (!server->injected)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS);
    server->injected = true;
    return true;
}

/* ---- Clear text ---- */

/* Keeps what is to be remarked on if TLS follows. */
static void keep_clear(smtp_upgrade *upgrade, smtp_exchange *exchange)
{
    if (upgrade->clear_count < SMTP_CLEAR_MOST)
        upgrade->clear[upgrade->clear_count++] = exchange;
}

static void remark_on_attack(smtp_upgrade *upgrade, smtp_unit *unit)
{
    upgrade->injected = true;
    smtp_remarks_add(&unit->remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS);
}

/* Is this sent without waiting for the reply to STARTTLS, the last command of a group?
 * Where that reply may be missing, only what is in one segment with it is. */
static bool is_behind_starttls(smtp_session *session, const smtp_input *input)
{
    const smtp_exchange *asked = session->upgrade.asked;

    return asked && (asked->command_frame == input->frame ||
                     (smtp_session_direction(session, SMTP_SERVER)->seen && !input->unread));
}

void smtp_session_tls_remark_command(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_upgrade *upgrade = &session->upgrade;

    if (!is_awaited(session, smtp_session_direction(session, SMTP_CLIENT)))
        return;
    if (is_behind_starttls(session, input) || (upgrade->accepted && upgrade->injected))
        remark_on_attack(upgrade, unit);
    else if (upgrade->accepted)
        keep_clear(upgrade, unit->exchange);
}

void smtp_session_tls_remark_reply(smtp_session *session, smtp_unit *unit)
{
    smtp_upgrade *upgrade = &session->upgrade;
    bool is_asked_for = unit->exchange && unit->exchange->command_frame;
    bool is_tls_begun = smtp_session_direction(session, SMTP_CLIENT)->upgraded;

    if (!upgrade->accepted || smtp_session_direction(session, SMTP_SERVER)->upgraded)
        return;
    if (upgrade->injected) {
        remark_on_attack(upgrade, unit);
    } else if (!is_asked_for) {
        if (unit->exchange)
            keep_clear(upgrade, unit->exchange);
    } else if (!is_tls_begun && !upgrade->told) {
        upgrade->told = true;
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_TLS_ABSENT);
    }
}

/* ---- TLS ---- */

bool smtp_session_tls_is_early(smtp_session *session, smtp_side side, const smtp_input *input)
{
    const smtp_direction *mine = smtp_session_direction(session, side);
    const smtp_direction *other = smtp_session_direction(session, !side);
    const smtp_exchange *answered = session->reply.exchange;
    bool is_perhaps_accepted =
        session->reply.last_code == 220 && !(answered && answered->verb == SMTP_VERB_GREETING && session->opening.seen);

    if (session->upgrade.accepted || other->upgraded || !other->seen || mine->next.after_gap || input->unread)
        return false;
    return !is_perhaps_accepted && !session->client.expectation.doubt && !session->pending.doubt;
}

/* What was said in clear has no meaning inside (RFC 3207, 4.2), and goes on behind TLS at a new line. */
static void leave_clear(smtp_session *session, smtp_side side)
{
    if (side == SMTP_SERVER) {
        smtp_pending_drop_all(&session->pending);
        session->reply = (smtp_reply_state){.last_code = 0};
        return;
    }
    session->client.auth = (smtp_auth_state){.last = NULL};
    session->client.transaction = NULL;
    smtp_expect_commands(&session->client.expectation);
    smtp_expectation_doubt(&session->client.expectation, false);
}

void smtp_session_tls_begin(smtp_session *session, smtp_side side)
{
    smtp_direction *mine = smtp_session_direction(session, side);
    smtp_upgrade *upgrade = &session->upgrade;

    for (uint32_t i = 0; i < upgrade->clear_count; i++)
        upgrade->clear[i]->before_tls = true;
    upgrade->clear_count = 0;
    mine->upgraded = true;
    mine->in_long_line = false;
    mine->in_parts = 0;
    leave_clear(session, side);
    if (smtp_session_direction(session, !side)->upgraded)
        *upgrade = (smtp_upgrade){.asked = NULL};
}
