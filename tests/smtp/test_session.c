/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/session/smtp_result.h"
#include "plugin/smtp/session/smtp_session.h"
#include "plugin/smtp/session/smtp_session_memory.h"
#include "plugin/smtp/session/smtp_session_rest.h"
#include "plugin/smtp/session/smtp_session_state.h"

/* A dialogue: turns of "C" and "S" with their octets, and the units that are
 * read from them, as a text: role letter, octets, ";". */
typedef struct turn {
    char side;
    const char *octets;
} turn;

typedef struct player {
    smtp_session *session;
    smtp_side side;
    uint32_t frame;
    char units[4096];
    size_t used;
    uint32_t message;  /* octets of MESSAGE, TLS or OPAQUE units in a row, not yet written */
    char run;          /* their letter */
    smtp_remarks last; /* of the last unit */
    smtp_memory memory;
    bool rests; /* it does behind each unit */
} player;

static void write_unit(player *p, char role, uint32_t octets)
{
    p->used += (size_t)snprintf(p->units + p->used, sizeof p->units - p->used, "%c%u;", role, (unsigned)octets);
}

/* Octets of a message, or of TLS, come in as many units as segments. */
static void write_run(player *p)
{
    if (p->message)
        write_unit(p, p->run, p->message);
    p->message = 0;
}

/* Of the line that ends a message, a dot that was cut off came with the message. */
static void write_end(player *p, const smtp_unit *unit)
{
    uint32_t octets = p->message + unit->length;

    p->message = (uint32_t)unit->transaction->octets;
    write_run(p);
    write_unit(p, 'E', octets - (uint32_t)unit->transaction->octets);
}

static void note_unit(player *p, const smtp_unit *unit)
{
    static const char roles[] = "CARMEXTLOP";

    p->last = unit->remarks;
    if (unit->role == SMTP_ROLE_END_OF_DATA) {
        write_end(p, unit);
    } else if (unit->role == SMTP_ROLE_MESSAGE || unit->role == SMTP_ROLE_TLS || unit->role == SMTP_ROLE_OPAQUE) {
        if (p->run != roles[unit->role])
            write_run(p);
        p->run = roles[unit->role];
        p->message += unit->length;
    } else {
        write_run(p);
        write_unit(p, roles[unit->role], unit->length);
    }
    if (unit->ends_message)
        write_run(p);
    if (unit->ends_message)
        p->used += (size_t)snprintf(p->units + p->used, sizeof p->units - p->used, "!");
}

/* Reads all it can of the octets; returns how many were taken. */
static size_t read_units(player *p, const char *octets, size_t length, bool can_wait)
{
    size_t at = 0;
    smtp_unit unit;

    while (at < length) {
        smtp_input input = {
            guarded(octets + at, length - at), (uint32_t)(length - at), can_wait, 0, ++p->frame, p->frame, 0, 0, false};
        if (!smtp_session_read(p->session, p->side, &input, &unit))
            break;
        CHECK(unit.length > 0 && unit.length <= length - at);
        note_unit(p, &unit);
        if (p->rests)
            p->session = smtp_session_wake(&p->memory, smtp_session_rest(p->session));
        at += unit.length;
    }
    return at;
}

/* A session of which nothing was said, and who speaks. */
static player begin(smtp_side side)
{
    smtp_memory memory = test_memory();

    return (player){
        .session = smtp_session_new(&memory, (smtp_opening){.seen = true, .frame = 1}), .side = side, .memory = memory};
}

/* Plays turns, each cut so that the first piece has at most `cut` octets. */
static const char *play_as(player *p, const turn *turns, size_t cut, size_t step, bool rests)
{
    *p = begin(SMTP_CLIENT);
    p->rests = rests;
    for (; turns->side; turns++) {
        size_t length = strlen(turns->octets), start = 0, end = cut < length ? cut : length;
        p->side = turns->side == 'C' ? SMTP_CLIENT : SMTP_SERVER;
        for (;;) {
            start += read_units(p, turns->octets + start, end - start, end < length);
            if (end == length)
                break;
            end = step < length - end ? end + step : length;
        }
    }
    write_run(p);
    forget_memory();
    return p->units;
}

static const char *play(player *p, const turn *turns, size_t cut, size_t step)
{
    return play_as(p, turns, cut, step, false);
}

