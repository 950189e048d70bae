/* smtp_sniff.c
 * Are these octets SMTP, and whose?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_sniff.h"
#include "smtp_capability.h"
#include "smtp_code.h"
#include "smtp_command.h"
#include "smtp_proxy.h"
#include "smtp_reply.h"
#include "smtp_tls.h"

/* ---- Evidently something else ---- */

/* How other text protocols begin, as upper case. */
static const struct {
    const char *beginning;
    const char *name;
} others[] = {
    {"SSH-", "ssh"},   {"+OK", "pop"},       {"-ERR", "pop"},       {"* OK", "imap"},    {"* PREAUTH", "imap"},
    {"* BYE", "imap"}, {"HTTP/1.", "http"},  {"GET /", "http"},     {"HEAD /", "http"},  {"POST /", "http"},
    {"PUT /", "http"}, {"DELETE /", "http"}, {"OPTIONS /", "http"}, {"PATCH /", "http"}, {"CONNECT ", "http"},
};

const char *smtp_sniff_other(const uint8_t *octets, uint32_t length)
{
    /* None begins with a digit, as a reply does. */
    if (length > 0 && smtp_is_digit(octets[0]))
        return NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (smtp_starts_with(octets, length, others[i].beginning))
            return others[i].name;
    }
    return NULL;
}

/* Octets that do not occur in text, nor in what a telnet client sends. */
static bool is_binary(const uint8_t *octets, uint32_t length)
{
    uint32_t end = length < 64 ? length : 64;

    for (uint32_t i = 0; i < end; i++) {
        if (octets[i] >= ' ' && octets[i] != 0xff)
            continue;
        if (octets[i] == 0xff) {
            uint32_t telnet = smtp_line_telnet(octets + i, length - i, 0);
            if (telnet == 0 && length - i > 2)
                return true;
            i += telnet ? telnet - 1 : length - i;
        } else if (octets[i] == '\0' ? i == 0 || octets[i - 1] != '\r' : !strchr("\t\n\r\b\x1b", octets[i])) {
            return true;
        }
    }
    return false;
}

/* A code and a separator: a reply by the book, whatever octets are behind them. A
 * session's server is granted more, but only once it is known. */
static bool is_reply(const uint8_t *octets, uint32_t length)
{
    return length > 3 && octets[0] >= '2' && octets[0] <= '5' && smtp_is_digit(octets[1]) && smtp_is_digit(octets[2]) &&
           (octets[3] == '-' || smtp_is_blank(octets[3]));
}

smtp_sniffed smtp_sniff(const uint8_t *octets, uint32_t length)
{
    bool partial;

    if (length > 0 && smtp_tls_begins(octets, length))
        return SMTP_SNIFFED_TLS;
    if (smtp_proxy_header(octets, length, &partial) > 0 || partial)
        return SMTP_SNIFFED_TEXT;
    if (smtp_sniff_other(octets, length))
        return SMTP_SNIFFED_OTHER;
    return is_reply(octets, length) || !is_binary(octets, length) ? SMTP_SNIFFED_TEXT : SMTP_SNIFFED_OTHER;
}

/* ---- Nothing but SMTP ---- */

/* Octets of the shortest line that is certain: "BDAT 0" and its line end. */
enum {
    LEAST = 8
};

static bool has_word(const uint8_t *text, uint32_t length, const char *word)
{
    for (uint32_t i = 0; i < length; i++) {
        if (smtp_upper(text[i]) == (uint8_t)*word && smtp_starts_with(text + i, length - i, word))
            return true;
    }
    return false;
}

/* Is this FTP's greeting? The word in the host's name, which comes first, says nothing. */
static bool is_ftp(const uint8_t *line, smtp_span text)
{
    uint32_t end = smtp_span_end(text);
    uint32_t start = smtp_skip_token(line, text.offset, end);

    if (start > text.offset && !memchr(line + text.offset, '.', start - text.offset))
        start = text.offset;
    return has_word(line + start, end - start, "FTP");
}

/* What an SMTP server says when it greets, or refuses to (RFC 5321, 4.2.3 and 4.3.2). FTP's
 * 421 closes a control connection. */
static bool has_words_of_smtp(const uint8_t *text, uint32_t length)
{
    return has_word(text, length, "SMTP") || has_word(text, length, "LMTP") ||
           has_word(text, length, "SIMPLE MAIL TRANSFER") || has_word(text, length, "TRANSMISSION CHANNEL");
}

/* A greeting whose text names the protocol; FTP servers greet with 220, and refuse with 421, too. */
static bool is_greeting(const uint8_t *line, const smtp_reply_line *parsed)
{
    return (parsed->code == 220 || parsed->code == 421 || parsed->code == 554) &&
           has_words_of_smtp(line + parsed->text.offset, parsed->text.length) && !is_ftp(line, parsed->text);
}

