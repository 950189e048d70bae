/* smtp_parameter.c
 * ESMTP parameters of MAIL and RCPT, and their values.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_parameter.h"

enum {
    MAIL,
    RCPT
};

typedef struct parameter_row {
    const char *keyword;
    uint8_t command;
    uint8_t value;
    smtp_note note;
} parameter_row;

static const parameter_row rows[SMTP_PARAMETER_COUNT] = {
    {"", MAIL, SMTP_VALUE_ANY, {"", ""}},
#define SMTP_PARAMETER(name, keyword, command, value, meaning, source) \
    {keyword, command, SMTP_VALUE_##value, {meaning, source}},
#define SMTP_PARAMETER_WORD(name, word, meaning)
#include "../smtp_parameters.def"
#undef SMTP_PARAMETER
#undef SMTP_PARAMETER_WORD
};

smtp_parameter_name smtp_parameter_find(const uint8_t *keyword, uint32_t length, bool of_rcpt)
{
    for (int i = SMTP_PARAMETER_UNKNOWN + 1; i < SMTP_PARAMETER_COUNT; i++) {
        if ((rows[i].command == RCPT) == of_rcpt && smtp_is_word(keyword, length, rows[i].keyword))
            return (smtp_parameter_name)i;
    }
    return SMTP_PARAMETER_UNKNOWN;
}

smtp_value smtp_parameter_value(smtp_parameter_name name)
{
    return (smtp_value)rows[name].value;
}

smtp_note smtp_parameter_note(smtp_parameter_name name, const uint8_t *line, smtp_span word)
{
    static const struct {
        smtp_parameter_name name;
        const char *word;
        const char *meaning;
    } words[] = {
#define SMTP_PARAMETER(name, keyword, command, value, meaning, source)
#define SMTP_PARAMETER_WORD(name, word, meaning) {SMTP_PARAMETER_##name, word, meaning},
#include "../smtp_parameters.def"
#undef SMTP_PARAMETER
#undef SMTP_PARAMETER_WORD
    };
    smtp_note note = rows[name].note;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].name == name && smtp_is_word(line + word.offset, word.length, words[i].word))
            note.meaning = words[i].meaning;
    }
    return note;
}

bool smtp_parameter_next(const uint8_t *line, smtp_span *rest, smtp_parameter *parameter)
{
    uint32_t end = smtp_span_end(*rest);
    uint32_t start = smtp_skip_blanks(line, rest->offset, end);
    uint32_t stop = smtp_skip_token(line, start, end);
    const uint8_t *sign = start < stop ? memchr(line + start, '=', stop - start) : NULL;
    uint32_t equals = sign ? (uint32_t)(sign - line) : stop;

    *rest = smtp_span_between(stop, end);
    parameter->whole = smtp_span_between(start, stop);
    parameter->keyword = smtp_span_between(start, equals);
    parameter->has_value = sign != NULL;
    parameter->value = smtp_span_between(sign ? equals + 1 : stop, stop);
    return start < stop;
}

/* ---- xtext ---- */

/* The value of a hexadecimal digit, 16 for any other octet. Only upper case is
 * hexadecimal in xtext (RFC 3461, 4). */
static uint8_t hex_digit(uint8_t c)
{
    if (smtp_is_digit(c))
        return (uint8_t)(c - '0');
    return c >= 'A' && c <= 'F' ? (uint8_t)(c - 'A' + 10) : 16;
}

static bool is_hex_pair(const uint8_t *line, uint32_t at, uint32_t end)
{
    return end - at >= 3 && line[at] == '+' && hex_digit(line[at + 1]) < 16 && hex_digit(line[at + 2]) < 16;
}

/* Octets above 126 are SMTPUTF8's (RFC 6533, 3). */
static bool is_xtext(const uint8_t *line, smtp_span span)
{
    uint32_t end = smtp_span_end(span);

    for (uint32_t at = span.offset; at < end; at++) {
        if (line[at] < '!' || line[at] == '=' || line[at] == 127)
            return false;
        if (line[at] == '+' && !is_hex_pair(line, at, end))
            return false;
    }
    return span.length > 0;
}

uint32_t smtp_xtext_decode(const uint8_t *line, smtp_span span, uint8_t *to)
{
    uint32_t end = smtp_span_end(span), written = 0;

    for (uint32_t at = span.offset; at < end; at++) {
        uint8_t octet = line[at];

        if (is_hex_pair(line, at, end)) {
            octet = (uint8_t)(hex_digit(line[at + 1]) << 4 | hex_digit(line[at + 2]));
            at += 2;
        }
        to[written++] = octet;
    }
    return written;
}

