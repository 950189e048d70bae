/* smtpx_text.c
 * Octets of a session as strings of Wireshark.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_text.h"

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

proto_item *smtpx_text_add(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length)
{
    const uint8_t *octets;

    /* For a field that nobody looks at Wireshark makes no item. */
    if (tree && proto_field_is_referenced(tree, field)) {
        octets = tvb_get_ptr(tvb, (int)offset, (int)length);
        if (is_plain(octets, length))
            return proto_tree_add_string(tree, field, tvb, (int)offset, (int)length,
                                         copy_plain(PNODE_POOL(tree), octets, length));
    }
    return proto_tree_add_item(tree, field, tvb, (int)offset, (int)length, ENC_UTF_8 | ENC_NA);
}
