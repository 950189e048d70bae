/* smtp_line.c
 * Octets to lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_line.h"

#include "smtp_apart.h"

/* RFC 854 */
enum {
    IAC = 255,
    SB = 250,
    SE = 240,
    WILL = 251,
    DONT = 254
};

smtp_line smtp_line_find(const uint8_t *octets, uint32_t length, uint32_t scanned)
{
    const uint8_t *lf = scanned < length ? memchr(octets + scanned, '\n', length - scanned) : NULL;
    uint32_t at;

    /* Behind a CR an LF may follow. */
    if (!lf)
        return (smtp_line){length > 0 && octets[length - 1] == '\r' ? length - 1 : length, length, SMTP_EOL_NONE};
    at = (uint32_t)(lf - octets);
    if (at > 0 && octets[at - 1] == '\r')
        return (smtp_line){at - 1, at + 1, SMTP_EOL_CRLF};
    return (smtp_line){at, at + 1, SMTP_EOL_LF};
}

static void remark_octet(const uint8_t *octets, uint32_t length, uint8_t octet, smtp_remark kind,
                         smtp_remark_list *remarks)
{
    const uint8_t *found = memchr(octets, octet, length);

    if (found)
        smtp_remark_add(remarks, kind, (smtp_span){(uint32_t)(found - octets), 1});
}

enum {
    WORD = sizeof(uint64_t)
};

/* The highest bit of an octet is set where it may be below a blank, or is above ASCII. */
static uint64_t controls(const uint8_t *octets)
{
    uint64_t word = smtp_eight_octets(octets);

    return (word - UINT64_C(0x2020202020202020)) | word;
}

/* May one of the octets be below a blank?  Most lines have none, so this is asked
 * first, eight octets at a time; the last eight may be asked about twice. */
static bool may_have_control(const uint8_t *octets, uint32_t length)
{
    uint64_t found = 0;

    if (length < WORD)
        return length > 0;
    for (uint32_t at = 0; at < length - WORD; at += WORD)
        found |= controls(octets + at);
    return ((found | controls(octets + length - WORD)) & UINT64_C(0x8080808080808080)) != 0;
}

static SMTP_APART void remark_odd(const uint8_t *octets, const smtp_line *line, bool has_control,
                                  smtp_remark_list *remarks)
{
    if (line->eol == SMTP_EOL_LF)
        smtp_remark_add(remarks, SMTP_REMARK_BARE_LF, (smtp_span){line->text, 1});
    if (line->eol == SMTP_EOL_NONE)
        smtp_remark_add(remarks, SMTP_REMARK_UNFINISHED_LINE, (smtp_span){0, line->text});
    if (has_control)
        remark_octet(octets, line->text, '\0', SMTP_REMARK_NUL, remarks);
    if (line->eol == SMTP_EOL_NONE)
        remarks->cut = line->length; /* an LF may follow a CR */
    if (has_control)
        remark_octet(octets, line->text, '\r', SMTP_REMARK_BARE_CR, remarks);
}

void smtp_line_remark(const uint8_t *octets, const smtp_line *line, smtp_remark_list *remarks)
{
    bool has_control = may_have_control(octets, line->text);

    if (has_control || line->eol != SMTP_EOL_CRLF)
        remark_odd(octets, line, has_control, remarks);
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
