/* smtpx_session.h
 * Conversations to sessions.
 *
 * A session belongs to one conversation, and to all packets of it from the one
 * that began it.  It begins, and what it knows changes, on the first pass only;
 * what draws takes it const.  Any pass may look for one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_SESSION_H
#define SMTPX_SESSION_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/learn/smtpx_conversation.h"
#include "plugin/epan/learn/smtpx_facts.h"
#include "plugin/epan/learn/smtpx_stream.h"

/** The frames in which one end spoke before the session was known to be one (smtpx_prelude.h). */
typedef struct smtpx_prelude_frames {
    uint32_t first; /**< 0: it did not */
    uint32_t last;
    smtp_side side;
} smtpx_prelude_frames;

/** A session and its connection. */
typedef struct smtpx_session {
    smtp_session *cores[2]; /**< by smtpx_layer: in clear, and inside TLS; NULL: nothing was said there */
    uint32_t ordinal;       /**< in the capture, from 1 */
    uint32_t first_frame;   /**< the first that is its own, but for the prelude's */
    smtpx_prelude_frames prelude;
    smtpx_facts facts[2];         /**< by smtpx_layer */
    conversation_t *conversation; /**< TCP's */
    port_type ptype;
    smtpx_end client; /**< who was it when the session began */
    smtpx_end server;
    bool tls_is_new;            /**< what comes inside TLS is the start of a session */
    bool from_start;            /**< it is the first that is said on its connection, unless octets are missing */
    smtpx_stream streams[2][2]; /**< by smtpx_layer and direction */
} smtpx_session;

void smtpx_session_register(int proto);

/** The session of this packet's conversation, if smtpx has made it its own
 *  by this frame; NULL otherwise. */
smtpx_session *smtpx_session_find(packet_info *pinfo);

/** What TCP knows of the session's connection; NULL: nothing. */
const struct tcp_analysis *smtpx_session_tcp(const smtpx_session *session);

/** What was seen of a connection: of struct tcp_analysis, conversation_completeness. */
enum {
    SMTPX_SAW_SYN = 1,
    SMTPX_SAW_SYN_ACK = 2,
    SMTPX_SAW_FIN = 16,
    SMTPX_SAW_RST = 32
};

/** What was known behind the unit at a position of this packet; never NULL. Of a
 *  prelude: what was known when the session began. */
const smtp_facts *smtpx_session_facts_at(const smtpx_session *session, smtpx_layer layer, const packet_info *pinfo,
                                         uint64_t position);

/** Begins a session. First pass only.
 *  @param layer   where it begins
 *  @param sender  on which side this packet's sender is */
smtpx_session *smtpx_session_begin(packet_info *pinfo, smtpx_layer layer, smtp_side sender);

/** On which side this packet's sender was when the connection was opened. */
static inline smtp_side smtpx_session_direction(const smtpx_session *session, const packet_info *pinfo)
{
    bool by_server = pinfo->srcport == session->server.port;

    if (by_server && session->client.port == session->server.port)
        by_server = smtpx_is_host(&pinfo->src, &session->server.host);
    return by_server ? SMTP_SERVER : SMTP_CLIENT;
}

/** The session begins on another layer of its connection: inside TLS, or around it. First pass only. */
void smtpx_session_begin_layer(smtpx_session *session, const packet_info *pinfo, smtpx_layer layer);

/** TLS records begin in a direction: where it is the first of both, what they carry is a
 *  session of its own. First pass only. */
void smtpx_session_tls_begins(smtpx_session *session, smtp_side direction);

#endif /* SMTPX_SESSION_H */
