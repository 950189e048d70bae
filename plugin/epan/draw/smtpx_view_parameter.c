/* smtpx_view_parameter.c
 * ESMTP parameters of MAIL and RCPT, and their values as what they are.
 *
 * Every parameter is shown as typed; one that has a field of its own, and whose
 * value is as its grammar wants it, is shown as that, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_parameter.h"

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

/* The field that shows the value of a parameter, as a row's; NULL: it has none. */
static const int *const fields_of[SMTP_PARAMETER_COUNT] = {
    [SMTP_PARAMETER_SIZE] = &hf_smtpx_mail_size,
    [SMTP_PARAMETER_BODY] = &hf_smtpx_mail_body,
    [SMTP_PARAMETER_RET] = &hf_smtpx_mail_ret,
    [SMTP_PARAMETER_ENVID] = &hf_smtpx_mail_envid,
    [SMTP_PARAMETER_AUTH] = &hf_smtpx_mail_auth,
    [SMTP_PARAMETER_BY] = &hf_smtpx_mail_by,
    [SMTP_PARAMETER_HOLDFOR] = &hf_smtpx_mail_holdfor,
    [SMTP_PARAMETER_HOLDUNTIL] = &hf_smtpx_mail_holduntil,
    [SMTP_PARAMETER_MT_PRIORITY] = &hf_smtpx_mail_mt_priority,
    [SMTP_PARAMETER_MTRK] = &hf_smtpx_mail_mtrk,
    [SMTP_PARAMETER_SUBMITTER] = &hf_smtpx_mail_submitter,
    [SMTP_PARAMETER_SOLICIT] = &hf_smtpx_mail_solicit,
    [SMTP_PARAMETER_TRANSID] = &hf_smtpx_mail_transid,
    [SMTP_PARAMETER_ALT_ADDRESS] = &hf_smtpx_mail_alt_address,
    [SMTP_PARAMETER_RCPT_ALT_ADDRESS] = &hf_smtpx_rcpt_alt_address,
    [SMTP_PARAMETER_NOTIFY] = &hf_smtpx_rcpt_notify,
    [SMTP_PARAMETER_ORCPT] = &hf_smtpx_rcpt_orcpt,
    [SMTP_PARAMETER_RRVS] = &hf_smtpx_rcpt_rrvs,
};

/* The part of a value behind an octet; none where the octet is not there. */
static smtp_span behind(const smtpx_cursor *at, smtp_span value, uint8_t octet)
{
    const uint8_t *found = memchr(at->octets + value.offset, octet, value.length);

    if (!found)
        return (smtp_span){smtp_span_end(value), 0};
    return smtp_span_between((uint32_t)(found - at->octets) + 1, smtp_span_end(value));
}

/* The part of a value before an octet; all of it where the octet is not there. */
static smtp_span before(const smtpx_cursor *at, smtp_span value, uint8_t octet)
{
    const uint8_t *found = memchr(at->octets + value.offset, octet, value.length);

    return found ? smtp_span_between(value.offset, (uint32_t)(found - at->octets)) : value;
}

static void view_xtext(smtpx_view *view, const smtpx_cursor *at, int field, smtp_span value)
{
    uint8_t *decoded = wmem_alloc(view->pinfo->pool, value.length + 1);
    uint32_t length = smtp_xtext_decode(at->octets, value, decoded);

    smtpx_item_decoded(at, field, value, decoded, length);
}

static void view_signed(const smtpx_cursor *at, int field, smtp_span value)
{
    int32_t number = 0;
    uint32_t length = smtp_signed_number(at->octets, value, &number);

    smtpx_item_int(at, field, (smtp_span){value.offset, length}, number);
}

static void view_date_time(const smtpx_cursor *at, int field, smtp_span value)
{
    int64_t seconds = 0;
    int32_t nanoseconds = 0;
    nstime_t time;

    smtp_date_time(at->octets, value, &seconds, &nanoseconds);
    time = (nstime_t){.secs = (time_t)seconds, .nsecs = nanoseconds};
    smtpx_item_time(at, field, value, &time);
}

