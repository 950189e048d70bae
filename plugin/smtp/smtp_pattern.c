/* smtp_pattern.c
 * What is odd about a command as a whole.
 *
 * Most commands have no octet that these patterns need (smtp_odd.h), so few are looked
 * at closely.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_pattern.h"

#include "smtp_exploit.h"
#include "syntax/smtp_apart.h"
#include "syntax/smtp_find.h"
#include "syntax/smtp_odd.h"

/* RFC 5321, 4.5.3.1 */
enum {
    LOCAL_PART_MOST = 64,
    DOMAIN_MOST = 255,
    PATH_MOST = 256
};

static void remark_found(smtp_remark_list *remarks, smtp_remark kind, smtp_span span)
{
    if (span.length > 0)
        smtp_remark_add(remarks, kind, span);
}

static smtp_span nothing_in(smtp_span span)
{
    return (smtp_span){span.offset, 0};
}

/* ---- Addresses ---- */

static SMTP_APART void remark_lengths(const uint8_t *line, const smtp_path *path, smtp_remark_list *remarks)
{
    smtp_address address = smtp_address_split(line, path->address);

    if (address.local_part.length > LOCAL_PART_MOST)
        smtp_remark_add(remarks, SMTP_REMARK_ADDRESS_LENGTH, address.local_part);
    else if (address.domain.length > DOMAIN_MOST)
        smtp_remark_add(remarks, SMTP_REMARK_ADDRESS_LENGTH, address.domain);
    else if (path->path.length > PATH_MOST)
        smtp_remark_add(remarks, SMTP_REMARK_ADDRESS_LENGTH, path->path);
}

/* Is this a domain with a dot, as far as its octets tell? */
static bool is_domain(const uint8_t *line, smtp_span span)
{
    uint32_t end = smtp_span_end(span), dots = 0;

    for (uint32_t at = span.offset; at < end; at++) {
        bool is_name = smtp_is_alpha(line[at]) || smtp_is_digit(line[at]) || line[at] == '-';

        if (!is_name && line[at] != '.')
            return false;
        dots += line[at] == '.' && at > span.offset && at + 1 < end;
    }
    return dots > 0;
}

/* "a%b.c@gate" and "b.c!a@gate" ask the gate to pass mail on to b.c. */
static bool is_routed(const uint8_t *line, smtp_span local)
{
    smtp_span percent = smtp_find(line, local, "%"), bang = smtp_find(line, local, "!");

    if (percent.length > 0 && is_domain(line, smtp_span_between(percent.offset + 1, smtp_span_end(local))))
        return true;
    return bang.length > 0 && is_domain(line, smtp_span_between(local.offset, bang.offset));
}

/* Does an "@" stand in the local part, and a domain behind it where it is quoted?  A quoted one may be part of a
 * name (RFC 5321, 4.1.2). */
static bool holds_address(const uint8_t *line, smtp_span local)
{
    uint32_t end = smtp_span_end(local), stop;

    if (smtp_find_unquoted(line, local, "@").length > 0)
        return true;
    for (uint32_t at = local.offset; at < end; at++) {
        if (line[at] != '@')
            continue;
        for (stop = at + 1; stop < end && line[stop] != '"' && line[stop] != '@'; stop++)
            continue;
        if (is_domain(line, smtp_span_between(at + 1, stop)))
            return true;
    }
    return false;
}

/* An address in the local part of another (nmap, smtp-open-relay). */
static SMTP_APART void remark_relay(const uint8_t *line, smtp_span whole, smtp_remark_list *remarks)
{
    smtp_address address = smtp_address_split(line, whole);
    smtp_span local = address.local_part;

    /* A source route that no colon ends is no address. */
    if (address.domain.length == 0 || local.length == 0 || line[local.offset] == '@')
        return;
    if (holds_address(line, local) || is_routed(line, local))
        smtp_remark_add(remarks, SMTP_REMARK_RELAY_PROBE, whole);
}

