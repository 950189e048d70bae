/* smtp_reply.c
 * Server lines to replies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_reply.h"

#include "smtp_apart.h"
#include "smtp_code.h"

/* Three digits, the first of which says what kind of reply it is (RFC 5321, 4.2.1).
 * Sendmail's "050 ..." is none. */
static bool has_code(const uint8_t *line, uint32_t length)
{
    return length >= 3 && line[0] >= '2' && line[0] <= '5' && smtp_is_digit(line[1]) && smtp_is_digit(line[2]);
}

/* Sendmail tells what it does in lines with 0yz, once VERB has asked for that. */
static bool is_verbose(const uint8_t *line, uint32_t length)
{
    return length > 3 && line[0] == '0' && smtp_is_digit(line[1]) && smtp_is_digit(line[2]) &&
           (line[3] == '-' || smtp_is_blank(line[3]));
}

/* Where the text begins behind a code that neither a blank nor "-" follows: "250OK", "552: too large". */
static uint32_t skip_odd_separator(const uint8_t *line, uint32_t length)
{
    static const char separators[] = ".,:;=_";

    return memchr(separators, line[3], sizeof separators - 1) ? smtp_skip_blanks(line, 4, length) : 3;
}

smtp_reply_line smtp_reply_line_parse(const uint8_t *line, uint32_t length)
{
    smtp_reply_line parsed = {.text = {0, length}};
    uint32_t text = 3;

    if (!has_code(line, length))
        return parsed;
    parsed.valid = true;
    parsed.code = (uint16_t)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
    if (length > 3) {
        parsed.more = line[3] == '-';
        parsed.odd = !parsed.more && !smtp_is_blank(line[3]);
        text = parsed.odd ? skip_odd_separator(line, length) : 4;
    }
    parsed.text = smtp_span_between(text, length);
    return parsed;
}

/* ---- What is odd about a line ---- */

enum {
    LINE_MOST = 512,   /* octets of a reply line with its end (RFC 5321, 4.5.3.1.5) */
    MASKED_LEAST = 16, /* octets of a greeting that was written over, without blanks */
    ENHANCED_LEAST = 5 /* "2.0.0" */
};

/* Three digits and what follows a code, of which only a part of the numbers are codes. */
static bool looks_like_code(const uint8_t *line, uint32_t length)
{
    return length >= 3 && smtp_is_digit(line[0]) && smtp_is_digit(line[1]) && smtp_is_digit(line[2]) &&
           (length == 3 || line[3] == '-' || smtp_is_blank(line[3]));
}

static uint32_t skip_digits(const uint8_t *line, uint32_t at, uint32_t end)
{
    while (at < end && smtp_is_digit(line[at]))
        at++;
    return at;
}

/* An enhanced status code at the start of a text, of whatever class (RFC 3463, 2). */
static smtp_span find_enhanced(const uint8_t *line, smtp_span text)
{
    uint32_t end = smtp_span_end(text), subject = text.offset + 2, detail, at;
    smtp_span none = {text.offset, 0};

    if (line[text.offset] != '2' && line[text.offset] != '4' && line[text.offset] != '5')
        return none;
    at = skip_digits(line, subject, end);
    if (at == subject || at - subject > 3 || at == end || line[at] != '.')
        return none;
    detail = at + 1;
    at = skip_digits(line, detail, end);
    if (at == detail || at - detail > 3 || (at < end && !smtp_is_blank(line[at])))
        return none;
    return smtp_span_between(text.offset, at);
}

/* Those of letters that are not ASCII (RFC 6531), and control octets, on which there are remarks, hide no name. */
static bool may_be_in_domain(uint8_t octet)
{
    return smtp_is_alpha(octet) || smtp_is_digit(octet) || octet == '.' || octet == '-' || octet == '_' ||
           octet >= 0x80 || octet < ' ';
}

static bool is_domain(const uint8_t *octets, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (!may_be_in_domain(octets[i]))
            return false;
    }
    return length > 0 && octets[0] != '.' && octets[0] != '-';
}

/* An enhanced code is no name, though it should not be there (RFC 2034, 4). */
smtp_span smtp_reply_server(const uint8_t *line, smtp_span text, uint16_t code)
{
    uint32_t end = smtp_skip_token(line, text.offset, smtp_span_end(text));
    const uint8_t *name = line + text.offset;
    smtp_enhanced enhanced;

    if (end > text.offset && (line[end - 1] == ',' || line[end - 1] == ':' || line[end - 1] == ';'))
        end--;
    text.length = end - text.offset;
    if (smtp_enhanced_parse(line, text, code, &enhanced))
        return (smtp_span){text.offset, 0};
    if (!is_domain(name, text.length) && !(text.length > 2 && name[0] == '[' && line[end - 1] == ']'))
        return (smtp_span){text.offset, 0};
    return text;
}

