/* steady.c
 * To be preloaded: Wireshark's hash tables are seeded with glib's random numbers,
 * and a run differs from the next by a million or two of instructions.  With the
 * same numbers in each run they differ by less than a hundred thousand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdint.h>

uint32_t g_random_int(void);

/* Numerical Recipes' generator. */
uint32_t g_random_int(void)
{
    static uint32_t state = 1;

    state = state * 1664525U + 1013904223U;
    return state;
}
