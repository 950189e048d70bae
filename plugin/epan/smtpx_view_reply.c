/* smtpx_view_reply.c
 * Replies, enhanced status codes, and the capabilities in a reply to EHLO:
 * RFC 5321, 4.2; RFC 2034; RFC 3463.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_view.h"

#include "plugin/epan/smtpx_legacy.h"
#include "plugin/smtp/smtp_line.h"

static int hf_smtpx_reply = -1;
static int hf_smtpx_reply_code = -1;
static int hf_smtpx_reply_class = -1;
static int hf_smtpx_reply_text = -1;
static int hf_smtpx_reply_enhanced = -1;
static int hf_smtpx_capability = -1;
static int hf_smtpx_capability_parameter = -1;
static int hf_smtpx_capability_size = -1;
static int hf_smtpx_capability_auth = -1;
static int ett_smtpx_reply = -1;
static int ett_smtpx_reply_line = -1;
static int ett_smtpx_capability = -1;

static const value_string code_vals[] = {
#define SMTP_CODE(code, meaning) {code, meaning},
#include "plugin/smtp/smtp_codes.def"
#undef SMTP_CODE
    {0, NULL},
};
static value_string_ext code_vals_ext = VALUE_STRING_EXT_INIT(code_vals);

/* RFC 5321, 4.2.1 */
static const value_string class_vals[] = {
    {2, "Positive completion"},
    {3, "Positive intermediate"},
    {4, "Transient negative completion"},
    {5, "Permanent negative completion"},
    {0, NULL},
};

/* One reply that is being drawn. */
typedef struct reply_view {
    smtpx_view *view;
    proto_tree *tree;
    uint32_t start;  /**< of the reply */
    uint32_t offset; /**< of the line at hand */
    const uint8_t *line;
    bool ehlo;
    uint32_t lines;
} reply_view;

static void view_auth_mechanisms(reply_view *at, proto_tree *tree, smtp_span parameter)
{
    uint32_t end = smtp_span_end(parameter);
    uint32_t start = parameter.offset;

    while (start < end) {
        uint32_t stop = smtp_skip_token(at->line, start, end);
        smtpx_view_span_upper(at->view, tree, hf_smtpx_capability_auth, at->offset, smtp_span_between(start, stop));
        start = smtp_skip_blanks(at->line, stop, end);
    }
}

static void view_capability(reply_view *at, proto_tree *tree, smtp_span text)
{
    smtp_capability capability = smtp_capability_parse(at->line, text);
    const uint8_t *keyword = at->line + capability.keyword.offset;
    proto_item *item;
    uint64_t size;

    if (!tree || capability.keyword.length == 0)
        return;
    item = smtpx_view_span_upper(at->view, tree, hf_smtpx_capability, at->offset, capability.keyword);
    tree = proto_item_add_subtree(item, ett_smtpx_capability);
    if (capability.parameter.length)
        smtpx_view_span(at->view, tree, hf_smtpx_capability_parameter, at->offset, capability.parameter);
    if (smtp_is_word(keyword, capability.keyword.length, "AUTH"))
        view_auth_mechanisms(at, tree, capability.parameter);
    if (smtp_is_word(keyword, capability.keyword.length, "SIZE") && smtp_number(at->line, capability.parameter, &size))
        proto_tree_add_uint64(tree, hf_smtpx_capability_size, at->view->tvb,
                              (int)(at->offset + capability.parameter.offset), (int)capability.parameter.length, size);
}

static void view_line(reply_view *at, const smtp_line *line)
{
    smtp_reply_line parsed = smtp_reply_line_parse(at->line, line->text);
    smtp_span all = {0, line->text};
    smtp_enhanced enhanced;
    proto_item *item = smtpx_view_span(at->view, at->tree, hf_smtpx_reply, at->offset, all);
    proto_tree *tree = proto_item_add_subtree(item, ett_smtpx_reply_line);

    proto_item_set_len(item, (int)line->length);
    if (parsed.valid && smtp_enhanced_parse(at->line, parsed.text, parsed.code, &enhanced))
        smtpx_view_span(at->view, tree, hf_smtpx_reply_enhanced, at->offset, enhanced.whole);
    smtpx_view_span(at->view, tree, hf_smtpx_reply_text, at->offset, parsed.text);
    if (at->ehlo && at->lines > 0 && parsed.valid)
        view_capability(at, tree, parsed.text);
    smtpx_legacy_reply_line(at->view->tree, at->view->tvb, at->offset, &parsed);
}

/* The first line with its code, the texts of the others behind it. */
static void view_info(reply_view *at, const smtp_line *line)
{
    smtp_reply_line parsed = smtp_reply_line_parse(at->line, line->text);
    smtp_span shown = at->lines > 0 ? parsed.text : (smtp_span){0, line->text};

    if (!at->view->info)
        return;
    if (at->offset > at->start || at->view->begun)
        col_append_str(at->view->pinfo->cinfo, COL_INFO, " | ");
    col_append_str(
        at->view->pinfo->cinfo, COL_INFO,
        tvb_format_text(at->view->pinfo->pool, at->view->tvb, (int)(at->offset + shown.offset), (int)shown.length));
}

