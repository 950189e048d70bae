/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_octets.h"

static const smtp_remark all[] = {SMTP_REMARK_BARE_LF,   SMTP_REMARK_BARE_CR,          SMTP_REMARK_NUL,
                                  SMTP_REMARK_EIGHT_BIT, SMTP_REMARK_TEXT_LINE_LENGTH, SMTP_REMARK_DOT_STUFFING};

static smtp_remarks set_of(const smtp_remark *kinds, size_t count)
{
    smtp_remarks set = {{0}};

    for (size_t i = 0; i < count; i++)
        smtp_remarks_add(&set, kinds[i]);
    return set;
}

/* Looks at octets in pieces of a length, the first one shorter. */
static smtp_octets_found look(const uint8_t *octets, size_t length, size_t first, size_t piece, bool lf)
{
    smtp_octets state;
    smtp_octets_found found = {.count = 0};
    size_t end = first;

    smtp_octets_begin(&state, set_of(all, sizeof all / sizeof *all), lf);
    for (size_t start = 0; start < length; start = end, end = start + piece) {
        if (end > length)
            end = length;
        /* A dot that is stuffed, or not, may be in each part. */
        if (end > start)
            smtp_octets_read(
                &state, &(smtp_octets_part){guarded(octets + start, end - start), (uint32_t)(end - start), true, start},
                &found);
    }
    return found;
}

/* Where the kinds are found, in the order of all[]; -1: nowhere. Wherever the octets are cut. */
static void is(const char *octets, size_t length, bool lf, const long places[6])
{
    static const size_t pieces[] = {1, 2, 3, 7, 31, 32, 33, 64, 65, 129, 1000, 1 << 20};

    for (size_t piece = 0; piece < sizeof pieces / sizeof *pieces; piece++) {
        for (size_t first = 1; first <= pieces[piece] && first <= length && first < 70; first++) {
            smtp_octets_found found = look((const uint8_t *)octets, length, first, pieces[piece], lf);
            for (size_t kind = 0; kind < sizeof all / sizeof *all; kind++) {
                const uint64_t *place = smtp_octets_place(&found, all[kind]);
                CHECK((place ? (long)*place : -1) == places[kind]);
            }
        }
    }
}

#define IS(octets, lf, ...) is(octets, sizeof(octets) - 1, lf, (const long[6]){__VA_ARGS__})

static void test_line_ends(void)
{
    IS("Subject: x\r\n\r\ntext\r\n", false, -1, -1, -1, -1, -1, -1);
    IS("\n", false, 0, -1, -1, -1, -1, -1);
    IS("\r\n\n", false, 2, -1, -1, -1, -1, -1);
    IS("a\nb\n", false, 1, -1, -1, -1, -1, -1);
    IS("a\rb\r\n", false, -1, 1, -1, -1, -1, -1);
    IS("a\r\r\n", false, -1, 1, -1, -1, -1, -1);
    /* What follows is not there yet. */
    IS("a\r", false, -1, -1, -1, -1, -1, -1);
    IS("0123456789012345678901234567890123456789\r\n012345678901234567890123456789\n\rx", false, 72, 73, -1, -1, -1,
       -1);
}

static void test_octets(void)
{
    IS("a\0b\0", false, -1, -1, 1, -1, -1, -1);
    IS("a\x7f\x80\xff", false, -1, -1, -1, 2, -1, -1);
    IS("0123456789012345678901234567890123456789\xc3\xa4 0123456789012345678901234567890123456789\0", false, -1, -1, 83,
       40, -1, -1);
}

static void test_dots(void)
{
    IS(".x\r\n", false, -1, -1, -1, -1, -1, 0);
    IS("..x\r\n", false, -1, -1, -1, -1, -1, -1);
    IS("x\r\n..\r\n.y\r\n.z\r\n", false, -1, -1, -1, -1, -1, 7);
    IS("a.\r\nb .c\r\n", false, -1, -1, -1, -1, -1, -1);
    /* Ends of a message, as some servers see them. */
    IS("x\r\n.\r\n", false, -1, -1, -1, -1, -1, -1);
    IS("x\r\n.\n", false, 4, -1, -1, -1, -1, -1);
    IS("x\r\n.\0\r\n", false, -1, -1, 4, -1, -1, -1);
    /* Only CR LF ends a line, but for who ends all lines with LF; these are told elsewhere. */
    IS("x\n.y\r\n", false, 1, -1, -1, -1, -1, -1);
    IS("x\n.y\n", true, 1, -1, -1, -1, -1, 2);
}

/* A line of so many octets before CR LF, behind others. */
static void is_long(size_t text, bool dot, long place)
{
    char octets[3000] = "first\r\n";
    size_t at = 7;

    if (dot)
        octets[at++] = '.';
    if (dot)
        octets[at++] = '.';
    for (size_t i = dot; i < text; i++)
        octets[at++] = 'x';
    memcpy(octets + at, "\r\nlast\r\n", 8);
    is(octets, at + 8, false, (const long[6]){-1, -1, -1, -1, place, -1});
}

static void test_lines(void)
{
    is_long(998, false, -1);
    is_long(999, false, 7 + 999);
    is_long(998, true, -1);
    is_long(999, true, 7 + 1000);
    is_long(2500, false, 7 + 999);
}

/* What was found is not looked for any more. */
static void test_once(void)
{
    smtp_octets state;
    smtp_octets_found found = {.count = 0};

    smtp_octets_begin(&state, set_of(all, 1), false);
    smtp_octets_read(&state, &(smtp_octets_part){guarded("a\n\rx\0\n", 6), 6, true, 0}, &found);
    smtp_octets_read(&state, &(smtp_octets_part){guarded("\n", 1), 1, true, 6}, &found);
    CHECK(found.count == 1 && found.octets[0].at == 1);
    CHECK(!smtp_remarks_any(&state.wanted));
    CHECK(!smtp_octets_place(&found, SMTP_REMARK_NUL));
}

void test_octets_of_messages(void)
{
    test_line_ends();
    test_octets();
    test_dots();
    test_lines();
    test_once();
}