/* ---- Numbers and times ---- */

static uint32_t count_digits(const uint8_t *line, uint32_t at, uint32_t end)
{
    uint32_t start = at;

    while (at < end && smtp_is_digit(line[at]))
        at++;
    return at - start;
}

uint32_t smtp_signed_number(const uint8_t *line, smtp_span span, int32_t *value)
{
    uint32_t end = smtp_span_end(span);
    bool is_signed = span.length > 0 && (line[span.offset] == '-' || line[span.offset] == '+');
    uint32_t at = span.offset + is_signed;
    uint32_t digits = count_digits(line, at, end);
    uint64_t number;

    if (digits < 1 || digits > 9 || !smtp_number(line, (smtp_span){at, digits}, &number))
        return 0;
    *value = is_signed && line[span.offset] == '-' ? -(int32_t)number : (int32_t)number;
    return is_signed + digits;
}

/* Where a date-time is read, and where its octets end. */
typedef struct clock_at {
    const uint8_t *line;
    uint32_t at;
    uint32_t end;
} clock_at;

/* So many digits, then a stop (0: none); steps over them. */
static bool take_digits(clock_at *clock, uint32_t digits, uint8_t stop, int *value)
{
    const uint8_t *octets = clock->line + clock->at;
    uint32_t need = digits + (stop != 0);

    *value = 0;
    if (clock->end - clock->at < need || count_digits(octets, 0, digits) != digits)
        return false;
    if (stop && smtp_upper(octets[digits]) != stop)
        return false;
    for (uint32_t i = 0; i < digits; i++)
        *value = *value * 10 + (octets[i] - '0');
    clock->at += need;
    return true;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static int64_t days_since_1970(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int years = year - 1;
    int64_t days = (int64_t)years * 365 + years / 4 - years / 100 + years / 400;

    return days + before[month - 1] + (month > 2 && is_leap) + day - 719163;
}

/* "." and digits, if there. */
static void take_fraction(clock_at *clock, int32_t *nanoseconds)
{
    bool is_there = clock->at < clock->end && clock->line[clock->at] == '.';
    uint32_t digits = is_there ? count_digits(clock->line, clock->at + 1, clock->end) : 0;
    int32_t unit = 100000000;

    *nanoseconds = 0;
    if (digits == 0)
        return;
    for (uint32_t i = 1; i <= digits; i++, unit /= 10)
        *nanoseconds += (clock->line[clock->at + i] - '0') * unit;
    clock->at += digits + 1;
}

/* "Z", or a sign and hh:mm, in seconds east of Greenwich. */
static bool take_zone(clock_at *clock, int *east)
{
    int hours, minutes, sign;
    uint8_t first;

    *east = 0;
    if (clock->at == clock->end)
        return false;
    first = clock->line[clock->at++];
    if (smtp_upper(first) == 'Z')
        return true;
    if (first != '+' && first != '-')
        return false;
    sign = first == '-' ? -1 : 1;
    if (!take_digits(clock, 2, ':', &hours) || !take_digits(clock, 2, 0, &minutes))
        return false;
    *east = sign * (hours * 60 + minutes) * 60;
    return hours < 24 && minutes < 60;
}

uint32_t smtp_date_time(const uint8_t *line, smtp_span span, int64_t *seconds, int32_t *nanoseconds)
{
    clock_at clock = {line, span.offset, smtp_span_end(span)};
    int year, month, day, hour, minute, second, east;
    int64_t minutes;

    if (!take_digits(&clock, 4, '-', &year) || !take_digits(&clock, 2, '-', &month) ||
        !take_digits(&clock, 2, 'T', &day) || !take_digits(&clock, 2, ':', &hour) ||
        !take_digits(&clock, 2, ':', &minute) || !take_digits(&clock, 2, 0, &second))
        return 0;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return 0;
    take_fraction(&clock, nanoseconds);
    if (!take_zone(&clock, &east))
        return 0;
    minutes = (days_since_1970(year, month, day) * 24 + hour) * 60 + minute;
    *seconds = minutes * 60 + second - east;
    return clock.at - span.offset;
}

/* ---- Grammars ---- */

bool smtp_next_listed(const uint8_t *line, smtp_span *rest, smtp_span *word)
{
    uint32_t end = smtp_span_end(*rest);
    const uint8_t *comma = rest->length ? memchr(line + rest->offset, ',', rest->length) : NULL;
    uint32_t stop = comma ? (uint32_t)(comma - line) : end;

    if (rest->length == 0)
        return false;
    *word = smtp_span_between(rest->offset, stop);
    *rest = smtp_span_between(comma ? stop + 1 : end, end);
    return true;
}

/* Each word is one of these (ending with NULL) and no other. */
static bool is_one_of(const uint8_t *line, smtp_span word, const char *const *words)
{
    while (*words && !smtp_is_word(line + word.offset, word.length, *words))
        words++;
    return *words != NULL;
}

/* RFC 3461, 4.1: NEVER stands alone. */
static bool is_notify(const uint8_t *line, smtp_span span)
{
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY", NULL};
    smtp_span word;

    if (smtp_is_word(line + span.offset, span.length, "NEVER"))
        return true;
    if (span.length == 0 || line[smtp_span_end(span) - 1] == ',')
        return false;
    while (smtp_next_listed(line, &span, &word)) {
        if (!is_one_of(line, word, words))
            return false;
    }
    return true;
}

static bool is_orcpt(const uint8_t *line, smtp_span span)
{
    const uint8_t *semicolon = span.length ? memchr(line + span.offset, ';', span.length) : NULL;
    uint32_t at = semicolon ? (uint32_t)(semicolon - line) : span.offset;

    return at > span.offset && is_xtext(line, smtp_span_between(at + 1, smtp_span_end(span)));
}

static bool is_by(const uint8_t *line, smtp_span span)
{
    static const char *const modes[] = {";N", ";R", ";NT", ";RT", NULL};
    int32_t seconds;
    uint32_t used = smtp_signed_number(line, span, &seconds);

    return used > 0 && is_one_of(line, smtp_span_between(span.offset + used, smtp_span_end(span)), modes);
}

static bool is_rrvs(const uint8_t *line, smtp_span span)
{
    static const char *const actions[] = {";C", ";R", NULL};
    int64_t seconds;
    int32_t fraction = 0;
    uint32_t used = smtp_date_time(line, span, &seconds, &fraction);

    return used > 0 && (used == span.length ||
                        is_one_of(line, smtp_span_between(span.offset + used, smtp_span_end(span)), actions));
}

static bool is_base64(uint8_t c)
{
    return smtp_is_alpha(c) || smtp_is_digit(c) || c == '+' || c == '/' || c == '=';
}

static bool is_mtrk(const uint8_t *line, smtp_span span)
{
    uint32_t end = smtp_span_end(span), at = span.offset;
    uint32_t digits;

    while (at < end && is_base64(line[at]))
        at++;
    if (at == span.offset || at == end)
        return at == end && span.length > 0;
    digits = line[at] == ':' ? count_digits(line, at + 1, end) : 0;
    return digits >= 1 && digits <= 9 && at + 1 + digits == end;
}

static bool is_transid(const uint8_t *line, smtp_span span)
{
    return span.length >= 5 && line[span.offset] == '<' && line[smtp_span_end(span) - 1] == '>' &&
           memchr(line + span.offset, '@', span.length);
}

static bool is_keywords(const uint8_t *line, smtp_span span)
{
    smtp_span word;

    if (span.length == 0 || line[smtp_span_end(span) - 1] == ',')
        return false;
    while (smtp_next_listed(line, &span, &word)) {
        if (word.length == 0)
            return false;
    }
    return true;
}

static bool is_number_between(const uint8_t *line, smtp_span span, int32_t least, int32_t most)
{
    int32_t number;

    return smtp_signed_number(line, span, &number) == span.length && span.length > 0 && number >= least &&
           number <= most;
}

bool smtp_value_is_valid(smtp_value value, const uint8_t *line, smtp_span span)
{
    static const char *const bodies[] = {"7BIT", "8BITMIME", "BINARYMIME", NULL};
    static const char *const returns[] = {"FULL", "HDRS", NULL};
    int64_t seconds;
    int32_t fraction;

    switch (value) {
    case SMTP_VALUE_ANY:
        return true;
    case SMTP_VALUE_NONE:
        return false;
    case SMTP_VALUE_SIZE:
        return span.length >= 1 && span.length <= 20 &&
               count_digits(line, span.offset, smtp_span_end(span)) == span.length;
    case SMTP_VALUE_BODY:
        return is_one_of(line, span, bodies);
    case SMTP_VALUE_RET:
        return is_one_of(line, span, returns);
    case SMTP_VALUE_XTEXT:
        return is_xtext(line, span);
    case SMTP_VALUE_MAILBOX:
        return is_xtext(line, span) || smtp_is_word(line + span.offset, span.length, "<>");
    case SMTP_VALUE_NOTIFY:
        return is_notify(line, span);
    case SMTP_VALUE_ORCPT:
        return is_orcpt(line, span);
    case SMTP_VALUE_BY:
        return is_by(line, span);
    case SMTP_VALUE_SECONDS:
        return smtp_is_digit(span.length ? line[span.offset] : 0) && is_number_between(line, span, 0, 999999999);
    case SMTP_VALUE_DATE_TIME:
        return span.length > 0 && smtp_date_time(line, span, &seconds, &fraction) == span.length;
    case SMTP_VALUE_PRIORITY:
        return is_number_between(line, span, -9, 9);
    case SMTP_VALUE_RRVS:
        return is_rrvs(line, span);
    case SMTP_VALUE_MTRK:
        return is_mtrk(line, span);
    case SMTP_VALUE_KEYWORDS:
        return is_keywords(line, span);
    case SMTP_VALUE_TRANSID:
        return is_transid(line, span);
    }
    return false;
}

/* ---- Parameters ---- */

/* Is this an esmtp-keyword (RFC 5321, 4.1.2)? */
static bool is_keyword(const uint8_t *keyword, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (!smtp_is_alpha(keyword[i]) && !smtp_is_digit(keyword[i]) && (keyword[i] != '-' || i == 0))
            return false;
    }
    return length > 0;
}

