/* smtpx_facts.c
 * What was known of both ends of a session, and since when.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_facts.h"

#include "plugin/epan/learn/smtpx_kept.h"

enum {
    LATELY_BITS = 6
};

/* Those that became known lately, each where what it says tells; NULL: none. */
static const smtp_facts *lately[1 << LATELY_BITS];

static void forget_capture(void)
{
    memset(lately, 0, sizeof lately);
}

void smtpx_facts_register(void)
{
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
}

static const smtp_facts **place_of(const smtp_facts *facts)
{
    const uint64_t spread = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t sum = (uintptr_t)facts->client + 3 * (uint64_t)(uintptr_t)facts->server +
                   5 * (uint64_t)(uintptr_t)facts->user + 9 * (uint64_t)(uintptr_t)facts->offer + facts->protocol;

    return &lately[sum * spread >> (64 - LATELY_BITS)];
}

/* The same facts, of this session or of another one. */
static const smtp_facts *keep(const smtp_facts *facts)
{
    const smtp_facts **place = place_of(facts);
    smtp_facts *kept;

    if (*place && smtpx_facts_are_alike(*place, facts))
        return *place;
    kept = smtpx_take(sizeof *kept);
    *kept = *facts;
    return *place = kept;
}

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
    facts->known[facts->used++] = (smtpx_known){keep(now), position, pinfo->num};
}

const smtp_facts *smtpx_facts_at(const smtpx_facts *facts, uint32_t frame, uint64_t position)
{
    static const smtp_facts nothing = {.protocol = SMTP_PROTOCOL_UNKNOWN};
    uint32_t low = 0, high = facts->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const smtpx_known *known = &facts->known[middle];
        if (known->since < frame || (known->since == frame && known->position <= position))
            low = middle + 1;
        else
            high = middle;
    }
    return low ? facts->known[low - 1].facts : &nothing;
}
