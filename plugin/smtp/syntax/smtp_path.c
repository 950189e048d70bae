/* smtp_path.c
 * The path and the parameters of MAIL and RCPT (RFC 5321, 4.1.2).
 *
 * Whatever a client typed gives a path: brackets may be missing or open,
 * blanks may stand where they must not.  Notes say so beside the reading.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_command.h"
#include "smtp_remarks.h"

/* Offset of the first octet in [at, end) that is outside quotes and is @p stop
 * (or a blank, when @p stop is a blank); end if there is none. */
static uint32_t find_unquoted(const uint8_t *line, uint32_t at, uint32_t end, uint8_t stop)
{
    bool quoted = false;

    if (stop != ' ' && at < end && !memchr(line + at, '"', end - at)) {
        const uint8_t *found = memchr(line + at, stop, end - at);
        return found ? (uint32_t)(found - line) : end;
    }
    for (; at < end; at++) {
        if (line[at] == '\\' && quoted)
            at++;
        else if (line[at] == '"')
            quoted = !quoted;
        else if (!quoted && (line[at] == stop || (stop == ' ' && line[at] == '\t')))
            return at;
    }
    return end;
}

smtp_address smtp_address_split(const uint8_t *line, smtp_span address)
{
    uint32_t start = address.offset;
    uint32_t end = smtp_span_end(address);
    uint32_t at = end;
    bool quoted = false;

    for (uint32_t i = start; i < end; i++) {
        if (line[i] == '\\' && quoted)
            i++;
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == '@' && !quoted)
            at = i;
    }
    return (smtp_address){smtp_span_between(start, at),
                          at < end ? smtp_span_between(at + 1, end) : (smtp_span){end, 0}};
}

/* Takes "@a,@b:" off the front of address. */
static void split_route(const uint8_t *line, smtp_path *path)
{
    uint32_t start = path->address.offset;
    uint32_t end = smtp_span_end(path->address);
    uint32_t colon;

    path->route = (smtp_span){start, 0};
    if (start == end || line[start] != '@')
        return;
    colon = find_unquoted(line, start, end, ':');
    if (colon == end)
        return;
    path->route = smtp_span_between(start, colon);
    path->address = smtp_span_between(colon + 1, end);
}

/* [start, end) without blanks at its ends, which are not permitted there. */
static smtp_span trimmed(const uint8_t *line, uint32_t start, uint32_t end, smtp_path *path)
{
    uint32_t first = smtp_skip_blanks(line, start, end), last = end;

    while (last > first && smtp_is_blank(line[last - 1]))
        last--;
    if (first > start || last < end)
        path->notes |= SMTP_REMARK_PATH_BLANKS;
    return smtp_span_between(first, last);
}

/* The octets of [start, end) up to the closing bracket: start is behind "<".
 * A bracket that never closes ends with the word. */
static uint32_t bracketed(const uint8_t *line, uint32_t start, uint32_t end, smtp_path *path)
{
    uint32_t close = find_unquoted(line, start, end, '>');

    if (close == end) {
        const uint8_t *any = memchr(line + start, '>', end - start); /* quotes unbalanced */
        path->notes |= SMTP_REMARK_PATH_BRACKETS;
        close = any ? (uint32_t)(any - line) : smtp_skip_token(line, start, end);
    }
    path->address = trimmed(line, start, close, path);
    return close < end && line[close] == '>' ? close + 1 : close;
}

bool smtp_command_path(const uint8_t *line, const smtp_command *command, smtp_path *path)
{
    const char *word = smtp_verb_shape(command->verb) == SMTP_SHAPE_TO ? "TO" : "FROM";
    uint32_t at = command->argument.offset;
    uint32_t end = smtp_span_end(command->argument);
    uint32_t start;

    *path = (smtp_path){.notes = 0};
    if (!smtp_starts_with(line + at, end - at, word))
        return false;
    start = at + (uint32_t)strlen(word);
    at = smtp_skip_blanks(line, start, end);
    if (at == end || line[at] != ':')
        return false;
    if (at > start || (at + 1 < end && smtp_is_blank(line[at + 1])))
        path->notes |= SMTP_REMARK_PATH_BLANKS;
    start = smtp_skip_blanks(line, at + 1, end);
    if (start < end && line[start] == '<') {
        at = bracketed(line, start + 1, end, path);
    } else {
        at = find_unquoted(line, start, end, ' ');
        path->address = smtp_span_between(start, at);
        path->notes |= start == end ? SMTP_REMARK_PATH_SYNTAX : SMTP_REMARK_PATH_BRACKETS;
    }
    path->path = smtp_span_between(start, at);
    path->parameters = smtp_span_between(at, end);
    split_route(line, path);
    return true;
}

bool smtp_parameter_next(const uint8_t *line, smtp_span *rest, smtp_parameter *parameter)
{
    uint32_t end = smtp_span_end(*rest);
    uint32_t start = smtp_skip_blanks(line, rest->offset, end);
    uint32_t stop = smtp_skip_token(line, start, end);
    const uint8_t *sign = start < stop ? memchr(line + start, '=', stop - start) : NULL;
    uint32_t equals = sign ? (uint32_t)(sign - line) : stop;

    *rest = smtp_span_between(stop, end);
    parameter->whole = smtp_span_between(start, stop);
    parameter->keyword = smtp_span_between(start, equals);
    parameter->has_value = sign != NULL;
    parameter->value = smtp_span_between(sign ? equals + 1 : stop, stop);
    return start < stop;
}
