/* smtpx_view_reply.c
 * Replies and enhanced status codes: RFC 5321, 4.2; RFC 2034; RFC 3463.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_reply.h"

#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_view_capability.h"
#include "plugin/epan/draw/smtpx_view_exchange.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"
#include "plugin/epan/draw/smtpx_view_session.h"
#include "plugin/smtp/smtp_reading.h"
#include "plugin/smtp/syntax/smtp_capability.h"
#include "plugin/smtp/syntax/smtp_code.h"

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
static int hf_smtpx_reply_duration = -1;
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
    {&hf_smtpx_reply_duration,
     {"Duration", "smtpx.reply.duration", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "From the first octet of the reply to its last one", HFILL}},
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
typedef struct shown_reply {
    const smtp_exchange *exchange; /* NULL: it answers nothing that was seen */
    smtp_reply_lines lines;
    uint32_t number; /* of the line at hand, from 0 */
    bool ehlo;       /* its lines are capabilities, behind the first */
    bool begun;      /* the built-in's item for it was made ... */
    uint16_t code;   /* ... of the first line with this code */
} shown_reply;

/* ---- Lines ---- */

static void view_enhanced(const smtpx_cursor *line, const smtp_enhanced *enhanced)
{
    const char *meaning = smtp_enhanced_meaning(enhanced);
    proto_item *item = smtpx_item_text(line, hf_smtpx_reply_enhanced, enhanced->whole);
    smtpx_cursor at = smtpx_cursor_below(line, item, ett_smtpx_enhanced);

    smtpx_item_uint(&at, hf_smtpx_reply_enhanced_class, enhanced->whole, enhanced->class_);
    smtpx_item_uint(&at, hf_smtpx_reply_enhanced_subject, enhanced->whole, enhanced->subject);
    smtpx_item_uint(&at, hf_smtpx_reply_enhanced_detail, enhanced->whole, enhanced->detail);
    if (!meaning)
        return;
    proto_item_append_text(item, " (%s)", meaning);
    smtpx_generated_string(&at, hf_smtpx_reply_enhanced_meaning, meaning);
}

/* "355 6135 is the transaction offset" (RFC 1845) */
static void view_offset(const smtpx_cursor *at, smtp_span text)
{
    uint32_t end = smtp_skip_token(at->octets, text.offset, smtp_span_end(text));

    smtpx_item_number64(at, hf_smtpx_reply_offset, smtp_span_between(text.offset, end));
}

/* The built-in has a code and an item for the first line with one, and the texts of all lines below. */
static void view_legacy(smtpx_view *view, const smtpx_cursor *line, shown_reply *shown)
{
    smtpx_cursor at = smtpx_view_legacy_at(view, line);

    if (!at.tree || !shown->lines.parsed.valid)
        return;
    if (!shown->begun) {
        shown->begun = true;
        shown->code = shown->lines.parsed.code;
        at = smtpx_legacy_reply(&at, shown->lines.line.length, shown->code);
        view->legacy = at.tree;
    }
    smtpx_legacy_reply_line(&at, &shown->lines.parsed, shown->code);
}

/* @return the tree below the line */
static smtpx_cursor view_line(smtpx_view *view, const smtpx_cursor *line, shown_reply *shown)
{
    const smtp_reply_line *parsed = &shown->lines.parsed;
    smtp_enhanced enhanced;
    proto_item *item = smtpx_item_text(line, hf_smtpx_reply, (smtp_span){0, shown->lines.line.text});
    smtpx_cursor at = smtpx_cursor_below(line, item, ett_smtpx_reply_line);

    proto_item_set_len(item, (int)shown->lines.line.length);
    if (parsed->valid && smtp_enhanced_parse(at.octets, parsed->text, parsed->code, &enhanced))
        view_enhanced(&at, &enhanced);
    if (parsed->text.length)
        smtpx_item_text(&at, hf_smtpx_reply_text, parsed->text);
    if (shown->ehlo && shown->number > 0 && parsed->valid)
        smtpx_view_capability(&at, parsed->text);
    if (parsed->code == 355)
        view_offset(&at, parsed->text);
    view_legacy(view, line, shown);
    return at;
}

