/* smtpx_text.c
 * Octets of a session as text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_text.h"

#include <epan/charsets.h>

#include "plugin/smtp/syntax/smtp_text.h"

/* ASCII without NUL, with which a string would end. */
static bool is_plain(const uint8_t *octets, uint32_t length)
{
    return smtp_are_between(octets, length, 1, 0x7f);
}

static char *copy_plain(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length)
{
    char *text = wmem_alloc(pool, length + 1);

    /* memcpy() wants a pointer to octets even if there are none of them. */
    if (length > 0)
        memcpy(text, octets, length);
    text[length] = '\0';
    return text;
}

/* The octets with U+2400 in place of each NUL. */
static uint8_t *show_nuls(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length, uint32_t *shown)
{
    static const uint8_t symbol[] = {0xe2, 0x90, 0x80};
    uint8_t *to = wmem_alloc(pool, (size_t)length * sizeof symbol);
    uint32_t written = 0;

    for (uint32_t i = 0; i < length; i++) {
        if (octets[i] == 0) {
            memcpy(to + written, symbol, sizeof symbol);
            written += sizeof symbol;
        } else {
            to[written++] = octets[i];
        }
    }
    *shown = written;
    return to;
}

char *smtpx_text(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length)
{
    uint8_t *without_nuls = NULL;
    char *text;

    if (is_plain(octets, length))
        return copy_plain(pool, octets, length);
    if (memchr(octets, 0, length))
        without_nuls = show_nuls(pool, octets, length, &length);
    text = (char *)get_utf_8_string(pool, without_nuls ? without_nuls : octets, (int)length);
    wmem_free(pool, without_nuls);
    return text;
}

uint32_t smtpx_text_room(const char *text, uint32_t length, uint32_t room)
{
    uint32_t told = MIN(length, room);

    while (told < length && told > 0 && (text[told] & 0xc0) == 0x80)
        told--;
    return told;
}
