/* smtp_fingerprint.c
 * A number that tells long texts apart, eight octets at a step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_fingerprint.h"

#include <string.h>

/* Odd numbers without a pattern: a multiplication by one loses nothing. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)
#define FOLD UINT64_C(0xd6e8feb86659fd93)

/* Each step can be undone, so octets that differ in one word never meet. */
static uint64_t add_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * SPREAD;
    return sum ^ (sum >> 29);
}

uint64_t smtp_fingerprint(const uint8_t *octets, uint32_t length)
{
    uint64_t sum = length, word = 0;
    uint32_t at = 0;

    for (; length - at >= sizeof word; at += sizeof word) {
        memcpy(&word, octets + at, sizeof word);
        sum = add_word(sum, word);
    }
    word = 0;
    memcpy(&word, octets + at, length - at);
    sum = add_word(sum, word) * FOLD;
    return sum ^ (sum >> 32);
}
