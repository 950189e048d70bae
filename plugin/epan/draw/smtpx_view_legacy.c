/* smtpx_view_legacy.c
 * The built-in dissector's smtp.* fields as hidden items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_legacy.h"

#include "plugin/epan/draw/smtpx_arguments.h"
#include "plugin/epan/learn/smtpx_message.h"

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
    CODE_UNEXPECTED,
    RSP_PARAMETER,
    USERNAME,
    PASSWORD,
    EOM,
    FRAGMENTS,
    FRAGMENT,
    FRAGMENT_COUNT,
    REASSEMBLED_IN,
    REASSEMBLED_LENGTH,
    FIELDS
};

enum {
    CODE_DIGITS = 3
};

static int ids[FIELDS];
static const header_field_info *protocol; /* the built-in's; NULL: there is none */
static int ett_legacy = -1;
static bool is_printed; /* tshark -O smtp prints the layer */

void smtpx_legacy_register(void)
{
    static int *ett[] = {&ett_legacy};

    proto_register_subtree_array(ett, array_length(ett));
}

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
        "smtp.response.code.unexpected",
        "smtp.rsp.parameter",
        "smtp.auth.username",
        "smtp.auth.password",
        "smtp.eom",
        "smtp.data.fragments",
        "smtp.data.fragment",
        "smtp.data.fragment.count",
        "smtp.data.reassembled.in",
        "smtp.data.reassembled.length",
    };

    for (int i = 0; i < FIELDS; i++)
        ids[i] = proto_registrar_get_id_byname(names[i]);
    protocol = ids[PROTOCOL] > 0 ? proto_registrar_get_nth((guint)ids[PROTOCOL]) : NULL;
    is_printed = smtpx_arguments_name_layer(names[PROTOCOL]);
}

bool smtpx_legacy_is_sought(void)
{
    return smtpx_legacy_wanted && protocol && protocol->ref_type != HF_REF_TYPE_NONE;
}

bool smtpx_legacy_is_wanted(proto_tree *tree)
{
    return smtpx_legacy_wanted && protocol && tree && smtpx_item_protocol_is_referenced(tree, protocol) &&
           (is_printed || smtpx_item_is_sought(ids[PROTOCOL]));
}

bool smtpx_legacy_is_printed(void)
{
    return is_printed;
}

/* ---- Items ---- */

/* Does anybody look at a field? Nobody does where there is no tree. */
static bool is_available(const smtpx_cursor *at, int field)
{
    return at->tree && ids[field] > 0;
}

static proto_item *add_span(const smtpx_cursor *at, int field, smtp_span span)
{
    return is_available(at, field) ? smtpx_item_text(at, ids[field], span) : NULL;
}

static void add_number(const smtpx_cursor *at, int field, smtp_span span, uint32_t value)
{
    if (is_available(at, field))
        smtpx_item_uint(at, ids[field], span, value);
}

/* What no octet says. */
static void add_generated(const smtpx_cursor *at, int field, uint32_t value)
{
    if (is_available(at, field))
        smtpx_generated_uint(at, ids[field], value);
}

static proto_item *add_octets(const smtpx_cursor *at, int field, smtp_span span)
{
    return is_available(at, field) ? smtpx_item_octets(at, ids[field], span) : NULL;
}

static void add_text(const smtpx_cursor *at, int field, smtp_span span, const char *text)
{
    if (is_available(at, field))
        smtpx_item_string(at, ids[field], span, text);
}

/* The built-in hides it, too. */
static void add_mark(const smtpx_cursor *at, int field)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(at);

    if (is_available(at, field))
        smtpx_item_boolean(&hidden, ids[field], (smtp_span){0, 0}, true);
}

/* ---- The packet ---- */

proto_tree *smtpx_legacy_packet(const smtpx_cursor *at, smtp_side side)
{
    proto_item *item = NULL;
    smtpx_cursor below;

    if (smtpx_item_layer_is_wanted(at->tree, protocol))
        item = add_octets(at, PROTOCOL, (smtp_span){0, tvb_captured_length(at->tvb)});
    below = smtpx_cursor_below(at, item, ett_legacy);
    if (side == SMTP_SERVER)
        add_mark(&below, RSP);
    return below.tree;
}

