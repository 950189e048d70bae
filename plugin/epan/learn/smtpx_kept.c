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
    UNIT = 8,               /* octets: the size of a piece is a multiple of it, and so is where it stands */
    LARGE = 16 << 10,       /* octets, from which on a piece has memory of its own */
    CHUNK = 256 << 10,      /* octets; of what is not used yet nothing is taken from the system */
    MOST_GIVEN = 63 * UNIT, /* octets of what is given back that stay together */
    STRETCH = EACH_ALONE ? 1 << 10 : CHUNK, /* octets; so much of a block, or less, has numbers one behind the other */
    NUMBERS = STRETCH / UNIT                /* of a stretch */
};

/* A large piece, or a chunk. */
typedef struct block {
    struct block *next; /* of those without numbers */
    size_t size;        /* octets */
    uint32_t first;     /* the number of its first octets; 0: it has none */
    max_align_t octets[];
} block;

/* What was given back. */
typedef struct given {
    struct given *next;
} given;

static struct {
    block *plain;              /* blocks in which nothing has a number; NULL: none */
    GTree *blocks;             /* the others, by their addresses; NULL: nothing was taken in this capture */
    const block *found;        /* the one that was found last; NULL: none was */
    const uint8_t **stretches; /* by their numbers; the first one is none */
    uint32_t stretch_count;
    uint32_t stretch_room;
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

    for (block *one = kept.plain; one; one = next) {
        next = one->next;
        g_free(one);
    }
    g_tree_destroy(kept.blocks);
    g_free((void *)kept.stretches);
    memset(&kept, 0, sizeof kept);
    return false;
}

/* How far something is behind the start of a block; very far, where it is before it. */
static size_t distance_from(const block *one, const void *place)
{
    return (size_t)((uintptr_t)place - (uintptr_t)one->octets);
}

static gint compare(gconstpointer one, gconstpointer other)
{
    return (uintptr_t)one < (uintptr_t)other ? -1 : (uintptr_t)one > (uintptr_t)other;
}

static gint compare_blocks(gconstpointer one, gconstpointer other, gpointer data _U_)
{
    return compare(one, other);
}

/* On which side of a block something is; 0: it is in it. */
static gint side_of(gconstpointer one, gconstpointer place)
{
    if (distance_from(one, place) < ((const block *)one)->size)
        return 0;
    return compare(place, one);
}

static void add_stretch(const uint8_t *start)
{
    if (kept.stretch_count == kept.stretch_room) {
        kept.stretch_room = MAX(16, kept.stretch_room * 2);
        kept.stretches = g_realloc((void *)kept.stretches, kept.stretch_room * sizeof(void *));
    }
    kept.stretches[kept.stretch_count++] = start;
}

/* @return the number of its first octets; 0: there are no more numbers */
static uint32_t add_stretches(const block *one)
{
    uint32_t first = kept.stretch_count;

    if (one->size / STRETCH >= UINT32_MAX / NUMBERS - first)
        return 0;
    for (size_t at = 0; at < one->size; at += STRETCH)
        add_stretch((const uint8_t *)one->octets + at);
    return first * NUMBERS;
}

/* @param is_numbered  what stands there may need numbers */
static void *keep_block(block *one, size_t octets, bool is_numbered)
{
    if (!kept.blocks) {
        wmem_register_callback(wmem_file_scope(), free_all, NULL);
        kept.blocks = g_tree_new_full(compare_blocks, NULL, g_free, NULL);
        add_stretch(NULL);
    }
    one->size = octets;
    if (is_numbered) {
        one->first = add_stretches(one);
        g_tree_insert(kept.blocks, one, one);
        kept.found = one;
    } else {
        one->next = kept.plain;
        kept.plain = one;
    }
    return one->octets;
}

static void *add_block(size_t octets, bool is_numbered)
{
    return keep_block(g_malloc(sizeof(block) + octets), octets, is_numbered);
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
    kept.next = add_block(CHUNK, true);
    kept.left = CHUNK - octets;
    kept.next += octets;
    return kept.next - octets;
}

void *smtpx_take(size_t octets)
{
    size_t size = (MAX(octets, 1) + UNIT - 1) / UNIT * UNIT;
    uint64_t sizes;

    if (size >= LARGE || EACH_ALONE)
        return add_block(octets, size < LARGE);
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
    if (octets > LARGE - UNIT)
        return keep_block(g_malloc0(sizeof(block) + octets), octets, true);
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

/* ---- Numbers ---- */

static SMTP_APART const block *find_block(const void *place)
{
    kept.found = g_tree_search(kept.blocks, side_of, place);
    DISSECTOR_ASSERT(kept.found);
    return kept.found;
}

uint32_t smtpx_kept_number(const void *place)
{
    const block *one = kept.found;

    if (!place)
        return 0;
    if (!one || distance_from(one, place) >= one->size)
        one = find_block(place);
    return one->first ? one->first + (uint32_t)(distance_from(one, place) / UNIT) : 0;
}

const void *smtpx_kept_by_number(uint32_t number)
{
    return number ? kept.stretches[number / NUMBERS] + (size_t)(number % NUMBERS) * UNIT : NULL;
}
