/* test_numbered.c
 * Dialogues with the numbers of TCP: what the sender of a segment had of the other side tells what came late.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "check.h"
#include "plugin/smtp/session/smtp_session.h"

/* What is captured, in this order; segment n has frame n + 1. */
typedef struct segment {
    char side;
    uint64_t position;     /* of its first octet; the first of a side is 1 */
    uint64_t acknowledged; /* of the other side, up to this position */
    const char *octets;
    uint32_t answers; /* S: the frame that it answers; 0: none of those that were read */
} segment;

typedef struct numbered {
    smtp_session *session;
    uint32_t frame;
    uint64_t read[2]; /* up to these positions */
} numbered;

static numbered begin(void)
{
    static smtp_memory memory;

    memory = test_memory();
    return (numbered){.session = smtp_session_new(&memory, (smtp_opening){.seen = true}), .read = {1, 1}};
}

/* @return the last unit of it */
static smtp_unit hear(numbered *n, const segment *s)
{
    smtp_side side = s->side == 'C' ? SMTP_CLIENT : SMTP_SERVER;
    uint64_t other = n->read[side == SMTP_CLIENT ? SMTP_SERVER : SMTP_CLIENT];
    uint64_t unread = s->acknowledged > other ? s->acknowledged - other : 0;
    size_t length = strlen(s->octets), at = 0;
    smtp_unit unit = {.length = 0};

    n->frame++;
    if (s->position > n->read[side])
        smtp_session_gap(n->session, side, s->position - n->read[side], unread);
    while (at < length) {
        smtp_input input = {.octets = guarded(s->octets + at, length - at),
                            .length = (uint32_t)(length - at),
                            .unread = unread,
                            .frame = n->frame,
                            .time = n->frame,
                            .position = s->position + at,
                            .acknowledged = s->acknowledged};

        CHECK(smtp_session_read(n->session, side, &input, &unit));
        at += unit.length;
    }
    n->read[side] = s->position + length;
    return unit;
}

static void pairs(const segment *segments)
{
    numbered n = begin();

    for (const segment *s = segments; s->side; s++) {
        smtp_unit unit = hear(&n, s);

        if (s->side == 'S')
            CHECK((unit.exchange ? unit.exchange->command_frame : 0) == s->answers);
        else
            CHECK(unit.role == (s->answers ? SMTP_ROLE_AUTH_ANSWER : SMTP_ROLE_COMMAND));
    }
    forget_memory();
}

#define PAIRS(...) pairs((const segment[]){__VA_ARGS__, {0, 0, 0, NULL, 0}})

enum {
    IS_ANSWER = 1
}; /* of AUTH, in the place of what a reply answers */

/* A command is captured behind its reply: it is not answered by the next one, too. */
static void test_late_commands(void)
{
    PAIRS({'S', 1, 1, "220 x\r\n", 0}, {'S', 8, 9, "250 x\r\n", 0}, {'C', 1, 8, "HELO y\r\n", 0},
          {'C', 9, 15, "MAIL FROM:<>\r\n", 0}, {'S', 15, 23, "250 x\r\n", 4}, {'C', 23, 22, "QUIT\r\n", 0},
          {'S', 22, 29, "221 x\r\n", 6});
    /* It was asked before the client had the reply that came first: nothing else can be answered. */
    PAIRS({'S', 1, 1, "220 x\r\n", 0}, {'S', 8, 9, "250 x\r\n", 0}, {'C', 1, 8, "HELO y\r\n", 0},
          {'S', 15, 9, "250 x\r\n", 3});
}

/* What the server had before its challenge does not answer that; what looks like a command behind it does. */
static void test_late_auth(void)
{
    PAIRS({'S', 1, 1, "220 x\r\n", 0}, {'S', 8, 13, "334 eA==\r\n", 0}, {'C', 1, 8, "AUTH LOGIN\r\n", 0},
          {'C', 13, 18, "eHh4\r\n", IS_ANSWER}, {'S', 18, 19, "235 x\r\n", 4});
    PAIRS({'S', 1, 1, "220 x\r\n", 0}, {'C', 1, 8, "AUTH LOGIN\r\n", 0}, {'S', 8, 13, "334 eA==\r\n", 2},
          {'C', 13, 18, "QUIT\r\n", IS_ANSWER}, {'S', 18, 19, "235 x\r\n", 4});
}

/* Where it is in doubt what a reply was to, 421 refuses no mail that it may have accepted. */
static void test_421_in_doubt(void)
{
    static const segment segments[] = {
        {'S', 1, 1, "220 x\r\n", 0},         {'C', 1, 8, "EHLO y\r\n", 0},
        {'S', 8, 9, "250 x\r\n", 2},         {'C', 9, 15, "MAIL FROM:<>\r\nRCPT TO:<b@c>\r\n", 0},
        {'C', 39, 35, "BDAT 0 LAST\r\n", 0}, /* the replies before it are missing */
        {'S', 35, 52, "250 taken\r\n", 0},   {'S', 46, 52, "421 x\r\n", 0},
    };
    numbered n = begin();
    const smtp_transaction *transaction = NULL;

    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        smtp_unit unit = hear(&n, &segments[i]);

        transaction = unit.transaction ? unit.transaction : transaction;
    }
    CHECK(transaction && transaction->status != SMTP_STATUS_REFUSED);
    forget_memory();
}

