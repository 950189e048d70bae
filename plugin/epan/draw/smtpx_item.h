/* smtpx_item.h
 * Items of the tree, made where somebody looks.
 *
 * epan makes no item of a field that no filter, column or tap asked for, but it
 * asks late: when the arguments are made, after 140 to 230 instructions.  And
 * from Wireshark 4.4 on it makes a hidden one below every item that was asked
 * for.  So a field is asked for first, and an item that was not made is NULL.
 *
 * What is said is nearly always ASCII, which needs no decoding (smtpx_text.h): an
 * item made from it costs half of what proto_tree_add_item() does.
 *
 * What another row says already is a hidden item: filters, columns and programs
 * find it.  A hidden item costs what a shown one does, so there is none where
 * nobody could find it: in what tshark prints as text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_ITEM_H
#define SMTPX_ITEM_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/learn/smtpx_text.h"
#include "plugin/smtp/smtp_exchange.h"
#include "plugin/smtp/syntax/smtp_note.h"

/** Where items are made: in a tree, of octets from an offset on.  Spans count
 *  from there: they are those of a line, or of a unit. */
typedef struct smtpx_cursor {
    proto_tree *tree; /**< NULL: nobody looks */
    tvbuff_t *tvb;
    const uint8_t *octets; /**< those at the offset */
    uint32_t offset;       /**< in tvb */
    bool hidden;           /**< items made here are not shown */
} smtpx_cursor;

/** Finds out who reads hidden items, and where Wireshark notes who asks for smtpx's fields. */
void smtpx_item_handoff(int proto);

/** smtpx's own fields by their ids, as Wireshark knows them. NULL: an id that is another's. */
typedef struct smtpx_own_fields {
    const header_field_info **fields;
    uint32_t first; /**< the id of fields[0] */
    uint32_t count;
} smtpx_own_fields;

extern smtpx_own_fields smtpx_item_own;

/** Does anybody look for a field in items that are not shown, where the tree would have them? */
bool smtpx_item_is_sought(int field);

/** Are the items of protocols made, whoever looks? */
static inline bool smtpx_item_protocols_are_made(const proto_tree *tree)
{
    return PTREE_DATA(tree)->visible || !PTREE_DATA(tree)->fake_protocols;
}

/** As proto_field_is_referenced(), of a protocol in a tree. */
static inline bool smtpx_item_protocol_is_referenced(const proto_tree *tree, const header_field_info *protocol)
{
    return smtpx_item_protocols_are_made(tree) || protocol->ref_type != HF_REF_TYPE_NONE;
}

/** Does anybody look at the item of a protocol itself, and not only at fields of it? There is a tree. */
static inline bool smtpx_item_layer_is_wanted(const proto_tree *tree, const header_field_info *protocol)
{
    return smtpx_item_protocols_are_made(tree) ||
           (protocol->ref_type != HF_REF_TYPE_NONE && protocol->ref_type != HF_REF_TYPE_INDIRECT);
}

/** As proto_field_is_referenced(), which takes six times as long; for fields of smtpx's own. */
static inline bool smtpx_item_is_referenced(proto_tree *tree, int field)
{
    uint32_t at = (uint32_t)field - smtpx_item_own.first;

    if (!tree || PTREE_DATA(tree)->visible)
        return tree;
    if (at < smtpx_item_own.count && smtpx_item_own.fields[at])
        return smtpx_item_own.fields[at]->ref_type != HF_REF_TYPE_NONE;
    return proto_field_is_referenced(tree, field);
}

/** Does anybody look at a field? */
static inline bool smtpx_item_is_wanted(const smtpx_cursor *at, int field)
{
    return smtpx_item_is_referenced(at->tree, field) && (!at->hidden || smtpx_item_is_sought(field));
}

/** Does anybody look at one of these fields?  To be asked before a group of items is looked into: it costs one or two
 *  instructions a field. */
bool smtpx_item_any_is_wanted(const smtpx_cursor *at, const hf_register_info *fields, size_t count);

/** Will the tree be shown?  Otherwise nobody reads labels. */
static inline bool smtpx_item_is_shown(const smtpx_cursor *at)
{
    return at->tree && PTREE_DATA(at->tree)->visible;
}

