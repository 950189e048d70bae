/* examine.c
 * What the view asks about a unit's octets: the pure part of plugin/smtp/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "examine.h"

#include <stdlib.h>

#include "measure.h"
#include "plugin/smtp/smtp_reading.h"
#include "plugin/smtp/syntax/smtp_body.h"
#include "plugin/smtp/syntax/smtp_capability.h"
#include "plugin/smtp/syntax/smtp_code.h"
#include "plugin/smtp/syntax/smtp_queue_id.h"
#include "plugin/smtp/syntax/smtp_sniff.h"

#define INSIDE(span, length) check_inside((span), (length), __LINE__)

/* An empty span may stand anywhere: nobody reads it. */
static void check_inside(smtp_span span, uint32_t length, int line)
{
    if (span.length > 0 && (span.offset > length || span.length > length - span.offset))
        FUZZ_FAIL("examine.c:%d: %u octets at %u of %u", line, span.length, span.offset, length);
}

static uint8_t *room_for(size_t octets)
{
    uint8_t *room = malloc(octets ? octets : 1);

    if (!room)
        abort();
    return room;
}

/* ---- Commands ---- */

static void examine_value(const uint8_t *line, uint32_t length, const smtp_parameter_reading *reading)
{
    const smtp_parameter *parameter = &reading->parts;
    uint8_t *decoded = room_for(parameter->value.length);
    smtp_span rest = parameter->value, word;
    int64_t seconds;
    int32_t number;

    if (smtp_xtext_decode(line, parameter->value, decoded) > parameter->value.length)
        FUZZ_FAIL("xtext grows");
    if (smtp_signed_number(line, parameter->value, &number) > parameter->value.length)
        FUZZ_FAIL("a number longer than its octets");
    if (smtp_date_time(line, parameter->value, &seconds, &number) > parameter->value.length)
        FUZZ_FAIL("a date longer than its octets");
    while (smtp_next_listed(line, &rest, &word))
        INSIDE(word, length);
    free(decoded);
}

static void examine_parameters(const uint8_t *line, uint32_t length, smtp_span rest, bool of_rcpt)
{
    smtp_parameter_reading reading;

    while (smtp_parameter_read(line, &rest, of_rcpt, &reading)) {
        INSIDE(rest, length);
        INSIDE(reading.parts.whole, length);
        INSIDE(reading.parts.keyword, length);
        INSIDE(reading.parts.value, length);
        examine_value(line, length, &reading);
    }
}

static void examine_path(const uint8_t *line, uint32_t length, const smtp_command *command)
{
    const smtp_path *path = &command->of.path;
    smtp_address address;

    if (!path->found)
        return;
    address = smtp_address_split(line, path->address);
    INSIDE(path->path, length);
    INSIDE(path->address, length);
    INSIDE(path->route, length);
    INSIDE(address.local_part, length);
    INSIDE(address.domain, length);
    INSIDE(path->parameters, length);
    examine_parameters(line, length, path->parameters, command->shape == SMTP_SHAPE_TO);
}

static void examine_response(const smtp_auth_response *response, uint32_t length)
{
    uint8_t *text = room_for(smtp_auth_room(response->base64.length));

    INSIDE(response->base64, length);
    if (response->decoded_length > smtp_auth_room(response->base64.length))
        FUZZ_FAIL("base64 of %u octets is %u", response->base64.length, response->decoded_length);
    for (uint32_t i = 0; i < response->parts.count; i++) {
        INSIDE(response->parts.part[i].span, response->decoded_length);
        smtp_auth_uncode(&response->parts.part[i], response->decoded, text);
    }
    free(text);
}

static void examine_argument(const uint8_t *line, uint32_t length, const smtp_command *command)
{
    switch (command->shape) {
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        examine_path(line, length, command);
        break;
    case SMTP_SHAPE_CHUNK:
    case SMTP_SHAPE_URI:
        INSIDE(command->of.chunk.size, length);
        INSIDE(command->of.chunk.marker, length);
        break;
    case SMTP_SHAPE_COUNT:
        INSIDE(command->of.count.digits, length);
        break;
    case SMTP_SHAPE_MECHANISM:
        INSIDE(command->of.auth.mechanism, length);
        INSIDE(command->of.auth.initial, length);
        break;
    default:
        examine_parameters(line, length, command->argument, false);
        break;
    }
}

static void examine_command(const uint8_t *line, uint32_t length, const smtp_command *command,
                            const smtp_exchange *exchange)
{
    INSIDE(command->name, length);
    INSIDE(command->argument, length);
    if (command->verb != (smtp_verb)exchange->verb)
        FUZZ_FAIL("verb %d was read as %d", command->verb, exchange->verb);
    if (smtp_command_is_certain(line, command) && !smtp_verb_may_follow(line, length))
        FUZZ_FAIL("a certain command that cannot become one");
    examine_argument(line, length, command);
}

/* ---- Replies ---- */

