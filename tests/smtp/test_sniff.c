/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_sniff.h"

static void sniffs(const char *octets, size_t length, smtp_sniffed what)
{
    CHECK(smtp_sniff(guarded(octets, length), (uint32_t)length) == what);
}

#define SNIFFS(octets, what) sniffs(octets, sizeof(octets) - 1, SMTP_SNIFFED_##what)

static void certain(const char *text, smtp_side side)
{
    smtp_side found = SMTP_CLIENT;

    CHECK(smtp_sniff_may_be_certain((uint8_t)text[0]));
    CHECK(smtp_sniff_is_certain(guarded_text(text), (uint32_t)strlen(text), &found));
    CHECK(found == side);
}

static void uncertain(const char *text)
{
    smtp_side found;

    CHECK(!smtp_sniff_is_certain(guarded_text(text), (uint32_t)strlen(text), &found));
}

static void test_certain(void)
{
    certain("220 mx.example ESMTP Postfix\r\n", SMTP_SERVER);
    certain("220 store LMTP\r\n", SMTP_SERVER);
    certain("220-mail.example Smtp server\r\n220 x\r\n", SMTP_SERVER);
    certain("250-mx.example\r\n250-SIZE 1\r\n250 HELP\r\n", SMTP_SERVER);
    certain("550 5.1.1 no such user\r\n", SMTP_SERVER);
    certain("220 foo.example Simple Mail Transfer Service Ready\r\n", SMTP_SERVER);
    certain("421 Too many concurrent SMTP connections; please try again later.\r\n", SMTP_SERVER);
    certain("421 foo.example Service not available, closing transmission channel\r\n", SMTP_SERVER);
    certain("421 too many, says LMTP\r\n", SMTP_SERVER);
    certain("554-mx.example ESMTP\r\n554 your host is not welcome\r\n", SMTP_SERVER);
    certain("554 No SMTP service here\r\n", SMTP_SERVER);
    certain("EHLO x\r\n", SMTP_CLIENT);
    certain("helo x.example\r\n", SMTP_CLIENT);
    certain("MAIL FROM:<>\r\n", SMTP_CLIENT);
    certain("RCPT TO:<a@b>\r\n", SMTP_CLIENT);
    certain("BDAT 10 LAST\r\n", SMTP_CLIENT);
    /* Their line end comes in another segment. */
    certain("EHLO x.example", SMTP_CLIENT);
    certain("LHLO x.ex", SMTP_CLIENT);
    certain("MAIL FROM:<a@b.ex", SMTP_CLIENT);
    certain("RCPT TO:<a@b> NOTIFY=NEV", SMTP_CLIENT);
    /* FTP, POP3, IMAP, NNTP, IRC, HTTP */
    uncertain("220 ProFTPD Server ready.\r\n");
    uncertain("220 FTP and SMTP gateway\r\n");
    uncertain("220 Service ready\r\n");
    uncertain("421 Service not available, closing control connection.\r\n");
    uncertain("421 Too many connections (8) from this IP\r\n");
    uncertain("421 No next article\r\n");
    uncertain("421 FTP: no SMTP here\r\n");
    uncertain("554 transaction failed\r\n");
    uncertain("450 SMTP is what we speak\r\n");
    uncertain("221 closing transmission channel\r\n");
    uncertain("250 CWD command successful.\r\n");
    uncertain("250-Welcome\r\n250-to this\r\n250 server\r\n");
    uncertain("331 Password required\r\n");
    /* A reply that is not by the book proves nothing. */
    uncertain("220_mx.example ESMTP\r\n");
    uncertain("550: 5.1.1 no such user\r\n");
    uncertain("250-Welcome\r\n250:SIZE 1\r\n250 HELP\r\n");
    uncertain("USER anonymous\r\n");
    uncertain("MAIL anonymous\r\n");
    uncertain("+OK POP3 ready <1.2@x>\r\n");
    uncertain("* OK IMAP4rev1 ready\r\n");
    uncertain("a001 LOGIN x y\r\n");
    uncertain("200 news.example ready\r\n");
    uncertain("ARTICLE <1@x>\r\n");
    uncertain("NICK someone\r\nUSER x 0 * :x\r\n");
    uncertain("HEAD / HTTP/1.0\r\n\r\n");
    uncertain("HTTP/1.1 200 OK\r\n\r\n");
    uncertain("HELP me with this\r\n");
    uncertain("RSET\r\n");
    uncertain("QUIT\r\n");
    uncertain("EHLO");
    uncertain("EHLO ");
    uncertain("EHLO is a verb");
    uncertain("BDAT 10 LAST");
    uncertain("MAIL FROM: someone");
    uncertain("");
}

void test_sniff(void)
{
    smtp_side side;

    SNIFFS("220 mx\r\n", TEXT);
    SNIFFS("From: a\r\n", TEXT);
    SNIFFS("h", TEXT);
    SNIFFS("\xff\xfd\x03quit\r\0", TEXT);
    SNIFFS("\xc3\xa9t\xc3\xa9\r\n", TEXT);
    SNIFFS("\x16\x03\x01\x02\x00", TLS);
    SNIFFS("\x16", TLS);
    SNIFFS("\x17\x03\x03", TLS);
    SNIFFS("\x16\x04\x01", OTHER);
    SNIFFS("GET / HTTP/1.1\r\n", OTHER);
    SNIFFS("SSH-2.0-OpenSSH\r\n", OTHER);
    SNIFFS("* OK IMAP\r\n", OTHER);
    SNIFFS("+OK pop\r\n", OTHER);
    SNIFFS("\x00\x01\x02", OTHER);
    SNIFFS("abc\x07", OTHER);
    SNIFFS("\xff\xff\xff\xff\x00", OTHER);
    test_certain();
    CHECK(smtp_sniff_may_greet(guarded_text("220 x\r\n"), 7));
    CHECK(smtp_sniff_may_greet(guarded_text("220 mx.example ESMTP\r\n"), 22));
    CHECK(smtp_sniff_may_greet(guarded_text("220-x"), 5));
    CHECK(!smtp_sniff_may_greet(guarded_text("220 x FTP\r\n"), 11));
    CHECK(!smtp_sniff_may_greet(guarded_text("200 x\r\n"), 7));
    CHECK(!smtp_sniff_may_greet(guarded_text("220x\r\n"), 6));
    CHECK(smtp_sniff_may_greet(guarded_text("220"), 3));
    CHECK(smtp_sniff_may_greet(guarded_text("2"), 1));
    CHECK(!smtp_sniff_may_greet(guarded_text("25"), 2));
    CHECK(smtp_sniff_side(guarded_text("220 x\r\n"), 7, &side) && side == SMTP_SERVER);
    CHECK(!smtp_sniff_side(guarded_text("220:x\r\n"), 7, &side) && side == SMTP_CLIENT);
    CHECK(!smtp_sniff_side(guarded_text("250 x\r\n"), 7, &side) && side == SMTP_SERVER);
    CHECK(!smtp_sniff_side(guarded_text("DATA\r\n"), 6, &side) && side == SMTP_CLIENT);
    CHECK(smtp_sniff_side(guarded_text("EHLO x\r\n"), 8, &side) && side == SMTP_CLIENT);
    CHECK(smtp_sniff_likely(guarded_text("250 x\r\n"), 7) == SMTP_SERVER);
    CHECK(smtp_sniff_likely(guarded_text("DATA\r\n"), 6) == SMTP_CLIENT);
}
