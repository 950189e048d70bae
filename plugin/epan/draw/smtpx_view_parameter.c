/* smtpx_view_parameter.c
 * ESMTP parameters of MAIL and RCPT, and their values as what they are.
 *
 * One that has a field of its own, and whose value is as its grammar wants it, is
 * shown as that; others are shown as typed.
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
    {&hf_smtpx_parameter_keyword,
     {"Parameter keyword", "smtpx.parameter.keyword", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_parameter_value,
     {"Parameter value", "smtpx.parameter.value", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_mail_size,
     {"SIZE", "smtpx.mail.size", FT_UINT64, BASE_DEC, NULL, 0, "Declared octets of the message (RFC 1870)", HFILL}},
    {&hf_smtpx_mail_body,
     {"BODY", "smtpx.mail.body", FT_STRING, BASE_NONE, NULL, 0, "Kind of body (RFC 6152, RFC 3030)", HFILL}},
    {&hf_smtpx_mail_ret,
     {"RET", "smtpx.mail.ret", FT_STRING, BASE_NONE, NULL, 0, "What a bounce brings (RFC 3461)", HFILL}},
    {&hf_smtpx_mail_envid,
     {"ENVID", "smtpx.mail.envid", FT_STRING, BASE_NONE, NULL, 0, "Identifies the envelope in reports (RFC 3461)",
      HFILL}},
    {&hf_smtpx_mail_auth,
     {"AUTH=", "smtpx.mail.auth", FT_STRING, BASE_NONE, NULL, 0, "Who submitted the message first (RFC 4954)", HFILL}},
    {&hf_smtpx_mail_by,
     {"BY", "smtpx.mail.by", FT_INT32, BASE_DEC, NULL, 0, "Seconds within which to deliver (RFC 2852)", HFILL}},
    {&hf_smtpx_mail_by_mode,
     {"BY mode", "smtpx.mail.by.mode", FT_STRING, BASE_NONE, NULL, 0, "N: notify, R: return, with T: trace (RFC 2852)",
      HFILL}},
    {&hf_smtpx_mail_holdfor,
     {"HOLDFOR", "smtpx.mail.holdfor", FT_UINT32, BASE_DEC, NULL, 0, "Seconds until release (RFC 4865)", HFILL}},
    {&hf_smtpx_mail_holduntil,
     {"HOLDUNTIL", "smtpx.mail.holduntil", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, "Time of release (RFC 4865)",
      HFILL}},
    {&hf_smtpx_mail_mt_priority,
     {"MT-PRIORITY", "smtpx.mail.mt_priority", FT_INT32, BASE_DEC, NULL, 0, "From -9 to 9, the highest (RFC 6710)",
      HFILL}},
    {&hf_smtpx_mail_mtrk,
     {"MTRK", "smtpx.mail.mtrk", FT_STRING, BASE_NONE, NULL, 0, "Certifier for tracking (RFC 3885)", HFILL}},
    {&hf_smtpx_mail_mtrk_timeout,
     {"MTRK timeout", "smtpx.mail.mtrk.timeout", FT_UINT32, BASE_DEC, NULL, 0, "Seconds of tracking (RFC 3885)",
      HFILL}},
    {&hf_smtpx_mail_submitter,
     {"SUBMITTER", "smtpx.mail.submitter", FT_STRING, BASE_NONE, NULL, 0, "Who submits the message (RFC 4405)", HFILL}},
    {&hf_smtpx_mail_solicit,
     {"SOLICIT", "smtpx.mail.solicit", FT_STRING, BASE_NONE, NULL, 0, "Kind of solicitation (RFC 3865)", HFILL}},
    {&hf_smtpx_mail_transid,
     {"TRANSID", "smtpx.mail.transid", FT_STRING, BASE_NONE, NULL, 0, "Identifies the transaction (RFC 1845)", HFILL}},
    {&hf_smtpx_mail_alt_address,
     {"ALT-ADDRESS of the sender", "smtpx.mail.alt_address", FT_STRING, BASE_NONE, NULL, 0,
      "Address in ASCII (RFC 5336)", HFILL}},
    {&hf_smtpx_rcpt_notify,
     {"NOTIFY", "smtpx.rcpt.notify", FT_STRING, BASE_NONE, NULL, 0, "When to report (RFC 3461)", HFILL}},
    {&hf_smtpx_rcpt_orcpt,
     {"ORCPT", "smtpx.rcpt.orcpt", FT_STRING, BASE_NONE, NULL, 0, "Original recipient (RFC 3461)", HFILL}},
    {&hf_smtpx_rcpt_orcpt_type,
     {"ORCPT type", "smtpx.rcpt.orcpt.type", FT_STRING, BASE_NONE, NULL, 0, "Kind of address (RFC 3461)", HFILL}},
    {&hf_smtpx_rcpt_rrvs,
     {"RRVS", "smtpx.rcpt.rrvs", FT_STRING, BASE_NONE, NULL, 0, "Require recipient valid since (RFC 7293)", HFILL}},
    {&hf_smtpx_rcpt_alt_address,
     {"ALT-ADDRESS of the recipient", "smtpx.rcpt.alt_address", FT_STRING, BASE_NONE, NULL, 0,
      "Address in ASCII (RFC 5336)", HFILL}},
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

/* ---- Values ---- */

