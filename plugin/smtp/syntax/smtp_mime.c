/* smtp_mime.c
 * The parts of a message (RFC 2045, 2046).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_mime.h"

#include "smtp_hex.h"

/* ---- Lines and fields ---- */

static uint32_t next_line(const uint8_t *octets, uint32_t at, uint32_t end)
{
    const uint8_t *lf = memchr(octets + at, '\n', end - at);

    return lf ? (uint32_t)(lf - octets) + 1 : end;
}

static bool is_line_end(uint8_t c)
{
    return c == '\r' || c == '\n';
}

static bool is_space(uint8_t c)
{
    return smtp_is_blank(c) || is_line_end(c);
}

static uint32_t skip_spaces(const uint8_t *octets, uint32_t at, uint32_t end)
{
    while (at < end && is_space(octets[at]))
        at++;
    return at;
}

/* Behind the field that begins here: folded lines are its own. */
static uint32_t next_field(const uint8_t *octets, uint32_t at, uint32_t end)
{
    do
        at = next_line(octets, at, end);
    while (at < end && smtp_is_blank(octets[at]));
    return at;
}

static smtp_span trimmed(const uint8_t *octets, uint32_t start, uint32_t end)
{
    start = skip_spaces(octets, start, end);
    while (end > start && is_space(octets[end - 1]))
        end--;
    return smtp_span_between(start, end);
}

/* The value of the field that begins here, if it has this name; else of no length. */
static smtp_span field_value(const uint8_t *octets, uint32_t at, uint32_t end, const char *name)
{
    if (!smtp_starts_with(octets + at, end - at, name))
        return (smtp_span){0, 0};
    return trimmed(octets, at + (uint32_t)strlen(name), end);
}

/* ---- Parameters ---- */

/* Behind a quoted string. */
static uint32_t skip_quoted(const uint8_t *octets, uint32_t at, uint32_t end)
{
    for (at++; at < end && octets[at] != '"'; at++) {
        if (octets[at] == '\\')
            at++;
    }
    return at < end ? at + 1 : end;
}

/* The next ";" outside of quotes, or the end. */
static uint32_t find_semicolon(const uint8_t *octets, uint32_t at, uint32_t end)
{
    while (at < end && octets[at] != ';')
        at = octets[at] == '"' ? skip_quoted(octets, at, end) : at + 1;
    return at;
}

static smtp_span without_quotes(const uint8_t *octets, smtp_span value)
{
    bool opens = value.length > 0 && octets[value.offset] == '"';
    bool closes = value.length > 1 && octets[smtp_span_end(value) - 1] == '"';

    return smtp_span_between(value.offset + (opens ? 1 : 0), smtp_span_end(value) - (opens && closes ? 1 : 0));
}

smtp_span smtp_mime_parameter(const uint8_t *octets, smtp_span field, const char *name)
{
    uint32_t end = smtp_span_end(field), at = find_semicolon(octets, field.offset, end);

    while (at < end) {
        uint32_t start = skip_spaces(octets, at + 1, end), next = find_semicolon(octets, start, end);
        const uint8_t *equals = memchr(octets + start, '=', next - start);

        at = next;
        if (equals) {
            uint32_t middle = (uint32_t)(equals - octets);
            smtp_span key = trimmed(octets, start, middle);
            if (smtp_is_word(octets + key.offset, key.length, name))
                return without_quotes(octets, trimmed(octets, middle + 1, next));
        }
    }
    return (smtp_span){0, 0};
}

/* The charset is told before the language: "utf-8'de'%C3%A4". */
static uint32_t skip_charset(const uint8_t *octets, smtp_span value, smtp_span *charset)
{
    uint32_t end = smtp_span_end(value);
    const uint8_t *first = memchr(octets + value.offset, '\'', value.length);
    const uint8_t *second = first ? memchr(first + 1, '\'', (size_t)(octets + end - first - 1)) : NULL;

    *charset = smtp_span_between(value.offset, second ? (uint32_t)(first - octets) : value.offset);
    return second ? (uint32_t)(second - octets) + 1 : value.offset;
}

