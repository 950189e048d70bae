/* smtp_path.c
 * The path of MAIL and RCPT, and the parts of its address (RFC 5321, 4.1.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_path.h"

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
static smtp_span trimmed(const uint8_t *line, uint32_t start, uint32_t end, smtp_remark_list *remarks)
{
    uint32_t first = smtp_skip_blanks(line, start, end), last = end;

    while (last > first && smtp_is_blank(line[last - 1]))
        last--;
    if (first > start || last < end)
        smtp_remark_add(remarks, SMTP_REMARK_PATH_BLANKS, smtp_span_between(start, end));
    return smtp_span_between(first, last);
}

/* The octets of [start, end) up to the closing bracket: start is behind "<".
 * A bracket that never closes ends with the word. */
static uint32_t read_bracketed(const uint8_t *line, uint32_t start, uint32_t end, smtp_path *path,
                               smtp_remark_list *remarks)
{
    uint32_t close = find_unquoted(line, start, end, '>');

    path->bracketed = close < end;
    if (!path->bracketed) {
        const uint8_t *any = memchr(line + start, '>', end - start); /* quotes unbalanced */
        close = any ? (uint32_t)(any - line) : smtp_skip_token(line, start, end);
        smtp_remark_add(remarks, SMTP_REMARK_PATH_BRACKETS, smtp_span_between(start - 1, close));
    }
    path->address = trimmed(line, start, close, remarks);
    return close < end && line[close] == '>' ? close + 1 : close;
}

/* A path that ends at a blank. */
static uint32_t read_bare(const uint8_t *line, uint32_t start, uint32_t end, smtp_path *path, smtp_remark_list *remarks)
{
    uint32_t stop = find_unquoted(line, start, end, ' ');

    path->address = smtp_span_between(start, stop);
    smtp_remark_add(remarks, start == end ? SMTP_REMARK_PATH_SYNTAX : SMTP_REMARK_PATH_BRACKETS, path->address);
    return stop;
}

/* Offset of the colon behind the word; the end when word or colon is not there. */
static uint32_t find_colon(const uint8_t *line, smtp_span argument, const char *word)
{
    uint32_t at = argument.offset, end = smtp_span_end(argument);

    if (!smtp_starts_with(line + at, end - at, word))
        return end;
    at = smtp_skip_blanks(line, at + (uint32_t)strlen(word), end);
    return at < end && line[at] == ':' ? at : end;
}

smtp_path smtp_path_parse(const uint8_t *line, smtp_span argument, const char *word, smtp_remark_list *remarks)
{
    uint32_t end = smtp_span_end(argument);
    uint32_t colon = find_colon(line, argument, word);
    uint32_t behind_word = argument.offset + (uint32_t)strlen(word);
    smtp_path path = {.found = colon < end};
    uint32_t start, stop;

    if (!path.found) {
        smtp_remark_add(remarks, SMTP_REMARK_PATH_SYNTAX, argument);
        return path;
    }
    if (colon > behind_word || (colon + 1 < end && smtp_is_blank(line[colon + 1])))
        smtp_remark_add(remarks, SMTP_REMARK_PATH_BLANKS, (smtp_span){colon, 1});
    start = smtp_skip_blanks(line, colon + 1, end);
    if (start < end && line[start] == '<')
        stop = read_bracketed(line, start + 1, end, &path, remarks);
    else
        stop = read_bare(line, start, end, &path, remarks);
    path.path = smtp_span_between(start, stop);
    path.parameters = smtp_span_between(stop, end);
    split_route(line, &path);
    return path;
}
