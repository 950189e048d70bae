/* smtpx_item.c
 * Items of the tree, made where somebody looks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_item.h"

#include <epan/charsets.h>

#include "plugin/epan/draw/smtpx_arguments.h"

smtpx_own_fields smtpx_item_own;

static bool is_text_printed; /* tshark prints trees as text */

/* ---- Who looks ---- */

/* The least and the highest id of a protocol's fields. */
static void find_ids(int proto, uint32_t *first, uint32_t *last)
{
    void *cookie = NULL;

    *first = UINT32_MAX;
    *last = 0;
    for (const header_field_info *field = proto_get_first_protocol_field(proto, &cookie); field;
         field = proto_get_next_protocol_field(proto, &cookie)) {
        *first = MIN(*first, (uint32_t)field->id);
        *last = MAX(*last, (uint32_t)field->id);
    }
}

/* Preferences that change lead here again. */
static void note_fields(int proto)
{
    uint32_t first, last;
    void *cookie = NULL;

    if (smtpx_item_own.fields)
        return;
    find_ids(proto, &first, &last);
    smtpx_item_own.fields = wmem_alloc0_array(wmem_epan_scope(), const header_field_info *, last - first + 1);
    for (const header_field_info *field = proto_get_first_protocol_field(proto, &cookie); field;
         field = proto_get_next_protocol_field(proto, &cookie))
        smtpx_item_own.fields[(uint32_t)field->id - first] = field;
    smtpx_item_own.first = first;
    smtpx_item_own.count = last - first + 1;
}

void smtpx_item_handoff(int proto)
{
    is_text_printed = smtpx_arguments_print_text();
    note_fields(proto);
}

bool smtpx_item_layer_is_wanted(const proto_tree *tree, int proto)
{
    hf_ref_type asked = proto_registrar_get_nth((guint)proto)->ref_type;

    return PTREE_DATA(tree)->visible || !PTREE_DATA(tree)->fake_protocols ||
           (asked != HF_REF_TYPE_NONE && asked != HF_REF_TYPE_INDIRECT);
}

bool smtpx_item_is_sought(int field)
{
    return !is_text_printed || prefs.display_hidden_proto_items ||
           proto_registrar_get_nth((guint)field)->ref_type != HF_REF_TYPE_NONE;
}

/* ---- Text ---- */

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

    /* memcpy() wants a pointer to octets even if there are none of them. */
    if (length > 0)
        memcpy(text, octets, length);
    text[length] = '\0';
    return text;
}

/* The octets with U+2400 in place of each NUL. */
static uint8_t *show_nuls(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length, uint32_t *shown)
{
    static const uint8_t symbol[] = {0xe2, 0x90, 0x80};
    uint8_t *to = wmem_alloc(pool, (size_t)length * sizeof symbol);
    uint32_t written = 0;

    for (uint32_t i = 0; i < length; i++) {
        if (octets[i] == 0) {
            memcpy(to + written, symbol, sizeof symbol);
            written += sizeof symbol;
        } else {
            to[written++] = octets[i];
        }
    }
    *shown = written;
    return to;
}

char *smtpx_text(wmem_allocator_t *pool, const uint8_t *octets, uint32_t length)
{
    uint8_t *without_nuls = NULL;
    char *text;

    if (is_plain(octets, length))
        return copy_plain(pool, octets, length);
    if (memchr(octets, 0, length))
        without_nuls = show_nuls(pool, octets, length, &length);
    text = (char *)get_utf_8_string(pool, without_nuls ? without_nuls : octets, (int)length);
    wmem_free(pool, without_nuls);
    return text;
}

/* ---- Items ---- */

bool smtpx_item_any_is_wanted(const smtpx_cursor *at, const hf_register_info *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (smtpx_item_is_wanted(at, *fields[i].p_id))
            return true;
    }
    return false;
}

/* An item that was made at a cursor. */
static proto_item *made(const smtpx_cursor *at, proto_item *item)
{
    if (at->hidden)
        proto_item_set_hidden(item);
    return item;
}

static proto_item *add_string(const smtpx_cursor *at, int field, smtp_span span, const char *value)
{
    return made(at, proto_tree_add_string(at->tree, field, at->tvb, smtpx_size(at->offset + span.offset),
                                          smtpx_size(span.length), value));
}

proto_item *smtpx_item_text(const smtpx_cursor *at, int field, smtp_span span)
{
    return smtpx_item_decoded(at, field, span, at->octets + span.offset, span.length);
}

proto_item *smtpx_item_upper(const smtpx_cursor *at, int field, smtp_span span)
{
    char *text;

    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    text = smtpx_text(PNODE_POOL(at->tree), at->octets + span.offset, span.length);
    for (char *c = text; *c; c++)
        *c = (char)smtp_upper((uint8_t)*c);
    return add_string(at, field, span, text);
}

proto_item *smtpx_item_decoded(const smtpx_cursor *at, int field, smtp_span span, const uint8_t *octets,
                               uint32_t length)
{
    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    return add_string(at, field, span, smtpx_text(PNODE_POOL(at->tree), octets, length));
}

