/* smtpx_srt.c
 * How long the server takes to answer each verb.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_srt.h"

#include <epan/srt_table.h>
#include <epan/tap.h>

#include "plugin/epan/taps/smtpx_tap.h"

static void begin_tables(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table = init_srt_table("SMTP replies", NULL, tables, SMTP_VERB_COUNT, "Command", NULL, NULL);

    for (int verb = 0; verb < SMTP_VERB_COUNT; verb++)
        init_srt_table_row(table, verb, smtpx_tap_verb_name((smtp_verb)verb));
}

static void add_reply(srt_stat_table *table, packet_info *pinfo, const smtpx_tap_unit *unit)
{
    const smtp_exchange *exchange = smtpx_record_exchange(unit->record);
    int64_t time = smtpx_tap_response_time(unit, pinfo);
    nstime_t from;

    if (time == SMTP_DURATION_UNKNOWN)
        return;
    /* Wireshark takes the time since then. */
    from = (nstime_t){.secs = (time_t)(time / 1000000000), .nsecs = (int)(time % 1000000000)};
    nstime_delta(&from, &pinfo->abs_ts, &from);
    add_srt_table_data(table, exchange->verb, &from, pinfo);
}

static tap_packet_status read_for_tables(void *data, packet_info *pinfo, epan_dissect_t *dissected _U_,
                                         const void *tapped, tap_flags_t flags _U_)
{
    srt_stat_table *table = g_array_index(((srt_data_t *)data)->srt_array, srt_stat_table *, 0);
    const smtpx_tap_read *read = tapped;

    for (uint32_t i = 0; i < read->count; i++)
        add_reply(table, pinfo, &read->units[i]);
    return TAP_PACKET_REDRAW;
}

void smtpx_srt_register(int proto)
{
    register_srt_table(proto, "smtpx", 1, read_for_tables, begin_tables, NULL);
}
