/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_parameter.h"

static void valid(const char *keyword, bool of_rcpt, const char *value, bool is)
{
    smtp_parameter_name name = smtp_parameter_find(guarded_text(keyword), (uint32_t)strlen(keyword), of_rcpt);
    uint32_t length = (uint32_t)strlen(value);

    CHECK(name != SMTP_PARAMETER_UNKNOWN);
    CHECK(smtp_value_is_valid(smtp_parameter_value(name), guarded_text(value), (smtp_span){0, length}) == is);
    for (uint32_t cut = 0; cut < length; cut++)
        smtp_value_is_valid(smtp_parameter_value(name), guarded(value, cut), (smtp_span){0, cut});
}

#define MAIL(keyword, value, is) valid(keyword, false, value, is)
#define RCPT(keyword, value, is) valid(keyword, true, value, is)

static void test_values(void)
{
    MAIL("size", "18446744073709551616", true);
    MAIL("SIZE", "184467440737095516150", false);
    MAIL("SIZE", "", false);
    MAIL("SIZE", "-1", false);
    MAIL("BODY", "8bitmime", true);
    MAIL("BODY", "9BIT", false);
    MAIL("RET", "HDRS", true);
    MAIL("RET", "ALL", false);
    MAIL("ENVID", "QQ314159+2B", true);
    MAIL("ENVID", "a+2b", false);
    MAIL("ENVID", "a=b", false);
    MAIL("ENVID", "+4", false);
    MAIL("AUTH", "<>", true);
    MAIL("AUTH", "e+3Dmc2@example.com", true);
    MAIL("BY", "120;R", true);
    MAIL("BY", "-9;nt", true);
    MAIL("BY", "120;Q", false);
    MAIL("BY", "1234567890;R", false);
    MAIL("HOLDFOR", "86400", true);
    MAIL("HOLDFOR", "+1", false);
    MAIL("HOLDUNTIL", "2007-01-01T00:00:00Z", true);
    MAIL("HOLDUNTIL", "2007-13-01T00:00:00Z", false);
    MAIL("HOLDUNTIL", "2007-01-01T00:00:00", false);
    MAIL("MT-PRIORITY", "-9", true);
    MAIL("MT-PRIORITY", "10", false);
    MAIL("MTRK", "f2hWZ2Fo:1440", true);
    MAIL("MTRK", "f2hWZ2Fo:", false);
    MAIL("SOLICIT", "net.example:ADV,org.example:X", true);
    MAIL("SOLICIT", "a,,b", false);
    MAIL("TRANSID", "<12345@claremont.edu>", true);
    MAIL("TRANSID", "12345", false);
    MAIL("SMTPUTF8", "1", false);
    MAIL("XVERP", "=+", true);
    RCPT("NOTIFY", "NEVER", true);
    RCPT("NOTIFY", "success,DELAY", true);
    RCPT("NOTIFY", "NEVER,DELAY", false);
    RCPT("NOTIFY", "DELAY,", false);
    RCPT("ORCPT", "rfc822;Bob+2B1@example.com", true);
    RCPT("ORCPT", "rfc822", false);
    RCPT("ORCPT", ";x", false);
    RCPT("RRVS", "2014-04-03T23:01:00Z;C", true);
    RCPT("RRVS", "2014-04-03", false);
    CHECK(smtp_parameter_find(guarded_text("NOTIFY"), 6, false) == SMTP_PARAMETER_UNKNOWN);
    CHECK(smtp_parameter_find(guarded_text("SIZ"), 3, false) == SMTP_PARAMETER_UNKNOWN);
}

static void date(const char *text, int64_t seconds, int32_t nanoseconds)
{
    int64_t found = 0;
    int32_t fraction = 0;
    uint32_t length = (uint32_t)strlen(text);

    CHECK(smtp_date_time(guarded_text(text), (smtp_span){0, length}, &found, &fraction) == length);
    CHECK(found == seconds && fraction == nanoseconds);
}

/* RFC 3339, 5.8, and the edges of the calendar */
static void test_dates(void)
{
    date("1970-01-01T00:00:00Z", 0, 0);
    date("1985-04-12T23:20:50.52Z", 482196050, 520000000);
    date("1996-12-19T16:39:57-08:00", 851042397, 0);
    date("1990-12-31T23:59:60Z", 662688000, 0);
    date("2000-02-29T00:00:00+00:00", 951782400, 0);
    date("2100-03-01T00:00:00.1234567891Z", 4107542400, 123456789);
    date("0001-01-01T00:00:00z", -62135596800, 0);
}

void test_parameter(void)
{
    uint8_t decoded[16];
    uint32_t length = smtp_xtext_decode(guarded_text("a+2Bb+3D+zz"), (smtp_span){0, 11}, decoded);
    int32_t number = 0;

    CHECK_TEXT(decoded, ((smtp_span){0, length}), "a+b=+zz");
    CHECK(smtp_signed_number(guarded_text("-120;R"), (smtp_span){0, 6}, &number) == 4 && number == -120);
    CHECK(smtp_signed_number(guarded_text("+;"), (smtp_span){0, 2}, &number) == 0);
    test_values();
    test_dates();
}
