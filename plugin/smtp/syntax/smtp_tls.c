/* smtp_tls.c
 * TLS records in a stream that may have clear text around them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_tls.h"

#include <assert.h>
#include <string.h>

#include "smtp_text.h"

enum {
    APPLICATION_DATA = 23, /* content type (RFC 8446, 5.1) */
    LONGEST_HIGH = 0x48    /* of the longest fragment, 2^14 + 2048 octets (RFC 5246, 6.2.3) */
};

/* A content type from 20 to 24, and the legacy versions 3.0 to 3.4. */
bool smtp_tls_is_header(const uint8_t *octets, uint32_t length)
{
    return octets[0] >= 20 && octets[0] <= 24 && (length < 2 || octets[1] == 3) && (length < 3 || octets[2] <= 4) &&
           (length < 4 || octets[3] <= LONGEST_HIGH);
}

bool smtp_tls_begins(const uint8_t *octets, uint32_t length)
{
    /* None begins with a heartbeat. */
    return octets[0] != 24 && smtp_tls_is_header(octets, length);
}

static uint32_t content_length(const uint8_t *header)
{
    return (uint32_t)header[3] << 8 | header[4];
}

uint32_t smtp_tls_length(const uint8_t *octets, uint32_t length)
{
    return length < SMTP_TLS_HEADER ? 0 : SMTP_TLS_HEADER + content_length(octets);
}

smtp_tls_place smtp_tls_find(const uint8_t *octets, uint32_t length, uint32_t from)
{
    uint32_t at = from > 0 ? from : 1;

    for (; at + SMTP_TLS_SURE <= length && octets[at - 1] != '\n'; at++) {
        if (smtp_tls_begins(octets + at, length - at))
            return (smtp_tls_place){true, at};
    }
    return (smtp_tls_place){false, at};
}

uint32_t smtp_tls_begun(const uint8_t *octets, uint32_t length)
{
    for (uint32_t begun = length < SMTP_TLS_SURE ? length : SMTP_TLS_SURE - 1; begun > 0; begun--) {
        if (smtp_tls_begins(octets + length - begun, begun))
            return begun;
    }
    return 0;
}

/* ---- Clear text ---- */

static bool is_text(uint8_t octet)
{
    return (octet >= ' ' && octet < 0x7f) || octet == '\r' || octet == '\n' || octet == '\t';
}

/* Where records begin is not known: is what is in hand text for certain?  It begins with
 * three digits or letters, and its first line is there and has nothing but text. */
static bool is_certainly_text(const uint8_t *octets, uint32_t length)
{
    const uint8_t *end = memchr(octets, '\n', length);
    uint32_t digits = 0, letters = 0;

    if (!end || end - octets < 3)
        return false;
    for (const uint8_t *octet = octets; octet < end; octet++) {
        if (!is_text(*octet))
            return false;
    }
    for (uint32_t i = 0; i < 3; i++) {
        digits += smtp_is_digit(octets[i]);
        letters += smtp_is_alpha(octets[i]);
    }
    return digits == 3 || letters == 3;
}

/* ---- Records ---- */

/* Takes more of a header.
 * @return how many octets; 0 when this is none */
static uint32_t take_header(smtp_tls *tls, const uint8_t *octets, uint32_t length)
{
    uint32_t wanted = SMTP_TLS_HEADER - tls->held;
    uint32_t taken = length < wanted ? length : wanted;

    memcpy(tls->header + tls->held, octets, taken);
    if (!smtp_tls_is_header(tls->header, tls->held + taken))
        return 0;
    tls->held = (uint8_t)(tls->held + taken);
    if (tls->held == SMTP_TLS_HEADER) {
        tls->left = content_length(tls->header);
        tls->carried = tls->carried || tls->header[0] == APPLICATION_DATA;
        tls->held = 0;
    }
    return taken;
}

/* Takes more of a record, or of the header before the next one.
 * @return how many octets; 0 when records end here */
static uint32_t take_some(smtp_tls *tls, const uint8_t *octets, uint32_t length)
{
    uint32_t taken = tls->left < length ? tls->left : length;

    if (taken > 0) {
        tls->left -= taken;
        return taken;
    }
    taken = take_header(tls, octets, length);
    if (taken > 0 || (tls->held == 0 && is_text(octets[0])))
        return taken;
    /* Neither a record nor text: TLS all the same, but where its records begin is not known. */
    *tls = (smtp_tls){.open = true, .lost = true, .carried = tls->carried};
    return length;
}

uint32_t smtp_tls_take(smtp_tls *tls, const uint8_t *octets, uint32_t length)
{
    uint32_t taken = 0;

    assert(length > 0);
    if (tls->lost && !smtp_tls_is_header(octets, length)) {
        if (!is_certainly_text(octets, length))
            return length;
        *tls = (smtp_tls){.open = false, .carried = tls->carried};
        return 0;
    }
    tls->open = true;
    tls->lost = false;
    while (taken < length) {
        uint32_t more = take_some(tls, octets + taken, length - taken);

        if (more == 0) {
            *tls = (smtp_tls){.open = false, .carried = tls->carried};
            return taken;
        }
        taken += more;
    }
    return taken;
}

void smtp_tls_gap(smtp_tls *tls, uint64_t missing)
{
    if (!tls->open)
        return;
    if (!tls->lost && missing <= tls->left)
        tls->left -= (uint32_t)missing;
    else
        *tls = (smtp_tls){.open = true, .lost = true, .carried = tls->carried};
}
