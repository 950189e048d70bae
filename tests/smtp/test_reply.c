/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_capability.h"
#include "plugin/smtp/syntax/smtp_code.h"
#include "plugin/smtp/syntax/smtp_queue_id.h"
#include "plugin/smtp/syntax/smtp_reply.h"

/* @param separator  ' ': the line is the last one, '-': another one follows, 'o': the same as ' ', and
 *                   what stands behind the code is odd, 0: no reply */
static void line(const char *text, char separator, uint16_t code, const char *rest)
{
    const uint8_t *octets = guarded_text(text);
    smtp_reply_line parsed = smtp_reply_line_parse(octets, (uint32_t)strlen(text));

    CHECK(parsed.valid == (separator != 0));
    CHECK(parsed.more == (separator == '-'));
    CHECK(parsed.odd == (separator == 'o'));
    CHECK(parsed.code == code);
    CHECK_TEXT(octets, parsed.text, rest);
}

static void test_lines(void)
{
    line("250 ok", ' ', 250, "ok");
    line("250-ok", '-', 250, "ok");
    line("250", ' ', 250, "");
    line("250 ", ' ', 250, "");
    line("250-", '-', 250, "");
    line("250  two", ' ', 250, " two");
    line("250\ttab", ' ', 250, "tab");
    line("250OK", 'o', 250, "OK");
    line("2500 ok", 'o', 250, "0 ok");
    line("552: 5.3.4 too large", 'o', 552, "5.3.4 too large");
    line("552:too large", 'o', 552, "too large");
    line("552:", 'o', 552, "");
    line("250\r", 'o', 250, "\r");
    line("250\xe2\x80\x93ok", 'o', 250, "\xe2\x80\x93ok");
    line("599 last", ' ', 599, "last");
    line("050 verbose", 0, 0, "050 verbose");
    line("199 wait", 0, 0, "199 wait");
    line("600 what", 0, 0, "600 what");
    line("25", 0, 0, "25");
    line("25:", 0, 0, "25:");
    line("2x0 no", 0, 0, "2x0 no");
    line("4.7.0 no", 0, 0, "4.7.0 no");
    line(" 250 no", 0, 0, " 250 no");
    line("", 0, 0, "");
}

enum {
    NONE = SMTP_REMARK_COUNT /* no remark */
};

/* The remark on a reply, if there is one, is this; what was read says so, and where. */
static void remarked(const char *text, const smtp_reply *reply, int kind, uint32_t at)
{
    smtp_remark_list remarks = {.count = 0};
    const smtp_span *place;

    smtp_reply_remark(guarded_text(text), reply->length, &remarks);
    CHECK(smtp_remarks_equal(&remarks.kinds, &reply->remarks));
    CHECK(smtp_remarks_any(&reply->remarks) == (kind != NONE));
    if (kind == NONE)
        return;
    place = smtp_remark_place(&remarks, (smtp_remark)kind);
    CHECK(smtp_remarks_has(&reply->remarks, (smtp_remark)kind) && place && place->offset == at);
}

/* The lines, one after the other, are all of the reply. */
static void iterated(const char *text, const smtp_reply *reply)
{
    smtp_reply_lines lines = {.octets = guarded_text(text), .length = reply->length};
    uint32_t count = 0;

    while (smtp_reply_lines_next(&lines)) {
        count++;
        CHECK(lines.parsed.code != reply->code || lines.offset <= reply->code_offset);
        CHECK(count > 1 || lines.parsed.text.length == reply->text.length);
    }
    CHECK(count == reply->lines && lines.offset == reply->length);
}

static void whole(const char *text, smtp_reply expected, int kind, uint32_t at)
{
    uint32_t all = (uint32_t)strlen(text), length = expected.length;
    smtp_reply reply = {.length = 0};

    CHECK(smtp_reply_read(guarded_text(text), all, 0, UINT32_MAX, &reply) == expected.complete);
    CHECK(reply.length == length && reply.lines == expected.lines && reply.code == expected.code);
    CHECK(reply.code_offset == expected.code_offset);
    remarked(text, &reply, kind, at);
    iterated(text, &reply);
    /* Cut anywhere and gone on with, it is the same reply. */
    for (uint32_t cut = 0; cut < length; cut++) {
        smtp_reply parts = {.length = 0};
        CHECK(!smtp_reply_read(guarded(text, cut), cut, 0, UINT32_MAX, &parts));
        smtp_reply_read(guarded_text(text), all, cut - parts.length, UINT32_MAX, &parts);
        CHECK(memcmp(&parts, &reply, sizeof parts) == 0);
    }
}

#define REPLY(octets, count, at, number, whole) \
    ((smtp_reply){.length = octets, .lines = count, .code_offset = at, .code = number, .complete = whole})

