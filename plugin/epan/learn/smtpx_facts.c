/* smtpx_facts.c
 * What was known of both ends of a session, and since when.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_facts.h"

#include "plugin/epan/learn/smtpx_kept.h"

static void grow(smtpx_facts *facts, uint32_t room)
{
    smtpx_known *known = smtpx_take(room * sizeof *known);

    if (facts->used > 0)
        memcpy(known, facts->known, facts->used * sizeof *known);
    facts->known = known;
    facts->room = room;
}

void smtpx_facts_add(smtpx_facts *facts, const packet_info *pinfo, uint64_t position, const smtp_facts *now)
{
    enum {
        FEW = 3 /* a greeting tells something, EHLO, and the reply to it */
    };

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (facts->used == facts->room)
        grow(facts, facts->room ? facts->room * 2 : FEW);
    facts->known[facts->used] = (smtpx_known){position, *now};
    facts->known[facts->used++].facts.since = pinfo->num;
}

const smtp_facts *smtpx_facts_at(const smtpx_facts *facts, uint32_t frame, uint64_t position)
{
    static const smtp_facts nothing = {.protocol = SMTP_PROTOCOL_UNKNOWN};
    uint32_t low = 0, high = facts->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const smtpx_known *known = &facts->known[middle];
        if (known->facts.since < frame || (known->facts.since == frame && known->position <= position))
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &facts->known[low - 1].facts : &nothing;
}
