/* smtp_capability.c
 * EHLO keywords and what follows them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_capability.h"

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
#define SMTP_KEYWORD(keyword, standing, parameter, meaning, source) \
    {keyword, standing != SEEN, SMTP_KEYWORD_##parameter, {meaning, source}},
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

bool smtp_capability_is_ok(const uint8_t *line, smtp_span text)
{
    smtp_capability capability = smtp_capability_parse(line, text);

    return capability.parameter.length == 0 &&
           smtp_is_word(line + capability.keyword.offset, capability.keyword.length, "OK");
}

bool smtp_capability_is_line(const uint8_t *line, const smtp_reply_line *parsed)
{
    return parsed->valid && parsed->text.length > 0 && (parsed->more || !smtp_capability_is_ok(line, parsed->text));
}