/** The same place, for what is said already. */
static inline smtpx_cursor smtpx_cursor_hidden(const smtpx_cursor *at)
{
    smtpx_cursor hidden = *at;

    hidden.hidden = true;
    return hidden;
}

/** The same octets, below an item; where that was not made, beside where it would be. */
static inline smtpx_cursor smtpx_cursor_below(const smtpx_cursor *at, proto_item *item, int ett)
{
    smtpx_cursor below = *at;

    if (item)
        below.tree = proto_item_add_subtree(item, ett);
    return below;
}

/** The same tree, octets further on. */
static inline smtpx_cursor smtpx_cursor_behind(const smtpx_cursor *at, uint32_t octets)
{
    return (smtpx_cursor){at->tree, at->tvb, at->octets + octets, at->offset + octets, at->hidden};
}

/* A field over a span of octets.  Each gives the item, NULL where nobody looks. */

/** A string field that shows its octets. */
proto_item *smtpx_item_text(const smtpx_cursor *at, int field, smtp_span span);

/** A string field that shows its octets in upper case. */
proto_item *smtpx_item_upper(const smtpx_cursor *at, int field, smtp_span span);

/** A string field that shows other octets, which it is decoded to. */
proto_item *smtpx_item_decoded(const smtpx_cursor *at, int field, smtp_span span, const uint8_t *octets,
                               uint32_t length);

/** A number field that shows digits, if 32 bits hold them. */
proto_item *smtpx_item_number(const smtpx_cursor *at, int field, smtp_span digits);

/** A number field that shows digits, if 64 bits hold them. */
proto_item *smtpx_item_number64(const smtpx_cursor *at, int field, smtp_span digits);

/** FT_NONE, or FT_BYTES that shows its octets. */
proto_item *smtpx_item_octets(const smtpx_cursor *at, int field, smtp_span span);

/* With a value. */
proto_item *smtpx_item_string(const smtpx_cursor *at, int field, smtp_span span, const char *value);
proto_item *smtpx_item_uint(const smtpx_cursor *at, int field, smtp_span span, uint32_t value);
proto_item *smtpx_item_uint64(const smtpx_cursor *at, int field, smtp_span span, uint64_t value);
proto_item *smtpx_item_int(const smtpx_cursor *at, int field, smtp_span span, int32_t value);
proto_item *smtpx_item_boolean(const smtpx_cursor *at, int field, smtp_span span, bool value);
proto_item *smtpx_item_time(const smtpx_cursor *at, int field, smtp_span span, const nstime_t *value);

/** A Boolean field that is true where it is: a row whose name says all.
 *
 *  Not FT_NONE: *Apply as Filter* would make it a filter over the octets of the frame.
 *  @param length  of its octets, from the cursor on */
proto_item *smtpx_item_mark(const smtpx_cursor *at, int field, uint32_t length);

/** The octets of a span, a domain: where it has A-labels, the label has them as people read them (RFC 5890), too.
 *  @param unicode_field  for these alone, not shown; 0: there is none */
proto_item *smtpx_item_domain(const smtpx_cursor *at, int field, int unicode_field, smtp_span span);

/** Says behind an item's label, in parentheses, what it means and where that is written.
 *  @param first  said before that; NULL: nothing */
void smtpx_item_explain(proto_item *item, const char *first, smtp_note note);

/* Generated items: what no octet says.  They stand at the cursor, without octets of their own. */
proto_item *smtpx_generated_string(const smtpx_cursor *at, int field, const char *value);
/** @param name  NULL: it is not known */
proto_item *smtpx_generated_name(const smtpx_cursor *at, int field, const smtp_name *name);
proto_item *smtpx_generated_uint(const smtpx_cursor *at, int field, uint32_t value);
proto_item *smtpx_generated_uint64(const smtpx_cursor *at, int field, uint64_t value);
proto_item *smtpx_generated_boolean(const smtpx_cursor *at, int field, bool value);
/** @param nanoseconds  a time between two frames, negative where the clock went back */
proto_item *smtpx_generated_time(const smtpx_cursor *at, int field, int64_t nanoseconds);

#endif /* SMTPX_ITEM_H */