static bool is_well_formed(const uint8_t *line, const smtp_parameter *parameter, smtp_value grammar)
{
    if (!is_keyword(line + parameter->keyword.offset, parameter->keyword.length))
        return false;
    if (grammar == SMTP_VALUE_NONE || grammar == SMTP_VALUE_ANY)
        return grammar == SMTP_VALUE_ANY || !parameter->has_value;
    return parameter->has_value && smtp_value_is_valid(grammar, line, parameter->value);
}

bool smtp_parameter_read(const uint8_t *line, smtp_span *rest, bool of_rcpt, smtp_parameter_reading *reading)
{
    smtp_span keyword;

    if (!smtp_parameter_next(line, rest, &reading->parts))
        return false;
    keyword = reading->parts.keyword;
    reading->name = smtp_parameter_find(line + keyword.offset, keyword.length, of_rcpt);
    reading->grammar = smtp_parameter_value(reading->name);
    reading->well_formed = is_well_formed(line, &reading->parts, reading->grammar);
    return true;
}

/* Does a parameter of the same keyword stand before this one? */
static bool is_repeated(const uint8_t *line, smtp_span before, smtp_span keyword)
{
    smtp_parameter earlier;

    while (smtp_parameter_next(line, &before, &earlier)) {
        bool is_same = earlier.keyword.length == keyword.length;

        for (uint32_t i = 0; is_same && i < keyword.length; i++)
            is_same = smtp_upper(line[earlier.keyword.offset + i]) == smtp_upper(line[keyword.offset + i]);
        if (is_same)
            return true;
    }
    return false;
}

