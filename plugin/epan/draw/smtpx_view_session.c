/* smtpx_view_session.c
 * What is known of the session: generated items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_view_session.h"

#include "plugin/epan/learn/smtpx_cipher.h"

static int hf_smtpx_session = -1;
static int hf_smtpx_tls = -1;
static int hf_smtpx_session_tls_version = -1;
static int hf_smtpx_session_tls_cipher = -1;
static int hf_smtpx_session_protocol = -1;
static int hf_smtpx_session_client = -1;
static int hf_smtpx_session_server = -1;
static int hf_smtpx_session_username = -1;
static int ett_smtpx_session = -1;
static const header_field_info *field_of_tls;

/* What was learned of the session so far. */
static hf_register_info fact_fields[] = {
    {&hf_smtpx_session_protocol,
     {"Protocol", "smtpx.session.protocol", FT_STRING, BASE_NONE, NULL, 0, "SMTP, ESMTP or LMTP", HFILL}},
    {&hf_smtpx_session_client,
     {"Client", "smtpx.session.client", FT_STRING, BASE_NONE, NULL, 0, "Name in HELO, EHLO or LHLO", HFILL}},
    {&hf_smtpx_session_server,
     {"Server", "smtpx.session.server", FT_STRING, BASE_NONE, NULL, 0, "Domain in the greeting", HFILL}},
    {&hf_smtpx_session_username,
     {"User", "smtpx.session.username", FT_STRING, BASE_NONE, NULL, 0, "Who has authenticated", HFILL}},
};

static hf_register_info fields[] = {
    {&hf_smtpx_session,
     {"Session", "smtpx.session", FT_UINT32, BASE_DEC, NULL, 0, "Ordinal of the session in the capture", HFILL}},
    {&hf_smtpx_session_tls_version,
     {"TLS version", "smtpx.session.tls_version", FT_STRING, BASE_NONE, NULL, 0, "Of the TLS that this travelled in",
      HFILL}},
    {&hf_smtpx_session_tls_cipher,
     {"TLS cipher suite", "smtpx.session.tls_cipher", FT_STRING, BASE_NONE, NULL, 0,
      "Of the TLS that this travelled in", HFILL}},
    {&hf_smtpx_tls, {"Inside TLS", "smtpx.tls", FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
};

/* "TLS 1.3" */
static const char *tls_name(const smtpx_view *view)
{
    const char *version = smtpx_cipher_of(view->session->conversation).version;

    return version ? version : "TLS";
}

/* What is said inside TLS says so, and in which. */
static void view_tls(const smtpx_view *view, const smtpx_cursor *at)
{
    smtpx_cipher names;

    smtpx_generated_boolean(at, hf_smtpx_tls, true);
    if (!smtpx_item_is_wanted(at, hf_smtpx_session_tls_version) &&
        !smtpx_item_is_wanted(at, hf_smtpx_session_tls_cipher))
        return;
    names = smtpx_cipher_of(view->session->conversation);
    if (!names.version)
        return;
    smtpx_generated_string(at, hf_smtpx_session_tls_version, names.version);
    smtpx_generated_string(at, hf_smtpx_session_tls_cipher, names.cipher);
}

/* "Session 1: ESMTP, client.example to mx.example, user alice". Each call that adds to a label costs as much as
 * making an item, and each text that is formatted more than one that is copied. */
static void label_session(const smtpx_view *view, proto_item *item, const smtp_facts *facts)
{
    bool is_inside = view->layer == SMTPX_LAYER_TLS;
    const char *protocol = facts->protocol == SMTP_PROTOCOL_UNKNOWN ? "SMTP" : smtp_protocol_name(facts->protocol);
    const char *client = facts->client ? smtpx_view_label_name(view, facts->client) : "";
    const char *server = facts->server ? smtpx_view_label_name(view, facts->server) : "";
    const char *user = facts->user ? smtpx_view_label_name(view, facts->user) : "";
    const char *before_server = facts->client ? " to " : ", server ";

    proto_item_set_text(item, "Session %u: %s", view->session->ordinal,
                        wmem_strconcat(view->pinfo->pool, protocol, is_inside ? " inside " : "",
                                       is_inside ? tls_name(view) : "", facts->client ? ", " : "", client,
                                       facts->server ? before_server : "", server, facts->user ? ", user " : "", user,
                                       NULL));
}

/* What its row says, for filters and columns. */
static void view_facts(const smtpx_cursor *at, const smtp_facts *facts)
{
    if (facts->protocol != SMTP_PROTOCOL_UNKNOWN)
        smtpx_generated_string(at, hf_smtpx_session_protocol, smtp_protocol_name(facts->protocol));
    smtpx_generated_name(at, hf_smtpx_session_client, facts->client);
    smtpx_generated_name(at, hf_smtpx_session_server, facts->server);
    smtpx_generated_name(at, hf_smtpx_session_username, facts->user);
}

void smtpx_view_session(const smtpx_view *view)
{
    smtpx_cursor at = smtpx_view_at(view, 0), hidden;
    const smtp_facts *facts;
    proto_item *item;
    bool is_labelled;

    if (!smtpx_item_any_is_wanted(&at, fields, array_length(fields)) &&
        !smtpx_item_any_is_wanted(&at, fact_fields, array_length(fact_fields)))
        return;
    item = smtpx_generated_uint(&at, hf_smtpx_session, view->session->ordinal);
    is_labelled = item && smtpx_item_is_shown(&at);
    hidden = smtpx_cursor_below(&at, item, ett_smtpx_session);
    hidden.hidden = true;
    if (view->layer == SMTPX_LAYER_TLS)
        view_tls(view, &hidden);
    if (!is_labelled && !smtpx_item_any_is_wanted(&hidden, fact_fields, array_length(fact_fields)))
        return;
    facts = smtpx_session_facts_at(view->session, view->layer, view->pinfo, view->position);
    if (is_labelled)
        label_session(view, item, facts);
    view_facts(&hidden, facts);
}

bool smtpx_view_session_can_count(const proto_tree *tree)
{
    return !PTREE_FINFO(tree) && tree->first_child && field_of_tls->ref_type == HF_REF_TYPE_NONE;
}

void smtpx_view_session_count(tvbuff_t *tvb, proto_tree *tree)
{
    proto_tree_add_boolean(tree->first_child, hf_smtpx_tls, tvb, 0, 0, false);
}

void smtpx_view_session_register(int proto)
{
    static int *ett[] = {&ett_smtpx_session};

    proto_register_field_array(proto, fact_fields, array_length(fact_fields));
    proto_register_field_array(proto, fields, array_length(fields));
    field_of_tls = proto_registrar_get_nth((guint)hf_smtpx_tls);
    proto_register_subtree_array(ett, array_length(ett));
}
