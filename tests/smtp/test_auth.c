/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/smtp_auth.h"

static void decodes(const char *base64, const char *to)
{
    uint32_t length = (uint32_t)strlen(base64);
    uint8_t room[64];
    uint32_t written;

    CHECK(smtp_auth_decode(guarded_text(base64), length, room, &written) == (to != NULL));
    if (to)
        CHECK_TEXT(room, ((smtp_span){0, written}), to);
}

static void user(smtp_mechanism mechanism, uint32_t step, const char *decoded, size_t length, const char *name)
{
    const uint8_t *octets = guarded(decoded, length);
    smtp_span found;
    bool is = smtp_auth_user(mechanism, step, octets, (uint32_t)length, &found);

    CHECK(is == (name != NULL));
    if (is && name)
        CHECK_TEXT(octets, found, name);
}

#define USER(mechanism, step, decoded, name) user(SMTP_MECHANISM_##mechanism, step, decoded, sizeof(decoded) - 1, name)

void test_auth(void)
{
    /* RFC 4648, 10 */
    decodes("", "");
    decodes("Zg==", "f");
    decodes("Zm8=", "fo");
    decodes("Zm9v", "foo");
    decodes("Zm9vYmFy", "foobar");
    decodes("Zg=", NULL);
    decodes("Zg", NULL);
    decodes("Z===", NULL);
    decodes("Zm 9", NULL);
    decodes("=Zg=", NULL);

    CHECK(smtp_auth_is_answer(guarded_text("dGlt"), 4));
    CHECK(smtp_auth_is_answer(guarded_text("Zg=="), 4));
    CHECK(smtp_auth_is_answer(guarded_text("*"), 1));
    CHECK(smtp_auth_is_answer(guarded_text("="), 1));
    CHECK(smtp_auth_is_answer(guarded_text(""), 0));
    CHECK(!smtp_auth_is_answer(guarded_text("MAIL FROM:<>"), 12));
    CHECK(!smtp_auth_is_answer(guarded_text("Z=x="), 4));

    /* RFC 4616, RFC 2195, RFC 7628 */
    USER(PLAIN, 0, "\0tim\0tanstaaftanstaaf", "tim");
    USER(PLAIN, 0, "Ursel\0Kurt\0xipj3plmq", "Kurt");
    USER(PLAIN, 0, "tim", NULL);
    USER(PLAIN, 0, "\0tim", NULL);
    USER(LOGIN, 0, "alice", "alice");
    USER(LOGIN, 1, "secret", NULL);
    USER(CRAM_MD5, 0, "tim b913a602c7eda7a495b4e6e7334d3890", "tim");
    USER(CRAM_MD5, 0, "tim", NULL);
    USER(XOAUTH2, 0, "user=a@b\1auth=Bearer x\1\1", "a@b");
    USER(OAUTHBEARER, 0, "n,a=user@example.com,\1host=x\1\1", "user@example.com");
    USER(OTHER, 0, "x", NULL);
    CHECK(smtp_auth_mechanism(guarded_text("cram-md5"), 8) == SMTP_MECHANISM_CRAM_MD5);
    CHECK(smtp_auth_mechanism(guarded_text("PLAI"), 4) == SMTP_MECHANISM_OTHER);
}
