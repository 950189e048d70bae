/* smtp_path.c
 * The path of MAIL and RCPT, and the parts of its address (RFC 5321, 4.1.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_path.h"

#include "smtp_apart.h"
#include "smtp_odd.h"

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

/* Where a domain's address in brackets begins; the end of the path's address where there is none. */
static uint32_t find_literal(const uint8_t *line, smtp_span address)
{
    uint32_t end = smtp_span_end(address), at = end;

    if (end == address.offset || line[end - 1] != ']')
        return end;
    while (at > address.offset && line[at - 1] != '[')
        at--;
    return at > address.offset + 1 && line[at - 2] == '@' ? at - 1 : end;
}

smtp_span smtp_path_find_odd(const uint8_t *line, const smtp_path *path)
{
    uint32_t end = find_literal(line, path->address), at = path->address.offset;
    uint32_t last = smtp_span_end(path->address) - 1;
    bool quoted = false;

    /* A source route without an address is one. */
    if (at < end && line[at] == '@')
        return (smtp_span){at, 0};
    for (; at < end; at++) {
        if (line[at] == '\\' && quoted)
            at++;
        else if (line[at] == '"')
            quoted = !quoted;
        else if (!quoted && line[at] && strchr(" \t(),:;<>[\\]", line[at]))
            return (smtp_span){at, 1};
    }
    /* No domain. */
    return (smtp_span){last, path->address.length > 0 && !quoted && line[last] == '@'};
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

/* Offset of the first "<" of a path in [start, end); end if there is none. A parameter's
 * value may begin with one, too: AUTH=<>. */
static uint32_t find_open(const uint8_t *line, uint32_t start, uint32_t end)
{
    uint32_t open;

    if (start < end && line[start] == '<')
        return start;
    open = find_unquoted(line, start, end, '<');
    return open > start && open < end && line[open - 1] == '=' ? end : open;
}

/* The brackets around an address. */
typedef struct brackets {
    uint32_t open;  /* offset of the innermost "<" */
    uint32_t close; /* of its ">", or where the word ends that none closes */
    uint32_t depth; /* how many "<" there are */
    bool closed;
} brackets;

enum {
    DEEPEST = 8 /* more brackets than any client puts around an address */
};

/* Goes to the innermost "<" before the first ">": broken clients put all of
 * "Bob <b@x>" in brackets.
 * @return where parameters begin at the latest */
static uint32_t find_inner(const uint8_t *line, uint32_t end, brackets *found)
{
    uint32_t inner;

    found->close = find_unquoted(line, found->open + 1, end, '>');
    found->closed = found->close < end;
    while ((inner = find_unquoted(line, found->open + 1, found->close, '<')) < found->close && line[inner - 1] != '=' &&
           found->depth < DEEPEST) {
        found->open = inner;
        found->depth++;
    }
    if (inner == found->close || line[inner - 1] != '=')
        return end;
    found->closed = false;
    return inner;
}

/* Offset of the ">" behind an address without octets that mean something, as most are; end if it is another. */
static uint32_t find_plain_close(const uint8_t *line, uint32_t at, uint32_t end)
{
    uint32_t stop = at + smtp_odd_find_special(line + at, end - at);

    return stop < end && line[stop] == '>' ? stop : end;
}

/* The brackets where there may be more than an address in them, or they are not closed.
 * @param is_cut  the end of the line is not in hand */
static SMTP_APART brackets find_odd_brackets(const uint8_t *line, uint32_t open, uint32_t end, bool is_cut)
{
    brackets found = {.open = open, .depth = 1};
    uint32_t limit = find_inner(line, end, &found);
    const uint8_t *any = NULL;

    if (found.closed)
        return found;
    if (!is_cut) /* quotes are unbalanced, perhaps */
        any = memchr(line + found.open + 1, '>', limit - found.open - 1);
    found.close =
        any ? (uint32_t)(any - line) : find_unquoted(line, smtp_skip_blanks(line, found.open + 1, end), end, ' ');
    return found;
}

/* Sets also whether there is more than an address in them. */
static brackets find_brackets(const uint8_t *line, uint32_t open, uint32_t end, bool is_cut, smtp_path *path)
{
    uint32_t close = find_plain_close(line, open + 1, end);

    path->has_special = close == end || (close > open + 1 && line[close - 1] == '@');
    if (close == end)
        return find_odd_brackets(line, open, end, is_cut);
    return (brackets){.open = open, .close = close, .depth = 1, .closed = true};
}

/* Offset behind a path and what broken clients let follow it: more closing
 * brackets, and a comment (RFC 5322, 3.2.2).
 * @param depth  brackets that are open still */
static uint32_t read_tail(const uint8_t *line, smtp_span path, uint32_t end, uint32_t depth, smtp_remark_list *remarks)
{
    uint32_t stop = smtp_span_end(path), more = 0, at;

    if (stop == end && depth == 0)
        return end;
    while ((at = smtp_skip_blanks(line, stop, end)) < end && line[at] == '>') {
        stop = at + 1;
        more++;
    }
    if (more != depth || depth > 0)
        smtp_remark_add(remarks, SMTP_REMARK_PATH_BRACKETS, smtp_span_between(path.offset, stop));
    if (at < end && line[at] == '(') {
        const uint8_t *close = memchr(line + at, ')', end - at);

        stop = close ? (uint32_t)(close - line) + 1 : end;
        smtp_remark_add(remarks, SMTP_REMARK_PATH_NAME, smtp_span_between(at, stop));
    }
    return stop;
}

/* A name before the address, as in a message's header (RFC 5322, 3.4).
 * @param end  where the bracket before the address stands */
static void remark_name(const uint8_t *line, uint32_t start, uint32_t end, smtp_remark_list *remarks)
{
    while (start < end && (line[start] == '<' || smtp_is_blank(line[start])))
        start++;
    while (end > start && (line[end - 1] == '<' || smtp_is_blank(line[end - 1])))
        end--;
    if (start < end)
        smtp_remark_add(remarks, SMTP_REMARK_PATH_NAME, smtp_span_between(start, end));
}

/* A path with a bracket at @p open. What stands before that in the rest of the line is a name.
 * @return the offset behind the path */
static uint32_t read_bracketed(const uint8_t *line, smtp_span rest, uint32_t open, smtp_path *path,
                               smtp_remark_list *remarks)
{
    uint32_t end = smtp_span_end(rest);
    brackets found = find_brackets(line, open, end, remarks->cut > 0, path);
    smtp_span whole = smtp_span_between(open, found.close);

    path->opened = true;
    path->bracketed = found.closed;
    path->cut = !found.closed && remarks->cut > 0 && found.close == end;
    path->address = trimmed(line, found.open + 1, found.close, remarks);
    remark_name(line, rest.offset, found.open, remarks);
    if (!found.closed && remarks->cut == 0)
        smtp_remark_add(remarks, SMTP_REMARK_PATH_BRACKETS, whole);
    if (found.close == end || line[found.close] != '>')
        return found.close;
    whole.length++;
    return read_tail(line, whole, end, found.depth - 1, remarks);
}

/* "SIZE=10" in place of a path?  An address with such a sign has "@", too. */
static bool is_parameter(const uint8_t *line, uint32_t start, uint32_t stop)
{
    uint32_t at = start;

    while (at < stop && (smtp_is_alpha(line[at]) || smtp_is_digit(line[at]) || line[at] == '-'))
        at++;
    return at > start && at + 1 < stop && line[at] == '=' && !memchr(line + at, '@', stop - at);
}

/* A path that ends at a blank, or at a ">" that nothing opened. */
static uint32_t read_bare(const uint8_t *line, uint32_t start, uint32_t end, smtp_path *path, smtp_remark_list *remarks)
{
    uint32_t stop = find_unquoted(line, start, end, ' ');

    if (is_parameter(line, start, stop))
        stop = start;
    while (stop > start && line[stop - 1] == '>')
        stop--;
    path->address = smtp_span_between(start, stop);
    /* Where the line is cut, a bracket may follow. */
    if (remarks->cut == 0)
        smtp_remark_add(remarks, start == stop ? SMTP_REMARK_PATH_SYNTAX : SMTP_REMARK_PATH_BRACKETS, path->address);
    return read_tail(line, path->address, end, 0, remarks);
}

/* Offset of the colon behind the word, or of a "<" in its place, which is enough for qmail; the end when there is
 * neither. */
static uint32_t find_colon(const uint8_t *line, smtp_span argument, const char *word)
{
    uint32_t at = argument.offset, end = smtp_span_end(argument);

    if (!smtp_starts_with(line + at, end - at, word))
        return end;
    at = smtp_skip_blanks(line, at + (uint32_t)strlen(word), end);
    return at < end && (line[at] == ':' || line[at] == '<') ? at : end;
}

/* Remarks on what stands between the word and the path.
 * @return where the path begins, perhaps behind blanks */
static uint32_t read_colon(const uint8_t *line, uint32_t behind_word, uint32_t colon, uint32_t end,
                           smtp_remark_list *remarks)
{
    if (line[colon] != ':') {
        smtp_remark_add(remarks, SMTP_REMARK_PATH_SYNTAX, (smtp_span){colon, 1});
        return colon;
    }
    if (colon > behind_word || (colon + 1 < end && smtp_is_blank(line[colon + 1])))
        smtp_remark_add(remarks, SMTP_REMARK_PATH_BLANKS, (smtp_span){colon, 1});
    return colon + 1;
}

smtp_path smtp_path_parse(const uint8_t *line, smtp_span argument, const char *word, smtp_remark_list *remarks)
{
    uint32_t end = smtp_span_end(argument);
    uint32_t colon = find_colon(line, argument, word);
    uint32_t behind_word = argument.offset + (uint32_t)strlen(word);
    smtp_path path = {.found = colon < end};
    uint32_t start, open, stop;

    if (!path.found) {
        smtp_remark_add(remarks, SMTP_REMARK_PATH_SYNTAX, argument);
        return path;
    }
    path.has_colon = line[colon] == ':';
    start = smtp_skip_blanks(line, read_colon(line, behind_word, colon, end, remarks), end);
    open = find_open(line, start, end);
    if (open < end)
        stop = read_bracketed(line, smtp_span_between(start, end), open, &path, remarks);
    else
        stop = read_bare(line, start, end, &path, remarks);
    path.path = smtp_span_between(start, stop);
    path.parameters = smtp_span_between(stop, end);
    split_route(line, &path);
    return path;
}