static void test_wholes(void)
{
    whole("250 ok\r\n", REPLY(8, 1, 0, 250, true), NONE, 0);
    whole("250-a\r\n250-b\r\n250 c\r\n250 d\r\n", REPLY(21, 3, 14, 250, true), NONE, 0);
    whole("250-a\r\n250-b\r\n", REPLY(14, 2, 7, 250, false), NONE, 0);
    whole("250-a\r\n550 b\r\n", REPLY(14, 2, 7, 550, true), SMTP_REMARK_CODE_CHANGED, 7);
    whole("250-a\r\nwhat\r\n250 b\r\n", REPLY(20, 3, 13, 250, true), SMTP_REMARK_NOT_A_REPLY, 7);
    whole("what\r\n250 b\r\n", REPLY(6, 1, 0, 0, true), SMTP_REMARK_NOT_A_REPLY, 0);
    whole("250-a\r\n250b\r\n250 c\r\n", REPLY(13, 2, 7, 250, true), SMTP_REMARK_REPLY_SEPARATOR, 10);
    whole("250-a\r\n050 b\r\n250 c\r\n", REPLY(21, 3, 14, 250, true), NONE, 0);
    whole("050 b\r\n250 c\r\n", REPLY(7, 1, 0, 0, true), NONE, 0);
    whole("250 a\n", REPLY(6, 1, 0, 250, true), SMTP_REMARK_BARE_LF, 5);
    whole("\r\n", REPLY(2, 1, 0, 0, true), SMTP_REMARK_NOT_A_REPLY, 0);
}

/* The start of a line that ends later or never is no reply yet, and not told to be none. */
static void test_unfinished(void)
{
    smtp_reply reply = {.length = 0};

    smtp_reply_read_unfinished(guarded_text("25"), 2, &reply);
    CHECK(reply.length == 2 && reply.lines == 1 && reply.code == 0 && reply.complete);
    remarked("25", &reply, SMTP_REMARK_UNFINISHED_LINE, 0);
    smtp_reply_read_unfinished(guarded_text("250-a"), 5, &reply);
    CHECK(reply.length == 5 && reply.code == 250 && !reply.complete);
    remarked("250-a", &reply, SMTP_REMARK_UNFINISHED_LINE, 0);
}

static void enhanced(const char *text, uint16_t code, bool is, uint16_t subject, uint16_t detail)
{
    const uint8_t *octets = guarded_text(text);
    smtp_enhanced found = {.class_ = 0};

    CHECK(smtp_enhanced_parse(octets, (smtp_span){0, (uint32_t)strlen(text)}, code, &found) == is);
    CHECK(!is || (found.class_ == code / 100 && found.subject == subject && found.detail == detail));
}

static void capability(const char *text, const char *keyword, const char *parameter)
{
    const uint8_t *octets = guarded_text(text);
    smtp_capability found = smtp_capability_parse(octets, (smtp_span){0, (uint32_t)strlen(text)});

    CHECK_TEXT(octets, found.keyword, keyword);
    CHECK_TEXT(octets, found.parameter, parameter);
}

static void test_meanings(void)
{
    CHECK(strcmp(smtp_code_meaning(251, SMTP_VERB_ETRN), "OK, no messages waiting for node") == 0);
    CHECK(smtp_code_meaning(251, SMTP_VERB_RCPT) == NULL);
    CHECK(strcmp(smtp_enhanced_meaning(&(smtp_enhanced){.subject = 1, .detail = 1}),
                 "Bad destination mailbox address") == 0);
    CHECK(smtp_enhanced_meaning(&(smtp_enhanced){.subject = 7, .detail = 606}) == NULL);
}

static void test_notes(void)
{
    smtp_enhanced code = {.class_ = 5, .subject = 1, .detail = 1};

    CHECK(strcmp(smtp_enhanced_note(&code).meaning, "Bad destination mailbox address") == 0);
    CHECK(strcmp(smtp_enhanced_note(&code).source, "RFC 3463") == 0);
    code.class_ = 2;
    CHECK(strcmp(smtp_enhanced_note(&code).meaning, "Status of an address") == 0);
    code.detail = 5;
    CHECK(strcmp(smtp_enhanced_note(&code).meaning, "Destination address valid") == 0);
    /* Not registered: what its subject is about. */
    code.detail = 500;
    CHECK(strcmp(smtp_enhanced_note(&code).meaning, "Other address status") == 0);
    CHECK(strcmp(smtp_enhanced_note(&code).source, "RFC 3463") == 0);
    code.subject = 9;
    CHECK(smtp_enhanced_note(&code).meaning[0] == '\0' && smtp_enhanced_note(&code).source[0] == '\0');
}

