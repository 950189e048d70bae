/* test_alike.c
 * Recipients in one segment: units that do what the one before did are read as they are one by one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "check.h"
#include "plugin/smtp/session/smtp_session.h"

enum {
    ANY = -1
};

/* What a side says in one segment. */
typedef struct said {
    char side;
    const char *octets;
    int alike; /* how many of its units do what the one before does; ANY: that is not asked */
} said;

/* The same session, read in two ways. */
typedef struct reader {
    smtp_session *session;
    smtp_unit unit;
} reader;

static bool are_same_names(const smtp_name *one, const smtp_name *other)
{
    return one && other ? smtp_name_is(one, other->octets, other->length) : one == other;
}

static bool are_same_exchanges(const smtp_exchange *one, const smtp_exchange *other)
{
    if (!one || !other)
        return one == other;
    return one->verb == other->verb && one->code == other->code && one->command_frame == other->command_frame &&
           one->reply_frame == other->reply_frame && one->command_time == other->command_time &&
           smtp_exchange_reply_time(one) == smtp_exchange_reply_time(other) &&
           (one->verb != SMTP_VERB_RCPT || are_same_names(smtp_exchange_name(one), smtp_exchange_name(other)));
}

static bool are_same_transactions(const smtp_transaction *one, const smtp_transaction *other)
{
    if (!one || !other)
        return one == other;
    return one->ordinal == other->ordinal && one->asked == other->asked && one->accepted == other->accepted &&
           one->refused == other->refused && one->status == other->status && one->partly_seen == other->partly_seen;
}

static void check_same(const smtp_unit *one, const smtp_unit *other)
{
    CHECK(one->length == other->length && one->role == other->role && one->side == other->side);
    CHECK(memcmp(&one->remarks, &other->remarks, sizeof one->remarks) == 0);
    CHECK(one->wait == other->wait && one->duration == other->duration && one->refuses == other->refuses);
    CHECK(one->ends_transaction == other->ends_transaction && one->ends_message == other->ends_message);
    CHECK(!one->concludes == !other->concludes && one->continues == other->continues);
    CHECK(are_same_exchanges(one->exchange, other->exchange));
    CHECK(are_same_transactions(one->transaction, other->transaction));
}

static void check_session(const said *all)
{
    smtp_memory memory = test_memory();
    smtp_opening opening = {.seen = true, .frame = 1};
    reader together = {.session = smtp_session_new(&memory, opening)},
           apart = {.session = smtp_session_new(&memory, opening)};
    uint64_t heard[2] = {1, 1};
    uint32_t frame = 1;

    for (const said *s = all; s->side; s++) {
        smtp_side side = s->side == 'C' ? SMTP_CLIENT : SMTP_SERVER;
        uint32_t length = (uint32_t)strlen(s->octets);
        int alike = 0;
        const uint8_t *octets = guarded_text(s->octets);
        smtp_input input = {.frame = frame, .time = frame, .acknowledged = heard[!side]};

        for (uint32_t at = 0; at < length; at += together.unit.length) {
            input.octets = octets + at;
            input.length = length - at;
            input.position = heard[side] + at;
            input.goes_on = false;
            CHECK(smtp_session_read(apart.session, side, &input, &apart.unit));
            input.goes_on = at > 0;
            CHECK(smtp_session_read(together.session, side, &input, &together.unit));
            check_same(&together.unit, &apart.unit);
            CHECK(!apart.unit.alike);
            alike += together.unit.alike;
        }
        CHECK(s->alike == ANY || alike == s->alike);
        heard[side] += length;
        frame++;
    }
    forget_memory();
}

#define OPENED                                     \
    {'S', "220 x\r\n", 0}, {'C', "EHLO y\r\n", 0}, \
    {                                              \
        'S', "250-x\r\n250 PIPELINING\r\n", 0      \
    }
#define SESSION(...) check_session((const said[]){OPENED, __VA_ARGS__, {0, NULL, 0}})

/* The first two of a group, and the last reply, are read as any other. */
static void test_group(void)
{
    SESSION({'C', "MAIL FROM:<m@n>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nrcpt to:<g@h>\r\nDATA\r\n", 2},
            {'S', "250 s\r\n250 r\r\n250 r\r\n250 r\r\n250 r\r\n354 x\r\n", 3}, {'C', "x\r\n.\r\nQUIT\r\n", 0},
            {'S', "250 ok\r\n221 x\r\n", 0});
    SESSION({'C', "MAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nRCPT TO:<g@h>\r\n", 2},
            {'S', "250 s\r\n250 r\r\n250 r\r\n250 r\r\n250 r\r\n", 2});
}

