/* smtpx_endings.h
 * Where the capture ends in the middle of a line: by frame.
 *
 * TCP and TLS hand a line over again on later passes when it has an end.  One that has
 * none they keep to themselves, if it stands at the start of what was waited for.  So
 * it is remembered where its octets stand in the frame.  Of one that TCP or TLS put
 * together the octets are kept, as later passes may not have them together; they are
 * SMTP_LONGEST_WAIT at most, and freed when the line goes on.  The first pass remembers
 * and forgets; any pass may look.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_ENDINGS_H
#define SMTPX_ENDINGS_H

#include "plugin/epan/learn/smtpx_session.h"

/** Octets of a stream for which more was wanted. */
typedef struct smtpx_ending {
    const smtpx_session *session;
    smtpx_layer layer;
    smtp_side direction;
    uint32_t source;        /**< which of the frame's data sources */
    uint32_t source_length; /**< octets of it */
    uint32_t offset;        /**< in it */
    uint8_t *kept;          /**< the octets; NULL: they stand in the source */
} smtpx_ending;

void smtpx_endings_register(void);

/** The stream waits for more in this frame. First pass only.
 *  @param offset  of the octets in hand in the tvbuff */
void smtpx_endings_add(const smtpx_session *session, const smtpx_hand *hand, packet_info *pinfo, tvbuff_t *tvb,
                       uint32_t offset);

/** The stream waits no more in an earlier frame. First pass only. */
void smtpx_endings_remove(uint32_t frame);

/** Are there any? */
bool smtpx_endings_exist(void);

/** Where a stream ends in this frame; NULL when none does. */
const smtpx_ending *smtpx_endings_find(uint32_t frame);

/** Its octets; NULL when they are not where they were. */
tvbuff_t *smtpx_ending_octets(const smtpx_ending *ending, packet_info *pinfo);

#endif /* SMTPX_ENDINGS_H */
