/* smtpx_cipher.h
 * Which TLS is around a session: what Wireshark's TLS dissector knows of its connection.
 *
 * It is asked when somebody looks, which costs nobody else anything and needs no tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_CIPHER_H
#define SMTPX_CIPHER_H

#include "plugin/epan/smtpx_compat.h"

/** Names as the TLS dissector has them. */
typedef struct smtpx_cipher {
    const char *version; /**< NULL: not known, and the other neither */
    const char *cipher;
} smtpx_cipher;

void smtpx_cipher_handoff(void);

/** Of a connection, as far as it was read. */
smtpx_cipher smtpx_cipher_of(const conversation_t *conversation);

#endif /* SMTPX_CIPHER_H */