/* A recipient at which there is something to be said, and what stands behind it. */
static void test_odd_recipients(void)
{
    static const char *const odd[] = {
        "RCPT TO:<x@y> NOTIFY=NEVER\r\n",
        "RCPT TO: <x@y>\r\n",
        "RCPT TO:<x@y>\n",
        "RCPT TO:x@y\r\n",
        "RCPT TO:<x%z@y>\r\n",
        "RCPT TO:<relaytest@nmap.scanme.org>\r\n",
        "RCPT\r\n",
        "NOOP\r\n",
        "RSET\r\n",
        "QUIT\r\n",
        "MAIL FROM:<x@y>\r\n",
        "STARTTLS\r\n",
        "AUTH PLAIN\r\n",
        "XYZZY\r\n",
        "RCPT TO:<x@y>\r\r\n",
    };

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char text[400];

        snprintf(text, sizeof text, "MAIL FROM:<>\r\n%s%s%s%s%s%s", "RCPT TO:<a@b>\r\n", "RCPT TO:<c@d>\r\n",
                 "RCPT TO:<e@f>\r\n", odd[i], "RCPT TO:<g@h>\r\n", "RCPT TO:<i@j>\r\n");
        SESSION({'C', text, ANY},
                {'S', "250 s\r\n250 r\r\n250 r\r\n250 r\r\n250 r\r\n250 r\r\n250 r\r\n354 x\r\n", ANY},
                {'C', text, ANY}, {'S', "250 r\r\n250 r\r\n250 r\r\n250 r\r\n", ANY});
    }
}

/* A reply that is another one than the one before. */
static void test_odd_replies(void)
{
    static const char *const odd[] = {
        "550 5.1.1 No\r\n",  "250 q\r\n",       "250-r\r\n250 r\r\n",
        "421 4.3.2 Bye\r\n", "450 r\r\n",       "250 r\n",
        "250-r\r\n",         "xyz\r\n",         "354 x\r\n",
        "221 r\r\n",         "220 r\r\n",       "251 r\r\n",
        "250 r\r\r\n",       "250 2.1.5 r\r\n", "\r\n",
    };
    static const char envelope[] = "RCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nRCPT TO:<g@h>\r\n"
                                   "RCPT TO:<i@j>\r\nRCPT TO:<k@l>\r\nDATA\r\n";

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char text[400];

        for (int times = 1; times <= 3; times++) {
            snprintf(text, sizeof text, "%s%s%s%s%s%s", "250 r\r\n250 r\r\n250 r\r\n", odd[i], times > 1 ? odd[i] : "",
                     times > 2 ? odd[i] : "", "250 r\r\n250 r\r\n", "354 x\r\n");
            SESSION({'C', "MAIL FROM:<a@b>\r\n", 0}, {'C', envelope, ANY}, {'S', text, ANY},
                    {'C', "x\r\n.\r\nQUIT\r\n", 0}, {'S', "250 ok\r\n221 x\r\n", ANY});
            /* The first transaction is not taken, or was not begun. */
            SESSION({'C', envelope, ANY}, {'S', text, ANY}, {'C', envelope, ANY}, {'S', text, ANY});
        }
    }
}

/* Nobody has said that a client need not wait. */
static void test_not_offered(void)
{
    check_session((const said[]){{'S', "220 x\r\n", 0},
                                 {'C', "HELO y\r\n", 0},
                                 {'S', "250 x\r\n", 0},
                                 {'C', "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n", ANY},
                                 {'S', "250 x\r\n250 x\r\n250 x\r\n250 x\r\n", ANY},
                                 {0, NULL, 0}});
    /* The client speaks before the server does. */
    check_session(
        (const said[]){{'C', "EHLO y\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nRCPT TO:<g@h>\r\n", 0},
                       {'S', "220 x\r\n250 x\r\n250 x\r\n250 x\r\n250 x\r\n250 x\r\n", ANY},
                       {0, NULL, 0}});
}

void test_alike(void)
{
    test_group();
    test_odd_recipients();
    test_odd_replies();
    test_not_offered();
}
