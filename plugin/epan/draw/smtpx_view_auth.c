/* smtpx_view_auth.c
 * AUTH: who logs in, how, and with what success.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_auth.h"

#include "plugin/epan/draw/smtpx_call.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"

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
static int hf_smtpx_auth_answer = -1;

static hf_register_info fields[] = {
    {&hf_smtpx_auth_mechanism,
     {"SASL mechanism", "smtpx.auth.mechanism", FT_STRING, BASE_NONE, NULL, 0, "Of AUTH", HFILL}},
    {&hf_smtpx_auth_username,
     {"User name", "smtpx.auth.username", FT_STRING, BASE_NONE, NULL, 0, "SASL authentication identity", HFILL}},
    {&hf_smtpx_auth_authzid,
     {"Acts as", "smtpx.auth.authzid", FT_STRING, BASE_NONE, NULL, 0, "SASL authorization identity", HFILL}},
    {&hf_smtpx_auth_realm, {"Realm", "smtpx.auth.realm", FT_STRING, BASE_NONE, NULL, 0, "Of DIGEST-MD5", HFILL}},
    {&hf_smtpx_auth_secret,
     {"Secret", "smtpx.auth.secret", FT_STRING, BASE_NONE, NULL, 0, "Password or token, if smtpx.show_secrets is TRUE",
      HFILL}},
    {&hf_smtpx_auth_secret_length,
     {"Length of password or token", "smtpx.auth.secret.length", FT_UINT32, BASE_DEC, NULL, 0,
      "Of the password or token that is sent here", HFILL}},
    {&hf_smtpx_auth_challenge,
     {"Challenge", "smtpx.auth.challenge", FT_STRING, BASE_NONE, NULL, 0, "Decoded, if it is text", HFILL}},
    {&hf_smtpx_auth_challenge_octets,
     {"Challenge, octets", "smtpx.auth.challenge.octets", FT_BYTES, BASE_NONE, NULL, 0, "Decoded, if it is not text",
      HFILL}},
    {&hf_smtpx_auth_response,
     {"Response", "smtpx.auth.response", FT_STRING, BASE_NONE, NULL, 0, "Decoded, if it is text without a secret",
      HFILL}},
    {&hf_smtpx_auth_response_octets,
     {"Response, octets", "smtpx.auth.response.octets", FT_BYTES, BASE_NONE, NULL, 0,
      "Decoded, if it is neither text nor a secret", HFILL}},
    {&hf_smtpx_auth_answer,
     {"Authentication answer", "smtpx.auth.answer", FT_STRING, BASE_NONE, NULL, 0,
      "What answers a challenge; as typed, if smtpx.show_secrets is TRUE", HFILL}},
    {&hf_smtpx_auth_result,
     {"Authentication result", "smtpx.auth.result", FT_STRING, BASE_NONE, NULL, 0, "accepted, refused or cancelled",
      HFILL}},
};

static dissector_handle_t ntlmssp_handle;
static dissector_handle_t gssapi_handle;

/* Who reads a mechanism's tokens; NULL: nobody but smtpx. */
static dissector_handle_t token_handle(const smtp_exchange *exchange)
{
    switch (smtp_auth_steps((smtp_mechanism)smtp_exchange_mechanism(exchange))) {
    case SMTP_STEPS_NTLM:
        return ntlmssp_handle;
    case SMTP_STEPS_GSS:
        return gssapi_handle;
    default:
        return NULL;
    }
}

bool smtpx_view_auth_is_heard(const smtp_exchange *exchange)
{
    return token_handle(exchange) != NULL;
}

bool smtpx_view_auth_is_asked_for(const smtpx_cursor *at)
{
    return smtpx_item_any_is_wanted(at, fields, array_length(fields));
}

/* ---- Names and secrets ---- */

static void view_username(smtpx_view *view, const smtpx_cursor *at, smtp_span span, const char *name)
{
    smtpx_cursor legacy = smtpx_view_legacy_at(view, at);

    smtpx_item_string(at, hf_smtpx_auth_username, span, name);
    smtpx_legacy_username(&legacy, span, name);
}