/* A reply with an enhanced code. A greeting has none (RFC 2034, 4): behind 220 it may be the
 * version of an FTP server, unless TLS is what begins. */
static bool has_enhanced_code(const uint8_t *line, const smtp_reply_line *parsed)
{
    smtp_enhanced enhanced;

    return smtp_enhanced_parse(line, parsed->text, parsed->code, &enhanced) &&
           (parsed->code != 220 || has_word(line + parsed->text.offset, parsed->text.length, "TLS"));
}

/* A reply to EHLO whose second line is a registered keyword. */
static bool is_ehlo_reply(const uint8_t *octets, uint32_t length, const smtp_line *first, const smtp_reply_line *parsed)
{
    uint32_t start = first->length;
    smtp_line line;
    smtp_reply_line second;

    if (parsed->code != 250 || !parsed->more || start >= length)
        return false;
    line = smtp_line_find(octets + start, length - start, 0);
    second = smtp_reply_line_parse(octets + start, line.text);
    return second.code == 250 && !second.odd && line.eol != SMTP_EOL_NONE &&
           smtp_capability_is_standard(octets + start, second.text);
}

/* @param line, parsed  the first line, which is a reply's */
static bool server_is_certain(const uint8_t *octets, uint32_t length, const smtp_line *line,
                              const smtp_reply_line *parsed)
{
    if (is_greeting(octets, parsed) || is_ehlo_reply(octets, length, line, parsed))
        return true;
    return line->eol == SMTP_EOL_CRLF && has_enhanced_code(octets, parsed);
}

/* HELO, EHLO, LHLO with a name; MAIL FROM:<...>, RCPT TO:<...>; BDAT n.  All but
 * the last are certain without their line end, too. */
static bool client_is_certain(const uint8_t *octets, uint32_t length)
{
    smtp_line line = smtp_line_find(octets, length, 0);
    smtp_remark_list unused = {.count = 0};
    smtp_command command;

    smtp_command_parse(octets, &line, &command, &unused);
    switch (command.shape) {
    case SMTP_SHAPE_DOMAIN:
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
    case SMTP_SHAPE_CHUNK:
        return smtp_command_is_certain(octets, &command);
    default:
        return false;
    }
}

static bool is_verb_of_client(const uint8_t *octets)
{
    static const char verbs[][5] = {"MAIL", "RCPT", "EHLO", "HELO", "LHLO", "BDAT"};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (smtp_starts_with(octets, 4, verbs[i]))
            return true;
    }
    return false;
}

/* What the first line says, read once. */
typedef struct first_line {
    smtp_side side; /* the likely one */
    bool certain;   /* nothing but SMTP says this */
    bool greets;    /* as SMTP does, and others */
} first_line;

static first_line look_at(const uint8_t *octets, uint32_t length)
{
    bool partial;
    uint32_t header = smtp_proxy_header(octets, length, &partial);
    first_line first = {.side = SMTP_CLIENT};

    octets += header;
    length -= header;
    if (is_reply(octets, length)) {
        smtp_line line = smtp_line_find(octets, length, 0);
        smtp_reply_line parsed = smtp_reply_line_parse(octets, line.text);

        first.side = SMTP_SERVER;
        first.certain = length >= LEAST && server_is_certain(octets, length, &line, &parsed);
        first.greets = parsed.code == 220 && (first.certain || !is_ftp(octets, parsed.text));
    } else if (length >= LEAST && is_verb_of_client(octets)) {
        first.certain = client_is_certain(octets, length);
    }
    return first;
}

bool smtp_sniff_is_certain(const uint8_t *octets, uint32_t length, smtp_side *side)
{
    first_line first = look_at(octets, length);

    if (first.certain)
        *side = first.side;
    return first.certain;
}

bool smtp_sniff_may_greet(const uint8_t *octets, uint32_t length)
{
    static const uint8_t code[] = {'2', '2', '0'};

    if (length <= sizeof code)
        return memcmp(octets, code, length) == 0;
    return look_at(octets, length).greets;
}

smtp_side smtp_sniff_likely(const uint8_t *octets, uint32_t length)
{
    bool partial;
    uint32_t header = smtp_proxy_header(octets, length, &partial);

    return is_reply(octets + header, length - header) ? SMTP_SERVER : SMTP_CLIENT;
}

bool smtp_sniff_side(const uint8_t *octets, uint32_t length, smtp_side *side)
{
    first_line first = look_at(octets, length);

    *side = first.side;
    return first.certain || first.greets;
}
