/* smtp_secret.c
 * What may be a secret where no AUTH says so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_secret.h"

#include "smtp_auth.h"
#include "smtp_find.h"

enum {
    SHORT = 4, /* octets of base64: fewer hold nothing */
    LONG = 12  /* hardly any other word is as long and looks like that */
};

static bool is_digit_or_sign(uint8_t octet)
{
    return octet == '+' || octet == '/' || smtp_is_digit(octet);
}

/* Is it of base64's octets alone, and no word of letters? */
static bool is_coded(const uint8_t *octets, uint32_t length)
{
    uint32_t end = length;
    bool lower = false, coded;

    while (end > 0 && length - end < 2 && octets[end - 1] == '=')
        end--;
    coded = end < length;
    for (uint32_t i = 0; i < end; i++) {
        if (!is_digit_or_sign(octets[i]) && !smtp_is_alpha(octets[i]))
            return false;
        coded = coded || is_digit_or_sign(octets[i]) || (lower && octets[i] <= 'Z');
        lower = lower || octets[i] >= 'a';
    }
    return coded && end > 0;
}

/* Are all letters behind the first one in one case, as in "XFOO", "xfoo" and "Xfoo"? */
static bool is_word(const uint8_t *octets, uint32_t length)
{
    return smtp_is_alpha(octets[0]) &&
           (smtp_are_between(octets + 1, length - 1, 'A', 'Z') || smtp_are_between(octets + 1, length - 1, 'a', 'z'));
}

/* Does base64 hold a short text, as a user's name or a password is? */
static bool holds_text(const uint8_t *base64, uint32_t length)
{
    uint8_t text[LONG];
    uint32_t written;

    return length <= LONG && smtp_auth_decode(base64, length, text, &written) && smtp_is_printable(text, written);
}

bool smtp_secret_is_answer(const uint8_t *line, uint32_t length)
{
    if (length == 0 || is_coded(line, length))
        return length > 0;
    /* A word is a verb that nobody knows: base64 of a text is hardly ever one. */
    return smtp_auth_is_base64(line, length) && (!is_word(line, length) || holds_text(line, length));
}

static smtp_span last_word(const uint8_t *line, smtp_span span)
{
    uint32_t end = smtp_span_end(span), start;

    while (end > span.offset && smtp_is_blank(line[end - 1]))
        end--;
    start = end;
    while (start > span.offset && !smtp_is_blank(line[start - 1]))
        start--;
    return smtp_span_between(start, end);
}

static bool is_coded_word(const uint8_t *line, smtp_span word)
{
    return is_coded(line + word.offset, word.length);
}

/* Is there "AUTH" in it, or the name of a mechanism as its last word? */
static bool speaks_of_auth(const uint8_t *line, smtp_span span)
{
    smtp_span name = last_word(line, span);

    return smtp_find(line, span, "AUTH").length > 0 ||
           smtp_auth_mechanism(line + name.offset, name.length) != SMTP_MECHANISM_OTHER;
}

smtp_span smtp_secret_in_line(const uint8_t *line, uint32_t length)
{
    smtp_span word = last_word(line, (smtp_span){0, length});

    if (word.offset == 0 || !is_coded_word(line, word) || !speaks_of_auth(line, (smtp_span){0, word.offset}))
        return (smtp_span){0, 0};
    return word;
}

bool smtp_secret_is_near(const uint8_t *line, uint32_t length)
{
    return smtp_find(line, (smtp_span){0, length}, "AUTH").length > 0 || smtp_secret_in_line(line, length).length > 0;
}

static bool is_secret_line(const uint8_t *octets, smtp_span line)
{
    smtp_span word = last_word(octets, line);

    return word.length >= SHORT && is_coded_word(octets, word) &&
           (word.offset == line.offset || word.length >= LONG ||
            speaks_of_auth(octets, smtp_span_between(line.offset, word.offset)));
}

bool smtp_secret_in_text(const uint8_t *octets, uint32_t length)
{
    for (uint32_t at = 0; at < length;) {
        const uint8_t *lf = memchr(octets + at, '\n', length - at);
        uint32_t end = lf ? (uint32_t)(lf - octets) : length;
        uint32_t stop = end > at && octets[end - 1] == '\r' ? end - 1 : end;

        if (is_secret_line(octets, smtp_span_between(at, stop)))
            return true;
        at = end + 1;
    }
    return false;
}