static void has_server(const char *text, const char *name, bool certain)
{
    const uint8_t *octets = guarded_text(text);
    smtp_span found = smtp_reply_server(octets, (smtp_span){0, (uint32_t)strlen(text)}, 250);

    CHECK(found.length == strlen(name) && memcmp(octets + found.offset, name, found.length) == 0);
    CHECK(smtp_reply_server_is_certain(octets + found.offset, found.length) == certain);
}

static void test_server(void)
{
    has_server("mx.example hello", "mx.example", true);
    has_server("mx.example, hello", "mx.example", true);
    has_server("mx_1.example", "mx_1.example", true);
    has_server("b\xc3\xbc.example", "b\xc3\xbc.example", true);
    has_server("[192.0.2.1] hello", "[192.0.2.1]", true);
    has_server("192.0.2.1", "192.0.2.1", true);
    has_server("localhost", "localhost", false);
    has_server("Hello.", "Hello.", false);
    has_server("ok:", "ok", false);
    has_server("", "", false);
    has_server(",", "", false);
    has_server(".example", "", false);
    has_server("-.example", "", false);
    has_server("(mx.example) hello", "", false);
    has_server("<mx.example>", "", false);
    has_server("[", "", false);
    has_server("[]", "", false);
    has_server("[192.0.2.1", "", false);
    has_server("2.0.0 mx.example", "", false);
    has_server("**** mx.example", "", false);
}

static void test_texts(void)
{
    static const char reply[] = "550-5.1.1 one\r\n550-5.1.1 two\r\n550 5.7.1 three\r\n";
    smtp_reply_lines lines = {.octets = guarded_text(reply), .length = sizeof reply - 1};
    uint8_t text[32];
    uint32_t length = 0;

    while (smtp_reply_lines_next(&lines))
        length = smtp_reply_add_text(&lines, text, length, sizeof text, ' ');
    CHECK(length == 25 && memcmp(text, "5.1.1 one two 5.7.1 three", 25) == 0);
    lines = (smtp_reply_lines){.octets = lines.octets, .length = lines.length};
    for (length = 0; smtp_reply_lines_next(&lines);)
        length = smtp_reply_add_text(&lines, text, length, 10, ' ');
    CHECK(length == 10 && memcmp(text, "5.1.1 one ", 10) == 0);
}

static void is_ok(const char *text, bool expected)
{
    uint32_t length = (uint32_t)strlen(text);

    CHECK(smtp_capability_is_ok(guarded_text(text), (smtp_span){0, length}) == expected);
}

static void test_ok(void)
{
    is_ok("OK", true);
    is_ok(" ok ", true);
    is_ok("OK 5", false);
    is_ok("OKAY", false);
    is_ok("", false);
}

static void queue_id(const char *text, const char *expected)
{
    const uint8_t *octets = guarded_text(text);
    uint32_t length = (uint32_t)strlen(text);
    smtp_span id = {0, 0};

    CHECK(smtp_queue_id(octets, (smtp_span){0, length}, false, &id) == (expected != NULL));
    if (expected)
        CHECK_TEXT(octets, id, expected);
    /* Of a text whose end is missing the id is told only if more stands behind it. */
    for (uint32_t cut = 0; cut < length; cut++) {
        octets = guarded(text, cut);
        if (smtp_queue_id(octets, (smtp_span){0, cut}, true, &id)) {
            CHECK(expected && smtp_span_end(id) < cut);
            CHECK_TEXT(octets, id, expected);
        }
    }
}

