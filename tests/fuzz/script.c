/* script.c
 * Fuzz inputs to scripts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "script.h"

#include <sanitizer/asan_interface.h>
#include <string.h>

enum {
    FINEST = 2048 /* more octets are not cut one by one */
};

static void add_run(script *s, step_kind kind, int side, uint32_t length)
{
    run *last = s->used ? &s->runs[s->used - 1] : NULL;

    if (last && last->kind == OCTETS && last->side == side && kind < GAP) {
        last->kind = kind;
        last->length += length;
    } else if (s->used < SCRIPT_RUNS) {
        s->runs[s->used++] = (run){kind, side, length};
    }
}

static void add_octets(script *s, int side, const uint8_t *octets, uint32_t length)
{
    uint32_t room = SCRIPT_OCTETS - s->total[side];

    if (length > room)
        length = room;
    memcpy(s->octets[side] + s->total[side], octets, length);
    s->total[side] += length;
    s->cuts[side][s->total[side]] = true;
}

/* @return octets of the input that are the step's */
static uint32_t add_step(script *s, step_kind kind, int side, uint32_t length, const uint8_t *octets, size_t left)
{
    uint32_t before = s->total[side], times = 1, taken;

    if (kind >= GAP) {
        add_run(s, kind, side, length);
        return 0;
    }
    taken = length = length < left ? length : (uint32_t)left;
    if (kind == REPEATED && length > 1) {
        times = 1 + *octets++ * 2u;
        length--;
    }
    for (uint32_t i = 0; i < times; i++)
        add_octets(s, side, octets, length);
    if (s->total[side] > before)
        add_run(s, kind == LAST ? LAST : OCTETS, side, s->total[side] - before);
    return taken;
}

void script_read(script *s, const uint8_t *steps, size_t length)
{
    size_t at = 0;

    for (int side = 0; side < 2; side++) {
        ASAN_UNPOISON_MEMORY_REGION(s->octets[side], (s->total[side] + 8) / 8 * 8);
        memset(s->cuts[side], 0, s->total[side] + 1);
    }
    s->used = s->total[0] = s->total[1] = 0;
    while (at + 3 <= length) {
        const uint8_t *step = steps + at;
        at += 3;
        at += add_step(s, (step_kind)((step[0] >> 1) % KINDS), step[0] & 1, (uint32_t)(step[1] | step[2] << 8),
                       step + 3, length - at);
    }
}

uint32_t script_random(uint32_t *chance)
{
    *chance ^= *chance << 13;
    *chance ^= *chance >> 17;
    *chance ^= *chance << 5;
    return *chance;
}

uint32_t script_cut(const script *s, cutting how, uint32_t *chance, int side, uint32_t at, uint32_t stop)
{
    switch (how) {
    case AS_GIVEN:
        while (++at < stop && !s->cuts[side][at])
            ;
        return at;
    case ANYWHERE:
        at += 1 + script_random(chance) % (script_random(chance) % 4 ? 8 : 512);
        return at < stop ? at : stop;
    case EACH_OCTET:
        return at + 1;
    default:
        return stop;
    }
}

bool script_may_cut(const script *s, cutting how)
{
    return how != EACH_OCTET || s->total[0] + s->total[1] <= FINEST;
}
