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
    if (!smtp_code_is_completion(code) && !smtp_code_refuses(code))
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

/* What a registered meaning tells of. */
enum {
    ANY,
    FAULT
};

typedef struct enhanced_row {
    uint16_t subject;
    uint16_t detail;
    uint8_t what;
    smtp_note note;
} enhanced_row;

/* NULL: there is none. */
static const enhanced_row *find_row(const smtp_enhanced *enhanced)
{
    static const enhanced_row rows[] = {
#define SMTP_ENHANCED(subject, detail, what, meaning, source) {subject, detail, what, {meaning, source}},
#include "../smtp_enhanced.def"
#undef SMTP_ENHANCED
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].subject == enhanced->subject && rows[i].detail == enhanced->detail)
            return &rows[i];
    }
    return NULL;
}

/* What a code is about (RFC 3463, 3.1 to 3.8), without a word on how it went. */
static const char *neutral_meaning(const enhanced_row *row)
{
    static const char *const subjects[] = {
        "Status",
        "Status of an address",
        "Status of a mailbox",
        "Status of the mail system",
        "Status of network or routing",
        "Status of the protocol",
        "Status of content or media",
        "Status of security or policy",
    };

    return subjects[row->subject];
}

const char *smtp_enhanced_meaning(const smtp_enhanced *enhanced)
{
    const enhanced_row *row = find_row(enhanced);

    return row ? row->note.meaning : NULL;
}

/* One that is not registered ("5.7.54") tells what it is about all the same: its class and subject have a row. */
smtp_note smtp_enhanced_note(const smtp_enhanced *enhanced)
{
    const smtp_enhanced general = {.subject = enhanced->subject};
    const enhanced_row *row = find_row(enhanced);

    if (!row)
        row = find_row(&general);
    if (!row)
        return (smtp_note){"", ""};
    return enhanced->class_ == 2 && row->what != ANY ? (smtp_note){neutral_meaning(row), row->note.source} : row->note;
}
