/* smtp_remarks.h
 * Remarks: what is odd, one kind for each row of smtp_remarks.def.
 *
 * An analyser never rejects: malformed input yields remarks beside the best
 * reading.  A remark is found when its unit is learned, whoever looks; where
 * in the unit it stands is found again when the unit is drawn.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_REMARKS_H
#define SMTP_REMARKS_H

#include "smtp_text.h"

typedef enum smtp_remark {
#define SMTP_REMARK(name, filter, severity, group, text) SMTP_REMARK_##name,
#include "../smtp_remarks.def"
#undef SMTP_REMARK
    SMTP_REMARK_COUNT
} smtp_remark;

/** A set of remarks, a bit for each kind. Zeroed: none. */
typedef struct smtp_remarks {
    uint64_t bits[2];
} smtp_remarks;

_Static_assert(SMTP_REMARK_COUNT <= 128, "a set of remarks has 128 bits");

static inline void smtp_remarks_add(smtp_remarks *remarks, smtp_remark kind)
{
    remarks->bits[kind / 64] |= UINT64_C(1) << kind % 64;
}

static inline void smtp_remarks_remove(smtp_remarks *remarks, smtp_remark kind)
{
    remarks->bits[kind / 64] &= ~(UINT64_C(1) << kind % 64);
}

static inline void smtp_remarks_join(smtp_remarks *remarks, const smtp_remarks *more)
{
    remarks->bits[0] |= more->bits[0];
    remarks->bits[1] |= more->bits[1];
}

static inline bool smtp_remarks_has(const smtp_remarks *remarks, smtp_remark kind)
{
    return remarks->bits[kind / 64] >> kind % 64 & 1;
}

static inline bool smtp_remarks_any(const smtp_remarks *remarks)
{
    return (remarks->bits[0] | remarks->bits[1]) != 0;
}

static inline bool smtp_remarks_equal(const smtp_remarks *one, const smtp_remarks *other)
{
    return one->bits[0] == other->bits[0] && one->bits[1] == other->bits[1];
}

enum {
    SMTP_REMARK_PLACES = 20 /* more kinds than the octets of one unit justify */
};

/** The remarks on one unit, and for each the octets that it is about: those of
 *  the first, where there are several of a kind. */
typedef struct smtp_remark_list {
    smtp_remarks kinds;
    uint32_t base; /**< of the spans that are added, in the unit */
    uint32_t cut;  /**< where a line in hand is cut; what reaches there may be well with what
                        follows it, so it is not remarked on. 0: the line is whole */
    uint32_t count;
    struct {
        smtp_remark kind;
        smtp_span span; /**< in the unit */
    } places[SMTP_REMARK_PLACES];
} smtp_remark_list;

/** Begins a list; the places are left as they are, as nobody reads them yet.
 *  @param kinds  that are known already, though not where they stand */
static inline void smtp_remark_list_begin(smtp_remark_list *list, smtp_remarks kinds)
{
    list->kinds = kinds;
    list->base = list->cut = list->count = 0;
}

static inline void smtp_remark_add(smtp_remark_list *list, smtp_remark kind, smtp_span span)
{
    if (smtp_remarks_has(&list->kinds, kind) || (list->cut > 0 && smtp_span_end(span) >= list->cut))
        return;
    smtp_remarks_add(&list->kinds, kind);
    if (list->count == SMTP_REMARK_PLACES)
        return;
    list->places[list->count].kind = kind;
    list->places[list->count].span = (smtp_span){list->base + span.offset, span.length};
    list->count++;
}

/** The octets that a remark is about; NULL when they are not known. */
static inline const smtp_span *smtp_remark_place(const smtp_remark_list *list, smtp_remark kind)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->places[i].kind == kind)
            return &list->places[i].span;
    }
    return NULL;
}

#endif /* SMTP_REMARKS_H */