enum {
    COMPARED = 1000 /* octets of parameters without a row; a line may have thousands */
};

/* Of those with a row only the bits are compared. */
static void remark_repeated(const uint8_t *line, smtp_span all, const smtp_parameter_reading *reading, uint64_t *seen,
                            smtp_remark_list *remarks)
{
    uint64_t bit = UINT64_C(1) << reading->name;
    smtp_span whole = reading->parts.whole;
    bool is_second = *seen & bit;

    if (is_second && reading->name == SMTP_PARAMETER_UNKNOWN)
        is_second = whole.offset - all.offset < COMPARED &&
                    is_repeated(line, smtp_span_between(all.offset, whole.offset), reading->parts.keyword);
    *seen |= bit;
    if (is_second)
        smtp_remark_add(remarks, SMTP_REMARK_PARAMETER_REPEATED, whole);
}

_Static_assert(SMTP_PARAMETER_COUNT <= 64, "a bit for each parameter");

void smtp_parameters_remark(const uint8_t *line, smtp_span rest, bool of_rcpt, smtp_remark_list *remarks)
{
    smtp_parameter_reading reading;
    smtp_span all = rest;
    uint64_t seen = 0;

    if (rest.length == 0)
        return;
    /* "<a@b>SIZE=1": a blank is wanted between path and parameter (RFC 5321, 4.1.1.2). In "FROM:SIZE=1" there is none.
     */
    if (!smtp_is_blank(line[rest.offset]) &&
        !(rest.offset > 0 && (line[rest.offset - 1] == ':' || smtp_is_blank(line[rest.offset - 1]))))
        smtp_remark_add(remarks, SMTP_REMARK_PARAMETER_SYNTAX, rest);
    while (smtp_parameter_read(line, &rest, of_rcpt, &reading)) {
        if (!reading.well_formed)
            smtp_remark_add(remarks, SMTP_REMARK_PARAMETER_SYNTAX, reading.parts.whole);
        remark_repeated(line, all, &reading, &seen, remarks);
    }
}