/* A value that is as its grammar wants it, and where it is shown. */
typedef struct shown_value {
    smtpx_view *view;
    const smtpx_cursor *at;
    const smtp_parameter_reading *reading;
    int field;
} shown_value;

/* What the parameter is for, or what a word of its value says. */
static void explain(const shown_value *shown, proto_item *item, const char *first, smtp_span word)
{
    smtpx_item_explain(item, first, smtp_parameter_note(shown->reading->name, shown->at->octets, word));
}

/* @param first  said of it first; NULL: what was sent, if that differs */
static void view_xtext(const shown_value *shown, smtp_span value, const char *first)
{
    wmem_allocator_t *pool = shown->view->pinfo->pool;
    uint8_t *decoded = wmem_alloc(pool, value.length + 1);
    uint32_t length = smtp_xtext_decode(shown->at->octets, value, decoded);
    proto_item *item = smtpx_item_decoded(shown->at, shown->field, value, decoded, length);

    if (item && !first && length != value.length)
        first =
            wmem_strdup_printf(pool, "sent as %s", smtpx_text(pool, shown->at->octets + value.offset, value.length));
    explain(shown, item, first, value);
}

static void view_signed(const shown_value *shown, smtp_span value, smtp_span word)
{
    int32_t number = 0;
    uint32_t length = smtp_signed_number(shown->at->octets, value, &number);

    explain(shown, smtpx_item_int(shown->at, shown->field, (smtp_span){value.offset, length}, number), NULL, word);
}

static void view_date_time(const shown_value *shown, smtp_span value)
{
    int64_t seconds = 0;
    int32_t nanoseconds = 0;
    nstime_t time;

    smtp_date_time(shown->at->octets, value, &seconds, &nanoseconds);
    time = (nstime_t){.secs = (time_t)seconds, .nsecs = nanoseconds};
    explain(shown, smtpx_item_time(shown->at, shown->field, value, &time), NULL, value);
}

/* Words behind commas; those of a grammar that has its own are shown in upper case. */
static void view_list(const shown_value *shown, smtp_span rest, bool upper)
{
    smtp_span word;

    while (smtp_next_listed(shown->at->octets, &rest, &word)) {
        proto_item *item =
            upper ? smtpx_item_upper(shown->at, shown->field, word) : smtpx_item_text(shown->at, shown->field, word);
        explain(shown, item, NULL, word);
    }
}

/* The type of the address is said behind it. */
static void view_orcpt(const shown_value *shown, smtp_span value)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(shown->at);
    smtp_span type = before(shown->at, value, ';');

    smtpx_item_text(&hidden, hf_smtpx_rcpt_orcpt_type, type);
    view_xtext(shown, behind(shown->at, value, ';'),
               smtpx_text(shown->view->pinfo->pool, shown->at->octets + type.offset, type.length));
}

