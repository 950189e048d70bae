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

static void add(smtpx_facts *facts, smtpx_known known)
{
    enum {
        FEW = 3 /* a greeting tells something, EHLO, and the reply to it */
    };

    if (facts->used == facts->room)
        grow(facts, facts->room ? facts->room * 2 : FEW);
    facts->known[facts->used++] = known;
}

void smtpx_facts_begin(smtpx_facts *facts, const packet_info *pinfo, const smtp_facts *now)
{
    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (!smtpx_facts_are_alike(smtpx_facts_now(facts), now))
        add(facts, (smtpx_known){keep(now), pinfo->num - 1, 0});
}

void smtpx_facts_add(smtpx_facts *facts, const packet_info *pinfo, uint64_t position, const smtp_facts *now)
{
    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    add(facts, (smtpx_known){keep(now), pinfo->num, (uint32_t)position});
}

/* The last of the first ones; nothing where there is none. */
static const smtp_facts *last_of(const smtpx_facts *facts, uint32_t count)
{
    static const smtp_facts nothing = {.protocol = SMTP_PROTOCOL_UNKNOWN};

    return count > 0 ? facts->known[count - 1].facts : &nothing;
}

static bool is_known_at(const smtpx_known *known, uint32_t frame, uint64_t position)
{
    return known->since < frame || (known->since == frame && (int32_t)((uint32_t)position - known->position) >= 0);
}

const smtp_facts *smtpx_facts_at(const smtpx_facts *facts, uint32_t frame, uint64_t position)
{
    uint32_t low = 0, high = facts->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_known_at(&facts->known[middle], frame, position))
            low = middle + 1;
        else
            high = middle;
    }
    return last_of(facts, low);
}

const smtp_facts *smtpx_facts_behind(const smtpx_facts *facts, uint32_t first_frame)
{
    uint32_t count = 0;

    while (count < facts->used && facts->known[count].since <= first_frame)
        count++;
    return last_of(facts, count);
}
