/* smtp_header.c
 * What a message's header says of it (RFC 5322, 3.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_header.h"

/* Where the line behind this one begins. */
static uint32_t next_line(const uint8_t *message, uint32_t at, uint32_t end)
{
    const uint8_t *lf = memchr(message + at, '\n', end - at);

    return lf ? (uint32_t)(lf - message) + 1 : end;
}

/* Where the field behind the one that begins here begins. */
static uint32_t next_field(const uint8_t *message, uint32_t at, uint32_t end)
{
    do
        at = next_line(message, at, end);
    while (at < end && smtp_is_blank(message[at]));
    return at;
}

static bool is_line_end(uint8_t c)
{
    return c == '\r' || c == '\n';
}

/* Where the value of the field begins that begins here; 0: it has another name. Blanks before the colon are of old (RFC
 * 5322, 4.5). */
static uint32_t find_value(const uint8_t *message, uint32_t start, uint32_t end, const char *name)
{
    uint32_t at = start + (uint32_t)strlen(name);

    if (!smtp_starts_with(message + start, end - start, name))
        return 0;
    at = smtp_skip_blanks(message, at, end);
    return at < end && message[at] == ':' ? at + 1 : 0;
}

/* Notes the value of the field that begins here, if it is the first one of its name.
 * @return whether it has this name */
static bool note(const uint8_t *message, uint32_t start, uint32_t end, const char *name, smtp_span *value)
{
    uint32_t at = find_value(message, start, end, name);

    if (at == 0 || value->length > 0)
        return at > 0;
    end = next_field(message, start, end);
    while (at < end && (smtp_is_blank(message[at]) || is_line_end(message[at])))
        at++;
    while (end > at && (smtp_is_blank(message[end - 1]) || is_line_end(message[end - 1])))
        end--;
    *value = smtp_span_between(at, end - at > SMTP_HEADER_VALUE ? at + SMTP_HEADER_VALUE : end);
    return true;
}

/* Looks at the line that begins here: most begin with another letter. */
static void note_field(const uint8_t *message, uint32_t at, uint32_t end, smtp_header *header)
{
    switch (smtp_upper(message[at])) {
    case 'S':
        note(message, at, end, "SUBJECT", &header->subject);
        break;
    case 'M':
        note(message, at, end, "MESSAGE-ID", &header->message_id);
        break;
    case 'R':
        header->received_fields += note(message, at, end, "RECEIVED", &header->received);
        break;
    default:
        break;
    }
}

smtp_header smtp_header_read(const uint8_t *message, uint32_t length)
{
    uint32_t end = length < SMTP_HEADER_MOST ? length : SMTP_HEADER_MOST;
    smtp_header header = {.body = 0};
    uint32_t at = 0;

    for (; at < end && !is_line_end(message[at]); at = next_line(message, at, end))
        note_field(message, at, end, &header);
    if (at < end && memchr(message + at, '\n', end - at))
        header.body = next_line(message, at, end);
    return header;
}

bool smtp_header_ends(const uint8_t *message, uint32_t length)
{
    uint32_t end = length < SMTP_HEADER_MOST ? length : SMTP_HEADER_MOST;
    uint32_t at = 0;

    while (at < end && !is_line_end(message[at]))
        at = next_line(message, at, end);
    return at < end && memchr(message + at, '\n', end - at);
}

uint32_t smtp_header_unfold(const uint8_t *value, uint32_t length, uint8_t *to)
{
    uint32_t written = 0;

    for (uint32_t i = 0; i < length; i++) {
        if (!is_line_end(value[i]))
            to[written++] = value[i];
    }
    return written;
}
