/* smtpx_tap.h
 * The tap "smtpx": what one call of the dissector has read, for tables, statistics and scripts.
 *
 * It is filled from the records and from the session's memory, without a tree, on
 * whichever pass somebody listens, and only then.  What it points to stays as long as the
 * capture is open, but for the octets, which are good in the listener's callback.  A first
 * pass tells a unit when it is learned, so its reply is not known yet then.  What a server
 * has read in a message (smtpx_view_reread.h) later passes tell as that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_TAP_H
#define SMTPX_TAP_H

#include "plugin/epan/smtpx_compat.h"

#include <epan/tap.h>

#include "plugin/epan/learn/smtpx_session.h"
#include "plugin/smtp/smtp_suspicion.h"

/** A unit. Of TLS's records there are those with a remark. */
typedef struct smtpx_tap_unit {
    const smtpx_record *record;
    const uint8_t *octets;          /**< as many as its record has, or as are in hand */
    uint32_t offset;                /**< of them in the tvbuff */
    uint32_t told;                  /**< how many of them were told with earlier units, as a part of a message */
    const smtp_transaction *within; /**< in whose message the server has read it; NULL: in none */
    const smtp_transaction *ended;  /**< the transaction of which the results are known here; NULL: none */
} smtpx_tap_unit;

/** What one call of the dissector has read: in a frame there may be several of these. */
typedef struct smtpx_tap_read {
    const smtpx_session *session;
    const smtp_facts *facts; /**< what was known behind the last unit */
    tvbuff_t *tvb;
    smtpx_layer layer;
    bool visited; /**< this is not the first pass: what the pass is to know is known */
    uint32_t count;
    smtpx_tap_unit *units;
} smtpx_tap_read;

void smtpx_tap_register(void);

/** Does anybody listen to the tap "smtpx"? */
bool smtpx_tap_is_heard(void);

/** Does anybody export messages? On a first pass that is told where a transaction ends. */
bool smtpx_tap_exports(void);

/** Tells those who listen of the units in hand. Any pass; on the first one, behind learning them.
 *  @param read   with session, tvb and layer
 *  @param hand   all octets of the tvbuff
 *  @param place  where the first record is expected
 *  @return what they are told; NULL: nothing was read */
const smtpx_tap_read *smtpx_tap_tell(const smtpx_tap_read *read, packet_info *pinfo, smtpx_hand hand,
                                     smtpx_place place);

/** The message in which a server has read something else, on the reply that proves it; NULL: none is proved here. */
const smtp_suspicion *smtpx_tap_proved(const smtpx_tap_unit *unit);

/** The mails in it: some are over then, and no reply that comes leads to them.
 *  @param at  0 for the first one
 *  @return NULL: there are no more */
const smtp_transaction *smtpx_tap_next_reread(const smtp_suspicion *suspicion, uint32_t *at);

/** What people call a verb, and what has none. */
const char *smtpx_tap_verb_name(smtp_verb verb);

/** All that is odd about a unit, as far as it is known. */
smtp_remarks smtpx_tap_remarks(const smtpx_tap_unit *unit);

/** The code of a reply; 0: it has none, or the unit is none, or goes on with one. */
uint16_t smtpx_tap_code(const smtpx_tap_unit *unit);

/** The time until a reply, as smtpx.response_time shows it; SMTP_DURATION_UNKNOWN: the unit is none, or shows none. */
int64_t smtpx_tap_response_time(const smtpx_tap_unit *unit, const packet_info *pinfo);

#endif /* SMTPX_TAP_H */