/* RFC 2034, 4: the class is the code's first digit, and each line has the same code. */
static SMTP_APART void remark_enhanced(const uint8_t *octets, const smtp_reply_line *parsed, smtp_reply *reply,
                                       smtp_remark_list *remarks)
{
    const uint8_t *line = octets + reply->length, *first = octets + reply->enhanced.offset;
    smtp_span found = find_enhanced(line, parsed->text);

    if (found.length == 0)
        return;
    if (line[found.offset] != '0' + parsed->code / 100)
        smtp_remark_add(remarks, SMTP_REMARK_ENHANCED_CLASS, found);
    if (reply->enhanced.length == 0)
        reply->enhanced = (smtp_span){reply->length + found.offset, found.length};
    else if (found.length != reply->enhanced.length || memcmp(line + found.offset, first, found.length) != 0)
        smtp_remark_add(remarks, SMTP_REMARK_ENHANCED_MIXED, found);
}

/* May the text begin with an enhanced status code that is not as it should be?  In a reply of one line
 * most say the code's first digit again, and a greeting has none (RFC 2034, 4). */
static bool may_be_enhanced(const uint8_t *line, const smtp_reply_line *parsed, const smtp_reply *reply)
{
    const uint8_t *text = line + parsed->text.offset;

    return parsed->text.length >= ENHANCED_LEAST && text[1] == '.' && smtp_is_digit(text[0]) && parsed->code != 220 &&
           (text[0] != line[0] || parsed->more || reply->lines > 0);
}

/* "220 ****0***2": what stood there was a name, and which program it is (Cisco PIX and ASA). */
static bool is_masked(const uint8_t *text, uint32_t length)
{
    uint32_t stars = 0, others = 0;

    for (uint32_t i = 0; i < length; i++) {
        stars += text[i] == '*';
        others += text[i] == '0' || text[i] == '2';
        if (text[i] != '*' && text[i] != '0' && text[i] != '2' && text[i] != ' ')
            return false;
    }
    return stars + others >= MASKED_LEAST && stars >= 3 * others;
}

static SMTP_APART void remark_rare(const uint8_t *start, const smtp_line *line, const smtp_reply_line *parsed,
                                   smtp_remark_list *remarks)
{
    if (parsed->valid ? start[1] > '5' : looks_like_code(start, line->text) && !is_verbose(start, line->text))
        smtp_remark_add(remarks, SMTP_REMARK_REPLY_CODE, (smtp_span){0, 3});
    if (line->length > LINE_MOST)
        smtp_remark_add(remarks, SMTP_REMARK_REPLY_LENGTH, (smtp_span){0, line->text});
    if (parsed->code == 220 && is_masked(start + parsed->text.offset, parsed->text.length))
        smtp_remark_add(remarks, SMTP_REMARK_MASKED_GREETING, parsed->text);
}

/* Is there something to be said of a line that hardly one has? */
static bool may_be_rare(const uint8_t *start, const smtp_line *line, const smtp_reply_line *parsed)
{
    return !parsed->valid || start[1] > '5' || line->length > LINE_MOST ||
           (parsed->code == 220 && parsed->text.length >= MASKED_LEAST);
}

/* ---- Lines to replies ---- */

/* Adds one line to the reply; the reply is complete when no line follows.
 * A line without a code belongs to the reply that announced another line. */
static smtp_reply_line add_line(const uint8_t *octets, const smtp_line *line, smtp_reply *reply,
                                smtp_remark_list *remarks)
{
    const uint8_t *start = octets + reply->length;
    smtp_reply_line parsed = smtp_reply_line_parse(start, line->text);

    remarks->base = reply->length;
    smtp_line_remark(start, line, remarks);
    if (!parsed.valid && !is_verbose(start, line->text))
        smtp_remark_add(remarks, SMTP_REMARK_NOT_A_REPLY, parsed.text);
    if (parsed.valid && reply->code && reply->code != parsed.code)
        smtp_remark_add(remarks, SMTP_REMARK_CODE_CHANGED, (smtp_span){0, 3});
    if (parsed.odd)
        smtp_remark_add(remarks, SMTP_REMARK_REPLY_SEPARATOR, (smtp_span){3, 1});
    if (may_be_rare(start, line, &parsed))
        remark_rare(start, line, &parsed, remarks);
    if (parsed.valid && may_be_enhanced(start, &parsed, reply))
        remark_enhanced(octets, &parsed, reply, remarks);
    if (parsed.valid) {
        reply->code = parsed.code;
        reply->code_offset = reply->length;
    }
    if (reply->length == 0)
        reply->text = parsed.text;
    reply->complete = parsed.valid ? !parsed.more : reply->lines == 0;
    reply->length += line->length;
    reply->lines++;
    return parsed;
}

