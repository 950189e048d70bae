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

#include "plugin/epan/learn/smtpx_facts.h"
#include "plugin/epan/learn/smtpx_stream.h"

/** An end of a connection. */
typedef struct smtpx_end {
    address host;
    uint32_t port;
} smtpx_end;

/** A session and its connection. */
typedef struct smtpx_session {
    smtp_session *core;
    uint32_t ordinal;     /**< in the capture, from 1 */
    uint32_t first_frame; /**< the first that is its own */
    smtpx_facts facts;
    conversation_t *conversation; /**< TCP's */
    port_type ptype;
    smtpx_end client; /**< who was it when the session began */
    smtpx_end server;
    bool from_start;            /**< it is the first that is said on its connection, unless octets are missing */
    bool inside_tls;            /**< TLS has begun */
    smtpx_stream streams[2][2]; /**< by smtpx_layer and direction */
} smtpx_session;

void smtpx_session_register(int proto);

/** The session of this packet's conversation, if smtpx has made it its own
 *  by this frame; NULL otherwise. */
smtpx_session *smtpx_session_find(packet_info *pinfo);

/** Begins a session. First pass only.
 *  @param layer   where it begins
 *  @param sender  on which side this packet's sender is */
smtpx_session *smtpx_session_begin(packet_info *pinfo, smtpx_layer layer, smtp_side sender);

/** On which side this packet's sender was when the connection was opened. */
smtp_side smtpx_session_direction(const smtpx_session *session, const packet_info *pinfo);

/** TLS begins on the connection: what it carries is a new session inside it. First pass only. */
void smtpx_session_inside_tls(smtpx_session *session, const packet_info *pinfo);

#endif /* SMTPX_SESSION_H */
