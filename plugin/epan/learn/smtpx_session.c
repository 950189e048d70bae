/* smtpx_session.c
 * Conversations to sessions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_session.h"

#include "plugin/epan/learn/smtpx_kept.h"
#include "plugin/smtp/smtp_offer_read.h"
#include "plugin/smtp/syntax/smtp_apart.h"

static uint32_t sessions;         /* in the capture that is open */
static smtp_offers offers;        /* the same */
static smtp_names names;          /* the same */
static smtp_session *spares;      /* memory of sessions that rest */
static const smtp_session *model; /* the first one that did; NULL: none has */

/* Those found last, by their ports, which tell nearly all apart, and by their hosts, too: asking
 * Wireshark for the conversation costs as much as reading a line. */
enum {
    REMEMBERED = 1024
};
static smtpx_session *remembered[REMEMBERED];
static smtpx_session *remembered_by_hosts[REMEMBERED];

/* All of the capture, by their conversations. What Wireshark would keep for a conversation takes much more. */
static GHashTable *all;

static void *take_memory(void *owner _U_, size_t octets)
{
    return smtpx_take0(octets);
}

static void give_memory_back(void *owner _U_, void *start, size_t octets)
{
    smtpx_give_back(start, octets);
}

static smtp_memory session_memory(void)
{
    return (smtp_memory){take_memory, give_memory_back, NULL, &offers, &names, &spares, &model};
}

static void forget_capture(void)
{
    sessions = 0;
    memset(&offers, 0, sizeof offers);
    memset(&names, 0, sizeof names);
    spares = NULL;
    model = NULL;
    memset(remembered, 0, sizeof remembered);
    memset(remembered_by_hosts, 0, sizeof remembered_by_hosts);
    g_hash_table_remove_all(all);
}

void smtpx_session_register(void)
{
    all = g_hash_table_new(NULL, NULL);
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
    smtpx_facts_register();
}

/* Is this packet of the session's conversation, and not of a later one between the same ends? */
static bool is_of(const smtpx_session *session, const packet_info *pinfo)
{
    const conversation_t *later = session->conversation->next;
    const smtpx_end client = smtpx_session_end(session, SMTP_CLIENT);
    const smtpx_end server = smtpx_session_end(session, SMTP_SERVER);

    return pinfo->num >= session->first_frame && (!later || pinfo->num < later->setup_frame) &&
           pinfo->ptype == (port_type)session->ptype &&
           (smtpx_is_from_to(pinfo, &client, &server) || smtpx_is_from_to(pinfo, &server, &client));
}

/* Where a session is remembered: the same place for both directions. */
static smtpx_session **place_of(const packet_info *pinfo)
{
    return &remembered[(pinfo->srcport ^ pinfo->destport) % REMEMBERED];
}

/* What tells the hosts of a network apart. */
static uint32_t host_number(const address *host)
{
    const uint8_t *octets = host->data;

    return host->len < 2 ? 0 : (uint32_t)octets[host->len - 2] << 8 | octets[host->len - 1];
}

/* The same, where clients on several hosts have the same port. */
static smtpx_session **place_by_hosts(const packet_info *pinfo)
{
    uint32_t hosts = host_number(&pinfo->src) ^ host_number(&pinfo->dst);

    return &remembered_by_hosts[(pinfo->srcport ^ pinfo->destport ^ hosts) % REMEMBERED];
}

static void remember(const packet_info *pinfo, smtpx_session *session)
{
    *place_of(pinfo) = *place_by_hosts(pinfo) = session;
}

/* Is this a packet that was understood only later? */
static bool is_of_prelude(const smtpx_session *session, const packet_info *pinfo)
{
    return pinfo->num >= session->prelude.first && pinfo->num <= session->prelude.last &&
           smtpx_session_direction(session, pinfo) == (session->prelude_by_server ? SMTP_SERVER : SMTP_CLIENT);
}

static smtpx_session *find_by_conversation(packet_info *pinfo)
{
    conversation_t *conversation = smtpx_conversation_find(pinfo);
    smtpx_session *session = conversation ? g_hash_table_lookup(all, conversation) : NULL;

    if (!session || (pinfo->num < session->first_frame && !is_of_prelude(session, pinfo)))
        return NULL;
    remember(pinfo, session);
    return session;
}

/* Is the session that is remembered at a place this packet's? */
static bool is_known(const smtpx_session *session, const packet_info *pinfo)
{
    /* The ends do not say all where conversations are told apart by something else. */
    return session && is_of(session, pinfo) && !smtpx_conversations_are_told_apart();
}

static SMTP_APART smtpx_session *find_elsewhere(packet_info *pinfo)
{
    smtpx_session *session = *place_by_hosts(pinfo);

    return is_known(session, pinfo) ? session : find_by_conversation(pinfo);
}

smtpx_session *smtpx_session_find(packet_info *pinfo)
{
    smtpx_session *session = *place_of(pinfo);

    return is_known(session, pinfo) ? session : find_elsewhere(pinfo);
}

SMTP_APART smtp_session *smtpx_session_wake(smtpx_talk *talk)
{
    smtp_memory memory = session_memory();

    return talk->core = smtp_session_wake(&memory, talk->resting);
}

