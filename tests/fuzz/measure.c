/* measure.c
 * What both fuzz targets measure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t fuzz_work;

/* Names that the linker's --wrap makes. */
void __wrap___sanitizer_cov_trace_pc(void);
void *__wrap_memchr(const void *octets, int octet, size_t length);
void *__real_memchr(const void *octets, int octet, size_t length);
void *__wrap_memcpy(void *to, const void *from, size_t length);
void *__real_memcpy(void *to, const void *from, size_t length);
void *__wrap_memmove(void *to, const void *from, size_t length);
void *__real_memmove(void *to, const void *from, size_t length);

void __wrap___sanitizer_cov_trace_pc(void)
{
    fuzz_work++;
}

void *__wrap_memchr(const void *octets, int octet, size_t length)
{
    void *found = __real_memchr(octets, octet, length);

    fuzz_work += found ? (size_t)((const uint8_t *)found - (const uint8_t *)octets) + 1 : length;
    return found;
}

void *__wrap_memcpy(void *to, const void *from, size_t length)
{
    fuzz_work += length;
    return __real_memcpy(to, from, length);
}

void *__wrap_memmove(void *to, const void *from, size_t length)
{
    fuzz_work += length;
    return __real_memmove(to, from, length);
}

enum {
    FIGURES = 8
};

static fuzz_most *figures[FIGURES];

static void tell_figures(void)
{
    for (int i = 0; i < FIGURES && figures[i]; i++)
        fprintf(stderr, "measured: %s: %.1f\n", figures[i]->name, figures[i]->most);
}

void fuzz_note_most(fuzz_most *figure, uint64_t value, uint64_t octets)
{
    double rate = octets ? (double)value / (double)octets : 0;
    int i = 0;

    if (rate <= figure->most)
        return;
    figure->most = rate;
    if (!figures[0])
        atexit(tell_figures);
    while (figures[i] && figures[i] != figure)
        i++;
    figures[i] = figure;
}

void fuzz_fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fprintf(stderr, "fuzz: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    abort();
}
