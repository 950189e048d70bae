/* pieces.c
 * To be preloaded: what is in memory as long as a capture is open, by who took it.  For the benchmark only.
 *
 * The plugin must export its functions (scripts/bench --pieces builds it so), as its own memory is counted here, too.
 * At the end each line of stdout is: "piece", how many pieces, octets of them, and the callers, the last one first:
 * each an object, an offset in it, and what it exports there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <execinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    CALLERS = 5,
    PLACES = 1 << 14, /* of callers; more than a run has */
    LIVE = 1 << 23    /* pieces at once; more than a run has */
};

/* Who takes memory, and how much of it he has. */
typedef struct place {
    void *callers[CALLERS];
    char *named; /* the callers; plugins are gone when the run ends */
    long pieces;
    long octets;
} place;

typedef struct live {
    void *piece; /* NULL: none */
    size_t octets;
    place *of;
} live;

static place places[PLACES];
static live *lives;
static int inside; /* wmem's functions use each other */

void *wmem_alloc(void *allocator, size_t octets);
void *wmem_alloc0(void *allocator, size_t octets);
void *wmem_realloc(void *allocator, void *piece, size_t octets);
void wmem_free(void *allocator, void *piece);
void *smtpx_take(size_t octets);
void *smtpx_take0(size_t octets);
void smtpx_give_back(void *start, size_t octets);
uint32_t smtpx_kept_number(const void *place);
const void *smtpx_kept_by_number(uint32_t number);

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static int is_kept(const void *allocator)
{
    static void *(*scope)(void);

    if (!allocator)
        return 0;
    if (!scope)
        *(void **)&scope = real("wmem_file_scope");
    return allocator == scope();
}

/* An object with an offset in it, and what it exports there. */
static void name_caller(FILE *to, void *caller)
{
    Dl_info found = {NULL, NULL, NULL, NULL};

    dladdr(caller, &found);
    fprintf(to, " %s+%zx+%s", found.dli_fname ? found.dli_fname : "?",
            (size_t)((char *)caller - (char *)found.dli_fbase), found.dli_sname ? found.dli_sname : "?");
}

static void begin(place *one, void *const *callers)
{
    size_t octets;
    FILE *to = open_memstream(&one->named, &octets);

    memcpy((void *)one->callers, (const void *)callers, sizeof one->callers);
    for (int i = 0; i < CALLERS && callers[i]; i++)
        name_caller(to, callers[i]);
    fclose(to);
}

static place *place_of(void *const *callers)
{
    uintptr_t hash = 0;

    for (int i = 0; i < CALLERS; i++)
        hash = hash * 31 + (uintptr_t)callers[i];
    for (;; hash++) {
        place *one = &places[hash % PLACES];
        if (!one->named)
            begin(one, callers);
        if (memcmp((const void *)one->callers, (const void *)callers, sizeof one->callers) == 0)
            return one;
    }
}

static live *find(const void *piece)
{
    if (!lives)
        lives = calloc(LIVE, sizeof *lives);
    for (uintptr_t at = (uintptr_t)piece / 8;; at++) {
        live *one = &lives[at % LIVE];
        if (!one->piece || one->piece == piece)
            return one;
    }
}

static void count(place *of, void *piece, size_t octets)
{
    live *one = find(piece);

    *one = (live){piece, octets, of};
    of->pieces++;
    of->octets += (long)octets;
}

/* The callers of what calls this. */
static __attribute__((noinline)) place *place_here(void)
{
    void *callers[CALLERS + 3] = {NULL};

    backtrace(callers, CALLERS + 3);
    return place_of(callers + 3);
}

static __attribute__((noinline)) void *counted(void *piece, size_t octets)
{
    count(place_here(), piece, octets);
    return piece;
}

/* Its place in the table stays, without octets. */
static void discount(const void *piece)
{
    live *one = piece ? find(piece) : NULL;

    if (!one || !one->piece || !one->of)
        return;
    one->of->pieces--;
    one->of->octets -= (long)one->octets;
    one->of = NULL;
}

void *wmem_alloc(void *allocator, size_t octets)
{
    static void *(*next)(void *, size_t);
    void *piece;

    if (!next)
        *(void **)&next = real("wmem_alloc");
    piece = next(allocator, octets);
    return !inside && is_kept(allocator) ? counted(piece, octets) : piece;
}

void *wmem_alloc0(void *allocator, size_t octets)
{
    static void *(*next)(void *, size_t);
    void *piece;

    if (!next)
        *(void **)&next = real("wmem_alloc0");
    inside++;
    piece = next(allocator, octets);
    inside--;
    return !inside && is_kept(allocator) ? counted(piece, octets) : piece;
}

void *wmem_realloc(void *allocator, void *piece, size_t octets)
{
    static void *(*next)(void *, void *, size_t);
    void *grown;

    if (!next)
        *(void **)&next = real("wmem_realloc");
    if (is_kept(allocator))
        discount(piece);
    inside++;
    grown = next(allocator, piece, octets);
    inside--;
    return !inside && is_kept(allocator) ? counted(grown, octets) : grown;
}

void wmem_free(void *allocator, void *piece)
{
    static void (*next)(void *, void *);

    if (!next)
        *(void **)&next = real("wmem_free");
    if (is_kept(allocator))
        discount(piece);
    next(allocator, piece);
}

/* smtpx's own memory, until the run ends: one piece behind the other, so that each has a number. */
enum {
    UNIT = 8
};
static uint8_t *own;
static size_t own_used;

void *smtpx_take0(size_t octets)
{
    const size_t all = (size_t)1 << 34, size = (octets + UNIT - 1) / UNIT * UNIT;

    if (!own) {
        own = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        own_used = UNIT;
    }
    own_used += size;
    if (own == MAP_FAILED || own_used > all)
        abort();
    return counted(own + own_used - size, octets);
}

void *smtpx_take(size_t octets)
{
    return smtpx_take0(octets);
}

uint32_t smtpx_kept_number(const void *place)
{
    return place ? (uint32_t)((size_t)((const uint8_t *)place - own) / UNIT) : 0;
}

const void *smtpx_kept_by_number(uint32_t number)
{
    return number ? own + (size_t)number * UNIT : NULL;
}

/* What is given back of it is told by itself, with fewer octets than none. */
void smtpx_give_back(void *start, size_t octets)
{
    place *of = start ? place_here() : NULL;

    if (of)
        of->octets -= (long)octets;
}

__attribute__((destructor)) static void tell(void)
{
    for (const place *one = places; one < places + PLACES; one++) {
        if (one->octets != 0)
            printf("piece %ld %ld%s\n", one->pieces, one->octets, one->named);
    }
}
