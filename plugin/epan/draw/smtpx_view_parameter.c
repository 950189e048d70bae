/* smtpx_view_parameter.c
 * ESMTP parameters of MAIL and RCPT, and their values as what they are.
 *
 * A malformed value is shown as typed, with a note.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view.h"

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/smtp/syntax/smtp_parameter.h"

static int hf_smtpx_parameter = -1;
static int hf_smtpx_parameter_keyword = -1;
static int hf_smtpx_parameter_value = -1;
static int hf_smtpx_mail_size = -1;
static int hf_smtpx_mail_body = -1;
static int hf_smtpx_mail_ret = -1;
static int hf_smtpx_mail_envid = -1;
static int hf_smtpx_mail_auth = -1;
static int hf_smtpx_mail_by = -1;
static int hf_smtpx_mail_by_mode = -1;
static int hf_smtpx_mail_holdfor = -1;
static int hf_smtpx_mail_holduntil = -1;
static int hf_smtpx_mail_mt_priority = -1;
static int hf_smtpx_mail_mtrk = -1;
static int hf_smtpx_mail_mtrk_timeout = -1;
static int hf_smtpx_mail_submitter = -1;
static int hf_smtpx_mail_solicit = -1;
static int hf_smtpx_mail_transid = -1;
static int hf_smtpx_mail_alt_address = -1;
static int hf_smtpx_rcpt_notify = -1;
static int hf_smtpx_rcpt_orcpt = -1;
static int hf_smtpx_rcpt_orcpt_type = -1;
static int hf_smtpx_rcpt_rrvs = -1;
static int hf_smtpx_rcpt_alt_address = -1;
static int ett_smtpx_parameter = -1;

static hf_register_info fields[] = {
    {&hf_smtpx_parameter,
     {"Parameter", "smtpx.parameter", FT_STRING, BASE_NONE, NULL, 0, "ESMTP parameter of MAIL or RCPT", HFILL}},
    {&hf_smtpx_parameter_keyword, {"Keyword", "smtpx.parameter.keyword", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_parameter_value, {"Value", "smtpx.parameter.value", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_mail_size,
     {"Declared message size", "smtpx.mail.size", FT_UINT64, BASE_DEC, NULL, 0, "SIZE= (RFC 1870)", HFILL}},
    {&hf_smtpx_mail_body,
     {"Body type", "smtpx.mail.body", FT_STRING, BASE_NONE, NULL, 0, "BODY= (RFC 6152, RFC 3030)", HFILL}},
    {&hf_smtpx_mail_ret,
     {"Returned content", "smtpx.mail.ret", FT_STRING, BASE_NONE, NULL, 0, "RET= (RFC 3461)", HFILL}},
    {&hf_smtpx_mail_envid,
     {"Envelope identifier", "smtpx.mail.envid", FT_STRING, BASE_NONE, NULL, 0, "ENVID= (RFC 3461)", HFILL}},
    {&hf_smtpx_mail_auth,
     {"Submitter that authenticated", "smtpx.mail.auth", FT_STRING, BASE_NONE, NULL, 0, "AUTH= (RFC 4954)", HFILL}},
    {&hf_smtpx_mail_by, {"Deliver by, seconds", "smtpx.mail.by", FT_INT32, BASE_DEC, NULL, 0, "BY= (RFC 2852)", HFILL}},
    {&hf_smtpx_mail_by_mode,
     {"Deliver by, mode", "smtpx.mail.by.mode", FT_STRING, BASE_NONE, NULL, 0,
      "N: notify, R: return, with T: trace (RFC 2852)", HFILL}},
    {&hf_smtpx_mail_holdfor,
     {"Hold for, seconds", "smtpx.mail.holdfor", FT_UINT32, BASE_DEC, NULL, 0, "HOLDFOR= (RFC 4865)", HFILL}},
    {&hf_smtpx_mail_holduntil,
     {"Hold until", "smtpx.mail.holduntil", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, "HOLDUNTIL= (RFC 4865)",
      HFILL}},
    {&hf_smtpx_mail_mt_priority,
     {"Priority", "smtpx.mail.mt_priority", FT_INT32, BASE_DEC, NULL, 0, "MT-PRIORITY= (RFC 6710)", HFILL}},
    {&hf_smtpx_mail_mtrk,
     {"Tracking certifier", "smtpx.mail.mtrk", FT_STRING, BASE_NONE, NULL, 0, "MTRK= (RFC 3885)", HFILL}},
    {&hf_smtpx_mail_mtrk_timeout,
     {"Tracking timeout, seconds", "smtpx.mail.mtrk.timeout", FT_UINT32, BASE_DEC, NULL, 0, "MTRK= (RFC 3885)", HFILL}},
    {&hf_smtpx_mail_submitter,
     {"Submitter", "smtpx.mail.submitter", FT_STRING, BASE_NONE, NULL, 0, "SUBMITTER= (RFC 4405)", HFILL}},
    {&hf_smtpx_mail_solicit,
     {"Solicitation class", "smtpx.mail.solicit", FT_STRING, BASE_NONE, NULL, 0, "SOLICIT= (RFC 3865)", HFILL}},
    {&hf_smtpx_mail_transid,
     {"Transaction identifier", "smtpx.mail.transid", FT_STRING, BASE_NONE, NULL, 0, "TRANSID= (RFC 1845)", HFILL}},
    {&hf_smtpx_mail_alt_address,
     {"Alternate sender", "smtpx.mail.alt_address", FT_STRING, BASE_NONE, NULL, 0, "ALT-ADDRESS= (RFC 5336)", HFILL}},
    {&hf_smtpx_rcpt_notify,
     {"Notify", "smtpx.rcpt.notify", FT_STRING, BASE_NONE, NULL, 0, "NOTIFY= (RFC 3461)", HFILL}},
    {&hf_smtpx_rcpt_orcpt,
     {"Original recipient", "smtpx.rcpt.orcpt", FT_STRING, BASE_NONE, NULL, 0, "ORCPT= (RFC 3461)", HFILL}},
    {&hf_smtpx_rcpt_orcpt_type,
     {"Original recipient's address type", "smtpx.rcpt.orcpt.type", FT_STRING, BASE_NONE, NULL, 0, "ORCPT= (RFC 3461)",
      HFILL}},
    {&hf_smtpx_rcpt_rrvs,
     {"Require recipient valid since", "smtpx.rcpt.rrvs", FT_STRING, BASE_NONE, NULL, 0, "RRVS= (RFC 7293)", HFILL}},
    {&hf_smtpx_rcpt_alt_address,
     {"Alternate recipient", "smtpx.rcpt.alt_address", FT_STRING, BASE_NONE, NULL, 0, "ALT-ADDRESS= (RFC 5336)",
      HFILL}},
};

/* One value that is being drawn. */
typedef struct value_view {
    smtpx_view *view;
    proto_tree *tree;
    uint32_t offset; /* of the line */
    const uint8_t *line;
    smtp_span value;
} value_view;

