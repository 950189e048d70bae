/* smtpx_remark_sets.c
 * The sets of remarks of the capture that is open, each kept once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/learn/smtpx_remark_sets.h"

enum {
    MOST_SETS = 1 << SMTPX_REMARK_SET_BITS
};

static const smtp_remarks **sets; /* by index - 1; the empty set is not among them */
static uint32_t sets_used;
static uint32_t sets_room;
static wmem_map_t *indices; /* smtp_remarks to index */

static unsigned hash_set(const void *key)
{
    const smtp_remarks *remarks = key;
    uint64_t bits = remarks->bits[0] ^ remarks->bits[1] * UINT64_C(0x9E3779B97F4A7C15);

    return (unsigned)(bits ^ bits >> 32);
}

static gboolean equal_sets(const void *one, const void *other)
{
    return smtp_remarks_equal(one, other);
}

/* All of it is in file scope. */
static void forget_capture(void)
{
    sets = NULL;
    indices = NULL;
    sets_used = sets_room = 0;
}

void smtpx_remark_sets_register(void)
{
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
}

static uint32_t keep(const smtp_remarks *remarks)
{
    smtp_remarks *kept = wmem_memdup(wmem_file_scope(), remarks, sizeof *remarks);

    if (sets_used == sets_room) {
        sets_room = sets_room ? sets_room * 2 : 16;
        sets = wmem_realloc(wmem_file_scope(), (void *)sets, sets_room * sizeof(void *));
    }
    sets[sets_used++] = kept;
    wmem_map_insert(indices, kept, GUINT_TO_POINTER(sets_used));
    return sets_used;
}

uint32_t smtpx_remark_sets_add(const smtp_remarks *remarks)
{
    uint32_t found;

    DISSECTOR_ASSERT(smtp_remarks_any(remarks));
    if (!indices)
        indices = wmem_map_new(wmem_file_scope(), hash_set, equal_sets);
    found = GPOINTER_TO_UINT(wmem_map_lookup(indices, remarks));
    if (found > 0)
        return found;
    /* No capture has so many sets; one that had would not be told all of them. */
    return sets_used < MOST_SETS - 1 ? keep(remarks) : 0;
}

const smtp_remarks *smtpx_remark_set(uint32_t index)
{
    static const smtp_remarks none;

    DISSECTOR_ASSERT(index <= sets_used);
    return index ? sets[index - 1] : &none;
}
