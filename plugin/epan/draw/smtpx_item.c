/* smtpx_item.c
 * Items of the tree, made where somebody looks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_item.h"

#include <epan/charsets.h>

/* ASCII without NUL, with which a string would end. */
static bool is_plain(const uint8_t *octets, uint32_t length)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint32_t at = 0;

    for (; length - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, octets + at, sizeof word);
        /* An octet below 1 borrows into its highest bit. */
        if ((word | (word - ones)) & highs)
            return false;
    }
    for (; at < length; at++) {
        if (octets[at] == 0 || octets[at] >= 0x80)
            return false;
    }
    return true;
}

static char *copy_plain(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length)
{
    char *text = wmem_alloc(pool, length + 1);

    /* Octets that are none may stand nowhere. */
    if (length > 0)
        memcpy(text, octets, length);
    text[length] = '\0';
    return text;
}

char *smtpx_text(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length)
{
    if (is_plain(octets, length))
        return copy_plain(pool, octets, length);
    return (char *)get_utf_8_string(pool, octets, (int)length);
}

bool smtpx_item_any_is_wanted(proto_tree *tree, const hf_register_info *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (smtpx_item_is_wanted(tree, *fields[i].p_id))
            return true;
    }
    return false;
}

proto_item *smtpx_item_text(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length)
{
    const uint8_t *octets;

    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    octets = tvb_get_ptr(tvb, (int)offset, (int)length);
    if (is_plain(octets, length))
        return proto_tree_add_string(tree, field, tvb, (int)offset, (int)length,
                                     copy_plain(PNODE_POOL(tree), octets, length));
    return proto_tree_add_item(tree, field, tvb, (int)offset, (int)length, ENC_UTF_8 | ENC_NA);
}

proto_item *smtpx_item_string(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                              const char *value)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_string(tree, field, tvb, (int)offset, (int)length, value);
}

proto_item *smtpx_item_uint(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                            uint32_t value)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_uint(tree, field, tvb, (int)offset, (int)length, value);
}

proto_item *smtpx_item_uint64(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                              uint64_t value)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_uint64(tree, field, tvb, (int)offset, (int)length, value);
}

proto_item *smtpx_item_int(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length, int32_t value)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_int(tree, field, tvb, (int)offset, (int)length, value);
}

proto_item *smtpx_item_boolean(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length, bool value)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_boolean(tree, field, tvb, (int)offset, (int)length, value);
}

proto_item *smtpx_item_time(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                            const nstime_t *value)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_time(tree, field, tvb, (int)offset, (int)length, value);
}

proto_item *smtpx_item_octets(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length)
{
    if (!smtpx_item_is_wanted(tree, field))
        return NULL;
    return proto_tree_add_item(tree, field, tvb, (int)offset, (int)length, ENC_NA);
}

/* ---- Generated items ---- */

static proto_item *generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

proto_item *smtpx_generated_string(proto_tree *tree, int field, tvbuff_t *tvb, const char *value)
{
    return generated(smtpx_item_string(tree, field, tvb, 0, 0, value));
}

proto_item *smtpx_generated_uint(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t value)
{
    return generated(smtpx_item_uint(tree, field, tvb, 0, 0, value));
}

proto_item *smtpx_generated_uint64(proto_tree *tree, int field, tvbuff_t *tvb, uint64_t value)
{
    return generated(smtpx_item_uint64(tree, field, tvb, 0, 0, value));
}

proto_item *smtpx_generated_boolean(proto_tree *tree, int field, tvbuff_t *tvb, bool value)
{
    return generated(smtpx_item_boolean(tree, field, tvb, 0, 0, value));
}

proto_item *smtpx_generated_time(proto_tree *tree, int field, tvbuff_t *tvb, int64_t nanoseconds)
{
    nstime_t time = {.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};

    return generated(smtpx_item_time(tree, field, tvb, 0, 0, &time));
}
