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
#include "plugin/smtp/session/smtp_session_rest.h"

/** The frames in which one end spoke before the session was known to be one (smtpx_prelude.h). */
typedef struct smtpx_prelude_frames {
    uint32_t first; /**< 0: it did not */
    uint32_t last;
} smtpx_prelude_frames;

/** What is said on one layer. Zeroed: nothing. */
typedef struct smtpx_talk {
    smtp_session *core;          /**< NULL: nothing was said, or it rests */
    const smtp_resting *resting; /**< what the core was when it did; NULL: it never has */
    smtpx_facts facts;
    smtpx_stream streams[2]; /**< by direction */
} smtpx_talk;

/** A session and its connection. */
typedef struct smtpx_session {
    uint32_t ordinal;     /**< in the capture, from 1 */
    uint32_t first_frame; /**< the first that is its own, but for the prelude's */
    smtpx_prelude_frames prelude;
    uint16_t ports[2];            /**< by smtp_side: of who was that when the session began */
    uint8_t ptype;                /**< port_type */
    bool prelude_by_server : 1;   /**< else by the client */
    bool tls_is_new : 1;          /**< what comes inside TLS is the start of a session */
    bool from_start : 1;          /**< it is the first that is said on its connection, unless octets are missing */
    const address *hosts[2];      /**< as ports */
    conversation_t *conversation; /**< TCP's */
    smtpx_talk *inside;           /**< TLS; NULL: nothing was said there */
    smtpx_talk in_clear;
} smtpx_session;

void smtpx_session_register(void);

/** The session of this packet's conversation, if smtpx has made it its own
 *  by this frame; NULL otherwise. */
smtpx_session *smtpx_session_find(packet_info *pinfo);

/** Was something learned that one end said before the session was known to be one? */
static inline bool smtpx_session_has_prelude(const smtpx_session *session)
{
    return session->prelude.first > 0;
}

/** Was anything said on a layer? */
static inline bool smtpx_session_is_begun(const smtpx_session *session, smtpx_layer layer)
{
    return layer == SMTPX_LAYER_TLS ? session->inside != NULL : session->in_clear.core || session->in_clear.resting;
}

/** Who was client or server when the session began. */
static inline smtpx_end smtpx_session_end(const smtpx_session *session, smtp_side side)
{
    return (smtpx_end){session->hosts[side], session->ports[side]};
}

/** What was said on a layer; inside TLS something was. */
static inline const smtpx_talk *smtpx_session_talk(const smtpx_session *session, smtpx_layer layer)
{
    return layer == SMTPX_LAYER_TLS ? session->inside : &session->in_clear;
}

/** The same, to learn what is said. First pass only. */
static inline smtpx_talk *smtpx_session_layer(smtpx_session *session, smtpx_layer layer)
{
    return layer == SMTPX_LAYER_TLS ? session->inside : &session->in_clear;
}

/** Where a core rests it does not any more. First pass only. */
smtp_session *smtpx_session_wake(smtpx_talk *talk);

/** What was read, to read more; something was said. First pass only. */
static inline smtp_session *smtpx_talk_core(smtpx_talk *talk)
{
    return talk->core ? talk->core : smtpx_session_wake(talk);
}

/** The session is over on a layer: what was read is kept in fewer octets until more is read, if it ever is. It does
 *  not rest while more of a unit is waited for, nor a second time. First pass only. */
void smtpx_session_rest(smtpx_session *session, smtpx_layer layer);

/** One direction of a layer. */
static inline const smtpx_stream *smtpx_session_stream(const smtpx_session *session, smtpx_layer layer,
                                                       smtp_side direction)
{
    return &smtpx_session_talk(session, layer)->streams[direction];
}

/** For what the time of a layer went; nothing where nothing was said. */
smtp_spent smtpx_session_spent(const smtpx_session *session, smtpx_layer layer);

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
    bool by_server = pinfo->srcport == session->ports[SMTP_SERVER];

    if (by_server && session->ports[SMTP_CLIENT] == session->ports[SMTP_SERVER])
        by_server = smtpx_is_host(&pinfo->src, session->hosts[SMTP_SERVER]);
    return by_server ? SMTP_SERVER : SMTP_CLIENT;
}

/** The session begins on another layer of its connection: inside TLS, or around it. First pass only. */
void smtpx_session_begin_layer(smtpx_session *session, const packet_info *pinfo, smtpx_layer layer);

/** TLS records begin in a direction: where it is the first of both, what they carry is a
 *  session of its own. First pass only. */
void smtpx_session_tls_begins(smtpx_session *session, smtp_side direction);

#endif /* SMTPX_SESSION_H */
