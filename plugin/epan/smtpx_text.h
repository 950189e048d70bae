/* smtpx_text.h
 * Octets of a session as strings of Wireshark.
 *
 * What is said is UTF-8 (RFC 6531) and nearly always ASCII.  ASCII needs no
 * decoding: an item made from it costs half of what proto_tree_add_item() does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_TEXT_H
#define SMTPX_TEXT_H

#include "plugin/epan/smtpx_compat.h"

/** Octets as a string.  What is not UTF-8 becomes U+FFFD.
 *  @param pool  where its memory comes from */
char *smtpx_text(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length);

/** A string field over octets of a tvbuff.
 *  @param length  in octets, all of them captured */
proto_item *smtpx_text_add(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length);

#endif /* SMTPX_TEXT_H */
