/* smtpx_cipher.c
 * Which TLS is around a session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_cipher.h"

/* The header that tells how TLS keeps this needs libgcrypt's for what is not read here. */
#ifndef __WSGCRYPT_H__
#define __WSGCRYPT_H__
typedef void *gcry_cipher_hd_t;
typedef void *gcry_md_hd_t;
#endif
#include <epan/dissectors/packet-tls-utils.h>

static int proto_tls = -1;
static const header_field_info *version_field;
static const header_field_info *cipher_field;

void smtpx_cipher_handoff(void)
{
    proto_tls = proto_get_id_by_filter_name("tls");
    version_field = proto_registrar_get_byname("tls.handshake.version");
    cipher_field = proto_registrar_get_byname("tls.handshake.ciphersuite");
}

static const char *name_of(const header_field_info *field, uint32_t value)
{
    if (!field || !field->strings)
        return NULL;
    if (field->display & BASE_EXT_STRING)
        return try_val_to_str_ext(value, (value_string_ext *)field->strings);
    return try_val_to_str(value, (const value_string *)field->strings);
}

/* Both names, or none. */
static smtpx_cipher read_names(const SslSession *session)
{
    smtpx_cipher names = {name_of(version_field, session->version), name_of(cipher_field, (uint32_t)session->cipher)};

    return session->cipher > 0 && names.version && names.cipher ? names : (smtpx_cipher){NULL, NULL};
}

/* One member before the session is there only where Wireshark was built with GnuTLS, which its installed headers do not
 * tell.  Where it is not, what is read behind it is no version that has a name. */
smtpx_cipher smtpx_cipher_of(const conversation_t *conversation)
{
    const SslDecryptSession *tls = proto_tls > 0 ? conversation_get_proto_data(conversation, proto_tls) : NULL;
    smtpx_cipher names;

    if (!tls)
        return (smtpx_cipher){NULL, NULL};
#ifndef HAVE_LIBGNUTLS
    names = read_names((const SslSession *)(const void *)((const char *)&tls->session + sizeof(void *)));
    if (names.version)
        return names;
#endif
    names = read_names(&tls->session);
    return names;
}
