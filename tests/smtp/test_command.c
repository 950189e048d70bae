/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_command.h"

static const char *const verbs[] = {
#define SMTP_VERB(name, text, shape, on2, on3, on45) text,
#include "plugin/smtp/smtp_verbs.def"
#undef SMTP_VERB
};

static smtp_command parse_line(const char *text, smtp_eol eol)
{
    uint32_t length = (uint32_t)strlen(text);
    smtp_line line = {length, length, eol};
    smtp_remark_list remarks = {.count = 0};
    smtp_command command;

    smtp_command_parse(guarded_text(text), &line, &command, &remarks);
    return command;
}

static smtp_command parse(const char *text)
{
    return parse_line(text, SMTP_EOL_CRLF);
}

static void is(const char *text, smtp_verb verb, const char *name, const char *argument)
{
    const uint8_t *line = guarded_text(text);
    smtp_command command = parse(text);

    CHECK(command.verb == verb);
    CHECK_TEXT(line, command.name, name);
    CHECK_TEXT(line, command.argument, argument);
}

static void chunk(const char *text, bool valid, uint64_t octets, bool last)
{
    smtp_chunk_size size = parse(text).of.chunk;

    CHECK(size.valid == valid);
    CHECK(!valid || size.octets == octets);
    CHECK(!valid || size.last == last);
}

static bool certain(const char *text)
{
    smtp_command command = parse(text);

    return smtp_command_is_certain(guarded_text(text), &command);
}

/* Each is found whatever its case, and with no other octet in it. */
static void test_names(void)
{
    for (size_t i = SMTP_VERB_RCPT; i < sizeof verbs / sizeof *verbs; i++) {
        uint32_t length = (uint32_t)strlen(verbs[i]);
        uint8_t name[32];

        memcpy(name, verbs[i], length);
        CHECK(smtp_verb_find(name, length) == (smtp_verb)i);
        CHECK(smtp_is_alpha(name[0]));
        for (uint32_t at = 0; at < length; at++) {
            CHECK(smtp_is_alpha(name[at]) || length != 4);
            name[at] ^= smtp_is_alpha(name[at]) ? 0x20 : 0;
            CHECK(smtp_verb_find(name, length) == (smtp_verb)i);
            name[at] ^= 0x80;
            CHECK(smtp_verb_find(name, length) == SMTP_VERB_UNKNOWN);
            name[at] ^= 0x80;
        }
    }
}

/* A line whose end is not in hand. */
static void test_cut(void)
{
    static const char *const certain_commands[] = {
        "EHLO a",           "helo a.ex",      "MAIL FROM:<", "MAIL FROM:<a@b", "rcpt to: <a@b> NOT",
        "RCPT TO:\"A\" <b", "AUTH PLAIN AGE",
    };
    static const char *const doubtful[] = {
        "",     "EHLO",     "EHLO ",  "EHLO is a",   "MAIL", "MAIL FROM:", "RCPT TO:b@c",    "DATA",         "QUIT",
        "RSET", "AUTH PLA", "BDAT 5", "BDAT 5 LAST", "NOOP", "STARTTLS",   "Mail from: the", "XEXCH50 10 2",
    };

    for (size_t i = 0; i < sizeof certain_commands / sizeof *certain_commands; i++) {
        smtp_command command = parse_line(certain_commands[i], SMTP_EOL_NONE);
        CHECK(smtp_command_is_certain(guarded_text(certain_commands[i]), &command));
    }
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        smtp_command command = parse_line(doubtful[i], SMTP_EOL_NONE);
        CHECK(!smtp_command_is_certain(guarded_text(doubtful[i]), &command));
    }
    /* More digits may follow, until a blank does. */
    CHECK(!parse_line("BDAT 5", SMTP_EOL_NONE).of.chunk.valid);
    CHECK(parse_line("BDAT 5 ", SMTP_EOL_NONE).of.chunk.valid);
    CHECK(!parse_line("XEXCH50 5", SMTP_EOL_NONE).of.count.valid);
    CHECK(parse_line("XEXCH50 5 2", SMTP_EOL_NONE).of.count.valid);
}

