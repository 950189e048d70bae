/* smtpx_view_remarks.h
 * What expert information lists, whoever looks: remarks (smtpx.anomaly.*), and refusals.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_REMARKS_H
#define SMTPX_VIEW_REMARKS_H

#include <epan/expert.h>

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_remarks_register(int proto, expert_module_t *expert);

/** What it is called, as in smtpx.anomaly. */
const char *smtpx_remark_name(smtp_remark kind);

/** PI_ERROR, PI_WARN, PI_NOTE. */
int smtpx_remark_severity(smtp_remark kind);

/** As smtpx_view_remarks(), of a record that has some. */
void smtpx_view_some_remarks(smtpx_view *view, const smtpx_cursor *at, proto_item *item, const smtpx_record *record,
                             const smtp_remark_list *places);

/** Has a record remarks to be drawn? */
static inline bool smtpx_view_has_remarks(const smtpx_record *record)
{
    return record->remarks || smtpx_record_is_before_tls(record);
}

/** The remarks of a record: all that were found when it was learned, and that TLS has come
 *  behind it. Most have none.
 *  @param at      the unit
 *  @param item    of the unit; NULL where it has none
 *  @param places  where they stand; NULL: that was not looked for */
static inline void smtpx_view_remarks(smtpx_view *view, const smtpx_cursor *at, proto_item *item,
                                      const smtpx_record *record, const smtp_remark_list *places)
{
    if (smtpx_view_has_remarks(record))
        smtpx_view_some_remarks(view, at, item, record, places);
}

/** As smtpx_view_refusal(), of a reply that refuses. */
void smtpx_view_some_refusal(smtpx_view *view, const smtpx_cursor *at, proto_item *item, const smtpx_record *record);

/** A reply that refuses something is no anomaly, but worth a look.
 *  @param item  of the reply; NULL where it has none */
static inline void smtpx_view_refusal(smtpx_view *view, const smtpx_cursor *at, proto_item *item,
                                      const smtpx_record *record)
{
    if (record->refuses)
        smtpx_view_some_refusal(view, at, item, record);
}

#endif /* SMTPX_VIEW_REMARKS_H */
