/* smtpx_remark_sets.h
 * The sets of remarks of the capture that is open, each kept once.
 *
 * A record names its set by an index, as the sets are few and the records
 * many.  Index 0 is the empty set.  A set that was kept never changes or
 * moves.  Only smtpx_records_append() adds sets, so only the first pass does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_REMARK_SETS_H
#define SMTPX_REMARK_SETS_H

#include <stdint.h>

#include "plugin/smtp/syntax/smtp_remarks.h"

/** Bits of an index. */
#define SMTPX_REMARK_SET_BITS 22

void smtpx_remark_sets_register(void);

/** The index of a set that is not empty; it is kept if it is new. */
uint32_t smtpx_remark_sets_add(const smtp_remarks *remarks);

/** The same of any set; 0: it is empty. */
static inline uint32_t smtpx_remark_sets_index(const smtp_remarks *remarks)
{
    return smtp_remarks_any(remarks) ? smtpx_remark_sets_add(remarks) : 0;
}

/** The set of an index; never NULL. */
const smtp_remarks *smtpx_remark_set(uint32_t index);

#endif /* SMTPX_REMARK_SETS_H */
