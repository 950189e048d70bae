/* smtpx_auth.c
 * AUTH: who logs in and how; the credentials tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_auth.h"

#include <epan/tap.h>

#include "plugin/epan/smtpx_legacy.h"
#include "plugin/smtp/smtp_auth.h"

/* ui/tap-credentials.h is not installed; its listeners read this. */
typedef struct credential {
    uint32_t num;
    uint32_t username_num;
    int password_hf_id;
    char *username;
    const char *proto;
    char *info;
} credential;

static int hf_smtpx_auth_mechanism = -1;
static int hf_smtpx_auth_username = -1;
static int credentials_tap = -1;

bool smtpx_auth_is_wanted(const smtp_exchange *exchange)
{
    bool is_auth = exchange->verb == SMTP_VERB_AUTH || exchange->verb == SMTP_VERB_AUTH_ANSWER ||
                   exchange->verb == SMTP_VERB_X_EXPS;

    return is_auth && have_tap_listener(credentials_tap);
}

static void tell_credentials(smtpx_view *view, const char *user, const smtp_exchange *exchange)
{
    const char *mechanism = smtp_auth_mechanism_name((smtp_mechanism)exchange->mechanism);
    credential *told = wmem_new0(view->pinfo->pool, credential);

    told->num = view->pinfo->num;
    told->username_num = view->pinfo->num;
    told->password_hf_id = hf_smtpx_auth_username;
    told->username = wmem_strdup(view->pinfo->pool, user);
    told->proto = "SMTP";
    told->info = wmem_strdup_printf(view->pinfo->pool, "Mechanism: %s", mechanism);
    tap_queue_packet(credentials_tap, view->pinfo, told);
}

/* One response of the client, as base64 at a span of the line. */
static uint32_t view_response(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                              smtp_span response, const smtp_exchange *exchange)
{
    uint8_t *decoded = wmem_alloc(view->pinfo->pool, response.length / 4 * 3 + 3);
    uint32_t length;
    smtp_span user;
    tvbuff_t *tvb;
    char *name;

    if (response.length == 1 && (line[response.offset] == '=' || line[response.offset] == '*'))
        return 0;
    if (!smtp_auth_decode(line + response.offset, response.length, decoded, &length))
        return SMTP_NOTE_AUTH_SYNTAX;
    if (!smtp_auth_user((smtp_mechanism)exchange->mechanism, exchange->step, decoded, length, &user))
        return 0;
    tvb = tvb_new_child_real_data(view->tvb, decoded + user.offset, user.length, (int)user.length);
    name = (char *)tvb_get_string_enc(view->pinfo->pool, tvb, 0, (int)user.length, ENC_UTF_8);
    proto_tree_add_string(tree, hf_smtpx_auth_username, view->tvb, (int)(offset + response.offset),
                          (int)response.length, name);
    if (view->info && exchange->verb == SMTP_VERB_AUTH_ANSWER)
        col_append_fstr(view->pinfo->cinfo, COL_INFO, ", user %s",
                        tvb_format_text(view->pinfo->pool, tvb, 0, (int)user.length));
    smtpx_legacy_username(view->tree, view->tvb, offset + response.offset, response.length, name);
    tell_credentials(view, name, exchange);
    return 0;
}

uint32_t smtpx_auth_view_command(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                 smtp_span argument, const smtp_exchange *exchange)
{
    smtp_auth_argument auth = smtp_auth_argument_parse(line, argument);

    if (auth.mechanism.length)
        smtpx_view_span_upper(view, tree, hf_smtpx_auth_mechanism, offset, auth.mechanism);
    return auth.has_initial ? view_response(view, tree, offset, line, auth.initial, exchange) : 0;
}

uint32_t smtpx_auth_view_answer(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                uint32_t length, const smtp_exchange *exchange)
{
    return view_response(view, tree, offset, line, (smtp_span){0, length}, exchange);
}

void smtpx_auth_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_auth_mechanism,
         {"Mechanism", "smtpx.auth.mechanism", FT_STRING, BASE_NONE, NULL, 0, "SASL mechanism", HFILL}},
        {&hf_smtpx_auth_username,
         {"User name", "smtpx.auth.username", FT_STRING, BASE_NONE, NULL, 0, "SASL authentication identity", HFILL}},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    credentials_tap = register_tap("credentials");
}