/* The first line with its code, the texts of the others behind it. */
static void view_info(smtpx_view *view, const smtpx_cursor *line, const shown_reply *shown)
{
    smtpx_view_info_span(view, line,
                         shown->number > 0 ? shown->lines.parsed.text : (smtp_span){0, shown->lines.line.text});
}

/* Draws the line at hand and those behind it. */
static void view_lines(smtpx_view *view, const smtpx_cursor *reply, shown_reply *shown)
{
    bool is_auth = shown->exchange && smtp_exchange_is_auth(shown->exchange);

    do {
        smtpx_cursor line = smtpx_cursor_behind(reply, shown->lines.offset);

        view_info(view, &line, shown);
        if (line.tree)
            line = view_line(view, &line, shown);
        /* A challenge is drawn for the tree, and for whom Wireshark gives its token. */
        if (is_auth && shown->lines.parsed.code == 334)
            smtpx_view_auth_challenge(view, &line, shown->lines.parsed.text, shown->exchange);
        shown->number++;
    } while (smtp_reply_lines_next(&shown->lines));
}

/* Does anybody look at more than the reply as a whole? */
static bool lines_are_wanted(const smtpx_view *view, const smtpx_cursor *at, const shown_reply *shown)
{
    return view->info || view->legacy || (shown->exchange && smtp_exchange_is_auth(shown->exchange)) ||
           smtpx_item_any_is_wanted(at, line_fields, array_length(line_fields)) ||
           (shown->ehlo && smtpx_view_capability_is_wanted(at));
}

/* ---- The whole ---- */

/* Does this answer EHLO or LHLO?  If the command was not seen, a registered
 * keyword in the second line of a 250 says so. */
static bool answers_ehlo(const shown_reply *shown, uint16_t code)
{
    smtp_reply_lines lines = shown->lines;

    if (code / 100 != 2)
        return false;
    if (shown->exchange)
        return shown->exchange->verb == SMTP_VERB_EHLO || shown->exchange->verb == SMTP_VERB_LHLO;
    return lines.parsed.more && smtp_reply_lines_next(&lines) &&
           smtp_capability_is_standard(lines.octets + lines.offset, lines.parsed.text);
}

static void view_code(const smtpx_cursor *at, uint16_t code, const smtp_exchange *exchange)
{
    proto_item *item = smtpx_item_uint(at, hf_smtpx_reply_code, (smtp_span){0, 3}, code);
    const char *meaning = item && exchange ? smtp_code_meaning(code, (smtp_verb)exchange->verb) : NULL;

    if (meaning)
        proto_item_set_text(item, "Reply code: %s (%u)", meaning, code);
    smtpx_item_uint(at, hf_smtpx_reply_class, (smtp_span){0, 1}, code / 100);
}

/* For whom a message was taken or not (RFC 2033, 4.2), and under which name. */
static void view_recipient(const smtpx_cursor *at, uint16_t code, const shown_reply *shown)
{
    const smtp_exchange *recipient = smtp_exchange_recipient(shown->exchange);

    if (!recipient)
        return;
    smtpx_generated_name(at, hf_smtpx_reply_recipient, recipient->of.address);
    smtpx_generated_uint(at, hf_smtpx_reply_recipient_in, recipient->command_frame);
    if (code / 100 == 2)
        smtpx_view_queue_id(at, shown->lines);
}

/* What the command says about its reply. */
static void view_command(const smtpx_cursor *at, uint16_t code, const shown_reply *shown)
{
    const smtp_exchange *exchange = shown->exchange;

    if (!exchange)
        return;
    if (smtp_exchange_is_starttls(exchange))
        smtpx_view_starttls(at, code / 100 == 2);
    if (smtp_exchange_is_auth(exchange))
        smtpx_view_auth_result(at, code, exchange);
    view_recipient(at, code, shown);
}

