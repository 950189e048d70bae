/* smtp_verb.c
 * Verbs: one for each row of smtp_verbs.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_verb.h"

typedef struct verb_row {
    const char *text;
    uint8_t length;
    uint8_t shape;
} verb_row;

static const verb_row verbs[SMTP_VERB_COUNT] = {
#define SMTP_VERB(name, text, shape, on2, on3, on45) {text, sizeof(text) - 1, SMTP_SHAPE_##shape},
#include "../smtp_verbs.def"
#undef SMTP_VERB
};

enum {
    FIRST_REAL_VERB = SMTP_VERB_RCPT,
    USUAL_LENGTH = 4, /* octets of most verbs, all of them letters */
    LONGEST_NAME = 32 /* octets; no verb has as many */
};

#define SMTP_VERB(name, text, shape, on2, on3, on45) _Static_assert(sizeof(text) <= LONGEST_NAME, text);
#include "../smtp_verbs.def"
#undef SMTP_VERB

/* Is this the name of a verb of the usual length?  The case of a letter is one bit. */
static bool is_usual(const uint8_t *name, const char *text)
{
    uint32_t one, other;

    memcpy(&one, name, USUAL_LENGTH);
    memcpy(&other, text, USUAL_LENGTH);
    return ((one ^ other) & ~UINT32_C(0x20202020)) == 0;
}

static bool is_named(const verb_row *verb, const uint8_t *name, uint32_t length)
{
    if (verb->length != length)
        return false;
    return length == USUAL_LENGTH ? is_usual(name, verb->text) : smtp_starts_with(name, length, verb->text);
}

smtp_verb smtp_verb_find(const uint8_t *name, uint32_t length)
{
    for (int verb = FIRST_REAL_VERB; verb < SMTP_VERB_COUNT; verb++) {
        if (is_named(&verbs[verb], name, length))
            return (smtp_verb)verb;
    }
    return SMTP_VERB_UNKNOWN;
}

smtp_shape smtp_verb_shape(smtp_verb verb)
{
    return (smtp_shape)verbs[verb].shape;
}

const char *smtp_verb_text(smtp_verb verb)
{
    return verbs[verb].text;
}

/* Of the octets [0, end), how many begin the verb's name? */
static uint32_t count_same(const uint8_t *octets, uint32_t end, const verb_row *verb)
{
    uint32_t same = 0;

    while (same < end && same < verb->length && smtp_upper(octets[same]) == (uint8_t)verb->text[same])
        same++;
    return same;
}

bool smtp_verb_may_follow(const uint8_t *octets, uint32_t length)
{
    uint32_t end = smtp_skip_token(octets, 0, length < LONGEST_NAME ? length : LONGEST_NAME);
    uint8_t first = end > 0 ? smtp_upper(octets[0]) : 0;

    /* Each name begins with a letter. */
    if (!smtp_is_alpha(first))
        return length == 0;
    for (int verb = FIRST_REAL_VERB; verb < SMTP_VERB_COUNT; verb++) {
        uint32_t same;

        if ((uint8_t)verbs[verb].text[0] != first || verbs[verb].shape == SMTP_SHAPE_WILD)
            continue;
        same = count_same(octets, end, &verbs[verb]);
        if (same == length || (same == verbs[verb].length && (same == end || octets[same] == '\r')))
            return true;
    }
    return false;
}
