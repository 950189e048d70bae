/* smtp_lookalike.c
 * Octets of a message that some servers take for its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_lookalike.h"

/* Place of the last octet. */
enum {
    TEXT,   /* in no look-alike */
    DOT,    /* on a dot that may be one's */
    CRS,    /* on a CR behind that */
    NUL,    /* on a NUL behind it */
    NUL_CR, /* on a CR behind that NUL */
    BEHIND  /* behind a look-alike, in what may be a verb */
};

enum {
    TAIL = 3 /* octets before a dot at most */
};

void smtp_lookalike_begin(smtp_lookalike_scan *scan)
{
    *scan = (smtp_lookalike_scan){.tail = 0x0d0a, .known = TAIL};
}

void smtp_lookalike_gap(smtp_lookalike_scan *scan, uint64_t missing)
{
    *scan = (smtp_lookalike_scan){.scanned = scan->scanned + missing};
}

/* ---- Verbs ---- */

static const char verbs[][5] = {"MAIL", "RCPT", "DATA", "BDAT", "RSET", "EHLO", "HELO", "QUIT"};

/* May these octets begin with a verb?  Letters are compared in upper case (RFC 5321, 2.4). */
static bool may_be_verb(const uint8_t *octets, uint32_t length)
{
    for (uint32_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        uint32_t same = 0;

        while (same < length && (octets[same] & ~0x20) == verbs[i][same])
            same++;
        if (same == length)
            return true;
    }
    return false;
}

static bool ends_verb(uint8_t octet)
{
    return octet == ' ' || octet == ':' || octet == '\r' || octet == '\n';
}

/* ---- Octets ---- */

static void add(smtp_lookalike *found, uint8_t octet)
{
    found->octets[found->length++] = octet;
}

/* The octet that stands so many before this one; those of earlier calls are in the tail. */
static uint8_t octet_before(const smtp_lookalike_scan *scan, const uint8_t *octets, uint32_t at, uint32_t distance)
{
    if (at >= distance)
        return octets[at - distance];
    return (uint8_t)(scan->tail >> 8 * (distance - at - 1));
}

/* Is the octet not missing that stands so many before this one? */
static bool is_known(const smtp_lookalike_scan *scan, uint32_t at, uint32_t distance)
{
    return distance <= at + scan->known;
}

/* How many octets before a dot belong to a look-alike; 0: it is in none, as far as is known: before an LF that follows
 * missing octets there may be a CR. */
static uint8_t find_before(const smtp_lookalike_scan *scan, const uint8_t *octets, uint32_t dot)
{
    uint8_t first = octet_before(scan, octets, dot, 1), second = octet_before(scan, octets, dot, 2);
    uint8_t nul = first == '\0' && second == '\n';
    uint8_t third = octet_before(scan, octets, dot, 3);

    if (first == '\r')
        return 1;
    if ((first != '\n' && !nul) || !is_known(scan, dot, 2U + nul))
        return 0;
    return (uint8_t)(1 + nul + ((nul ? third : second) == '\r'));
}

/* A dot may be a look-alike's. */
static void begin(smtp_lookalike_scan *scan, const uint8_t *octets, uint32_t dot, uint8_t before)
{
    scan->found = (smtp_lookalike){.dot = scan->scanned + dot, .before = before};
    for (uint8_t distance = before; distance > 0; distance--)
        add(&scan->found, octet_before(scan, octets, dot, distance));
    add(&scan->found, '.');
    scan->place = DOT;
}

/* May this stand behind a look-alike's dot?  Behind most dots it does not, and one at the end of what is in hand is not
 * known. */
static bool may_follow_dot(const uint8_t *octets, uint32_t behind, uint32_t length)
{
    return behind == length || octets[behind] == '\r' || octets[behind] == '\n' || octets[behind] == '\0';
}

/* Goes on to the next dot that may be a look-alike's, and behind it. */
static uint32_t find_dot(smtp_lookalike_scan *scan, const uint8_t *octets, uint32_t at, uint32_t length)
{
    while (at < length) {
        const uint8_t *dot = memchr(octets + at, '.', length - at);
        uint8_t before;

        if (!dot)
            return length;
        at = (uint32_t)(dot - octets);
        before = may_follow_dot(octets, at + 1, length) ? find_before(scan, octets, at) : 0;
        if (before > 0) {
            begin(scan, octets, at, before);
            return at + 1;
        }
        /* Only the first of several dots may be one's. */
        while (at < length && octets[at] == '.')
            at++;
    }
    return at;
}

