/* smtpx_prelude.c
 * What one end said on a connection before it was known to be SMTP's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_prelude.h"

enum {
    MOST = 4096 /* octets that are kept of a connection */
};

/* The octets of a frame. */
typedef struct piece {
    struct piece *next;
    uint32_t frame;
    nstime_t time;
    uint32_t sequence; /* of the first */
    uint32_t length;
    uint8_t octets[];
} piece;

typedef struct prelude {
    uint32_t port; /* of who said it */
    uint32_t kept; /* octets */
    bool broken;   /* there is more than was kept */
    piece *first;
    piece *last;
} prelude;

static wmem_map_t *preludes; /* by conversation */
static bool any_is_cut;      /* a line of one is in more than one frame */

static void forget_capture(void)
{
    any_is_cut = false;
}

void smtpx_prelude_register(void)
{
    preludes = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    register_init_routine(forget_capture);
}

static uint32_t end_of(const piece *one)
{
    return one->sequence + one->length;
}

static void add_piece(prelude *said, const packet_info *pinfo, const struct tcpinfo *numbers, const uint8_t *octets,
                      uint32_t length)
{
    piece *one = wmem_alloc(wmem_file_scope(), sizeof *one + length);

    *one = (piece){.frame = pinfo->num, .time = pinfo->abs_ts, .sequence = numbers->seq, .length = length};
    memcpy(one->octets, octets, length);
    if (said->last)
        said->last->next = one;
    else
        said->first = one;
    said->last = one;
    said->kept += length;
    any_is_cut = any_is_cut || octets[length - 1] != '\n';
}

/* What was said on the connection of this packet, by its sender if nothing was before. */
static prelude *said_in(packet_info *pinfo)
{
    conversation_t *conversation = smtpx_conversation_make(pinfo);
    prelude *said = wmem_map_lookup(preludes, conversation);

    if (!said) {
        said = wmem_new0(wmem_file_scope(), prelude);
        said->port = pinfo->srcport;
        wmem_map_insert(preludes, conversation, said);
    }
    return said;
}

void smtpx_prelude_note(packet_info *pinfo)
{
    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    said_in(pinfo)->broken = true;
}

bool smtpx_prelude_is_noted(const smtpx_session *session, const packet_info *pinfo)
{
    const prelude *said = wmem_map_lookup(preludes, session->conversation);

    return said && said->port != pinfo->srcport;
}

void smtpx_prelude_keep(packet_info *pinfo, const void *data, const uint8_t *octets, uint32_t length)
{
    const struct tcpinfo *numbers = data;
    prelude *said;

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (!numbers)
        return;
    said = said_in(pinfo);
    /* What was in hand before comes again with more behind it: another dissector has waited for that. */
    if (said->first && said->first == said->last && said->first->sequence == numbers->seq) {
        said->first = said->last = NULL;
        said->kept = 0;
    }
    if (said->port != pinfo->srcport || length > MOST - said->kept ||
        (said->last && end_of(said->last) != numbers->seq))
        said->broken = true;
    if (!said->broken)
        add_piece(said, pinfo, numbers, octets, length);
}

/* Is it the last piece that a frame goes on? */
static bool goes_on_behind(const prelude *said, const packet_info *pinfo, const struct tcpinfo *numbers)
{
    const piece *last = said->last;

    return last && !said->broken && said->port == pinfo->srcport && numbers && end_of(last) == numbers->seq &&
           last->octets[last->length - 1] != '\n';
}

bool smtpx_prelude_goes_on(packet_info *pinfo, const void *data)
{
    const conversation_t *conversation = any_is_cut ? smtpx_conversation_find(pinfo) : NULL;
    const prelude *said = conversation ? wmem_map_lookup(preludes, conversation) : NULL;

    if (!said)
        return false;
    if (!PINFO_FD_VISITED(pinfo))
        return goes_on_behind(said, pinfo, data);
    for (const piece *one = said->first; one; one = one->next) {
        if (one->frame == pinfo->num)
            return true;
    }
    return false;
}

/* Learns the octets of a frame as in that frame. */
static void learn_piece(smtpx_session *session, smtp_side side, const packet_info *pinfo, const piece *one)
{
    smtpx_stream *stream = &session->in_clear.streams[side];
    smtp_session *core = session->in_clear.core;
    packet_info then = *pinfo;
    smtpx_hand hand = {
        .layer = SMTPX_LAYER_TCP,
        .direction = side,
        .octets = one->octets,
        .length = one->length,
        .position = smtpx_records_unwrap(&stream->records, one->frame, one->sequence),
    };
    smtp_unit unit;

    then.num = one->frame;
    then.abs_ts = one->time;
    while (hand.length > 0 && smtpx_stream_learn(stream, core, &then, &hand, &unit).found == SMTPX_FOUND_RECORD) {
        smtpx_facts_learn(&session->in_clear.facts, &then, hand.position, smtp_session_facts(core));
        smtpx_hand_pass(&hand, unit.length);
    }
}

void smtpx_prelude_learn(smtpx_session *session, packet_info *pinfo, const void *data)
{
    const prelude *said = wmem_map_lookup(preludes, session->conversation);
    const struct tcpinfo *numbers = data;
    smtp_side side = !smtpx_session_direction(session, pinfo);

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (!said)
        return;
    if (said->broken || !numbers || said->port == pinfo->srcport || numbers->lastackseq != end_of(said->last)) {
        session->from_start = false;
        return;
    }
    session->prelude = (smtpx_prelude_frames){said->first->frame, said->last->frame};
    session->prelude_by_server = side == SMTP_SERVER;
    for (const piece *one = said->first; one; one = one->next)
        learn_piece(session, side, pinfo, one);
}
