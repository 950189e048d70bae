/* smtpx_view.c
 * What is drawn of one call of the dissector, and the Info column.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_info(smtpx_view *view, const char *text)
{
    if (!view->info)
        return;
    if (view->described)
        col_append_str(view->pinfo->cinfo, COL_INFO, " | ");
    col_append_str(view->pinfo->cinfo, COL_INFO, text);
    view->described = true;
}

void smtpx_view_info_span(smtpx_view *view, const smtpx_cursor *at, smtp_span span)
{
    if (view->info)
        smtpx_view_info(view, smtpx_view_one_line(view, at->octets + span.offset, span.length));
}

/* Is a text its own label? Most are: no octet of it is escaped. */
static bool is_label(const uint8_t *octets, uint32_t length)
{
    return smtp_is_printable(octets, length) && !memchr(octets, '\\', length);
}

const char *smtpx_view_one_line(const smtpx_view *view, const uint8_t *octets, uint32_t length)
{
    tvbuff_t *tvb;

    if (is_label(octets, length))
        return smtpx_text(view->pinfo->pool, octets, length);
    tvb = tvb_new_child_real_data(view->tvb, octets, length, smtpx_size(length));
    return tvb_format_text(view->pinfo->pool, tvb, 0, smtpx_size(length));
}

const char *smtpx_view_label(const smtpx_view *view, const char *text)
{
    uint32_t length = (uint32_t)strlen(text);

    return is_label((const uint8_t *)text, length) ? text : smtpx_view_one_line(view, (const uint8_t *)text, length);
}

const char *smtpx_view_label_name(const smtpx_view *view, const smtp_name *name)
{
    return smtpx_view_label(view, smtpx_text(view->pinfo->pool, name->octets, name->length));
}

/* Adds what there is room for. Wireshark cuts the end of a longer label, and from 4.4 on begins it with "[…]". */
static void add_to_title(smtpx_view *view, const char *text)
{
    enum {
        TITLE_MOST = ITEM_LABEL_LENGTH - 50 /* octets; the others are for the protocol's name and the sign of more */
    };
    uint32_t length = (uint32_t)strlen(text), start = view->titled + 2;

    if (view->titled > TITLE_MOST)
        return;
    view->titled = start + length;
    if (view->titled > TITLE_MOST) {
        uint32_t told = smtpx_text_room(text, length, start < TITLE_MOST ? TITLE_MOST - start : 0);
        text = wmem_strconcat(view->pinfo->pool, wmem_strndup(view->pinfo->pool, text, told), "…", NULL);
    }
    proto_item_append_text((proto_item *)view->tree, ", %s", text);
}

void smtpx_view_title(smtpx_view *view, const char *text)
{
    smtpx_cursor at = smtpx_view_at(view, 0);

    view->data_is_untold = false;
    if (smtpx_item_is_shown(&at))
        add_to_title(view, text);
}

bool smtpx_view_is_described(const smtpx_view *view)
{
    smtpx_cursor at = smtpx_view_at(view, 0);

    return view->info || smtpx_item_is_shown(&at);
}

bool smtpx_view_has_columns(const smtpx_view *view)
{
    /* Where there is no Info column, the others are as TCP left them. */
    return view->info || (view->pinfo->cinfo && !col_get_text(view->pinfo->cinfo, COL_INFO));
}

bool smtpx_view_imf_is_named(const smtpx_view *view)
{
    const char *protocol = col_get_text(view->pinfo->cinfo, COL_PROTOCOL); /* NULL: there is no such column */

    return protocol && strstr(protocol, "MTP/IMF");
}
