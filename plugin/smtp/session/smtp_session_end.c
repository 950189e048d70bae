/* smtp_session_end.c
 * What octets of a direction are when their line, reply or TLS record has no end.
 *
 * Nobody knows on the way that nothing follows, or that octets are missing, so this
 * is asked afterwards: it reads as the other files would, and changes nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_end.h"

#include "../syntax/smtp_text.h"
#include "smtp_session_doubt.h"

/* A reply of which the last line, or its end, is missing. */
static void read_reply(const smtp_input *input, smtp_unit *unit)
{
    smtp_reply reply = {.length = 0};

    unit->role = SMTP_ROLE_REPLY;
    smtp_reply_read(input->octets, input->length, 0, UINT32_MAX, &reply);
    unit->continues = reply.length == input->length;
    if (reply.length < input->length)
        smtp_remarks_add(&reply.remarks, SMTP_REMARK_UNFINISHED_LINE);
    else
        smtp_remarks_add(&reply.remarks, SMTP_REMARK_UNFINISHED_REPLY);
    unit->remarks = reply.remarks;
}

/* What an answer is about is not certain without its end, so all of it counts as a secret. */
static void read_answer(const smtp_input *input, const smtp_line *line, smtp_unit *unit)
{
    smtp_reading reading;

    smtp_reading_answer(&reading, input->octets, line);
    unit->role = SMTP_ROLE_AUTH_ANSWER;
    unit->exchange->verb = SMTP_VERB_AUTH_ANSWER;
    unit->exchange->of.more->mechanism = SMTP_MECHANISM_UNSEEN;
    unit->remarks = reading.remarks.kinds;
}

static void read_command(const smtp_input *input, const smtp_reading *reading, smtp_unit *unit)
{
    const smtp_auth_argument *auth = &reading->command.of.auth;

    unit->role = SMTP_ROLE_COMMAND;
    unit->exchange->verb = (uint8_t)reading->command.verb;
    if (reading->command.shape == SMTP_SHAPE_MECHANISM)
        unit->exchange->of.more->mechanism =
            (uint8_t)smtp_auth_mechanism(input->octets + auth->mechanism.offset, auth->mechanism.length);
    unit->remarks = reading->remarks.kinds;
}

/* @param may_be_part  it may be the rest of a line, or the start of one */
static void read_line(const smtp_session *session, const smtp_input *input, bool may_be_part, smtp_unit *unit)
{
    const smtp_expectation *expectation = &session->client.expectation;
    const smtp_exchange *newest = session->pending.newest;
    smtp_line line = smtp_line_find(input->octets, input->length, 0);
    smtp_reading reading;
    bool is_certain;

    /* More was wanted behind a whole line in a message only, which a reply has ended since. */
    if (line.eol != SMTP_EOL_NONE)
        return;
    smtp_reading_command(&reading, input->octets, &line);
    is_certain = smtp_command_is_certain(input->octets, &reading.command);
    if (expectation->what == SMTP_EXPECT_ANSWER || (newest && smtp_exchange_is_auth(newest) && !is_certain) ||
        (smtp_session_is_unasked_answer(session, input, &reading) &&
         !smtp_verb_may_follow(input->octets, input->length)))
        read_answer(input, &line, unit);
    else if (is_certain || (expectation->what == SMTP_EXPECT_COMMANDS && !expectation->doubt && !may_be_part))
        read_command(input, &reading, unit);
}

/* A record of which too little is there to take it. */
static void read_tls(const smtp_input *input, smtp_unit *unit)
{
    unit->role = SMTP_ROLE_TLS;
    unit->length = input->length;
    unit->remarks = (smtp_remarks){{0}};
}

static bool is_in_message(const smtp_session *session)
{
    return session->client.expectation.what == SMTP_EXPECT_MESSAGE && !session->client.expectation.doubt;
}

/* The unit that is neither a line nor a reply. */
static smtp_unit some_text(const smtp_session *session, smtp_side direction, uint32_t length)
{
    smtp_unit unit = {.role = SMTP_ROLE_LINE_REST, .side = session->swapped ? !direction : direction, .length = length};

    smtp_remarks_add(&unit.remarks, SMTP_REMARK_UNFINISHED_LINE);
    return unit;
}

/* Had the other end more than this? Of one octet that may be the end of the connection, which TCP counts (RFC
 * 9293, 3.4). */