/* Words behind commas; those of a grammar that has its own are shown in upper case. */
static void view_list(const smtpx_cursor *at, int field, smtp_span rest, bool upper)
{
    smtp_span word;

    while (smtp_next_listed(at->octets, &rest, &word)) {
        if (upper)
            smtpx_item_upper(at, field, word);
        else
            smtpx_item_text(at, field, word);
    }
}

/* A value that is as its grammar wants it. */
static void view_value(smtpx_view *view, const smtpx_cursor *at, int field, const smtp_parameter_reading *reading)
{
    smtp_span value = reading->parts.value;

    switch (reading->grammar) {
    case SMTP_VALUE_SIZE:
        /* Twenty digits may be more than any number type holds: then they are shown as typed. */
        smtpx_item_number64(at, field, value);
        break;
    case SMTP_VALUE_BODY:
    case SMTP_VALUE_RET:
        smtpx_item_upper(at, field, value);
        break;
    case SMTP_VALUE_XTEXT:
    case SMTP_VALUE_MAILBOX:
        view_xtext(view, at, field, value);
        break;
    case SMTP_VALUE_NOTIFY:
    case SMTP_VALUE_KEYWORDS:
        view_list(at, field, value, reading->grammar == SMTP_VALUE_NOTIFY);
        break;
    case SMTP_VALUE_ORCPT:
        smtpx_item_text(at, hf_smtpx_rcpt_orcpt_type, before(at, value, ';'));
        view_xtext(view, at, field, behind(at, value, ';'));
        break;
    case SMTP_VALUE_BY:
        view_signed(at, field, value);
        smtpx_item_upper(at, hf_smtpx_mail_by_mode, behind(at, value, ';'));
        break;
    case SMTP_VALUE_SECONDS:
        smtpx_item_number(at, field, value);
        break;
    case SMTP_VALUE_DATE_TIME:
        view_date_time(at, field, value);
        break;
    case SMTP_VALUE_PRIORITY:
        view_signed(at, field, value);
        break;
    case SMTP_VALUE_RRVS:
    case SMTP_VALUE_ANY:
        smtpx_item_text(at, field, value);
        break;
    case SMTP_VALUE_MTRK:
        smtpx_item_text(at, field, before(at, value, ':'));
        smtpx_item_number(at, hf_smtpx_mail_mtrk_timeout, behind(at, value, ':'));
        break;
    case SMTP_VALUE_TRANSID:
        smtpx_item_text(at, field, (smtp_span){value.offset + 1, value.length - 2});
        break;
    case SMTP_VALUE_NONE:
        break;
    }
}

static void view_parameter(smtpx_view *view, const smtpx_cursor *line, const smtp_parameter_reading *reading)
{
    const smtp_parameter *parts = &reading->parts;
    proto_item *item = smtpx_item_text(line, hf_smtpx_parameter, parts->whole);
    smtpx_cursor at = smtpx_cursor_below(line, item, ett_smtpx_parameter);
    const int *field = fields_of[reading->name];

    smtpx_item_upper(&at, hf_smtpx_parameter_keyword, parts->keyword);
    if (parts->has_value)
        smtpx_item_text(&at, hf_smtpx_parameter_value, parts->value);
    if (parts->has_value && field && reading->well_formed)
        view_value(view, &at, *field, reading);
}

void smtpx_view_parameters(smtpx_view *view, const smtpx_cursor *at, const smtp_command *command)
{
    smtp_span rest = command->of.path.parameters;
    smtp_parameter_reading reading;

    if (!at->tree)
        return;
    while (smtp_parameter_read(at->octets, &rest, command->shape == SMTP_SHAPE_TO, &reading)) {
        if (command->cut && rest.length == 0)
            reading.well_formed = false; /* more of the value may follow */
        view_parameter(view, at, &reading);
    }
}

void smtpx_view_parameter_register(int proto)
{
    static int *ett[] = {&ett_smtpx_parameter};

    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
