/* smtpx_view_capability.c
 * The capabilities in a reply to EHLO or LHLO (RFC 5321, 4.1.1.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view.h"

#include "plugin/epan/draw/smtpx_item.h"
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
     {"Parameter", "smtpx.capability.parameter", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_capability_size,
     {"Maximum message size", "smtpx.capability.size", FT_UINT64, BASE_DEC, NULL, 0, "0: no fixed maximum", HFILL}},
    {&hf_smtpx_capability_auth,
     {"Mechanism", "smtpx.capability.auth", FT_STRING, BASE_NONE, NULL, 0, "SASL mechanism", HFILL}},
    {&hf_smtpx_capability_limit, {"Limit", "smtpx.capability.limit", FT_STRING, BASE_NONE, NULL, 0, "RFC 9422", HFILL}},
    {&hf_smtpx_capability_limit_value,
     {"Value", "smtpx.capability.limit.value", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
    {&hf_smtpx_capability_deliverby,
     {"Minimum deliver-by time, seconds", "smtpx.capability.deliverby", FT_UINT32, BASE_DEC, NULL, 0, "RFC 2852",
      HFILL}},
    {&hf_smtpx_capability_holdfor,
     {"Longest hold, seconds", "smtpx.capability.holdfor", FT_UINT32, BASE_DEC, NULL, 0, "RFC 4865", HFILL}},
    {&hf_smtpx_capability_holduntil,
     {"Latest release", "smtpx.capability.holduntil", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0, "RFC 4865", HFILL}},
};

/* One parameter that is being drawn. */
typedef struct capability_view {
    smtpx_view *view;
    proto_tree *tree;
    uint32_t offset; /* of the line */
    const uint8_t *line;
} capability_view;

static void view_number(const capability_view *at, int field, smtp_span span)
{
    smtpx_view_number(at->view, at->tree, field, at->offset, at->line, span);
}

/* Each entry, with its value below it (RFC 9422, 3). */
static void view_limits(const capability_view *at, smtp_span rest)
{
    smtp_parameter limit;

    while (smtp_parameter_next(at->line, &rest, &limit)) {
        proto_item *item =
            smtpx_view_span_upper(at->view, at->tree, hf_smtpx_capability_limit, at->offset, limit.keyword);
        capability_view entry = *at;

        entry.tree = smtpx_item_subtree(at->tree, item, ett_smtpx_capability);
        if (limit.has_value)
            view_number(&entry, hf_smtpx_capability_limit_value, limit.value);
    }
}

static void view_mechanisms(const capability_view *at, smtp_span rest)
{
    smtp_parameter mechanism;

    while (smtp_parameter_next(at->line, &rest, &mechanism))
        smtpx_view_span_upper(at->view, at->tree, hf_smtpx_capability_auth, at->offset, mechanism.whole);
}

static void view_deliverby(const capability_view *at, smtp_span parameter)
{
    smtp_span least;

    if (smtp_next_listed(at->line, &parameter, &least))
        view_number(at, hf_smtpx_capability_deliverby, least);
}

static void view_futurerelease(const capability_view *at, smtp_span rest)
{
    int64_t seconds = 0;
    int32_t nanoseconds = 0;
    smtp_parameter word;

    if (!smtp_parameter_next(at->line, &rest, &word))
        return;
    view_number(at, hf_smtpx_capability_holdfor, word.whole);
    if (smtp_parameter_next(at->line, &rest, &word) && smtp_date_time(at->line, word.whole, &seconds, &nanoseconds)) {
        nstime_t time = {.secs = (time_t)seconds, .nsecs = nanoseconds};
        smtpx_item_time(at->tree, hf_smtpx_capability_holduntil, at->view->tvb, at->offset + word.whole.offset,
                        word.whole.length, &time);
    }
}

static void view_parameter(const capability_view *at, smtp_keyword_parameter kind, smtp_span parameter)
{
    switch (kind) {
    case SMTP_KEYWORD_SIZE:
        smtpx_view_number64(at->view, at->tree, hf_smtpx_capability_size, at->offset, at->line, parameter);
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

bool smtpx_view_capability_is_wanted(proto_tree *tree)
{
    return smtpx_item_any_is_wanted(tree, fields, array_length(fields));
}

void smtpx_view_capability(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line, smtp_span text)
{
    smtp_capability capability = smtp_capability_parse(line, text);
    const smtp_keyword *keyword;
    capability_view at = {.view = view, .offset = offset, .line = line};
    proto_item *item;

    if (!tree || capability.keyword.length == 0)
        return;
    keyword = smtp_keyword_find(line + capability.keyword.offset, capability.keyword.length);
    item = smtpx_view_span_upper(view, tree, hf_smtpx_capability, offset, capability.keyword);
    at.tree = smtpx_item_subtree(tree, item, ett_smtpx_capability);
    if (capability.parameter.length)
        smtpx_view_span(view, at.tree, hf_smtpx_capability_parameter, offset, capability.parameter);
    if (keyword && capability.parameter.length)
        view_parameter(&at, keyword->parameter, capability.parameter);
}

void smtpx_view_capability_register(int proto)
{
    static int *ett[] = {&ett_smtpx_capability};

    proto_register_field_array(proto, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}
