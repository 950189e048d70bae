/* smtp_reply.c
 * Server lines to replies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_reply.h"
#include "smtp_line.h"
#include "smtp_remarks.h"

smtp_reply_line smtp_reply_line_parse(const uint8_t *line, uint32_t length)
{
    smtp_reply_line parsed = {.text = {0, length}};

    if (length < 3 || !smtp_is_digit(line[0]) || !smtp_is_digit(line[1]) || !smtp_is_digit(line[2]))
        return parsed;
    if (length > 3 && line[3] != '-' && !smtp_is_blank(line[3]))
        return parsed;
    parsed.valid = true;
    parsed.more = length > 3 && line[3] == '-';
    parsed.code = (uint16_t)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
    parsed.text = smtp_span_between(length > 3 ? 4 : 3, length);
    return parsed;
}

/* Adds one line to the reply; the reply is complete when no line follows.
 * A line without a code belongs to the reply that announced another line. */
static void add_line(const uint8_t *octets, const smtp_line *line, smtp_reply *reply)
{
    smtp_reply_line parsed = smtp_reply_line_parse(octets, line->text);

    reply->notes |= smtp_line_notes(octets, line);
    if (!parsed.valid)
        reply->notes |= SMTP_REMARK_NOT_A_REPLY;
    else if (reply->code && reply->code != parsed.code)
        reply->notes |= SMTP_REMARK_CODE_CHANGED;
    if (parsed.valid)
        reply->code = parsed.code;
    reply->complete = parsed.valid ? !parsed.more : reply->lines == 0;
    reply->length += line->length;
    reply->lines++;
}

bool smtp_reply_read(const uint8_t *octets, uint32_t length, uint32_t scanned, uint32_t limit, smtp_reply *reply)
{
    while (!reply->complete && reply->length < limit) {
        uint32_t start = reply->length;
        smtp_line line = smtp_line_find(octets + start, length - start, scanned);

        if (line.eol == SMTP_EOL_NONE)
            return false;
        add_line(octets + start, &line, reply);
        scanned = 0;
    }
    return reply->complete;
}

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

/* Keywords that were written with "=" before RFC 2554 said how: "AUTH=LOGIN". */
static bool is_mechanism_list(const uint8_t *keyword, uint32_t length)
{
    return smtp_is_word(keyword, length, "AUTH") || smtp_is_word(keyword, length, "X-EXPS");
}

smtp_capability smtp_capability_parse(const uint8_t *line, smtp_span text)
{
    smtp_capability capability;
    const uint8_t *equals;
    uint32_t end = smtp_span_end(text);
    uint32_t start = smtp_skip_blanks(line, text.offset, end);
    uint32_t stop = smtp_skip_token(line, start, end);
    uint32_t parameter = smtp_skip_blanks(line, stop, end);

    while (end > parameter && smtp_is_blank(line[end - 1]))
        end--;
    equals = memchr(line + start, '=', stop - start);
    if (equals && is_mechanism_list(line + start, (uint32_t)(equals - (line + start)))) {
        stop = (uint32_t)(equals - line);
        parameter = stop + 1;
    }
    capability.keyword = smtp_span_between(start, stop);
    capability.parameter = smtp_span_between(parameter, end);
    return capability;
}

enum {
    SEEN,
    RFC,
    IANA
};

const smtp_keyword *smtp_keyword_find(const uint8_t *keyword, uint32_t length)
{
    static const smtp_keyword known[] = {
#define SMTP_KEYWORD(keyword, standing, parameter, source) {keyword, standing != SEEN, SMTP_KEYWORD_##parameter},
#include "../smtp_keywords.def"
#undef SMTP_KEYWORD
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (smtp_is_word(keyword, length, known[i].text))
            return &known[i];
    }
    return NULL;
}

bool smtp_capability_is_standard(const uint8_t *line, smtp_span text)
{
    smtp_capability capability = smtp_capability_parse(line, text);
    const smtp_keyword *keyword = smtp_keyword_find(line + capability.keyword.offset, capability.keyword.length);

    return keyword && keyword->standard;
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