static void remark_path(const uint8_t *line, const smtp_path *path, bool is_odd, smtp_remark_list *remarks)
{
    smtp_span address = path->address;

    if (path->route.length > 0 || (address.length > 0 && line[address.offset] == '@'))
        smtp_remark_add(remarks, SMTP_REMARK_SOURCE_ROUTE, path->route.length > 0 ? path->route : address);
    if (address.length > LOCAL_PART_MOST || path->path.length > PATH_MOST)
        remark_lengths(line, path, remarks);
    if (is_odd)
        remark_relay(line, address, remarks);
}

/* Octets that no path may hold, where nothing worse is said of them. */
static SMTP_APART void remark_octets(const uint8_t *line, const smtp_path *path, smtp_remark_list *remarks)
{
    static const smtp_remark worse[] = {
        SMTP_REMARK_PATH_BRACKETS, SMTP_REMARK_PATH_NAME,   SMTP_REMARK_PATH_BLANKS, SMTP_REMARK_PATH_SYNTAX,
        SMTP_REMARK_INJECTION,     SMTP_REMARK_RELAY_PROBE, SMTP_REMARK_EXPLOIT,
    };
    smtp_span odd = smtp_path_find_odd(line, path);

    for (size_t i = 0; i < sizeof worse / sizeof *worse; i++) {
        if (smtp_remarks_has(&remarks->kinds, worse[i]))
            return;
    }
    remark_found(remarks,
                 odd.length > 0 && smtp_is_blank(line[odd.offset]) ? SMTP_REMARK_PATH_BLANKS : SMTP_REMARK_PATH_SYNTAX,
                 odd);
}

/* ---- Injected text ---- */

/* A line end in xtext (RFC 3461, 4). */
static smtp_span find_in_xtext(const uint8_t *line, smtp_span rest, bool of_rcpt)
{
    smtp_parameter_reading reading;
    smtp_span found = nothing_in(rest);

    while (found.length == 0 && smtp_parameter_read(line, &rest, of_rcpt, &reading)) {
        bool is_xtext = reading.grammar == SMTP_VALUE_XTEXT || reading.grammar == SMTP_VALUE_MAILBOX ||
                        reading.grammar == SMTP_VALUE_ORCPT;

        if (is_xtext)
            found = smtp_find(line, reading.parts.value, "+0D");
        if (is_xtext && found.length == 0)
            found = smtp_find(line, reading.parts.value, "+0A");
    }
    return found;
}

/* The first ">" that nothing opened, outside quotes. */
static smtp_span find_closed(const uint8_t *line, smtp_span span)
{
    uint32_t end = smtp_span_end(span), open = 0;
    bool quoted = false;

    for (uint32_t at = span.offset; at < end; at++) {
        if (line[at] == '\\' && quoted)
            at++;
        else if (line[at] == '"')
            quoted = !quoted;
        else if (!quoted && line[at] == '<')
            open++;
        else if (!quoted && line[at] == '>' && open-- == 0)
            return (smtp_span){at, 1};
    }
    return nothing_in(span);
}

static bool has_path(const smtp_command *command)
{
    return (command->shape == SMTP_SHAPE_FROM || command->shape == SMTP_SHAPE_TO) && command->of.path.found;
}

static void remark_injection(const uint8_t *line, const smtp_command *command, smtp_remark_list *remarks)
{
    smtp_span argument = command->argument;

    remark_found(remarks, SMTP_REMARK_INJECTION, smtp_find_control(line, argument));
    remark_found(remarks, SMTP_REMARK_INJECTION, smtp_find(line, argument, "%0D"));
    remark_found(remarks, SMTP_REMARK_INJECTION, smtp_find(line, argument, "%0A"));
    if (has_path(command))
        remark_found(remarks, SMTP_REMARK_INJECTION,
                     find_in_xtext(line, command->of.path.parameters, command->shape == SMTP_SHAPE_TO));
}

