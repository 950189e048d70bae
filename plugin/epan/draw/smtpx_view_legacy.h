/* smtpx_view_legacy.h
 * The built-in dissector's smtp.* fields as hidden items, so that filters,
 * columns, colour rules and programs written for it go on working.
 *
 * They stand as the built-in has them: a layer "smtp", in it lines and replies,
 * below those their parts.  In a tree that is shown the layer stands at the root,
 * where JSON, PDML and who reads them look for it.  Where only filters and
 * columns look, it stands in smtpx's own, so that it is no layer for the protocol
 * hierarchy.
 *
 * An item is made only when something refers to its field, or the tree is shown.
 * The children of one that is not made stand beside where it would be.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_LEGACY_H
#define SMTPX_VIEW_LEGACY_H

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/smtp/smtp_exchange.h"
#include "plugin/smtp/syntax/smtp_command.h"
#include "plugin/smtp/syntax/smtp_reply.h"
#include "plugin/smtp/syntax/smtp_side.h"

/** The preference smtpx.legacy_filters. */
extern smtpx_bool smtpx_legacy_wanted;

void smtpx_legacy_register(void);

/** Looks the built-in's fields up. */
void smtpx_legacy_handoff(void);

/** Does tshark print the layer (-O smtp)? Otherwise it is hidden: users see smtpx's own items. */
bool smtpx_legacy_is_printed(void);

/** Does anybody look at one of the built-in's fields? */
bool smtpx_legacy_is_wanted(proto_tree *tree);

/** The same, where the tree is not shown and no field of smtpx is asked for. */
bool smtpx_legacy_is_sought(void);

/** The layer of one packet.
 *  @param at  at the start of the tvbuff
 *  @return where the built-in's fields stand */
proto_tree *smtpx_legacy_packet(const smtpx_cursor *at, smtp_side side);

/* What follows does nothing where there is no tree. */

/** @param length  octets of the line with its line end
 *  @return below the line */
smtpx_cursor smtpx_legacy_command(const smtpx_cursor *at, uint32_t length, const smtp_command *command);

void smtpx_legacy_auth_answer(const smtpx_cursor *at);

/** A reply: one item for all its lines.
 *  @param length  octets of its first line with its line end
 *  @param code    of that line
 *  @return below it, at the same octets */
smtpx_cursor smtpx_legacy_reply(const smtpx_cursor *at, uint32_t length, uint16_t code);

/** One of its lines that have a code.
 *  @param at    below the reply, at the line
 *  @param code  of its first line */
void smtpx_legacy_reply_line(const smtpx_cursor *at, const smtp_reply_line *line, uint16_t code);

void smtpx_legacy_username(const smtpx_cursor *at, smtp_span span, const char *name);

/** For a user who wants to see secrets. */
void smtpx_legacy_password(const smtpx_cursor *at, smtp_span span, const char *password);

/** The final dot. */
void smtpx_legacy_end_of_data(const smtpx_cursor *at);

/** Octets of a message that is complete in another frame. */
void smtpx_legacy_message_part(const smtpx_cursor *at, uint32_t complete_in);

/** A message that is complete in this frame.
 *  @param at  its octets */
void smtpx_legacy_message(const smtpx_cursor *at, const smtp_transaction *transaction, uint32_t frame);

#endif /* SMTPX_VIEW_LEGACY_H */
