/* smtp_fingerprint.c
 * A number that tells long texts apart, some words at a step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_fingerprint.h"

#include "smtp_text.h"

/* Odd numbers without a pattern: a multiplication by one loses nothing. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)
#define FOLD UINT64_C(0xd6e8feb86659fd93)

/* It can be undone for each of both words, so octets that differ in one word never meet. */
static uint64_t add_words(uint64_t sum, const uint8_t *octets)
{
    sum ^= smtp_eight_octets(octets + 8);
    return ((sum << 32 | sum >> 32) * SPREAD) ^ (smtp_eight_octets(octets) * FOLD);
}

/* All whole steps of the octets, from the end on. */
static uint64_t add_steps(uint64_t sum, const uint8_t *octets, uint32_t length)
{
    for (; length >= SMTP_FINGERPRINT_STEP; length -= SMTP_FINGERPRINT_STEP) {
        sum = add_words(sum, octets + length - 16);
        sum = add_words(sum, octets + length - 32);
    }
    return sum;
}

uint64_t smtp_fingerprint_behind(const uint8_t *octets, uint32_t length)
{
    return add_steps(0, octets, length);
}

uint64_t smtp_fingerprint_before(const uint8_t *octets, uint32_t length, uint64_t sum, uint32_t behind)
{
    uint8_t rest[SMTP_FINGERPRINT_STEP] = {0};

    memcpy(rest, octets, length % SMTP_FINGERPRINT_STEP);
    sum = add_steps(add_steps(sum, octets, length), rest, sizeof rest);
    sum = (sum ^ (sum >> 29) ^ ((uint64_t)length + behind)) * FOLD;
    return sum ^ (sum >> 32);
}
