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

#include "plugin/epan/learn/smtpx_track.h"

#include <epan/expert.h>

typedef struct smtpx_view {
    packet_info *pinfo;
    proto_tree *root;   /**< of the packet */
    proto_tree *tree;   /**< smtpx's own; NULL until begun, or when nobody wants one */
    proto_tree *legacy; /**< where the built-in's fields stand; NULL when nobody wants one */
    proto_item *session_item;
    tvbuff_t *tvb;
    const uint8_t *octets; /**< of tvb */
    const smtpx_session *session;
    smtp_side side; /**< who says it: behind a change of roles not the direction's */
    smtpx_layer layer;
    uint64_t position; /**< of the unit that is drawn, or was drawn last */
    bool begun;
    bool info;      /**< somebody looks at the Info column */
    bool described; /**< something was added to it */
} smtpx_view;

void smtpx_view_register(int proto, expert_module_t *expert);
void smtpx_view_handoff(void);
void smtpx_view_command_register(int proto);
void smtpx_view_parameter_register(int proto);
void smtpx_view_reply_register(int proto);
void smtpx_view_capability_register(int proto);
void smtpx_view_session_register(int proto);

/** Draws the unit of a record that begins at an offset of the tvbuff.
 *  @param position  of it in its stream */
void smtpx_view_record(smtpx_view *view, uint32_t offset, uint64_t position, const smtpx_record *record);

/** Draws octets that no unit was made of. */
void smtpx_view_stray(smtpx_view *view, uint32_t offset, uint32_t length);

/** Everything is drawn. */
void smtpx_view_finish(smtpx_view *view);

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

/** Whether this command or reply starts TLS. */
void smtpx_view_starttls(smtpx_view *view, proto_tree *tree, bool starts);

/** A string field over a span of a line that begins at an offset.
 *  @return NULL where nobody looks at it, as the others below */
proto_item *smtpx_view_span(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, smtp_span span);

/** As smtpx_view_span(), shown in upper case. */
proto_item *smtpx_view_span_upper(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, smtp_span span);

/** Digits in a line that begins at an offset, as a number field, if 32 bits hold them. */
void smtpx_view_number(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, const uint8_t *line,
                       smtp_span digits);

/** As smtpx_view_number(), with 64 bits. */
void smtpx_view_number64(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, const uint8_t *line,
                         smtp_span digits);

/** A string field whose octets are not those of the tvbuff. */
proto_item *smtpx_view_octets(smtpx_view *view, proto_tree *tree, int field, uint32_t offset, uint32_t length,
                              const uint8_t *octets, uint32_t octets_length);

/** As smtpx_view_octets(), as a generated item without octets of its own. */
void smtpx_view_name(smtpx_view *view, proto_tree *tree, int field, const smtp_name *name);

/** Calls another dissector, and shows what it throws.
 *  @return false when it threw something */
bool smtpx_view_call(smtpx_view *view, dissector_handle_t handle, tvbuff_t *tvb, proto_tree *tree);

/** smtpx_view_parameter.c: the ESMTP parameters of MAIL or RCPT in a span of a line that begins at an offset.
 *  @return SMTP_REMARK_* */
uint32_t smtpx_view_parameters(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line, smtp_span rest,
                               bool of_rcpt);

/** smtpx_view_capability.c: does anybody look at capabilities? */
bool smtpx_view_capability_is_wanted(proto_tree *tree);

/** smtpx_view_capability.c: an EHLO line's text, which is a span of a line that begins at an offset. */
void smtpx_view_capability(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line, smtp_span text);

/** smtpx_view_session.c */
void smtpx_view_session(smtpx_view *view);
void smtpx_view_session_facts(smtpx_view *view);

/** smtpx_view_session.c: the transaction that a unit belongs to. */
void smtpx_view_transaction(smtpx_view *view, proto_tree *tree, const smtp_transaction *transaction);

/** smtpx_view_session.c: what became of a transaction, on the unit that ends it. */
void smtpx_view_results(smtpx_view *view, uint32_t offset, const smtpx_record *record);

/** smtpx_view_session.c: the server's name for the message, in the first line of the reply that has one. */
void smtpx_view_queue_id(smtpx_view *view, proto_tree *tree, uint32_t offset, uint32_t length);

/** smtpx_view_command.c */
void smtpx_view_command(smtpx_view *view, uint32_t offset, const smtpx_record *record);
void smtpx_view_auth_answer(smtpx_view *view, uint32_t offset, const smtpx_record *record);

/** smtpx_view_reply.c */
void smtpx_view_reply(smtpx_view *view, uint32_t offset, const smtpx_record *record);

#endif /* SMTPX_VIEW_H */
