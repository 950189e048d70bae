/* smtp_queue_id.c
 * What a server calls the message that it accepted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_queue_id.h"

#include "smtp_code.h"

enum kind {
    WORD,
    TOKEN,
    SERIAL,
    MESSAGE_ID
};

static const struct form {
    const char *pattern;
    enum kind kind;
} forms[] = {
#define SMTP_QUEUE_ID(pattern, kind) {pattern, kind},
#include "../smtp_queue_ids.def"
#undef SMTP_QUEUE_ID
};

/* ---- What an id looks like ---- */

static bool is_in_word(uint8_t c)
{
    return c == '\0' || !strchr(" \t,;()[]", c);
}

static bool has_digit(const uint8_t *line, smtp_span word)
{
    for (uint32_t at = word.offset; at < smtp_span_end(word); at++) {
        if (smtp_is_digit(line[at]))
            return true;
    }
    return false;
}

/* Is it a word of a sentence: "queued as soon as possible"? */
static bool is_of_letters(const uint8_t *line, smtp_span word)
{
    for (uint32_t at = word.offset; at < smtp_span_end(word); at++) {
        if (line[at] < 'a' || line[at] > 'z')
            return false;
    }
    return true;
}

static bool is_enhanced(const uint8_t *line, smtp_span text, smtp_enhanced *enhanced)
{
    uint8_t class = text.length > 0 ? line[text.offset] : 0;

    return smtp_is_digit(class) && smtp_enhanced_parse(line, text, (uint16_t)((class - '0') * 100), enhanced);
}

/* Is this an id, and not a word of a sentence, a code or a recipient? */
static bool is_token(const uint8_t *line, smtp_span word)
{
    smtp_enhanced enhanced;

    return line[word.offset] != '<' && !is_enhanced(line, word, &enhanced) &&
           (word.length >= 8 || has_digit(line, word));
}

static bool is_of_kind(const uint8_t *line, smtp_span word, enum kind wanted)
{
    switch (wanted) {
    case WORD:
        return !is_of_letters(line, word);
    case TOKEN:
        return is_token(line, word);
    case SERIAL:
        return is_token(line, word) && word.length >= 8 && has_digit(line, word);
    case MESSAGE_ID:
        return line[word.offset] == '<';
    }
    return false;
}

/* ---- Where it stands ---- */

static uint32_t skip_word(const uint8_t *line, uint32_t at, uint32_t end)
{
    while (at < end && is_in_word(line[at]))
        at++;
    return at;
}

static uint32_t skip_gap(const uint8_t *line, uint32_t at, uint32_t end)
{
    while (at < end && (smtp_is_blank(line[at]) || line[at] == ':'))
        at++;
    return at;
}

/* The word without the stops behind it. */
static smtp_span without_stops(const uint8_t *line, uint32_t start, uint32_t end)
{
    while (end > start && (line[end - 1] == '.' || line[end - 1] == ':'))
        end--;
    return smtp_span_between(start, end);
}

/* Does what stands at an offset match a pattern (smtp_queue_ids.def) from there on? */
static bool matches(const uint8_t *line, uint32_t at, uint32_t end, const char *pattern, smtp_span *id)
{
    for (; *pattern; pattern++) {
        uint32_t start = at;

        if (*pattern == '$') {
            if (smtp_skip_blanks(line, at, end) < end)
                return false;
            continue;
        }
        if (*pattern == ' ')
            at = skip_gap(line, at, end);
        else if (*pattern == '@' || *pattern == '*')
            at = skip_word(line, at, end);
        else if (at < end && smtp_upper(line[at]) == smtp_upper((uint8_t)*pattern))
            at++;
        if (at == start)
            return false;
        if (*pattern == '@')
            *id = without_stops(line, start, at);
    }
    return id->length > 0;
}

/* Where a text begins, behind an enhanced code. */
static uint32_t skip_enhanced(const uint8_t *line, smtp_span text)
{
    uint32_t end = smtp_span_end(text);
    smtp_enhanced enhanced;

    if (!is_enhanced(line, text, &enhanced))
        return text.offset;
    return smtp_skip_blanks(line, smtp_skip_token(line, text.offset, end), end);
}

static bool find_form(const uint8_t *line, smtp_span text, const struct form *form, smtp_span *id)
{
    uint32_t end = smtp_span_end(text);
    uint8_t first = smtp_upper((uint8_t)*form->pattern);
    bool begins_with_word = first == '@' || first == '*';

    if (*form->pattern == '^')
        return matches(line, skip_enhanced(line, text), end, form->pattern + 1, id) &&
               is_of_kind(line, *id, form->kind);
    for (uint32_t at = text.offset; at < end; at++) {
        if (begins_with_word ? at > text.offset && is_in_word(line[at - 1]) : smtp_upper(line[at]) != first)
            continue;
        if (matches(line, at, end, form->pattern, id) && is_of_kind(line, *id, form->kind))
            return true;
    }
    return false;
}

/* Is the form known by where the text ends? */
static bool needs_end(const struct form *form)
{
    return strchr(form->pattern, '$') != NULL;
}

/* Does an id go on, perhaps, where the text is cut? */
static bool may_go_on(const uint8_t *line, smtp_span text, smtp_span id)
{
    return smtp_skip_token(line, smtp_span_end(id), smtp_span_end(text)) == smtp_span_end(text);
}

bool smtp_queue_id(const uint8_t *line, smtp_span text, bool cut, smtp_span *id)
{
    *id = (smtp_span){text.offset, 0};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (!(cut && needs_end(&forms[i])) && find_form(line, text, &forms[i], id))
            return !cut || !may_go_on(line, text, *id);
    }
    return false;
}
