/* smtp_reply.c
 * Server lines to replies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_reply.h"

smtp_reply_line smtp_reply_line_parse(const uint8_t *line, uint32_t length)
{
    smtp_reply_line parsed = {.text = {0, length}};

    if (length < 3 || !smtp_is_digit(line[0]) || !smtp_is_digit(line[1]) || !smtp_is_digit(line[2]))
        return parsed;
    if (length > 3 && line[3] != '-' && !smtp_is_blank(line[3]))
        return parsed;
    parsed.valid = true;
    parsed.more = length > 3 && line[3] == '-';
    parsed.code = (uint16_t)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
    parsed.text = smtp_span_between(length > 3 ? 4 : 3, length);
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
    if (!parsed.valid)
        smtp_remark_add(remarks, SMTP_REMARK_NOT_A_REPLY, parsed.text);
    else if (reply->code && reply->code != parsed.code)
        smtp_remark_add(remarks, SMTP_REMARK_CODE_CHANGED, (smtp_span){0, 3});
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
