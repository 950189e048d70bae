/* smtpx_kept.c
 * Memory for as long as the capture is open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_kept.h"

#include <stddef.h>

#include "plugin/smtp/syntax/smtp_apart.h"

/* What finds faults in the use of memory needs to know each piece. */
#if defined(__SANITIZE_ADDRESS__)
#define EACH_ALONE true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ALONE true
#endif
#endif
#ifndef EACH_ALONE
#define EACH_ALONE false
#endif

enum {
    UNIT = 8,              /* octets: the size of a piece is a multiple of it, and so is where it stands */
    LARGE = 16 << 10,      /* octets, from which on a piece has memory of its own */
    CHUNK = 256 << 10,     /* octets; of what is not used yet nothing is taken from the system */
    MOST_GIVEN = 63 * UNIT /* octets of what is given back that stay together */
};

/* A large piece, or a chunk. */
typedef struct block {
    struct block *next;
    max_align_t octets[];
} block;

/* What was given back. */
typedef struct given {
    struct given *next;
} given;

static struct {
    block *blocks;                       /* of this capture; NULL: none */
    uint8_t *next;                       /* in the last chunk: what is not used */
    size_t left;                         /* octets there */
    given *given[MOST_GIVEN / UNIT + 1]; /* by how many units they have */
    uint64_t sizes;                      /* of which sizes there are any: a bit for each */
} kept;

_Static_assert(MOST_GIVEN / UNIT < 64, "each size has a bit");

/* The file scope ends: called once. */
static smtpx_bool free_all(wmem_allocator_t *scope _U_, wmem_cb_event_t event _U_, void *data _U_)
{
    block *next;

    for (block *one = kept.blocks; one; one = next) {
        next = one->next;
        g_free(one);
    }
    memset(&kept, 0, sizeof kept);
    return false;
}

static void *list_block(block *one)
{
    if (!kept.blocks)
        wmem_register_callback(wmem_file_scope(), free_all, NULL);
    one->next = kept.blocks;
    kept.blocks = one;
    return one->octets;
}

static void *add_block(size_t octets)
{
    return list_block(g_malloc(sizeof(block) + octets));
}

static void put(uint8_t *start, size_t octets)
{
    given *one = (void *)start;

    one->next = kept.given[octets / UNIT];
    kept.given[octets / UNIT] = one;
    kept.sizes |= UINT64_C(1) << octets / UNIT;
}

/* @param sizes  those that are large enough, and of which there is one at least */
static SMTP_APART void *take_given(size_t octets, uint64_t sizes)
{
    size_t units = octets / UNIT;
    given *one;

    while (!(sizes >> units & 1))
        units++;
    one = kept.given[units];
    kept.given[units] = one->next;
    if (!one->next)
        kept.sizes &= ~(UINT64_C(1) << units);
    if (units * UNIT > octets)
        put((uint8_t *)one + octets, units * UNIT - octets);
    return one;
}

static SMTP_APART void *take_from_new_chunk(size_t octets)
{
    smtpx_give_back(kept.next, kept.left);
    kept.next = add_block(CHUNK);
    kept.left = CHUNK - octets;
    kept.next += octets;
    return kept.next - octets;
}

void *smtpx_take(size_t octets)
{
    size_t size = (MAX(octets, 1) + UNIT - 1) / UNIT * UNIT;
    uint64_t sizes;

    if (size >= LARGE || EACH_ALONE)
        return add_block(octets);
    sizes = size <= MOST_GIVEN ? kept.sizes >> size / UNIT << size / UNIT : 0;
    if (sizes)
        return take_given(size, sizes);
    if (size > kept.left)
        return take_from_new_chunk(size);
    kept.left -= size;
    kept.next += size;
    return kept.next - size;
}

void *smtpx_take0(size_t octets)
{
    /* What the system gives is zeroed: so each page is first touched when it is used. */
    if (octets >= LARGE)
        return list_block(g_malloc0(sizeof(block) + octets));
    return memset(smtpx_take(octets), 0, octets);
}

void smtpx_give_back(void *start, size_t octets)
{
    uint8_t *at = start;
    size_t unaligned = (size_t) - (uintptr_t)at % UNIT;

    if (octets < unaligned + UNIT || EACH_ALONE)
        return;
    at += unaligned;
    octets = (octets - unaligned) / UNIT * UNIT;
    for (size_t one; octets > 0; at += one, octets -= one) {
        one = MIN(octets, MOST_GIVEN);
        put(at, one);
    }
}
