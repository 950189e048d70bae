/* script.h
 * What a fuzz input says: octets of two sides, in what order and pieces they
 * come, and what befalls them.
 *
 * Steps, one behind the other: an octet with side (bit 0) and kind (the next
 * bits), a length of two octets, low one first, and for OCTETS, LAST and
 * REPEATED the octets (of REPEATED, the first says how often).  seeds.py
 * writes them.  Steps of one side in a row are a run, which may be cut
 * anywhere else and means the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCRIPT_OCTETS = 1 << 15, /* of each side, at most */
    SCRIPT_RUNS = 4096
};

typedef enum step_kind {
    OCTETS,
    LAST,     /* octets behind which none are waited for */
    REPEATED, /* the octets, several times */
    GAP,      /* octets are lost */
    AGAIN,    /* what is waited for comes again, cut short by the capture */
    INSIDE_TLS,
    KINDS
} step_kind;

/* How many octets of options stand before the steps; each target has its own. */
extern const size_t script_options;

/* A run of octets of one side, or something else that happens. */
typedef struct run {
    step_kind kind;
    int side; /* 0: client */
    uint32_t length;
} run;

typedef struct script {
    run runs[SCRIPT_RUNS];
    uint32_t used;
    uint8_t octets[2][SCRIPT_OCTETS + 8] __attribute__((aligned(8))); /* by side; poisoned where not yet come */
    bool cuts[2][SCRIPT_OCTETS + 1];                                  /* where a step ends */
    uint32_t total[2];
    uint32_t seed;
} script;

/* How runs are cut. */
typedef enum cutting {
    AS_GIVEN,
    WHOLE,
    ANYWHERE,
    EACH_OCTET,
    CUTTINGS
} cutting;

void script_read(script *s, const uint8_t *steps, size_t length);

/** Where the piece ends that begins at an octet of a side. @param chance  random, changes */
uint32_t script_cut(const script *s, cutting how, uint32_t *chance, int side, uint32_t at, uint32_t stop);

/** Are there not too many octets for this way to cut? */
bool script_may_cut(const script *s, cutting how);

/** The next of a series of random numbers; *chance must not be 0. */
uint32_t script_random(uint32_t *chance);

#endif /* FUZZ_SCRIPT_H */