proto_item *smtpx_item_number(const smtpx_cursor *at, int field, smtp_span digits)
{
    uint64_t number;

    if (!smtp_number(at->octets, digits, &number) || number > UINT32_MAX)
        return NULL;
    return smtpx_item_uint(at, field, digits, (uint32_t)number);
}

proto_item *smtpx_item_number64(const smtpx_cursor *at, int field, smtp_span digits)
{
    uint64_t number;

    return smtp_number(at->octets, digits, &number) ? smtpx_item_uint64(at, field, digits, number) : NULL;
}

proto_item *smtpx_item_octets(const smtpx_cursor *at, int field, smtp_span span)
{
    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    return made(at, proto_tree_add_item(at->tree, field, at->tvb, smtpx_size(at->offset + span.offset),
                                        smtpx_size(span.length), ENC_NA));
}

proto_item *smtpx_item_string(const smtpx_cursor *at, int field, smtp_span span, const char *value)
{
    return smtpx_item_is_wanted(at, field) ? add_string(at, field, span, value) : NULL;
}

proto_item *smtpx_item_uint(const smtpx_cursor *at, int field, smtp_span span, uint32_t value)
{
    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    return made(at, proto_tree_add_uint(at->tree, field, at->tvb, smtpx_size(at->offset + span.offset),
                                        smtpx_size(span.length), value));
}

proto_item *smtpx_item_uint64(const smtpx_cursor *at, int field, smtp_span span, uint64_t value)
{
    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    return made(at, proto_tree_add_uint64(at->tree, field, at->tvb, smtpx_size(at->offset + span.offset),
                                          smtpx_size(span.length), value));
}

proto_item *smtpx_item_int(const smtpx_cursor *at, int field, smtp_span span, int32_t value)
{
    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    return made(at, proto_tree_add_int(at->tree, field, at->tvb, smtpx_size(at->offset + span.offset),
                                       smtpx_size(span.length), value));
}

proto_item *smtpx_item_boolean(const smtpx_cursor *at, int field, smtp_span span, bool value)
{
    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    return made(at, proto_tree_add_boolean(at->tree, field, at->tvb, smtpx_size(at->offset + span.offset),
                                           smtpx_size(span.length), value));
}

proto_item *smtpx_item_mark(const smtpx_cursor *at, int field, uint32_t length)
{
    proto_item *item = smtpx_item_boolean(at, field, (smtp_span){0, length}, true);

    if (item && smtpx_item_is_shown(at))
        proto_item_set_text(item, "%s", proto_registrar_get_name(field));
    return item;
}

proto_item *smtpx_item_time(const smtpx_cursor *at, int field, smtp_span span, const nstime_t *value)
{
    if (!smtpx_item_is_wanted(at, field))
        return NULL;
    return made(at, proto_tree_add_time(at->tree, field, at->tvb, smtpx_size(at->offset + span.offset),
                                        smtpx_size(span.length), value));
}

/* ---- Labels ---- */

void smtpx_item_explain(proto_item *item, const char *first, smtp_note note)
{
    const char *behind_first, *behind_meaning;

    first = first ? first : "";
    if (!item || !PTREE_DATA(item)->visible || !(*first || *note.meaning || *note.source))
        return;
    behind_first = *first && (*note.meaning || *note.source) ? ", " : "";
    behind_meaning = *note.meaning && *note.source ? ", " : "";
    proto_item_append_text(item, "%s",
                           wmem_strconcat(PNODE_POOL(item), " (", first, behind_first, note.meaning, behind_meaning,
                                          note.source, ")", NULL));
}

/* ---- Generated items ---- */

static const smtp_span nowhere = {0, 0};

static proto_item *generated(proto_item *item)
{
    proto_item_set_generated(item);
    return item;
}

proto_item *smtpx_generated_string(const smtpx_cursor *at, int field, const char *value)
{
    return generated(smtpx_item_string(at, field, nowhere, value));
}

proto_item *smtpx_generated_name(const smtpx_cursor *at, int field, const smtp_name *name)
{
    return name ? generated(smtpx_item_decoded(at, field, nowhere, name->octets, name->length)) : NULL;
}

proto_item *smtpx_generated_uint(const smtpx_cursor *at, int field, uint32_t value)
{
    return generated(smtpx_item_uint(at, field, nowhere, value));
}

proto_item *smtpx_generated_uint64(const smtpx_cursor *at, int field, uint64_t value)
{
    return generated(smtpx_item_uint64(at, field, nowhere, value));
}

proto_item *smtpx_generated_boolean(const smtpx_cursor *at, int field, bool value)
{
    return generated(smtpx_item_boolean(at, field, nowhere, value));
}

proto_item *smtpx_generated_time(const smtpx_cursor *at, int field, int64_t nanoseconds)
{
    nstime_t time = {.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};

    return generated(smtpx_item_time(at, field, nowhere, &time));
}
