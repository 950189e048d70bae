/* smtp_command.c
 * A command line to its parts, and what a certain command looks like.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_command.h"

/* ---- Arguments ---- */

/* The argument of BDAT (RFC 3030, 2) or BURL (RFC 4468, 3.2). */
static smtp_chunk_size read_chunk(const uint8_t *line, smtp_span argument, bool is_uri)
{
    smtp_chunk_size chunk = {.octets = 0};
    uint32_t end = smtp_span_end(argument);
    uint32_t at = smtp_skip_token(line, argument.offset, end);

    chunk.size = smtp_span_between(argument.offset, at);
    chunk.valid = is_uri ? chunk.size.length > 0 : smtp_number(line, chunk.size, &chunk.octets);
    at = smtp_skip_blanks(line, at, end);
    if (at < end) {
        chunk.marker = smtp_span_between(at, smtp_skip_token(line, at, end));
        chunk.last = smtp_is_word(line + at, chunk.marker.length, "LAST");
        at = smtp_skip_blanks(line, smtp_span_end(chunk.marker), end);
        chunk.valid = chunk.valid && chunk.last && at == end;
    }
    if (!chunk.valid)
        chunk.octets = 0;
    return chunk;
}

static smtp_count read_count(const uint8_t *line, smtp_span argument)
{
    uint32_t end = smtp_skip_token(line, argument.offset, smtp_span_end(argument));
    smtp_count count = {.digits = smtp_span_between(argument.offset, end)};

    count.valid = smtp_number(line, count.digits, &count.octets);
    if (!count.valid)
        count.octets = 0;
    return count;
}

/* Where the capture ends in the digits, nobody knows the number. */
static void forget_cut(const smtp_command *command, smtp_span digits, uint64_t *octets, bool *valid)
{
    if (!command->cut || smtp_span_end(digits) < smtp_span_end(command->argument))
        return;
    *octets = 0;
    *valid = false;
}

/* NAME=value, nothing else (Postfix, XCLIENT_README and XFORWARD_README). */
static bool are_attributes(const uint8_t *line, smtp_span argument, smtp_span *odd)
{
    smtp_parameter attribute;

    while (smtp_parameter_next(line, &argument, &attribute)) {
        *odd = attribute.whole;
        if (!attribute.has_value || attribute.keyword.length == 0)
            return false;
    }
    return true;
}

static void read_path(const uint8_t *line, smtp_command *command, smtp_remark_list *remarks)
{
    bool is_rcpt = command->shape == SMTP_SHAPE_TO;

    command->of.path = smtp_path_parse(line, command->argument, is_rcpt ? "TO" : "FROM", remarks);
    if (command->of.path.found)
        smtp_parameters_remark(line, command->of.path.parameters, is_rcpt, remarks);
}

/* Reads the argument by the verb's shape.
 * @param odd  the octets that are not as the verb wants them; set when false is returned
 * @return whether it is what the verb takes, as far as no other remark says more */
static bool read_argument(const uint8_t *line, smtp_command *command, smtp_remark_list *remarks, smtp_span *odd)
{
    smtp_span argument = command->argument;

    *odd = argument;
    switch (command->shape) {
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        read_path(line, command, remarks);
        return true;
    case SMTP_SHAPE_CHUNK:
        command->of.chunk = read_chunk(line, argument, false);
        forget_cut(command, command->of.chunk.size, &command->of.chunk.octets, &command->of.chunk.valid);
        if (!command->of.chunk.valid)
            smtp_remark_add(remarks, SMTP_REMARK_BDAT_SIZE, argument);
        return true;
    case SMTP_SHAPE_URI:
        command->of.chunk = read_chunk(line, argument, true);
        return command->of.chunk.valid;
    case SMTP_SHAPE_COUNT:
        command->of.count = read_count(line, argument);
        forget_cut(command, command->of.count.digits, &command->of.count.octets, &command->of.count.valid);
        return command->of.count.valid;
    case SMTP_SHAPE_MECHANISM:
        command->of.auth = smtp_auth_argument_parse(line, argument);
        return command->of.auth.mechanism.length > 0;
    case SMTP_SHAPE_ATTRIBUTES:
        return are_attributes(line, argument, odd);
    case SMTP_SHAPE_DOMAIN:
    case SMTP_SHAPE_SOME:
        return argument.length > 0;
    case SMTP_SHAPE_BARE:
    case SMTP_SHAPE_TLS:
        return argument.length == 0;
    case SMTP_SHAPE_ANY:
    case SMTP_SHAPE_WILD:
        break;
    }
    return true;
}

