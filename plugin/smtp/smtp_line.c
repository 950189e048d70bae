/* smtp_line.c
 * Octets to lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_line.h"
#include "smtp_notes.h"

/* RFC 854 */
enum {
    IAC = 255,
    SB = 250,
    SE = 240,
    WILL = 251,
    DONT = 254
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

smtp_line smtp_line_find(const uint8_t *octets, uint32_t length, uint32_t scanned)
{
    const uint8_t *lf = scanned < length ? memchr(octets + scanned, '\n', length - scanned) : NULL;
    uint32_t end = lf ? (uint32_t)(lf - octets) : length;
    uint32_t nul = find_crnul(octets, scanned, end);

    if (nul < end)
        return (smtp_line){nul - 1, nul + 1, SMTP_EOL_CRNUL};
    if (!lf)
        return (smtp_line){length, length, SMTP_EOL_NONE};
    if (end > 0 && octets[end - 1] == '\r')
        return (smtp_line){end - 1, end + 1, SMTP_EOL_CRLF};
    return (smtp_line){end, end + 1, SMTP_EOL_LF};
}

uint32_t smtp_line_notes(const uint8_t *octets, const smtp_line *line)
{
    uint32_t notes = 0;

    if (line->eol == SMTP_EOL_LF)
        notes |= SMTP_NOTE_BARE_LF;
    if (line->eol == SMTP_EOL_NONE)
        notes |= SMTP_NOTE_UNFINISHED_LINE;
    if (line->text > 0 && memchr(octets, '\r', line->text))
        notes |= SMTP_NOTE_BARE_CR;
    if (line->text > 0 && memchr(octets, '\0', line->text))
        notes |= SMTP_NOTE_NUL;
    return notes;
}

uint32_t smtp_line_telnet(const uint8_t *octets, uint32_t length)
{
    if (length < 2 || octets[0] != IAC)
        return 0;
    if (octets[1] >= WILL && octets[1] <= DONT)
        return length < 3 ? 0 : 3;
    if (octets[1] != SB)
        return 2;
    for (uint32_t i = 2; i + 1 < length; i++) {
        if (octets[i] == IAC && octets[i + 1] == SE)
            return i + 2;
    }
    return 0;
}
