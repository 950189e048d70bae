/* smtpx_view.h
 * Records to columns, tree and expert items.
 *
 * A view is one call of the dissector.  It is begun with the first unit that
 * is drawn, so that a segment which only waits for more leaves the packet as
 * TCP shows it.  Nothing here changes what a session knows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_H
#define SMTPX_VIEW_H

#include "plugin/epan/smtpx_track.h"

#include <epan/expert.h>

typedef struct smtpx_view {
    packet_info *pinfo;
    proto_tree *root; /**< of the packet */
    proto_tree *tree; /**< smtpx's own; NULL until begun, or when nobody wants one */
    tvbuff_t *tvb;
    const uint8_t *octets; /**< of tvb */
    const smtpx_session *session;
    smtp_side side;
    smtpx_layer layer;
    bool begun;
    bool info; /**< somebody looks at the Info column */
} smtpx_view;

void smtpx_view_register(int proto, expert_module_t *expert);
void smtpx_view_command_register(int proto);
void smtpx_view_reply_register(int proto);

/** Draws the unit of a record that begins at an offset of the tvbuff. */
void smtpx_view_record(smtpx_view *view, uint32_t offset, const smtpx_record *record);

/** Draws octets that no unit was made of. */
void smtpx_view_stray(smtpx_view *view, uint32_t offset, uint32_t length);

/* ---- For the files that draw one kind of unit ---- */

/** Adds to the Info column, "C: " or "S: " before the first of a view. */
void smtpx_view_info(smtpx_view *view, const char *text);

/** As smtpx_view_info(), with octets of the tvbuff. */
void smtpx_view_info_octets(smtpx_view *view, uint32_t offset, uint32_t length);

/** Has IMF put its name into the Protocol column of this frame? */
bool smtpx_view_imf_is_named(const smtpx_view *view);

/** An expert item for each note. */
void smtpx_view_notes(smtpx_view *view, proto_item *item, uint32_t notes);

/** The command that the reply answers, or the reply to the command, and the time between them. */
void smtpx_view_pair(smtpx_view *view, proto_tree *tree, const smtp_exchange *exchange, bool is_reply);

/** The transaction that a unit belongs to. */
void smtpx_view_transaction(smtpx_view *view, proto_tree *tree, const smtp_transaction *transaction);

/** Whether this command or reply starts TLS. */
void smtpx_view_starttls(smtpx_view *view, proto_tree *tree, bool starts);

/** A string field over a span of a line that begins at an offset. */
proto_item *smtpx_view_span(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, smtp_span span);

/** As smtpx_view_span(), shown in upper case. */
proto_item *smtpx_view_span_upper(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, smtp_span span);

/** smtpx_view_command.c */
void smtpx_view_command(smtpx_view *view, uint32_t offset, const smtpx_record *record);
void smtpx_view_auth_answer(smtpx_view *view, uint32_t offset, const smtpx_record *record);

/** smtpx_view_reply.c */
void smtpx_view_reply(smtpx_view *view, uint32_t offset, const smtpx_record *record);

#endif /* SMTPX_VIEW_H */
