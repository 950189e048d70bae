/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_command.h"

typedef struct expected {
    const char *line, *address, *local_part, *domain, *route, *parameters;
    uint32_t remarks; /* a bit for each kind */
} expected;

#define BIT(name) (1u << SMTP_REMARK_##name)

static const expected paths[] = {
    {"MAIL FROM:<a@b.c>", "a@b.c", "a", "b.c", "", "", 0},
    {"MAIL FROM:<>", "", "", "", "", "", 0},
    {"MAIL FROM:<> SIZE=1", "", "", "", "", " SIZE=1", 0},
    {"mail from:<a@b>SIZE=1", "a@b", "a", "b", "", "SIZE=1", BIT(PARAMETER_SYNTAX)},
    {"MAIL FROM: <a@b>", "a@b", "a", "b", "", "", BIT(PATH_BLANKS)},
    {"MAIL FROM :<a@b>", "a@b", "a", "b", "", "", BIT(PATH_BLANKS)},
    {"MAIL FROM:< a@b >", "a@b", "a", "b", "", "", BIT(PATH_BLANKS)},
    {"RCPT TO:<\"a b>c@d\"@e>", "\"a b>c@d\"@e", "\"a b>c@d\"", "e", "", "", 0},
    {"RCPT TO:<\"q\\\"@x\"@e> N=1", "\"q\\\"@x\"@e", "\"q\\\"@x\"", "e", "", " N=1", 0},
    {"RCPT TO:<@a,@b:c@d>", "c@d", "c", "d", "@a,@b", "", 0},
    {"RCPT TO:<u@[IPv6:2001:db8::1]>", "u@[IPv6:2001:db8::1]", "u", "[IPv6:2001:db8::1]", "", "", 0},
    {"RCPT TO:<postmaster>", "postmaster", "postmaster", "", "", "", 0},
    {"RCPT TO:<a%b@c>", "a%b@c", "a%b", "c", "", "", 0},
    {"RCPT TO:<a!b>", "a!b", "a!b", "", "", "", 0},
    {"RCPT TO:<a@b@c>", "a@b@c", "a@b", "c", "", "", 0},
    {"RCPT TO:<a@\"b@\"@@c\"@>", "a@\"b@\"@@c\"@", "a@\"b@\"@", "c\"@", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO: a@b x", "a@b", "a", "b", "", " x", BIT(PATH_BRACKETS) | BIT(PATH_BLANKS)},
    {"MAIL FROM: 194.87.96.192", "194.87.96.192", "194.87.96.192", "", "", "", BIT(PATH_BRACKETS) | BIT(PATH_BLANKS)},
    {"RCPT TO:<a@b", "a@b", "a", "b", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:<\"a@b> X=1", "\"a@b", "\"a@b", "", "", " X=1", BIT(PATH_BRACKETS)},
    {"RCPT TO:<\"a\\", "\"a\\", "\"a\\", "", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:<", "", "", "", "", "", BIT(PATH_BRACKETS)},
    {"MAIL FROM:", "", "", "", "", "", BIT(PATH_SYNTAX)},
    {"RCPT TO <a@b> N=1", "a@b", "a", "b", "", " N=1", BIT(PATH_SYNTAX)},
    {"MAIL FROM<>", "", "", "", "", "", BIT(PATH_SYNTAX)},
    {"RCPT TO:<@a>", "@a", "", "a", "", "", 0},
    /* As broken clients send them. */
    {"MAIL FROM:\"Ann A\" <a@b> S=1", "a@b", "a", "b", "", " S=1", BIT(PATH_NAME)},
    {"MAIL FROM:Ann A<a@b>", "a@b", "a", "b", "", "", BIT(PATH_NAME)},
    {"MAIL FROM:Ann <>", "", "", "", "", "", BIT(PATH_NAME)},
    {"MAIL FROM:a@b <a@b> S=1", "a@b", "a", "b", "", " S=1", BIT(PATH_NAME)},
    {"MAIL FROM:\"A <x>\" <a@b>", "a@b", "a", "b", "", "", BIT(PATH_NAME)},
    {"MAIL FROM:a@b AUTH=<>", "a@b", "a", "b", "", " AUTH=<>", BIT(PATH_BRACKETS)},
    {"MAIL FROM:a@b SIZE=1 TRANSID=<x@y>", "a@b", "a", "b", "", " SIZE=1 TRANSID=<x@y>", BIT(PATH_BRACKETS)},
    {"MAIL FROM:<a@b AUTH=<>", "a@b", "a", "b", "", " AUTH=<>", BIT(PATH_BRACKETS)},
    {"RCPT TO:<Bob <b@x>>", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS) | BIT(PATH_NAME)},
    {"RCPT TO:<\"Bob B\" <b@x>> N=1", "b@x", "b", "x", "", " N=1", BIT(PATH_BRACKETS) | BIT(PATH_NAME)},
    {"RCPT TO:<Bob <b@x> >", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS) | BIT(PATH_NAME)},
    {"RCPT TO:<Bob <b@x>", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS) | BIT(PATH_NAME)},
    {"RCPT TO:<Bob <b@x", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS) | BIT(PATH_NAME)},
    {"RCPT TO:<<b@x>>", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:<<b@x>", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:<<<@a:b@x>>> N=1", "b@x", "b", "x", "@a", " N=1", BIT(PATH_BRACKETS)},
    {"RCPT TO:<b@x>>", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:b@x>", "b@x", "b", "x", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:b@x >N=1", "b@x", "b", "x", "", "N=1", BIT(PATH_BRACKETS) | BIT(PARAMETER_SYNTAX)},
    {"RCPT TO:b>c@x", "b>c@x", "b>c", "x", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:>", "", "", "", "", "", BIT(PATH_SYNTAX) | BIT(PATH_BRACKETS)},
    {"RCPT TO:<b@x> (Bob B) N=1", "b@x", "b", "x", "", " N=1", BIT(PATH_NAME)},
    {"RCPT TO:b@x (Bob", "b@x", "b", "x", "", "", BIT(PATH_NAME) | BIT(PATH_BRACKETS)},
    {"RCPT TO:<\"<b>\"@x>", "\"<b>\"@x", "\"<b>\"", "x", "", "", 0},
    {"RCPT TO:\"<b>\"@x", "\"<b>\"@x", "\"<b>\"", "x", "", "", BIT(PATH_BRACKETS)},
    {"RCPT TO:<<<<<<<<<<b@x>", "<<b@x", "<<b", "x", "", "", BIT(PATH_BRACKETS)},
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

/* The path of a command line, and the bits of the remarks on it. */
static smtp_path read_line(const uint8_t *line, uint32_t length, smtp_eol eol, uint32_t *bits)
{
    smtp_remark_list remarks = {.count = 0};
    smtp_line found = {length, length + 2 * (eol == SMTP_EOL_CRLF), eol};
    smtp_command command;

    smtp_line_remark(line, &found, &remarks);
    smtp_command_parse(line, &found, &command, &remarks);

    *bits = (uint32_t)remarks.kinds.bits[0];
    for (uint32_t i = 0; i < remarks.count; i++)
        CHECK(smtp_span_end(remarks.places[i].span) <= length);
    return command.shape == SMTP_SHAPE_FROM || command.shape == SMTP_SHAPE_TO ? command.of.path
                                                                              : (smtp_path){.found = false};
}

static smtp_path read_path(const uint8_t *line, uint32_t length, uint32_t *bits)
{
    return read_line(line, length, SMTP_EOL_CRLF, bits);
}

/* Where the capture ends in a line, nothing is remarked on but what is wrong with all of it. */
static void test_cut(const char *text, uint32_t cut, uint32_t whole)
{
    uint32_t bits;
    smtp_path path = read_line(guarded(text, cut), cut, SMTP_EOL_NONE, &bits);

    CHECK((bits & ~whole) == BIT(UNFINISHED_LINE));
    CHECK(smtp_span_end(path.path) <= cut && smtp_span_end(path.address) <= cut);
}

static bool is_cut(const char *text, smtp_eol eol)
{
    uint32_t bits;

    return read_line(guarded(text, strlen(text)), (uint32_t)strlen(text), eol, &bits).cut;
}

/* Where the end of the line is not in hand, there may be more of an address that no bracket has ended. */
static void test_cut_address(void)
{
    CHECK(is_cut("RCPT TO:<a@b", SMTP_EOL_NONE) && is_cut("RCPT TO:<", SMTP_EOL_NONE));
    CHECK(!is_cut("RCPT TO:<a@b>", SMTP_EOL_NONE) && !is_cut("RCPT TO:<a@b> NOT", SMTP_EOL_NONE));
    CHECK(!is_cut("RCPT TO:a@b", SMTP_EOL_NONE) && !is_cut("RCPT TO:<a@b", SMTP_EOL_CRLF));
}

void test_path(void)
{
    smtp_address address;
    smtp_path path;
    uint32_t bits;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        uint32_t length = (uint32_t)strlen(paths[i].line);
        const uint8_t *line = guarded_text(paths[i].line);

        path = read_path(line, length, &bits);
        CHECK(path.found);
        CHECK_TEXT(line, path.address, paths[i].address);
        address = smtp_address_split(line, path.address);
        CHECK_TEXT(line, address.local_part, paths[i].local_part);
        CHECK_TEXT(line, address.domain, paths[i].domain);
        CHECK_TEXT(line, path.route, paths[i].route);
        CHECK_TEXT(line, path.parameters, paths[i].parameters);
        CHECK(bits == paths[i].remarks);
        for (uint32_t cut = 0; cut < length; cut++) {
            test_cut(paths[i].line, cut, paths[i].remarks);
            line = guarded(paths[i].line, cut);
            path = read_path(line, cut, &bits);
            if (path.found) {
                address = smtp_address_split(line, path.address);
                CHECK(smtp_span_end(path.path) <= cut && smtp_span_end(address.domain) <= cut);
            }
        }
    }
    for (int i = 0; i < 2; i++) {
        static const char *const lines[] = {"MAIL TO:<a>", "RCPT a@b"};
        CHECK(!read_path(guarded_text(lines[i]), (uint32_t)strlen(lines[i]), &bits).found);
        CHECK(bits == BIT(PATH_SYNTAX));
    }
    test_parameters();
    test_cut_address();
}
