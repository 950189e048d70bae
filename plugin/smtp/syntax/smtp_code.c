/* smtp_code.c
 * Reply codes and enhanced status codes: what they mean.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_code.h"

/* One to three digits at *at; steps over them. */
static bool three_digits(const uint8_t *line, uint32_t *at, uint32_t end, uint16_t *value)
{
    uint32_t start = *at;

    *value = 0;
    while (*at < end && *at < start + 3 && smtp_is_digit(line[*at]))
        *value = (uint16_t)(*value * 10 + (line[(*at)++] - '0'));
    return *at > start;
}

bool smtp_enhanced_parse(const uint8_t *line, smtp_span text, uint16_t code, smtp_enhanced *enhanced)
{
    uint32_t end = smtp_span_end(text);
    uint32_t at = text.offset + 2;

    if (text.length < 5 || line[text.offset] != '0' + code / 100 || line[text.offset + 1] != '.')
        return false;
    if (code / 100 != 2 && code / 100 != 4 && code / 100 != 5)
        return false;
    enhanced->class_ = code / 100;
    if (!three_digits(line, &at, end, &enhanced->subject) || at == end || line[at++] != '.')
        return false;
    if (!three_digits(line, &at, end, &enhanced->detail) || (at < end && !smtp_is_blank(line[at])))
        return false;
    enhanced->whole = smtp_span_between(text.offset, at);
    return true;
}

const char *smtp_code_meaning(uint16_t code, smtp_verb verb)
{
    static const struct {
        uint16_t code;
        uint8_t verb;
        const char *meaning;
    } after[] = {
#define SMTP_CODE(code, meaning)
#define SMTP_CODE_AFTER(code, verb, meaning) {code, SMTP_VERB_##verb, meaning},
#include "../smtp_codes.def"
#undef SMTP_CODE
#undef SMTP_CODE_AFTER
    };

    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        if (after[i].code == code && after[i].verb == verb)
            return after[i].meaning;
    }
    return NULL;
}

const char *smtp_enhanced_meaning(const smtp_enhanced *enhanced)
{
    static const struct {
        uint16_t subject;
        uint16_t detail;
        const char *meaning;
    } known[] = {
#define SMTP_ENHANCED(subject, detail, meaning, source) {subject, detail, meaning},
#include "../smtp_enhanced.def"
#undef SMTP_ENHANCED
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].subject == enhanced->subject && known[i].detail == enhanced->detail)
            return known[i].meaning;
    }
    return NULL;
}
