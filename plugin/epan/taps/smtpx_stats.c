/* smtpx_stats.c
 * Counters: what was said and answered, what was refused, by whom and why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_stats.h"

#include <epan/stats_tree.h>
#include <epan/to_str.h>

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/learn/smtpx_cipher.h"
#include "plugin/epan/taps/smtpx_tap.h"
#include "plugin/smtp/session/smtp_result.h"
#include "plugin/smtp/smtp_offer.h"
#include "plugin/smtp/smtp_place.h"
#include "plugin/smtp/smtp_reading.h"
#include "plugin/smtp/syntax/smtp_auth.h"
#include "plugin/smtp/syntax/smtp_capability.h"

/* A unit, and what the counters ask of it. */
typedef struct counted {
    stats_tree *tree;
    packet_info *pinfo;
    const smtpx_tap_read *read;
    const smtpx_tap_unit *unit;
    const smtpx_record *record;
    const smtp_exchange *exchange; /* NULL: it has none */
    uint16_t code;                 /* of a whole reply, or of the first part of one; else 0 */
} counted;

/* ---- Nodes ---- */

/* Counts in a branch of the tree, which is made where there is none. Wireshark finds it by a name that
 * no node below may have, so there are blanks in it: in names of servers and verbs there are none. */
static int branch(const counted *at, const char *name)
{
    return tick_stat_node(at->tree, name, 0, true);
}

static int twig(const counted *at, int parent, const char *name)
{
    return tick_stat_node(at->tree, name, parent, true);
}

static void leaf(const counted *at, int parent, const char *name)
{
    tick_stat_node(at->tree, name, parent, false);
}

static const char *text_of(const counted *at, const uint8_t *octets, uint32_t length)
{
    return length > 0 ? smtpx_text(at->pinfo->pool, octets, length) : "(empty)";
}

static const char *server_of(const counted *at)
{
    const smtp_name *name = at->read->facts->server;

    return name ? text_of(at, name->octets, name->length)
                : address_to_str(at->pinfo->pool, at->read->session->hosts[SMTP_SERVER]);
}

/* ---- Commands and replies ---- */

static void count_commands(const counted *at)
{
    if (at->record->role == SMTP_ROLE_COMMAND && at->exchange)
        leaf(at, branch(at, "Commands by verb"), smtpx_tap_verb_name((smtp_verb)at->exchange->verb));
}

static void count_replies(const counted *at)
{
    const char *to = at->exchange ? smtpx_tap_verb_name((smtp_verb)at->exchange->verb) : "nothing";

    if (at->code)
        leaf(at, twig(at, branch(at, "Replies by command and code"), to),
             wmem_strdup_printf(at->pinfo->pool, "%u", at->code));
}

/* ---- Refusals ---- */

static const char *domain_of(const counted *at, const smtp_name *name)
{
    const uint8_t *sign = NULL;

    for (uint32_t i = 0; name && i < name->length; i++)
        sign = name->octets[i] == '@' ? &name->octets[i] : sign;
    if (!sign)
        return "(none)";
    return wmem_ascii_strdown(at->pinfo->pool,
                              text_of(at, sign + 1, (uint32_t)(name->octets + name->length - sign - 1)), -1);
}

static void count_refusals(const counted *at)
{
    smtp_span enhanced = {0, 0};
    const char *code;
    int parent;

    if (!smtp_code_refuses(at->code) || !at->exchange)
        return;
    if (smtp_exchange_text(at->exchange))
        enhanced = smtp_result_enhanced(at->exchange);
    code = enhanced.length ? text_of(at, smtp_exchange_text(at->exchange)->octets + enhanced.offset, enhanced.length)
                           : wmem_strdup_printf(at->pinfo->pool, "%u", at->code);
    parent = branch(at, "Refusals by code");
    leaf(at, twig(at, parent, code), smtpx_tap_verb_name((smtp_verb)at->exchange->verb));
    leaf(at, twig(at, branch(at, "Refusals by server"), server_of(at)), code);
    if (smtp_verb_shape((smtp_verb)at->exchange->verb) == SMTP_SHAPE_TO)
        leaf(at, twig(at, branch(at, "Refused recipients by domain"), domain_of(at, smtp_exchange_name(at->exchange))),
             code);
}

