/* smtpx_view_command.c
 * Commands and AUTH answers: RFC 5321, 4.1; RFC 3030; RFC 4954.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view.h"

#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/smtp/syntax/smtp_auth.h"
#include "plugin/smtp/syntax/smtp_line.h"
#include "plugin/smtp/syntax/smtp_parameter.h"

static int hf_smtpx_command = -1;
static int hf_smtpx_command_verb = -1;
static int hf_smtpx_command_argument = -1;
static int hf_smtpx_helo = -1;
static int hf_smtpx_mail_from = -1;
static int hf_smtpx_rcpt_to = -1;
static int hf_smtpx_path_local_part = -1;
static int hf_smtpx_path_domain = -1;
static int hf_smtpx_path_route = -1;
static int hf_smtpx_bdat_size = -1;
static int hf_smtpx_bdat_last = -1;
static int hf_smtpx_burl_uri = -1;
static int hf_smtpx_burl_last = -1;
static int hf_smtpx_xexch50_size = -1;
static int hf_smtpx_attribute = -1;
static int hf_smtpx_attribute_name = -1;
static int hf_smtpx_attribute_value = -1;
static int ett_smtpx_command = -1;
static int ett_smtpx_path = -1;
static int ett_smtpx_attribute = -1;

/* One command line that is being drawn. */
typedef struct command_view {
    smtpx_view *view;
    proto_tree *tree;
    uint32_t offset;
    const uint8_t *line;
    smtp_command command;
    uint32_t notes;
} command_view;

static void view_address(command_view *at, proto_tree *tree, smtp_span whole)
{
    smtp_address address;

    if (!smtpx_item_is_wanted(tree, hf_smtpx_path_local_part) && !smtpx_item_is_wanted(tree, hf_smtpx_path_domain))
        return;
    address = smtp_address_split(at->line, whole);
    if (address.local_part.length)
        smtpx_view_span(at->view, tree, hf_smtpx_path_local_part, at->offset, address.local_part);
    if (address.domain.length)
        smtpx_view_span(at->view, tree, hf_smtpx_path_domain, at->offset, address.domain);
}

static void view_path(command_view *at)
{
    bool is_rcpt = smtp_verb_shape(at->command.verb) == SMTP_SHAPE_TO;
    int field = is_rcpt ? hf_smtpx_rcpt_to : hf_smtpx_mail_from;
    smtp_path path;
    proto_item *item;
    proto_tree *tree;

    if (!smtp_command_path(at->line, &at->command, &path)) {
        at->notes |= SMTP_REMARK_PATH_SYNTAX;
        return;
    }
    at->notes |= path.notes;
    item = smtpx_view_span(at->view, at->tree, field, at->offset, path.address);
    tree = smtpx_item_subtree(at->tree, item, ett_smtpx_path);
    if (path.route.length)
        smtpx_view_span(at->view, tree, hf_smtpx_path_route, at->offset, path.route);
    view_address(at, tree, path.address);
    at->notes |= smtpx_view_parameters(at->view, at->tree, at->offset, at->line, path.parameters, is_rcpt);
}

/* "LAST", or where it would stand. */
static void view_last(command_view *at, int field, const smtp_chunk_size *chunk)
{
    smtp_span last = chunk->last ? chunk->marker : (smtp_span){smtp_span_end(chunk->size), 0};

    smtpx_item_boolean(at->tree, field, at->view->tvb, at->offset + last.offset, last.length, chunk->last);
}

static void view_number(command_view *at, int field, smtp_span digits, uint64_t number)
{
    smtpx_item_uint64(at->tree, field, at->view->tvb, at->offset + digits.offset, digits.length, number);
}

static void view_chunk(command_view *at)
{
    smtp_chunk_size chunk = smtp_command_chunk(at->line, &at->command);

    if (!chunk.valid) {
        at->notes |= SMTP_REMARK_BDAT_SIZE;
        return;
    }
    view_number(at, hf_smtpx_bdat_size, chunk.size, chunk.octets);
    view_last(at, hf_smtpx_bdat_last, &chunk);
}

