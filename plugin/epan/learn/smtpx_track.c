/* smtpx_track.c
 * Conversations to sessions, and stream positions to records.
 *
 * A position ahead of the expected one is a gap, one behind it is late:
 * normal input, never a guess.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_track.h"

static int proto_smtpx = -1;
static uint32_t sessions; /* in the capture that is open */

/* Those found last, by their ends: asking Wireshark for the conversation costs
 * as much as reading a line. */
enum {
    REMEMBERED = 1024
};
static smtpx_session *remembered[REMEMBERED];

static void *take_memory(void *owner, size_t octets)
{
    return wmem_alloc0((wmem_allocator_t *)owner, octets);
}

static void forget_capture(void)
{
    sessions = 0;
    memset(remembered, 0, sizeof remembered);
}

void smtpx_track_register(int proto)
{
    proto_smtpx = proto;
    register_init_routine(forget_capture);
}

static bool is_end(const smtpx_end *end, const address *host, uint32_t port)
{
    return port == end->port && addresses_equal(host, &end->host);
}

static bool is_by_client(const smtpx_session *session, const packet_info *pinfo)
{
    return is_end(&session->client, &pinfo->src, pinfo->srcport) &&
           is_end(&session->server, &pinfo->dst, pinfo->destport);
}

static bool is_by_server(const smtpx_session *session, const packet_info *pinfo)
{
    return is_end(&session->server, &pinfo->src, pinfo->srcport) &&
           is_end(&session->client, &pinfo->dst, pinfo->destport);
}

/* Is this packet of the session's conversation, and not of a later one between the same ends? */
static bool is_of(const smtpx_session *session, const packet_info *pinfo)
{
    const conversation_t *later = session->conversation->next;

    return pinfo->num >= session->first_frame && (!later || pinfo->num < later->setup_frame) &&
           pinfo->ptype == session->ptype && (is_by_client(session, pinfo) || is_by_server(session, pinfo));
}

/* The last octets of an address tell one host from another. */
static uint32_t host_number(const address *host)
{
    const uint8_t *octets = host->data;

    return host->len > 1 ? (uint32_t)octets[host->len - 2] << 8 | octets[host->len - 1] : 0;
}

/* Where a session is remembered: the same place for both directions. */
static smtpx_session **place_of(const packet_info *pinfo)
{
    uint32_t number = pinfo->srcport ^ pinfo->destport ^ host_number(&pinfo->src) ^ host_number(&pinfo->dst);

    return &remembered[number % REMEMBERED];
}

smtpx_session *smtpx_track_find(packet_info *pinfo)
{
    smtpx_session **place = place_of(pinfo);
    conversation_t *conversation;
    smtpx_session *session;

    if (*place && is_of(*place, pinfo))
        return *place;
    conversation = find_conversation_pinfo(pinfo, 0);
    session = conversation ? conversation_get_proto_data(conversation, proto_smtpx) : NULL;
    if (!session || pinfo->num < session->first_frame)
        return NULL;
    *place = session;
    return session;
}

static int64_t nanoseconds(const nstime_t *time)
{
    /* Up to the year 2261: no other is the time of a capture. */
    int64_t seconds = CLAMP((int64_t)time->secs, 0, 9200000000);

    return seconds * 1000000000 + time->nsecs;
}

/* Of struct tcp_analysis, conversation_completeness. */
enum {
    SAW_SYN = 1,
    SAW_SYN_ACK = 2
};

/* Was the first frame of the conversation the one that opened it? */
static smtp_opening find_opening(packet_info *pinfo, conversation_t *conversation)
{
    const struct tcp_analysis *tcp = get_tcp_conversation_data(conversation, pinfo);
    smtp_opening opening = {.frame = 0};

    if (tcp && (tcp->conversation_completeness & (SAW_SYN | SAW_SYN_ACK))) {
        opening.frame = conversation->setup_frame;
        opening.time = nanoseconds(&tcp->ts_first);
    }
    return opening;
}

static void set_end(smtpx_end *end, const address *host, uint32_t port)
{
    copy_address_wmem(wmem_file_scope(), &end->host, host);
    end->port = port;
}

smtpx_session *smtpx_track_begin(packet_info *pinfo, smtpx_layer layer, smtp_side sender)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    smtp_opening opening = find_opening(pinfo, conversation);
    smtp_memory memory = {take_memory, wmem_file_scope()};
    smtpx_session *session = wmem_new0(wmem_file_scope(), smtpx_session);
    bool by_server = sender == SMTP_SERVER;

    session->core = smtp_session_new(&memory, opening);
    /* Nobody else has read what was said before. */
    session->from_start = opening.frame > 0 && !conversation_get_dissector(conversation, pinfo->num);
    session->inside_tls = layer == SMTPX_LAYER_TLS;
    session->ordinal = ++sessions;
    session->first_frame = pinfo->num;
    session->conversation = conversation;
    session->ptype = pinfo->ptype;
    set_end(by_server ? &session->server : &session->client, &pinfo->src, pinfo->srcport);
    set_end(by_server ? &session->client : &session->server, &pinfo->dst, pinfo->destport);
    conversation_add_proto_data(conversation, proto_smtpx, session);
    return session;
}

smtp_side smtpx_track_direction(const smtpx_session *session, const packet_info *pinfo)
{
    return is_end(&session->server, &pinfo->src, pinfo->srcport) ? SMTP_SERVER : SMTP_CLIENT;
}