/* ---- Capabilities ---- */

static bool answers_hello(const counted *at)
{
    smtp_reply_lines lines = {.octets = at->unit->octets, .length = at->record->length};
    uint16_t code = at->code ? at->code : at->exchange ? at->exchange->code : 0;

    return at->record->role == SMTP_ROLE_REPLY && (at->exchange || smtp_reply_lines_next(&lines)) &&
           smtp_reading_is_offer(at->exchange, code, lines);
}

/* The first line of a reply names the server; a long reply goes on in another unit. */
static void count_capabilities(const counted *at)
{
    smtp_reply_lines lines = {.octets = at->unit->octets, .length = at->record->length};
    int parent;

    if (!answers_hello(at) || (!at->record->continued && !smtp_reply_lines_next(&lines)))
        return;
    parent = twig(at, branch(at, "Capabilities by server"), server_of(at));
    while (smtp_reply_lines_next(&lines)) {
        const uint8_t *line = lines.octets + lines.offset;
        smtp_capability capability = smtp_capability_parse(line, lines.parsed.text);
        char *keyword;

        if (!smtp_capability_is_line(line, &lines.parsed))
            continue;
        keyword = smtpx_text(at->pinfo->pool, line + capability.keyword.offset, capability.keyword.length);
        for (char *c = keyword; *c; c++)
            *c = (char)smtp_upper((uint8_t)*c);
        leaf(at, parent, keyword);
    }
}

/* ---- AUTH and TLS ---- */

static void count_logins(const counted *at)
{
    const char *result, *mechanism;

    if (!at->exchange || !smtp_exchange_is_auth(at->exchange) || at->code == 0 || smtp_code_is_intermediate(at->code))
        return;
    result = smtp_exchange_auth_result(at->exchange, at->code);
    mechanism = smtp_auth_mechanism_name((smtp_mechanism)smtp_exchange_mechanism(at->exchange));
    leaf(at, twig(at, branch(at, "AUTH by mechanism and result"), *mechanism ? mechanism : "(unknown)"), result);
}

static void count_version(const counted *at)
{
    const char *version = smtpx_cipher_of(at->read->session->conversation).version;

    leaf(at, branch(at, "EHLO inside TLS by version"), version ? version : "(unknown)");
}

/* EHLO says where a session is; a client says it again inside TLS. */
static void count_tls(const counted *at)
{
    smtp_offer offer;

    if (at->exchange && at->code && smtp_exchange_is_starttls(at->exchange))
        leaf(at, branch(at, "STARTTLS by answer"), smtp_code_accepts(at->code) ? "accepted" : "refused");
    if (!answers_hello(at) || at->record->continued)
        return;
    offer = smtp_offer_read(at->unit->octets, at->record->length);
    if (at->read->layer == SMTPX_LAYER_TLS)
        count_version(at);
    leaf(at, branch(at, "EHLO by place"),
         at->read->layer == SMTPX_LAYER_TLS            ? "inside TLS"
         : smtp_offer_has(&offer, SMTP_OFFER_STARTTLS) ? "in clear, STARTTLS offered"
                                                       : "in clear, STARTTLS not offered");
}

/* ---- Anomalies ---- */

/* How often the unit has a remark: each token that was not offered has its own. */
static uint32_t times(const counted *at, smtp_remark kind)
{
    smtp_span tokens[SMTP_PLACES_MOST];

    if (kind != SMTP_REMARK_NOT_OFFERED)
        return 1;
    return MAX(1, smtp_place_not_offered(at->unit->octets, at->record->length, at->read->facts, tokens));
}

