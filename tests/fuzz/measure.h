/* measure.h
 * What both fuzz targets measure: work done by the code under test.
 *
 * The linker's --wrap sends each edge that the code under test takes, and
 * each octet that it lets libc look at or copy, through here; so work is a
 * count that repeats, not a time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef FUZZ_MEASURE_H
#define FUZZ_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Edges taken, and octets looked at or copied by libc, since the start. */
extern uint64_t fuzz_work;

/** The largest of a figure over all inputs, told when the fuzzer ends. */
typedef struct fuzz_most {
    const char *name;
    double most;
} fuzz_most;

void fuzz_note_most(fuzz_most *figure, uint64_t value, uint64_t octets);

/** Says what is wrong and gives up, which is a crash to libFuzzer. */
#define FUZZ_FAIL(...) fuzz_fail(__VA_ARGS__)
__attribute__((noreturn, format(printf, 1, 2))) void fuzz_fail(const char *format, ...);

#endif /* FUZZ_MEASURE_H */
