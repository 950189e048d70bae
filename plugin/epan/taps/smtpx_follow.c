/* smtpx_follow.c
 * One session as text; filters for a session and a mail.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_follow.h"

#include "plugin/epan/draw/smtpx_draw.h"
#include "plugin/epan/taps/smtpx_tap.h"
#include "plugin/smtp/smtp_reading.h"
#include "plugin/smtp/syntax/smtp_secret.h"

/* ---- Filters ---- */

static char *filter_stream(unsigned stream, unsigned substream _U_)
{
    return g_strdup_printf("tcp.stream eq %u", stream);
}

static char *filter_packet(epan_dissect_t *dissected _U_, packet_info *pinfo, unsigned *stream, unsigned *substream)
{
    const smtpx_session *session = smtpx_session_find(pinfo);
    const struct tcp_analysis *tcp = session ? smtpx_session_tcp(session) : NULL;

    if (!tcp)
        return NULL;
    *stream = tcp->stream;
    *substream = 0;
    return filter_stream(tcp->stream, 0);
}

static char *filter_ends(address *from, address *to, int from_port, int to_port)
{
    char *one = address_to_str(NULL, from), *other = address_to_str(NULL, to);
    const char *version = from->type == AT_IPv6 ? "v6" : "";
    char *filter = g_strdup_printf("ip%s.addr eq %s and ip%s.addr eq %s and tcp.port eq %d and tcp.port eq %d", version,
                                   one, version, other, from_port, to_port);

    wmem_free(NULL, one);
    wmem_free(NULL, other);
    return filter;
}

static smtpx_bool is_of_session(SMTPX_FILTER_ARGUMENTS)
{
    return smtpx_session_find(pinfo) != NULL;
}

static char *filter_session(SMTPX_FILTER_ARGUMENTS)
{
    return g_strdup_printf("smtpx.session == %u", smtpx_session_find(pinfo)->ordinal);
}

static smtpx_bool is_of_mail(SMTPX_FILTER_ARGUMENTS)
{
    return smtpx_session_find(pinfo) && smtpx_draw_first_transaction(pinfo) > 0;
}

static char *filter_mail(SMTPX_FILTER_ARGUMENTS)
{
    return g_strdup_printf("smtpx.session == %u && smtpx.transaction == %u", smtpx_session_find(pinfo)->ordinal,
                           smtpx_draw_first_transaction(pinfo));
}

/* ---- Secrets ---- */

static void hide(uint8_t *octets, smtp_span span)
{
    memset(octets + span.offset, '*', span.length);
}

/* What is no line of AUTH, but looks like it. */
static void hide_lookalike(const smtpx_tap_unit *unit, uint8_t *octets)
{
    uint32_t length = unit->record->length;
    smtp_unit_text text = {unit->octets, length, (smtp_role)unit->record->role, NULL};
    smtp_reading reading;

    if (unit->record->by_server)
        return;
    if (unit->record->role == SMTP_ROLE_LINE_REST && smtp_secret_in_text(octets, length))
        hide(octets, (smtp_span){0, length});
    if (unit->record->role != SMTP_ROLE_COMMAND)
        return;
    smtp_reading_make(&reading, &text, NULL);
    hide(octets, smtp_reading_secret(&reading, octets));
}

/* What a client's line says in AUTH is hidden, unless all of it is known to be no secret. */
static void hide_secret(const smtpx_tap_unit *unit, uint8_t *octets, packet_info *pinfo)
{
    const smtp_exchange *exchange = smtpx_record_exchange(unit->record);
    uint32_t length = unit->record->length;
    smtp_unit_text text = {unit->octets, length, (smtp_role)unit->record->role, exchange};
    smtp_reading reading;

    if (!exchange || !smtp_exchange_is_auth(exchange)) {
        hide_lookalike(unit, octets);
        return;
    }
    if (unit->record->role == SMTP_ROLE_REPLY)
        return;
    if (unit->record->role == SMTP_ROLE_LINE_REST)
        hide(octets, (smtp_span){0, length});
    smtp_reading_make(&reading, &text, wmem_alloc(pinfo->pool, smtp_auth_room(length)));
    if (reading.has_response && (reading.response.malformed || smtp_auth_has_secret(&reading.response.parts)))
        hide(octets, reading.response.base64);
}

/* ---- Following ---- */

static void add_record(follow_info_t *followed, packet_info *pinfo, const smtpx_tap_unit *unit)
{
    follow_record_t *record = g_new0(follow_record_t, 1);

    record->is_server = unit->record->by_server;
    record->packet_num = pinfo->num;
    record->abs_ts = pinfo->abs_ts;
    record->data = g_byte_array_append(g_byte_array_new(), unit->octets, unit->record->length);
    if (!smtpx_auth_show_secrets)
        hide_secret(unit, record->data->data, pinfo);
    if (unit->told > 0)
        g_byte_array_remove_range(record->data, 0, unit->told);
    followed->bytes_written[record->is_server] += record->data->len;
    followed->payload = g_list_prepend(followed->payload, record);
}

static void name_ends(follow_info_t *followed, const smtpx_session *session)
{
    if (followed->client_port != 0)
        return;
    followed->client_port = session->ports[SMTP_CLIENT];
    followed->server_port = session->ports[SMTP_SERVER];
    copy_address(&followed->client_ip, session->hosts[SMTP_CLIENT]);
    copy_address(&followed->server_ip, session->hosts[SMTP_SERVER]);
}

static tap_packet_status follow(void *data, packet_info *pinfo, epan_dissect_t *dissected _U_, const void *tapped,
                                tap_flags_t flags _U_)
{
    const smtpx_tap_read *read = tapped;

    name_ends(data, read->session);
    for (uint32_t i = 0; i < read->count; i++) {
        if (read->units[i].record->role != SMTP_ROLE_TLS)
            add_record(data, pinfo, &read->units[i]);
    }
    return TAP_PACKET_DONT_REDRAW;
}

void smtpx_follow_register(int proto)
{
    smtpx_register_follow(proto, "smtpx", filter_packet, filter_stream, filter_ends, follow);
    smtpx_register_filter("SMTP Session", is_of_session, filter_session);
    smtpx_register_filter("SMTP Mail", is_of_mail, filter_mail);
}
