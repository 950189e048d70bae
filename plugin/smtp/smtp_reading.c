/* smtp_reading.c
 * One unit, read once: its parts, and every remark that its octets justify.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_reading.h"

/* Nothing was read yet. */
static void begin(smtp_reading *reading)
{
    reading->has_response = false;
    smtp_remark_list_begin(&reading->remarks, (smtp_remarks){{0, 0}});
}

/* The reading of a line, before it is known what it says. */
static void begin_line(smtp_reading *reading, const uint8_t *octets, const smtp_line *line)
{
    reading->line = *line;
    begin(reading);
    smtp_line_remark(octets, line, &reading->remarks);
}

void smtp_reading_command(smtp_reading *reading, const uint8_t *octets, const smtp_line *line)
{
    begin_line(reading, octets, line);
    smtp_command_parse(octets, line, &reading->command, &reading->remarks);
    if (reading->command.shape == SMTP_SHAPE_MECHANISM && reading->command.of.auth.has_initial) {
        reading->has_response = true;
        reading->response.base64 = reading->command.of.auth.initial;
    }
}

void smtp_reading_answer(smtp_reading *reading, const uint8_t *octets, const smtp_line *line)
{
    begin_line(reading, octets, line);
    reading->has_response = true;
    reading->response.base64 = (smtp_span){0, line->text};
}

void smtp_reading_response(smtp_reading *reading, const uint8_t *octets, const smtp_exchange *exchange, uint8_t *room)
{
    smtp_span base64 = reading->response.base64;

    if (!reading->has_response)
        return;
    reading->response =
        smtp_auth_response_read(octets, base64, (smtp_mechanism)exchange->mechanism, exchange->step, room);
    if (reading->response.malformed)
        smtp_remark_add(&reading->remarks, SMTP_REMARK_AUTH_SYNTAX, base64);
}

void smtp_reading_challenge(const uint8_t *octets, uint32_t length, const smtp_exchange *exchange,
                            smtp_remark_list *remarks)
{
    smtp_reply_lines lines = {.octets = octets, .length = length};

    /* Before the first response servers say "334 NTLM supported", too (MS-SMTPNTLM). */
    if (!exchange || exchange->verb != SMTP_VERB_AUTH_ANSWER)
        return;
    while (smtp_reply_lines_next(&lines)) {
        smtp_span text = lines.parsed.text;

        remarks->base = lines.offset;
        if (lines.parsed.code == 334 && lines.line.eol != SMTP_EOL_NONE &&
            !smtp_auth_is_base64(octets + lines.offset + text.offset, text.length))
            smtp_remark_add(remarks, SMTP_REMARK_AUTH_SYNTAX, text);
    }
}

static void read_line(smtp_reading *reading, const smtp_unit_text *unit, uint8_t *room)
{
    smtp_line line = smtp_line_find(unit->octets, unit->length, 0);

    if (unit->role == SMTP_ROLE_COMMAND)
        smtp_reading_command(reading, unit->octets, &line);
    else
        smtp_reading_answer(reading, unit->octets, &line);
    if (unit->exchange && smtp_exchange_is_auth(unit->exchange))
        smtp_reading_response(reading, unit->octets, unit->exchange, room);
}

void smtp_reading_make(smtp_reading *reading, const smtp_unit_text *unit, uint8_t *room)
{
    begin(reading);
    switch (unit->role) {
    case SMTP_ROLE_COMMAND:
    case SMTP_ROLE_AUTH_ANSWER:
        read_line(reading, unit, room);
        break;
    case SMTP_ROLE_REPLY:
        smtp_reply_remark(unit->octets, unit->length, &reading->remarks);
        smtp_reading_challenge(unit->octets, unit->length, unit->exchange, &reading->remarks);
        break;
    default:
        break;
    }
}