static void plays(const turn *turns, const char *expected)
{
    player whole, cut;
    size_t longest = 0;

    play(&whole, turns, SIZE_MAX, SIZE_MAX);
    check_text((const uint8_t *)whole.units, 0, (uint32_t)whole.used, expected, __FILE__, __LINE__);
    for (const turn *t = turns; t->side; t++)
        longest = strlen(t->octets) > longest ? strlen(t->octets) : longest;
    for (size_t i = 0; i <= longest; i++)
        CHECK(strcmp(play(&cut, turns, i, SIZE_MAX), expected) == 0);
    for (size_t step = 1; step < 5; step++)
        CHECK(strcmp(play(&cut, turns, step, step), expected) == 0);
    /* One that rests behind each unit is the same when it goes on. */
    CHECK(strcmp(play_as(&cut, turns, SIZE_MAX, SIZE_MAX, true), expected) == 0);
    CHECK(strcmp(play_as(&cut, turns, 3, 3, true), expected) == 0);
}

#define PLAYS(expected, ...) plays((const turn[]){__VA_ARGS__, {0, NULL}}, expected)

static void test_pairs(void)
{
    smtp_memory memory = test_memory();
    smtp_session *session = smtp_session_new(&memory, (smtp_opening){.seen = true, .frame = 7, .time = 1000});
    smtp_exchange *first, *second;
    smtp_unit unit;

#define READ(side, text, frame, time)                                                                                \
    CHECK(smtp_session_read(                                                                                         \
        session, side, &(smtp_input){guarded_text(text), (uint32_t)strlen(text), true, 0, frame, time, 0, 0, false}, \
        &unit))
    READ(SMTP_SERVER, "220 x\r\n", 10, 3000);
    CHECK(unit.exchange->verb == SMTP_VERB_GREETING && unit.exchange->command_frame == 7);
    CHECK(smtp_exchange_response_time(unit.exchange) == 2000);
    READ(SMTP_CLIENT, "RSET\r\n", 11, 4000);
    first = unit.exchange;
    READ(SMTP_CLIENT, "NOOP\r\n", 12, 5000);
    second = unit.exchange;
    CHECK(!smtp_session_read(session, SMTP_SERVER,
                             &(smtp_input){guarded_text("250 "), 4, true, 0, 13, 6000, 0, 0, false}, &unit));
    READ(SMTP_SERVER, "250 ok\r\n", 14, 9000);
    CHECK(unit.exchange == first && first->reply_frame == 14 && smtp_exchange_response_time(first) == 2000);
    READ(SMTP_SERVER, "250 ok\r\n", 15, 9000);
    CHECK(unit.exchange == second && second->reply_frame == 15 && smtp_exchange_response_time(second) == 4000);
    READ(SMTP_SERVER, "250 ok\r\n", 16, 9000);
    CHECK(unit.exchange == NULL && smtp_remarks_has(&unit.remarks, SMTP_REMARK_UNEXPECTED_REPLY));
#undef READ
    forget_memory();
}

/* The transaction of the unit that ends it, behind a dialogue. */
static const smtp_transaction *ended(const turn *turns, uint32_t *ends)
{
    smtp_memory memory = test_memory();
    smtp_session *session = smtp_session_new(&memory, (smtp_opening){.seen = true, .frame = 1});
    const smtp_transaction *transaction = NULL;
    uint32_t frame = 1;
    smtp_unit unit;

    *ends = 0;
    for (; turns->side; turns++) {
        uint32_t length = (uint32_t)strlen(turns->octets), at = 0;
        for (; at < length; at += unit.length) {
            smtp_input input = {
                guarded(turns->octets + at, length - at), length - at, false, 0, ++frame, frame * 10, 0, 0, false};
            CHECK(smtp_session_read(session, turns->side == 'C' ? SMTP_CLIENT : SMTP_SERVER, &input, &unit));
            *ends += unit.ends_transaction;
            if (unit.ends_transaction)
                transaction = unit.transaction;
        }
    }
    return transaction;
}

static void ends(const turn *turns, smtp_status status, uint32_t accepted, uint32_t refused)
{
    uint32_t times;
    const smtp_transaction *transaction = ended(turns, &times);

    CHECK((transaction != NULL) == (status != SMTP_STATUS_INCOMPLETE));
    CHECK(times == (transaction ? 1 : 0));
    if (transaction) {
        CHECK(transaction->status == status && transaction->accepted == accepted && transaction->refused == refused);
        CHECK(smtp_result_duration(transaction) > 0);
    }
    forget_memory();
}

