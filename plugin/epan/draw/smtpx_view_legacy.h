/* smtpx_legacy.h
 * The built-in dissector's smtp.* fields as hidden items, so that filters,
 * columns and colour rules written for it go on working.
 *
 * An item is added only when something refers to its field, or the tree is
 * displayed: tshark -T fields looks for its fields in a displayed tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_LEGACY_H
#define SMTPX_LEGACY_H

#include "plugin/epan/smtpx_compat.h"
#include "plugin/smtp/syntax/smtp_command.h"
#include "plugin/smtp/syntax/smtp_reply.h"
#include "plugin/smtp/session/smtp_session.h"

/** The preference smtpx.legacy_filters. */
extern smtpx_bool smtpx_legacy_wanted;

/** Looks the built-in's fields up. */
void smtpx_legacy_handoff(void);

/** Does anybody look at one of the built-in's fields? */
bool smtpx_legacy_is_wanted(proto_tree *tree);

/** The protocol, and on which side it is. */
void smtpx_legacy_packet(proto_tree *tree, tvbuff_t *tvb, smtp_side side);

/** @param offset, length  the line with its line end */
void smtpx_legacy_command(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                          const smtp_command *command);

/** One line of a reply; its octets begin at an offset. */
void smtpx_legacy_reply_line(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, const smtp_reply_line *line);

void smtpx_legacy_username(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, uint32_t length, const char *name);

/** For a user who wants to see secrets. */
void smtpx_legacy_password(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, uint32_t length, const char *password);

/** The final dot. */
void smtpx_legacy_end_of_data(proto_tree *tree, tvbuff_t *tvb, uint32_t offset);

/** A message of so many octets, reassembled in a frame. */
void smtpx_legacy_message(proto_tree *tree, tvbuff_t *tvb, uint32_t octets, uint32_t frame);

#endif /* SMTPX_LEGACY_H */
