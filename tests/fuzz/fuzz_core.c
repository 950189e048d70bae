/* fuzz_core.c
 * libFuzzer target: the protocol alone, and nothing wanted of it but that it does not crash.
 *
 * The same inputs as fuzz_session.c's, played once, as they are given, without its
 * oracles; so many more of them can be played.  Octets behind those that came, and
 * behind each piece of state, are poisoned: to read one is a crash.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <sanitizer/asan_interface.h>
#include <string.h>

#include "plugin/smtp/session/smtp_session.h"
#include "plugin/smtp/smtp_offer_read.h"
#include "script.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

enum {
    ARENA = 16 << 20, /* octets of state */
    GUARD = 16        /* poisoned octets behind each piece of it */
};

const size_t script_options = 2;

/* A script that is played. */
typedef struct play {
    script script;
    smtp_session *session;
    uint32_t taken[2]; /* octets of each side */
    uint32_t end[2];   /* octets that came */
    uint64_t lost[2];  /* octets behind them that the other side has seen, and no capture has */
    uint32_t frame;
} play;

static uint8_t arena[ARENA] __attribute__((aligned(16)));
static size_t arena_used;

static void *take(void *owner, size_t octets)
{
    uint8_t *taken = arena + arena_used;
    size_t room = (octets + GUARD + 15) / 16 * 16;

    (void)owner;
    if (arena_used + room > ARENA)
        __builtin_trap();
    ASAN_UNPOISON_MEMORY_REGION(taken, octets);
    memset(taken, 0, octets);
    arena_used += room;
    return taken;
}

static void forget(void)
{
    ASAN_POISON_MEMORY_REGION(arena, arena_used);
    arena_used = 0;
}

/* Reads what a side has in hand, up to @p end. */
static void offer(play *p, int side, uint32_t end, bool can_wait)
{
    bool goes_on = false;
    smtp_unit unit;

    for (; p->taken[side] < end; p->taken[side] += unit.length) {
        smtp_input input = {.octets = p->script.octets[side] + p->taken[side],
                            .length = end - p->taken[side],
                            .can_wait = can_wait,
                            .unread = p->lost[!side],
                            .frame = p->frame,
                            .time = p->frame * INT64_C(1000),
                            .position = 1 + p->taken[side],
                            .acknowledged = 1 + p->end[!side],
                            .goes_on = goes_on};

        if (!smtp_session_read(p->session, (smtp_side)side, &input, &unit))
            return;
        if (unit.length == 0 || unit.length > input.length)
            __builtin_trap();
        goes_on = true;
    }
}

static void play_octets(play *p, const run *r)
{
    uint32_t stop = p->end[r->side] + r->length, chance = 1;

    if (p->lost[r->side] > 0)
        smtp_session_gap(p->session, (smtp_side)r->side, p->lost[r->side], p->lost[!r->side]);
    p->lost[r->side] = 0;
    while (p->end[r->side] < stop) {
        uint32_t end = script_cut(&p->script, AS_GIVEN, &chance, r->side, p->end[r->side], stop);
        uint32_t start = p->end[r->side] / 8 * 8;

        ASAN_UNPOISON_MEMORY_REGION(p->script.octets[r->side] + start, end - start);
        p->end[r->side] = end;
        offer(p, r->side, end, r->kind != LAST || end < stop);
    }
}

/* Octets are lost; also those in hand of a unit that is not all there. */
static void play_gap(play *p, int side, uint32_t octets)
{
    p->lost[side] += octets + p->end[side] - p->taken[side];
    p->taken[side] = p->end[side];
}

static void play_run(play *p, const run *r)
{
    p->frame++;
    switch (r->kind) {
    case GAP:
        play_gap(p, r->side, r->length);
        break;
    case AGAIN:
        offer(p, r->side, p->end[r->side], false);
        break;
    case INSIDE_TLS:
        p->taken[0] = p->end[0];
        p->taken[1] = p->end[1];
        p->lost[0] = p->lost[1] = 0;
        p->session = smtp_session_inside_tls(p->session);
        break;
    default:
        play_octets(p, r);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    static play p;
    static smtp_offers offers;
    smtp_memory memory = {.take = take, .offers = &offers};
    smtp_opening opening = {.seen = false};

    if (length < script_options)
        return 0;
    if (input[0] & 1)
        opening = (smtp_opening){.seen = true, .frame = 1, .time = 500};
    script_read(&p.script, input + script_options, length - script_options);
    forget();
    memset(&offers, 0, sizeof offers);
    for (int side = 0; side < 2; side++) {
        ASAN_POISON_MEMORY_REGION(p.script.octets[side], (p.script.total[side] + 8) / 8 * 8);
        p.taken[side] = p.end[side] = 0;
        p.lost[side] = 0;
    }
    p.frame = 1;
    p.session = smtp_session_new(&memory, opening);
    for (uint32_t i = 0; i < p.script.used; i++)
        play_run(&p, &p.script.runs[i]);
    return 0;
}
