/* smtpx_view_command.c
 * Commands and AUTH answers: RFC 5321, 4.1; RFC 3030; RFC 4954.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_view.h"

#include "plugin/epan/smtpx_auth.h"
#include "plugin/epan/smtpx_legacy.h"
#include "plugin/smtp/smtp_line.h"

static int hf_smtpx_command = -1;
static int hf_smtpx_command_verb = -1;
static int hf_smtpx_command_argument = -1;
static int hf_smtpx_helo = -1;
static int hf_smtpx_mail_from = -1;
static int hf_smtpx_rcpt_to = -1;
static int hf_smtpx_path_local_part = -1;
static int hf_smtpx_path_domain = -1;
static int hf_smtpx_path_route = -1;
static int hf_smtpx_parameter = -1;
static int hf_smtpx_parameter_keyword = -1;
static int hf_smtpx_parameter_value = -1;
static int hf_smtpx_mail_size = -1;
static int hf_smtpx_bdat_size = -1;
static int hf_smtpx_bdat_last = -1;
static int ett_smtpx_command = -1;
static int ett_smtpx_path = -1;
static int ett_smtpx_parameter = -1;

/* One command line that is being drawn. */
typedef struct command_view {
    smtpx_view *view;
    proto_tree *tree;
    uint32_t offset;
    const uint8_t *line;
    smtp_command command;
    uint32_t notes;
} command_view;

static void view_size(command_view *at, const smtp_parameter *parameter, proto_tree *tree)
{
    uint64_t size;

    if (smtp_number(at->line, parameter->value, &size))
        proto_tree_add_uint64(tree, hf_smtpx_mail_size, at->view->tvb, (int)(at->offset + parameter->value.offset),
                              (int)parameter->value.length, size);
    else
        at->notes |= SMTP_NOTE_PARAMETER_SYNTAX;
}

static void view_parameters(command_view *at, smtp_span rest)
{
    bool is_mail = at->command.verb != SMTP_VERB_RCPT;
    smtp_parameter parameter;

    while (smtp_parameter_next(at->line, &rest, &parameter)) {
        proto_item *item = smtpx_view_span(at->view, at->tree, hf_smtpx_parameter, at->offset, parameter.whole);
        proto_tree *tree = proto_item_add_subtree(item, ett_smtpx_parameter);

        smtpx_view_span_upper(at->view, tree, hf_smtpx_parameter_keyword, at->offset, parameter.keyword);
        if (parameter.has_value)
            smtpx_view_span(at->view, tree, hf_smtpx_parameter_value, at->offset, parameter.value);
        if (is_mail && smtp_is_word(at->line + parameter.keyword.offset, parameter.keyword.length, "SIZE"))
            view_size(at, &parameter, tree);
    }
}

static void view_path(command_view *at)
{
    int field = at->command.verb == SMTP_VERB_RCPT ? hf_smtpx_rcpt_to : hf_smtpx_mail_from;
    smtp_path path;
    proto_tree *tree;

    if (!smtp_command_path(at->line, &at->command, &path)) {
        at->notes |= SMTP_NOTE_PATH_SYNTAX;
        return;
    }
    at->notes |= path.notes;
    tree = proto_item_add_subtree(smtpx_view_span(at->view, at->tree, field, at->offset, path.address), ett_smtpx_path);
    if (path.route.length)
        smtpx_view_span(at->view, tree, hf_smtpx_path_route, at->offset, path.route);
    if (path.local_part.length)
        smtpx_view_span(at->view, tree, hf_smtpx_path_local_part, at->offset, path.local_part);
    if (path.domain.length)
        smtpx_view_span(at->view, tree, hf_smtpx_path_domain, at->offset, path.domain);
    view_parameters(at, path.parameters);
}

static void view_chunk(command_view *at)
{
    smtp_chunk_size chunk = smtp_command_chunk(at->line, &at->command);
    smtp_span last = chunk.last ? chunk.marker : (smtp_span){smtp_span_end(chunk.size), 0};

    if (!chunk.valid) {
        at->notes |= SMTP_NOTE_BDAT_SIZE;
        return;
    }
    proto_tree_add_uint64(at->tree, hf_smtpx_bdat_size, at->view->tvb, (int)(at->offset + chunk.size.offset),
                          (int)chunk.size.length, chunk.octets);
    proto_tree_add_boolean(at->tree, hf_smtpx_bdat_last, at->view->tvb, (int)(at->offset + last.offset),
                           (int)last.length, chunk.last);
}

static void view_argument(command_view *at, const smtp_exchange *exchange)
{
    switch (at->command.verb) {
    case SMTP_VERB_HELO:
    case SMTP_VERB_EHLO:
    case SMTP_VERB_LHLO:
        if (at->command.argument.length)
            smtpx_view_span(at->view, at->tree, hf_smtpx_helo, at->offset, at->command.argument);
        break;
    case SMTP_VERB_MAIL:
    case SMTP_VERB_RCPT:
    case SMTP_VERB_SEND:
    case SMTP_VERB_SOML:
    case SMTP_VERB_SAML:
        view_path(at);
        break;
    case SMTP_VERB_BDAT:
        view_chunk(at);
        break;
    case SMTP_VERB_STARTTLS:
    case SMTP_VERB_X_ANONYMOUSTLS:
        smtpx_view_starttls(at->view, at->tree, false);
        break;
    case SMTP_VERB_AUTH:
    case SMTP_VERB_X_EXPS:
        at->notes |= smtpx_auth_view_command(at->view, at->tree, at->offset, at->line, at->command.argument, exchange);
        break;
    default:
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
    at.tree = proto_item_add_subtree(item, ett_smtpx_command);
    smtpx_view_span_upper(view, at.tree, hf_smtpx_command_verb, offset, at.command.name);
    if (at.command.argument.length)
        smtpx_view_span(view, at.tree, hf_smtpx_command_argument, offset, at.command.argument);
    smtpx_legacy_command(view->tree, view->tvb, offset, record->length, &at.command);
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
        {&hf_smtpx_parameter,
         {"Parameter", "smtpx.parameter", FT_STRING, BASE_NONE, NULL, 0, "ESMTP parameter of MAIL or RCPT", HFILL}},
        {&hf_smtpx_parameter_keyword,
         {"Keyword", "smtpx.parameter.keyword", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_parameter_value, {"Value", "smtpx.parameter.value", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_mail_size,
         {"Declared message size", "smtpx.mail.size", FT_UINT64, BASE_DEC, NULL, 0, "SIZE= of MAIL (RFC 1870)", HFILL}},
        {&hf_smtpx_bdat_size, {"Chunk size", "smtpx.bdat.size", FT_UINT64, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_bdat_last, {"Last chunk", "smtpx.bdat.last", FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
    };
    static int *ett[] = {&ett_smtpx_command, &ett_smtpx_path, &ett_smtpx_parameter};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}