/* How long the server took to say it. */
static void view_duration(const smtpx_cursor *at, const smtpx_record *record)
{
    int64_t duration = at->tree ? smtpx_record_duration(record) : SMTP_DURATION_UNKNOWN;

    if (duration != SMTP_DURATION_UNKNOWN)
        smtpx_generated_time(at, hf_smtpx_reply_duration, duration);
}

/* The code that clients take, and where it stands: the last line's that has one. */
static smtp_reply find_code(const shown_reply *shown, const smtpx_record *record)
{
    const smtp_remarks *remarks = smtpx_record_remarks(record);
    smtp_reply reply = {.code = shown->lines.parsed.code};

    /* All lines have the same, but for replies that were remarked upon. */
    if (!smtp_remarks_has(remarks, SMTP_REMARK_CODE_CHANGED) && !smtp_remarks_has(remarks, SMTP_REMARK_NOT_A_REPLY))
        return reply;
    reply.code = 0;
    smtp_reply_read(shown->lines.octets, record->length, 0, UINT32_MAX, &reply);
    return reply;
}

/* The label is the first line: it is made where it is shown. */
static smtpx_cursor view_whole(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record,
                               const shown_reply *shown, proto_item **item)
{
    smtpx_cursor at = *unit;

    if (!smtpx_item_is_shown(unit))
        return at;
    at.tree = proto_tree_add_subtree_format(
        unit->tree, unit->tvb, (int)unit->offset, (int)record->length, ett_smtpx_reply, item, "%s: %s",
        record->continued ? "Reply, continued" : "Reply",
        tvb_format_text(view->pinfo->pool, unit->tvb, (int)unit->offset, (int)shown->lines.line.text));
    return at;
}

/* The remarks, and where they stand: that is looked for where there are any. */
static void view_remarks(smtpx_view *view, const smtpx_cursor *at, proto_item *item, const smtpx_record *record)
{
    smtp_unit_text unit = {at->octets, record->length, SMTP_ROLE_REPLY, smtpx_record_exchange(record)};
    smtp_reading reading;

    if (!smtp_remarks_any(smtpx_record_remarks(record)))
        return;
    smtp_reading_make(&reading, &unit, NULL);
    smtpx_view_remarks(view, at, item, record, &reading.remarks);
}

/* A line without a code answers what nothing else has answered. */
static bool answers_nothing(const smtpx_record *record, const smtp_exchange *exchange, uint16_t code)
{
    return exchange && code == 0 && !record->continued && !smtp_exchange_is_answered_codeless(exchange);
}

void smtpx_view_reply(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    shown_reply shown = {
        .exchange = smtpx_record_exchange(record),
        .lines = {.octets = unit->octets, .length = record->length},
        .number = record->continued,
    };
    proto_item *item = NULL;
    smtpx_cursor at, code_at;
    smtp_reply code;

    smtp_reply_lines_next(&shown.lines);
    code = find_code(&shown, record);
    if (answers_nothing(record, shown.exchange, code.code))
        shown.exchange = NULL;
    shown.ehlo = answers_ehlo(&shown, code.code);
    at = view_whole(view, unit, record, &shown, &item);
    code_at = smtpx_cursor_behind(&at, code.code_offset);
    if (at.tree && code.code && !record->continued) {
        view_code(&code_at, code.code, shown.exchange);
        view_command(&at, code.code, &shown);
    }
    if (lines_are_wanted(view, &at, &shown))
        view_lines(view, &at, &shown);
    if (shown.number > record->continued + 1u)
        proto_item_append_text(item, " (%u lines)", shown.number - record->continued);
    smtpx_view_reply_pair(view, &at, shown.exchange);
    view_duration(&at, record);
    view_remarks(view, unit, item, record);
}

void smtpx_view_reply_register(int proto)
{
    static int *ett[] = {&ett_smtpx_reply, &ett_smtpx_reply_line, &ett_smtpx_enhanced};

    proto_register_field_array(proto, reply_fields, array_length(reply_fields));
    proto_register_field_array(proto, line_fields, array_length(line_fields));
    proto_register_subtree_array(ett, array_length(ett));
}
