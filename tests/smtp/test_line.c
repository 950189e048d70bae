/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_line.h"

enum {
    NONE = SMTP_REMARK_COUNT /* no remark */
};

/* The remark on a line, if there is one, is this. */
static void remarks(const char *octets, size_t length, const smtp_line *line, int kind, uint32_t at)
{
    smtp_remark_list list = {.base = 100};
    const smtp_span *place;

    smtp_line_remark(guarded(octets, length), line, &list);
    CHECK(smtp_remarks_any(&list.kinds) == (kind != NONE));
    if (kind == NONE)
        return;
    place = smtp_remark_place(&list, (smtp_remark)kind);
    CHECK(smtp_remarks_has(&list.kinds, (smtp_remark)kind) && place && place->offset == 100 + at);
}

static void is(const char *octets, size_t length, uint32_t text, uint32_t whole, smtp_eol eol, int kind, uint32_t at)
{
    smtp_line line = smtp_line_find(guarded(octets, length), (uint32_t)length, 0);

    CHECK(line.text == text);
    CHECK(line.length == whole);
    CHECK(line.eol == eol);
    remarks(octets, length, &line, kind, at);
    /* However much was looked at before, the answer is the same. */
    for (uint32_t scanned = 0; eol != SMTP_EOL_NONE && scanned < whole; scanned++) {
        smtp_line again = smtp_line_find(guarded(octets, length), (uint32_t)length, scanned);
        CHECK(again.length == whole && again.eol == eol);
    }
    /* And cut anywhere, the line is not there yet. */
    for (uint32_t cut = 0; eol != SMTP_EOL_NONE && cut < whole; cut++)
        CHECK(smtp_line_find(guarded(octets, cut), cut, 0).eol == SMTP_EOL_NONE);
}

#define IS(octets, text, whole, eol, kind, at) is(octets, sizeof(octets) - 1, text, whole, eol, kind, at)

/* Line ends of all kinds at all places of a long line. */
static void test_long(void)
{
    static const char *const ends[] = {"\r\n", "\n"};
    static const smtp_eol eols[] = {SMTP_EOL_CRLF, SMTP_EOL_LF};
    char octets[1200];

    for (uint32_t text = 0; text < 1100; text++) {
        for (int i = 0; i < 2; i++) {
            uint32_t whole = text + (i == 1 ? 1 : 2);
            memset(octets, 'x', sizeof octets);
            memcpy(octets + text, ends[i], whole - text);
            memcpy(octets + whole, "\r\0\n", 3);
            is(octets, whole + 3, text, whole, eols[i], i == 1 ? SMTP_REMARK_BARE_LF : NONE, text);
        }
    }
}

void test_line(void)
{
    test_long();
    IS("QUIT\r\n", 4, 6, SMTP_EOL_CRLF, NONE, 0);
    IS("QUIT\r\nNOOP\r\n", 4, 6, SMTP_EOL_CRLF, NONE, 0);
    IS("QUIT\n", 4, 5, SMTP_EOL_LF, SMTP_REMARK_BARE_LF, 4);
    IS("\r\n", 0, 2, SMTP_EOL_CRLF, NONE, 0);
    IS("\n", 0, 1, SMTP_EOL_LF, SMTP_REMARK_BARE_LF, 0);
    IS("", 0, 0, SMTP_EOL_NONE, SMTP_REMARK_UNFINISHED_LINE, 0);
    IS("QUIT", 4, 4, SMTP_EOL_NONE, SMTP_REMARK_UNFINISHED_LINE, 0);
    IS("QUIT\r", 4, 5, SMTP_EOL_NONE, SMTP_REMARK_UNFINISHED_LINE, 0); /* an LF may follow */
    IS("A\rB", 3, 3, SMTP_EOL_NONE, SMTP_REMARK_BARE_CR, 1);
    IS("A\rB\r\n", 3, 5, SMTP_EOL_CRLF, SMTP_REMARK_BARE_CR, 1);
    IS("A\r\r\n", 2, 4, SMTP_EOL_CRLF, SMTP_REMARK_BARE_CR, 1);
    IS("A\0B\r\n", 3, 5, SMTP_EOL_CRLF, SMTP_REMARK_NUL, 1);
    IS("\0\0\0\r\n", 3, 5, SMTP_EOL_CRLF, SMTP_REMARK_NUL, 0);
    IS("QUIT\r\0\r\n", 6, 8, SMTP_EOL_CRLF, SMTP_REMARK_BARE_CR, 4);
    IS("QUIT\r\0", 6, 6, SMTP_EOL_NONE, SMTP_REMARK_NUL, 5);

    CHECK(smtp_is_word(guarded_text("last"), 4, "LAST"));
    CHECK(!smtp_is_word(guarded_text("LAS"), 3, "LAST"));
    CHECK(!smtp_is_word(guarded_text("LASTLY"), 6, "LAST"));
    CHECK(!smtp_is_word(guarded_text("LASTLY AND LEAST"), 16, "LAST"));

    CHECK(smtp_line_telnet(guarded_text("QUIT"), 4, 0) == 0);
    CHECK(smtp_line_telnet(guarded("\xff\xfd\x03\xff\xfd\x01", 6), 6, 0) == 3);
    CHECK(smtp_line_telnet(guarded("\xff\xfd", 2), 2, 0) == 0);
    CHECK(smtp_line_telnet(guarded("\xff", 1), 1, 0) == 0);
    CHECK(smtp_line_telnet(guarded("\xff\xf4Q", 3), 3, 0) == 2);
    CHECK(smtp_line_telnet(guarded("\xff\xfa\x18\x00\xff\xf0Q", 7), 7, 0) == 6);
    for (uint32_t cut = 0; cut < 6; cut++) {
        CHECK(smtp_line_telnet(guarded("\xff\xfa\x18\x00\xff\xf0Q", cut), cut, 0) == 0);
        CHECK(smtp_line_telnet(guarded("\xff\xfa\x18\x00\xff\xf0Q", 7), 7, cut) == 6);
    }
}