/* Does this answer EHLO or LHLO?  If the command was not seen, a registered
 * keyword in the second line of a 250 says so. */
static bool answers_ehlo(const smtp_exchange *exchange, const smtp_reply *reply, const uint8_t *octets, uint32_t length)
{
    smtp_line first, second;
    smtp_reply_line parsed;
    smtp_capability capability;

    if (reply->code / 100 != 2)
        return false;
    if (exchange || reply->lines < 2)
        return exchange && (exchange->verb == SMTP_VERB_EHLO || exchange->verb == SMTP_VERB_LHLO);
    first = smtp_line_find(octets, length, 0);
    second = smtp_line_find(octets + first.length, length - first.length, 0);
    parsed = smtp_reply_line_parse(octets + first.length, second.text);
    capability = smtp_capability_parse(octets + first.length, parsed.text);
    return smtp_keyword_is_known(octets + first.length + capability.keyword.offset, capability.keyword.length);
}

static void view_code(reply_view *at, const smtp_reply *reply, const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);

    if (record->continued || !at->tree)
        return;
    if (reply->code) {
        proto_tree_add_uint(at->tree, hf_smtpx_reply_code, at->view->tvb, (int)at->offset, 3, reply->code);
        proto_tree_add_uint(at->tree, hf_smtpx_reply_class, at->view->tvb, (int)at->offset, 1, reply->code / 100);
    }
    if (exchange && (exchange->verb == SMTP_VERB_STARTTLS || exchange->verb == SMTP_VERB_X_ANONYMOUSTLS))
        smtpx_view_starttls(at->view, at->tree, reply->code / 100 == 2);
}

static void view_lines(reply_view *at, uint32_t length)
{
    while (length > 0) {
        smtp_line line = smtp_line_find(at->line, length, 0);

        view_info(at, &line);
        if (at->tree)
            view_line(at, &line);
        at->lines++;
        at->offset += line.length;
        at->line += line.length;
        length -= line.length;
    }
}

void smtpx_view_reply(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    const uint8_t *octets = view->octets + offset;
    reply_view at = {.view = view, .start = offset, .offset = offset, .line = octets, .lines = record->continued};
    const smtp_exchange *exchange = smtpx_record_exchange(record);
    smtp_reply reply = {.length = 0};
    smtp_line first = smtp_line_find(octets, record->length, 0);
    proto_item *item = NULL;

    smtp_reply_read(octets, record->length, 0, UINT32_MAX, &reply);
    if (reply.lines == 0)
        reply.code = smtp_reply_line_parse(octets, record->length).code;
    at.ehlo = answers_ehlo(exchange, &reply, octets, record->length);
    if (view->tree)
        at.tree =
            proto_tree_add_subtree_format(view->tree, view->tvb, (int)offset, (int)record->length, ett_smtpx_reply,
                                          &item, "%s: %s", record->continued ? "Reply, continued" : "Reply",
                                          tvb_format_text(view->pinfo->pool, view->tvb, (int)offset, (int)first.text));
    if (reply.lines > 1)
        proto_item_append_text(item, " (%u lines)", reply.lines);
    view_code(&at, &reply, record);
    view_lines(&at, record->length);
    smtpx_view_pair(view, at.tree, exchange, true);
    smtpx_view_notes(view, item,
                     record->notes | reply.notes | (record->continues ? SMTP_NOTE_UNFINISHED_REPLY : 0) |
                         (reply.lines == 0 ? smtp_line_notes(octets, &first) : 0));
}

void smtpx_view_reply_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_reply,
         {"Line", "smtpx.reply", FT_STRING, BASE_NONE, NULL, 0, "Reply line without its line end", HFILL}},
        {&hf_smtpx_reply_code,
         {"Reply code", "smtpx.reply.code", FT_UINT16, BASE_DEC | BASE_EXT_STRING, &code_vals_ext, 0, NULL, HFILL}},
        {&hf_smtpx_reply_class,
         {"Reply class", "smtpx.reply.class", FT_UINT8, BASE_DEC, VALS(class_vals), 0, NULL, HFILL}},
        {&hf_smtpx_reply_text, {"Text", "smtpx.reply.text", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_reply_enhanced,
         {"Enhanced status code", "smtpx.reply.enhanced", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_capability,
         {"Capability", "smtpx.capability", FT_STRING, BASE_NONE, NULL, 0, "EHLO keyword", HFILL}},
        {&hf_smtpx_capability_parameter,
         {"Parameter", "smtpx.capability.parameter", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_smtpx_capability_size,
         {"Maximum message size", "smtpx.capability.size", FT_UINT64, BASE_DEC, NULL, 0, "0: no fixed maximum", HFILL}},
        {&hf_smtpx_capability_auth,
         {"Mechanism", "smtpx.capability.auth", FT_STRING, BASE_NONE, NULL, 0, "SASL mechanism", HFILL}},
    };
    static int *ett[] = {&ett_smtpx_reply, &ett_smtpx_reply_line, &ett_smtpx_capability};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}
