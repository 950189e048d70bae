/* smtpx_endings.h
 * Where a line has no end in the capture: by frame.
 *
 * TCP and TLS hand a line over again on later passes when it has an end.  One that has
 * none they keep to themselves, if it stands at the start of what was waited for.  So
 * it is remembered where its octets stand in the frame.  The octets are kept, too:
 * SMTP_LONGEST_WAIT at most, and freed when the line goes on.  Where octets are missing
 * behind them, it is read then what they are, as what comes later changes the session; those
 * that stand in the frame are freed then.  Of a line that TCP or TLS put together they stay,
 * as later passes may not have them together.  The first pass remembers and forgets; any
 * pass may look.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_ENDINGS_H
#define SMTPX_ENDINGS_H

#include "plugin/epan/learn/smtpx_session.h"
#include "plugin/smtp/session/smtp_session_end.h"

/** A unit that such octets are. */
typedef struct smtpx_last_unit {
    smtp_last_exchange last;
    smtpx_record record; /**< its context is the exchange, or none */
} smtpx_last_unit;

/** Octets of a stream for which more was wanted. */
typedef struct smtpx_ending {
    const smtpx_session *session;
    smtpx_layer layer;
    smtp_side direction;
    uint64_t position;
    uint32_t length;        /**< octets, up to what is missing */
    uint32_t source;        /**< which of the frame's data sources; SMTPX_NO_SOURCE: none */
    uint32_t source_length; /**< octets of it */
    uint32_t offset;        /**< in it */
    uint8_t *kept;          /**< the octets; NULL: they stand in the source */
    bool is_cut;            /**< octets are missing behind them; else the stream ends with them */
    uint32_t unit_count;    /**< with is_cut */
    smtpx_last_unit *units; /**< what they are, with is_cut; else it is read when it is asked for */
} smtpx_ending;

#define SMTPX_NO_SOURCE UINT32_MAX

void smtpx_endings_register(void);

/** The stream waits for more in this frame. First pass only.
 *  @param offset  of the octets in hand in the tvbuff */
void smtpx_endings_add(const smtpx_session *session, const smtpx_hand *hand, packet_info *pinfo, tvbuff_t *tvb,
                       uint32_t offset);

/** The stream waits no more in an earlier frame. What was cut there stays. First pass only. */
void smtpx_endings_remove(uint32_t frame);

/** Octets are missing behind those for which the stream waits in an earlier frame. First pass
 *  only, and before the session knows of them.
 *  @param missing  how many, from the first one on that was waited for; at least 1 */
void smtpx_endings_cut(uint32_t frame, uint64_t missing);

/** Are there any? */
bool smtpx_endings_exist(void);

/** Where a stream ends in this frame; NULL when none does. */
const smtpx_ending *smtpx_endings_find(uint32_t frame);

/** Is it what is in hand? */
bool smtpx_ending_is(const smtpx_ending *ending, const smtpx_hand *hand);

/** Its octets; NULL when they are not where they were. */
tvbuff_t *smtpx_ending_octets(const smtpx_ending *ending, packet_info *pinfo);

/** The next unit of them, until another one is asked for; NULL: there is none. A pass behind the first.
 *  @param octets  they
 *  @param next    which one, from 0 on */
const smtpx_record *smtpx_ending_record(const smtpx_ending *ending, const uint8_t *octets, uint32_t next);

#endif /* SMTPX_ENDINGS_H */
