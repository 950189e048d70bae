/* smtp_proxy.c
 * The header that a proxy puts before a session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_proxy.h"

enum {
    LONGEST_V1 = 107, /* octets of a version 1 header, CR LF included */
    FIXED_V2 = 16     /* octets of a version 2 header before its addresses */
};

static bool is_start(const uint8_t *octets, uint32_t length, const uint8_t *whole, uint32_t whole_length)
{
    return octets[0] == whole[0] && memcmp(octets, whole, length < whole_length ? length : whole_length) == 0;
}

/* "PROXY ... CR LF" */
static uint32_t version_1(const uint8_t *octets, uint32_t length, bool *partial)
{
    uint32_t end = length < LONGEST_V1 ? length : LONGEST_V1;
    const uint8_t *lf = memchr(octets, '\n', end);

    *partial = !lf && length < LONGEST_V1;
    return lf && lf[-1] == '\r' ? (uint32_t)(lf - octets) + 1 : 0;
}

uint32_t smtp_proxy_header(const uint8_t *octets, uint32_t length, bool *partial)
{
    static const uint8_t v1[] = "PROXY ";
    static const uint8_t v2[] = "\r\n\r\n\0\r\nQUIT\n";
    uint32_t whole;

    *partial = false;
    if (length == 0)
        return 0;
    if (is_start(octets, length, v1, sizeof v1 - 1)) {
        *partial = true;
        return length < sizeof v1 - 1 ? 0 : version_1(octets, length, partial);
    }
    if (!is_start(octets, length, v2, sizeof v2 - 1))
        return 0;
    *partial = true;
    if (length < FIXED_V2)
        return 0;
    whole = FIXED_V2 + (uint32_t)(octets[14] << 8 | octets[15]);
    *partial = length < whole;
    return *partial ? 0 : whole;
}