/* Behind a path that is all of the argument none is left over. */
static void remark_brackets(const uint8_t *line, const smtp_command *command, smtp_remark_list *remarks)
{
    const smtp_path *path = &command->of.path;
    bool is_closed_again = smtp_remarks_has(&remarks->kinds, SMTP_REMARK_PATH_BRACKETS);

    if (is_closed_again ||
        (path->parameters.length > 0 && memchr(line + path->parameters.offset, '>', path->parameters.length)))
        remark_found(remarks, SMTP_REMARK_INJECTION, find_closed(line, command->argument));
}

/* ---- Names ---- */

/* Digits and dots, or hexadecimal digits and colons (RFC 4291, 2.2), and no more. */
static bool is_bare_address(const uint8_t *line, smtp_span name)
{
    uint32_t dots = 0, colons = 0, letters = 0;

    for (uint32_t at = name.offset; at < smtp_span_end(name); at++) {
        uint8_t octet = smtp_upper(line[at]);

        dots += octet == '.';
        colons += octet == ':';
        letters += octet >= 'A' && octet <= 'F';
        if (octet != '.' && octet != ':' && !smtp_is_digit(octet) && !(octet >= 'A' && octet <= 'F'))
            return false;
    }
    return colons >= 2 || (dots == 3 && colons == 0 && letters == 0);
}

/* ---- Scanners ---- */

typedef struct scanner {
    const char *text;
    const char *behind; /* one of these follows it; empty: anything may */
} scanner;

static const scanner scanners[] = {
#define SMTP_SCANNER(text, behind, who) {text, behind},
#include "smtp_scanners.def"
#undef SMTP_SCANNER
};

static bool is_scanner(const uint8_t *line, uint32_t at, uint32_t end, const scanner *known)
{
    uint32_t stop = at + (uint32_t)strlen(known->text);

    if (!smtp_starts_with(line + at, end - at, known->text))
        return false;
    return !known->behind[0] || (stop < end && line[stop] && strchr(known->behind, line[stop]));
}

/* One of the strings that begins at an octet. */
static smtp_span find_scanner_at(const uint8_t *line, uint32_t at, uint32_t end)
{
    for (size_t i = 0; i < sizeof scanners / sizeof *scanners; i++) {
        if (is_scanner(line, at, end, &scanners[i]))
            return (smtp_span){at, (uint32_t)strlen(scanners[i].text)};
    }
    return (smtp_span){at, 0};
}

/* Do scanners' strings begin with these octets?  Only there are they compared. */
static bool may_begin_scanner(const uint8_t *octets, uint32_t length)
{
    uint8_t second = length > 1 ? smtp_upper(octets[1]) : 0;

    switch (length > 1 ? smtp_upper(octets[0]) : 0) {
    case 'N':
        return second == 'M';
    case 'R':
        return second == 'E';
    case 'A':
        return second == 'N';
    case 'C':
        return second == 'H' || second == 'Y';
    default:
        return false;
    }
}

static SMTP_APART void remark_scanner_in(const uint8_t *line, smtp_span span, smtp_remark_list *remarks)
{
    for (uint32_t at = span.offset; at < smtp_span_end(span); at++) {
        if (may_begin_scanner(line + at, smtp_span_end(span) - at))
            remark_found(remarks, SMTP_REMARK_SCANNER, find_scanner_at(line, at, smtp_span_end(span)));
    }
}

