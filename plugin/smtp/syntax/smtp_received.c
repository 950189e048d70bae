/* smtp_received.c
 * The field Received of a message's header.
 *
 * What the client says of itself stands first, so the last "by" and "id" are the server's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_received.h"

static bool is_space(uint8_t c)
{
    return smtp_is_blank(c) || c == '\r' || c == '\n';
}

/* Behind a comment, in which others may stand (RFC 5322, 3.2.2). */
static uint32_t skip_comment(const uint8_t *value, uint32_t at, uint32_t end)
{
    uint32_t depth = 0;

    do {
        if (value[at] == '\\')
            at++;
        else if (value[at] == '(')
            depth++;
        else if (value[at] == ')')
            depth--;
        at++;
    } while (at < end && depth > 0);
    return at < end ? at : end;
}

/* Behind what opens here; of a quoted string that goes on to the end, there. */
static uint32_t skip_quoted(const uint8_t *value, uint32_t at, uint32_t end, uint8_t closing)
{
    for (at++; at < end && value[at] != closing; at++) {
        if (value[at] == '\\')
            at++;
    }
    return at < end ? at + 1 : end;
}

/* Behind a word, with what is quoted in it. */
static uint32_t skip_word(const uint8_t *value, uint32_t at, uint32_t end)
{
    while (at < end && !is_space(value[at]) && value[at] != '(' && value[at] != ';') {
        if (value[at] == '"')
            at = skip_quoted(value, at, end, '"');
        else if (value[at] == '<')
            at = skip_quoted(value, at, end, '>');
        else
            at++;
    }
    return at;
}

/* Where a word goes that stands behind this one; NULL: nowhere. */
static smtp_span *named(const uint8_t *value, smtp_span word, smtp_received *received)
{
    if (smtp_is_word(value + word.offset, word.length, "BY"))
        return &received->by;
    return smtp_is_word(value + word.offset, word.length, "ID") ? &received->id : NULL;
}

smtp_received smtp_received_read(const uint8_t *value, uint32_t length)
{
    smtp_received received = {{0, 0}, {0, 0}};
    smtp_span *next = NULL;

    for (uint32_t at = 0; at < length && value[at] != ';';) {
        smtp_span word;

        if (is_space(value[at])) {
            at++;
            continue;
        }
        if (value[at] == '(') {
            at = skip_comment(value, at, length);
            continue;
        }
        word = smtp_span_between(at, skip_word(value, at, length));
        at = smtp_span_end(word);
        if (next)
            *next = word;
        next = next ? NULL : named(value, word, &received);
    }
    return received;
}