#define ENDS(status, accepted, refused, ...) \
    ends((const turn[]){__VA_ARGS__, {0, NULL}}, SMTP_STATUS_##status, accepted, refused)
#define HELLO                                \
    {'S', "220 x\r\n"}, {'C', "EHLO y\r\n"}, \
    {                                        \
        'S', "250 ok\r\n"                    \
    }
#define LMTP                                 \
    {'S', "220 x\r\n"}, {'C', "LHLO y\r\n"}, \
    {                                        \
        'S', "250 ok\r\n"                    \
    }
#define ENVELOPE                                               \
    {                                                          \
        'C', "MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\n" \
    }
#define TAKEN                    \
    {'S', "250 a\r\n250 b\r\n"}, \
    {                            \
        'S', "550 c\r\n"         \
    }
#define TEXT                                \
    {'C', "DATA\r\n"}, {'S', "354 go\r\n"}, \
    {                                       \
        'C', "x\r\n.\r\n"                   \
    }

static void test_transactions(void)
{
    ENDS(ACCEPTED, 1, 1, HELLO, ENVELOPE, TAKEN, TEXT, {'S', "250 ok\r\n"}, {'C', "QUIT\r\n"}, {'S', "221 bye\r\n"});
    ENDS(REFUSED, 1, 1, HELLO, ENVELOPE, TAKEN, TEXT, {'S', "554 spam\r\n"}, {'C', "RSET\r\n"}, {'S', "250 ok\r\n"});
    ENDS(INCOMPLETE, 0, 0, HELLO, ENVELOPE, TAKEN, TEXT);
    ENDS(ABORTED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "RSET\r\n"}, {'S', "250 ok\r\n"});
    ENDS(ABORTED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "QUIT\r\n"}, {'S', "221 bye\r\n"});
    ENDS(ABORTED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "EHLO z\r\n"}, {'S', "250 ok\r\n"});
    ENDS(ACCEPTED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "EHLO z\r\n"}, {'S', "503 no\r\n"}, TEXT, {'S', "250 ok\r\n"});
    ENDS(REFUSED, 0, 0, HELLO, {'C', "MAIL FROM:<a>\r\n"}, {'S', "550 no\r\n"});
    ENDS(REFUSED, 0, 2, HELLO, ENVELOPE, {'S', "250 a\r\n550 b\r\n550 c\r\n"}, {'C', "RSET\r\n"}, {'S', "250 ok\r\n"});
    ENDS(REFUSED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "DATA\r\n"}, {'S', "451 no\r\n"}, {'C', "QUIT\r\n"},
         {'S', "221 bye\r\n"});
    ENDS(REFUSED, 1, 0, HELLO, {'C', "MAIL FROM:<a>\r\nRCPT TO:<b>\r\nNOOP\r\n"}, {'S', "250 a\r\n250 b\r\n"},
         {'S', "421 bye\r\n"});
    /* RFC 2920: RSET in the middle of a group, and what belongs to which. */
    ENDS(ABORTED, 1, 0, HELLO, {'C', "MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRSET\r\nMAIL FROM:<c>\r\n"},
         {'S', "250 a\r\n250 b\r\n250 reset\r\n250 c\r\n"});
    ENDS(ACCEPTED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "BDAT 2\r\nab"}, {'S', "250 ok\r\n"}, {'C', "BDAT 1 LAST\r\nc"},
         {'S', "250 ok\r\n"});
    ENDS(REFUSED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "BDAT 2\r\nab"}, {'S', "552 no\r\n"}, {'C', "RSET\r\n"},
         {'S', "250 ok\r\n"});
    ENDS(ACCEPTED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "BURL imap://x LAST\r\n"}, {'S', "250 ok\r\n"});
    /* RFC 2033, 4.2: a reply for each recipient that was accepted. */
    ENDS(ACCEPTED, 1, 1, LMTP, ENVELOPE, {'S', "250 a\r\n250 b\r\n250 c\r\n"}, TEXT, {'S', "450 b\r\n250 c\r\n"});
    ENDS(REFUSED, 0, 2, LMTP, ENVELOPE, TAKEN, TEXT, {'S', "450 b\r\n"});
    ENDS(ACCEPTED, 1, 1, LMTP, ENVELOPE, TAKEN, {'C', "BDAT 1 LAST\r\nx"}, {'S', "250 b\r\n"});
    /* Refused before its final dot; the server hangs up. */
    ENDS(REFUSED, 1, 1, HELLO, ENVELOPE, TAKEN, {'C', "DATA\r\n"}, {'S', "354 go\r\n"}, {'C', "x\r\n"},
         {'S', "451 enough\r\n"}, {'C', ".\r\nRSET\r\n"}, {'S', "250 reset\r\n"});
    ENDS(REFUSED, 1, 1, HELLO, ENVELOPE, TAKEN, {'S', "421 timeout\r\n"});
    ENDS(ACCEPTED, 1, 1, LMTP, ENVELOPE, {'S', "250 a\r\n250 b\r\n250 c\r\n"}, TEXT, {'S', "250 b\r\n421 bye\r\n"});
    /* MAIL in a transaction, refused when more was under way: that belongs to the first. */
    ENDS(ACCEPTED, 1, 0, HELLO, {'C', "MAIL FROM:<a>\r\n"}, {'S', "250 ok\r\n"}, {'C', "NOOP\r\nRCPT TO:<b>\r\n"},
         {'S', "250 ok\r\n250 ok\r\n"}, TEXT, {'S', "250 ok\r\n"});
    /* PRDR: 353, one for each, one for the message. */
    ENDS(ACCEPTED, 1, 1, HELLO, ENVELOPE, {'S', "250 a\r\n250 b\r\n250 c\r\n"}, TEXT,
         {'S', "353 each\r\n250 b\r\n550 c\r\n250 ok\r\n"});
}