/* Adds the next line, if its end is in hand.
 * @param scanned  of the octets behind the reply, how many hold no line end */
static bool add_next(const uint8_t *octets, uint32_t length, uint32_t scanned, smtp_reply *reply,
                     smtp_remark_list *remarks)
{
    smtp_line line = smtp_line_find(octets + reply->length, length - reply->length, scanned);

    if (line.eol == SMTP_EOL_NONE)
        return false;
    add_line(octets, &line, reply, remarks);
    return true;
}

bool smtp_reply_read(const uint8_t *octets, uint32_t length, uint32_t scanned, uint32_t limit, smtp_reply *reply)
{
    smtp_remark_list remarks;

    smtp_remark_list_begin(&remarks, reply->remarks);
    while (!reply->complete && reply->length < limit && add_next(octets, length, scanned, reply, &remarks))
        scanned = 0;
    reply->remarks = remarks.kinds;
    return reply->complete;
}

bool smtp_reply_read_line(const uint8_t *octets, uint32_t length, uint32_t scanned, smtp_reply *reply,
                          smtp_reply_line *line)
{
    smtp_line found = smtp_line_find(octets + reply->length, length - reply->length, scanned);
    smtp_remark_list remarks;

    if (found.eol == SMTP_EOL_NONE)
        return false;
    smtp_remark_list_begin(&remarks, reply->remarks);
    *line = add_line(octets, &found, reply, &remarks);
    reply->remarks = remarks.kinds;
    return true;
}

void smtp_reply_read_unfinished(const uint8_t *octets, uint32_t length, smtp_reply *reply)
{
    smtp_line line = {length, length, SMTP_EOL_NONE};
    smtp_reply_line parsed = smtp_reply_line_parse(octets, length);
    smtp_remark_list remarks;

    smtp_remark_list_begin(&remarks, (smtp_remarks){{0, 0}});
    smtp_line_remark(octets, &line, &remarks);
    *reply = (smtp_reply){
        .length = length,
        .lines = 1,
        .code = parsed.code,
        .complete = !parsed.more,
        .text = parsed.text,
        .remarks = remarks.kinds,
    };
}

void smtp_reply_remark(const uint8_t *octets, uint32_t length, smtp_remark_list *remarks)
{
    smtp_reply reply = {.length = 0};

    while (!reply.complete && add_next(octets, length, 0, &reply, remarks))
        continue;
    if (reply.lines == 0) {
        smtp_line line = {length, length, SMTP_EOL_NONE};
        smtp_line_remark(octets, &line, remarks);
    }
}

bool smtp_reply_lines_next(smtp_reply_lines *lines)
{
    lines->offset += lines->line.length;
    if (lines->offset >= lines->length)
        return false;
    lines->line = smtp_line_find(lines->octets + lines->offset, lines->length - lines->offset, 0);
    lines->parsed = smtp_reply_line_parse(lines->octets + lines->offset, lines->line.text);
    return true;
}

uint32_t smtp_reply_add_text(const smtp_reply_lines *lines, uint8_t *text, uint32_t length, uint32_t room,
                             uint8_t between)
{
    const uint8_t *line = lines->octets + lines->offset;
    smtp_span more = lines->parsed.text;
    smtp_enhanced enhanced;

    if (length > 0 && smtp_enhanced_parse(line, more, lines->parsed.code, &enhanced) &&
        enhanced.whole.length <= length && memcmp(text, line + more.offset, enhanced.whole.length) == 0)
        more = smtp_span_between(smtp_skip_blanks(line, smtp_span_end(enhanced.whole), smtp_span_end(more)),
                                 smtp_span_end(more));
    if (length > 0 && length < room)
        text[length++] = between;
    if (more.length > room - length)
        more.length = room - length;
    memcpy(text + length, line + more.offset, more.length);
    return length + more.length;
}