static void view_uri(command_view *at)
{
    smtp_chunk_size chunk = smtp_command_chunk(at->line, &at->command);

    if (!chunk.valid) {
        at->notes |= SMTP_REMARK_ARGUMENT_SYNTAX;
        return;
    }
    smtpx_view_span(at->view, at->tree, hf_smtpx_burl_uri, at->offset, chunk.size);
    view_last(at, hf_smtpx_burl_last, &chunk);
}

static void view_count(command_view *at)
{
    smtp_span digits;
    uint64_t octets;

    if (smtp_command_count(at->line, &at->command, &digits, &octets))
        view_number(at, hf_smtpx_xexch50_size, digits, octets);
    else
        at->notes |= SMTP_REMARK_ARGUMENT_SYNTAX;
}

/* NAME=value; the value is xtext (Postfix, XCLIENT_README and XFORWARD_README). */
static void view_attributes(command_view *at)
{
    smtp_span rest = at->command.argument;
    smtp_parameter attribute;

    while (smtp_parameter_next(at->line, &rest, &attribute)) {
        proto_item *item = smtpx_view_span(at->view, at->tree, hf_smtpx_attribute, at->offset, attribute.whole);
        proto_tree *tree = smtpx_item_subtree(at->tree, item, ett_smtpx_attribute);
        uint8_t *decoded = wmem_alloc(at->view->pinfo->pool, attribute.value.length + 1);
        uint32_t length = smtp_xtext_decode(at->line, attribute.value, decoded);

        smtpx_view_span_upper(at->view, tree, hf_smtpx_attribute_name, at->offset, attribute.keyword);
        if (attribute.has_value)
            smtpx_view_octets(at->view, tree, hf_smtpx_attribute_value, at->offset + attribute.value.offset,
                              attribute.value.length, decoded, length);
        else
            at->notes |= SMTP_REMARK_ARGUMENT_SYNTAX;
    }
}

/* A verb that takes no argument (RFC 5321, 4.1.1; RFC 3207, 4). */
static void view_no_argument(command_view *at)
{
    if (at->command.argument.length)
        at->notes |= SMTP_REMARK_ARGUMENT_SYNTAX;
}

static void view_argument(command_view *at, const smtp_exchange *exchange)
{
    switch (smtp_verb_shape(at->command.verb)) {
    case SMTP_SHAPE_DOMAIN:
        if (at->command.argument.length)
            smtpx_view_span(at->view, at->tree, hf_smtpx_helo, at->offset, at->command.argument);
        else
            at->notes |= SMTP_REMARK_ARGUMENT_SYNTAX;
        break;
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        view_path(at);
        break;
    case SMTP_SHAPE_CHUNK:
        view_chunk(at);
        break;
    case SMTP_SHAPE_URI:
        view_uri(at);
        break;
    case SMTP_SHAPE_COUNT:
        view_count(at);
        break;
    case SMTP_SHAPE_ATTRIBUTES:
        view_attributes(at);
        break;
    case SMTP_SHAPE_TLS:
        smtpx_view_starttls(at->view, at->tree, false);
        view_no_argument(at);
        break;
    case SMTP_SHAPE_BARE:
        view_no_argument(at);
        break;
    case SMTP_SHAPE_MECHANISM:
        at->notes |= smtpx_auth_view_command(at->view, at->tree, at->offset, at->line, at->command.argument, exchange);
        break;
    case SMTP_SHAPE_ANY:
    case SMTP_SHAPE_WILD:
        break;
    }
}

