/* examine.c
 * What the view asks about a unit's octets: the pure part of plugin/smtp/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "examine.h"

#include <stdlib.h>

#include "measure.h"
#include "plugin/smtp/syntax/smtp_auth.h"
#include "plugin/smtp/syntax/smtp_line.h"
#include "plugin/smtp/syntax/smtp_parameter.h"
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

static void examine_value(const uint8_t *line, uint32_t length, const smtp_parameter *parameter, bool of_rcpt)
{
    const uint8_t *keyword = line + parameter->keyword.offset;
    smtp_parameter_name name = smtp_parameter_find(keyword, parameter->keyword.length, of_rcpt);
    uint8_t *decoded = room_for(parameter->value.length);
    smtp_span rest = parameter->value, word;
    int64_t seconds;
    int32_t number;

    smtp_parameter_is_keyword(keyword, parameter->keyword.length);
    smtp_value_is_valid(smtp_parameter_value(name), line, parameter->value);
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
    smtp_parameter parameter;

    while (smtp_parameter_next(line, &rest, &parameter)) {
        INSIDE(rest, length);
        INSIDE(parameter.whole, length);
        INSIDE(parameter.keyword, length);
        INSIDE(parameter.value, length);
        examine_value(line, length, &parameter, of_rcpt);
    }
}

static void examine_path(const uint8_t *line, uint32_t length, const smtp_command *command)
{
    smtp_path path;

    if (!smtp_command_path(line, command, &path))
        return;
    INSIDE(path.path, length);
    INSIDE(path.address, length);
    INSIDE(path.route, length);
    INSIDE(smtp_address_split(line, path.address).local_part, length);
    INSIDE(smtp_address_split(line, path.address).domain, length);
    INSIDE(path.parameters, length);
    examine_parameters(line, length, path.parameters, command->verb == SMTP_VERB_RCPT);
}

static void examine_response(smtp_mechanism mechanism, uint32_t step, const uint8_t *base64, uint32_t length)
{
    uint8_t *decoded = room_for(length / 4 * 3 + 3), *text = room_for(length / 4 * 3 + 3);
    uint32_t written;
    smtp_auth_parts parts;

    if (smtp_auth_decode(base64, length, decoded, &written)) {
        if (written > length / 4 * 3 + 3)
            FUZZ_FAIL("base64 of %u octets is %u", length, written);
        parts = smtp_auth_response(mechanism, step, decoded, written);
        for (uint32_t i = 0; i < parts.count; i++) {
            INSIDE(parts.part[i].span, written);
            smtp_auth_uncode(&parts.part[i], decoded, text);
        }
    }
    free(text);
    free(decoded);
}

static void examine_command(const uint8_t *line, uint32_t length, const smtp_exchange *exchange)
{
    smtp_command command = smtp_command_parse(line, length);
    smtp_auth_argument auth;
    smtp_chunk_size chunk;
    smtp_span digits;
    uint64_t octets;

    INSIDE(command.name, length);
    INSIDE(command.argument, length);
    if (command.verb != (smtp_verb)exchange->verb)
        FUZZ_FAIL("verb %d was read as %d", command.verb, exchange->verb);
    if (smtp_command_is_certain(line, length) && !smtp_command_may_become_certain(line, length))
        FUZZ_FAIL("a certain command that cannot become one");
    examine_path(line, length, &command);
    examine_parameters(line, length, command.argument, false);
    chunk = smtp_command_chunk(line, &command);
    INSIDE(chunk.size, length);
    INSIDE(chunk.marker, length);
    if (smtp_command_count(line, &command, &digits, &octets))
        INSIDE(digits, length);
    auth = smtp_auth_argument_parse(line, command.argument);
    INSIDE(auth.mechanism, length);
    INSIDE(auth.initial, length);
    if (auth.has_initial)
        examine_response(smtp_auth_mechanism(line + auth.mechanism.offset, auth.mechanism.length), 0,
                         line + auth.initial.offset, auth.initial.length);
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
    if (smtp_queue_id(line, parsed.text, &id))
        INSIDE(id, length);
    smtp_auth_login_step(line + parsed.text.offset, parsed.text.length);
}

/* The lines of a reply are its octets, all of them. */
static void examine_reply(const uint8_t *octets, uint32_t length, smtp_verb verb)
{
    while (length > 0) {
        smtp_line line = smtp_line_find(octets, length, 0);

        if (line.length == 0 || line.length > length || line.text > line.length)
            FUZZ_FAIL("a line of %u octets out of %u", line.length, length);
        examine_reply_line(octets, line.text, verb);
        smtp_line_notes(octets, &line);
        octets += line.length;
        length -= line.length;
    }
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
}

void examine_unit(const uint8_t *octets, const smtp_unit *unit)
{
    smtp_line line = smtp_line_find(octets, unit->length, 0);
    const smtp_exchange *exchange = unit->exchange;

    examine_sniffing(octets, unit->length);
    if (unit->role == SMTP_ROLE_MESSAGE)
        examine_message(octets, unit->length);
    if (unit->role == SMTP_ROLE_COMMAND)
        examine_command(octets, line.text, exchange);
    else if (unit->role == SMTP_ROLE_AUTH_ANSWER)
        examine_response((smtp_mechanism)exchange->mechanism, exchange->step, octets, line.text);
    else if (unit->role == SMTP_ROLE_REPLY)
        examine_reply(octets, unit->length, exchange ? (smtp_verb)exchange->verb : SMTP_VERB_UNKNOWN);
}
