/* smtpx_view_remarks.c
 * What expert information lists, whoever looks: remarks (smtpx.anomaly.*), and refusals.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_remarks.h"

#include "plugin/smtp/smtp_place.h"
#include "plugin/smtp/smtp_reading.h"
#include "plugin/smtp/smtp_suspicion.h"

static int hf_smtpx_anomaly = -1;
static int hf_smtpx_exploit = -1;
static int hf_smtpx_lookalike = -1;
static int ett_smtpx_anomaly = -1;
static expert_field ei_smtpx_reply_refused = EI_INIT;
static expert_field ei_smtpx_reply_deferred = EI_INIT;

/* A kind of remark: its row of smtp_remarks.def, and the expert field made of it. */
typedef struct remark_kind {
    const char *name;
    const char *filter;
    int group;
    int severity;
    const char *text;
    expert_field field;
} remark_kind;

static remark_kind kinds[SMTP_REMARK_COUNT] = {
#define SMTP_REMARK(name, filter, severity, group, text) \
    {filter, "smtpx.anomaly." filter, PI_##group, PI_##severity, text, EI_INIT},
#include "plugin/smtp/smtp_remarks.def"
#undef SMTP_REMARK
};

const char *smtpx_remark_name(smtp_remark kind)
{
    return kinds[kind].name;
}

int smtpx_remark_severity(smtp_remark kind)
{
    return kinds[kind].severity;
}

/* Is there no more in the line than one word? */
static bool is_one_word(const uint8_t *octets, uint32_t length)
{
    smtp_line line = smtp_line_find(octets, length, 0);
    uint32_t start = smtp_skip_blanks(octets, 0, line.text);
    uint32_t end = smtp_skip_token(octets, start, line.text);

    return smtp_skip_blanks(octets, end, line.text) == line.text;
}

/* Where a remark stands: below the unit's item; in smtpx's own where it has none. */
static proto_tree *remark_tree(const smtpx_view *view, proto_item *item)
{
    if (!item)
        return view->tree;
    return proto_item_get_subtree(item) ? proto_item_get_subtree(item)
                                        : proto_item_add_subtree(item, ett_smtpx_anomaly);
}

/* A remark of a record, and where it stands. */
typedef struct shown_remark {
    const smtpx_record *record;
    smtp_remark kind;
    smtp_span span;
} shown_remark;

/* Which published attack a command or an answer is. */
static smtp_exploit find_exploit(const smtpx_view *view, const smtpx_cursor *unit, const smtpx_record *record)
{
    smtp_unit_text text = {unit->octets, record->length, (smtp_role)record->role, smtpx_record_exchange(record)};
    smtp_reading reading;

    smtp_reading_make(&reading, &text, wmem_alloc(view->pinfo->pool, smtp_auth_room(record->length)));
    return smtp_reading_exploit(&reading, unit->octets,
                                (smtp_mechanism)(text.exchange ? smtp_exchange_mechanism(text.exchange) : 0));
}

/* Its name stands in the text, and in a field of its own. */
static void view_exploit(smtpx_view *view, const smtpx_cursor *at, proto_item *name, const shown_remark *shown)
{
    smtp_exploit exploit = find_exploit(view, at, shown->record);

    DISSECTOR_ASSERT(exploit.cve);
    proto_item_set_generated(smtpx_item_string(at, hf_smtpx_exploit, exploit.span, exploit.cve));
    expert_add_info_format(view->pinfo, name, &kinds[shown->kind].field, "%s: %s", kinds[shown->kind].text,
                           exploit.cve);
}

/* Which look-alike a remark is about; NULL: the remark is about none. */
static const smtp_lookalike *find_lookalike(const shown_remark *shown)
{
    const smtp_transaction *transaction = smtpx_record_transaction(shown->record);
    const smtp_suspicion *suspicion = transaction ? smtp_rare_of(transaction)->suspicion : NULL;

    if (!suspicion)
        return NULL;
    switch (shown->kind) {
    case SMTP_REMARK_LOOKALIKE:
        return &suspicion->lookalike;
    case SMTP_REMARK_SMUGGLING:
        return &suspicion->smuggling;
    case SMTP_REMARK_LOOKALIKE_END:
        return shown->record->role == SMTP_ROLE_END_OF_DATA ? suspicion->end : NULL;
    default:
        return NULL;
    }
}

static void view_lookalike(smtpx_view *view, const smtpx_cursor *at, proto_item *name, const shown_remark *shown)
{
    char text[SMTP_LOOKALIKE_NAME];

    smtp_lookalike_name(find_lookalike(shown), text);
    proto_item_set_generated(smtpx_item_string(at, hf_smtpx_lookalike, shown->span, text));
    expert_add_info_format(view->pinfo, name, &kinds[shown->kind].field, "%s: %s", kinds[shown->kind].text, text);
}

/* An expert item must be somewhere: below the name of the remark, which marks what is odd. */
static void view_remark(smtpx_view *view, const smtpx_cursor *unit, proto_item *item, const shown_remark *shown)
{
    remark_kind *kind = &kinds[shown->kind];
    uint32_t end = smtp_span_end(shown->span);
    smtpx_cursor at = *unit;
    proto_item *name;

    at.tree = remark_tree(view, item);
    name = smtpx_item_string(&at, hf_smtpx_anomaly, shown->span, kind->name);
    proto_item_set_generated(name);
    if (!name)
        name = (proto_item *)at.tree;
    if (shown->kind == SMTP_REMARK_EXPLOIT)
        view_exploit(view, &at, name, shown);
    else if (find_lookalike(shown))
        view_lookalike(view, &at, name, shown);
    else if (shown->kind == SMTP_REMARK_ARGUMENT_SYNTAX && is_one_word(unit->octets, end))
        expert_add_info_format(view->pinfo, name, &kind->field, "Argument missing");
    else
        expert_add_info(view->pinfo, name, &kind->field);
}

/* Each token that the server has not offered has its own. */
static void view_not_offered(smtpx_view *view, const smtpx_cursor *unit, proto_item *item, shown_remark shown)
{
    const smtp_facts *facts = smtpx_session_facts_at(view->session, view->layer, view->pinfo, view->position);
    smtp_span tokens[SMTP_PLACES_MOST];
    uint32_t count = smtp_place_not_offered(unit->octets, shown.record->length, facts, tokens);

    for (uint32_t i = 0; i < count; i++) {
        shown.span = tokens[i];
        view_remark(view, unit, item, &shown);
    }
    if (count == 0)
        view_remark(view, unit, item, &shown);
}

void smtpx_view_some_remarks(smtpx_view *view, const smtpx_cursor *at, proto_item *item, const smtpx_record *record,
                             const smtp_remark_list *places)
{
    smtp_remarks remarks = *smtpx_record_remarks(record);

    if (smtpx_record_is_before_tls(record))
        smtp_remarks_add(&remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS);
    for (int kind = 0; kind < SMTP_REMARK_COUNT; kind++) {
        const smtp_span *place;
        shown_remark shown;

        if (!smtp_remarks_has(&remarks, (smtp_remark)kind))
            continue;
        place = places ? smtp_remark_place(places, (smtp_remark)kind) : NULL;
        shown = (shown_remark){record, (smtp_remark)kind, place ? *place : (smtp_span){0, record->length}};
        if (kind == SMTP_REMARK_NOT_OFFERED)
            view_not_offered(view, at, item, shown);
        else
            view_remark(view, at, item, &shown);
    }
}

/* ---- Refusals ---- */

enum {
    MOST_TOLD = 116 /* octets of a reply's text: what is longer is cut in labels */
};

/* The first line that has the code of a reply: clients take the last code, where lines have several. */
static smtp_reply_lines decisive_line(const uint8_t *octets, uint32_t length)
{
    smtp_reply_lines lines = {.octets = octets, .length = length}, found = lines;

    while (smtp_reply_lines_next(&lines)) {
        if (lines.parsed.valid && lines.parsed.code != found.parsed.code)
            found = lines;
    }
    return found;
}

/* "550 5.1.1 User unknown": the code, and the texts of the lines from this one on, as far as they are told. */
static const char *refusal_text(const smtpx_view *view, smtp_reply_lines lines)
{
    uint16_t code = lines.parsed.code;
    uint8_t text[MOST_TOLD + 1]; /* one more tells that not all is told */
    uint32_t length = 0, told;

    do {
        length = smtp_reply_add_text(&lines, text, length, sizeof text, ' ');
    } while (length < sizeof text && smtp_reply_lines_next(&lines));
    told = smtpx_text_room((const char *)text, length, MOST_TOLD);
    return wmem_strdup_printf(view->pinfo->pool, "%u%s%s%s", code, told > 0 ? " " : "",
                              smtpx_view_label(view, smtpx_text(view->pinfo->pool, text, told)),
                              told < length ? "…" : "");
}

void smtpx_view_some_refusal(smtpx_view *view, const smtpx_cursor *at, proto_item *item, const smtpx_record *record)
{
    smtp_reply_lines line = decisive_line(at->octets, record->length);
    const char *text = refusal_text(view, line);

    if (!item)
        item = (proto_item *)view->tree;
    if (line.parsed.code >= 500)
        expert_add_info_format(view->pinfo, item, &ei_smtpx_reply_refused, "Refused for good: %s", text);
    else
        expert_add_info_format(view->pinfo, item, &ei_smtpx_reply_deferred, "Refused for now: %s", text);
}

void smtpx_view_remarks_register(int proto, expert_module_t *expert)
{
    static ei_register_info rows[SMTP_REMARK_COUNT];
    static hf_register_info hf[] = {
        {&hf_smtpx_anomaly,
         {"Anomaly", "smtpx.anomaly", FT_STRING, BASE_NONE, NULL, 0, "Name of something remarkable", HFILL}},
        {&hf_smtpx_exploit,
         {"Published attack", "smtpx.exploit", FT_STRING, BASE_NONE, NULL, 0,
          "Its CVE, or its number at exploit-db.com", HFILL}},
        {&hf_smtpx_lookalike,
         {"Look-alike of the end of data", "smtpx.lookalike", FT_STRING, BASE_NONE, NULL, 0,
          "Octets that some servers take for the end of the message", HFILL}},
    };

    static ei_register_info ei[] = {
        {&ei_smtpx_reply_refused, {"smtpx.reply.refused", PI_RESPONSE_CODE, PI_NOTE, "Refused for good", EXPFILL}},
        {&ei_smtpx_reply_deferred, {"smtpx.reply.deferred", PI_RESPONSE_CODE, PI_CHAT, "Refused for now", EXPFILL}},
    };
    static int *ett[] = {&ett_smtpx_anomaly};

    for (int i = 0; i < SMTP_REMARK_COUNT; i++)
        rows[i] = (ei_register_info){&kinds[i].field,
                                     {kinds[i].filter, kinds[i].group, kinds[i].severity, kinds[i].text, EXPFILL}};
    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, rows, array_length(rows));
    expert_register_field_array(expert, ei, array_length(ei));
}
