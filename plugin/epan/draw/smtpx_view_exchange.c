/* smtpx_view_exchange.c
 * What is known of a unit from elsewhere: its partner, and the times between them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_exchange.h"

static int hf_smtpx_response_in = -1;
static int hf_smtpx_response_to = -1;
static int hf_smtpx_response_time = -1;
static int hf_smtpx_wait = -1;
static int hf_smtpx_starttls = -1;

void smtpx_view_command_pair(const smtpx_cursor *at, const smtp_exchange *exchange)
{
    if (!at->tree || !exchange)
        return;
    if (exchange->reply_frame)
        smtpx_generated_uint(at, hf_smtpx_response_in, exchange->reply_frame);
}

void smtpx_view_wait(const smtpx_cursor *at, const smtpx_record *record)
{
    int64_t wait = at->tree ? smtpx_record_wait(record) : SMTP_DURATION_UNKNOWN;

    if (wait != SMTP_DURATION_UNKNOWN)
        smtpx_generated_time(at, hf_smtpx_wait, wait);
}

void smtpx_view_reply_pair(const smtpx_view *view, const smtpx_cursor *at, const smtp_exchange *exchange)
{
    int64_t time;

    if (!at->tree || !exchange)
        return;
    if (!exchange->command_frame)
        return;
    smtpx_generated_uint(at, hf_smtpx_response_to, exchange->command_frame);
    time = smtp_exchange_response_time(exchange);
    /* A message may be refused before its final dot, a line before its end. */
    if (exchange->command_frame <= view->pinfo->num && time != SMTP_DURATION_UNKNOWN)
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
    static hf_register_info hf[] = {
        {&hf_smtpx_response_in,
         {"Response in", "smtpx.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0,
          "The frame with the reply to this command", HFILL}},
        {&hf_smtpx_response_to,
         {"Response to", "smtpx.response_to", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0,
          "The frame with the command that this answers; of the greeting, the one that opened the connection", HFILL}},
        {&hf_smtpx_response_time,
         {"Response time", "smtpx.response_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "From the last octet of the command to the first octet of the reply", HFILL}},
        {&hf_smtpx_wait,
         {"Client waited", "smtpx.wait", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "From the server's last octet before the command to the command's first one", HFILL}},
        {&hf_smtpx_starttls,
         {"Starts TLS", "smtpx.starttls", FT_BOOLEAN, BASE_NONE, NULL, 0, "True on the reply that starts TLS", HFILL}},
    };

    proto_register_field_array(proto, hf, array_length(hf));
}
