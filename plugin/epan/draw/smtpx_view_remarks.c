/* smtpx_view_remarks.c
 * Remarks as expert items (smtpx.anomaly.*), whoever looks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_remarks.h"

static int hf_smtpx_anomaly = -1;

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

/* An expert item must be somewhere: where the unit has no item, in smtpx's own. */
static void view_remark(smtpx_view *view, const smtpx_cursor *at, proto_item *item, smtp_remark kind, smtp_span span)
{
    smtpx_cursor all = *at;

    all.tree = view->tree;
    proto_item_set_generated(smtpx_item_string(&all, hf_smtpx_anomaly, span, kinds[kind].name));
    expert_add_info(view->pinfo, item ? item : (proto_item *)view->tree, &kinds[kind].field);
}

void smtpx_view_some_remarks(smtpx_view *view, const smtpx_cursor *at, proto_item *item, const smtpx_record *record,
                             const smtp_remark_list *places)
{
    smtp_remarks remarks = *smtpx_record_remarks(record);

    if (smtpx_record_is_before_tls(record))
        smtp_remarks_add(&remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS);
    for (int kind = 0; kind < SMTP_REMARK_COUNT; kind++) {
        const smtp_span *place = places ? smtp_remark_place(places, (smtp_remark)kind) : NULL;

        if (smtp_remarks_has(&remarks, (smtp_remark)kind))
            view_remark(view, at, item, (smtp_remark)kind, place ? *place : (smtp_span){0, record->length});
    }
}

void smtpx_view_remarks_register(int proto, expert_module_t *expert)
{
    static ei_register_info rows[SMTP_REMARK_COUNT];
    static hf_register_info hf[] = {
        {&hf_smtpx_anomaly,
         {"Anomaly", "smtpx.anomaly", FT_STRING, BASE_NONE, NULL, 0, "Name of something remarkable", HFILL}},
    };

    for (int i = 0; i < SMTP_REMARK_COUNT; i++)
        rows[i] = (ei_register_info){&kinds[i].field,
                                     {kinds[i].filter, kinds[i].group, kinds[i].severity, kinds[i].text, EXPFILL}};
    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, rows, array_length(rows));
}
