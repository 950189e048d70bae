/* smtpx_view_reply.c
 * Replies and enhanced status codes: RFC 5321, 4.2; RFC 2034; RFC 3463.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view.h"

#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/smtp/syntax/smtp_line.h"

static int hf_smtpx_reply = -1;
static int hf_smtpx_reply_code = -1;
static int hf_smtpx_reply_class = -1;
static int hf_smtpx_reply_text = -1;
static int hf_smtpx_reply_enhanced = -1;
static int hf_smtpx_reply_enhanced_class = -1;
static int hf_smtpx_reply_enhanced_subject = -1;
static int hf_smtpx_reply_enhanced_detail = -1;
static int hf_smtpx_reply_enhanced_meaning = -1;
static int hf_smtpx_reply_offset = -1;
static int hf_smtpx_reply_recipient = -1;
static int hf_smtpx_reply_recipient_in = -1;
static int ett_smtpx_reply = -1;
static int ett_smtpx_reply_line = -1;
static int ett_smtpx_enhanced = -1;

static const value_string code_vals[] = {
#define SMTP_CODE(code, meaning) {code, meaning},
#define SMTP_CODE_AFTER(code, verb, meaning)
#include "plugin/smtp/smtp_codes.def"
#undef SMTP_CODE
#undef SMTP_CODE_AFTER
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

/* RFC 3463, 2 */
static const value_string enhanced_class_vals[] = {
    {2, "Success"},
    {4, "Persistent transient failure"},
    {5, "Permanent failure"},
    {0, NULL},
};

static const value_string enhanced_subject_vals[] = {
    {0, "Other or undefined"},
    {1, "Addressing"},
    {2, "Mailbox"},
    {3, "Mail system"},
    {4, "Network and routing"},
    {5, "Mail delivery protocol"},
    {6, "Message content or media"},
    {7, "Security or policy"},
    {0, NULL},
};

static hf_register_info reply_fields[] = {
    {&hf_smtpx_reply_code,
     {"Reply code", "smtpx.reply.code", FT_UINT16, BASE_DEC | BASE_EXT_STRING, &code_vals_ext, 0, NULL, HFILL}},
    {&hf_smtpx_reply_class, {"Reply class", "smtpx.reply.class", FT_UINT8, BASE_DEC, VALS(class_vals), 0, NULL, HFILL}},
    {&hf_smtpx_reply_recipient,
     {"Recipient", "smtpx.reply.recipient", FT_STRING, BASE_NONE, NULL, 0,
      "Whom this reply to a message is about (LMTP, PRDR)", HFILL}},
    {&hf_smtpx_reply_recipient_in,
     {"Recipient in", "smtpx.reply.recipient_in", FT_FRAMENUM, BASE_NONE, NULL, 0, "The frame with that RCPT", HFILL}},
};

