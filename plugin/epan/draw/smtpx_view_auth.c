/* smtpx_auth.c
 * AUTH: who logs in, how, and with what success; the credentials tap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_auth.h"

#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/smtp/syntax/smtp_auth.h"

/* ui/tap-credentials.h is not installed; its listeners read this. */
typedef struct credential {
    uint32_t num;
    uint32_t username_num;
    int password_hf_id;
    char *username;
    const char *proto;
    char *info;
} credential;

smtpx_bool smtpx_auth_show_secrets = false;

static int hf_smtpx_auth_mechanism = -1;
static int hf_smtpx_auth_username = -1;
static int hf_smtpx_auth_authzid = -1;
static int hf_smtpx_auth_realm = -1;
static int hf_smtpx_auth_secret = -1;
static int hf_smtpx_auth_secret_length = -1;
static int hf_smtpx_auth_challenge = -1;
static int hf_smtpx_auth_challenge_octets = -1;
static int hf_smtpx_auth_response = -1;
static int hf_smtpx_auth_response_octets = -1;
static int hf_smtpx_auth_result = -1;
static int credentials_tap = -1;

static dissector_handle_t ntlmssp_handle;
static dissector_handle_t gssapi_handle;

/* Base64 that is being drawn: where it stands, and what it is decoded. */
typedef struct token_view {
    smtpx_view *view;
    proto_tree *tree;
    uint32_t offset;
    uint32_t length;
    uint8_t *decoded;
    uint32_t decoded_length;
    const smtp_exchange *exchange;
} token_view;

/* Who reads a mechanism's tokens; NULL: nobody but smtpx. */
static dissector_handle_t token_handle(const smtp_exchange *exchange)
{
    switch (smtp_auth_steps((smtp_mechanism)exchange->mechanism)) {
    case SMTP_STEPS_NTLM:
        return ntlmssp_handle;
    case SMTP_STEPS_GSS:
        return gssapi_handle;
    default:
        return NULL;
    }
}

bool smtpx_auth_is_wanted(const smtp_exchange *exchange)
{
    return smtp_exchange_is_auth(exchange) && (token_handle(exchange) || have_tap_listener(credentials_tap));
}

/* ---- Names and secrets ---- */

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

static void view_username(token_view *at, const uint8_t *octets, uint32_t length)
{
    smtpx_view *view = at->view;
    const char *name = smtpx_text(view->pinfo->pool, octets, length);

    smtpx_item_string(at->tree, hf_smtpx_auth_username, view->tvb, at->offset, at->length, name);
    if (view->info && at->exchange->verb == SMTP_VERB_AUTH_ANSWER) {
        tvbuff_t *tvb = tvb_new_child_real_data(view->tvb, octets, length, (int)length);
        col_append_fstr(view->pinfo->cinfo, COL_INFO, ", user %s",
                        tvb_format_text(view->pinfo->pool, tvb, 0, (int)length));
    }
    smtpx_legacy_username(view->legacy, view->tvb, at->offset, at->length, name);
    tell_credentials(view, name, at->exchange);
}

static void view_secret(token_view *at, const uint8_t *secret, uint32_t length)
{
    smtpx_view *view = at->view;

    proto_item_set_generated(
        smtpx_item_uint(at->tree, hf_smtpx_auth_secret_length, view->tvb, at->offset, at->length, length));
    if (!smtpx_auth_show_secrets)
        return;
    smtpx_view_octets(view, at->tree, hf_smtpx_auth_secret, at->offset, at->length, secret, length);
    smtpx_legacy_password(view->legacy, view->tvb, at->offset, at->length,
                          smtpx_text(view->pinfo->pool, secret, length));
}