void smtpx_view_command(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    const uint8_t *octets = view->octets + offset;
    smtp_line line = smtp_line_find(octets, record->length, 0);
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    command_view at = {.view = view, .offset = offset, .line = octets};
    smtp_span all = {0, line.text};
    proto_item *item;

    smtpx_view_info_octets(view, offset, line.text);
    at.command = smtp_command_parse(octets, line.text);
    at.notes = record->notes | smtp_line_notes(octets, &line);
    item = smtpx_view_span(view, view->tree, hf_smtpx_command, offset, all);
    proto_item_set_len(item, (int)record->length);
    at.tree = smtpx_item_subtree(view->tree, item, ett_smtpx_command);
    if (at.command.name.length)
        smtpx_view_span_upper(view, at.tree, hf_smtpx_command_verb, offset, at.command.name);
    if (at.command.argument.length)
        smtpx_view_span(view, at.tree, hf_smtpx_command_argument, offset, at.command.argument);
    smtpx_legacy_command(view->legacy, view->tvb, offset, record->length, &at.command);
    view_argument(&at, exchange);
    smtpx_view_pair(view, at.tree, exchange, false);
    smtpx_view_notes(view, item, at.notes);
}

void smtpx_view_auth_answer(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    const uint8_t *octets = view->octets + offset;
    smtp_line line = smtp_line_find(octets, record->length, 0);
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    uint32_t notes = record->notes | smtp_line_notes(octets, &line);
    proto_item *item;
    proto_tree *tree;

    tree = proto_tree_add_subtree(view->tree, view->tvb, (int)offset, (int)record->length, ett_smtpx_command, &item,
                                  "Authentication answer");
    if (exchange->mechanism != SMTP_MECHANISM_OTHER)
        proto_item_append_text(item, ": %s", smtp_auth_mechanism_name((smtp_mechanism)exchange->mechanism));
    smtpx_view_info(view, "Authentication answer");
    notes |= smtpx_auth_view_answer(view, tree, offset, octets, line.text, exchange);
    smtpx_view_pair(view, tree, exchange, false);
    smtpx_view_notes(view, item, notes);
}

void smtpx_view_command_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_command,
         {"Command", "smtpx.command", FT_STRING, BASE_NONE, NULL, 0, "Command line without its line end", HFILL}},
        {&hf_smtpx_command_verb, {"Verb", "smtpx.command.verb", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_command_argument,
         {"Argument", "smtpx.command.argument", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_helo,
         {"Client name", "smtpx.helo", FT_STRING, BASE_NONE, NULL, 0, "Argument of HELO, EHLO or LHLO", HFILL}},
        {&hf_smtpx_mail_from,
         {"Sender", "smtpx.mail.from", FT_STRING, BASE_NONE, NULL, 0, "Reverse-path; empty for <>", HFILL}},
        {&hf_smtpx_rcpt_to, {"Recipient", "smtpx.rcpt.to", FT_STRING, BASE_NONE, NULL, 0, "Forward-path", HFILL}},
        {&hf_smtpx_path_local_part,
         {"Local part", "smtpx.path.local_part", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_path_domain, {"Domain", "smtpx.path.domain", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_path_route, {"Source route", "smtpx.path.route", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_bdat_size, {"Chunk size", "smtpx.bdat.size", FT_UINT64, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_bdat_last, {"Last chunk", "smtpx.bdat.last", FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_burl_uri,
         {"URI", "smtpx.burl.uri", FT_STRING, BASE_NONE, NULL, 0, "Where the server gets the message (RFC 4468)",
          HFILL}},
        {&hf_smtpx_burl_last, {"Last part", "smtpx.burl.last", FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_xexch50_size,
         {"Data size", "smtpx.xexch50.size", FT_UINT64, BASE_DEC, NULL, 0, "Octets that follow the reply", HFILL}},
        {&hf_smtpx_attribute,
         {"Attribute", "smtpx.attribute", FT_STRING, BASE_NONE, NULL, 0, "Of XCLIENT or XFORWARD", HFILL}},
        {&hf_smtpx_attribute_name, {"Name", "smtpx.attribute.name", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_attribute_value, {"Value", "smtpx.attribute.value", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    };
    static int *ett[] = {&ett_smtpx_command, &ett_smtpx_path, &ett_smtpx_attribute};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}