/* A server that says 421 and goes on: what it accepts then is accepted. */
static void test_goes_on(void)
{
    static const turn turns[] = {HELLO,
                                 ENVELOPE,
                                 {'S', "250 a\r\n250 b\r\n421 c, later\r\n"},
                                 TEXT,
                                 {'S', "250 taken\r\n"},
                                 {'C', "QUIT\r\n"},
                                 {'S', "221 bye\r\n"},
                                 {0, NULL}};
    uint32_t times;
    const smtp_transaction *last = ended(turns, &times);

    CHECK(times == 2 && last && last->status == SMTP_STATUS_ACCEPTED && last->accepted == 1 && last->refused == 1);
    forget_memory();
}

/* BDAT is not known, and the client goes on with DATA: one transaction, accepted. */
static void test_falls_back(void)
{
    static const turn turns[] = {
        HELLO,    ENVELOPE, TAKEN, {'C', "BDAT 6 LAST\r\n"}, {'S', "500 what?\r\n"}, TEXT, {'S', "250 taken\r\n"},
        {0, NULL}};
    uint32_t times;
    const smtp_transaction *last = ended(turns, &times);

    CHECK(times == 1 && last && last->ordinal == 1 && last->status == SMTP_STATUS_ACCEPTED && last->final_octets == 3);
    forget_memory();
}

/* A MAIL that is refused when more was pipelined behind it. */
static void test_dropped(void)
{
    static const turn turns[] = {HELLO,
                                 {'C', "MAIL FROM:<a>\r\nMAIL FROM:<x>\r\nRCPT TO:<b>\r\nDATA\r\n"},
                                 {'S', "250 a\r\n503 x\r\n250 b\r\n354 go\r\n"},
                                 {'C', "text\r\n.\r\n"},
                                 {'S', "250 taken\r\n"},
                                 {0, NULL}};
    uint32_t times;
    const smtp_transaction *last = ended(turns, &times);

    CHECK(times == 2 && last && last->ordinal == 1 && last->status == SMTP_STATUS_ACCEPTED && last->accepted == 1);
    forget_memory();
}

static void test_facts(void)
{
    smtp_memory memory = test_memory();
    smtp_session *session = smtp_session_new(&memory, (smtp_opening){.seen = true, .frame = 1});
    const smtp_facts *facts = smtp_session_facts(session);
    static const turn turns[] = {{'S', "220 mx.example ESMTP\r\n"},
                                 {'C', "EHLO c.example\r\n"},
                                 {'S', "250 ok\r\n"},
                                 {'C', "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n"},
                                 {'S', "535 no\r\n"},
                                 {'C', "AUTH PLAIN\r\n"},
                                 {'S', "334 \r\n"},
                                 {'C', "AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n"}};
    smtp_unit unit;

#define SAY(which, text)                                                                                           \
    CHECK(smtp_session_read(session, which == 'C' ? SMTP_CLIENT : SMTP_SERVER,                                     \
                            &(smtp_input){guarded_text(text), (uint32_t)strlen(text), true, 0, 2, 2, 0, 0, false}, \
                            &unit))
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
        SAY(turns[i].side, turns[i].octets);
    CHECK_TEXT(facts->server->octets, ((smtp_span){0, facts->server->length}), "mx.example");
    CHECK_TEXT(facts->client->octets, ((smtp_span){0, facts->client->length}), "c.example");
    CHECK(facts->protocol == SMTP_PROTOCOL_ESMTP && facts->user == NULL);
    SAY('S', "235 ok\r\n");
    CHECK_TEXT(facts->user->octets, ((smtp_span){0, facts->user->length}), "tim");
    SAY('C', "XCLIENT ADDR=192.0.2.1\r\n");
    SAY('S', "220 again.example ESMTP\r\n");
    CHECK(facts->protocol == SMTP_PROTOCOL_UNKNOWN && !facts->client && !facts->user);
    CHECK_TEXT(facts->server->octets, ((smtp_span){0, facts->server->length}), "again.example");
    facts = smtp_session_facts(smtp_session_inside_tls(session));
    CHECK(facts->server && !facts->client);
#undef SAY
    forget_memory();
}

