/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_odd.h"
#include "plugin/smtp/syntax/smtp_text.h"

enum {
    LONGEST = 70
};

static bool is_odd(int octet)
{
    return octet < ' ' || octet > 126 || strchr("!\"#$%&'()*+;`{|}~", octet);
}

static bool is_special(int octet)
{
    return octet <= ' ' || octet == 127 || strchr("\"(),:;<>[\\]", octet);
}

/* Any octet at any place of a line of any length: is it odd, or special, and is it seen? */
static void test_one(uint32_t length)
{
    char octets[LONGEST];
    uint32_t wrong = 0;

    memset(octets, 'x', sizeof octets);
    for (uint32_t at = 0; at < length; at++) {
        for (int octet = 0; octet < 256; octet++) {
            octets[at] = (char)octet;
            wrong += smtp_odd_any(guarded(octets, length), length) != is_odd(octet);
            wrong += smtp_odd_find_special(guarded(octets, length), length) != (is_special(octet) ? at : length);
            wrong += smtp_is_printable(guarded(octets, length), length) != (octet >= ' ' && octet <= '~');
        }
        octets[at] = 'x';
    }
    CHECK(wrong == 0);
}

/* Is what is told of octets right where two of them stand out, or one, that stands at both places? */
typedef bool is_right(const uint8_t *octets, uint32_t length, uint32_t first, uint32_t second);

static void test_pairs(uint32_t length, char one, char other, is_right *is_told)
{
    char octets[LONGEST];
    uint32_t wrong = 0;

    memset(octets, 'x', sizeof octets);
    for (uint32_t first = 0; first < length; first++) {
        for (uint32_t second = first; second < length; second++) {
            octets[second] = other;
            octets[first] = one;
            wrong += !is_told(guarded(octets, length), length, first, second);
            octets[first] = octets[second] = 'x';
        }
    }
    CHECK(wrong == 0);
}

/* One "@" is not odd, two are, wherever they stand. */
static bool two_are_odd(const uint8_t *octets, uint32_t length, uint32_t first, uint32_t second)
{
    return smtp_odd_any(octets, length) == (second > first);
}

/* Of two special octets the first counts, wherever they stand. */
static bool first_counts(const uint8_t *octets, uint32_t length, uint32_t first, uint32_t second)
{
    (void)second;
    return smtp_odd_find_special(octets, length) == first;
}

void test_odd(void)
{
    for (uint32_t length = 0; length < LONGEST; length++) {
        test_one(length);
        test_pairs(length, '@', '@', two_are_odd);
        test_pairs(length, '>', ',', first_counts);
    }
}
