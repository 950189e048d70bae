/* smtpx_large.c
 * Memory for as long as the capture is open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_large.h"

#include <stddef.h>

#include "plugin/smtp/syntax/smtp_apart.h"

enum {
    LARGE = 16 << 10 /* octets */
};

typedef struct piece {
    struct piece *next;
    max_align_t octets[];
} piece;

static piece *pieces; /* of this capture; NULL: none */

/* The file scope ends: called once. */
static smtpx_bool free_all(wmem_allocator_t *scope _U_, wmem_cb_event_t event _U_, void *data _U_)
{
    piece *next;

    for (piece *one = pieces; one; one = next) {
        next = one->next;
        g_free(one);
    }
    pieces = NULL;
    return false;
}

static SMTP_APART void *take_large(size_t octets)
{
    piece *one = g_malloc(sizeof *one + octets);

    if (!pieces)
        wmem_register_callback(wmem_file_scope(), free_all, NULL);
    one->next = pieces;
    pieces = one;
    return one->octets;
}

void *smtpx_take(size_t octets)
{
    return octets < LARGE ? wmem_alloc(wmem_file_scope(), octets) : take_large(octets);
}
