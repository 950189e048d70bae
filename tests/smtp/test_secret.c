/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_secret.h"

static bool is_answer(const char *text)
{
    return smtp_secret_is_answer(guarded(text, strlen(text)), (uint32_t)strlen(text));
}

static bool in_text(const char *text)
{
    return smtp_secret_in_text(guarded(text, strlen(text)), (uint32_t)strlen(text));
}

/* Where in the line it begins; 0: nowhere. */
static uint32_t in_line(const char *text)
{
    return smtp_secret_in_line(guarded(text, strlen(text)), (uint32_t)strlen(text)).offset;
}

static void test_answers(void)
{
    CHECK(is_answer("c2VjcmV0") && is_answer("AA==") && is_answer("YWxs"));
    CHECK(is_answer("c2VjcmV0c") && is_answer("12345") && is_answer("a+b") && is_answer("abcde="));
    CHECK(!is_answer("XFOO") && !is_answer("") && !is_answer("HELLO") && !is_answer("Hello") && !is_answer("==="));
    CHECK(!is_answer("Xfoo") && !is_answer("xfoo") && !is_answer("abcd") && !is_answer("Abcdefgh"));
    CHECK(is_answer("amht") && is_answer("Ymht") && !is_answer("amhtamhtamhtamht"));
    CHECK(!is_answer("c2Vj cmV0") && !is_answer("a@b1") && !is_answer("c2VjcmV0===="));
}

static void test_lines(void)
{
    CHECK(in_line("AUTHENTICATE PLAIN c2VjcmV0") == 19 && in_line("XAUTH c2VjcmV0 ") == 6);
    CHECK(in_line("UTH PLAIN c2VjcmV0") == 10 && in_line("\xff AUTH c2VjcmV0") == 7);
    CHECK(in_line("c2VjcmV0") == 0 && in_line("XFOO c2VjcmV0") == 0 && in_line("XAUTH LOGIN") == 0);
    CHECK(smtp_secret_is_near((const uint8_t *)"UTH PLAIN c2VjcmV0", 18));
    CHECK(smtp_secret_is_near((const uint8_t *)"xauth", 5) && !smtp_secret_is_near((const uint8_t *)"hello", 5));
}

static void test_texts(void)
{
    CHECK(in_text("c2VjcmV0") && in_text("c2VjcmV0\r\n") && in_text("NOOP\r\n\nc2VjcmV0"));
    CHECK(in_text("N AGFsaWNlAHNlY3JldA==") && in_text("TH LOGIN c2Vj"));
    CHECK(!in_text("") && !in_text("OP\r\n") && !in_text("O h1\r\n") && !in_text("O host1") && !in_text("a1"));
    CHECK(!in_text("<bob@example.test>\r\n") && !in_text("\r\n\r\n") && !in_text(" \r\n"));
}

void test_secret(void)
{
    test_answers();
    test_lines();
    test_texts();
}
