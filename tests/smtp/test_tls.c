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
#define FINDS(text, from, is_found, where)                                                      \
    do {                                                                                        \
        smtp_tls_place place = smtp_tls_find(guarded_text(text), (uint32_t)strlen(text), from); \
        CHECK(place.found == is_found && place.at == where);                                    \
    } while (0)
    FINDS("250-AUTH\x16\x03\x01\x02", 0, true, 8);
    FINDS("250-AUTH\x16\x03\x01\x02", 8, true, 8);
    FINDS("250-AUTH\x16\x03\x01\x02", 9, false, 9);
    FINDS("\x16\x03\x01\x02", 0, false, 1);
    FINDS("250-AUTH\x16\x03\x01", 0, false, 8);
    FINDS("250-AUTH\x16\x03\x01\x49", 0, false, 9);
    FINDS("250-AUTH\r\n\x16\x03\x01\x02", 0, false, 10);
    FINDS("x", 0, false, 1);
    FINDS("x", 5, false, 5);
#undef FINDS
}

static void test_begun(void)
{
#define BEGUN(text) smtp_tls_begun(guarded_text(text), (uint32_t)strlen(text))
    CHECK(BEGUN("250-AUTH\x16\x03\x01") == 3);
    CHECK(BEGUN("250-AUTH\x16\x03") == 2);
    CHECK(BEGUN("250-AUTH\x16\x16") == 1);
    CHECK(BEGUN("250-AUTH\x16\x03\x05") == 0);
    CHECK(BEGUN("\x16\x03") == 2);
    CHECK(BEGUN("x") == 0);
#undef BEGUN
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
    test_begun();
}