static void view_part(token_view *at, const smtp_auth_part *part)
{
    static int *const fields[] = {
        [SMTP_AUTH_USERNAME] = &hf_smtpx_auth_username,
        [SMTP_AUTH_AUTHZID] = &hf_smtpx_auth_authzid,
        [SMTP_AUTH_REALM] = &hf_smtpx_auth_realm,
    };
    smtpx_view *view = at->view;
    uint8_t *text = wmem_alloc(view->pinfo->pool, part->span.length + 1);
    uint32_t length = smtp_auth_uncode(part, at->decoded, text);

    if (part->kind == SMTP_AUTH_SECRET)
        view_secret(at, text, length);
    else if (part->kind == SMTP_AUTH_USERNAME)
        view_username(at, text, length);
    else
        smtpx_view_octets(view, at->tree, *fields[part->kind], at->offset, at->length, text, length);
}

/* ---- Challenges and responses ---- */

static bool is_text(const uint8_t *octets, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        if (octets[i] < ' ' && !strchr("\t\r\n\1", octets[i]))
            return false;
    }
    return !memchr(octets, 0, length) && g_utf8_validate((const char *)octets, length, NULL);
}

/* As text, as octets, or by the dissector that reads tokens of this mechanism. */
static void view_decoded(token_view *at, int text_field, int octets_field)
{
    dissector_handle_t handle = token_handle(at->exchange);
    smtpx_view *view = at->view;
    tvbuff_t *tvb;

    if (!handle && is_text(at->decoded, at->decoded_length)) {
        smtpx_view_octets(view, at->tree, text_field, at->offset, at->length, at->decoded, at->decoded_length);
        return;
    }
    tvb = tvb_new_child_real_data(view->tvb, at->decoded, at->decoded_length, (int)at->decoded_length);
    add_new_data_source(view->pinfo, tvb, "SASL token");
    if (handle)
        smtpx_view_call(view, handle, tvb, at->tree ? at->tree : view->root);
    else
        smtpx_item_octets(at->tree, octets_field, tvb, 0, at->decoded_length);
}

/* Base64 at a span of a line that begins at an offset. */
static bool decode(token_view *at, uint32_t offset, const uint8_t *line, smtp_span span)
{
    at->offset = offset + span.offset;
    at->length = span.length;
    at->decoded = wmem_alloc(at->view->pinfo->pool, span.length / 4 * 3 + 3);
    return smtp_auth_decode(line + span.offset, span.length, at->decoded, &at->decoded_length);
}

static uint32_t view_response(token_view *at, uint32_t offset, const uint8_t *line, smtp_span response)
{
    bool has_secret;
    smtp_auth_parts parts;

    if (response.length == 1 && (line[response.offset] == '=' || line[response.offset] == '*'))
        return 0;
    if (!decode(at, offset, line, response))
        return SMTP_REMARK_AUTH_SYNTAX;
    parts = smtp_auth_response((smtp_mechanism)at->exchange->mechanism, at->exchange->step, at->decoded,
                               at->decoded_length);
    has_secret = parts.malformed;
    for (uint32_t i = 0; i < parts.count; i++) {
        view_part(at, &parts.part[i]);
        has_secret = has_secret || parts.part[i].kind == SMTP_AUTH_SECRET;
    }
    if (parts.malformed)
        view_secret(at, at->decoded, at->decoded_length);
    else if (at->decoded_length > 0 && (!has_secret || smtpx_auth_show_secrets))
        view_decoded(at, hf_smtpx_auth_response, hf_smtpx_auth_response_octets);
    return parts.malformed ? SMTP_REMARK_AUTH_SYNTAX : 0;
}

uint32_t smtpx_auth_view_command(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                 smtp_span argument, const smtp_exchange *exchange)
{
    smtp_auth_argument auth = smtp_auth_argument_parse(line, argument);
    token_view at = {.view = view, .tree = tree, .exchange = exchange};

    if (auth.mechanism.length == 0)
        return SMTP_REMARK_ARGUMENT_SYNTAX;
    smtpx_view_span_upper(view, tree, hf_smtpx_auth_mechanism, offset, auth.mechanism);
    return auth.has_initial ? view_response(&at, offset, line, auth.initial) : 0;
}

