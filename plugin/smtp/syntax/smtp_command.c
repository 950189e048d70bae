/* smtp_command.c
 * A command line to its verb, and what a certain command looks like.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_command.h"
#include "smtp_remarks.h"

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
    LONGEST_NAME = 32 /* octets; no verb has as many */
};

#define SMTP_VERB(name, text, shape, on2, on3, on45) _Static_assert(sizeof(text) <= LONGEST_NAME, text);
#include "../smtp_verbs.def"
#undef SMTP_VERB

static smtp_verb find_verb(const uint8_t *name, uint32_t length)
{
    for (int verb = FIRST_REAL_VERB; verb < SMTP_VERB_COUNT; verb++) {
        if (verbs[verb].length == length && smtp_starts_with(name, length, verbs[verb].text))
            return (smtp_verb)verb;
    }
    return SMTP_VERB_UNKNOWN;
}

smtp_command smtp_command_parse(const uint8_t *line, uint32_t length)
{
    smtp_command command;
    uint32_t start = smtp_skip_blanks(line, 0, length);
    uint32_t end = smtp_skip_token(line, start, length);

    command.name = smtp_span_between(start, end);
    command.argument = smtp_span_between(smtp_skip_blanks(line, end, length), length);
    command.verb = find_verb(line + start, end - start);
    return command;
}

smtp_shape smtp_verb_shape(smtp_verb verb)
{
    return (smtp_shape)verbs[verb].shape;
}

/* How many blank-separated words the argument has, three meaning "more than two". */
static int count_words(const uint8_t *line, smtp_span argument)
{
    uint32_t end = smtp_span_end(argument);
    uint32_t at = smtp_skip_blanks(line, argument.offset, end);
    int words = 0;

    while (at < end && words < 3) {
        words++;
        at = smtp_skip_blanks(line, smtp_skip_token(line, at, end), end);
    }
    return words;
}

/* "NAME=value" and nothing else. */
static bool are_attributes(const uint8_t *line, smtp_span argument)
{
    smtp_parameter attribute;

    if (argument.length == 0)
        return false;
    while (smtp_parameter_next(line, &argument, &attribute)) {
        if (!attribute.has_value || attribute.keyword.length == 0)
            return false;
    }
    return true;
}

/* Does the argument prove the verb? */
static bool is_proof(const uint8_t *line, const smtp_command *command)
{
    int words = count_words(line, command->argument);
    smtp_path path;
    smtp_span digits;
    uint64_t octets;

    switch (smtp_verb_shape(command->verb)) {
    case SMTP_SHAPE_ANY:
    case SMTP_SHAPE_BARE:
    case SMTP_SHAPE_TLS:
        return words == 0;
    case SMTP_SHAPE_DOMAIN:
        return words == 1;
    case SMTP_SHAPE_MECHANISM:
        return words == 1 || words == 2;
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        return smtp_command_path(line, command, &path) && !(path.notes & ~(uint32_t)SMTP_REMARK_PATH_BLANKS);
    case SMTP_SHAPE_CHUNK:
    case SMTP_SHAPE_URI:
        return smtp_command_chunk(line, command).valid;
    case SMTP_SHAPE_COUNT:
        return words == 2 && smtp_command_count(line, command, &digits, &octets);
    case SMTP_SHAPE_ATTRIBUTES:
        return are_attributes(line, command->argument);
    case SMTP_SHAPE_WILD:
        break;
    }
    return false;
}

bool smtp_command_is_certain(const uint8_t *line, uint32_t length)
{
    smtp_command command = smtp_command_parse(line, length);

    return command.name.offset == 0 && is_proof(line, &command);
}

bool smtp_command_may_become_certain(const uint8_t *octets, uint32_t length)
{
    /* This is asked again each time that octets come, so not all are looked at. */
    uint32_t end = smtp_skip_token(octets, 0, length < LONGEST_NAME ? length : LONGEST_NAME);

    for (int verb = FIRST_REAL_VERB; verb < SMTP_VERB_COUNT; verb++) {
        uint32_t same = 0;
        if (verbs[verb].shape == SMTP_SHAPE_WILD)
            continue;
        while (same < end && same < verbs[verb].length && smtp_upper(octets[same]) == (uint8_t)verbs[verb].text[same])
            same++;
        if (same == verbs[verb].length && (same == end || octets[same] == '\r'))
            return true;
        if (same == length)
            return true;
    }
    return false;
}

smtp_chunk_size smtp_command_chunk(const uint8_t *line, const smtp_command *command)
{
    smtp_chunk_size chunk = {.octets = 0};
    uint32_t end = smtp_span_end(command->argument);
    uint32_t start = command->argument.offset;
    uint32_t at = smtp_skip_token(line, start, end);

    chunk.size = smtp_span_between(start, at);
    chunk.valid = smtp_verb_shape(command->verb) == SMTP_SHAPE_URI ? chunk.size.length > 0
                                                                   : smtp_number(line, chunk.size, &chunk.octets);
    at = smtp_skip_blanks(line, at, end);
    if (at < end) {
        chunk.marker = smtp_span_between(at, smtp_skip_token(line, at, end));
        chunk.last = smtp_is_word(line + at, chunk.marker.length, "LAST");
        at = smtp_skip_blanks(line, smtp_span_end(chunk.marker), end);
        chunk.valid = chunk.valid && chunk.last && at == end;
    }
    return chunk;
}

bool smtp_command_count(const uint8_t *line, const smtp_command *command, smtp_span *digits, uint64_t *octets)
{
    uint32_t end = smtp_span_end(command->argument);

    *digits = smtp_span_between(command->argument.offset, smtp_skip_token(line, command->argument.offset, end));
    return smtp_number(line, *digits, octets);
}
