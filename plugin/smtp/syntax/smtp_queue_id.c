/* smtp_queue_id.c
 * What a server calls the message that it accepted.
 *
 * No RFC says how; each server has its way, a row each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_queue_id.h"
#include "smtp_code.h"

/* Where the id stands: as the word behind a text, or as the one before it. */
typedef enum place {
    BEHIND,
    BEFORE,
    BEFORE_NO_PATH, /* a recipient may stand there instead */
    BEHIND_FIRST    /* the reply begins with the text */
} place;

typedef struct form {
    const char *text; /* upper case */
    place place;
} form;

static const form forms[] = {
    {"QUEUED AS ", BEHIND},                     /* Postfix */
    {"OK ID=", BEHIND},                         /* Exim */
    {"ID=", BEHIND_FIRST},                      /* Exim, with PRDR */
    {" MESSAGE ACCEPTED FOR DELIVERY", BEFORE}, /* Sendmail, OpenSMTPD */
    {"INTERNALID=", BEHIND},                    /* Exchange */
    {" QUEUED MAIL FOR DELIVERY", BEFORE},      /* Exchange of old */
    {" - GSMTP", BEFORE},                       /* Gmail */
    {" QP ", BEHIND},                           /* qmail */
    {"MESSAGE QUEUED (", BEHIND},               /* Haraka */
    {" SAVED", BEFORE_NO_PATH},                 /* Dovecot, LMTP */
};

/* Not part of a word that is an id, at its end. */
static bool is_around(uint8_t c)
{
    return c != '\0' && strchr(" \t,;:()[]", c) != NULL;
}

static uint32_t find_text(const uint8_t *line, smtp_span text, const char *wanted)
{
    uint32_t end = smtp_span_end(text);
    uint32_t at = text.offset;

    while (at < end && !smtp_starts_with(line + at, end - at, wanted))
        at++;
    return at;
}

static smtp_span word_behind(const uint8_t *line, uint32_t start, uint32_t end)
{
    uint32_t stop = start;

    while (stop < end && !is_around(line[stop]))
        stop++;
    while (stop > start && line[stop - 1] == '.')
        stop--;
    return smtp_span_between(start, stop);
}

static smtp_span word_before(const uint8_t *line, uint32_t start, uint32_t end)
{
    uint32_t first;

    while (end > start && is_around(line[end - 1]))
        end--;
    for (first = end; first > start && !smtp_is_blank(line[first - 1]);)
        first--;
    return smtp_span_between(first, end);
}

/* Is a word before a form's text an id, and not the end of a sentence? */
static bool is_id(const uint8_t *line, smtp_span word)
{
    uint32_t end = smtp_span_end(word);
    smtp_enhanced enhanced;

    if (word.length == 0 || (word.length >= 5 && smtp_is_digit(line[word.offset]) &&
                             smtp_enhanced_parse(line, word, (uint16_t)((line[word.offset] - '0') * 100), &enhanced)))
        return false;
    for (uint32_t at = word.offset; at < end; at++) {
        if (smtp_is_digit(line[at]))
            return true;
    }
    return word.length >= 8;
}

bool smtp_queue_id(const uint8_t *line, smtp_span text, smtp_span *id)
{
    uint32_t end = smtp_span_end(text);

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        uint32_t at = find_text(line, text, forms[i].text);

        if (at == end || (forms[i].place == BEHIND_FIRST && at > text.offset))
            continue;
        if (forms[i].place == BEFORE || forms[i].place == BEFORE_NO_PATH) {
            *id = word_before(line, text.offset, at);
            return is_id(line, *id) && !(forms[i].place == BEFORE_NO_PATH && line[id->offset] == '<');
        }
        *id = word_behind(line, at + (uint32_t)strlen(forms[i].text), end);
        return id->length > 0;
    }
    return false;
}
