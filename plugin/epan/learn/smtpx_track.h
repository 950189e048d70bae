/* smtpx_track.h
 * Conversations to sessions, and stream positions to records.
 *
 * The one place where what a session knows is changed: smtpx_track_next(),
 * and it does so only on the first pass over a frame.  Everything that draws
 * takes the const record it returns, so no click can change what a session
 * means.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_TRACK_H
#define SMTPX_TRACK_H

#include "plugin/epan/smtpx_compat.h"

#include <epan/conversation.h>

#include "plugin/epan/learn/smtpx_records.h"

/** Which octets: those on the connection, or those inside TLS on it. */
typedef enum smtpx_layer {
    SMTPX_LAYER_TCP,
    SMTPX_LAYER_TLS
} smtpx_layer;

/** One direction of one layer. */
typedef struct smtpx_stream {
    smtpx_records records;
    uint64_t next;        /**< position behind the last record */
    uint64_t waiting_at;  /**< position from which more octets were asked for */
    uint32_t waiting_for; /**< how many were in hand then; 0: none were asked for */
    bool begun;
} smtpx_stream;

/** What became known of both ends, and when. */
typedef struct smtpx_known {
    uint64_t position; /**< of the unit that made it known, among those of its frame */
    uint32_t frame;
    smtp_facts facts;
} smtpx_known;

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
    smtp_facts facts;     /**< that are known now */
    smtpx_known *known;   /**< all that were, in the order of the frames */
    uint32_t known_used;
    uint32_t known_room;
    conversation_t *conversation;
    port_type ptype;
    smtpx_end client; /**< who was it when the session began */
    smtpx_end server;
    bool from_start;            /**< it is the first that is said on its connection, unless octets are missing */
    bool inside_tls;            /**< TLS has begun */
    smtpx_stream streams[2][2]; /**< by smtpx_layer and direction */
} smtpx_session;

/** What is at a position. */
typedef enum smtpx_found {
    SMTPX_FOUND_RECORD,  /**< a unit */
    SMTPX_FOUND_PARTIAL, /**< the start of a unit: more octets are needed */
    SMTPX_FOUND_NOTHING  /**< octets that no unit was made of */
} smtpx_found;

/** Octets in hand, and where they stand. */
typedef struct smtpx_hand {
    smtpx_layer layer;
    smtp_side direction; /**< who was client or server when the connection was opened */
    const uint8_t *octets;
    uint32_t length;   /**< captured octets in hand */
    uint64_t position; /**< of octets[0] */
    bool can_wait;     /**< TCP or TLS would bring more */
    uint64_t ahead;    /**< first pass: see smtp_input */
    uint32_t missing;  /**< first pass: octets before the first of its stream */
} smtpx_hand;

void smtpx_track_register(int proto);

/** The session of this packet's conversation, if smtpx has made it its own
 *  by this frame; NULL otherwise. */
smtpx_session *smtpx_track_find(packet_info *pinfo);

/** Begins a session; first pass only.
 *  @param layer   where it begins
 *  @param sender  on which side this packet's sender is */
smtpx_session *smtpx_track_begin(packet_info *pinfo, smtpx_layer layer, smtp_side sender);

/** On which side this packet's sender was when the connection was opened. */
smtp_side smtpx_track_direction(const smtpx_session *session, const packet_info *pinfo);

/** What is at hand->position: found, or, on the first pass, learned.
 *  @param record   set for RECORD
 *  @param learned  set for RECORD: it was made just now
 *  @param nothing  set for NOTHING: how many octets to pass over, at least 1 */
smtpx_found smtpx_track_next(smtpx_session *session, const packet_info *pinfo, const smtpx_hand *hand,
                             const smtpx_record **record, bool *learned, uint32_t *nothing);

/** TLS begins on the connection: what it carries is a new session inside it. */
void smtpx_track_inside_tls(smtpx_session *session, const packet_info *pinfo);

/** What was known of both ends behind the unit at a position of a frame. */
const smtp_facts *smtpx_track_facts(const smtpx_session *session, uint32_t frame, uint64_t position);

/** The exchange of a record; NULL when it has none. */
const smtp_exchange *smtpx_record_exchange(const smtpx_record *record);

/** The transaction of a record; NULL outside of one. */
smtp_transaction *smtpx_record_transaction(const smtpx_record *record);

#endif /* SMTPX_TRACK_H */