/* What a role letter says is whose it is, also behind a change of roles. */
static void test_swap(void)
{
    smtp_memory memory = test_memory();
    smtp_session *session = smtp_session_new(&memory, (smtp_opening){.seen = true, .frame = 1});
    static const turn turns[] = {{'S', "220 x\r\n"},  {'C', "EHLO y\r\n"}, {'S', "250-x\r\n250 ATRN\r\n"},
                                 {'C', "ATRN\r\n"},   {'S', "250 ok\r\n"}, {'C', "220 y\r\n"},
                                 {'S', "EHLO x\r\n"}, {'C', "250 ok\r\n"}};
    static const smtp_side sides[] = {SMTP_SERVER, SMTP_CLIENT, SMTP_SERVER, SMTP_CLIENT,
                                      SMTP_SERVER, SMTP_SERVER, SMTP_CLIENT, SMTP_SERVER};
    smtp_unit unit;

    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        smtp_input input = {
            guarded_text(turns[i].octets), (uint32_t)strlen(turns[i].octets), true, 0, 2, 2, 0, 0, false};
        CHECK(smtp_session_read(session, turns[i].side == 'C' ? SMTP_CLIENT : SMTP_SERVER, &input, &unit));
        CHECK(unit.side == sides[i] && unit.role == (sides[i] == SMTP_SERVER ? SMTP_ROLE_REPLY : SMTP_ROLE_COMMAND));
        CHECK(unit.exchange && !smtp_remarks_any(&unit.remarks));
    }
    forget_memory();
}

static void test_bounds(void)
{
    size_t length = SMTP_LONGEST_WAIT + 10;
    char *line = malloc(length);
    player p;

    memset(line, 'x', length);
    p = begin(SMTP_CLIENT);
    CHECK(read_units(&p, line, SMTP_LONGEST_WAIT - 1, true) == 0);
    CHECK(read_units(&p, line, length, true) == length);
    CHECK(read_units(&p, line, 100, true) == 100);
    CHECK(read_units(&p, "end\r\nQUIT\r\n", 11, true) == 11);
    CHECK_TEXT((const uint8_t *)p.units, ((smtp_span){0, (uint32_t)p.used}), "C16394;X100;X5;C6;");
    forget_memory();
    /* CR NUL ends a line, also when it is cut there. */
    p = begin(SMTP_CLIENT);
    CHECK(read_units(&p, line, length, true) == length);
    CHECK(read_units(&p, "abc\r", 4, true) == 3);
    CHECK(read_units(&p, "\r", 1, true) == 0);
    CHECK(read_units(&p, "\r\0QUIT\r\n", 8, true) == 8);
    forget_memory();
    /* The octets that were waited for come again, and fewer of them (a capture cuts retransmissions, too). */
    p = begin(SMTP_SERVER);
    CHECK(read_units(&p, "250-a\r\n250-b\r\n", 14, true) == 0);
    CHECK(read_units(&p, "2", 1, false) == 1);
    forget_memory();
    /* A reply without end is taken in parts. */
    p = begin(SMTP_SERVER);
    for (size_t i = 0; i + 10 <= length; i += 10)
        memcpy(line + i, "220-abcd\r\n", 10);
    /* Each part is the whole lines up to the first that reaches the limit. */
    CHECK(read_units(&p, line, SMTP_LONGEST_WAIT + 6, true) == SMTP_LONGEST_WAIT + 6);
    CHECK_TEXT((const uint8_t *)p.units, ((smtp_span){0, (uint32_t)p.used}), "R16390;");
    forget_memory();
    free(line);
}

