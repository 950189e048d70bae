/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_body.h"

/* What a scan of octets in two or three pieces makes of them. */
typedef struct scanned {
    uint32_t raw;   /* octets of the message */
    uint32_t taken; /* with the end of data */
    uint32_t stuffed;
    bool ended;
} scanned;

static scanned scan(const char *octets, const size_t cuts[3], bool lf)
{
    smtp_body body;
    scanned result = {0};
    size_t start = 0;

    smtp_body_begin(&body, lf);
    for (int i = 0; i < 3 && !result.ended; i++) {
        while (start < cuts[i] && !result.ended) {
            smtp_body_part part =
                smtp_body_scan(&body, guarded(octets + start, cuts[i] - start), (uint32_t)(cuts[i] - start));
            CHECK(part.length > 0);
            result.raw += part.content;
            result.raw -= part.reclaimed;
            result.taken += part.length;
            result.ended = part.ended;
            start += part.length;
        }
    }
    result.stuffed = body.stuffed_lines;
    return result;
}

static void is(const char *octets, size_t length, bool lf, uint32_t raw, uint32_t taken, uint32_t stuffed, bool ended)
{
    for (size_t first = 0; first <= length; first++) {
        for (size_t second = first; second <= length; second++) {
            scanned found = scan(octets, (size_t[]){first, second, length}, lf);
            CHECK(found.raw == raw);
            CHECK(found.taken == taken);
            CHECK(found.stuffed == stuffed);
            CHECK(found.ended == ended);
        }
    }
}

#define IS(octets, lf, raw, taken, stuffed, ended) is(octets, sizeof(octets) - 1, lf, raw, taken, stuffed, ended)

/* Whether a dot was not doubled is told whatever the cut. */
static void has_unstuffed(const char *octets, bool lf, bool expected)
{
    uint32_t length = (uint32_t)strlen(octets);

    for (uint32_t cut = 0; cut <= length; cut++) {
        smtp_body body;

        smtp_body_begin(&body, lf);
        if (cut > 0)
            smtp_body_scan(&body, guarded(octets, cut), cut);
        if (cut < length)
            smtp_body_scan(&body, guarded(octets + cut, length - cut), length - cut);
        CHECK(body.unstuffed == expected);
    }
}

static void unstuffed(const char *from, bool lf, const char *to)
{
    uint32_t length = (uint32_t)strlen(from);
    uint8_t *room = malloc(length + 1);
    uint32_t written = smtp_body_unstuff(guarded_text(from), length, lf, room);

    CHECK_TEXT(room, ((smtp_span){0, written}), to);
    memcpy(room, from, length);
    written = smtp_body_unstuff(room, length, lf, room);
    CHECK_TEXT(room, ((smtp_span){0, written}), to);
    free(room);
}

void test_body(void)
{
    IS("x\r\n.\r\n", false, 3, 6, 0, true);
    IS(".\r\n", false, 0, 3, 0, true);
    IS("\r\n.\r\n", false, 2, 5, 0, true);
    IS("x\r\n.\r\nQUIT\r\n", false, 3, 6, 0, true);
    IS("..\r\n.\r\n", false, 4, 7, 1, true);
    IS("..\r\n.x\r\n.\r\r\n.\r\n", false, 12, 15, 3, true);
    IS("x\n.\nx\n.\r\nx\r\n.\nx\r\n", false, 17, 17, 1, false);
    IS("x\n.\n", true, 2, 4, 0, true);
    IS("x\n..y\n.\r\n", true, 6, 9, 1, true);
    IS("x\r\r\n.\r\n", false, 4, 7, 0, true);
    IS("x\r.\r\n", false, 5, 5, 0, false);
    IS(".\rx\r\n.\r\n", false, 5, 8, 1, true);
    has_unstuffed("..x\r\nx.y\r\n...\r\n", false, false);
    has_unstuffed(".\r\r\n.\nx\r\n", false, false);
    has_unstuffed("x\r\n.y\r\n", false, true);
    has_unstuffed(".y\r\n", false, true);
    has_unstuffed("x\n.y\n", false, false);
    has_unstuffed("x\n.y\n", true, true);
    unstuffed("", false, "");
    unstuffed("..\r\n.x\r\nx.\r\n", false, ".\r\nx\r\nx.\r\n");
    unstuffed("a\n.b\r\n.c", false, "a\n.b\r\nc");
    unstuffed("a\n.b\r\n.c", true, "a\nb\r\nc");
    unstuffed("\r\n..", false, "\r\n.");
    unstuffed(".\n.x", false, "\n.x");
}