static bool is_cut(const smtp_session *session, smtp_side direction, const smtp_input *input)
{
    return session->directions[!direction].had > session->directions[direction].read + input->length + 1;
}

/* May it be the rest of a line, or the start of one? */
static bool is_part(const smtp_session *session, smtp_side direction, const smtp_input *input)
{
    const smtp_next *next = &session->directions[direction].next;

    return (next->after_gap && !next->after_line) || is_cut(session, direction, input);
}

static void begin(smtp_last_exchange *last, smtp_verb verb)
{
    last->more = (smtp_more){.name = NULL};
    last->exchange = (smtp_exchange){.verb = (uint8_t)verb, .has_more = true, .of.more = &last->more};
}

void smtp_session_end(const smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit,
                      smtp_last_exchange *last)
{
    const smtp_direction *mine = &session->directions[direction];
    smtp_input text = *input;
    bool is_start;

    /* A CR at the end is the half of a line end. */
    if (text.length > 1 && text.octets[text.length - 1] == '\r')
        text.length--;
    begin(last, SMTP_VERB_UNKNOWN);
    *unit = some_text(session, direction, text.length);
    unit->exchange = &last->exchange;
    is_start = !mine->in_long_line && (unit->side == SMTP_SERVER || !is_in_message(session));
    if (is_start && smtp_tls_begins(input->octets, input->length))
        read_tls(input, unit);
    else if (is_start && unit->side == SMTP_SERVER && smtp_is_digit(text.octets[0]))
        read_reply(&text, unit);
    else if (is_start && unit->side == SMTP_CLIENT)
        read_line(session, &text, is_part(session, direction, input), unit);
    if (mine->next.after_gap)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_GAP);
    /* Only those of the client know something. */
    if (unit->side == SMTP_SERVER || unit->role == SMTP_ROLE_LINE_REST || unit->role == SMTP_ROLE_TLS)
        unit->exchange = NULL;
}

/* The whole lines of a reply. */
static void read_lines(const smtp_session *session, const smtp_reply *reply, smtp_unit *unit)
{
    unit->role = SMTP_ROLE_REPLY;
    unit->length = reply->length;
    unit->continued = session->reply.goes_on;
    unit->continues = true;
    smtp_remarks_remove(&unit->remarks, SMTP_REMARK_UNFINISHED_LINE);
    smtp_remarks_join(&unit->remarks, &reply->remarks);
    smtp_remarks_add(&unit->remarks, SMTP_REMARK_UNFINISHED_REPLY);
}

/* May it be more of what proves who the client is? */
static bool is_secret(const smtp_session *session, const smtp_direction *client, const smtp_input *input)
{
    const smtp_exchange *newest = session->pending.newest;

    return session->client.expectation.what == SMTP_EXPECT_ANSWER || (newest && smtp_exchange_is_auth(newest)) ||
           (client->in_parts > 0 && client->auth) || (!is_in_message(session) && smtp_upper(input->octets[0]) == 'A');
}

void smtp_session_cut_text(const smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit,
                           smtp_last_exchange *last)
{
    const smtp_direction *mine = &session->directions[direction];

    *unit = some_text(session, direction, input->length);
    begin(last, SMTP_VERB_AUTH_ANSWER);
    if (unit->side == SMTP_CLIENT && is_secret(session, mine, input))
        unit->exchange = &last->exchange;
    if (mine->next.after_gap)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_GAP);
}

void smtp_session_cut(const smtp_session *session, smtp_side direction, const smtp_input *input, smtp_unit *unit,
                      smtp_last_exchange *last)
{
    const smtp_direction *mine = &session->directions[direction];
    bool may_be_start = !mine->in_long_line;
    bool is_start = may_be_start && (!mine->next.after_gap || mine->next.after_line);
    /* A header that is sure is no text, also behind missing octets. */
    bool may_be_tls = is_start || (may_be_start && input->length >= SMTP_TLS_SURE);
    smtp_reply reply = {.length = 0};

    smtp_session_cut_text(session, direction, input, unit, last);
    if (may_be_tls && smtp_tls_begins(input->octets, input->length)) {
        read_tls(input, unit);
    } else if (is_start && unit->side == SMTP_SERVER && smtp_is_digit(input->octets[0])) {
        smtp_reply_read(input->octets, input->length, 0, UINT32_MAX, &reply);
        if (reply.length > 0)
            read_lines(session, &reply, unit);
    }
}
