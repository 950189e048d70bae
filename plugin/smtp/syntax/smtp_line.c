/* smtp_line.c
 * Octets to lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_line.h"
#include "smtp_remarks.h"

/* RFC 854 */
enum {
    IAC = 255,
    SB = 250,
    SE = 240,
    WILL = 251,
    DONT = 254
};

/* How many octets of a line are searched at first. */
enum {
    FIRST_STEP = 128
};

/* Offset of the NUL of the first CR NUL in [from, end), or end. */
static uint32_t find_crnul(const uint8_t *octets, uint32_t from, uint32_t end)
{
    while (from < end) {
        const uint8_t *nul = memchr(octets + from, '\0', end - from);
        if (!nul)
            return end;
        from = (uint32_t)(nul - octets);
        if (from > 0 && nul[-1] == '\r')
            return from;
        from++;
    }
    return end;
}

/* The line end in the octets [from, end) of a line, if it is there. */
static bool find_end(const uint8_t *octets, uint32_t from, uint32_t end, smtp_line *line)
{
    const uint8_t *lf = memchr(octets + from, '\n', end - from);
    uint32_t at = lf ? (uint32_t)(lf - octets) : end;
    uint32_t nul = find_crnul(octets, from, at);

    if (nul < at)
        *line = (smtp_line){nul - 1, nul + 1, SMTP_EOL_CRNUL};
    else if (lf && at > 0 && octets[at - 1] == '\r')
        *line = (smtp_line){at - 1, at + 1, SMTP_EOL_CRLF};
    else if (lf)
        *line = (smtp_line){at, at + 1, SMTP_EOL_LF};
    return lf || nul < at;
}

/* An LF is not looked for far behind a CR NUL: each of many such lines would
 * search all octets in hand. */
smtp_line smtp_line_find(const uint8_t *octets, uint32_t length, uint32_t scanned)
{
    smtp_line line = {length, length, SMTP_EOL_NONE};

    for (uint32_t step = FIRST_STEP; scanned < length; step *= 2) {
        uint32_t end = step < length - scanned ? scanned + step : length;
        if (find_end(octets, scanned, end, &line))
            break;
        scanned = end;
    }
    return line;
}

uint32_t smtp_line_notes(const uint8_t *octets, const smtp_line *line)
{
    uint32_t notes = 0;

    if (line->eol == SMTP_EOL_LF)
        notes |= SMTP_REMARK_BARE_LF;
    if (line->eol == SMTP_EOL_NONE)
        notes |= SMTP_REMARK_UNFINISHED_LINE;
    if (line->text > 0 && memchr(octets, '\r', line->text))
        notes |= SMTP_REMARK_BARE_CR;
    if (line->text > 0 && memchr(octets, '\0', line->text))
        notes |= SMTP_REMARK_NUL;
    return notes;
}

uint32_t smtp_line_telnet(const uint8_t *octets, uint32_t length, uint32_t scanned)
{
    if (length < 2 || octets[0] != IAC)
        return 0;
    if (octets[1] >= WILL && octets[1] <= DONT)
        return length < 3 ? 0 : 3;
    if (octets[1] != SB)
        return 2;
    for (uint32_t i = scanned > 3 ? scanned - 1 : 2; i + 1 < length; i++) {
        if (octets[i] == IAC && octets[i + 1] == SE)
            return i + 2;
    }
    return 0;
}
