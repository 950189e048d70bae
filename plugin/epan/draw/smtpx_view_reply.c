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
#include "plugin/epan/draw/smtpx_view_transaction.h"
#include "plugin/smtp/smtp_place.h"
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
static int hf_smtpx_reply_server = -1;
static int hf_smtpx_reply_duration = -1;
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
};

static hf_register_info time_fields[] = {
    {&hf_smtpx_reply_duration,
     {"Reply duration", "smtpx.reply.duration", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "From the first octet of the reply to its last one", HFILL}},
};

static hf_register_info line_fields[] = {
    {&hf_smtpx_reply,
     {"Reply", "smtpx.reply", FT_STRING, BASE_NONE, NULL, 0, "Reply line without its line end", HFILL}},
    {&hf_smtpx_reply_text, {"Reply text", "smtpx.reply.text", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced,
     {"Enhanced status code", "smtpx.reply.enhanced", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced_class,
     {"Status class", "smtpx.reply.enhanced.class", FT_UINT16, BASE_DEC, VALS(enhanced_class_vals), 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced_subject,
     {"Status subject", "smtpx.reply.enhanced.subject", FT_UINT16, BASE_DEC, VALS(enhanced_subject_vals), 0, NULL,
      HFILL}},
    {&hf_smtpx_reply_enhanced_detail,
     {"Status detail", "smtpx.reply.enhanced.detail", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_reply_enhanced_meaning,
     {"Status meaning", "smtpx.reply.enhanced.meaning", FT_STRING, BASE_NONE, NULL, 0, "As registered with IANA",
      HFILL}},
    {&hf_smtpx_reply_server,
     {"Server name", "smtpx.reply.server", FT_STRING, BASE_NONE, NULL, 0,
      "What the server calls itself in its greeting, or answering HELO, EHLO or LHLO", HFILL}},
    {&hf_smtpx_reply_offset,
     {"Octet offset", "smtpx.reply.offset", FT_UINT64, BASE_DEC, NULL, 0, "Octets of the message that the server has",
      HFILL}},
};

/* One reply that is being drawn. */
typedef struct shown_reply {
    const smtp_exchange *exchange; /* NULL: it answers nothing that was seen */
    proto_item *item;              /* of all of it; NULL: nobody looks at it */
    smtp_reply_lines lines;
    uint32_t number;       /* of the line at hand, from 0 */
    uint32_t drawn;        /* how many lines were */
    uint32_t capabilities; /* how many were */
    smtp_span enhanced;    /* the enhanced code that was shown last, in the reply; empty: none */
    uint16_t told;         /* the code that Info has named last */
    uint16_t taken;        /* the code that clients take; 0: it stands in another unit, or there is none */
    bool ehlo;             /* its lines are capabilities, behind the first */
    bool begun;            /* the built-in's item for it was made ... */
    uint16_t code;         /* ... of the first line with this code */
} shown_reply;

/* ---- Lines ---- */

/* "(Permanent failure: bad destination mailbox address, RFC 3463)" */
static void explain_enhanced(proto_item *item, const smtp_enhanced *enhanced, smtp_note note)
{
    const char *class_name = val_to_str_const(enhanced->class_, enhanced_class_vals, "");
    const char *meaning = note.meaning;
    bool is_word = g_ascii_isupper(meaning[0]) && (g_ascii_islower(meaning[1]) || meaning[1] == ' ');
    char first = is_word ? g_ascii_tolower(meaning[0]) : meaning[0]; /* "SPF" has a capital anywhere */

    note.meaning = "";
    if (*meaning)
        class_name = wmem_strdup_printf(PNODE_POOL(item), "%s: %c%s", class_name, first, meaning + 1);
    smtpx_item_explain(item, class_name, note);
}

static void view_enhanced(const smtpx_cursor *line, const smtp_enhanced *enhanced)
{
    const char *meaning = smtp_enhanced_meaning(enhanced);
    proto_item *item = smtpx_item_text(line, hf_smtpx_reply_enhanced, enhanced->whole);
    smtpx_cursor at = smtpx_cursor_below(line, item, ett_smtpx_enhanced);
    smtpx_cursor hidden = smtpx_cursor_hidden(&at);

    if (item && smtpx_item_is_shown(line))
        explain_enhanced(item, enhanced, smtp_enhanced_note(enhanced));
    smtpx_item_uint(&hidden, hf_smtpx_reply_enhanced_class, enhanced->whole, enhanced->class_);
    smtpx_item_uint(&hidden, hf_smtpx_reply_enhanced_subject, enhanced->whole, enhanced->subject);
    smtpx_item_uint(&hidden, hf_smtpx_reply_enhanced_detail, enhanced->whole, enhanced->detail);
    if (meaning)
        smtpx_generated_string(&hidden, hf_smtpx_reply_enhanced_meaning, meaning);
}

/* The code of a line; one that the line before had, too, is told once. */
static void view_line_enhanced(const smtpx_cursor *line, shown_reply *shown)
{
    smtp_enhanced enhanced;
    smtpx_cursor at = *line;
    const uint8_t *before = shown->lines.octets + shown->enhanced.offset;

    if (!smtp_enhanced_parse(line->octets, shown->lines.parsed.text, shown->lines.parsed.code, &enhanced))
        return;
    at.hidden = shown->enhanced.length == enhanced.whole.length &&
                memcmp(before, line->octets + enhanced.whole.offset, enhanced.whole.length) == 0;
    shown->enhanced = (smtp_span){shown->lines.offset + enhanced.whole.offset, enhanced.whole.length};
    view_enhanced(&at, &enhanced);
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

static bool is_capability(const smtpx_cursor *line, const shown_reply *shown)
{
    return shown->ehlo && shown->number > 0 && smtp_capability_is_line(line->octets, &shown->lines.parsed);
}

/* Does the server say its name in the reply to this: a greeting, which XCLIENT brings again, or the answer to one? */
static bool is_named(const shown_reply *shown)
{
    smtp_verb verb = shown->exchange ? (smtp_verb)shown->exchange->verb : SMTP_VERB_UNKNOWN;

    return shown->ehlo || smtp_verb_shape(verb) == SMTP_SHAPE_DOMAIN || verb == SMTP_VERB_GREETING ||
           (verb == SMTP_VERB_XCLIENT && shown->lines.parsed.code == 220);
}

/* A word without a dot is a name where the greeting says it, too. */
static bool is_name(const smtpx_view *view, const uint8_t *octets, uint32_t length)
{
    const smtp_name *greeted;

    if (smtp_reply_server_is_certain(octets, length))
        return true;
    greeted = smtpx_session_facts_at(view->session, view->layer, view->pinfo, view->position)->server;
    return greeted && smtp_name_is(greeted, octets, length);
}

static void view_server(const smtpx_view *view, const smtpx_cursor *line, const shown_reply *shown)
{
    const smtp_reply_line *parsed = &shown->lines.parsed;
    smtp_span name;

    if (shown->number > 0 || !smtp_code_is_completion(parsed->code) || !is_named(shown))
        return;
    name = smtp_reply_server(line->octets, parsed->text, parsed->code);
    if (name.length > 0 && is_name(view, line->octets + name.offset, name.length))
        smtpx_item_domain(line, hf_smtpx_reply_server, 0, name);
}

/* The item of a line behind the first: there where no other row says it. */
static smtpx_cursor view_another_line(smtpx_view *view, const smtpx_cursor *line, const shown_reply *shown)
{
    smtp_span all = {0, shown->lines.line.text};
    smtpx_cursor at = *line;
    proto_item *item;

    at.hidden = is_capability(line, shown);
    item = smtpx_item_text(&at, hf_smtpx_reply, all);
    proto_item_set_len(item, smtpx_size(shown->lines.line.length));
    if (item && !at.hidden && smtpx_item_is_shown(line))
        proto_item_set_text(item, "Reply line: %s", smtpx_view_one_line(view, line->octets, all.length));
    return smtpx_cursor_below(&at, item, ett_smtpx_reply_line);
}

/* @param line  in the tree below the reply
 * @return where its challenge stands */
static smtpx_cursor view_line(smtpx_view *view, const smtpx_cursor *line, shown_reply *shown)
{
    const smtp_reply_line *parsed = &shown->lines.parsed;
    smtpx_cursor at = shown->drawn > 0 ? view_another_line(view, line, shown) : *line;
    smtpx_cursor hidden = smtpx_cursor_hidden(&at);

    view_server(view, &at, shown);
    if (parsed->valid)
        view_line_enhanced(&at, shown);
    if (parsed->text.length)
        smtpx_item_text(&hidden, hf_smtpx_reply_text, parsed->text);
    if (is_capability(line, shown)) {
        smtpx_view_capability(line, parsed->text);
        shown->capabilities++;
    }
    if (parsed->code == 355)
        view_offset(&at, parsed->text);
    view_legacy(view, line, shown);
    return at;
}

/* So it is where AUTH is not in the capture: the code is nothing else's. */
static bool is_challenge(const shown_reply *shown)
{
    return shown->lines.parsed.code == 334 && (!shown->exchange || smtp_exchange_is_auth(shown->exchange));
}

/* "334 Username:", decoded; NULL: the line at hand is no challenge, or says nothing. */
static const char *challenge_line(smtpx_view *view, const smtpx_cursor *line, const shown_reply *shown)
{
    const char *text = NULL;

    if (is_challenge(shown))
        text = smtpx_view_auth_challenge_text(view, line, shown->lines.parsed.text);
    return text ? wmem_strdup_printf(view->pinfo->pool, "334 %s", text) : NULL;
}

/* The first line with its code, the texts of the others behind it, unless their code is another one; a challenge
 * decoded. */
static void view_info(smtpx_view *view, const smtpx_cursor *line, shown_reply *shown)
{
    const smtp_reply_line *parsed = &shown->lines.parsed;
    bool is_text = shown->number > 0 && (!parsed->valid || parsed->code == shown->told || shown->told == 0);
    const char *challenge = view->info ? challenge_line(view, line, shown) : NULL;

    if (challenge)
        smtpx_view_info(view, challenge);
    else
        smtpx_view_info_span(view, line, is_text ? parsed->text : (smtp_span){0, shown->lines.line.text});
    if (parsed->valid)
        shown->told = parsed->code;
}

/* Draws the line at hand and those behind it. */
static void view_lines(smtpx_view *view, const smtpx_cursor *reply, shown_reply *shown)
{
    do {
        smtpx_cursor line = smtpx_cursor_behind(reply, shown->lines.offset);

        view_info(view, &line, shown);
        if (line.tree)
            line = view_line(view, &line, shown);
        /* A challenge is drawn for the tree, and for whom Wireshark gives its token. */
        if (is_challenge(shown))
            smtpx_view_auth_challenge(view, &line, shown->lines.parsed.text, shown->exchange);
        shown->number++;
        shown->drawn++;
    } while (smtp_reply_lines_next(&shown->lines));
}

/* Does anybody look at more than the reply as a whole? */
static bool lines_are_wanted(const smtpx_view *view, const smtpx_cursor *at, const shown_reply *shown)
{
    return view->info || view->legacy || (shown->exchange && smtp_exchange_is_auth(shown->exchange)) ||
           is_challenge(shown) || smtpx_item_any_is_wanted(at, line_fields, array_length(line_fields)) ||
           (shown->ehlo && smtpx_view_capability_is_wanted(at));
}

/* ---- The whole ---- */

static void view_code(const smtpx_cursor *at, uint16_t code, const smtp_exchange *exchange)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(at);
    proto_item *item = smtpx_item_uint(at, hf_smtpx_reply_code, (smtp_span){0, 3}, code);
    bool is_shown = item && smtpx_item_is_shown(at);
    const char *meaning = is_shown && exchange ? smtp_code_meaning(code, (smtp_verb)exchange->verb) : NULL;

    if (meaning)
        proto_item_set_text(item, "Reply code: %s (%u)", meaning, code);
    smtpx_item_uint(&hidden, hf_smtpx_reply_class, (smtp_span){0, 1}, code / 100);
}

/* What the command says about its reply. */
static void view_command(const smtpx_cursor *at, uint16_t code, const shown_reply *shown)
{
    const smtp_exchange *exchange = shown->exchange;

    if (!exchange)
        return;
    if (smtp_exchange_is_starttls(exchange))
        smtpx_view_starttls(at, smtp_code_accepts(code));
    /* LMTP's names are a recipient's each. */
    if (smtp_exchange_recipient(exchange) && smtp_code_is_completion(code))
        smtpx_view_queue_id(at, shown->lines);
}

/* How long the server took to say it: of one segment no time. */
static void view_duration(const smtpx_cursor *reply, const smtpx_record *record)
{
    int64_t duration = reply->tree ? smtpx_record_duration(record) : SMTP_DURATION_UNKNOWN;
    smtpx_cursor at = *reply;

    at.hidden = duration == 0;
    if (duration != SMTP_DURATION_UNKNOWN)
        smtpx_generated_time(&at, hf_smtpx_reply_duration, duration);
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

/* The first line, which stands for all of the reply. */
static smtpx_cursor view_whole(const smtpx_cursor *unit, const smtpx_record *record, shown_reply *shown)
{
    shown->item = smtpx_item_text(unit, hf_smtpx_reply, (smtp_span){0, shown->lines.line.text});
    proto_item_set_len(shown->item, smtpx_size(record->length));
    if (record->continued)
        proto_item_append_text(shown->item, " (continued)");
    return smtpx_cursor_below(unit, shown->item, ett_smtpx_reply);
}

/* How many lines it has, and the protocol's row. */
static void tell(smtpx_view *view, const smtpx_cursor *unit, const shown_reply *first, const shown_reply *shown)
{
    wmem_allocator_t *pool = view->pinfo->pool;
    const char *count = "", *line;

    if (!smtpx_item_is_shown(unit))
        return;
    if (shown->capabilities)
        count = wmem_strdup_printf(pool, ", %u capabilit%s", shown->capabilities,
                                   plurality(shown->capabilities, "y", "ies"));
    if (shown->drawn > 1)
        proto_item_append_text(shown->item, ", %u lines%s", shown->drawn, count);
    line = challenge_line(view, unit, first);
    if (!line)
        line = smtpx_view_one_line(view, unit->octets,
                                   shown->capabilities ? first->lines.parsed.text.offset - 1 : first->lines.line.text);
    smtpx_view_title(view, *count ? wmem_strconcat(pool, line, count, NULL) : line);
}

/* The remarks, and where they stand: that is looked for where there are any. */
static void view_remarks(smtpx_view *view, const smtpx_cursor *at, proto_item *item, const smtpx_record *record)
{
    smtp_unit_text unit = {at->octets, record->length, SMTP_ROLE_REPLY, smtpx_record_exchange(record)};
    smtp_reading reading;

    if (!smtpx_view_has_remarks(record))
        return;
    smtp_reading_make(&reading, &unit, NULL);
    reading.remarks.base = 0;
    if (smtp_remarks_has(smtpx_record_remarks(record), SMTP_REMARK_STARTTLS_INSIDE_TLS))
        smtp_remark_add(&reading.remarks, SMTP_REMARK_STARTTLS_INSIDE_TLS,
                        smtp_place_in_reply(at->octets, record->length, SMTP_REMARK_STARTTLS_INSIDE_TLS));
    smtpx_view_remarks(view, at, item, record, &reading.remarks);
}

/* A line without a code answers what nothing else has answered. */
static bool answers_nothing(const smtpx_record *record, const smtp_exchange *exchange, uint16_t code)
{
    return exchange && code == 0 && !record->continued && !smtp_exchange_is_answered_codeless(exchange);
}

/* The code, and what is known by it. */
static void view_facts(smtpx_view *view, const smtpx_cursor *at, const smtp_reply *code, const shown_reply *shown)
{
    smtpx_cursor code_at = smtpx_cursor_behind(at, code->code_offset);

    view_code(&code_at, code->code, shown->exchange);
    if (view->tells_transactions || smtpx_view_auth_is_asked_for(at) || smtpx_view_exchange_is_wanted(at))
        view_command(at, code->code, shown);
}

/* Does anybody look at what belongs to it elsewhere, or at its times? */
static bool pair_is_wanted(const smtpx_cursor *at)
{
    return smtpx_view_exchange_is_wanted(at) || smtpx_item_any_is_wanted(at, time_fields, array_length(time_fields));
}

/* Its lines, and what belongs to it elsewhere, if anybody looks at these. */
static void view_more(smtpx_view *view, const smtpx_cursor *unit, const smtpx_cursor *at, const smtpx_record *record,
                      shown_reply *shown)
{
    bool wants_lines = lines_are_wanted(view, at, shown);
    shown_reply first;

    if (!wants_lines && !pair_is_wanted(at))
        return;
    first = *shown;
    if (wants_lines)
        view_lines(view, at, shown);
    tell(view, unit, &first, shown);
    if (shown->taken && shown->exchange && smtp_exchange_is_auth(shown->exchange))
        smtpx_view_auth_result(at, shown->taken, shown->exchange);
    smtpx_view_reply_pair(view, at, record, shown->exchange);
    view_duration(at, record);
}

void smtpx_view_reply(smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    shown_reply shown = {
        .exchange = smtpx_record_exchange(record),
        .lines = {.octets = unit->octets, .length = record->length},
        .number = record->continued,
    };
    smtpx_cursor at;
    smtp_reply code;

    smtp_reply_lines_next(&shown.lines);
    code = find_code(&shown, record);
    if (answers_nothing(record, shown.exchange, code.code))
        shown.exchange = NULL;
    shown.ehlo = smtp_reading_is_offer(shown.exchange, code.code, shown.lines);
    at = view_whole(unit, record, &shown);
    if (at.tree && code.code && !record->continued) {
        shown.taken = code.code;
        view_facts(view, &at, &code, &shown);
    }
    view_more(view, unit, &at, record, &shown);
    smtpx_view_refusal(view, unit, shown.item, record);
    view_remarks(view, unit, shown.item, record);
}

void smtpx_view_reply_register(int proto)
{
    static int *ett[] = {&ett_smtpx_reply, &ett_smtpx_reply_line, &ett_smtpx_enhanced};

    proto_register_field_array(proto, reply_fields, array_length(reply_fields));
    proto_register_field_array(proto, time_fields, array_length(time_fields));
    proto_register_field_array(proto, line_fields, array_length(line_fields));
    proto_register_subtree_array(ett, array_length(ett));
}
