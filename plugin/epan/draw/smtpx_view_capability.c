/* smtpx_view_capability.c
 * The capabilities in a reply to EHLO or LHLO (RFC 5321, 4.1.1.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_capability.h"

#include "plugin/smtp/syntax/smtp_auth.h"
#include "plugin/smtp/syntax/smtp_capability.h"
#include "plugin/smtp/syntax/smtp_parameter.h"

static int hf_smtpx_capability = -1;
static int hf_smtpx_capability_parameter = -1;
static int hf_smtpx_capability_size = -1;
static int hf_smtpx_capability_auth = -1;
static int hf_smtpx_capability_limit = -1;
static int hf_smtpx_capability_limit_value = -1;
static int hf_smtpx_capability_deliverby = -1;
static int hf_smtpx_capability_holdfor = -1;
static int hf_smtpx_capability_holduntil = -1;
static int ett_smtpx_capability = -1;

static hf_register_info fields[] = {
    {&hf_smtpx_capability, {"Capability", "smtpx.capability", FT_STRING, BASE_NONE, NULL, 0, "EHLO keyword", HFILL}},
    {&hf_smtpx_capability_parameter,
     {"Capability parameter", "smtpx.capability.parameter", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_capability_size,
     {"Maximum message size", "smtpx.capability.size", FT_UINT64, BASE_DEC, NULL, 0, "0: no fixed maximum", HFILL}},
    {&hf_smtpx_capability_auth,
     {"Mechanism", "smtpx.capability.auth", FT_STRING, BASE_NONE, NULL, 0, "SASL mechanism", HFILL}},
    {&hf_smtpx_capability_limit, {"Limit", "smtpx.capability.limit", FT_STRING, BASE_NONE, NULL, 0, "RFC 9422", HFILL}},
    {&hf_smtpx_capability_limit_value,
     {"Limit value", "smtpx.capability.limit.value", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_capability_deliverby,
     {"Minimum deliver-by time, seconds", "smtpx.capability.deliverby", FT_UINT32, BASE_DEC, NULL, 0, "RFC 2852",
      HFILL}},
    {&hf_smtpx_capability_holdfor,
     {"Longest hold, seconds", "smtpx.capability.holdfor", FT_UINT32, BASE_DEC, NULL, 0, "RFC 4865", HFILL}},
    {&hf_smtpx_capability_holduntil,
     {"Latest release", "smtpx.capability.holduntil", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, "RFC 4865", HFILL}},
};

/* Each entry, with its value below it (RFC 9422, 3). */
static void view_limits(const smtpx_cursor *at, smtp_span rest)
{
    smtp_parameter limit;

    while (smtp_parameter_next(at->octets, &rest, &limit)) {
        proto_item *item = smtpx_item_upper(at, hf_smtpx_capability_limit, limit.keyword);
        smtpx_cursor below = smtpx_cursor_below(at, item, ett_smtpx_capability);

        if (limit.has_value)
            smtpx_item_number(&below, hf_smtpx_capability_limit_value, limit.value);
    }
}

static void view_mechanisms(const smtpx_cursor *at, smtp_span rest)
{
    smtp_parameter mechanism;

    while (smtp_parameter_next(at->octets, &rest, &mechanism))
        smtpx_item_explain(smtpx_item_upper(at, hf_smtpx_capability_auth, mechanism.whole), NULL,
                           smtp_auth_mechanism_note(at->octets + mechanism.whole.offset, mechanism.whole.length));
}

static void view_deliverby(const smtpx_cursor *at, smtp_span parameter)
{
    smtp_span least;

    if (smtp_next_listed(at->octets, &parameter, &least))
        smtpx_item_number(at, hf_smtpx_capability_deliverby, least);
}

static void view_futurerelease(const smtpx_cursor *at, smtp_span rest)
{
    int64_t seconds = 0;
    int32_t nanoseconds = 0;
    smtp_parameter word;

    if (!smtp_parameter_next(at->octets, &rest, &word))
        return;
    smtpx_item_number(at, hf_smtpx_capability_holdfor, word.whole);
    if (smtp_parameter_next(at->octets, &rest, &word) &&
        smtp_date_time(at->octets, word.whole, &seconds, &nanoseconds)) {
        nstime_t time = {.secs = (time_t)seconds, .nsecs = nanoseconds};
        smtpx_item_time(at, hf_smtpx_capability_holduntil, word.whole, &time);
    }
}

static void view_parameter(const smtpx_cursor *at, smtp_keyword_parameter kind, smtp_span parameter)
{
    switch (kind) {
    case SMTP_KEYWORD_SIZE:
        smtpx_item_number64(at, hf_smtpx_capability_size, parameter);
        break;
    case SMTP_KEYWORD_MECHANISMS:
        view_mechanisms(at, parameter);
        break;
    case SMTP_KEYWORD_LIMITS:
        view_limits(at, parameter);
        break;
    case SMTP_KEYWORD_DELIVERBY:
        view_deliverby(at, parameter);
        break;
    case SMTP_KEYWORD_FUTURERELEASE:
        view_futurerelease(at, parameter);
        break;
    case SMTP_KEYWORD_NONE:
    case SMTP_KEYWORD_TEXT:
        break;
    }
}

bool smtpx_view_capability_is_wanted(const smtpx_cursor *at)
{
    return smtpx_item_any_is_wanted(at, fields, array_length(fields));
}

/* "Capability: SIZE 10485760 (largest message, RFC 1870)" */
static void explain(const smtpx_cursor *line, proto_item *item, const smtp_capability *capability,
                    const smtp_keyword *keyword)
{
    if (!item || !smtpx_item_is_shown(line))
        return;
    if (capability->parameter.length)
        proto_item_append_text(item, " %s",
                               tvb_format_text(PNODE_POOL(line->tree), line->tvb,
                                               smtpx_size(line->offset + capability->parameter.offset),
                                               smtpx_size(capability->parameter.length)));
    if (keyword)
        smtpx_item_explain(item, NULL, keyword->note);
}

void smtpx_view_capability(const smtpx_cursor *line, smtp_span text)
{
    smtp_capability capability = smtp_capability_parse(line->octets, text);
    const smtp_keyword *keyword;
    proto_item *item;
    smtpx_cursor at, hidden;

    if (!line->tree || capability.keyword.length == 0)
        return;
    keyword = smtp_keyword_find(line->octets + capability.keyword.offset, capability.keyword.length);
    item = smtpx_item_upper(line, hf_smtpx_capability, capability.keyword);
    explain(line, item, &capability, keyword);
    if (capability.parameter.length == 0)
        return;
    at = smtpx_cursor_below(line, item, ett_smtpx_capability);
    hidden = smtpx_cursor_hidden(&at);
    smtpx_item_text(&hidden, hf_smtpx_capability_parameter, capability.parameter);
    if (keyword)
        view_parameter(&at, keyword->parameter, capability.parameter);
}

void smtpx_view_capability_register(int proto)
{
    static int *ett[] = {&ett_smtpx_capability};

    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
