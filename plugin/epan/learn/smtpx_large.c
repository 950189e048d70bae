/* smtpx_large.c
 * Memory for large blocks, which ends with the capture as wmem's file scope does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_large.h"

#include <stddef.h>

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

void *smtpx_large_take(size_t octets)
{
    piece *one = g_malloc0(sizeof *one + octets);

    DISSECTOR_ASSERT(octets >= SMTPX_LARGE);
    if (!pieces)
        wmem_register_callback(wmem_file_scope(), free_all, NULL);
    one->next = pieces;
    pieces = one;
    return one->octets;
}