/* Octet by octet, a line or a reply is waited for SMTP_MOST_WAITS times, and then read in parts. */
static void test_waits(void)
{
    size_t length = SMTP_LONGEST_WAIT + 3, at = 0;
    char *line = malloc(length);
    player p = begin(SMTP_CLIENT);

    memset(line, 'x', length);
    memcpy(line + length - 2, "\r\n", 2);
    for (size_t end = 1; end <= SMTP_MOST_WAITS; end++)
        CHECK(read_units(&p, line, end, true) == 0);
    for (size_t end = SMTP_MOST_WAITS + 1; end < length - 1; end++) {
        at += read_units(&p, line + at, end - at, true);
        p.used = 0;
        CHECK(at == end && smtp_remarks_has(&p.last, SMTP_REMARK_UNFINISHED_LINE) == (at == SMTP_MOST_WAITS + 1));
        CHECK(smtp_remarks_has(&p.last, SMTP_REMARK_LONG_LINE) == (at == SMTP_LONGEST_WAIT));
    }
    CHECK(at == length - 2);
    /* Its end is whole again, and so is the next line. */
    CHECK(read_units(&p, line + at, 1, true) == 0);
    CHECK(read_units(&p, line + at, 2, true) == 2);
    CHECK(read_units(&p, "NOOP", 4, true) == 0);
    CHECK(read_units(&p, "NOOP\r\n", 6, true) == 6);
    forget_memory();
    /* A reply's lines that are whole are one part, and its next line is waited for. */
    p = begin(SMTP_SERVER);
    for (size_t i = 0; i + 10 <= length; i += 10)
        memcpy(line + i, "220-abcd\r\n", 10);
    for (size_t end = 1; end <= SMTP_MOST_WAITS; end++)
        CHECK(read_units(&p, line, end, true) == 0);
    CHECK(read_units(&p, line, SMTP_MOST_WAITS + 1, true) == SMTP_MOST_WAITS / 10 * 10);
    CHECK_TEXT((const uint8_t *)p.units, ((smtp_span){0, (uint32_t)p.used}), "R1020;");
    forget_memory();
    free(line);
}

/* A message that came though DATA was refused, cut anywhere: its lines are read as commands, a reply each. */
static void test_obeyed(void)
{
    static const char said[] = "MAIL FROM:<>\r\nRCPT TO:<b@c>\r\nDATA\r\nTo: y\r\n\r\nRSET\r\nMAIL FROM:<a@b>\r\n"
                               "RCPT TO:<b@c>\r\nDATA\r\nx\r\n.\r\n";
    static const struct {
        const char *reply;
        smtp_verb to;
        bool proves;
    } replies[] = {
        {"250 ok\r\n", SMTP_VERB_MAIL, false},      {"550 no\r\n", SMTP_VERB_RCPT, false},
        {"554 no\r\n", SMTP_VERB_DATA, false},      {"500 what\r\n", SMTP_VERB_UNKNOWN, false},
        {"500 what\r\n", SMTP_VERB_UNKNOWN, true},  {"250 ok\r\n", SMTP_VERB_RSET, false},
        {"250 ok\r\n", SMTP_VERB_MAIL, false},      {"250 ok\r\n", SMTP_VERB_RCPT, false},
        {"354 go\r\n", SMTP_VERB_DATA, false},      {"250 taken\r\n", SMTP_VERB_END_OF_DATA, false},
        {"250 nothing\r\n", SMTP_VERB_NOOP, false},
    };

    for (size_t cut = 0; cut < sizeof said; cut++) {
        smtp_memory memory = test_memory();
        player p = {.session = smtp_session_new(&memory, (smtp_opening){.seen = true, .frame = 1}),
                    .side = SMTP_SERVER};
        size_t taken;

        read_units(&p, "220 x\r\n", 7, true);
        p.side = SMTP_CLIENT;
        taken = read_units(&p, said, cut, true);
        CHECK(taken + read_units(&p, said + taken, sizeof said - 1 - taken, true) == sizeof said - 1);
        for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
            smtp_input input = {.octets = guarded_text(replies[i].reply),
                                .length = (uint32_t)strlen(replies[i].reply),
                                .can_wait = true,
                                .frame = ++p.frame,
                                .time = p.frame};
            smtp_unit unit;

            if (replies[i].to == SMTP_VERB_NOOP) {
                p.side = SMTP_CLIENT;
                read_units(&p, "NOOP\r\n", 6, true);
            }
            CHECK(smtp_session_read(p.session, SMTP_SERVER, &input, &unit));
            CHECK(unit.exchange && unit.exchange->verb == replies[i].to);
            CHECK(smtp_remarks_has(&unit.remarks, SMTP_REMARK_MESSAGE_OBEYED) == replies[i].proves);
            CHECK(replies[i].to != SMTP_VERB_END_OF_DATA || unit.transaction->status == SMTP_STATUS_ACCEPTED);
        }
        forget_memory();
    }
}

/* One unit, for which nothing more is waited.
 * @param heard  what its sender had of the other side, up to this position */
static smtp_unit say(player *p, smtp_side side, const char *text, uint64_t position, uint64_t heard)
{
    size_t length = strlen(text);
    smtp_input input = {.octets = guarded(text, length),
                        .length = (uint32_t)length,
                        .frame = ++p->frame,
                        .time = p->frame,
                        .position = position,
                        .acknowledged = heard};
    smtp_unit unit;

    CHECK(smtp_session_read(p->session, side, &input, &unit));
    CHECK(unit.length == length);
    return unit;
}

/* A line in parts, as nothing is waited for, behind a reply of which the first lines are missing: the client that ends
 * the line has not had the reply to it. */
