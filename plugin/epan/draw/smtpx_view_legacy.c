/* smtpx_view_legacy.c
 * The built-in dissector's smtp.* fields as hidden items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_legacy.h"

smtpx_bool smtpx_legacy_wanted = true;

/* Ids of the built-in's fields; -1 for one that this Wireshark does not have. */
enum {
    PROTOCOL,
    REQ,
    RSP,
    COMMAND_LINE,
    COMMAND,
    PARAMETER,
    RESPONSE,
    CODE,
    RSP_PARAMETER,
    USERNAME,
    PASSWORD,
    EOM,
    REASSEMBLED_IN,
    REASSEMBLED_LENGTH,
    FIELDS
};

static int ids[FIELDS];

void smtpx_legacy_handoff(void)
{
    static const char *const names[FIELDS] = {
        "smtp",
        "smtp.req",
        "smtp.rsp",
        "smtp.command_line",
        "smtp.req.command",
        "smtp.req.parameter",
        "smtp.response",
        "smtp.response.code",
        "smtp.rsp.parameter",
        "smtp.auth.username",
        "smtp.auth.password",
        "smtp.eom",
        "smtp.data.reassembled.in",
        "smtp.data.reassembled.length",
    };

    for (int i = 0; i < FIELDS; i++)
        ids[i] = proto_registrar_get_id_byname(names[i]);
}

static bool is_available(int field)
{
    return smtpx_legacy_wanted && ids[field] > 0;
}

bool smtpx_legacy_is_wanted(proto_tree *tree)
{
    return is_available(PROTOCOL) && proto_field_is_referenced(tree, ids[PROTOCOL]);
}

static void add_span(const smtpx_cursor *at, int field, smtp_span span)
{
    if (span.length && is_available(field))
        proto_item_set_hidden(smtpx_item_text(at, ids[field], span));
}

static void add_number(const smtpx_cursor *at, int field, smtp_span span, uint32_t value)
{
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_uint(at, ids[field], span, value));
}

static void add_octets(const smtpx_cursor *at, int field, smtp_span span)
{
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_octets(at, ids[field], span));
}

static void add_text(const smtpx_cursor *at, int field, smtp_span span, const char *text)
{
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_string(at, ids[field], span, text));
}

void smtpx_legacy_packet(const smtpx_cursor *at, smtp_side side)
{
    int field = side == SMTP_CLIENT ? REQ : RSP;

    add_octets(at, PROTOCOL, (smtp_span){0, tvb_captured_length(at->tvb)});
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_boolean(at, ids[field], (smtp_span){0, 0}, true));
}

void smtpx_legacy_command(const smtpx_cursor *at, uint32_t length, const smtp_command *command)
{
    add_span(at, COMMAND_LINE, (smtp_span){0, length});
    add_span(at, COMMAND, command->name);
    add_span(at, PARAMETER, command->argument);
}

void smtpx_legacy_reply_line(const smtpx_cursor *at, const smtp_reply_line *line)
{
    add_span(at, RESPONSE, (smtp_span){0, smtp_span_end(line->text)});
    if (line->valid)
        add_number(at, CODE, (smtp_span){0, 3}, line->code);
    add_span(at, RSP_PARAMETER, line->text);
}

void smtpx_legacy_username(const smtpx_cursor *at, smtp_span span, const char *name)
{
    add_text(at, USERNAME, span, name);
}

void smtpx_legacy_password(const smtpx_cursor *at, smtp_span span, const char *password)
{
    add_text(at, PASSWORD, span, password);
}

void smtpx_legacy_end_of_data(const smtpx_cursor *at)
{
    add_octets(at, EOM, (smtp_span){0, 1});
}

void smtpx_legacy_message(const smtpx_cursor *at, uint32_t octets, uint32_t frame)
{
    add_number(at, REASSEMBLED_IN, (smtp_span){0, 0}, frame);
    add_number(at, REASSEMBLED_LENGTH, (smtp_span){0, 0}, octets);
}
