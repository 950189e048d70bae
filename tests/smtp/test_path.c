/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_command.h"
#include "plugin/smtp/syntax/smtp_remarks.h"

typedef struct expected {
    const char *line, *address, *local_part, *domain, *route, *parameters;
    uint32_t notes;
} expected;

static const expected paths[] = {
    {"MAIL FROM:<a@b.c>", "a@b.c", "a", "b.c", "", "", 0},
    {"MAIL FROM:<>", "", "", "", "", "", 0},
    {"MAIL FROM:<> SIZE=1", "", "", "", "", " SIZE=1", 0},
    {"mail from:<a@b>SIZE=1", "a@b", "a", "b", "", "SIZE=1", 0},
    {"MAIL FROM: <a@b>", "a@b", "a", "b", "", "", SMTP_REMARK_PATH_BLANKS},
    {"MAIL FROM :<a@b>", "a@b", "a", "b", "", "", SMTP_REMARK_PATH_BLANKS},
    {"MAIL FROM:< a@b >", "a@b", "a", "b", "", "", SMTP_REMARK_PATH_BLANKS},
    {"RCPT TO:<\"a b>c@d\"@e>", "\"a b>c@d\"@e", "\"a b>c@d\"", "e", "", "", 0},
    {"RCPT TO:<\"q\\\"@x\"@e> N=1", "\"q\\\"@x\"@e", "\"q\\\"@x\"", "e", "", " N=1", 0},
    {"RCPT TO:<@a,@b:c@d>", "c@d", "c", "d", "@a,@b", "", 0},
    {"RCPT TO:<u@[IPv6:2001:db8::1]>", "u@[IPv6:2001:db8::1]", "u", "[IPv6:2001:db8::1]", "", "", 0},
    {"RCPT TO:<postmaster>", "postmaster", "postmaster", "", "", "", 0},
    {"RCPT TO:<a%b@c>", "a%b@c", "a%b", "c", "", "", 0},
    {"RCPT TO:<a!b>", "a!b", "a!b", "", "", "", 0},
    {"RCPT TO:<a@b@c>", "a@b@c", "a@b", "c", "", "", 0},
    {"RCPT TO:<a@\"b@\"@@c\"@>", "a@\"b@\"@@c\"@", "a@\"b@\"@", "c\"@", "", "", SMTP_REMARK_PATH_BRACKETS},
    {"RCPT TO: a@b x", "a@b", "a", "b", "", " x", SMTP_REMARK_PATH_BRACKETS | SMTP_REMARK_PATH_BLANKS},
    {"MAIL FROM: 194.87.96.192", "194.87.96.192", "194.87.96.192", "", "", "",
     SMTP_REMARK_PATH_BRACKETS | SMTP_REMARK_PATH_BLANKS},
    {"RCPT TO:<a@b", "a@b", "a", "b", "", "", SMTP_REMARK_PATH_BRACKETS},
    {"RCPT TO:<\"a@b> X=1", "\"a@b", "\"a@b", "", "", " X=1", SMTP_REMARK_PATH_BRACKETS},
    {"RCPT TO:<\"a\\", "\"a\\", "\"a\\", "", "", "", SMTP_REMARK_PATH_BRACKETS},
    {"RCPT TO:<", "", "", "", "", "", SMTP_REMARK_PATH_BRACKETS},
    {"MAIL FROM:", "", "", "", "", "", SMTP_REMARK_PATH_SYNTAX},
    {"RCPT TO:<@a>", "@a", "", "a", "", "", 0},
};

static void test_parameters(void)
{
    const uint8_t *line = guarded_text("  SIZE=10  BODY=8BITMIME FLAG X= =y a=b=c ");
    smtp_span rest = {0, (uint32_t)strlen("  SIZE=10  BODY=8BITMIME FLAG X= =y a=b=c ")};
    static const char *const keywords[] = {"SIZE", "BODY", "FLAG", "X", "", "a"};
    static const char *const values[] = {"10", "8BITMIME", "", "", "y", "b=c"};
    smtp_parameter parameter;

    for (int i = 0; i < 6; i++) {
        CHECK(smtp_parameter_next(line, &rest, &parameter));
        CHECK_TEXT(line, parameter.keyword, keywords[i]);
        CHECK_TEXT(line, parameter.value, values[i]);
        CHECK(parameter.has_value == (i != 2));
    }
    CHECK(!smtp_parameter_next(line, &rest, &parameter));
}

void test_path(void)
{
    smtp_address address;
    smtp_path path;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        uint32_t length = (uint32_t)strlen(paths[i].line);
        const uint8_t *line = guarded_text(paths[i].line);
        smtp_command command = smtp_command_parse(line, length);

        CHECK(smtp_command_path(line, &command, &path));
        CHECK_TEXT(line, path.address, paths[i].address);
        address = smtp_address_split(line, path.address);
        CHECK_TEXT(line, address.local_part, paths[i].local_part);
        CHECK_TEXT(line, address.domain, paths[i].domain);
        CHECK_TEXT(line, path.route, paths[i].route);
        CHECK_TEXT(line, path.parameters, paths[i].parameters);
        CHECK(path.notes == paths[i].notes);
        for (uint32_t cut = 0; cut < length; cut++) {
            line = guarded(paths[i].line, cut);
            command = smtp_command_parse(line, cut);
            if (smtp_command_path(line, &command, &path)) {
                address = smtp_address_split(line, path.address);
                CHECK(smtp_span_end(path.path) <= cut && smtp_span_end(address.domain) <= cut);
            }
        }
    }
    for (int i = 0; i < 2; i++) {
        static const char *const lines[] = {"MAIL TO:<a>", "RCPT a@b"};
        smtp_command command = smtp_command_parse(guarded_text(lines[i]), (uint32_t)strlen(lines[i]));
        CHECK(!smtp_command_path(guarded_text(lines[i]), &command, &path));
    }
    test_parameters();
}
