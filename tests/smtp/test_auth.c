/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_auth.h"

static void decodes(const char *base64, const char *to)
{
    uint32_t length = (uint32_t)strlen(base64);
    uint8_t room[64];
    uint32_t written;

    CHECK(smtp_auth_decode(guarded_text(base64), length, room, &written) == (to != NULL));
    if (to)
        CHECK_TEXT(room, ((smtp_span){0, written}), to);
}

/* The parts of a response as a text: "u=tim z=admin s=secret"; "!" if it is malformed. */
static void reads(smtp_mechanism mechanism, uint32_t step, const char *decoded, size_t length, const char *expected)
{
    static const char letters[] = "uzrs";
    const uint8_t *octets = guarded(decoded, length);
    smtp_auth_parts parts = smtp_auth_parts_read(mechanism, step, octets, (uint32_t)length);
    char found[256] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < parts.count; i++) {
        uint8_t text[128];
        uint32_t written = smtp_auth_uncode(&parts.part[i], octets, text);

        used += (size_t)snprintf(found + used, sizeof found - used, "%s%c=%.*s", i ? " " : "",
                                 letters[parts.part[i].kind], (int)written, (const char *)text);
    }
    if (parts.malformed)
        snprintf(found + used, sizeof found - used, "!");
    check_text((const uint8_t *)found, 0, (uint32_t)strlen(found), expected, __FILE__, __LINE__);
    for (size_t cut = 0; cut < length; cut++)
        smtp_auth_parts_read(mechanism, step, guarded(decoded, cut), (uint32_t)cut);
}