/* Is it the end that RFC 5321, 4.1.1.4, gives a message? */
static bool is_honest(const smtp_lookalike *found)
{
    return found->length == 5 && memcmp(found->octets, "\r\n.\r\n", 5) == 0;
}

/* Behind its CRs stands no LF: the first of them is its end. */
static void end_at_cr(smtp_lookalike *found)
{
    uint8_t length = (uint8_t)(found->before + 2);

    while (found->length > length) {
        found->behind[found->behind_length++] = '\r';
        found->length--;
    }
}

/* What an octet makes of what may be a look-alike.
 * @return whether it belongs to that */
static bool step(smtp_lookalike_scan *scan, uint8_t octet)
{
    smtp_lookalike *found = &scan->found;

    switch (scan->place) {
    case DOT:
        scan->place = octet == '\r' ? CRS : octet == '\n' ? BEHIND : octet == '\0' ? NUL : TEXT;
        break;
    case CRS:
        if (octet == '\r' && found->length < SMTP_LOOKALIKE_MOST - 1)
            break;
        scan->place = BEHIND;
        if (octet != '\n') {
            end_at_cr(found);
            return false;
        }
        break;
    case NUL:
        scan->place = octet == '\r' ? NUL_CR : TEXT;
        break;
    default:
        scan->place = octet == '\n' ? BEHIND : TEXT;
        break;
    }
    if (scan->place == TEXT)
        return false;
    add(found, octet);
    if (is_honest(found))
        scan->place = TEXT;
    return true;
}

/* Takes an octet behind a look-alike, if with it what stands there may be a verb.
 * @return whether it was taken */
static bool follow(smtp_lookalike *found, uint8_t octet)
{
    bool is_end = found->behind_length == SMTP_LOOKALIKE_VERB - 1;

    found->behind[found->behind_length] = octet;
    found->has_verb = is_end && ends_verb(octet);
    if (!found->has_verb && (is_end || !may_be_verb(found->behind, found->behind_length + 1u)))
        return false;
    found->behind_length++;
    return true;
}

static void remember_tail(smtp_lookalike_scan *scan, const uint8_t *octets, uint32_t length)
{
    for (uint32_t i = length > TAIL ? length - TAIL : 0; i < length; i++)
        scan->tail = scan->tail << 8 | octets[i];
    scan->known = (uint8_t)(length < (uint32_t)(TAIL - scan->known) ? scan->known + length : TAIL);
    scan->scanned += length;
}

const smtp_lookalike *smtp_lookalike_next(smtp_lookalike_scan *scan, const uint8_t *octets, uint32_t length,
                                          uint32_t *at)
{
    while (*at < length) {
        bool taken;

        if (scan->place == TEXT) {
            *at = find_dot(scan, octets, *at, length);
            continue;
        }
        if (scan->place != BEHIND) {
            *at += step(scan, octets[*at]);
            continue;
        }
        taken = follow(&scan->found, octets[*at]);
        *at += taken;
        if (taken && !scan->found.has_verb)
            continue;
        scan->place = TEXT;
        return &scan->found;
    }
    remember_tail(scan, octets, length);
    return NULL;
}

smtp_lookalike smtp_lookalike_tail(const smtp_lookalike_scan *scan)
{
    smtp_lookalike found = scan->found;

    if (scan->place == CRS)
        end_at_cr(&found);
    return scan->place == CRS || scan->place == BEHIND ? found : (smtp_lookalike){.length = 0};
}

bool smtp_lookalike_is_near(const smtp_lookalike_scan *scan)
{
    return scan->place != TEXT;
}

static const char *name_of(uint8_t octet)
{
    return octet == '\r' ? "CR " : octet == '\n' ? "LF " : octet == '\0' ? "NUL " : ". ";
}

void smtp_lookalike_name(const smtp_lookalike *lookalike, char name[SMTP_LOOKALIKE_NAME])
{
    size_t at = 0;

    for (uint8_t i = 0; i < lookalike->length; i++) {
        const char *octet = name_of(lookalike->octets[i]);

        memcpy(name + at, octet, strlen(octet));
        at += strlen(octet);
    }
    name[at > 0 ? at - 1 : 0] = '\0';
}
