/* smtpx_facts.h
 * What was known of both ends of a session, and since when.
 *
 * Facts are added in the order of the frames, on the first pass only, and do
 * not change afterwards.  So any pass can ask what was known at a unit, and a
 * click shows what the first pass showed.  Most sessions of a capture know what others do:
 * that is kept once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_FACTS_H
#define SMTPX_FACTS_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/smtp/session/smtp_session.h"

/** What was known from one unit on. */
typedef struct smtpx_known {
    const smtp_facts *facts; /**< other sessions may have them, too */
    uint32_t since;          /**< the frame of the unit that made it known */
    uint32_t position;       /**< of that unit among those of the frame: 32 bits of it, as a frame holds less */
} smtpx_known;

/** Zeroed: nothing is known. */
typedef struct smtpx_facts {
    smtpx_known *known; /**< all that were, in the order of the frames */
    uint32_t used;
    uint32_t room;
} smtpx_facts;

void smtpx_facts_register(void);

/** Do both say the same? */
static inline bool smtpx_facts_are_alike(const smtp_facts *one, const smtp_facts *other)
{
    return one->protocol == other->protocol && one->client == other->client && one->server == other->server &&
           one->user == other->user && one->offer == other->offer;
}

/** What is known by now; never NULL. */
static inline const smtp_facts *smtpx_facts_now(const smtpx_facts *facts)
{
    static const smtp_facts nothing = {.protocol = SMTP_PROTOCOL_UNKNOWN};

    return facts->used > 0 ? facts->known[facts->used - 1].facts : &nothing;
}

/** Keeps what is known before anything is said, which is in this frame. First pass only. */
void smtpx_facts_begin(smtpx_facts *facts, const packet_info *pinfo, const smtp_facts *now);

/** Keeps what is known now. First pass only.
 *  @param position  of the unit that made it known, among those of its frame */
void smtpx_facts_add(smtpx_facts *facts, const packet_info *pinfo, uint64_t position, const smtp_facts *now);

/** The same, if it has changed: most units make nothing known. */
static inline void smtpx_facts_learn(smtpx_facts *facts, const packet_info *pinfo, uint64_t position,
                                     const smtp_facts *now)
{
    if (!smtpx_facts_are_alike(smtpx_facts_now(facts), now))
        smtpx_facts_add(facts, pinfo, position, now);
}

/** What was known behind the frame in which it began to be; never NULL. */
const smtp_facts *smtpx_facts_behind(const smtpx_facts *facts, uint32_t first_frame);

/** What was known behind the unit at a position of a frame; never NULL. */
const smtp_facts *smtpx_facts_at(const smtpx_facts *facts, uint32_t frame, uint64_t position);

#endif /* SMTPX_FACTS_H */