/* Octets of a side are missing. What was in hand of a unit before them gets a
 * record that reaches over the hole: as it is always longer than what is in
 * hand, each pass asks for more there, as the first one did. There is no hole
 * where the capture has cut short what follows, so that TCP puts nothing together. */
static void learn_gap(smtpx_session *session, smtpx_stream *stream, const packet_info *pinfo, const smtpx_hand *hand)
{
    uint64_t missing = hand->position - stream->next;
    uint64_t reach = MAX(missing, (uint64_t)stream->waiting_for + 1);
    smtp_unit unit = {.role = SMTP_ROLE_LINE_REST, .side = hand->direction, .length = (uint32_t)MIN(reach, UINT32_MAX)};

    if (stream->waiting_for > 0)
        smtpx_records_append(&stream->records, stream->next, pinfo->num, &unit);
    stream->waiting_for = 0;
    smtp_session_gap(session->core, hand->direction, missing, hand->ahead);
}

/* Keeps what is known now, if it has changed. First pass only. */
static void learn_facts(smtpx_session *session, uint32_t frame, uint64_t position)
{
    const smtp_facts *now = smtp_session_facts(session->core);
    const smtp_facts *before = &session->facts;

    if (before->protocol == now->protocol && before->client == now->client && before->server == now->server &&
        before->user == now->user)
        return;
    session->facts = *now;
    if (!session->known || session->known_used == session->known_room) {
        session->known_room = session->known_room ? session->known_room * 2 : 4;
        session->known = wmem_realloc(wmem_file_scope(), session->known, session->known_room * sizeof *session->known);
    }
    session->known[session->known_used++] = (smtpx_known){position, frame, *now};
}

const smtp_facts *smtpx_track_facts(const smtpx_session *session, uint32_t frame, uint64_t position)
{
    static const smtp_facts nothing = {.protocol = SMTP_PROTOCOL_UNKNOWN};
    uint32_t low = 0, high = session->known_used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const smtpx_known *known = &session->known[middle];
        if (known->frame < frame || (known->frame == frame && known->position <= position))
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &session->known[low - 1].facts : &nothing;
}

/* Learns the unit at a position that no record covers. First pass only. */
static const smtpx_record *learn(smtpx_session *session, smtpx_stream *stream, const packet_info *pinfo,
                                 const smtpx_hand *hand)
{
    smtp_input input = {
        .octets = hand->octets,
        .length = hand->length,
        .can_wait = hand->can_wait,
        .ahead = hand->ahead,
        .frame = pinfo->num,
        .time = nanoseconds(&pinfo->abs_ts),
    };
    const smtpx_record *record;
    smtp_unit unit;

    if (!stream->begun)
        stream->next = hand->position - hand->missing;
    if (hand->position > stream->next)
        learn_gap(session, stream, pinfo, hand);
    stream->begun = true;
    stream->next = hand->position;
    if (!smtp_session_read(session->core, hand->direction, &input, &unit)) {
        stream->waiting_at = hand->position;
        stream->waiting_for = hand->length;
        return NULL;
    }
    stream->waiting_for = 0;
    stream->next = hand->position + unit.length;
    learn_facts(session, pinfo->num, hand->position);
    record = smtpx_records_append(&stream->records, hand->position, pinfo->num, &unit);
    if (unit.transaction)
        unit.transaction->last_unit = record;
    return record;
}

/* Octets that come again while the rest of their unit is waited for: a
 * retransmission. That unit is made of what was in hand before. */
static bool is_again(const smtpx_stream *stream, const smtpx_hand *hand)
{
    return stream->waiting_for > 0 && hand->position + hand->length <= stream->next + stream->waiting_for;
}

smtpx_found smtpx_track_next(smtpx_session *session, const packet_info *pinfo, const smtpx_hand *hand,
                             const smtpx_record **record, bool *learned, uint32_t *nothing)
{
    smtpx_stream *stream = &session->streams[hand->layer][hand->direction];
    uint64_t end = hand->position + hand->length;
    uint64_t start = end;

    *learned = false;
    if (!stream->begun || hand->position >= stream->next) {
        bool again = stream->begun && is_again(stream, hand);

        if (again && hand->position > stream->next) {
            *nothing = hand->length;
            return SMTPX_FOUND_NOTHING;
        }
        *record = again || PINFO_FD_VISITED(pinfo) ? NULL : learn(session, stream, pinfo, hand);
        *learned = *record != NULL;
        return *record ? SMTPX_FOUND_RECORD : SMTPX_FOUND_PARTIAL;
    }
    *record = smtpx_records_find(&stream->records, hand->position, &start);
    if (*record && start == hand->position)
        return (*record)->length <= hand->length ? SMTPX_FOUND_RECORD : SMTPX_FOUND_PARTIAL;
    if (!*record)
        start = stream->next;
    *nothing = (uint32_t)(MIN(start, end) - hand->position);
    return SMTPX_FOUND_NOTHING;
}

void smtpx_track_inside_tls(smtpx_session *session, const packet_info *pinfo)
{
    session->inside_tls = true;
    smtp_session_inside_tls(session->core);
    learn_facts(session, pinfo->num, 0);
}

const smtp_exchange *smtpx_record_exchange(const smtpx_record *record)
{
    return record->role == SMTP_ROLE_MESSAGE ? NULL : record->context;
}

smtp_transaction *smtpx_record_transaction(const smtpx_record *record)
{
    if (record->role == SMTP_ROLE_MESSAGE)
        return record->context;
    return record->context ? ((const smtp_exchange *)record->context)->transaction : NULL;
}
