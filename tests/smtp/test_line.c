/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_line.h"
#include "plugin/smtp/syntax/smtp_remarks.h"

static void is(const char *octets, size_t length, uint32_t text, uint32_t whole, smtp_eol eol, uint32_t notes)
{
    smtp_line line = smtp_line_find(guarded(octets, length), (uint32_t)length, 0);

    CHECK(line.text == text);
    CHECK(line.length == whole);
    CHECK(line.eol == eol);
    CHECK(smtp_line_notes(guarded(octets, length), &line) == notes);
    /* However much was looked at before, the answer is the same. */
    for (uint32_t scanned = 0; eol != SMTP_EOL_NONE && scanned < whole; scanned++) {
        smtp_line again = smtp_line_find(guarded(octets, length), (uint32_t)length, scanned);
        CHECK(again.length == whole && again.eol == eol);
    }
    /* And cut anywhere, the line is not there yet. */
    for (uint32_t cut = 0; eol != SMTP_EOL_NONE && cut < whole; cut++)
        CHECK(smtp_line_find(guarded(octets, cut), cut, 0).eol == SMTP_EOL_NONE);
}

#define IS(octets, text, whole, eol, notes) is(octets, sizeof(octets) - 1, text, whole, eol, notes)

/* Line ends of all kinds at all places of a long line. */
static void test_long(void)
{
    static const char *const ends[] = {"\r\n", "\n", "\r\0"};
    static const smtp_eol eols[] = {SMTP_EOL_CRLF, SMTP_EOL_LF, SMTP_EOL_CRNUL};
    char octets[1200];

    for (uint32_t text = 0; text < 1100; text++) {
        for (int i = 0; i < 3; i++) {
            uint32_t whole = text + (i == 1 ? 1 : 2);
            memset(octets, 'x', sizeof octets);
            memcpy(octets + text, ends[i], whole - text);
            memcpy(octets + whole, "\r\0\n", 3);
            is(octets, whole + 3, text, whole, eols[i], i == 1 ? SMTP_REMARK_BARE_LF : 0);
        }
    }
}

void test_line(void)
{
    test_long();
    IS("QUIT\r\n", 4, 6, SMTP_EOL_CRLF, 0);
    IS("QUIT\r\nNOOP\r\n", 4, 6, SMTP_EOL_CRLF, 0);
    IS("QUIT\n", 4, 5, SMTP_EOL_LF, SMTP_REMARK_BARE_LF);
    IS("QUIT\r\0", 4, 6, SMTP_EOL_CRNUL, 0);
    IS("\r\n", 0, 2, SMTP_EOL_CRLF, 0);
    IS("\n", 0, 1, SMTP_EOL_LF, SMTP_REMARK_BARE_LF);
    IS("", 0, 0, SMTP_EOL_NONE, SMTP_REMARK_UNFINISHED_LINE);
    IS("QUIT", 4, 4, SMTP_EOL_NONE, SMTP_REMARK_UNFINISHED_LINE);
    IS("QUIT\r", 5, 5, SMTP_EOL_NONE, SMTP_REMARK_UNFINISHED_LINE | SMTP_REMARK_BARE_CR);
    IS("A\rB\r\n", 3, 5, SMTP_EOL_CRLF, SMTP_REMARK_BARE_CR);
    IS("A\r\r\n", 2, 4, SMTP_EOL_CRLF, SMTP_REMARK_BARE_CR);
    IS("A\0B\r\n", 3, 5, SMTP_EOL_CRLF, SMTP_REMARK_NUL);
    IS("\0\0\0\r\n", 3, 5, SMTP_EOL_CRLF, SMTP_REMARK_NUL);

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
