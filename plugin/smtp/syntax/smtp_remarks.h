/* smtp_remarks.h
 * Remarks: what is odd, one kind for each row of smtp_remarks.def.
 *
 * An analyser never rejects: malformed input yields remarks beside the best
 * reading.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_REMARKS_H
#define SMTP_REMARKS_H

#include <stdbool.h>
#include <stdint.h>

enum smtp_remark_index {
#define SMTP_REMARK(name, filter, severity, group, text) SMTP_REMARK_INDEX_##name,
#include "../smtp_remarks.def"
#undef SMTP_REMARK
    SMTP_REMARK_COUNT
};

enum smtp_remark {
#define SMTP_REMARK(name, filter, severity, group, text) SMTP_REMARK_##name = 1 << SMTP_REMARK_INDEX_##name,
#include "../smtp_remarks.def"
#undef SMTP_REMARK
};

/** A set of remarks, a bit for each kind. Zeroed: none. */
typedef struct smtp_remarks {
    uint64_t bits[2];
} smtp_remarks;

_Static_assert(SMTP_REMARK_COUNT <= 31, "remarks are bits of a uint32_t");

static inline bool smtp_remarks_any(const smtp_remarks *remarks)
{
    return (remarks->bits[0] | remarks->bits[1]) != 0;
}

static inline bool smtp_remarks_equal(const smtp_remarks *one, const smtp_remarks *other)
{
    return one->bits[0] == other->bits[0] && one->bits[1] == other->bits[1];
}

#endif /* SMTP_REMARKS_H */