/* "AUTH=PLAIN", as servers of old spell the keyword of EHLO, "AUTH:", or "AUTHPLAIN"? What follows may be a secret. */
static bool is_auth_glued(const uint8_t *name, uint32_t length)
{
    return length > 4 && smtp_starts_with(name, length, "AUTH") &&
           (name[4] == '=' || name[4] == ':' || smtp_auth_mechanism(name + 4, length - 4) != SMTP_MECHANISM_OTHER);
}

void smtp_command_parse(const uint8_t *line, const smtp_line *found, smtp_command *command, smtp_remark_list *remarks)
{
    uint32_t length = found->text;
    uint32_t start = smtp_skip_blanks(line, 0, length);
    uint32_t end = smtp_skip_token(line, start, length);
    smtp_span odd;

    command->cut = found->eol == SMTP_EOL_NONE;
    command->verb = smtp_verb_find(line + start, end - start);
    if (command->verb == SMTP_VERB_UNKNOWN && is_auth_glued(line + start, end - start)) {
        command->verb = SMTP_VERB_AUTH;
        end = start + 4;
    }
    command->name = smtp_span_between(start, end);
    command->argument = smtp_span_between(smtp_skip_blanks(line, end, length), length);
    command->shape = smtp_verb_shape(command->verb);
    if (!read_argument(line, command, remarks, &odd))
        smtp_remark_add(remarks, SMTP_REMARK_ARGUMENT_SYNTAX, odd.length ? odd : smtp_span_between(start, length));
}

/* ---- Certainty ---- */

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

/* Does as much as there is of the argument prove the verb? Numbers do not, as
 * digits may be missing, and no argument does not, as one may be missing. */
static bool is_proof_cut(const uint8_t *line, const smtp_command *command)
{
    switch (command->shape) {
    case SMTP_SHAPE_DOMAIN:
        return count_words(line, command->argument) == 1;
    case SMTP_SHAPE_MECHANISM:
        return count_words(line, command->argument) == 2;
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        return command->of.path.has_colon && command->of.path.opened;
    default:
        return false;
    }
}

/* Does the argument prove the verb? */
static bool is_proof(const uint8_t *line, const smtp_command *command)
{
    int words = count_words(line, command->argument);
    smtp_span odd;

    switch (command->shape) {
    case SMTP_SHAPE_ANY:
    case SMTP_SHAPE_SOME:
    case SMTP_SHAPE_BARE:
    case SMTP_SHAPE_TLS:
        return words == 0;
    case SMTP_SHAPE_DOMAIN:
        return words == 1;
    case SMTP_SHAPE_MECHANISM:
        return words == 1 || words == 2;
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        return command->of.path.has_colon && command->of.path.bracketed;
    case SMTP_SHAPE_CHUNK:
    case SMTP_SHAPE_URI:
        return command->of.chunk.valid;
    case SMTP_SHAPE_COUNT:
        return words == 2 && command->of.count.valid;
    case SMTP_SHAPE_ATTRIBUTES:
        return words > 0 && are_attributes(line, command->argument, &odd);
    case SMTP_SHAPE_WILD:
        break;
    }
    return false;
}

bool smtp_command_is_certain(const uint8_t *line, const smtp_command *command)
{
    bool is_apart = command->argument.length == 0 || command->argument.offset > smtp_span_end(command->name);

    /* "AUTH=PLAIN" proves nothing. */
    if (command->name.offset > 0 || !is_apart)
        return false;
    return command->cut ? is_proof_cut(line, command) : is_proof(line, command);
}
