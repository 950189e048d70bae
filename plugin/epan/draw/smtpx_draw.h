/* smtpx_draw.h
 * Records to columns, tree and expert items.
 *
 * A view is one call of the dissector.  It is begun with the first unit that
 * is drawn, so that a segment which only waits for more leaves the packet as
 * TCP shows it.  Every pass draws, in any order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_DRAW_H
#define SMTPX_DRAW_H

#include "plugin/epan/draw/smtpx_view.h"
#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/learn/smtpx_endings.h"

void smtpx_draw_register(int proto);
void smtpx_draw_handoff(int proto);

/** Does anybody look at columns, or at a field of smtpx or of the built-in dissector? */
bool smtpx_draw_is_watched(const packet_info *pinfo, proto_tree *root);

/** Is a record to be drawn for taps and other dissectors, which do not look? */
static inline bool smtpx_draw_is_for_others(const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);

    return record->role == SMTP_ROLE_PROXY || (exchange && smtpx_view_auth_is_wanted(exchange));
}

/** Is there something to draw of a record although nobody looks: for others, or for the expert
 *  severity of the capture?  Only of one that is rare (smtpx_records.h). */
static inline bool smtpx_draw_tells(const smtpx_record *record)
{
    return record->remarks || record->refuses || record->ends_message || smtpx_record_is_before_tls(record) ||
           smtpx_draw_is_for_others(record);
}

/** Tells Wireshark that octets are smtpx's, and no more. Only where nobody looks. */
void smtpx_draw_layer(tvbuff_t *tvb, proto_tree *tree);

/** Draws the unit of a record that begins at an offset of the tvbuff.
 *  @param position  of it in its stream */
void smtpx_draw_record(smtpx_view *view, uint32_t offset, uint64_t position, const smtpx_record *record);

/** Draws what smtpx knows of TLS records that begin at an offset of the tvbuff; TLS draws the rest.
 *  @param record  NULL where they only go on
 *  @param length  octets of them in hand */
void smtpx_draw_tls(smtpx_view *view, uint32_t offset, uint64_t position, const smtpx_record *record, uint32_t length);

/** Draws octets that no unit was made of, or that begin none.
 *  @param step  AGAIN, NOTHING or PARTIAL */
void smtpx_draw_stray(smtpx_view *view, uint32_t offset, const smtpx_step *step);

/** Draws octets for which more was wanted, and that none of their line followed. Only a pass
 *  behind the first knows.
 *  @param ending  they */
void smtpx_draw_ending(smtpx_view *view, uint32_t offset, const smtpx_ending *ending);

/** Was that done for this packet? */
bool smtpx_draw_has_ending(const smtpx_view *view);

/** The ordinal of the first transaction that was drawn of a packet which somebody looks at; 0: there is none. */
uint32_t smtpx_draw_first_transaction(packet_info *pinfo);

/** Everything is drawn. */
void smtpx_draw_finish(smtpx_view *view);

#endif /* SMTPX_DRAW_H */