uint32_t smtp_mime_percent_decode(const uint8_t *octets, smtp_span value, smtp_span *charset, uint8_t *to)
{
    uint32_t end = smtp_span_end(value), written = 0;

    for (uint32_t at = skip_charset(octets, value, charset); at < end; at++) {
        bool is_pair = octets[at] == '%' && smtp_hex_is_pair(octets + at + 1, end - at - 1);

        to[written++] = is_pair ? smtp_hex_pair(octets + at + 1) : octets[at];
        at += is_pair ? 2 : 0;
    }
    return written;
}

/* ---- The header of a part ---- */

static smtp_mime_encoding encoding_of(const uint8_t *octets, smtp_span value)
{
    if (smtp_is_word(octets + value.offset, value.length, "BASE64"))
        return SMTP_MIME_BASE64;
    return smtp_is_word(octets + value.offset, value.length, "QUOTED-PRINTABLE") ? SMTP_MIME_QUOTED_PRINTABLE
                                                                                 : SMTP_MIME_PLAIN;
}

static void note_field(const uint8_t *octets, uint32_t at, uint32_t end, smtp_mime_part *part)
{
    smtp_span value = field_value(octets, at, end, "CONTENT-TYPE:");
    uint32_t semicolon;

    if (value.length > 0 && part->type.length == 0) {
        semicolon = find_semicolon(octets, value.offset, smtp_span_end(value));
        part->type = trimmed(octets, value.offset, semicolon);
        part->parameters = value;
    }
    value = field_value(octets, at, end, "CONTENT-DISPOSITION:");
    if (value.length > 0)
        part->disposition = value;
    value = field_value(octets, at, end, "CONTENT-TRANSFER-ENCODING:");
    if (value.length > 0)
        part->encoding = encoding_of(octets, value);
}

/* ---- Boundaries ---- */

/* A line with a boundary (RFC 2046, 5.1.1). */
typedef struct border {
    uint32_t start; /* of the line; the message's length: there is none */
    uint32_t end;
    uint32_t depth; /* of the boundary, from 1 */
    bool closes;
} border;

/* Is there nothing but blanks, and "--" before them perhaps? */
static bool is_border_rest(const uint8_t *octets, uint32_t at, uint32_t end, bool *closes)
{
    *closes = end - at >= 2 && octets[at] == '-' && octets[at + 1] == '-';
    return skip_spaces(octets, at + (*closes ? 2 : 0), end) == end;
}

/* Does the boundary of this depth stand in a line, behind its "--"? */
static bool is_border(const smtp_mime *mime, uint32_t depth, border *line)
{
    smtp_span boundary = mime->boundaries[depth - 1];
    uint32_t at = line->start + 2;

    return line->end - at >= boundary.length &&
           memcmp(mime->message + at, mime->message + boundary.offset, boundary.length) == 0 &&
           is_border_rest(mime->message, at + boundary.length, line->end, &line->closes);
}

/* The line that begins here; of depth 0: it has no boundary. */
static border line_at(const smtp_mime *mime, uint32_t at)
{
    border line = {.start = at, .end = next_line(mime->message, at, mime->length)};

    if (line.end - at < 2 || memcmp(mime->message + at, "--", 2) != 0)
        return line;
    for (line.depth = mime->depth; line.depth > 0; line.depth--) {
        if (is_border(mime, line.depth, &line))
            break;
    }
    return line;
}

static border find_border(const smtp_mime *mime, uint32_t at)
{
    border line = {.end = at};

    while (line.end < mime->length) {
        line = line_at(mime, line.end);
        if (line.depth > 0)
            return line;
    }
    return (border){mime->length, mime->length, 0, false};
}

/* Reads the header that begins here. @return where it ends: behind the empty line, or at a boundary */
static uint32_t read_header(const smtp_mime *mime, uint32_t at, smtp_mime_part *part)
{
    while (at < mime->length && !is_line_end(mime->message[at])) {
        uint32_t next = next_field(mime->message, at, mime->length);

        if (line_at(mime, at).depth > 0)
            return at;
        if (smtp_upper(mime->message[at]) == 'C')
            note_field(mime->message, at, next, part);
        at = next;
    }
    return at < mime->length ? next_line(mime->message, at, mime->length) : at;
}