static void test_in_line(void)
{
    player p = begin(SMTP_CLIENT);
    smtp_unit asked, answered;

    say(&p, SMTP_SERVER, "220 x\r\n", 1, 1);
    say(&p, SMTP_CLIENT, "EHLO y\r\n", 1, 8);
    say(&p, SMTP_SERVER, "250 ok\r\n", 8, 9);
    say(&p, SMTP_CLIENT, "RSET\r\n", 9, 16);
    asked = say(&p, SMTP_CLIENT, "VRFY ", 15, 16);
    smtp_session_gap(p.session, SMTP_SERVER, 11, 0);
    say(&p, SMTP_SERVER, "250 reset\r\n", 27, 20);
    say(&p, SMTP_CLIENT, "b\r\n", 20, 38);
    answered = say(&p, SMTP_SERVER, "252 perhaps\r\n", 38, 23);
    CHECK(asked.exchange && asked.exchange->verb == SMTP_VERB_VRFY);
    CHECK(answered.exchange == asked.exchange);
    forget_memory();
}

/* Whatever a session knows, and whatever the first one that rested knew, it is the same when it wakes. */
static void test_rest(void)
{
    enum {
        KINDS = 5,
        WORDS = sizeof(smtp_session) / sizeof(uint64_t)
    };
    static const uint64_t kinds[KINDS] = {0, 1, UINT64_C(1) << 32, UINT64_MAX, UINT64_C(0x123456789abcdef0)};

    for (uint32_t kind = 0; kind < KINDS * KINDS; kind++) {
        smtp_memory memory = test_memory();
        for (uint32_t step = 1; step < 8; step++) {
            smtp_session *session = smtp_session_new(&memory, (smtp_opening){.seen = false}), before;
            uint64_t words[WORDS];
            memcpy(words, session, sizeof words);
            for (uint32_t i = sizeof session->store / sizeof *words; i < WORDS; i++)
                words[i] = kinds[i % step ? kind % KINDS : kind / KINDS] * (i % 3);
            memcpy(session, words, sizeof words);
            before = *session;
            before.store.text = NULL;
            session = smtp_session_wake(&memory, smtp_session_rest(session));
            CHECK(memcmp(session, &before, sizeof before) == 0);
        }
        forget_memory();
    }
}

static const smtp_name *name_of(smtp_session *session, const char *text)
{
    return smtp_session_keep(session, (const uint8_t *)text, (uint32_t)strlen(text));
}

/* What is known of an exchange is known however it became known, and whenever it was. */
static void test_exchange(void)
{
    static const int64_t replies[] = {INT64_C(1000), INT64_C(1000) + UINT32_MAX, INT64_C(1001) + UINT32_MAX,
                                      INT64_C(999), -1};
    player p = begin(SMTP_CLIENT);
    const smtp_name *name = name_of(p.session, "a@b.example"), *text = name_of(p.session, "5.1.1 unknown");

    for (uint32_t i = 0; i < 16 * sizeof replies / sizeof *replies; i++) {
        bool is_seen = i & 1, has_name = i & 2, has_text = i & 4, is_early = i & 8;
        int64_t time = replies[i / 16];
        smtp_exchange *exchange = smtp_session_exchange(p.session, SMTP_VERB_RCPT, is_seen && !is_early ? 1 : 0,
                                                        is_seen && !is_early ? 1000 : 0);
        if (has_name && !is_early)
            smtp_session_set_name(p.session, exchange, name);
        exchange->reply_frame = 2;
        smtp_session_set_reply_time(p.session, exchange, time);
        if (has_text)
            smtp_session_set_text(p.session, exchange, text);
        if (has_name && is_early)
            smtp_session_set_name(p.session, exchange, name);
        if (is_seen && is_early) {
            exchange->command_frame = 3;
            smtp_session_set_command_time(p.session, exchange, 1000);
        }
        CHECK(smtp_exchange_name(exchange) == (has_name ? name : NULL));
        CHECK(smtp_exchange_text(exchange) == (has_text ? text : NULL));
        CHECK(smtp_exchange_reply_time(exchange) == time);
        CHECK(smtp_exchange_response_time(exchange) == (is_seen && time >= 1000 ? time - 1000 : SMTP_DURATION_UNKNOWN));
    }
    forget_memory();
}