static void test_queue_ids(void)
{
    queue_id("2.0.0 Ok: queued as 4F1B21234", "4F1B21234");
    queue_id("Ok: queued as 12345", "12345");
    queue_id("your mail is queued as soon as possible", NULL);
    queue_id("Ok: queued as ABCDEF", "ABCDEF");
    queue_id("2.5.0 Ok, envelope id 0J1ABCDEF00A", "0J1ABCDEF00A");
    queue_id("OK id=1qXyZ0-0004sK-1p", "1qXyZ0-0004sK-1p");
    queue_id("id=1xUjph-000021-39 message accepted for some recipients", "1xUjph-000021-39");
    queue_id("no such id=5", NULL);
    queue_id("2.0.0 3AB1fZ45012345 Message accepted for delivery", "3AB1fZ45012345");
    queue_id("2.0.0: 59be2f0c Message accepted for delivery", "59be2f0c");
    queue_id("2.6.0 <A000001@MX> [InternalId=2091, Hostname=MX] Queued mail for delivery", "2091");
    queue_id("2.6.0 <A000001@MX> Queued mail for delivery", "<A000001@MX>");
    queue_id("2.0.0 OK  1612345678 d9443c01a7336-1fd6f44edddsm12148855ad.222 - gsmtp",
             "d9443c01a7336-1fd6f44edddsm12148855ad.222");
    queue_id("ok 1612345678 qp 12345", "12345");
    queue_id("Message Queued (B5DA5AD7-6C2E-4C5B-A3E7-2D4D3A6F5B6C.1)", "B5DA5AD7-6C2E-4C5B-A3E7-2D4D3A6F5B6C.1");
    queue_id("2.0.0 <d@store.example> qAm4Bq1zK2 Saved", "qAm4Bq1zK2");
    queue_id("2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4F1B21234", "4F1B21234");
    queue_id("Ok: queued as: 7F3A9C.", "7F3A9C");
    queue_id("Mail OK queued as smtp1,_____wD3abcQ-1.1S2 1700000000", "_____wD3abcQ-1.1S2");
    queue_id("2.0.0 Ok: queued on mxback1.example as 1700000000-AbCdEfGhIj", "1700000000-AbCdEfGhIj");
    queue_id("2.0.0 Ok: queued on mx-10.yp-c.example 1682952938-btNFgWJPMCg0", "1682952938-btNFgWJPMCg0");
    queue_id("2.0.0 Message queued with id 1a2b3c4d5e6f.", "1a2b3c4d5e6f");
    queue_id("Requested mail action okay, completed: id=1M8abc-1rXyz02abc-00AbCd", "1M8abc-1rXyz02abc-00AbCd");
    queue_id("OK ids=0f8c1b2a3d4e5f60718293a4b5c6d7e8", "0f8c1b2a3d4e5f60718293a4b5c6d7e8");
    queue_id("ok:  Message 123456 accepted", "123456");
    queue_id("Ok 0100018f3b2c7d1e-5f2e-4a-000000", "0100018f3b2c7d1e-5f2e-4a-000000");
    queue_id("2.0.0 OK 4A/81-07362-5F4B2CF4 ", "4A/81-07362-5F4B2CF4");
    queue_id("2.0.0 <d@store.example> QLFLJ/qNAWsJAAAAg+zDdQ:T2 Saved", "QLFLJ/qNAWsJAAAAg+zDdQ:T2");
    queue_id("OK id=1qXyZ0-0004sK-1p: thanks", "1qXyZ0-0004sK-1p");
    queue_id("2.0.0 ok", NULL);
    queue_id("Ok accepted", NULL);
    queue_id("Ok 1234", NULL);
    queue_id("OK 1700000000 seconds", NULL);
    queue_id("ok: Message was accepted", NULL);
    queue_id("2.0.0 Ok: queued on disk", NULL);
    queue_id("Requested mail action okay, completed", NULL);
    queue_id("<d@store.example>OK 1682952938", NULL);
    queue_id("Ok: queued as ", NULL);
    queue_id("2.0.0 <d@store.example> Saved", NULL);
    queue_id(" Saved", NULL);
    queue_id("2.0.0 Message accepted for delivery", NULL);
    queue_id("Ok Saved", NULL);
    queue_id("OK, Queued mail for delivery", NULL);
}

void test_reply(void)
{
    test_lines();
    test_wholes();
    test_unfinished();
    enhanced("2.0.0 ok", 220, true, 0, 0);
    enhanced("5.1.1", 550, true, 1, 1);
    enhanced("5.7.606 x", 550, true, 7, 606);
    enhanced("4.1.1 x", 550, false, 0, 0);
    enhanced("5.1 x", 550, false, 0, 0);
    enhanced("5.1.1x", 550, false, 0, 0);
    enhanced("5.1.1234 x", 550, false, 0, 0);
    enhanced("5.1.", 550, false, 0, 0);
    enhanced("5.1111.", 550, false, 0, 0);
    enhanced("3.0.0 x", 354, false, 0, 0);
    capability("SIZE 1000", "SIZE", "1000");
    capability("8BITMIME", "8BITMIME", "");
    capability("AUTH=LOGIN PLAIN", "AUTH", "LOGIN PLAIN");
    capability("auth  LOGIN ", "auth", "LOGIN");
    capability("", "", "");
    capability("X-EXPS=LOGIN", "X-EXPS", "LOGIN");
    capability("SIZE=1", "SIZE=1", "");
    CHECK(smtp_keyword_find(guarded_text("pipelining"), 10)->standard);
    CHECK(!smtp_keyword_find(guarded_text("pipelinin"), 9));
    CHECK(!smtp_keyword_find(guarded_text("xshadow"), 7)->standard);
    test_meanings();
    test_notes();
    test_server();
    test_texts();
    test_ok();
    test_queue_ids();
}