uint32_t smtpx_auth_view_answer(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                uint32_t length, const smtp_exchange *exchange)
{
    token_view at = {.view = view, .tree = tree, .exchange = exchange};

    return view_response(&at, offset, line, (smtp_span){0, length});
}

uint32_t smtpx_auth_view_challenge(smtpx_view *view, proto_tree *tree, uint32_t offset, const uint8_t *line,
                                   smtp_span text, const smtp_exchange *exchange)
{
    token_view at = {.view = view, .tree = tree, .exchange = exchange};

    /* Before the first response servers say "334 NTLM supported", too (MS-SMTPNTLM). */
    if (!decode(&at, offset, line, text))
        return exchange->verb == SMTP_VERB_AUTH_ANSWER ? SMTP_REMARK_AUTH_SYNTAX : 0;
    if (at.decoded_length > 0)
        view_decoded(&at, hf_smtpx_auth_challenge, hf_smtpx_auth_challenge_octets);
    return 0;
}

void smtpx_auth_view_result(smtpx_view *view, proto_tree *tree, uint16_t code, const smtp_exchange *exchange)
{
    const char *result = code / 100 == 2 ? "accepted" : exchange->cancels ? "cancelled" : "refused";

    if (code / 100 != 3)
        smtpx_generated_string(tree, hf_smtpx_auth_result, view->tvb, result);
}

/* ---- Registration ---- */

void smtpx_auth_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_smtpx_auth_mechanism,
         {"Mechanism", "smtpx.auth.mechanism", FT_STRING, BASE_NONE, NULL, 0, "SASL mechanism", HFILL}},
        {&hf_smtpx_auth_username,
         {"User name", "smtpx.auth.username", FT_STRING, BASE_NONE, NULL, 0, "SASL authentication identity", HFILL}},
        {&hf_smtpx_auth_authzid,
         {"Acts as", "smtpx.auth.authzid", FT_STRING, BASE_NONE, NULL, 0, "SASL authorization identity", HFILL}},
        {&hf_smtpx_auth_realm, {"Realm", "smtpx.auth.realm", FT_STRING, BASE_NONE, NULL, 0, "Of DIGEST-MD5", HFILL}},
        {&hf_smtpx_auth_secret,
         {"Secret", "smtpx.auth.secret", FT_STRING, BASE_NONE, NULL, 0,
          "Password or token, if smtpx.show_secrets is TRUE", HFILL}},
        {&hf_smtpx_auth_secret_length,
         {"Length of password or token", "smtpx.auth.secret.length", FT_UINT32, BASE_DEC, NULL, 0,
          "Of the password or token that is sent here", HFILL}},
        {&hf_smtpx_auth_challenge,
         {"Challenge", "smtpx.auth.challenge", FT_STRING, BASE_NONE, NULL, 0, "Decoded, if it is text", HFILL}},
        {&hf_smtpx_auth_challenge_octets,
         {"Challenge", "smtpx.auth.challenge.octets", FT_BYTES, BASE_NONE, NULL, 0, "Decoded, if it is not text",
          HFILL}},
        {&hf_smtpx_auth_response,
         {"Response", "smtpx.auth.response", FT_STRING, BASE_NONE, NULL, 0, "Decoded, if it is text without a secret",
          HFILL}},
        {&hf_smtpx_auth_response_octets,
         {"Response", "smtpx.auth.response.octets", FT_BYTES, BASE_NONE, NULL, 0,
          "Decoded, if it is neither text nor a secret", HFILL}},
        {&hf_smtpx_auth_result,
         {"Result", "smtpx.auth.result", FT_STRING, BASE_NONE, NULL, 0, "accepted, refused or cancelled", HFILL}},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    credentials_tap = register_tap("credentials");
}

void smtpx_auth_handoff(int proto)
{
    ntlmssp_handle = find_dissector_add_dependency("ntlmssp", proto);
    gssapi_handle = find_dissector_add_dependency("gssapi", proto);
}