static void examine_reply_line(const uint8_t *line, uint32_t length, smtp_verb verb)
{
    smtp_reply_line parsed = smtp_reply_line_parse(line, length);
    smtp_enhanced enhanced;
    smtp_capability capability;
    smtp_span id;

    INSIDE(parsed.text, length);
    smtp_code_meaning(parsed.code, verb);
    if (smtp_enhanced_parse(line, parsed.text, parsed.code, &enhanced)) {
        INSIDE(enhanced.whole, length);
        smtp_enhanced_meaning(&enhanced);
    }
    capability = smtp_capability_parse(line, parsed.text);
    INSIDE(capability.keyword, length);
    INSIDE(capability.parameter, length);
    smtp_keyword_find(line + capability.keyword.offset, capability.keyword.length);
    smtp_capability_is_standard(line, parsed.text);
    examine_parameters(line, length, capability.parameter, false);
    if (smtp_queue_id(line, parsed.text, false, &id))
        INSIDE(id, length);
    smtp_auth_login_step(line + parsed.text.offset, parsed.text.length);
}

/* The lines of a reply are its octets, all of them. */
static void examine_reply(const uint8_t *octets, uint32_t length, smtp_verb verb)
{
    smtp_reply_lines lines = {.octets = octets, .length = length};

    while (smtp_reply_lines_next(&lines)) {
        if (lines.line.length == 0 || lines.line.length > length - lines.offset || lines.line.text > lines.line.length)
            FUZZ_FAIL("a line of %u octets out of %u", lines.line.length, length);
        examine_reply_line(octets + lines.offset, lines.line.text, verb);
    }
    if (lines.offset != length)
        FUZZ_FAIL("lines of %u octets in a reply of %u", lines.offset, length);
}

/* ---- Messages ---- */

static void examine_message(const uint8_t *octets, uint32_t length)
{
    uint8_t *text = room_for(length);

    for (int lf = 0; lf < 2; lf++) {
        uint32_t written = smtp_body_unstuff(octets, length, lf, text);
        if (written > length)
            FUZZ_FAIL("%u octets of a message are %u without stuffed dots", length, written);
    }
    free(text);
}

/* ---- Any ---- */

static void examine_sniffing(const uint8_t *octets, uint32_t length)
{
    smtp_side side;

    smtp_sniff(octets, length);
    smtp_sniff_other(octets, length);
    smtp_sniff_side(octets, length, &side);
    if (smtp_sniff_likely(octets, length) != side)
        FUZZ_FAIL("it is said by two");
}

/* Is this told once in a session, or not behind a gap, where a line may begin in the middle? */
static bool is_told_elsewhere(smtp_remark kind, const smtp_unit *unit)
{
    return kind == SMTP_REMARK_BARE_LF || kind == SMTP_REMARK_FOREIGN_PROTOCOL ||
           smtp_remarks_has(&unit->remarks, SMTP_REMARK_GAP);
}

/* All that was found in the octets when the unit was learned is found again, inside it. */
static void examine_remarks(const smtp_remark_list *remarks, const smtp_unit *unit)
{
    /* A line that TLS cuts short is not judged. */
    if (smtp_remarks_has(&remarks->kinds, SMTP_REMARK_UNFINISHED_LINE) &&
        !smtp_remarks_has(&unit->remarks, SMTP_REMARK_UNFINISHED_LINE))
        return;
    for (int kind = 0; kind < SMTP_REMARK_COUNT; kind++) {
        if (smtp_remarks_has(&remarks->kinds, (smtp_remark)kind) &&
            !smtp_remarks_has(&unit->remarks, (smtp_remark)kind) && !is_told_elsewhere((smtp_remark)kind, unit))
            FUZZ_FAIL("remark %d was not learned", kind);
    }
    for (uint32_t i = 0; i < remarks->count; i++)
        INSIDE(remarks->places[i].span, unit->length);
}

void examine_unit(const uint8_t *octets, const smtp_unit *unit)
{
    const smtp_exchange *exchange = unit->exchange;
    bool is_auth = exchange && smtp_exchange_is_auth(exchange);
    uint8_t *room = is_auth ? room_for(smtp_auth_room(unit->length)) : NULL;
    smtp_reading reading;

    examine_sniffing(octets, unit->length);
    smtp_reading_make(&reading, &(smtp_unit_text){octets, unit->length, unit->role, exchange}, room);
    /* Of a reply in parts, only the first is read as one. */
    if (!unit->continued && unit->length < SMTP_LONGEST_WAIT)
        examine_remarks(&reading.remarks, unit);
    if (unit->role == SMTP_ROLE_MESSAGE)
        examine_message(octets, unit->length);
    if (unit->role == SMTP_ROLE_COMMAND)
        examine_command(octets, reading.line.text, &reading.command, exchange);
    if (reading.has_response)
        examine_response(&reading.response, unit->length);
    if (unit->role == SMTP_ROLE_REPLY)
        examine_reply(octets, unit->length, exchange ? (smtp_verb)exchange->verb : SMTP_VERB_UNKNOWN);
    free(room);
}