static hf_register_info line_fields[] = {
    {&hf_smtpx_reply, {"Line", "smtpx.reply", FT_STRING, BASE_NONE, NULL, 0, "Reply line without its line end", HFILL}},
    {&hf_smtpx_reply_text, {"Text", "smtpx.reply.text", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced,
     {"Enhanced status code", "smtpx.reply.enhanced", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced_class,
     {"Class", "smtpx.reply.enhanced.class", FT_UINT16, BASE_DEC, VALS(enhanced_class_vals), 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced_subject,
     {"Subject", "smtpx.reply.enhanced.subject", FT_UINT16, BASE_DEC, VALS(enhanced_subject_vals), 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced_detail,
     {"Detail", "smtpx.reply.enhanced.detail", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced_meaning,
     {"Meaning", "smtpx.reply.enhanced.meaning", FT_STRING, BASE_NONE, NULL, 0, "As registered with IANA", HFILL}},
    {&hf_smtpx_reply_offset,
     {"Offset", "smtpx.reply.offset", FT_UINT64, BASE_DEC, NULL, 0, "Octets of the message that the server has",
      HFILL}},
};

/* One reply that is being drawn. */
typedef struct reply_view {
    smtpx_view *view;
    proto_tree *tree;
    const smtp_exchange *exchange;
    uint32_t offset; /**< of the line at hand */
    const uint8_t *line;
    bool ehlo;
    uint32_t lines;
    uint32_t notes;
} reply_view;

static void view_part(reply_view *at, proto_tree *tree, int field, smtp_span span, uint16_t number)
{
    smtpx_item_uint(tree, field, at->view->tvb, at->offset + span.offset, span.length, number);
}

static void view_enhanced(reply_view *at, proto_tree *tree, const smtp_enhanced *enhanced)
{
    const char *meaning = smtp_enhanced_meaning(enhanced);
    proto_item *item = smtpx_view_span(at->view, tree, hf_smtpx_reply_enhanced, at->offset, enhanced->whole);

    tree = smtpx_item_subtree(tree, item, ett_smtpx_enhanced);
    view_part(at, tree, hf_smtpx_reply_enhanced_class, enhanced->whole, enhanced->class_);
    view_part(at, tree, hf_smtpx_reply_enhanced_subject, enhanced->whole, enhanced->subject);
    view_part(at, tree, hf_smtpx_reply_enhanced_detail, enhanced->whole, enhanced->detail);
    if (!meaning)
        return;
    proto_item_append_text(item, " (%s)", meaning);
    smtpx_generated_string(tree, hf_smtpx_reply_enhanced_meaning, at->view->tvb, meaning);
}

/* "355 6135 is the transaction offset" (RFC 1845) */
static void view_offset(reply_view *at, proto_tree *tree, smtp_span text)
{
    uint32_t end = smtp_skip_token(at->line, text.offset, smtp_span_end(text));

    smtpx_view_number64(at->view, tree, hf_smtpx_reply_offset, at->offset, at->line,
                        smtp_span_between(text.offset, end));
}

static proto_tree *view_line(reply_view *at, const smtp_line *line)
{
    smtp_reply_line parsed = smtp_reply_line_parse(at->line, line->text);
    smtp_span all = {0, line->text};
    smtp_enhanced enhanced;
    proto_item *item = smtpx_view_span(at->view, at->tree, hf_smtpx_reply, at->offset, all);
    proto_tree *tree = smtpx_item_subtree(at->tree, item, ett_smtpx_reply_line);

    proto_item_set_len(item, (int)line->length);
    if (parsed.valid && smtp_enhanced_parse(at->line, parsed.text, parsed.code, &enhanced))
        view_enhanced(at, tree, &enhanced);
    smtpx_view_span(at->view, tree, hf_smtpx_reply_text, at->offset, parsed.text);
    if (at->ehlo && at->lines > 0 && parsed.valid)
        smtpx_view_capability(at->view, tree, at->offset, at->line, parsed.text);
    if (parsed.code == 355)
        view_offset(at, tree, parsed.text);
    smtpx_legacy_reply_line(at->view->legacy, at->view->tvb, at->offset, &parsed);
    return tree;
}

/* A challenge is drawn for the tree, and for whom Wireshark gives its token. */
static void view_challenge(reply_view *at, proto_tree *tree, const smtp_line *line)
{
    smtp_reply_line parsed;

    if (!at->exchange || !smtp_exchange_is_auth(at->exchange))
        return;
    parsed = smtp_reply_line_parse(at->line, line->text);
    if (parsed.code == 334)
        at->notes |= smtpx_auth_view_challenge(at->view, tree, at->offset, at->line, parsed.text, at->exchange);
}

/* The first line with its code, the texts of the others behind it. */
static void view_info(reply_view *at, const smtp_line *line)
{
    smtp_reply_line parsed = smtp_reply_line_parse(at->line, line->text);
    smtp_span shown = at->lines > 0 ? parsed.text : (smtp_span){0, line->text};

    smtpx_view_info_octets(at->view, at->offset + shown.offset, shown.length);
}

/* Does this answer EHLO or LHLO?  If the command was not seen, a registered
 * keyword in the second line of a 250 says so. */
static bool answers_ehlo(const smtp_exchange *exchange, const smtp_reply *reply, const uint8_t *octets, uint32_t length)
{
    smtp_line first, second;
    smtp_reply_line parsed;

    if (reply->code / 100 != 2)
        return false;
    if (exchange || reply->lines < 2)
        return exchange && (exchange->verb == SMTP_VERB_EHLO || exchange->verb == SMTP_VERB_LHLO);
    first = smtp_line_find(octets, length, 0);
    second = smtp_line_find(octets + first.length, length - first.length, 0);
    parsed = smtp_reply_line_parse(octets + first.length, second.text);
    return smtp_capability_is_standard(octets + first.length, parsed.text);
}

static void view_code(reply_view *at, uint16_t code)
{
    proto_item *item = smtpx_item_uint(at->tree, hf_smtpx_reply_code, at->view->tvb, at->offset, 3, code);
    const char *meaning = item && at->exchange ? smtp_code_meaning(code, (smtp_verb)at->exchange->verb) : NULL;

    if (meaning)
        proto_item_set_text(item, "Reply code: %s (%u)", meaning, code);
    smtpx_item_uint(at->tree, hf_smtpx_reply_class, at->view->tvb, at->offset, 1, code / 100);
}

/* For whom a message was taken or not (RFC 2033, 4.2), and under which name. */
static void view_recipient(reply_view *at, uint16_t code, uint32_t length)
{
    const smtp_exchange *recipient = smtp_exchange_recipient(at->exchange);

    if (!recipient)
        return;
    if (recipient->of.address)
        smtpx_view_name(at->view, at->tree, hf_smtpx_reply_recipient, recipient->of.address);
    smtpx_generated_uint(at->tree, hf_smtpx_reply_recipient_in, at->view->tvb, recipient->command_frame);
    if (code / 100 == 2)
        smtpx_view_queue_id(at->view, at->tree, at->offset, length);
}

/* What the command says about its reply. */
static void view_command(reply_view *at, uint16_t code, uint32_t length)
{
    if (!at->exchange)
        return;
    if (smtp_exchange_is_starttls(at->exchange))
        smtpx_view_starttls(at->view, at->tree, code / 100 == 2);
    if (smtp_exchange_is_auth(at->exchange))
        smtpx_auth_view_result(at->view, at->tree, code, at->exchange);
    view_recipient(at, code, length);
}

/* Does anybody look at more than the reply as a whole? */
static bool lines_are_wanted(const reply_view *at)
{
    return at->view->info || at->view->legacy || (at->exchange && smtp_exchange_is_auth(at->exchange)) ||
           smtpx_item_any_is_wanted(at->tree, line_fields, array_length(line_fields)) ||
           (at->ehlo && smtpx_view_capability_is_wanted(at->tree));
}

static void view_lines(reply_view *at, uint32_t length)
{
    while (length > 0) {
        smtp_line line = smtp_line_find(at->line, length, 0);
        proto_tree *tree = NULL;

        view_info(at, &line);
        if (at->tree)
            tree = view_line(at, &line);
        view_challenge(at, tree, &line);
        at->lines++;
        at->offset += line.length;
        at->line += line.length;
        length -= line.length;
    }
}

/* The label is the first line: it is made where it is shown. */
static proto_item *view_whole(reply_view *at, const smtpx_record *record)
{
    smtpx_view *view = at->view;
    uint32_t first = smtp_line_find(at->line, record->length, 0).text;
    proto_item *item;

    at->tree =
        proto_tree_add_subtree_format(view->tree, view->tvb, (int)at->offset, (int)record->length, ett_smtpx_reply,
                                      &item, "%s: %s", record->continued ? "Reply, continued" : "Reply",
                                      tvb_format_text(view->pinfo->pool, view->tvb, (int)at->offset, (int)first));
    return item;
}

/* Of octets that smtp_reply_read() finds no line in. */
static uint32_t unfinished_notes(const uint8_t *octets, uint32_t length)
{
    smtp_line line = smtp_line_find(octets, length, 0);

    return smtp_line_notes(octets, &line);
}

void smtpx_view_reply(smtpx_view *view, uint32_t offset, const smtpx_record *record)
{
    const uint8_t *octets = view->octets + offset;
    reply_view at = {.view = view, .tree = view->tree, .offset = offset, .line = octets, .lines = record->continued};
    smtp_reply reply = {.length = 0};
    proto_item *item = NULL;

    at.exchange = smtpx_record_exchange(record);
    smtp_reply_read(octets, record->length, 0, UINT32_MAX, &reply);
    if (reply.lines == 0)
        reply.code = smtp_reply_line_parse(octets, record->length).code;
    at.ehlo = answers_ehlo(at.exchange, &reply, octets, record->length);
    if (smtpx_item_is_shown(view->tree))
        item = view_whole(&at, record);
    if (reply.lines > 1)
        proto_item_append_text(item, " (%u lines)", reply.lines);
    if (at.tree && reply.code && !record->continued) {
        view_code(&at, reply.code);
        view_command(&at, reply.code, record->length);
    }
    if (lines_are_wanted(&at))
        view_lines(&at, record->length);
    smtpx_view_pair(view, at.tree, at.exchange, true);
    smtpx_view_notes(view, item,
                     at.notes | record->notes | reply.notes | (record->continues ? SMTP_REMARK_UNFINISHED_REPLY : 0) |
                         (reply.lines == 0 ? unfinished_notes(octets, record->length) : 0));
}

void smtpx_view_reply_register(int proto)
{
    static int *ett[] = {&ett_smtpx_reply, &ett_smtpx_reply_line, &ett_smtpx_enhanced};

    proto_register_field_array(proto, reply_fields, array_length(reply_fields));
    proto_register_field_array(proto, line_fields, array_length(line_fields));
    proto_register_subtree_array(ett, array_length(ett));
}