/* The field of a parameter that has one and shows its whole value; NULL for others. */
static int *field_of(smtp_parameter_name name)
{
    switch (name) {
    case SMTP_PARAMETER_BODY:
        return &hf_smtpx_mail_body;
    case SMTP_PARAMETER_RET:
        return &hf_smtpx_mail_ret;
    case SMTP_PARAMETER_ENVID:
        return &hf_smtpx_mail_envid;
    case SMTP_PARAMETER_AUTH:
        return &hf_smtpx_mail_auth;
    case SMTP_PARAMETER_SUBMITTER:
        return &hf_smtpx_mail_submitter;
    case SMTP_PARAMETER_ALT_ADDRESS:
        return &hf_smtpx_mail_alt_address;
    case SMTP_PARAMETER_RCPT_ALT_ADDRESS:
        return &hf_smtpx_rcpt_alt_address;
    case SMTP_PARAMETER_HOLDFOR:
        return &hf_smtpx_mail_holdfor;
    case SMTP_PARAMETER_RRVS:
        return &hf_smtpx_rcpt_rrvs;
    case SMTP_PARAMETER_SOLICIT:
        return &hf_smtpx_mail_solicit;
    case SMTP_PARAMETER_NOTIFY:
        return &hf_smtpx_rcpt_notify;
    default:
        return NULL;
    }
}