/* What the mode says is said behind the seconds. */
static void view_by(const shown_value *shown, smtp_span value)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(shown->at);
    smtp_span mode = behind(shown->at, value, ';');

    view_signed(shown, value, mode);
    smtpx_item_upper(&hidden, hf_smtpx_mail_by_mode, mode);
}

/* A value that is shown as one thing, as typed or nearly so. */
static proto_item *view_plain(const shown_value *shown, smtp_span value)
{
    switch (shown->reading->grammar) {
    case SMTP_VALUE_SIZE:
        return smtpx_item_number64(shown->at, shown->field, value);
    case SMTP_VALUE_SECONDS:
        return smtpx_item_number(shown->at, shown->field, value);
    case SMTP_VALUE_BODY:
    case SMTP_VALUE_RET:
        return smtpx_item_upper(shown->at, shown->field, value);
    case SMTP_VALUE_TRANSID:
        return smtpx_item_text(shown->at, shown->field, (smtp_span){value.offset + 1, value.length - 2});
    default:
        return smtpx_item_text(shown->at, shown->field, value);
    }
}

static void view_value(const shown_value *shown)
{
    smtp_span value = shown->reading->parts.value;

    switch (shown->reading->grammar) {
    case SMTP_VALUE_XTEXT:
    case SMTP_VALUE_MAILBOX:
        view_xtext(shown, value, NULL);
        break;
    case SMTP_VALUE_NOTIFY:
    case SMTP_VALUE_KEYWORDS:
        view_list(shown, value, shown->reading->grammar == SMTP_VALUE_NOTIFY);
        break;
    case SMTP_VALUE_ORCPT:
        view_orcpt(shown, value);
        break;
    case SMTP_VALUE_BY:
        view_by(shown, value);
        break;
    case SMTP_VALUE_DATE_TIME:
        view_date_time(shown, value);
        break;
    case SMTP_VALUE_PRIORITY:
        view_signed(shown, value, value);
        break;
    case SMTP_VALUE_MTRK:
        explain(shown, smtpx_item_text(shown->at, shown->field, before(shown->at, value, ':')), NULL, value);
        smtpx_item_number(shown->at, hf_smtpx_mail_mtrk_timeout, behind(shown->at, value, ':'));
        break;
    default:
        explain(shown, view_plain(shown, value), NULL, value);
        break;
    }
}

/* ---- Parameters ---- */

/* Can its value be shown as what it is?  Twenty digits may be more than any number type holds. */
static bool has_own_field(const smtpx_cursor *line, const smtp_parameter_reading *reading)
{
    uint64_t number;

    if (!reading->parts.has_value || !fields_of[reading->name] || !reading->well_formed)
        return false;
    return reading->grammar != SMTP_VALUE_SIZE || smtp_number(line->octets, reading->parts.value, &number);
}

static void view_parameter(smtpx_view *view, const smtpx_cursor *line, const smtp_parameter_reading *reading)
{
    const smtp_parameter *parts = &reading->parts;
    bool has_own = has_own_field(line, reading);
    smtpx_cursor hidden = smtpx_cursor_hidden(line);
    proto_item *item = smtpx_item_text(has_own ? &hidden : line, hf_smtpx_parameter, parts->whole);

    hidden = smtpx_cursor_below(&hidden, item, ett_smtpx_parameter);
    smtpx_item_upper(&hidden, hf_smtpx_parameter_keyword, parts->keyword);
    if (parts->has_value)
        smtpx_item_text(&hidden, hf_smtpx_parameter_value, parts->value);
    if (has_own)
        view_value(&(shown_value){view, line, reading, *fields_of[reading->name]});
    else
        smtpx_item_explain(item, NULL, smtp_parameter_note(reading->name, line->octets, parts->value));
}

bool smtpx_view_parameter_is_wanted(const smtpx_cursor *at)
{
    return smtpx_item_any_is_wanted(at, fields, array_length(fields));
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
