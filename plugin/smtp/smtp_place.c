/* smtp_place.c
 * Where in a unit remarks of the session stand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_place.h"

#include "smtp_offer.h"
#include "syntax/smtp_capability.h"
#include "syntax/smtp_find.h"

static const smtp_span all = {0, 0};

static smtp_span place_in_path(const uint8_t *octets, const smtp_command *command, smtp_remark kind)
{
    const smtp_path *path = &command->of.path;
    bool has_path = command->shape == SMTP_SHAPE_FROM || command->shape == SMTP_SHAPE_TO;

    /* Of the last chunk that is empty, the message is too large. */
    if (!has_path)
        return all;
    if (kind == SMTP_REMARK_EIGHT_BIT)
        return smtp_find_eight_bit(octets, path->address);
    if (kind == SMTP_REMARK_SIZE_EXCEEDED)
        return smtp_announced_read(octets, path->parameters).size_at;
    return kind == SMTP_REMARK_REQUIRETLS_IN_CLEAR ? smtp_announced_read(octets, path->parameters).requiretls : all;
}

smtp_span smtp_place_in_line(const uint8_t *octets, const smtp_reading *reading, smtp_remark kind)
{
    const smtp_command *command = &reading->command;

    if (kind == SMTP_REMARK_SECRET_IN_CLEAR)
        return reading->response.base64;
    if (!reading->is_command)
        return all;
    switch (kind) {
    case SMTP_REMARK_AUTH_INITIAL:
        return command->of.auth.initial;
    case SMTP_REMARK_HELO_NAME:
        return command->argument;
    case SMTP_REMARK_EIGHT_BIT:
    case SMTP_REMARK_SIZE_EXCEEDED:
    case SMTP_REMARK_REQUIRETLS_IN_CLEAR:
        return place_in_path(octets, command, kind);
    default:
        return all;
    }
}

uint32_t smtp_place_not_offered(const uint8_t *octets, uint32_t length, const smtp_facts *facts,
                                smtp_span tokens[SMTP_PLACES_MOST])
{
    smtp_line line = smtp_line_find(octets, length, 0);
    smtp_reading reading;

    if (!facts->offer)
        return 0;
    smtp_reading_command(&reading, octets, &line);
    return smtp_offer_lacks(facts->offer, octets, &reading.command, tokens, SMTP_PLACES_MOST);
}

smtp_span smtp_place_in_reply(const uint8_t *octets, uint32_t length, smtp_remark kind)
{
    smtp_reply_lines lines = {.octets = octets, .length = length};

    while (kind == SMTP_REMARK_STARTTLS_INSIDE_TLS && smtp_reply_lines_next(&lines)) {
        const uint8_t *line = octets + lines.offset;
        smtp_span keyword = smtp_capability_parse(line, lines.parsed.text).keyword;

        if (smtp_is_word(line + keyword.offset, keyword.length, "STARTTLS"))
            return (smtp_span){lines.offset + keyword.offset, keyword.length};
    }
    return all;
}