static void view_xtext(value_view *at, int field, smtp_span span)
{
    uint8_t *decoded = wmem_alloc(at->view->pinfo->pool, span.length);
    uint32_t length = smtp_xtext_decode(at->line, span, decoded);

    smtpx_view_octets(at->view, at->tree, field, at->offset + span.offset, span.length, decoded, length);
}

static void view_number(value_view *at, int field, smtp_span span)
{
    smtpx_view_number(at->view, at->tree, field, at->offset, at->line, span);
}

static void view_signed(value_view *at, int field)
{
    int32_t number = 0;
    uint32_t length = smtp_signed_number(at->line, at->value, &number);

    smtpx_item_int(at->tree, field, at->view->tvb, at->offset + at->value.offset, length, number);
}

static void view_by(value_view *at)
{
    const uint8_t *semicolon = memchr(at->line + at->value.offset, ';', at->value.length);
    uint32_t mode = (uint32_t)(semicolon - at->line) + 1;

    view_signed(at, hf_smtpx_mail_by);
    smtpx_view_span_upper(at->view, at->tree, hf_smtpx_mail_by_mode, at->offset,
                          smtp_span_between(mode, smtp_span_end(at->value)));
}

static void view_date_time(value_view *at)
{
    int64_t seconds = 0;
    int32_t nanoseconds = 0;
    nstime_t time;

    smtp_date_time(at->line, at->value, &seconds, &nanoseconds);
    time = (nstime_t){.secs = (time_t)seconds, .nsecs = nanoseconds};
    smtpx_item_time(at->tree, hf_smtpx_mail_holduntil, at->view->tvb, at->offset + at->value.offset, at->value.length,
                    &time);
}

static void view_list(value_view *at, int field)
{
    smtp_span rest = at->value, word;

    while (smtp_next_listed(at->line, &rest, &word)) {
        if (field == hf_smtpx_rcpt_notify)
            smtpx_view_span_upper(at->view, at->tree, field, at->offset, word);
        else
            smtpx_view_span(at->view, at->tree, field, at->offset, word);
    }
}

static void view_orcpt(value_view *at)
{
    const uint8_t *semicolon = memchr(at->line + at->value.offset, ';', at->value.length);
    uint32_t end = (uint32_t)(semicolon - at->line);

    smtpx_view_span(at->view, at->tree, hf_smtpx_rcpt_orcpt_type, at->offset, smtp_span_between(at->value.offset, end));
    view_xtext(at, hf_smtpx_rcpt_orcpt, smtp_span_between(end + 1, smtp_span_end(at->value)));
}

static void view_mtrk(value_view *at)
{
    const uint8_t *colon = memchr(at->line + at->value.offset, ':', at->value.length);
    uint32_t end = colon ? (uint32_t)(colon - at->line) : smtp_span_end(at->value);

    smtpx_view_span(at->view, at->tree, hf_smtpx_mail_mtrk, at->offset, smtp_span_between(at->value.offset, end));
    if (colon)
        view_number(at, hf_smtpx_mail_mtrk_timeout, smtp_span_between(end + 1, smtp_span_end(at->value)));
}