/* ---- Lines ---- */

smtpx_cursor smtpx_legacy_command(const smtpx_cursor *at, uint32_t length, const smtp_command *command)
{
    smtpx_cursor below;

    add_mark(at, REQ);
    below = smtpx_cursor_below(at, add_span(at, COMMAND_LINE, (smtp_span){0, length}), ett_legacy);
    if (command->name.length)
        add_span(&below, COMMAND, command->name);
    if (command->argument.length)
        add_span(&below, PARAMETER, command->argument);
    return below;
}

void smtpx_legacy_auth_answer(const smtpx_cursor *at)
{
    add_mark(at, REQ);
}

smtpx_cursor smtpx_legacy_reply(const smtpx_cursor *at, uint32_t length, uint16_t code)
{
    smtpx_cursor below = smtpx_cursor_below(at, add_span(at, RESPONSE, (smtp_span){0, length}), ett_legacy);

    add_number(&below, CODE, (smtp_span){0, CODE_DIGITS}, code);
    return below;
}

void smtpx_legacy_reply_line(const smtpx_cursor *at, const smtp_reply_line *line, uint16_t code)
{
    uint32_t end = smtp_span_end(line->text);

    if (line->code != code)
        add_octets(at, CODE_UNEXPECTED, (smtp_span){0, CODE_DIGITS});
    if (end > CODE_DIGITS)
        add_span(at, RSP_PARAMETER, smtp_span_between(CODE_DIGITS + 1, end));
}

void smtpx_legacy_username(const smtpx_cursor *at, smtp_span span, const char *name)
{
    add_text(at, USERNAME, span, name);
}

void smtpx_legacy_password(const smtpx_cursor *at, smtp_span span, const char *password)
{
    add_text(at, PASSWORD, span, password);
}

/* ---- Messages ---- */

void smtpx_legacy_end_of_data(const smtpx_cursor *at)
{
    smtpx_cursor shown = *at;
    proto_item *item;

    if (!is_available(at, EOM) || !smtpx_item_is_wanted(at, ids[EOM]))
        return;
    /* An item takes no text once it is hidden. */
    shown.hidden = false;
    item = smtpx_item_octets(&shown, ids[EOM], (smtp_span){0, 1});
    if (smtpx_item_is_shown(at))
        proto_item_set_text(item, "C: .");
    if (at->hidden)
        proto_item_set_hidden(item);
}

void smtpx_legacy_message_part(const smtpx_cursor *at, uint32_t complete_in)
{
    add_generated(at, REASSEMBLED_IN, complete_in);
}

/* NULL: all of it came in one piece. */
static const smtpx_message *kept_message(const smtp_transaction *transaction)
{
    const smtpx_message *message = smtpx_message_of(transaction);

    return message && smtpx_message_octets(message) ? message : NULL;
}

/* Where the parts came; a message in one piece is one part. */
static void add_fragments(const smtpx_cursor *at, const smtpx_message *message, uint32_t frame)
{
    uint32_t parts = message ? MIN(smtpx_message_parts(message), SMTPX_MESSAGE_MOST_PARTS) : 1;

    for (uint32_t i = 0; i < parts; i++)
        add_generated(at, FRAGMENT, message ? smtpx_message_part_at(message, i).frame : frame);
}

void smtpx_legacy_message(const smtpx_cursor *at, const smtp_transaction *transaction, uint32_t frame)
{
    const smtpx_message *message = kept_message(transaction);
    proto_item *item = add_octets(at, FRAGMENTS, (smtp_span){0, tvb_captured_length(at->tvb)});
    smtpx_cursor below = smtpx_cursor_below(at, item, ett_legacy);

    proto_item_set_generated(item);
    add_fragments(&below, message, frame);
    add_generated(&below, FRAGMENT_COUNT, message ? smtpx_message_parts(message) : 1);
    add_generated(&below, REASSEMBLED_LENGTH, (uint32_t)transaction->octets);
}
