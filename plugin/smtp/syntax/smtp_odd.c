/* smtp_odd.c
 * Octets that hardly any address or name has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_odd.h"

#ifdef __GNUC__

/* Sixteen octets at a time, with the vectors that GCC and Clang have for any processor. */
enum {
    BLOCK = 16
};
typedef uint8_t block __attribute__((vector_size(BLOCK)));

typedef struct halves {
    uint64_t low;
    uint64_t high;
} halves;

static block block_at(const uint8_t *octets)
{
    block read;

    memcpy(&read, octets, sizeof read);
    return read;
}

static halves halves_of(block whole)
{
    halves parts;

    memcpy(&parts, &whole, sizeof parts);
    return parts;
}

/* All bits of each octet that is a control octet, above ASCII, or one of ! " # $ % & ' ( ) * + ; ` { | } ~ */
static block odd_in(block octets)
{
    return (block)(octets < ' ') | (block)(octets - '!' <= '+' - '!') | (block)(octets == ';') |
           (block)(octets == '`') | (block)(octets > 'z');
}

/* All bits of all octets but the first ones, which are 16 at most. */
static block all_behind(uint32_t first)
{
    static const uint8_t bits[2 * BLOCK] = {[BLOCK] = 255, 255, 255, 255, 255, 255, 255, 255,
                                            255,           255, 255, 255, 255, 255, 255, 255};

    return block_at(bits + BLOCK - first);
}

/* Of octets with all bits or none, are two or more set? */
static bool are_several(halves set)
{
    uint64_t ones = UINT64_C(0x0101010101010101), low = set.low & ones, high = set.high & ones;

    return (low && high) || (low & (low - 1)) || (high & (high - 1));
}

/* The same of blanks, control octets and " ( ) , : ; < > [ \ ] */
static block special_in(block octets)
{
    return (block)(octets <= ' ') | (block)(octets == '"') | (block)(octets - '(' <= ')' - '(') |
           (block)(octets == ',') | (block)(octets - ':' <= '<' - ':') | (block)(octets == '>') |
           (block)(octets - '[' <= ']' - '[') | (block)(octets == 127);
}

static bool any_in_blocks(const uint8_t *octets, uint32_t length)
{
    block odd = {0}, at_sign = {0}, read, found;
    halves parts;
    uint32_t at = 0;

    for (; at + BLOCK < length; at += BLOCK) {
        read = block_at(octets + at);
        found = (block)(read == '@');
        odd |= odd_in(read) | (at_sign & found);
        at_sign |= found;
    }
    /* Of the last block some were looked at before. */
    read = block_at(octets + length - BLOCK);
    found = (block)(read == '@') & all_behind(at + BLOCK - length);
    parts = halves_of(odd | odd_in(read) | (at_sign & found));
    return (parts.low | parts.high) != 0 || are_several(halves_of(at_sign | found));
}

bool smtp_odd_any(const uint8_t *octets, uint32_t length)
{
    uint8_t room[BLOCK];

    if (length >= BLOCK)
        return any_in_blocks(octets, length);
    memset(room, 'A', BLOCK);
    memcpy(room, octets, length);
    return any_in_blocks(room, BLOCK);
}

/* Which octet of those in memory as this number is the first that is not 0? One is not. */
static uint32_t first_in_half(uint64_t half)
{
    int bits = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_ctzll(half) : __builtin_clzll(half);

    return (uint32_t)bits / 8;
}

/* Of octets with all bits or none, which is the first that is set? All that there are: none is. */
static uint32_t first_set(halves set)
{
    if (set.low)
        return first_in_half(set.low);
    return set.high ? BLOCK / 2 + first_in_half(set.high) : BLOCK;
}

static uint32_t first_special(const uint8_t *octets)
{
    return first_set(halves_of(special_in(block_at(octets))));
}

uint32_t smtp_odd_find_special(const uint8_t *octets, uint32_t length)
{
    uint8_t room[BLOCK];
    uint32_t at = 0, found;

    if (length < BLOCK) {
        memset(room, ' ', BLOCK); /* a blank is special: what is behind the octets is not reached */
        memcpy(room, octets, length);
        return first_special(room);
    }
    for (; at + BLOCK < length; at += BLOCK) {
        found = first_special(octets + at);
        if (found < BLOCK)
            return at + found;
    }
    /* Of the last block some were looked at before, and are none. */
    return length - BLOCK + first_special(octets + length - BLOCK);
}

#else

static bool is_special(uint8_t octet)
{
    return octet <= ' ' || octet == 127 || strchr("\"(),:;<>[\\]", octet);
}

uint32_t smtp_odd_find_special(const uint8_t *octets, uint32_t length)
{
    uint32_t at = 0;

    while (at < length && !is_special(octets[at]))
        at++;
    return at;
}

static bool is_odd(uint8_t octet)
{
    return octet < ' ' || (octet >= '!' && octet <= '+') || octet == ';' || octet == '`' || octet > 'z';
}

bool smtp_odd_any(const uint8_t *octets, uint32_t length)
{
    uint32_t signs = 0;

    for (uint32_t at = 0; at < length; at++) {
        signs += octets[at] == '@';
        if (is_odd(octets[at]) || signs > 1)
            return true;
    }
    return false;
}

#endif
