/* smtp_find.c
 * Texts in octets, whatever their case.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_find.h"

static smtp_span nothing(smtp_span span)
{
    return (smtp_span){smtp_span_end(span), 0};
}

smtp_span smtp_find(const uint8_t *octets, smtp_span span, const char *text)
{
    uint32_t at = span.offset, end = smtp_span_end(span), length = (uint32_t)strlen(text);

    while (at < end) {
        const uint8_t *sign = smtp_is_alpha((uint8_t)text[0]) ? octets + at : memchr(octets + at, text[0], end - at);

        if (!sign)
            break;
        at = (uint32_t)(sign - octets);
        if (smtp_starts_with(sign, end - at, text))
            return (smtp_span){at, length};
        at++;
    }
    return nothing(span);
}

smtp_span smtp_find_unquoted(const uint8_t *octets, smtp_span span, const char *text)
{
    uint32_t end = smtp_span_end(span), length = (uint32_t)strlen(text);
    bool quoted = false;

    for (uint32_t at = span.offset; at < end; at++) {
        if (octets[at] == '\\' && quoted)
            at++;
        else if (octets[at] == '"')
            quoted = !quoted;
        else if (!quoted && smtp_starts_with(octets + at, end - at, text))
            return (smtp_span){at, length};
    }
    return nothing(span);
}

smtp_span smtp_find_control(const uint8_t *octets, smtp_span span)
{
    uint32_t end = smtp_span_end(span);

    for (uint32_t at = span.offset; at < end; at++) {
        if (octets[at] == '\r' && at + 1 < end && octets[at + 1] == '\0') {
            at++;
            continue;
        }
        if ((octets[at] < ' ' && octets[at] != '\t') || octets[at] == 0x7f)
            return (smtp_span){at, 1};
    }
    return nothing(span);
}

smtp_span smtp_find_eight_bit(const uint8_t *octets, smtp_span span)
{
    for (uint32_t at = span.offset; at < smtp_span_end(span); at++) {
        if (octets[at] > 127)
            return (smtp_span){at, 1};
    }
    return nothing(span);
}
