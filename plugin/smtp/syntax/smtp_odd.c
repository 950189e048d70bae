/* smtp_odd.c
 * Octets that hardly any address or name has.
 *
 * Eight octets at a time. A line has few of these, so the loop is not worth more than that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_odd.h"

enum {
    WORD = sizeof(uint64_t)
};

/* The same octet eight times. */
#define ALL(octet) (UINT64_C(0x0101010101010101) * (octet))

/* The highest bit of each octet that is a control octet, above ASCII, or one of ! " # $ % & ' ( ) * + ; ` { | } ~;
 * other bits are of no meaning. */
static uint64_t odd_bits(uint64_t word)
{
    uint64_t low = word & ALL(0x7f);
    uint64_t signs = (low + ALL(0x80 - '!')) ^ (low + ALL(0x80 - ','));
    uint64_t others = ((low ^ ALL(';')) + ALL(0x7f)) & ((low ^ ALL('`')) + ALL(0x7f)) & (low + ALL(0x80 - ' '));

    return word | signs | (low + ALL(0x80 - '{')) | ~others;
}

/* One for each octet that is "@". */
static uint64_t ats_in(uint64_t word)
{
    uint64_t other = (((word & ALL(0x7f)) ^ ALL('@')) + ALL(0x7f)) | word;

    return ~other >> 7 & ALL(1);
}

static uint64_t word_at(const uint8_t *octets)
{
    uint64_t word;

    memcpy(&word, octets, WORD);
    return word;
}

/* All bits of the first octets of a word, of seven at most. */
static uint64_t first_of(uint32_t count)
{
    static const union {
        uint8_t octets[WORD];
        uint64_t word;
    } masks[WORD] = {
        {{0}},
        {{255}},
        {{255, 255}},
        {{255, 255, 255}},
        {{255, 255, 255, 255}},
        {{255, 255, 255, 255, 255}},
        {{255, 255, 255, 255, 255, 255}},
        {{255, 255, 255, 255, 255, 255, 255}},
    };

    return masks[count].word;
}

/* GCC's vectors take more instructions here than they save. */
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((optimize("no-tree-vectorize")))
#endif
bool smtp_odd_any(const uint8_t *octets, uint32_t length)
{
    uint64_t odd = 0, ats = 0, last;
    uint32_t at = 0;

    if (length < WORD)
        return true;
    for (; at + WORD < length; at += WORD) {
        uint64_t word = word_at(octets + at);

        odd |= odd_bits(word);
        ats += ats_in(word);
    }
    /* Of the last eight some were counted before. */
    last = word_at(octets + length - WORD);
    odd |= odd_bits(last);
    ats += ats_in(last) & ~first_of(at + WORD - length);
    return (odd & ALL(0x80)) != 0 || (ats & (ats - 1)) != 0;
}