void test_session(void)
{
    test_exchange();
    test_rest();
    test_obeyed();
    test_in_line();
    PLAYS("R7;C8;R8;", {'S', "220 x\r\n"}, {'C', "EHLO y\r\n"}, {'S', "250 ok\r\n"});
    PLAYS("R7;C6;R8;M3;E3;!R8;C6;", {'S', "220 x\r\n"}, {'C', "DATA\r\n"}, {'S', "354 go\r\n"}, {'C', "x\r\n.\r\n"},
          {'S', "250 ok\r\n"}, {'C', "QUIT\r\n"});
    PLAYS("R7;C6;R8;C6;", {'S', "220 x\r\n"}, {'C', "DATA\r\n"}, {'S', "554 no\r\n"}, {'C', "RSET\r\n"});
    PLAYS("R7;C8;M3;C13;M2;!C6;", {'S', "220 x\r\n"}, {'C', "BDAT 3\r\nabcBDAT 2 LAST\r\ndeQUIT\r\n"});
    PLAYS("R7;C13;!C6;", {'S', "220 x\r\n"}, {'C', "BDAT 0 LAST\r\nQUIT\r\n"});
    PLAYS("R7;C12;R6;A6;R8;C6;", {'S', "220 x\r\n"}, {'C', "AUTH LOGIN\r\n"}, {'S', "334 \r\n"}, {'C', "QUIT\r\n"},
          {'S', "235 ok\r\n"}, {'C', "QUIT\r\n"});
    PLAYS("R7;C13;R8;O5;R8;C6;", {'S', "220 x\r\n"}, {'C', "XEXCH50 5 2\r\n"}, {'S', "354 go\r\n"}, {'C', "ab\r\nc"},
          {'S', "250 ok\r\n"}, {'C', "QUIT\r\n"});
    PLAYS("R7;C13;R8;C6;", {'S', "220 x\r\n"}, {'C', "XEXCH50 5 2\r\n"}, {'S', "504 no\r\n"}, {'C', "QUIT\r\n"});
    PLAYS("P17;R7;C8;", {'C', "PROXY UNKNOWN x\r\n"}, {'S', "220 x\r\n"}, {'C', "EHLO y\r\n"});
    /* A reply to a greeting in mid-message must not take the message away. */
    PLAYS("R7;C14;R7;C8;C14;M8;R7;M4;!R8;", {'S', "220 x\r\n"}, {'C', "MAIL FROM:<>\r\n"}, {'S', "250 x\r\n"},
          {'C', "EHLO x\r\nBDAT 12 LAST\r\n12345678"}, {'S', "250 x\r\n"}, {'C', "1234"}, {'S', "250 ok\r\n"});
    PLAYS("R7;C10;R7;L4;", {'S', "220 x\r\n"}, {'C', "STARTTLS\r\n"}, {'S', "220 y\r\n"}, {'C', "\x16\x03\x01\x02"});
    /* A header of TLS's is told from text wherever it is cut, and none is looked for in a record. */
    PLAYS("R7;C10;R7;L13;", {'S', "220 x\r\n"}, {'C', "STARTTLS\r\n"}, {'S', "220 y\r\n"},
          {'C', "\x16\x03\x01\x02\x02"
                "ab\x16\x03\x01\x02zz"});
    PLAYS("R7;C10;R7;C8;", {'S', "220 x\r\n"}, {'C', "STARTTLS\r\n"}, {'S', "220 y\r\n"}, {'C', "NO\x16\x03OP\r\n"});
    PLAYS("R7;C10;R7;C4;L4;", {'S', "220 x\r\n"}, {'C', "STARTTLS\r\n"}, {'S', "220 y\r\n"},
          {'C', "NO\x16\x03\x16\x03\x01\x02"});
    PLAYS("R7;C10;R7;O6;L4;", {'S', "220 x\r\n"}, {'C', "STARTTLS\r\n"}, {'S', "220 y\r\n"},
          {'S', "25\x16\x03zz\x16\x03\x01\x02"});
    /* So it is where the octets end with the start of one. */
    PLAYS("R7;C10;R7;O6;L2;", {'S', "220 x\r\n"}, {'C', "STARTTLS\r\n"}, {'S', "220 y\r\n"},
          {'S', "25\x16\x03zz\x16\x03"});
    PLAYS("C6;R7;", {'C', "\x17\x01XY\r\n"}, {'S', "220 x\r\n"});
    PLAYS("C7;R7;", {'C', "\x17\x03\x01\x49X\r\n"}, {'S', "220 x\r\n"});
    PLAYS("R7;T3;T3;C6;", {'S', "220 x\r\n"}, {'C', "\xff\xfd\x03\xff\xfd\x01QUIT\r\n"});
    PLAYS("R12;C6;R8;", {'S', "220-a\r\n220\r\n"}, {'C', "QUIT\r\n"}, {'S', "221 ok\r\n"});
    test_pairs();
    test_transactions();
    test_goes_on();
    test_falls_back();
    test_dropped();
    test_facts();
    test_swap();
    test_bounds();
    test_waits();
}
