/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_lookalike.h"

enum {
    MOST = 64
};

typedef struct list {
    int count;
    smtp_lookalike found[MOST];
} list;

static void scan(smtp_lookalike_scan *state, const char *octets, size_t length, list *all)
{
    const uint8_t *copy = guarded(octets, length);
    const smtp_lookalike *found;
    uint32_t at = 0;

    while ((found = smtp_lookalike_next(state, copy, (uint32_t)length, &at)) && all->count < MOST)
        all->found[all->count++] = *found;
}

/* ---- The same by its definition, for octets that are all there ---- */

/* How many octets before a dot belong to it; the message begins behind CR LF. */
static int before(const char *octets, int dot)
{
    char one = dot > 0 ? octets[dot - 1] : '\n', two = dot > 1 ? octets[dot - 2] : dot == 1 ? '\n' : '\r';
    char three = dot > 2 ? octets[dot - 3] : dot == 2 ? '\n' : dot == 1 ? '\r' : '\0';

    if (one == '\r')
        return 1;
    if (one == '\n')
        return two == '\r' ? 2 : 1;
    return one == '\0' && two == '\n' ? 2 + (three == '\r') : 0;
}

/* How many behind it; 0: it is none, -1: that is not known yet. */
static int behind(const char *octets, int length, int dot, int most)
{
    int crs = 0;

    if (dot + 1 == length)
        return -1;
    if (octets[dot + 1] == '\0') {
        if (dot + 3 >= length)
            return dot + 2 < length && octets[dot + 2] != '\r' ? 0 : -1;
        return octets[dot + 2] == '\r' && octets[dot + 3] == '\n' ? 3 : 0;
    }
    while (dot + 1 + crs < length && octets[dot + 1 + crs] == '\r' && crs <= most)
        crs++;
    if (crs > most)
        return 1;
    if (dot + 1 + crs == length)
        return -1;
    if (octets[dot + 1 + crs] == '\n')
        return crs + 1;
    return crs > 0 ? 1 : 0;
}

/* Is it QUIT, the one verb in these octets? -1: that is not known yet. */
static int is_verb(const char *octets, int length)
{
    static const char verb[] = "QUIT";

    for (int i = 0; i < 4; i++) {
        if (i == length)
            return -1;
        if (octets[i] != verb[i])
            return 0;
    }
    return length == 4 ? -1 : strchr(" :\r\n", octets[4]) && octets[4];
}

static void define(const char *octets, int length, list *all)
{
    for (int dot = 0; dot < length; dot++) {
        int start = octets[dot] == '.' ? before(octets, dot) : 0, more, verb;

        if (start == 0)
            continue;
        more = behind(octets, length, dot, SMTP_LOOKALIKE_MOST - start - 2);
        if (more <= 0 || (start == 2 && octets[dot - 1 + (dot == 0)] != '\0' && more == 2 && octets[dot + 1] == '\r' &&
                          (dot == 0 || octets[dot - 1] == '\n')))
            continue;
        verb = is_verb(octets + dot + 1 + more, length - dot - 1 - more);
        if (verb >= 0 && all->count < MOST)
            all->found[all->count++] = (smtp_lookalike){.dot = (uint64_t)dot,
                                                        .before = (uint8_t)start,
                                                        .length = (uint8_t)(start + 1 + more),
                                                        .has_verb = verb};
    }
}

static bool is_same(const list *one, const list *other)
{
    if (one->count != other->count)
        return false;
    for (int i = 0; i < one->count; i++) {
        const smtp_lookalike *a = &one->found[i], *b = &other->found[i];

        if (a->dot != b->dot || a->before != b->before || a->length != b->length || a->has_verb != b->has_verb)
            return false;
    }
    return true;
}

