/* smtpx_stream.h
 * One direction of a stream: its units by position, and its gaps.
 *
 * The first pass learns a unit where no record reaches; every pass finds it
 * by its position.  A position ahead of the expected one is a gap, one behind
 * it is late: both are normal input.  A record that is longer than the octets
 * in hand means that more octets are needed, on every pass.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_STREAM_H
#define SMTPX_STREAM_H

#include "plugin/epan/learn/smtpx_records.h"

/** Which octets: those on the connection, or those inside TLS on it. */
typedef enum smtpx_layer {
    SMTPX_LAYER_TCP,
    SMTPX_LAYER_TLS
} smtpx_layer;

/** Octets of a stream. */
typedef struct smtpx_stretch {
    uint64_t start;
    uint64_t end;
} smtpx_stretch;

/** One direction of one layer. */
typedef struct smtpx_stream {
    smtpx_records records;
    uint64_t next;        /**< position behind the last record; more octets are asked for from there */
    uint32_t waiting_for; /**< how many were in hand then; 0: none were asked for */
    uint32_t waiting_in;  /**< the frame of then */
    uint32_t wanted;      /**< with is_wanted: the sequence number that the other end wanted when that began to speak */
    uint32_t begun : 1;
    uint32_t is_wanted : 1;  /**< that number is known */
    uint32_t stretches : 30; /**< how many at tls */
    smtpx_stretch *tls;      /**< octets that are TLS's, in their order */
} smtpx_stream;

/** Octets in hand, and where they stand. */
typedef struct smtpx_hand {
    smtpx_layer layer;
    smtp_side direction;        /**< who was client or server when the connection was opened */
    const struct tcpinfo *told; /**< what TCP tells of the segment; NULL: nothing, or the layer is another one */
    const uint8_t *octets;
    uint32_t length;       /**< captured octets in hand */
    uint64_t position;     /**< of octets[0] */
    bool can_wait;         /**< TCP or TLS would bring more */
    bool goes_on;          /**< first pass: see smtp_input */
    uint64_t unread;       /**< first pass: see smtp_input */
    uint64_t acknowledged; /**< first pass: see smtp_input */
    uint32_t missing;      /**< first pass: octets before the first of its stream */
} smtpx_hand;

/** What is at a position. */
typedef enum smtpx_found {
    SMTPX_FOUND_RECORD,  /**< a unit */
    SMTPX_FOUND_TLS,     /**< octets of TLS's records, of which a record is made where they begin */
    SMTPX_FOUND_PARTIAL, /**< the start of a unit: more octets are needed */
    SMTPX_FOUND_AGAIN,   /**< octets in the middle of a unit, or of what waits for more: they were there before */
    SMTPX_FOUND_NOTHING  /**< octets that no unit was made of: they come behind what follows them */
} smtpx_found;

typedef struct smtpx_step {
    smtpx_found found;
    uint32_t length;            /**< octets in hand that it is about, at least 1 */
    const smtpx_record *record; /**< RECORD: never NULL; TLS: NULL but where they begin; else NULL */
} smtpx_step;

/** Passes over octets in hand. */
static inline void smtpx_hand_pass(smtpx_hand *hand, uint32_t octets)
{
    hand->octets += octets;
    hand->position += octets;
    hand->length -= octets;
}

/** Goes back over them. */
static inline void smtpx_hand_return(smtpx_hand *hand, uint32_t octets)
{
    hand->octets -= octets;
    hand->position -= octets;
    hand->length += octets;
}

/** How many of the octets in hand were in hand before. First pass. */
static inline uint32_t smtpx_stream_had(const smtpx_stream *stream, const smtpx_hand *hand)
{
    uint64_t end = stream->next + stream->waiting_for;

    return hand->position < end ? (uint32_t)MIN(end - hand->position, hand->length) : 0;
}

/** Is what is in hand to be learned: no record reaches there, and it is not what came before again? */
bool smtpx_stream_is_new(const smtpx_stream *stream, const smtpx_hand *hand);

/** Learns the unit in hand, which is new. First pass only.
 *  @param unit  what was read, if it was; with hand->goes_on it holds what was read before
 *  @return RECORD, TLS, or PARTIAL when more octets are needed */
smtpx_step smtpx_stream_learn(smtpx_stream *stream, smtp_session *core, const packet_info *pinfo,
                              const smtpx_hand *hand, smtp_unit *unit);

/** How many of so many octets from a position on are TLS's; 0: the first one is not. Any pass. */
uint32_t smtpx_stream_tls(const smtpx_stream *stream, uint64_t position, uint32_t length);

/** What was learned of the octets in hand, of which there is at least one.
 *  @param place  where its record is expected; set to the place behind it */
smtpx_step smtpx_stream_find(const smtpx_stream *stream, const smtpx_hand *hand, smtpx_place *place);

/** Is this the first of TLS's records, and not there as a whole? Then TLS asks for more. */
bool smtpx_step_is_cut_record(const smtpx_step *step, const smtpx_hand *hand);

/** Is it for TLS alone, which then gives what is behind it back? */
static inline bool smtpx_step_is_for_tls(const smtpx_step *step, smtpx_layer layer)
{
    return step->found == SMTPX_FOUND_TLS && layer == SMTPX_LAYER_TCP && !(step->record && step->record->remarks);
}

/** Do the octets that were waited for, and that nothing followed, end in this frame?
 *  Only a pass behind the first knows. */
static inline bool smtpx_stream_ends_in(const smtpx_stream *stream, uint32_t frame)
{
    return stream->waiting_for > 0 && stream->waiting_in == frame;
}

/** The position that a sequence number stands for in this packet. */
static inline uint64_t smtpx_stream_position(const smtpx_stream *stream, const packet_info *pinfo, uint32_t sequence)
{
    /* The first pass is where the stream ends; where a later one is, the records tell. */
    if (stream->begun && !PINFO_FD_VISITED(pinfo))
        return smtpx_position_near(stream->next, sequence);
    return smtpx_records_unwrap(&stream->records, pinfo->num, sequence);
}

/** The time of a frame, or of another part of a capture, in nanoseconds. */
int64_t smtpx_nanoseconds(const nstime_t *time);

#endif /* SMTPX_STREAM_H */