/* Where there is no odd octet a string stands at the start, or is the domain. */
static void remark_scanner(const uint8_t *line, smtp_span span, bool is_odd, smtp_remark_list *remarks)
{
    uint32_t end = smtp_span_end(span);
    const uint8_t *sign = span.length ? memchr(line + span.offset, '@', span.length) : NULL;
    uint32_t domain = sign ? (uint32_t)(sign - line) + 1 : end;

    if (is_odd) {
        remark_scanner_in(line, span, remarks);
        return;
    }
    if (may_begin_scanner(line + span.offset, span.length))
        remark_found(remarks, SMTP_REMARK_SCANNER, find_scanner_at(line, span.offset, end));
    if (may_begin_scanner(line + domain, end - domain))
        remark_found(remarks, SMTP_REMARK_SCANNER, find_scanner_at(line, domain, end));
}

/* ---- Commands that are none ---- */

/* "GET / HTTP/1.1" */
static bool is_http(const uint8_t *line, const smtp_command *command)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS"};
    smtp_span version = smtp_find(line, command->argument, " HTTP/");

    if (version.length == 0)
        return false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (smtp_is_word(line + command->name.offset, command->name.length, methods[i]))
            return true;
    }
    return false;
}

/* "Subject: x"; not "MAIL: x", which somebody typed that knows SMTP. */
bool smtp_pattern_is_header(const uint8_t *line, const smtp_command *command)
{
    smtp_span name = command->name;

    return name.length > 1 && line[smtp_span_end(name) - 1] == ':' && command->argument.length > 0 &&
           memchr(line + name.offset, ':', name.length) == line + smtp_span_end(name) - 1 &&
           smtp_verb_find(line + name.offset, name.length - 1) == SMTP_VERB_UNKNOWN;
}

static SMTP_APART void remark_unknown(const uint8_t *line, const smtp_command *command, smtp_remark_list *remarks)
{
    smtp_span all = smtp_span_between(command->name.offset, smtp_span_end(command->argument));

    if (command->name.length > 0 && line[command->name.offset] == '>')
        smtp_remark_add(remarks, SMTP_REMARK_INJECTION, (smtp_span){command->name.offset, 1});
    if (is_http(line, command) || smtp_pattern_is_header(line, command))
        smtp_remark_add(remarks, SMTP_REMARK_FOREIGN_PROTOCOL, all);
}

/* ---- All of it ---- */

static bool may_be_scanned(const smtp_command *command)
{
    return command->shape == SMTP_SHAPE_DOMAIN || command->verb == SMTP_VERB_EXPN || command->verb == SMTP_VERB_VRFY ||
           has_path(command);
}

static SMTP_APART void remark_odd(const uint8_t *line, const smtp_command *command, smtp_remark_list *remarks)
{
    remark_found(remarks, SMTP_REMARK_EXPLOIT, smtp_exploit_find(line, command).span);
    remark_injection(line, command, remarks);
}

void smtp_pattern_remark(const uint8_t *line, const smtp_command *command, bool is_odd, smtp_remark_list *remarks)
{
    smtp_span argument = command->argument;
    bool is_plain_attack = smtp_exploit_may_be_plain(command);

    if (has_path(command)) {
        smtp_span address = command->of.path.address;

        remark_path(line, &command->of.path, is_odd, remarks);
        remark_brackets(line, command, remarks);
        is_plain_attack = address.length > 0 && line[address.offset] == '/';
    }
    if (command->shape == SMTP_SHAPE_DOMAIN && is_bare_address(line, argument))
        smtp_remark_add(remarks, SMTP_REMARK_HELO_NAME, argument);
    if (command->shape == SMTP_SHAPE_DOMAIN && memchr(line + argument.offset, '>', argument.length))
        remark_found(remarks, SMTP_REMARK_INJECTION, find_closed(line, argument));
    if (may_be_scanned(command))
        remark_scanner(line, has_path(command) ? command->of.path.address : argument, is_odd, remarks);
    if (command->shape == SMTP_SHAPE_WILD)
        remark_unknown(line, command, remarks);
    if ((is_odd && argument.length > 0) || is_plain_attack)
        remark_odd(line, command, remarks);
    if (has_path(command) && command->of.path.has_special && !command->cut)
        remark_octets(line, &command->of.path, remarks);
}
