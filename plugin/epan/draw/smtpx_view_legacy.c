/* smtpx_legacy.c
 * The built-in dissector's smtp.* fields as hidden items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_legacy.h"

#include "plugin/epan/draw/smtpx_item.h"

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
    return is_available(PROTOCOL) && smtpx_item_is_wanted(tree, ids[PROTOCOL]);
}

static void add_span(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, smtp_span span)
{
    if (span.length && is_available(field))
        proto_item_set_hidden(smtpx_item_text(tree, ids[field], tvb, offset + span.offset, span.length));
}

static void add_number(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length, uint32_t value)
{
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_uint(tree, ids[field], tvb, offset, length, value));
}

static void add_octets(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length)
{
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_octets(tree, ids[field], tvb, offset, length));
}

void smtpx_legacy_packet(proto_tree *tree, tvbuff_t *tvb, smtp_side side)
{
    int field = side == SMTP_CLIENT ? REQ : RSP;

    add_octets(tree, PROTOCOL, tvb, 0, tvb_captured_length(tvb));
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_boolean(tree, ids[field], tvb, 0, 0, true));
}

void smtpx_legacy_command(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, uint32_t length,
                          const smtp_command *command)
{
    add_span(tree, COMMAND_LINE, tvb, offset, (smtp_span){0, length});
    add_span(tree, COMMAND, tvb, offset, command->name);
    add_span(tree, PARAMETER, tvb, offset, command->argument);
}

void smtpx_legacy_reply_line(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, const smtp_reply_line *line)
{
    add_span(tree, RESPONSE, tvb, offset, (smtp_span){0, smtp_span_end(line->text)});
    if (line->valid)
        add_number(tree, CODE, tvb, offset, 3, line->code);
    add_span(tree, RSP_PARAMETER, tvb, offset, line->text);
}

static void add_text(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t offset, uint32_t length, const char *text)
{
    if (is_available(field))
        proto_item_set_hidden(smtpx_item_string(tree, ids[field], tvb, offset, length, text));
}

void smtpx_legacy_username(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, uint32_t length, const char *name)
{
    add_text(tree, USERNAME, tvb, offset, length, name);
}

void smtpx_legacy_password(proto_tree *tree, tvbuff_t *tvb, uint32_t offset, uint32_t length, const char *password)
{
    add_text(tree, PASSWORD, tvb, offset, length, password);
}

void smtpx_legacy_end_of_data(proto_tree *tree, tvbuff_t *tvb, uint32_t offset)
{
    add_octets(tree, EOM, tvb, offset, 1);
}

void smtpx_legacy_message(proto_tree *tree, tvbuff_t *tvb, uint32_t octets, uint32_t frame)
{
    add_number(tree, REASSEMBLED_IN, tvb, 0, 0, frame);
    add_number(tree, REASSEMBLED_LENGTH, tvb, 0, 0, octets);
}