static void compare(const char *octets, int length)
{
    list defined = {0};

    define(octets, length, &defined);
    for (int cut = 0; cut <= length; cut++) {
        smtp_lookalike_scan state;
        list found = {0};

        smtp_lookalike_begin(&state);
        scan(&state, octets, (size_t)cut, &found);
        scan(&state, octets + cut, (size_t)(length - cut), &found);
        CHECK(is_same(&found, &defined));
    }
}

/* All strings of so many of these octets. */
static void compare_all(const char *alphabet, int letters, int length)
{
    int digits[16] = {0};
    char octets[16];
    int at;

    do {
        for (int i = 0; i < length; i++)
            octets[i] = alphabet[digits[i]];
        compare(octets, length);
        for (at = 0; at < length && ++digits[at] == letters; at++)
            digits[at] = 0;
    } while (at < length);
}

/* ---- Single ones ---- */

static smtp_lookalike only(const char *octets, size_t length)
{
    smtp_lookalike_scan state;
    list found = {0};

    smtp_lookalike_begin(&state);
    scan(&state, octets, length, &found);
    CHECK(found.count == 1);
    return found.found[0];
}

#define ONLY(octets) only(octets, sizeof(octets) - 1)

static void is_tail(const char *octets, uint32_t length)
{
    smtp_lookalike_scan state;
    list found = {0};

    smtp_lookalike_begin(&state);
    scan(&state, octets, strlen(octets), &found);
    CHECK(found.count == 0);
    CHECK(smtp_lookalike_tail(&state).length == length);
    CHECK(smtp_lookalike_is_near(&state) || length == 0);
}

static void test_verbs(void)
{
    CHECK(ONLY("x\n.\r\nMAIL FROM").has_verb);
    CHECK(ONLY("x\n.\nrcpt:").has_verb);
    CHECK(ONLY("x\r\n.\nData\r").has_verb);
    CHECK(ONLY("x\r\n.\r\r\nBDAT ").has_verb);
    CHECK(ONLY("x\r.\rRSET\n").has_verb);
    CHECK(ONLY("x\n\0.\nEHLO ").has_verb);
    CHECK(ONLY("x\n.\0\r\nHELO ").has_verb);
    CHECK(!ONLY("x\n.\r\nMAILS").has_verb);
    CHECK(!ONLY("x\n.\r\nVRFY ").has_verb);
    CHECK(!ONLY("x\r.\r\rQUIT ").has_verb);
    CHECK(!ONLY("x\r.\r\r\r\rx").has_verb);
    CHECK(ONLY("x\r.\r\r\r\rx").behind_length == 3);
    CHECK(ONLY("x\n.\r\nMAIL FROM").behind_length == 5);
    CHECK(smtp_lookalike_end(&(smtp_lookalike){.dot = 7, .length = 4, .before = 2}) == 9);
}

static void is_named(smtp_lookalike found, const char *text)
{
    char name[SMTP_LOOKALIKE_NAME];

    smtp_lookalike_name(&found, name);
    CHECK(strcmp(name, text) == 0);
}

static void test_names(void)
{
    is_named(ONLY("x\n.\nx"), "LF . LF");
    is_named(ONLY("x\r\n\0.\r\r\r\r\r\nx"), "CR LF NUL . CR CR CR CR CR LF");
    is_named(ONLY("x\n.\0\r\nx"), "LF . NUL CR LF");
    is_named((smtp_lookalike){.length = 0}, "");
}

void test_lookalike(void)
{
    compare_all("\r\n.\0a", 5, 7);
    compare_all("\n.QUIT ", 7, 5);
    compare("\n.\nQUIT ", 8);
    compare("a\r\n.\r\r\r\r\r\r\r\r\r\n", 15);
    test_verbs();
    test_names();
    is_tail("x\n.\n", 3);
    is_tail("x\r\n.\n", 4);
    is_tail("x\n.\nMAI", 3);
    is_tail("x\n.\r", 3);
    is_tail("x\n.", 0);
    is_tail("x.\n", 0);
    is_tail("", 0);
    is_tail("x\r\n.\r\n", 0);
}
