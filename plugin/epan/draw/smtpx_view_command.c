/* smtpx_view_command.c
 * Commands and AUTH answers: RFC 5321, 4.1; RFC 3030; RFC 4954.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_command.h"

#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/epan/draw/smtpx_view_parameter.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"
#include "plugin/smtp/smtp_place.h"
#include "plugin/smtp/smtp_reading.h"

static int hf_smtpx_command = -1;
static int hf_smtpx_command_verb = -1;
static int hf_smtpx_command_argument = -1;
static int hf_smtpx_helo = -1;
static int hf_smtpx_mail_from = -1;
static int hf_smtpx_rcpt_to = -1;
static int hf_smtpx_path_local_part = -1;
static int hf_smtpx_path_domain = -1;
static int hf_smtpx_path_domain_unicode = -1;
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

static hf_register_info line_fields[] = {
    {&hf_smtpx_command,
     {"Command", "smtpx.command", FT_STRING, BASE_NONE, NULL, 0, "Command line without its line end", HFILL}},
};

/* For these it is read. */
static hf_register_info part_fields[] = {
    {&hf_smtpx_command_verb, {"Verb", "smtpx.command.verb", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_command_argument, {"Argument", "smtpx.command.argument", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_helo,
     {"Client name", "smtpx.helo", FT_STRING, BASE_NONE, NULL, 0, "Argument of HELO, EHLO or LHLO", HFILL}},
    {&hf_smtpx_mail_from,
     {"Sender", "smtpx.mail.from", FT_STRING, BASE_NONE, NULL, 0, "Reverse-path; empty for <>", HFILL}},
    {&hf_smtpx_rcpt_to, {"Recipient", "smtpx.rcpt.to", FT_STRING, BASE_NONE, NULL, 0, "Forward-path", HFILL}},
    {&hf_smtpx_path_local_part, {"Local part", "smtpx.path.local_part", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_path_domain, {"Domain", "smtpx.path.domain", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_path_domain_unicode,
     {"Domain in Unicode", "smtpx.path.domain.unicode", FT_STRING, BASE_NONE, NULL, 0,
      "Of a domain with A-labels (RFC 5890)", HFILL}},
    {&hf_smtpx_path_route, {"Source route", "smtpx.path.route", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_bdat_size, {"Chunk size", "smtpx.bdat.size", FT_UINT64, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_bdat_last, {"Last chunk", "smtpx.bdat.last", FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_burl_uri,
     {"URI", "smtpx.burl.uri", FT_STRING, BASE_NONE, NULL, 0, "Where the server gets the message (RFC 4468)", HFILL}},
    {&hf_smtpx_burl_last, {"Last part", "smtpx.burl.last", FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_xexch50_size,
     {"Data size", "smtpx.xexch50.size", FT_UINT64, BASE_DEC, NULL, 0, "Octets that follow the reply", HFILL}},
    {&hf_smtpx_attribute,
     {"Attribute", "smtpx.attribute", FT_STRING, BASE_NONE, NULL, 0, "Of XCLIENT or XFORWARD", HFILL}},
    {&hf_smtpx_attribute_name, {"Attribute name", "smtpx.attribute.name", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_attribute_value,
     {"Attribute value", "smtpx.attribute.value", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
};

/* ---- Arguments ---- */

static void view_address(const smtpx_cursor *at, smtp_span whole)
{
    smtp_address parts;

    if (!smtpx_item_is_wanted(at, hf_smtpx_path_local_part) && !smtpx_item_is_wanted(at, hf_smtpx_path_domain) &&
        !smtpx_item_is_wanted(at, hf_smtpx_path_domain_unicode))
        return;
    parts = smtp_address_split(at->octets, whole);
    if (parts.local_part.length)
        smtpx_item_text(at, hf_smtpx_path_local_part, parts.local_part);
    if (parts.domain.length)
        smtpx_item_domain(at, hf_smtpx_path_domain, hf_smtpx_path_domain_unicode, parts.domain);
}

static void view_path(const smtpx_cursor *line, const smtp_path *path, int field)
{
    proto_item *item = smtpx_item_text(line, field, path->address);
    smtpx_cursor at;

    if (path->address.length == 0)
        proto_item_append_text(item, "<>");
    at = smtpx_cursor_below(line, item, ett_smtpx_path);
    if (path->route.length)
        smtpx_item_text(&at, hf_smtpx_path_route, path->route);
    view_address(&at, path->address);
}

/* A path and its parameters. */
static void view_mailbox(smtpx_view *view, const smtpx_cursor *line, const smtp_command *command)
{
    const smtp_path *path = &command->of.path;

    if (!path->found)
        return;
    if (!smtp_path_is_missing(path))
        view_path(line, path, command->shape == SMTP_SHAPE_TO ? hf_smtpx_rcpt_to : hf_smtpx_mail_from);
    smtpx_view_parameters(view, line, command);
}

/* "LAST", or where it would stand. */
static void view_last(const smtpx_cursor *at, int field, const smtp_chunk_size *chunk)
{
    smtp_span last = chunk->last ? chunk->marker : (smtp_span){smtp_span_end(chunk->size), 0};

    smtpx_item_boolean(at, field, last, chunk->last);
}

static void view_chunk(const smtpx_cursor *at, const smtp_chunk_size *chunk)
{
    if (!chunk->valid)
        return;
    smtpx_item_uint64(at, hf_smtpx_bdat_size, chunk->size, chunk->octets);
    view_last(at, hf_smtpx_bdat_last, chunk);
}

static void view_uri(const smtpx_cursor *at, const smtp_chunk_size *chunk)
{
    if (!chunk->valid)
        return;
    smtpx_item_text(at, hf_smtpx_burl_uri, chunk->size);
    view_last(at, hf_smtpx_burl_last, chunk);
}

/* NAME=value; the value is xtext (Postfix, XCLIENT_README and XFORWARD_README). */
static void view_attribute(smtpx_view *view, const smtpx_cursor *line, const smtp_parameter *attribute)
{
    proto_item *item = smtpx_item_text(line, hf_smtpx_attribute, attribute->whole);
    smtpx_cursor at = smtpx_cursor_below(line, item, ett_smtpx_attribute);
    uint8_t *decoded;

    smtpx_item_upper(&at, hf_smtpx_attribute_name, attribute->keyword);
    if (!attribute->has_value)
        return;
    decoded = wmem_alloc(view->pinfo->pool, attribute->value.length + 1);
    smtpx_item_decoded(&at, hf_smtpx_attribute_value, attribute->value, decoded,
                       smtp_xtext_decode(at.octets, attribute->value, decoded));
}

static void view_attributes(smtpx_view *view, const smtpx_cursor *at, smtp_span rest)
{
    smtp_parameter attribute;

    if (!at->tree)
        return;
    while (smtp_parameter_next(at->octets, &rest, &attribute))
        view_attribute(view, at, &attribute);
}

static void view_argument(smtpx_view *view, const smtpx_cursor *at, const smtp_reading *reading,
                          const smtp_exchange *exchange)
{
    const smtp_command *command = &reading->command;

    switch (command->shape) {
    case SMTP_SHAPE_DOMAIN:
        if (command->argument.length)
            smtpx_item_domain(at, hf_smtpx_helo, 0, command->argument);
        break;
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        view_mailbox(view, at, command);
        break;
    case SMTP_SHAPE_CHUNK:
        view_chunk(at, &command->of.chunk);
        break;
    case SMTP_SHAPE_URI:
        view_uri(at, &command->of.chunk);
        break;
    case SMTP_SHAPE_COUNT:
        if (command->of.count.valid)
            smtpx_item_uint64(at, hf_smtpx_xexch50_size, command->of.count.digits, command->of.count.octets);
        break;
    case SMTP_SHAPE_ATTRIBUTES:
        view_attributes(view, at, command->argument);
        break;
    case SMTP_SHAPE_TLS:
        smtpx_view_starttls(at, false);
        break;
    case SMTP_SHAPE_MECHANISM:
        if (command->of.auth.mechanism.length)
            smtpx_view_auth_mechanism(at, command->of.auth.mechanism);
        smtpx_view_auth_response(view, at, reading, exchange);
        break;
    case SMTP_SHAPE_BARE:
    case SMTP_SHAPE_ANY:
    case SMTP_SHAPE_SOME:
    case SMTP_SHAPE_WILD:
        break;
    }
}

/* ---- Lines ---- */

/* Reads a line again; what AUTH carries is decoded into memory of the packet. */
static void read_line(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record, smtp_reading *reading)
{
    smtp_unit_text unit = {at->octets, record->length, (smtp_role)record->role, smtpx_record_exchange(record)};
    bool is_auth = smtp_exchange_is_auth(unit.exchange);

    smtp_reading_make(reading, &unit, is_auth ? wmem_alloc(view->pinfo->pool, smtp_auth_room(record->length)) : NULL);
}

/* Does the verb take an argument? */
static bool takes_argument(smtp_shape shape)
{
    return shape != SMTP_SHAPE_ANY && shape != SMTP_SHAPE_WILD && shape != SMTP_SHAPE_BARE && shape != SMTP_SHAPE_TLS;
}

static void view_verb(const smtpx_cursor *at, const smtp_command *command)
{
    proto_item *item;

    if (command->name.length == 0)
        return;
    item = smtpx_item_upper(at, hf_smtpx_command_verb, command->name);
    if (command->verb == SMTP_VERB_UNKNOWN)
        proto_item_append_text(item, " (unknown)");
    else if (command->argument.length == 0 && takes_argument(command->shape) && !command->cut)
        proto_item_append_text(item, " (argument missing)");
}

/* Do the fields of its parts say all of the argument? */
static bool has_parts(const smtp_command *command)
{
    switch (command->shape) {
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
        return command->of.path.found;
    case SMTP_SHAPE_CHUNK:
    case SMTP_SHAPE_URI:
        return command->of.chunk.valid;
    default:
        return takes_argument(command->shape);
    }
}

/* How much of the line is told: what may be a secret stands behind that. */
static uint32_t told_octets(const smtpx_cursor *unit, const smtp_reading *reading)
{
    smtp_span secret, mechanism;

    if (smtpx_auth_show_secrets)
        return reading->line.text;
    secret = smtp_reading_secret(reading, unit->octets);
    if (secret.length > 0)
        return secret.offset - 1;
    if (!reading->has_response)
        return reading->line.text;
    mechanism = reading->command.of.auth.mechanism;
    return smtp_span_end(mechanism.length > 0 ? mechanism : reading->command.name);
}

/* The line as it is told to people: AUTH's with the user in place of what only programs read.
 * @param length  how much of it is told */
static const char *tell_command(smtpx_view *view, const smtpx_cursor *unit, const smtp_reading *reading,
                                uint32_t length)
{
    bool has_secret = reading->has_response && !smtpx_auth_show_secrets;
    const char *line, *user;

    if (!smtpx_view_is_described(view))
        return NULL;
    if (reading->line.text == 0)
        return "(empty line)";
    line = smtpx_view_one_line(view, unit->octets, length);
    user = has_secret ? smtpx_view_auth_user(view, &reading->response) : NULL;
    return user ? wmem_strdup_printf(view->pinfo->pool, "%s, user %s", line, user) : line;
}

/* In Info, in the protocol's row, and in its own where that would have a secret, or nothing. */
static void tell(smtpx_view *view, const smtpx_cursor *unit, proto_item *item, const smtp_reading *reading,
                 uint32_t length)
{
    const char *told = tell_command(view, unit, reading, length);

    if (!told)
        return;
    smtpx_view_info(view, told);
    smtpx_view_title(view, told);
    if (item && smtpx_item_is_shown(unit) && (reading->line.text == 0 || length < reading->line.text))
        proto_item_set_text(item, "Command: %s", told);
}

/* Where remarks stand that what was said before justifies. */
static void add_places(const smtpx_cursor *unit, const smtpx_record *record, smtp_reading *reading)
{
    const smtp_remarks *remarks = smtpx_record_remarks(record);

    if (!smtp_remarks_any(remarks))
        return;
    for (int kind = 0; kind < SMTP_REMARK_COUNT; kind++) {
        bool is_elsewhere = smtp_remarks_has(remarks, (smtp_remark)kind) &&
                            !smtp_remarks_has(&reading->remarks.kinds, (smtp_remark)kind);
        smtp_span place =
            is_elsewhere ? smtp_place_in_line(unit->octets, reading, (smtp_remark)kind) : (smtp_span){0, 0};

        if (place.length > 0)
            smtp_remark_add(&reading->remarks, (smtp_remark)kind, place);
    }
}

/* @param text  octets before the line's end
 * @return NULL: nobody looks at it */
static proto_item *view_whole(const smtpx_cursor *unit, const smtpx_record *record, uint32_t text)
{
    proto_item *item = smtpx_item_text(unit, hf_smtpx_command, (smtp_span){0, text});

    proto_item_set_len(item, smtpx_size(record->length));
    return item;
}

/* Does anybody look at more than the line as a whole? It need not be read again for that. */
static bool more_is_wanted(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record)
{
    return view->info || view->legacy || smtpx_view_has_remarks(record) ||
           smtp_exchange_is_auth(smtpx_record_exchange(record)) ||
           smtpx_item_any_is_wanted(at, part_fields, array_length(part_fields)) || smtpx_view_parameter_is_wanted(at) ||
           smtpx_view_auth_is_asked_for(at) || smtpx_view_exchange_is_wanted(at);
}

static void view_parts(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    smtpx_cursor legacy = smtpx_view_legacy_at(view, unit);
    smtp_reading reading;
    proto_item *item;
    smtpx_cursor at, argument_at;
    uint32_t told;

    read_line(view, unit, record, &reading);
    told = told_octets(unit, &reading);
    item = view_whole(unit, record, reading.line.text);
    tell(view, unit, item, &reading, told);
    at = smtpx_cursor_below(unit, item, ett_smtpx_command);
    view_verb(&at, &reading.command);
    argument_at = has_parts(&reading.command) || told < reading.line.text ? smtpx_cursor_hidden(&at) : at;
    if (reading.command.argument.length)
        smtpx_item_text(&argument_at, hf_smtpx_command_argument, reading.command.argument);
    view->legacy = smtpx_legacy_command(&legacy, record->length, &reading.command).tree;
    view_argument(view, &at, &reading, exchange);
    smtpx_view_command_pair(view, &at, exchange);
    smtpx_view_wait(&at, record);
    add_places(unit, record, &reading);
    smtpx_view_remarks(view, unit, item, record, &reading.remarks);
}

void smtpx_view_command(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    DISSECTOR_ASSERT(smtpx_record_exchange(record));
    if (more_is_wanted(view, unit, record))
        view_parts(view, unit, record);
    else
        view_whole(unit, record, smtp_line_find(unit->octets, record->length, 0).text);
}

static void tell_answer(smtpx_view *view, const smtp_reading *reading, const smtp_exchange *exchange)
{
    const char *user;
    const char *told = smtp_exchange_cancels(exchange) ? "Authentication answer, cancelled" : "Authentication answer";

    if (!smtpx_view_is_described(view))
        return;
    user = smtpx_view_auth_user(view, &reading->response);
    if (user)
        told = wmem_strdup_printf(view->pinfo->pool, "%s, user %s", told, user);
    smtpx_view_info(view, told);
    smtpx_view_title(view, told);
}

void smtpx_view_auth_answer(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    smtpx_cursor legacy = smtpx_view_legacy_at(view, unit);
    smtp_reading reading;
    proto_item *item;
    smtpx_cursor at;

    DISSECTOR_ASSERT(exchange);
    read_line(view, unit, record, &reading);
    tell_answer(view, &reading, exchange);
    item = smtpx_view_auth_line(view, unit, &reading, exchange);
    proto_item_set_len(item, smtpx_size(record->length));
    at = smtpx_cursor_below(unit, item, ett_smtpx_command);
    smtpx_legacy_auth_answer(&legacy);
    smtpx_view_auth_response(view, &at, &reading, exchange);
    smtpx_view_command_pair(view, &at, exchange);
    smtpx_view_wait(&at, record);
    add_places(unit, record, &reading);
    smtpx_view_remarks(view, unit, item, record, &reading.remarks);
}

/* ---- Registration ---- */

void smtpx_view_command_register(int proto)
{
    static int *ett[] = {&ett_smtpx_command, &ett_smtpx_path, &ett_smtpx_attribute};

    proto_register_field_array(proto, line_fields, array_length(line_fields));
    proto_register_field_array(proto, part_fields, array_length(part_fields));
    proto_register_subtree_array(ett, array_length(ett));
}
