/* smtp_text.h
 * Spans of octets and ASCII helpers.
 *
 * Everything in smtp/ works on octets that the caller owns and points back
 * into them with spans; nothing here copies or allocates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_TEXT_H
#define SMTP_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** Part of the octets in hand, in octets. */
typedef struct smtp_span {
    uint32_t offset;
    uint32_t length;
} smtp_span;

static inline smtp_span smtp_span_between(uint32_t start, uint32_t end)
{
    return (smtp_span){start, end - start};
}

static inline uint32_t smtp_span_end(smtp_span span)
{
    return span.offset + span.length;
}

/** Eight octets as a number, in this machine's byte order. */
static inline uint64_t smtp_eight_octets(const uint8_t *octets)
{
    uint64_t number;

    memcpy(&number, octets, sizeof number);
    return number;
}

static inline bool smtp_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool smtp_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static inline uint8_t smtp_upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

static inline bool smtp_is_alpha(uint8_t c)
{
    c = smtp_upper(c);
    return c >= 'A' && c <= 'Z';
}

/** Is each of eight octets one of these?
 *  @param low, high  the first and the last, of ASCII */
static inline bool smtp_are_eight_between(const uint8_t *octets, uint8_t low, uint8_t high)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t word = smtp_eight_octets(octets);

    /* No octet borrows from another one, or carries to it, unless one is above ASCII. */
    return (((word + ones * (0x7fU - high)) | word | ~((word | highs) - ones * low)) & highs) == 0;
}

/** The same of so many octets. */
static inline bool smtp_are_between(const uint8_t *octets, uint32_t length, uint8_t low, uint8_t high)
{
    const uint32_t eight = sizeof(uint64_t);
    uint32_t i = 0;

    for (; length - i >= eight; i += eight) {
        if (!smtp_are_eight_between(octets + i, low, high))
            return false;
    }
    /* Of the last eight some were looked at before. */
    if (i > 0)
        return smtp_are_eight_between(octets + length - eight, low, high);
    for (; i < length; i++) {
        if (octets[i] < low || octets[i] > high)
            return false;
    }
    return true;
}

/** Is each octet a character of ASCII that is seen, or a space? */
static inline bool smtp_is_printable(const uint8_t *octets, uint32_t length)
{
    return smtp_are_between(octets, length, ' ', '~');
}

/** Do the octets begin with @p word (upper case), whatever their case? */
static inline bool smtp_starts_with(const uint8_t *octets, uint32_t length, const char *word)
{
    uint32_t i = 0;

    for (; word[i]; i++) {
        if (i >= length || (octets[i] != (uint8_t)word[i] && smtp_upper(octets[i]) != (uint8_t)word[i]))
            return false;
    }
    return true;
}

/** Are the octets @p word (upper case), whatever their case? */
static inline bool smtp_is_word(const uint8_t *octets, uint32_t length, const char *word)
{
    return strlen(word) == length && smtp_starts_with(octets, length, word);
}

/** First offset in [offset, end) that is not a space or a tab; @p end if none. */
static inline uint32_t smtp_skip_blanks(const uint8_t *octets, uint32_t offset, uint32_t end)
{
    while (offset < end && smtp_is_blank(octets[offset]))
        offset++;
    return offset;
}

/** First offset in [offset, end) that is a space or a tab; @p end if none. */
static inline uint32_t smtp_skip_token(const uint8_t *octets, uint32_t offset, uint32_t end)
{
    while (offset < end && (octets[offset] > ' ' || !smtp_is_blank(octets[offset])))
        offset++;
    return offset;
}

/** The decimal number that the whole span is.
 *  @return false when it is empty, not all digits or above UINT64_MAX. */
static inline bool smtp_number(const uint8_t *octets, smtp_span span, uint64_t *value)
{
    uint64_t n = 0;

    for (uint32_t i = span.offset; i < smtp_span_end(span); i++) {
        uint8_t digit = (uint8_t)(octets[i] - '0');
        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *value = n;
    return span.length > 0;
}

#endif /* SMTP_TEXT_H */
