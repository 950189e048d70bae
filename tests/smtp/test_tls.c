/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_tls.h"

#define ALERT "\x15\x03\x01\x00\x02\x02\x28"
#define DATA "\x17\x03\x03\x00\x04\xff\x00\x0d\x0a"

/* How many octets are taken of these, in pieces of a length; behind the last of them nothing is asked. */
static uint32_t take(smtp_tls *tls, const char *octets, uint32_t length, uint32_t piece)
{
    uint32_t taken = 0;

    while (taken < length) {
        uint32_t in_hand = length - taken < piece ? length - taken : piece;
        uint32_t more = smtp_tls_take(tls, guarded(octets + taken, in_hand), in_hand);

        taken += more;
        if (more < in_hand)
            return taken;
    }
    return taken;
}

static void takes(const char *octets, size_t length, uint32_t of_tls)
{
    for (uint32_t piece = 1; piece <= length; piece++) {
        smtp_tls tls = {.open = false};

        CHECK(take(&tls, octets, (uint32_t)length, piece) == of_tls);
        CHECK(tls.open == (of_tls == length));
    }
}

#define TAKES(octets, of_tls) takes(octets, sizeof(octets) - 1, of_tls)

static void test_gaps(void)
{
    smtp_tls tls = {.open = false};

    /* What is missing of a record is known by its length. */
    CHECK(take(&tls, DATA, 6, 6) == 6);
    smtp_tls_gap(&tls, 3);
    CHECK(!tls.lost && take(&tls, "421 gone\r\n", 10, 10) == 0 && !tls.open);
    /* Where that is not known, a record begins where one looks like it, and text where it is certain. */
    CHECK(take(&tls, DATA, 6, 6) == 6);
    smtp_tls_gap(&tls, 4);
    CHECK(tls.lost);
    CHECK(take(&tls, "\x80\x01 421 gone\r\n", 12, 12) == 12 && tls.lost);
    CHECK(take(&tls, "421 go\x01ne\r\n", 11, 11) == 11 && tls.lost);
    CHECK(take(&tls, "42 gone\r\n", 9, 9) == 9 && tls.lost);
    CHECK(take(&tls, "421 gone", 8, 8) == 8 && tls.lost);
    CHECK(take(&tls, ALERT "421 gone\r\n", 17, 17) == 7 && !tls.open);
    CHECK(take(&tls, DATA, 6, 6) == 6);
    smtp_tls_gap(&tls, 4);
    CHECK(take(&tls, "421 gone\r\n", 10, 10) == 0 && !tls.open && !tls.lost);
    /* Nothing is missing in what is clear. */
    smtp_tls_gap(&tls, 4);
    CHECK(!tls.open && !tls.lost);
}

static void test_find(void)
{
#define FIND(text) smtp_tls_find(guarded_text(text), (uint32_t)strlen(text))
    CHECK(FIND("250-AUTH\x16\x03\x01") == 8);
    CHECK(FIND("\x16\x03\x01") == 3);
    CHECK(FIND("250-AUTH\x16\x03") == 10);
    CHECK(FIND("250-AUTH\r\n\x16\x03\x01") == 13);
    CHECK(FIND("x") == 1);
#undef FIND
}

void test_tls(void)
{
    TAKES(ALERT, 7);
    TAKES(DATA ALERT DATA, 25);
    TAKES(DATA "554 no\r\n", 9);
    TAKES(ALERT "QUIT\r\n", 7);
    TAKES("\x18\x03\x03\x00\x01x" ALERT "\r\n", 13);
    CHECK(!smtp_tls_begins(guarded("\x18\x03\x03", 3), 3));
    CHECK(smtp_tls_begins(guarded("\x16", 1), 1) && smtp_tls_begins(guarded("\x14\x03\x04\x48", 4), 4));
    CHECK(!smtp_tls_begins(guarded("\x16\x02", 2), 2) && !smtp_tls_begins(guarded("\x16\x03\x05", 3), 3));
    CHECK(!smtp_tls_begins(guarded("\x16\x03\x01\x49", 4), 4) && !smtp_tls_begins(guarded("\x13\x03\x01", 3), 3));
    test_gaps();
    test_find();
}