static void count_anomalies(const counted *at)
{
    static const struct {
        const char *name;
        const char *severity;
    } kinds[] = {
#define SMTP_REMARK(name, filter, severity, group, text) {filter, #severity},
#include "plugin/smtp/smtp_remarks.def"
#undef SMTP_REMARK
    };
    smtp_remarks remarks = smtpx_tap_remarks(at->unit);

    if (!smtp_remarks_any(&remarks))
        return;
    for (int kind = 0; kind < SMTP_REMARK_COUNT; kind++) {
        uint32_t left = smtp_remarks_has(&remarks, (smtp_remark)kind) ? times(at, (smtp_remark)kind) : 0;

        for (; left > 0; left--)
            leaf(at, twig(at, branch(at, "Anomalies by severity"), kinds[kind].severity), kinds[kind].name);
    }
}

/* ---- Mails ---- */

static void tick_range(const counted *at, const char *name, int64_t value)
{
    stats_tree_tick_range(at->tree, name, 0, (int)MIN(value, INT32_MAX));
}

static void count_mails(const counted *at)
{
    const smtp_transaction *ended = at->unit->ended;
    int64_t duration;
    uint64_t octets;

    if (!ended)
        return;
    leaf(at, branch(at, "Mails by status"), smtp_status_name(smtp_transaction_outcome(ended)));
    if (smtp_transaction_octets(ended, &octets))
        tick_range(at, "Message octets", (int64_t)MIN(octets, INT32_MAX));
    duration = smtp_result_duration(ended);
    if (duration != SMTP_DURATION_UNKNOWN)
        tick_range(at, "Duration (ms)", duration / 1000000);
}

static void begin_mails(stats_tree *tree)
{
    stats_tree_create_range_node(tree, "Message octets", 0, "0-999", "1000-9999", "10000-99999", "100000-999999",
                                 "1000000-9999999", "10000000-", NULL);
    stats_tree_create_range_node(tree, "Duration (ms)", 0, "0-9", "10-99", "100-999", "1000-9999", "10000-99999",
                                 "100000-", NULL);
}

/* ---- Trees ---- */

static void count_verbs(const counted *at)
{
    count_commands(at);
    count_replies(at);
}

static void count_all(const counted *at)
{
    count_verbs(at);
    count_refusals(at);
    count_capabilities(at);
    count_logins(at);
    count_tls(at);
    count_anomalies(at);
    count_mails(at);
}

static void begin_nothing(stats_tree *tree _U_)
{
}

/* Name of -z before ",tree", title, who counts, and what is there before that. */
#define STATISTICS(ROW)                                                    \
    ROW("smtpx", "Overview", all, begin_mails)                             \
    ROW("smtpx_commands", "Commands and Replies", verbs, begin_nothing)    \
    ROW("smtpx_refusals", "Refusals", refusals, begin_nothing)             \
    ROW("smtpx_capabilities", "Capabilities", capabilities, begin_nothing) \
    ROW("smtpx_auth", "Authentication", logins, begin_nothing)             \
    ROW("smtpx_tls", "TLS", tls, begin_nothing)                            \
    ROW("smtpx_anomalies", "Anomalies", anomalies, begin_nothing)          \
    ROW("smtpx_mails", "Mails", mails, begin_mails)

static tap_packet_status count_units(counted at, const smtpx_tap_read *read, void (*count)(const counted *at))
{
    at.read = read;
    for (uint32_t i = 0; i < read->count; i++) {
        at.unit = &read->units[i];
        at.record = at.unit->record;
        at.exchange = smtpx_record_exchange(at.record);
        at.code = smtpx_tap_code(at.unit);
        count(&at);
    }
    return TAP_PACKET_REDRAW;
}

/* Wireshark does not say which tree it is that a function is called for. */
#define ROW(name, title, count, begin)                                                                         \
    static tap_packet_status read_##count(stats_tree *tree, packet_info *pinfo, epan_dissect_t *dissected _U_, \
                                          const void *tapped, tap_flags_t flags _U_)                           \
    {                                                                                                          \
        return count_units((counted){.tree = tree, .pinfo = pinfo}, tapped, count_##count);                    \
    }
STATISTICS(ROW)
#undef ROW

void smtpx_stats_register(void)
{
#define ROW(name, title, count, begin) \
    stats_tree_register_plugin("smtpx", name, "SMTP" SMTPX_MENU title, 0, read_##count, begin, NULL);
    STATISTICS(ROW)
#undef ROW
}
