/* mutate.c
 * Changes inputs step by step: what libFuzzer does by octets puts all steps
 * behind a changed length out of joint.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "script.h"

size_t LLVMFuzzerMutate(uint8_t *octets, size_t length, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t length, size_t most, unsigned seed);

enum {
    MOST_STEPS = 512,
    MOST_INPUT = 1 << 16,
    HEAD = 3 /* kind and side, length */
};

/* A step where it stands in the input, head included. */
typedef struct place {
    size_t at;
    size_t length;
} place;

typedef struct mutation {
    uint8_t *input;
    size_t length;
    size_t most;
    uint32_t chance;
    place steps[MOST_STEPS];
    uint32_t used;
} mutation;

static uint32_t any(mutation *m, uint32_t below)
{
    return script_random(&m->chance) % below;
}

static void find_steps(mutation *m)
{
    size_t at = script_options;

    while (m->used < MOST_STEPS && at + HEAD <= m->length) {
        const uint8_t *step = m->input + at;
        size_t octets = (step[0] >> 1) % KINDS < GAP ? (size_t)(step[1] | step[2] << 8) : 0;

        octets = octets < m->length - at - HEAD ? octets : m->length - at - HEAD;
        m->steps[m->used++] = (place){at, HEAD + octets};
        at += HEAD + octets;
    }
}

/* Puts octets in the place of others, if there is room. */
static void replace(mutation *m, size_t at, size_t length, const uint8_t *octets, size_t with)
{
    size_t behind = m->length - at - length;

    if (m->length - length + with > m->most)
        return;
    memmove(m->input + at + with, m->input + at + length, behind);
    if (with > 0)
        memcpy(m->input + at, octets, with);
    m->length = m->length - length + with;
}

static void put_head(uint8_t *head, uint8_t what, size_t octets)
{
    head[0] = what;
    head[1] = (uint8_t)octets;
    head[2] = (uint8_t)(octets >> 8);
}

/* libFuzzer changes the octets of one step. */
static void change_octets(mutation *m, place step)
{
    static uint8_t changed[MOST_INPUT];
    size_t octets = step.length - HEAD;
    size_t most = octets + 64;

    memcpy(changed, m->input + step.at, step.length);
    octets = LLVMFuzzerMutate(changed + HEAD, octets, most < MOST_INPUT - HEAD ? most : MOST_INPUT - HEAD);
    put_head(changed, changed[0], octets);
    replace(m, step.at, step.length, changed, HEAD + octets);
}

static void copy_step(mutation *m, place from, place to)
{
    static uint8_t copy[MOST_INPUT];

    memcpy(copy, m->input + from.at, from.length);
    replace(m, to.at, 0, copy, from.length);
}

/* The second part is the first's side's, or the other one's. */
static void split_step(mutation *m, place step)
{
    uint8_t *input = m->input + step.at;
    size_t octets = step.length - HEAD;
    size_t first = octets ? any(m, (uint32_t)octets) : 0;
    uint8_t head[HEAD];

    if (m->length + HEAD > m->most)
        return;
    put_head(head, (uint8_t)(any(m, 8) ? input[0] : input[0] ^ 1), octets - first);
    put_head(input, input[0], first);
    replace(m, step.at + HEAD + first, 0, head, HEAD);
}

/* Something befalls the octets: they are lost, come again, or TLS begins. */
static void insert_event(mutation *m, place before)
{
    uint8_t head[HEAD];
    uint8_t kind = (uint8_t)(GAP + any(m, KINDS - GAP));

    put_head(head, (uint8_t)(kind << 1 | any(m, 2)), any(m, 4) ? any(m, 16) : any(m, 65536));
    replace(m, before.at, 0, head, HEAD);
}

static void change_step(mutation *m, place step, place other)
{
    uint8_t *what = &m->input[step.at];

    switch (any(m, 8)) {
    case 0:
        replace(m, step.at, step.length, NULL, 0);
        break;
    case 1:
        copy_step(m, step, other);
        break;
    case 2:
        split_step(m, step);
        break;
    case 3:
        insert_event(m, step);
        break;
    case 4:
        *what = (uint8_t)(any(m, 2) ? *what ^ 1 : (*what & 1) | any(m, GAP) << 1);
        break;
    case 5:
        m->input[any(m, (uint32_t)script_options)] ^= (uint8_t)(1 << any(m, 8));
        break;
    default:
        change_octets(m, step);
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t length, size_t most, unsigned seed)
{
    static mutation m;

    m = (mutation){.input = input, .length = length, .most = most, .chance = seed | 1};
    any(&m, 2);
    if (length > script_options)
        find_steps(&m);
    if (m.used == 0 || most > MOST_INPUT || any(&m, 4) == 0)
        return LLVMFuzzerMutate(input, length, most);
    change_step(&m, m.steps[any(&m, m.used)], m.steps[any(&m, m.used)]);
    return m.length > 0 ? m.length : 1;
}
