/* smtpx_facts.c
 * What was known of both ends of a session, and since when.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_facts.h"

void smtpx_facts_add(smtpx_facts *facts, const packet_info *pinfo, uint64_t position, const smtp_facts *now)
{
    enum {
        FEW = 3 /* a greeting tells something, EHLO, and the reply to it */
    };

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (facts->used == facts->room) {
        facts->room = facts->room ? facts->room * 2 : FEW;
        facts->known = wmem_realloc(wmem_file_scope(), facts->known, facts->room * sizeof *facts->known);
    }
    facts->known[facts->used++] = (smtpx_known){position, pinfo->num, *now};
}

const smtp_facts *smtpx_facts_at(const smtpx_facts *facts, uint32_t frame, uint64_t position)
{
    static const smtp_facts nothing = {.protocol = SMTP_PROTOCOL_UNKNOWN};
    uint32_t low = 0, high = facts->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const smtpx_known *known = &facts->known[middle];
        if (known->frame < frame || (known->frame == frame && known->position <= position))
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &facts->known[low - 1].facts : &nothing;
}
