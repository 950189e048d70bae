/* smtpx_taps.h
 * All that listens to a capture, or tells others of it: one line here for each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_TAPS_H
#define SMTPX_TAPS_H

#include "plugin/epan/learn/smtpx_session.h"

/** Does anybody listen?
 *  @param is_rare  whether a unit in hand is (smtpx_record_is_rare()): who exports messages or lists
 *                  credentials listens for no others */
bool smtpx_taps_are_heard(bool is_rare);

/** Tells those who listen of the units in hand. Any pass; on the first one, behind learning them.
 *  @param hand   all octets of the tvbuff
 *  @param place  where the first record is expected */
void smtpx_taps_tell(const smtpx_session *session, packet_info *pinfo, tvbuff_t *tvb, const smtpx_hand *hand,
                     smtpx_place place);

void smtpx_taps_register(int proto);
void smtpx_taps_register_preferences(module_t *module);

#endif /* SMTPX_TAPS_H */
