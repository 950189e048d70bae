/* smtpx_view_exchange.c
 * What is known of a unit from elsewhere: its partner, and the times between them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_exchange.h"

#include "plugin/smtp/syntax/smtp_auth.h"

static int hf_smtpx_response_in = -1;
static int hf_smtpx_response_to = -1;
static int hf_smtpx_response_to_command = -1;
static int hf_smtpx_response_time = -1;
static int hf_smtpx_reply_recipient = -1;
static int hf_smtpx_reply_recipient_in = -1;
static int hf_smtpx_wait = -1;
static int hf_smtpx_starttls = -1;

static hf_register_info fields[] = {
    {&hf_smtpx_response_in,
     {"Response in", "smtpx.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0,
      "The frame with the reply to this command", HFILL}},
    {&hf_smtpx_response_to,
     {"Response to", "smtpx.response_to", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0,
      "The frame with the command that this answers; of the greeting, the one that opened the connection", HFILL}},
    {&hf_smtpx_response_to_command,
     {"Command answered", "smtpx.response_to.command", FT_STRING, BASE_NONE, NULL, 0,
      "What this answers: a command, without parameters and secrets, \"end of data\", or \"connection\"", HFILL}},
    {&hf_smtpx_reply_recipient,
     {"Recipient answered", "smtpx.reply.recipient", FT_STRING, BASE_NONE, NULL, 0,
      "Whom this reply to RCPT, or to a message (LMTP, PRDR), is about", HFILL}},
    {&hf_smtpx_reply_recipient_in,
     {"Recipient answered, RCPT in", "smtpx.reply.recipient_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
      "The frame with that RCPT", HFILL}},
    {&hf_smtpx_response_time,
     {"Response time", "smtpx.response_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "From the last octet of the command to the first octet of the reply", HFILL}},
    {&hf_smtpx_wait,
     {"Client waited", "smtpx.wait", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
      "From the server's last octet before the command to the command's first one", HFILL}},
    {&hf_smtpx_starttls,
     {"Starts TLS", "smtpx.starttls", FT_BOOLEAN, BASE_NONE, NULL, 0, "True on the reply that starts TLS", HFILL}},
};

bool smtpx_view_exchange_is_wanted(const smtpx_cursor *at)
{
    return smtpx_item_any_is_wanted(at, fields, array_length(fields));
}

/* ---- Partners in words ---- */

static const char *with_name(wmem_allocator_t *pool, const char *verb, const char *before, const smtp_name *name,
                             const char *after)
{
    if (!name)
        return verb;
    return wmem_strconcat(pool, verb, before, smtpx_text(pool, name->octets, name->length), after, NULL);
}

static const char *auth_text(wmem_allocator_t *pool, const char *verb, const smtp_exchange *exchange)
{
    const char *mechanism = smtp_auth_mechanism_name((smtp_mechanism)smtp_exchange_mechanism(exchange));

    return *mechanism ? wmem_strconcat(pool, verb, " ", mechanism, NULL) : verb;
}

/* What the reply to an exchange answers: its command without parameters and secrets; NULL: nobody knows. */
static const char *command_text(wmem_allocator_t *pool, const smtp_exchange *exchange)
{
    const char *verb = smtp_verb_text((smtp_verb)exchange->verb);

    switch ((smtp_verb)exchange->verb) {
    case SMTP_VERB_GREETING:
        return "connection";
    case SMTP_VERB_END_OF_DATA:
        return "end of data";
    case SMTP_VERB_AUTH_ANSWER:
        return wmem_strconcat(pool, auth_text(pool, "AUTH", exchange), " answer", NULL);
    case SMTP_VERB_END_OF_BLOB:
        return "end of XEXCH50 data";
    case SMTP_VERB_UNKNOWN:
        return smtp_exchange_name(exchange) ? with_name(pool, "", "", smtp_exchange_name(exchange), "") : NULL;
    default:
        break;
    }
    switch (smtp_verb_shape((smtp_verb)exchange->verb)) {
    case SMTP_SHAPE_FROM:
        return with_name(pool, verb, " FROM:<", smtp_exchange_name(exchange), ">");
    case SMTP_SHAPE_TO:
        return with_name(pool, verb, " TO:<", smtp_exchange_name(exchange), ">");
    case SMTP_SHAPE_MECHANISM:
        return auth_text(pool, verb, exchange);
    case SMTP_SHAPE_URI:
        return exchange->last ? wmem_strconcat(pool, verb, " LAST", NULL) : verb;
    case SMTP_SHAPE_COUNT:
    case SMTP_SHAPE_TLS:
        return verb;
    default:
        return with_name(pool, verb, " ", smtp_exchange_name(exchange), "");
    }
}

