/* smtp_reply.c
 * Server lines to replies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_reply.h"

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

/* Adds one line to the reply; the reply is complete when no line follows.
 * A line without a code belongs to the reply that announced another line. */
static void add_line(const uint8_t *octets, const smtp_line *line, smtp_reply *reply, smtp_remark_list *remarks)
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
    if (parsed.valid) {
        reply->code = parsed.code;
        reply->code_offset = reply->length;
    }
    if (reply->length == 0)
        reply->text = parsed.text;
    reply->complete = parsed.valid ? !parsed.more : reply->lines == 0;
    reply->length += line->length;
    reply->lines++;
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
