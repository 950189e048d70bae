/* smtpx_item.h
 * Items of the tree, made where somebody looks.
 *
 * epan makes no item of a field that no filter, column or tap asked for, but it
 * asks late: when the arguments are made, after 140 to 230 instructions.  And
 * from Wireshark 4.4 on it makes a hidden one below every item that was asked
 * for.  So a field is asked for first, and an item that was not made is NULL.
 *
 * What is said is UTF-8 (RFC 6531) and nearly always ASCII.  ASCII needs no
 * decoding: an item made from it costs half of what proto_tree_add_item() does.
 *
 * Offsets and lengths are octets of the tvbuff, all of them captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_ITEM_H
#define SMTPX_ITEM_H

#include "plugin/epan/smtpx_compat.h"

/** Does anybody look at a field?  A NULL tree is looked at by nobody. */
static inline bool smtpx_item_is_wanted(proto_tree *tree, int field)
{
    return proto_field_is_referenced(tree, field);
}

/** Does anybody look at one of these fields? */
bool smtpx_item_any_is_wanted(proto_tree *tree, const hf_register_info *fields, size_t count);

/** Will the tree be shown?  Otherwise nobody reads labels. */
static inline bool smtpx_item_is_shown(const proto_tree *tree)
{
    return tree && PTREE_DATA(tree)->visible;
}

/** The tree below an item; where that was not made, the one that it would be in. */
static inline proto_tree *smtpx_item_subtree(proto_tree *tree, proto_item *item, int ett)
{
    return item ? proto_item_add_subtree(item, ett) : tree;
}

/** Octets as a string.  What is not UTF-8 becomes U+FFFD.
 *  @param pool  where its memory comes from */
char *smtpx_text(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length);

/** A string field over octets that it shows. */
proto_item *smtpx_item_text(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length);

/* A field over octets, with a value. */
proto_item *smtpx_item_string(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                              const char *value);
proto_item *smtpx_item_uint(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                            uint32_t value);
proto_item *smtpx_item_uint64(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                              uint64_t value);
proto_item *smtpx_item_int(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length, int32_t value);
proto_item *smtpx_item_boolean(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                               bool value);
proto_item *smtpx_item_time(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                            const nstime_t *value);

/** A field over octets: FT_NONE, or FT_BYTES that shows them. */
proto_item *smtpx_item_octets(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length);

/* A generated item: what no octet says. */
proto_item *smtpx_generated_string(proto_tree *tree, int field, tvbuff_t *tvb, const char *value);
proto_item *smtpx_generated_uint(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t value);
proto_item *smtpx_generated_uint64(proto_tree *tree, int field, tvbuff_t *tvb, uint64_t value);
proto_item *smtpx_generated_boolean(proto_tree *tree, int field, tvbuff_t *tvb, bool value);
/** @param nanoseconds  a time between two frames, negative where the clock went back */
proto_item *smtpx_generated_time(proto_tree *tree, int field, tvbuff_t *tvb, int64_t nanoseconds);

#endif /* SMTPX_ITEM_H */
