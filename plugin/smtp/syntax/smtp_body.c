/* smtp_body.c
 * Where DATA ends, and dot-stuffing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_body.h"

/* Place of the last octet. */
enum {
    TEXT,   /* in a line */
    CR,     /* on a CR that may end the line */
    LINE,   /* at the start of a line */
    DOT,    /* behind a dot that began the line */
    DOT_CR, /* behind that dot and a CR */
    END
};

void smtp_body_begin(smtp_body *body, bool lf_ends_line)
{
    *body = (smtp_body){.place = LINE, .lf_ends_line = lf_ends_line, .tail = 0x0d0a};
}

void smtp_body_gap(smtp_body *body)
{
    body->place = TEXT;
    body->tail = 0;
}

bool smtp_body_may_have_ended(const smtp_body *body, bool with_dot)
{
    switch (body->tail) {
    case 0x0a:   /* LF */
    case 0x0d0a: /* CR LF */
        return !with_dot;
    case 0x2e0d0a:   /* . CR LF */
    case 0x0a2e0d0a: /* LF . CR LF */
        return true;
    default:
        return false;
    }
}

bool smtp_body_is_behind_line(const smtp_body *body)
{
    return body->tail == 0 || (body->tail & 0xff) == '\n';
}

/* Offset of the next such octet, or the length. */
static uint32_t find_octet(const uint8_t *octets, uint32_t at, uint32_t length, uint8_t octet)
{
    const uint8_t *found = at < length ? memchr(octets + at, octet, length - at) : NULL;

    return found ? (uint32_t)(found - octets) : length;
}

static bool begins_line(const uint8_t *octets, uint32_t at, bool lf_ends_line)
{
    return at > 0 && octets[at - 1] == '\n' && (lf_ends_line || (at > 1 && octets[at - 2] == '\r'));
}

/* The next dot behind an offset that begins a line, or the length. Most messages have
 * few dots, so dots are looked for; behind one in the middle of a line, the line's end. */
static uint32_t find_line_dot(const uint8_t *octets, uint32_t at, uint32_t length, bool lf_ends_line)
{
    bool behind_dot = at > 0 && octets[at - 1] == '.';

    while (at < length) {
        if (behind_dot) {
            at = find_octet(octets, at, length, '\n');
            at += at < length;
        }
        if (at < length && octets[at] != '.')
            at = find_octet(octets, at, length, '.');
        if (at < length && begins_line(octets, at, lf_ends_line))
            return at;
        behind_dot = true;
    }
    return length;
}

/* A line is more than the dot that it begins with. */
static void pass_dot(smtp_body *body, uint8_t next)
{
    body->stuffed_lines++;
    body->unstuffed |= next != '.' && next != '\r' && next != '\n' && next != '\0';
}

/* Steps over text to the next dot that may end the message. */
static uint32_t scan_text(smtp_body *body, const uint8_t *octets, uint32_t at, uint32_t length)
{
    uint8_t last = octets[length - 1];
    bool cr = length - at > 1 ? octets[length - 2] == '\r' : body->place == CR;

    /* The CR may be in an earlier part. */
    if (body->place == CR && octets[at] == '\n') {
        body->place = LINE;
        return at + 1;
    }
    while ((at = find_line_dot(octets, at, length, body->lf_ends_line)) < length) {
        if (length - at == 1 || octets[at + 1] == '\r' || octets[at + 1] == '\n')
            break;
        pass_dot(body, octets[at + 1]);
        at++;
    }
    if (at < length || (last == '\n' && (cr || body->lf_ends_line)))
        body->place = LINE;
    else
        body->place = last == '\r' ? CR : TEXT;
    return at;
}

/* What the octet behind a line's first dot makes of it. */
static uint8_t after_dot(const smtp_body *body, uint8_t octet)
{
    if (octet == '\r')
        return DOT_CR;
    return octet == '\n' && body->lf_ends_line ? END : TEXT;
}

static void remember_tail(smtp_body *body, const uint8_t *octets, uint32_t length)
{
    uint32_t i = length > 4 ? length - 4 : 0;

    for (; i < length; i++)
        body->tail = body->tail << 8 | octets[i];
}

smtp_body_part smtp_body_scan(smtp_body *body, const uint8_t *octets, uint32_t length)
{
    smtp_body_part part = {.length = length};
    uint32_t at = 0;
    /* Where the dot that may end the message stands; it may be in an earlier part. */
    int64_t dot = body->place == DOT ? -1 : body->place == DOT_CR ? -2 : 0;

    while (at < length && body->place != END) {
        switch (body->place) {
        case LINE:
            dot = at;
            body->place = octets[at] == '.' ? DOT : TEXT;
            at += octets[at] == '.';
            break;
        case DOT:
            body->place = after_dot(body, octets[at]);
            if (body->place == TEXT)
                pass_dot(body, octets[at]);
            at += body->place != TEXT;
            break;
        case DOT_CR:
            body->place = octets[at] == '\n' ? END : CR;
            body->stuffed_lines += body->place == CR;
            at += body->place == END;
            break;
        default:
            at = scan_text(body, octets, at, length);
        }
    }
    remember_tail(body, octets, at);
    part.length = at;
    part.content = at;
    if (body->place == END) {
        part.ended = true;
        part.content = dot > 0 ? (uint32_t)dot : 0;
        part.reclaimed = dot < 0 ? (uint32_t)-dot : 0;
    }
    return part;
}

uint32_t smtp_body_count_lines(const uint8_t *octets, uint32_t length)
{
    uint32_t lines = 0;

    for (uint32_t at = 0; (at = find_octet(octets, at, length, '\n')) < length; at++)
        lines++;
    return lines;
}

uint32_t smtp_body_unstuff(const uint8_t *from, uint32_t length, bool lf_ends_line, uint8_t *to)
{
    uint32_t read = length > 0 && from[0] == '.' ? 1 : 0, written = 0;

    while (read < length) {
        uint32_t dot = find_line_dot(from, read, length, lf_ends_line);

        memmove(to + written, from + read, dot - read);
        written += dot - read;
        read = dot + 1;
    }
    return written;
}