/* Goes on to the next header behind a border: those that close are passed over. */
static void go_on(smtp_mime *mime, border from)
{
    while (from.closes) {
        mime->depth = from.depth - 1;
        from = find_border(mime, from.end);
    }
    if (from.depth > 0)
        mime->depth = from.depth;
    mime->at = from.end;
}

/* The line end before a border is not the part's. */
static uint32_t end_of_body(const uint8_t *octets, uint32_t start, uint32_t end)
{
    if (end > start && octets[end - 1] == '\n')
        end--;
    if (end > start && octets[end - 1] == '\r')
        end--;
    return end;
}

/* ---- Parts ---- */

void smtp_mime_begin(smtp_mime *mime, const uint8_t *message, uint32_t length)
{
    *mime = (smtp_mime){.message = message, .length = length};
}

/* Has the part parts of its own? Then they are what comes next. */
static bool enter(smtp_mime *mime, const smtp_mime_part *part)
{
    smtp_span boundary;

    if (!smtp_starts_with(mime->message + part->type.offset, part->type.length, "MULTIPART/") ||
        mime->depth == SMTP_MIME_DEPTH)
        return false;
    boundary = smtp_mime_parameter(mime->message, part->parameters, "BOUNDARY");
    if (boundary.length == 0)
        return false;
    mime->boundaries[mime->depth++] = boundary;
    go_on(mime, find_border(mime, mime->at));
    return true;
}

bool smtp_mime_next(smtp_mime *mime, smtp_mime_part *part)
{
    border end;
    uint32_t start;

    do {
        if (mime->at >= mime->length)
            return false;
        *part = (smtp_mime_part){.encoding = SMTP_MIME_PLAIN};
        mime->at = read_header(mime, mime->at, part);
    } while (enter(mime, part));
    start = mime->at;
    end = find_border(mime, start);
    part->body = smtp_span_between(start, end.depth > 0 ? end_of_body(mime->message, start, end.start) : mime->length);
    go_on(mime, end);
    return true;
}

/* ---- Decoding ---- */

/* The value of a digit of base64; 64 for any other octet. */
static uint8_t base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint8_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint8_t)(c - 'a' + 26);
    if (smtp_is_digit(c))
        return (uint8_t)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* What is no digit is passed over (RFC 2045, 6.8); "=" ends it. */
static uint32_t decode_base64(const uint8_t *octets, uint32_t length, uint8_t *to)
{
    uint32_t written = 0, digits = 0, sum = 0;

    for (uint32_t i = 0; i < length && octets[i] != '='; i++) {
        uint8_t value = base64_value(octets[i]);

        if (value == 64)
            continue;
        sum = sum << 6 | value;
        if (++digits % 4 != 1)
            to[written++] = (uint8_t)(sum >> (6 - 2 * ((digits - 1) % 4)));
    }
    return written;
}

/* A line that ends with "=" goes on in the next one (RFC 2045, 6.7); how many octets that is; 0: it is none. */
static uint32_t soft_line_end(const uint8_t *octets, uint32_t length)
{
    uint32_t at = smtp_skip_blanks(octets, 1, length);

    if (at < length && octets[at] == '\r')
        at++;
    return at < length && octets[at] == '\n' ? at + 1 : 0;
}

static uint32_t decode_quoted_printable(const uint8_t *octets, uint32_t length, uint8_t *to)
{
    uint32_t written = 0;

    for (uint32_t i = 0; i < length;) {
        uint32_t soft = octets[i] == '=' ? soft_line_end(octets + i, length - i) : 0;

        if (soft > 0) {
            i += soft;
        } else if (octets[i] == '=' && smtp_hex_is_pair(octets + i + 1, length - i - 1)) {
            to[written++] = smtp_hex_pair(octets + i + 1);
            i += 3;
        } else {
            to[written++] = octets[i++];
        }
    }
    return written;
}

uint32_t smtp_mime_decode(const uint8_t *message, const smtp_mime_part *part, uint8_t *to)
{
    const uint8_t *octets = message + part->body.offset;

    switch (part->encoding) {
    case SMTP_MIME_BASE64:
        return decode_base64(octets, part->body.length, to);
    case SMTP_MIME_QUOTED_PRINTABLE:
        return decode_quoted_printable(octets, part->body.length, to);
    default:
        memcpy(to, octets, part->body.length);
        return part->body.length;
    }
}