char *smtpx_view_reply_text(wmem_allocator_t *pool, const smtp_exchange *exchange)
{
    const smtp_name *text = smtp_exchange_text(exchange);
    char *line;

    if (!text || text->length == 0)
        return wmem_strdup_printf(pool, "%u", exchange->code);
    line = wmem_strdup_printf(pool, "%u %s", exchange->code, smtpx_text(pool, text->octets, text->length));
    for (char *c = line; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    return line;
}

/* ---- Pairs ---- */

static void view_command_text(const smtpx_view *view, const smtpx_cursor *at, proto_item *item,
                              const smtp_exchange *exchange)
{
    smtpx_cursor hidden = smtpx_cursor_hidden(at);
    const char *text;

    if (!smtpx_item_is_shown(at) && !smtpx_item_is_wanted(&hidden, hf_smtpx_response_to_command))
        return;
    text = command_text(PNODE_POOL(at->tree), exchange);
    if (!text)
        return;
    if (item && smtpx_item_is_shown(at))
        proto_item_append_text(item, " (%s)", smtpx_view_label(view, text));
    smtpx_generated_string(&hidden, hf_smtpx_response_to_command, text);
}

/* Whom a reply is about: to RCPT, or to a message (RFC 2033, 4.2). What RCPT named stands beside it already. */
static void view_recipient(const smtpx_view *view, const smtpx_cursor *reply, const smtp_exchange *exchange)
{
    const smtp_exchange *recipient = smtp_exchange_recipient(exchange);
    smtpx_cursor at = *reply, hidden = smtpx_cursor_hidden(reply);
    proto_item *item;

    if (smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_TO) {
        recipient = exchange->command_frame <= view->pinfo->num ? exchange : NULL;
        at.hidden = true;
    }
    if (!recipient)
        return;
    item = smtpx_generated_name(&at, hf_smtpx_reply_recipient, smtp_exchange_name(recipient));
    if (item && !at.hidden && smtpx_item_is_shown(&at))
        proto_item_append_text(item, ", RCPT in: %u", recipient->command_frame);
    smtpx_generated_uint(&hidden, hf_smtpx_reply_recipient_in, recipient->command_frame);
}

void smtpx_view_command_pair(const smtpx_view *view, const smtpx_cursor *at, const smtp_exchange *exchange)
{
    proto_item *item;

    if (!at->tree || !exchange || !smtp_exchange_is_told(exchange))
        return;
    item = smtpx_generated_uint(at, hf_smtpx_response_in, exchange->reply_frame);
    if (item && exchange->code && smtpx_item_is_shown(at))
        proto_item_append_text(item, " (%s)",
                               smtpx_view_label(view, smtpx_view_reply_text(view->pinfo->pool, exchange)));
}

void smtpx_view_wait(const smtpx_cursor *at, const smtpx_record *record)
{
    int64_t wait = at->tree ? smtpx_record_wait(record) : SMTP_DURATION_UNKNOWN;

    if (wait != SMTP_DURATION_UNKNOWN)
        smtpx_generated_time(at, hf_smtpx_wait, wait);
}

void smtpx_view_reply_pair(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record,
                           const smtp_exchange *exchange)
{
    proto_item *item;
    int64_t time;

    if (!at->tree || !exchange)
        return;
    if (exchange->code)
        view_recipient(view, at, exchange);
    if (!exchange->command_frame)
        return;
    item = smtpx_generated_uint(at, hf_smtpx_response_to, exchange->command_frame);
    view_command_text(view, at, item, exchange);
    time = smtp_exchange_response_time(exchange);
    /* A message may be refused before its final dot, a line before its end. */
    if (exchange->command_frame <= view->pinfo->num && time != SMTP_DURATION_UNKNOWN && !record->continued)
        smtpx_generated_time(at, hf_smtpx_response_time, time);
}

void smtpx_view_starttls(const smtpx_cursor *line, bool starts)
{
    smtpx_cursor at = *line;

    /* That STARTTLS, or its refusal, does not start it yet need not be said. */
    at.hidden = !starts;
    smtpx_generated_boolean(&at, hf_smtpx_starttls, starts);
}

void smtpx_view_exchange_register(int proto)
{
    proto_register_field_array(proto, fields, array_length(fields));
}