#define READS(mechanism, step, decoded, expected) \
    reads(SMTP_MECHANISM_##mechanism, step, decoded, sizeof(decoded) - 1, expected)

static void test_responses(void)
{
    /* RFC 4616, 4 */
    READS(PLAIN, 0, "\0tim\0tanstaaftanstaaf", "u=tim s=tanstaaftanstaaf");
    READS(PLAIN, 0, "Ursel\0Kurt\0xipj3plmq", "z=Ursel u=Kurt s=xipj3plmq");
    READS(PLAIN, 0, "tim", "!");
    READS(PLAIN, 0, "\0tim", "!");
    READS(LOGIN, 0, "alice", "u=alice");
    READS(LOGIN, 1, "secret", "s=secret");
    READS(LOGIN, 0, "", "");
    READS(LOGIN, 0, "\0fred\0secret", "!"); /* PLAIN's */
    /* RFC 2195, 2 */
    READS(CRAM_MD5, 0, "tim b913a602c7eda7a495b4e6e7334d3890", "u=tim");
    READS(CRAM_MD5, 0, "a b c", "u=a b");
    READS(CRAM_MD5, 0, "tim", "!");
    /* RFC 2831, 4 */
    READS(DIGEST_MD5, 0,
          "charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\","
          "nc=00000001,cnonce=\"OA6MHXh6VqTrRk\",digest-uri=\"imap/elwood.innosoft.com\","
          "response=d388dad90d4bbd760a152321f2143af7,qop=auth",
          "u=chris r=elwood.innosoft.com");
    READS(DIGEST_MD5, 0, "username=\"a\\\"b,c\", authzid=\"x\"", "u=a\"b,c z=x");
    READS(DIGEST_MD5, 0, "nonce=\"x\"", "!");
    /* RFC 5802, 5 */
    READS(SCRAM_SHA_1, 0, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "u=user");
    READS(SCRAM_SHA_1, 1, "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "");
    READS(SCRAM_SHA_256_PLUS, 0, "p=tls-unique,a=ad=2Cm=3Din,n=us=2Cer,r=x", "z=ad,m=in u=us,er");
    READS(SCRAM_SHA_256, 0, "n,a=x", "!");
    READS(SCRAM_SHA_256, 0, "x,,n=a", "!");
    /* Google's and Microsoft's pages */
    READS(XOAUTH2, 0, "user=a@b\1auth=Bearer x\1\1", "u=a@b s=x");
    READS(XOAUTH2, 0, "auth=Bearer x\1\1", "s=x!");
    /* RFC 7628, 4.1 */
    READS(OAUTHBEARER, 0, "n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer vF9dft4qmT==\1\1",
          "z=user@example.com u=user@example.com s=vF9dft4qmT==");
    READS(OAUTHBEARER, 0, "n,,\1auth=Bearer x\1\1", "s=x");
    READS(OAUTHBEARER, 1, "\1", "");
    READS(EXTERNAL, 0, "fred", "z=fred");
    READS(ANONYMOUS, 0, "sirhc", "");
    /* RFC 2444, 8; RFC 2808, 4 */
    READS(OTP, 0, "\0tim", "u=tim");
    READS(OTP, 1, "hex:5bf075d9959d036f", "s=hex:5bf075d9959d036f");
    READS(SECURID, 0,
          "\0magnus\0"
          "123456\0",
          "u=magnus s=123456");
    READS(SECURID, 0,
          "a\0magnus\0"
          "123456\0"
          "99\0",
          "!");
    READS(SECURID, 0,
          "\0magnus\0"
          "123456\0"
          "99",
          "u=magnus s=123456 s=99");
    READS(GS2_KRB5, 0, "n,a=fred,\x60\x01", "z=fred");
    READS(OTHER, 0, "x", "s=x"); /* nobody can say what it carries */
    /* What cannot be read where passwords travel is one. */
    READS(PLAIN, 1, "\0tim\0secret", "s=");
    READS(XOAUTH, 0, "token", "s=token");
    READS(UNSEEN, 0, "secret", "s=secret");
    READS(UNSEEN, 3, "secret", "s=secret");
    READS(XOAUTH2, 1, "secret", "s=secret");
    READS(OAUTHBEARER, 1, "secret", "s=secret");
    CHECK(smtp_auth_mechanism(guarded_text("PLAIN-CLIENTTOKEN"), 17) == SMTP_MECHANISM_UNSEEN);
    CHECK(smtp_auth_login_step(guarded_text("VXNlcm5hbWU6"), 12) == 0);
    CHECK(smtp_auth_login_step(guarded_text("UGFzc3dvcmQ6"), 12) == 1);
    CHECK(smtp_auth_login_step(guarded_text("YWJj"), 4) == -1);
    CHECK(smtp_auth_login_step(guarded_text(""), 0) == -1);
}

/* Those whose documents define a security layer, and no others: RFC 2831, 4752, 2222. SCRAM and GS2 have none
 * (RFC 5801, 1). What began before the capture may be any of them. */
static void test_layers(void)
{
    static const char *const layered[] = {"DIGEST-MD5",  "GSSAPI",      "GSS-SPNEGO", "SPNEGO",
                                          "SPNEGO-PLUS", "KERBEROS_V4", "KERBEROS_V5"};
    size_t found = 0;

    CHECK(smtp_auth_may_protect(SMTP_MECHANISM_UNSEEN));
    for (int i = SMTP_MECHANISM_UNSEEN + 1; i < SMTP_MECHANISM_COUNT; i++)
        found += smtp_auth_may_protect((smtp_mechanism)i);
    CHECK(found == sizeof layered / sizeof *layered);
    for (size_t i = 0; i < sizeof layered / sizeof *layered; i++) {
        uint32_t length = (uint32_t)strlen(layered[i]);
        CHECK(smtp_auth_may_protect(smtp_auth_mechanism(guarded_text(layered[i]), length)));
    }
}

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

    test_responses();
    test_layers();
    CHECK(smtp_auth_mechanism(guarded_text("cram-md5"), 8) == SMTP_MECHANISM_CRAM_MD5);
    CHECK(smtp_auth_mechanism(guarded_text("PLAI"), 4) == SMTP_MECHANISM_OTHER);
    CHECK(smtp_auth_steps(smtp_auth_mechanism(guarded_text("SCRAM-SHA-999"), 13)) == SMTP_STEPS_SCRAM);
}
