/* smtpx_item.c
 * Items of the tree, made where somebody looks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_item.h"

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

/* Where the tree is shown, does anybody find items in it that are not? */
static bool hidden_are_found(void)
{
    return !is_text_printed || prefs.display_hidden_proto_items;
}

bool smtpx_item_is_sought(int field)
{
    return hidden_are_found() || proto_registrar_get_nth((guint)field)->ref_type != HF_REF_TYPE_NONE;
}

/* ---- Items ---- */

/* Most are asked for nothing: so no field is looked at alone. */
static bool any_is_referenced(const hf_register_info *fields, size_t count)
{
    unsigned asked = HF_REF_TYPE_NONE;

    _Static_assert(HF_REF_TYPE_NONE == 0, "types that are put together are none where all are none");
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++)
        asked |= (unsigned)fields[i].hfinfo.ref_type;
    return asked != HF_REF_TYPE_NONE;
}

bool smtpx_item_any_is_wanted(const smtpx_cursor *at, const hf_register_info *fields, size_t count)
{
    if (!at->tree)
        return false;
    if (PTREE_DATA(at->tree)->visible && (!at->hidden || hidden_are_found()))
        return true;
    return any_is_referenced(fields, count);
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

/* A domain with A-labels, as people read it (RFC 5890); NULL: it has none.
 * @return to be freed */
static char *find_unicode(const char *domain)
{
    char *unicode = g_hostname_is_ascii_encoded(domain) ? g_hostname_to_unicode(domain) : NULL;

    if (unicode && strcmp(unicode, domain) == 0) {
        g_free(unicode);
        return NULL;
    }
    return unicode;
}

proto_item *smtpx_item_domain(const smtpx_cursor *at, int field, int unicode_field, smtp_span span)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(at);
    proto_item *item = smtpx_item_text(at, field, span);
    bool is_sought = unicode_field > 0 && smtpx_item_is_wanted(&hidden, unicode_field);
    char *unicode = NULL;

    if (is_sought || (item && smtpx_item_is_shown(at)))
        unicode = find_unicode(smtpx_text(PNODE_POOL(at->tree), at->octets + span.offset, span.length));
    if (!unicode)
        return item;
    smtpx_item_explain(item, unicode, (smtp_note){"", ""});
    if (is_sought)
        proto_item_set_generated(smtpx_item_string(&hidden, unicode_field, span, unicode));
    g_free(unicode);
    return item;
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
