/* smtp_reading.c
 * One unit, read once: its parts, and every remark that its octets justify.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_reading.h"

#include "smtp_exploit.h"
#include "smtp_pattern.h"
#include "syntax/smtp_capability.h"
#include "syntax/smtp_find.h"
#include "syntax/smtp_odd.h"
#include "syntax/smtp_secret.h"

/* Nothing was read yet. */
static void begin(smtp_reading *reading)
{
    reading->has_response = reading->is_command = false;
    smtp_remark_list_begin(&reading->remarks, (smtp_remarks){{0, 0}});
}

void smtp_reading_command(smtp_reading *reading, const uint8_t *octets, const smtp_line *line)
{
    reading->line = *line;
    begin(reading);
    reading->is_command = true;
    reading->is_odd = smtp_odd_any(octets, line->text);
    if (reading->is_odd || line->eol != SMTP_EOL_CRLF)
        smtp_line_remark(octets, line, &reading->remarks);
    smtp_command_parse(octets, line, &reading->command, &reading->remarks);
    smtp_pattern_remark(octets, &reading->command, reading->is_odd, &reading->remarks);
    if (reading->command.shape == SMTP_SHAPE_MECHANISM && reading->command.of.auth.has_initial) {
        reading->has_response = true;
        reading->response.base64 = reading->command.of.auth.initial;
    }
}

void smtp_reading_answer(smtp_reading *reading, const uint8_t *octets, const smtp_line *line)
{
    reading->line = *line;
    begin(reading);
    smtp_line_remark(octets, line, &reading->remarks);
    reading->has_response = true;
    reading->response.base64 = (smtp_span){0, line->text};
}

/* Exchange's look-alike of AUTH has mechanisms of its own, whose words need not be base64: "EXCHANGEAUTH SHA256". */
static bool is_of_exchange(const smtp_exchange *exchange)
{
    return exchange->verb == SMTP_VERB_X_EXPS && smtp_exchange_mechanism(exchange) == SMTP_MECHANISM_OTHER;
}

void smtp_reading_response(smtp_reading *reading, const uint8_t *octets, const smtp_exchange *exchange, uint8_t *room)
{
    smtp_span base64 = reading->response.base64;

    if (!reading->has_response)
        return;
    reading->response = smtp_auth_response_read(octets, base64, (smtp_mechanism)smtp_exchange_mechanism(exchange),
                                                exchange->has_more ? exchange->of.more->step : 0, room);
    if (reading->response.malformed && !is_of_exchange(exchange))
        smtp_remark_add(&reading->remarks, SMTP_REMARK_AUTH_SYNTAX, base64);
    if (smtp_exploit_find_in_response(&reading->response, (smtp_mechanism)smtp_exchange_mechanism(exchange)).cve)
        smtp_remark_add(&reading->remarks, SMTP_REMARK_EXPLOIT, base64);
}

smtp_span smtp_reading_secret(const smtp_reading *reading, const uint8_t *octets)
{
    if (!reading->is_command || reading->command.shape != SMTP_SHAPE_WILD)
        return (smtp_span){0, 0};
    return smtp_secret_in_line(octets, reading->line.text);
}

smtp_exploit smtp_reading_exploit(const smtp_reading *reading, const uint8_t *octets, smtp_mechanism mechanism)
{
    smtp_exploit found = {.cve = NULL};

    if (reading->has_response)
        found = smtp_exploit_find_in_response(&reading->response, mechanism);
    return found.cve || !reading->is_command ? found : smtp_exploit_find(octets, &reading->command);
}

static void remark_challenge(const smtp_reply_lines *lines, smtp_remark_list *remarks)
{
    smtp_span text = lines->parsed.text;

    if (lines->parsed.code == 334 && lines->line.eol != SMTP_EOL_NONE &&
        !smtp_auth_is_base64(lines->octets + lines->offset + text.offset, text.length))
        smtp_remark_add(remarks, SMTP_REMARK_AUTH_SYNTAX, text);
}

/* "XXXXXXXA": a firewall has left the last letter of what it hides, or nothing. */
static bool is_masked(const uint8_t *word, uint32_t length)
{
    uint32_t masked = 0;

    while (masked < length && word[masked] == 'X')
        masked++;
    return masked >= 4 && (masked == length || (masked + 1 == length && word[masked] >= 'A' && word[masked] <= 'Z'));
}

static void remark_keyword(const smtp_reply_lines *lines, smtp_remark_list *remarks)
{
    smtp_span text = lines->parsed.text;

    if (lines->offset > 0 && lines->parsed.code == 250 &&
        is_masked(lines->octets + lines->offset + text.offset, text.length))
        smtp_remark_add(remarks, SMTP_REMARK_MASKED_KEYWORD, text);
}

/* Is there something to be said of a reply to EHLO, or not to be said, because it is one? */
static bool is_odd_hello(const uint8_t *octets, uint32_t length, const smtp_remarks *remarks)
{
    const uint8_t *mask = memchr(octets, 'X', length);

    return smtp_remarks_has(remarks, SMTP_REMARK_ENHANCED_CLASS) ||
           smtp_remarks_has(remarks, SMTP_REMARK_ENHANCED_MIXED) ||
           (mask && smtp_find(octets, smtp_span_between((uint32_t)(mask - octets), length), "XXXX").length > 0);
}

/* A reply to EHLO has no enhanced status codes: what looks like one is none (RFC 2034, 4). */
static void forget_enhanced(smtp_remark_list *remarks)
{
    smtp_remarks_remove(&remarks->kinds, SMTP_REMARK_ENHANCED_CLASS);
    smtp_remarks_remove(&remarks->kinds, SMTP_REMARK_ENHANCED_MIXED);
}

void smtp_reading_answered(const uint8_t *octets, uint32_t length, const smtp_exchange *exchange,
                           smtp_remark_list *remarks)
{
    smtp_reply_lines lines = {.octets = octets, .length = length};
    /* Before the first response servers say "334 NTLM supported", too (MS-SMTPNTLM). */
    bool is_challenge = exchange && exchange->verb == SMTP_VERB_AUTH_ANSWER;
    bool is_hello = exchange && smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_DOMAIN &&
                    is_odd_hello(octets, length, &remarks->kinds);

    while ((is_challenge || is_hello) && smtp_reply_lines_next(&lines)) {
        remarks->base = lines.offset;
        if (is_hello)
            remark_keyword(&lines, remarks);
        else
            remark_challenge(&lines, remarks);
    }
    if (is_hello && lines.parsed.code == 250)
        forget_enhanced(remarks);
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

bool smtp_reading_is_offer(const smtp_exchange *exchange, uint16_t code, smtp_reply_lines lines)
{
    if (!smtp_code_is_completion(code))
        return false;
    if (exchange)
        return exchange->verb == SMTP_VERB_EHLO || exchange->verb == SMTP_VERB_LHLO;
    return lines.parsed.more && smtp_reply_lines_next(&lines) &&
           smtp_capability_is_standard(lines.octets + lines.offset, lines.parsed.text);
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
        smtp_reading_answered(unit->octets, unit->length, unit->exchange, &reading->remarks);
        break;
    default:
        break;
    }
}
