/* main.c
 * Runs the unit tests of plugin/smtp/ and says how many checks were made.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define _DEFAULT_SOURCE

#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "plugin/smtp/session/smtp_session.h"
#include "plugin/smtp/smtp_offer_read.h"

int checks_made;
int checks_failed;

void check(bool holds, const char *file, int line, const char *what)
{
    checks_made++;
    if (!holds) {
        checks_failed++;
        printf("%s:%d: %s\n", file, line, what);
    }
}

void check_text(const uint8_t *octets, uint32_t offset, uint32_t length, const char *text, const char *file, int line)
{
    checks_made++;
    if (length != strlen(text) || memcmp(octets + offset, text, length) != 0) {
        checks_failed++;
        printf("%s:%d: \"%.*s\" is not \"%s\"\n", file, line, (int)length, (const char *)octets + offset, text);
    }
}

/* Each size of input has its own pages, made once. */
const uint8_t *guarded(const void *octets, size_t length)
{
    static uint8_t *pages;
    static size_t room;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t wanted = (length + page) / page * page;
    uint8_t *copy;

    if (wanted > room) {
        if (pages)
            munmap(pages, room + page);
        pages = mmap(NULL, wanted + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED || mprotect(pages + wanted, page, PROT_NONE) != 0)
            abort();
        room = wanted;
    }
    copy = pages + room - length;
    memmove(copy, octets, length);
    return copy;
}

const uint8_t *guarded_text(const char *text)
{
    return guarded(text, strlen(text));
}

static void *blocks[100000];
static size_t taken;
static smtp_offers offers;
static smtp_names names;
static struct smtp_session *spares;
static const struct smtp_session *model;

static void *take(void *owner, size_t octets)
{
    (void)owner;
    if (taken == sizeof blocks / sizeof *blocks)
        abort();
    return blocks[taken++] = calloc(1, octets);
}

smtp_memory test_memory(void)
{
    return (smtp_memory){.take = take, .offers = &offers, .names = &names, .spares = &spares, .model = &model};
}

void forget_memory(void)
{
    memset(&offers, 0, sizeof offers);
    memset(&names, 0, sizeof names);
    spares = NULL;
    model = NULL;
    while (taken > 0)
        free(blocks[--taken]);
}

int main(void)
{
    test_header();
    test_line();
    test_odd();
    test_mime();
    test_command();
    test_path();
    test_parameter();
    test_proxy();
    test_reply();
    test_body();
    test_octets_of_messages();
    test_lookalike();
    test_alike();
    test_offer();
    test_numbered();
    test_auth();
    test_secret();
    test_sniff();
    test_tls();
    test_session();
    printf("%d checks, %d failed\n", checks_made, checks_failed);
    return checks_failed != 0;
}