SMTP_APART void smtpx_session_rest(smtpx_session *session, smtpx_layer layer)
{
    smtpx_talk *talk = smtpx_session_layer(session, layer);

    if (talk->resting || talk->streams[SMTP_CLIENT].waiting_for > 0 || talk->streams[SMTP_SERVER].waiting_for > 0)
        return;
    talk->resting = smtp_session_rest(talk->core);
    talk->core = NULL;
    smtpx_records_end_block(&talk->streams[SMTP_CLIENT].records);
    smtpx_records_end_block(&talk->streams[SMTP_SERVER].records);
}

smtp_spent smtpx_session_spent(const smtpx_session *session, smtpx_layer layer)
{
    const smtpx_talk *talk = smtpx_session_talk(session, layer);
    smtp_memory memory = session_memory();

    if (talk && talk->core)
        return *smtp_session_spent(talk->core);
    return talk && talk->resting ? smtp_resting_spent(&memory, talk->resting) : (smtp_spent){0, 0, 0};
}

const struct tcp_analysis *smtpx_session_tcp(const smtpx_session *session)
{
    return conversation_get_proto_data(session->conversation, proto_get_id_by_filter_name("tcp"));
}

/* What was seen of the connection's opening. Without the client's SYN the conversation's first
 * frame is the server's own, which its greeting does not answer. */
static smtp_opening find_opening(packet_info *pinfo, conversation_t *conversation)
{
    const struct tcp_analysis *tcp = get_tcp_conversation_data(conversation, pinfo);
    smtp_opening opening = {.seen = false};

    if (!tcp)
        return opening;
    opening.seen = tcp->conversation_completeness & (SMTPX_SAW_SYN | SMTPX_SAW_SYN_ACK);
    if (tcp->conversation_completeness & SMTPX_SAW_SYN) {
        opening.frame = conversation->setup_frame;
        opening.time = smtpx_nanoseconds(&tcp->ts_first);
    }
    return opening;
}

/* A host's address, to be kept. */
static const address *copy_host(const address *host)
{
    address *copy = smtpx_take(sizeof *copy);

    copy_address_wmem(wmem_file_scope(), copy, host);
    return copy;
}

/* A host's address stands in the key of the conversation, which is kept as long. */
static const address *keep_host(const conversation_t *conversation, const address *host)
{
    const address *one = conversation_key_addr1(conversation->key_ptr);
    const address *other = conversation_key_addr2(conversation->key_ptr);

    if (smtpx_is_host(host, one))
        return one;
    return smtpx_is_host(host, other) ? other : copy_host(host);
}

smtpx_session *smtpx_session_begin(packet_info *pinfo, smtpx_layer layer, smtp_side sender)
{
    conversation_t *conversation = smtpx_conversation_make(pinfo);
    smtp_opening opening = find_opening(pinfo, conversation);
    smtp_memory memory = session_memory();
    smtpx_session *session = smtpx_take0(sizeof *session);

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (layer == SMTPX_LAYER_TLS) {
        session->inside = smtpx_take0(sizeof *session->inside);
        session->inside->core = smtp_session_new_in_tls(&memory, opening);
    } else {
        session->in_clear.core = smtp_session_new(&memory, opening);
    }
    /* Nobody else has read what was said before. */
    session->from_start = opening.seen && !conversation_get_dissector(conversation, pinfo->num);
    session->ordinal = ++sessions;
    session->first_frame = pinfo->num;
    session->conversation = conversation;
    session->ptype = (uint8_t)pinfo->ptype;
    session->hosts[sender] = keep_host(conversation, &pinfo->src);
    session->ports[sender] = (uint16_t)pinfo->srcport;
    session->hosts[!sender] = keep_host(conversation, &pinfo->dst);
    session->ports[!sender] = (uint16_t)pinfo->destport;
    g_hash_table_insert(all, conversation, session);
    remember(pinfo, session);
    return session;
}

void smtpx_session_begin_layer(smtpx_session *session, const packet_info *pinfo, smtpx_layer layer)
{
    smtp_memory memory = session_memory();
    smtpx_talk *talk;

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (layer == SMTPX_LAYER_TLS) {
        session->tls_is_new = false;
        if (!session->inside)
            session->inside = smtpx_take0(sizeof *session->inside);
        talk = session->inside;
        talk->core = smtp_session_inside_tls(smtpx_talk_core(&session->in_clear));
    } else {
        talk = &session->in_clear;
        talk->core = smtp_session_new(&memory, (smtp_opening){.seen = false});
        session->from_start = false;
    }
    smtpx_facts_begin(&talk->facts, pinfo, smtp_session_facts(talk->core));
}

void smtpx_session_tls_begins(smtpx_session *session, smtp_side direction)
{
    const smtpx_stream *streams = session->in_clear.streams;

    if (streams[direction].stretches > streams[!direction].stretches)
        session->tls_is_new = true;
}

const smtp_facts *smtpx_session_facts_at(const smtpx_session *session, smtpx_layer layer, const packet_info *pinfo,
                                         uint64_t position)
{
    const smtpx_facts *facts = &smtpx_session_talk(session, layer)->facts;

    if (pinfo->num < session->first_frame)
        return smtpx_facts_behind(facts, session->first_frame);
    return smtpx_facts_at(facts, pinfo->num, position);
}