/* A value that is as its grammar wants it. */
static void view_value(value_view *at, smtp_parameter_name name)
{
    const int *field = field_of(name);

    switch (smtp_parameter_value(name)) {
    case SMTP_VALUE_SIZE:
        /* Twenty digits may be more than any number type holds: then they are shown as typed. */
        smtpx_view_number64(at->view, at->tree, hf_smtpx_mail_size, at->offset, at->line, at->value);
        break;
    case SMTP_VALUE_BODY:
    case SMTP_VALUE_RET:
        smtpx_view_span_upper(at->view, at->tree, *field, at->offset, at->value);
        break;
    case SMTP_VALUE_XTEXT:
    case SMTP_VALUE_MAILBOX:
        view_xtext(at, *field, at->value);
        break;
    case SMTP_VALUE_NOTIFY:
    case SMTP_VALUE_KEYWORDS:
        view_list(at, *field);
        break;
    case SMTP_VALUE_ORCPT:
        view_orcpt(at);
        break;
    case SMTP_VALUE_BY:
        view_by(at);
        break;
    case SMTP_VALUE_SECONDS:
        view_number(at, *field, at->value);
        break;
    case SMTP_VALUE_DATE_TIME:
        view_date_time(at);
        break;
    case SMTP_VALUE_PRIORITY:
        view_signed(at, hf_smtpx_mail_mt_priority);
        break;
    case SMTP_VALUE_RRVS:
        smtpx_view_span(at->view, at->tree, *field, at->offset, at->value);
        break;
    case SMTP_VALUE_MTRK:
        view_mtrk(at);
        break;
    case SMTP_VALUE_TRANSID:
        smtpx_view_span(at->view, at->tree, hf_smtpx_mail_transid, at->offset,
                        (smtp_span){at->value.offset + 1, at->value.length - 2});
        break;
    case SMTP_VALUE_ANY:
    case SMTP_VALUE_NONE:
        break;
    }
}

static bool is_well_formed(const uint8_t *line, const smtp_parameter *parameter, smtp_value value)
{
    if (value == SMTP_VALUE_NONE || value == SMTP_VALUE_ANY)
        return value == SMTP_VALUE_ANY || !parameter->has_value;
    return parameter->has_value && smtp_value_is_valid(value, line, parameter->value);
}

static uint32_t view_parameter(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                               const smtp_parameter *parameter, bool of_rcpt)
{
    smtp_parameter_name name =
        smtp_parameter_find(line + parameter->keyword.offset, parameter->keyword.length, of_rcpt);
    value_view at = {.view = view, .offset = offset, .line = line, .value = parameter->value};
    proto_item *item = smtpx_view_span(view, tree, hf_smtpx_parameter, offset, parameter->whole);

    at.tree = smtpx_item_subtree(tree, item, ett_smtpx_parameter);
    smtpx_view_span_upper(view, at.tree, hf_smtpx_parameter_keyword, offset, parameter->keyword);
    if (parameter->has_value)
        smtpx_view_span(view, at.tree, hf_smtpx_parameter_value, offset, parameter->value);
    if (!is_well_formed(line, parameter, smtp_parameter_value(name)) ||
        !smtp_parameter_is_keyword(line + parameter->keyword.offset, parameter->keyword.length))
        return SMTP_REMARK_PARAMETER_SYNTAX;
    if (parameter->has_value)
        view_value(&at, name);
    return 0;
}

uint32_t smtpx_view_parameters(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line, smtp_span rest,
                               bool of_rcpt)
{
    /* "<a@b>SIZE=1": a blank is wanted between path and parameter (RFC 5321, 4.1.1.2). */
    uint32_t notes = rest.length && !smtp_is_blank(line[rest.offset]) ? SMTP_REMARK_PARAMETER_SYNTAX : 0;
    smtp_parameter parameter;

    while (smtp_parameter_next(line, &rest, &parameter))
        notes |= view_parameter(view, tree, offset, line, &parameter, of_rcpt);
    return notes;
}

void smtpx_view_parameter_register(int proto)
{
    static int *ett[] = {&ett_smtpx_parameter};

    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
