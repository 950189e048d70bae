/* smtpx_view_legacy.h
 * The built-in dissector's smtp.* fields as hidden items, so that filters,
 * columns and colour rules written for it go on working.
 *
 * An item is added only when something refers to its field, or the tree is
 * displayed: tshark -T fields looks for its fields in a displayed tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_LEGACY_H
#define SMTPX_VIEW_LEGACY_H

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/smtp/syntax/smtp_command.h"
#include "plugin/smtp/syntax/smtp_reply.h"
#include "plugin/smtp/syntax/smtp_side.h"

/** The preference smtpx.legacy_filters. */
extern smtpx_bool smtpx_legacy_wanted;

/** Looks the built-in's fields up. */
void smtpx_legacy_handoff(void);

/** Does anybody look at one of the built-in's fields? */
bool smtpx_legacy_is_wanted(proto_tree *tree);

/** The protocol, and on which side it is. */
void smtpx_legacy_packet(const smtpx_cursor *at, smtp_side side);

/** @param length  octets of the line with its line end */
void smtpx_legacy_command(const smtpx_cursor *at, uint32_t length, const smtp_command *command);

/** One line of a reply. */
void smtpx_legacy_reply_line(const smtpx_cursor *at, const smtp_reply_line *line);

void smtpx_legacy_username(const smtpx_cursor *at, smtp_span span, const char *name);

/** For a user who wants to see secrets. */
void smtpx_legacy_password(const smtpx_cursor *at, smtp_span span, const char *password);

/** The final dot. */
void smtpx_legacy_end_of_data(const smtpx_cursor *at);

/** A message of so many octets, reassembled in a frame. */
void smtpx_legacy_message(const smtpx_cursor *at, uint32_t octets, uint32_t frame);

#endif /* SMTPX_VIEW_LEGACY_H */