/* DATA is captured behind its 354, RCPT too or not: it is a command, and the message is whole and begins behind it. */
static void message_behind_late_data(const segment *segments)
{
    numbered n = begin();
    smtp_unit unit = {.length = 0};
    uint64_t octets = 0;

    for (const segment *s = segments; s->side; s++) {
        unit = hear(&n, s);
        if (s->side == 'C' && s->answers)
            CHECK(unit.role == SMTP_ROLE_COMMAND && unit.exchange->command_frame == n.frame);
    }
    CHECK(unit.role == SMTP_ROLE_REPLY && unit.transaction && unit.transaction->status == SMTP_STATUS_ACCEPTED);
    CHECK(unit.transaction && unit.transaction->sender && !unit.transaction->start_missing);
    CHECK(unit.transaction && smtp_transaction_octets(unit.transaction, &octets) && octets == 15);
    forget_memory();
}

enum {
    IS_COMMAND = 1 /* in the same place */
};

static void test_late_data(void)
{
    message_behind_late_data((const segment[]){{'S', 1, 1, "220 x\r\n", 0},
                                               {'C', 1, 8, "MAIL FROM:<>\r\n", IS_COMMAND},
                                               {'S', 8, 15, "250 x\r\n", 2},
                                               {'C', 15, 15, "RCPT TO:<b@c>\r\n", IS_COMMAND},
                                               {'S', 15, 30, "250 x\r\n", 4},
                                               {'S', 22, 36, "354 x\r\n", 0},
                                               {'C', 30, 22, "DATA\r\n", IS_COMMAND},
                                               {'C', 36, 29, "Subject: DATA\r\n.\r\n", 0},
                                               {'S', 29, 54, "250 x\r\n", 0},
                                               {0, 0, 0, NULL, 0}});
    message_behind_late_data((const segment[]){{'S', 1, 1, "220 x\r\n", 0},
                                               {'C', 1, 8, "MAIL FROM:<>\r\n", IS_COMMAND},
                                               {'S', 8, 36, "250 x\r\n250 x\r\n354 x\r\n", 0},
                                               {'C', 15, 8, "RCPT TO:<b@c>\r\n", IS_COMMAND},
                                               {'C', 30, 8, "DATA\r\n", IS_COMMAND},
                                               {'C', 36, 29, "Subject: DATA\r\n.\r\n", 0},
                                               {'S', 29, 54, "250 x\r\n", 0},
                                               {0, 0, 0, NULL, 0}});
}

/* A server was deceived (a line end without CR), and more follows than is kept for that: all of it is read. */
static void test_more_than_is_kept(void)
{
    static const char *const asked[] = {"EHLO c\r\n", "MAIL FROM:<a@b>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n",
                                        "x\n.\nMAIL FROM:<e@f>\r\nRCPT TO:<v"};
    static const char *const told[] = {"250 x\r\n", "250 x\r\n", "250 x\r\n", "354 x\r\n", "250 x\r\n"};
    static char text[1001];
    numbered n = begin();
    smtp_unit unit = hear(&n, &(segment){'S', 1, 1, "220 x\r\n", 0});
    bool reread = false;

    for (int i = 0; i < 5; i++) {
        hear(&n, &(segment){'C', n.read[SMTP_CLIENT], n.read[SMTP_SERVER], asked[i], 0});
        unit = hear(&n, &(segment){'S', n.read[SMTP_SERVER], n.read[SMTP_CLIENT], told[i], 0});
    }
    CHECK(unit.ends_message);
    memset(text, 'a', sizeof text - 1);
    for (int i = 0; i < 100; i++)
        hear(&n, &(segment){'C', n.read[SMTP_CLIENT], n.read[SMTP_SERVER], text, 0});
    hear(&n, &(segment){'C', n.read[SMTP_CLIENT], n.read[SMTP_SERVER], "\r\n.\r\n", 0});
    for (int i = 0; i < 5; i++) {
        unit = hear(&n, &(segment){'S', n.read[SMTP_SERVER], n.read[SMTP_CLIENT], "250 x\r\n", 0});
        reread = reread || unit.reread;
    }
    hear(&n, &(segment){'C', n.read[SMTP_CLIENT], n.read[SMTP_SERVER], "QUIT\r\n", 0});
    unit = hear(&n, &(segment){'S', n.read[SMTP_SERVER], n.read[SMTP_CLIENT], "221 x\r\n", 0});
    CHECK(!reread);
    CHECK(unit.exchange && unit.exchange->verb == SMTP_VERB_QUIT);
    forget_memory();
}

/* A message is missing, and its reply comes behind RSET, which acknowledges it. */
static void test_late_reply(void)
{
    PAIRS({'S', 1, 1, "220 x\r\n", 0}, {'C', 1, 8, "HELO x\r\n", 0}, {'S', 8, 9, "250 x\r\n", 2},
          {'C', 9, 15, "MAIL FROM:<a@b>\r\n", 0}, {'S', 15, 26, "250 x\r\n", 4}, {'C', 26, 22, "RCPT TO:<c@d>\r\n", 0},
          {'S', 22, 41, "250 x\r\n", 6}, {'C', 41, 29, "DATA\r\n", 0}, {'S', 29, 47, "354 x\r\n", 8},
          {'C', 147, 43, "RSET\r\n", 0}, {'S', 36, 147, "250 x\r\n", 0}, {'S', 43, 153, "250 x\r\n", 10});
}

void test_numbered(void)
{
    test_late_commands();
    test_late_auth();
    test_421_in_doubt();
    test_late_data();
    test_more_than_is_kept();
    test_late_reply();
}