static void test_certain(void)
{
    static const char *const commands[] = {
        "EHLO a.example",
        "helo [127.0.0.1]",
        "LHLO x",
        "MAIL FROM:<>",
        "mail from: <a@b> SIZE=1",
        "RCPT TO:<a@b>",
        "DATA",
        "quit",
        "RSET ",
        "STARTTLS",
        "AUTH PLAIN",
        "AUTH PLAIN AGE=",
        "BDAT 5",
        "BDAT 0 LAST",
        "NOOP",
        "BURL imap://a.example/b LAST",
        "XEXCH50 1024 2",
        "XCLIENT NAME=a ADDR=b",
        "X-ANONYMOUSTLS",
    };
    static const char *const prose[] = {
        "",
        " ",
        "From: someone",
        "EHLO",
        "EHLO is a verb",
        "Mail from: the text",
        "MAIL FROM:<a",
        "RCPT TO:",
        "data is plural",
        "Quit now",
        "AUTH",
        "auth is what I mean",
        "BDAT",
        "BDAT x",
        "BDAT 5 MORE",
        "help me please",
        "hello",
        " DATA",
        "XFOO",
        "TIME",
        "SIZE",
        "GET / HTTP/1.1",
        "BURL",
        "burl and gurl and hurl",
        "XEXCH50 many",
        "xclient is Postfix's",
    };

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t length = strlen(commands[i]);
        CHECK(certain(commands[i]));
        /* Each part of it may still become one. */
        for (uint32_t cut = 0; cut <= length; cut++)
            CHECK(smtp_verb_may_follow(guarded(commands[i], cut), cut));
    }
    for (size_t i = 0; i < sizeof prose / sizeof *prose; i++)
        CHECK(!certain(prose[i]));
    CHECK(!smtp_verb_may_follow(guarded_text("From"), 4));
    CHECK(!smtp_verb_may_follow(guarded_text("Mailing"), 7));
    CHECK(!smtp_verb_may_follow(guarded_text(" MAIL"), 5));
    CHECK(smtp_verb_may_follow(guarded_text("quit\r"), 5));
    CHECK(!smtp_verb_may_follow(guarded_text("QUITQUITQUITQUITQUITQUITQUITQUITQUIT"), 36));
}

void test_command(void)
{
    is("MAIL FROM:<a@b>", SMTP_VERB_MAIL, "MAIL", "FROM:<a@b>");
    is("ehlo  x ", SMTP_VERB_EHLO, "ehlo", "x ");
    is("StartTLS", SMTP_VERB_STARTTLS, "StartTLS", "");
    is("STARTTLS extra", SMTP_VERB_STARTTLS, "STARTTLS", "extra");
    is("X-ANONYMOUSTLS", SMTP_VERB_X_ANONYMOUSTLS, "X-ANONYMOUSTLS", "");
    is("hello there", SMTP_VERB_UNKNOWN, "hello", "there");
    is("MAILFROM:<a>", SMTP_VERB_UNKNOWN, "MAILFROM:<a>", "");
    is("MAI", SMTP_VERB_UNKNOWN, "MAI", "");
    is("", SMTP_VERB_UNKNOWN, "", "");
    is("   ", SMTP_VERB_UNKNOWN, "", "");
    is(" QUIT", SMTP_VERB_QUIT, "QUIT", "");
    is("NOOP\tx", SMTP_VERB_NOOP, "NOOP", "x");

    for (int verb = SMTP_VERB_RCPT; verb < SMTP_VERB_COUNT; verb++)
        is(verbs[verb], (smtp_verb)verb, verbs[verb], "");

    chunk("BDAT 5", true, 5, false);
    chunk("BDAT 5 LAST", true, 5, true);
    chunk("bdat 0 last", true, 0, true);
    chunk("BDAT 0005", true, 5, false);
    chunk("BDAT 18446744073709551615 LAST", true, UINT64_MAX, true);
    chunk("BDAT 18446744073709551616", false, 0, false);
    chunk("BDAT", false, 0, false);
    chunk("BDAT -5", false, 0, false);
    chunk("BDAT +5", false, 0, false);
    chunk("BDAT 5LAST", false, 0, false);
    chunk("BDAT 5 MORE", false, 0, false);
    chunk("BDAT 5 LAST x", false, 0, false);
    chunk("BDAT LAST", false, 0, false);

    chunk("BURL imap://a LAST", true, 0, true);
    chunk("BURL imap://a", true, 0, false);
    chunk("BURL imap://a MORE", false, 0, false);

    test_certain();
    test_names();
    test_cut();
}