/* A secret stands in the span. */
static void view_secret(smtpx_view *view, const smtpx_cursor *at, smtp_span span, const uint8_t *secret,
                        uint32_t length)
{
    smtpx_cursor legacy = smtpx_view_legacy_at(view, at);
    const char *text;

    proto_item_set_generated(smtpx_item_uint(at, hf_smtpx_auth_secret_length, span, length));
    if (!smtpx_auth_show_secrets)
        return;
    text = smtpx_text(view->pinfo->pool, secret, length);
    smtpx_item_string(at, hf_smtpx_auth_secret, span, text);
    smtpx_legacy_password(&legacy, span, text);
}

/* One part of a response. */
static void view_part(smtpx_view *view, const smtpx_cursor *at, const smtp_auth_response *response,
                      const smtp_auth_part *part)
{
    uint8_t *text = wmem_alloc(view->pinfo->pool, part->span.length + 1);
    uint32_t length = smtp_auth_uncode(part, response->decoded, text);
    const char *name;

    switch (part->kind) {
    case SMTP_AUTH_SECRET:
        view_secret(view, at, response->base64, text, length);
        break;
    case SMTP_AUTH_USERNAME:
        name = smtpx_text(view->pinfo->pool, text, length);
        view_username(view, at, response->base64, name);
        break;
    case SMTP_AUTH_AUTHZID:
        smtpx_item_decoded(at, hf_smtpx_auth_authzid, response->base64, text, length);
        break;
    case SMTP_AUTH_REALM:
        smtpx_item_decoded(at, hf_smtpx_auth_realm, response->base64, text, length);
        break;
    }
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

/* What is decoded from base64 in a span, at least one octet. */
typedef struct token {
    smtp_span base64;
    const uint8_t *octets;
    uint32_t length;
    int text_field;   /* that shows it as text ... */
    int octets_field; /* ... or as octets */
} token;

/* As text, as octets, or by the dissector that reads tokens of this mechanism. */
static void view_token(smtpx_view *view, const smtpx_cursor *at, const token *shown, const smtp_exchange *exchange)
{
    dissector_handle_t handle = exchange ? token_handle(exchange) : NULL;
    smtpx_cursor decoded = {.tree = at->tree, .octets = shown->octets};

    if (!handle && is_text(shown->octets, shown->length)) {
        smtpx_item_decoded(at, shown->text_field, shown->base64, shown->octets, shown->length);
        return;
    }
    decoded.tvb = tvb_new_child_real_data(view->tvb, shown->octets, shown->length, smtpx_size(shown->length));
    add_new_data_source(view->pinfo, decoded.tvb, "SASL token");
    if (handle)
        smtpx_call(view, handle, decoded.tvb, at->tree ? at->tree : view->root);
    else
        smtpx_item_octets(&decoded, shown->octets_field, (smtp_span){0, shown->length});
}

const char *smtpx_view_auth_user(smtpx_view *view, const smtp_auth_response *response)
{
    for (uint32_t i = 0; response->decoded && i < response->parts.count; i++) {
        const smtp_auth_part *part = &response->parts.part[i];
        uint8_t *text;

        if (part->kind != SMTP_AUTH_USERNAME)
            continue;
        text = wmem_alloc(view->pinfo->pool, part->span.length + 1);
        return smtpx_view_one_line(view, text, smtp_auth_uncode(part, response->decoded, text));
    }
    return NULL;
}

/* What an answer carries, without a secret. */
static const char *describe(smtpx_view *view, const smtp_auth_response *response, const smtp_exchange *exchange)
{
    const char *user = smtpx_view_auth_user(view, response);

    if (user)
        return wmem_strdup_printf(view->pinfo->pool, "user %s", user);
    if (smtp_exchange_cancels(exchange))
        return "cancelled";
    if (response->malformed)
        return "not what the mechanism wants";
    if (!response->decoded || response->decoded_length == 0)
        return "empty";
    return wmem_strdup_printf(view->pinfo->pool, "%s, %u octet%s",
                              smtp_auth_has_secret(&response->parts) ? "secret" : "token", response->decoded_length,
                              plurality(response->decoded_length, "", "s"));
}

proto_item *smtpx_view_auth_line(smtpx_view *view, const smtpx_cursor *unit, const smtp_reading *reading,
                                 const smtp_exchange *exchange)
{
    const char *mechanism = smtp_auth_mechanism_name((smtp_mechanism)smtp_exchange_mechanism(exchange)), *told;
    smtp_span all = {0, reading->line.text};

    if (smtpx_auth_show_secrets)
        return smtpx_item_text(unit, hf_smtpx_auth_answer, all);
    if (!smtpx_item_is_wanted(unit, hf_smtpx_auth_answer))
        return NULL;
    told = describe(view, &reading->response, exchange);
    if (*mechanism)
        told = wmem_strdup_printf(view->pinfo->pool, "%s, %s", mechanism, told);
    return smtpx_item_string(unit, hf_smtpx_auth_answer, all, told);
}

void smtpx_view_auth_mechanism(const smtpx_cursor *at, smtp_span name)
{
    smtpx_item_explain(smtpx_item_upper(at, hf_smtpx_auth_mechanism, name), NULL,
                       smtp_auth_mechanism_note(at->octets + name.offset, name.length));
}

void smtpx_view_auth_response(smtpx_view *view, const smtpx_cursor *at, const smtp_reading *reading,
                              const smtp_exchange *exchange)
{
    const smtp_auth_response *response = &reading->response;
    token all = {response->base64, response->decoded, response->decoded_length, hf_smtpx_auth_response,
                 hf_smtpx_auth_response_octets};

    if (!reading->has_response)
        return;
    for (uint32_t i = 0; i < response->parts.count; i++)
        view_part(view, at, response, &response->parts.part[i]);
    /* What cannot be read may be a secret, as it was sent where it is no base64. */
    if (response->malformed && !response->decoded)
        view_secret(view, at, all.base64, at->octets + all.base64.offset, all.base64.length);
    else if (response->malformed)
        view_secret(view, at, all.base64, all.octets, all.length);
    else if (all.length > 0 && (!smtp_auth_has_secret(&response->parts) || smtpx_auth_show_secrets))
        view_token(view, at, &all, exchange);
}

/* Decodes a challenge. Some servers send a C string with its NUL, which is text, too: it is left out.
 * @return how many octets it has, 0 where it is not base64 */
static uint32_t decode_challenge(const smtpx_cursor *at, smtp_span text, uint8_t *room)
{
    uint32_t length = 0;

    if (!smtp_auth_decode(at->octets + text.offset, text.length, room, &length))
        return 0;
    return length > 1 && room[length - 1] == 0 && is_text(room, length - 1) ? length - 1 : length;
}

void smtpx_view_auth_challenge(smtpx_view *view, const smtpx_cursor *at, smtp_span text, const smtp_exchange *exchange)
{
    uint8_t *room = wmem_alloc(view->pinfo->pool, smtp_auth_room(text.length));
    token all = {text, room, decode_challenge(at, text, room), hf_smtpx_auth_challenge, hf_smtpx_auth_challenge_octets};

    if (all.length > 0)
        view_token(view, at, &all, exchange);
}

const char *smtpx_view_auth_challenge_text(smtpx_view *view, const smtpx_cursor *at, smtp_span text)
{
    uint8_t *room = wmem_alloc(view->pinfo->pool, smtp_auth_room(text.length));
    uint32_t length = decode_challenge(at, text, room);

    if (length == 0)
        return NULL;
    if (is_text(room, length))
        return smtpx_view_one_line(view, room, length);
    return wmem_strdup_printf(view->pinfo->pool, "(%u octet%s)", length, plurality(length, "", "s"));
}

void smtpx_view_auth_result(const smtpx_cursor *at, uint16_t code, const smtp_exchange *exchange)
{
    const char *result = smtp_exchange_auth_result(exchange, code);
    const char *mechanism = smtp_auth_mechanism_name((smtp_mechanism)smtp_exchange_mechanism(exchange));

    if (smtp_code_is_intermediate(code))
        return;
    if (*mechanism && !exchange->of.more->presumed)
        smtpx_generated_string(at, hf_smtpx_auth_mechanism, mechanism);
    smtpx_generated_name(at, hf_smtpx_auth_username, smtp_exchange_name(exchange));
    smtpx_generated_string(at, hf_smtpx_auth_result, result);
}

/* ---- Registration ---- */

void smtpx_view_auth_register(int proto)
{
    proto_register_field_array(proto, fields, array_length(fields));
}

void smtpx_view_auth_handoff(int proto)
{
    ntlmssp_handle = find_dissector_add_dependency("ntlmssp", proto);
    gssapi_handle = find_dissector_add_dependency("gssapi", proto);
}
