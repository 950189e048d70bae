/* smtpx_sessions.c
 * The table of sessions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_sessions.h"

#include "plugin/epan/learn/smtpx_cipher.h"
#include "plugin/epan/taps/smtpx_print.h"
#include "plugin/epan/taps/smtpx_tap.h"
#include "plugin/epan/taps/smtpx_window.h"

/* What became of its mails. */
typedef struct mail_totals {
    uint32_t mails[4]; /* by smtp_status */
    uint64_t octets;   /* of messages of which all is known */
} mail_totals;

typedef struct session_row {
    smtpx_row row;
    const smtpx_session *session;
    smtp_facts facts;
    GPtrArray *transactions; /* by their ordinals; a first pass does not know yet what becomes of them */
    mail_totals totals;      /* a later one does */
    bool visited;
    uint32_t frame;      /* the first */
    int64_t time;        /* ns; of that frame, since the start of the capture ... */
    int64_t time_of_day; /* ... and since 1970 */
    int64_t began;       /* ns since 1970; of its first octet, which a greeting in drips has in an earlier frame */
    int64_t last_time;
    smtp_remarks remarks;
    uint16_t starttls; /* the last code that answered it; 0: none */
    uint16_t quit;     /* the code that answered QUIT */
    uint16_t last_code;
} session_row;

/* ---- Columns ---- */

static void write_session(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const session_row *)row)->session->ordinal);
}

static void write_frame(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const session_row *)row)->frame);
}

static void write_time(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, ((const session_row *)row)->time);
}

static void write_end(const smtpx_session *session, smtp_side side, smtpx_cell *cell)
{
    const smtpx_end end = smtpx_session_end(session, side);

    smtpx_cell_address(cell, end.host);
    g_string_append_printf(cell->text, end.host->type == AT_IPv6 ? ".%u" : ":%u", end.port);
}

static void write_client(const void *row, smtpx_cell *cell)
{
    write_end(((const session_row *)row)->session, SMTP_CLIENT, cell);
}

static void write_server(const void *row, smtpx_cell *cell)
{
    write_end(((const session_row *)row)->session, SMTP_SERVER, cell);
}

static void write_client_name(const void *row, smtpx_cell *cell)
{
    smtpx_cell_name(cell, ((const session_row *)row)->facts.client);
}

static void write_server_name(const void *row, smtpx_cell *cell)
{
    smtpx_cell_name(cell, ((const session_row *)row)->facts.server);
}

static void write_protocol(const void *row, smtpx_cell *cell)
{
    const char *name = smtp_protocol_name(((const session_row *)row)->facts.protocol);

    if (name)
        smtpx_cell_text(cell, name);
}

static bool has_tls(const smtpx_session *session)
{
    const smtpx_stream *streams = session->in_clear.streams;

    return session->inside || streams[SMTP_CLIENT].stretches > 0 || streams[SMTP_SERVER].stretches > 0;
}

static void write_tls(const void *row, smtpx_cell *cell)
{
    const session_row *shown = row;

    if (has_tls(shown->session))
        smtpx_cell_text(cell, smtp_code_is_completion(shown->starttls) ? "STARTTLS" : "yes");
    else if (shown->starttls)
        smtpx_cell_text(cell, smtp_code_is_completion(shown->starttls) ? "not begun" : "refused");
    else
        smtpx_cell_text(cell, "no");
}

static smtpx_cipher cipher_of(const session_row *shown)
{
    return has_tls(shown->session) ? smtpx_cipher_of(shown->session->conversation) : (smtpx_cipher){NULL, NULL};
}

static void write_tls_version(const void *row, smtpx_cell *cell)
{
    const char *name = cipher_of(row).version;

    if (name)
        smtpx_cell_text(cell, name);
}

static void write_tls_cipher(const void *row, smtpx_cell *cell)
{
    const char *name = cipher_of(row).cipher;

    if (name)
        smtpx_cell_text(cell, name);
}

static void write_user(const void *row, smtpx_cell *cell)
{
    smtpx_cell_name(cell, ((const session_row *)row)->facts.user);
}

static void add_transaction(mail_totals *totals, const smtp_transaction *transaction)
{
    uint64_t octets;

    if (transaction->none)
        return;
    totals->mails[smtp_transaction_outcome(transaction)]++;
    if (smtp_transaction_octets(transaction, &octets))
        totals->octets += octets;
}

static mail_totals totals_of(const session_row *shown)
{
    mail_totals totals = shown->totals;

    for (uint32_t i = 0; !shown->visited && i < shown->transactions->len; i++) {
        if (shown->transactions->pdata[i])
            add_transaction(&totals, shown->transactions->pdata[i]);
    }
    return totals;
}

static void write_accepted(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, totals_of(row).mails[SMTP_STATUS_ACCEPTED]);
}

static void write_refused(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, totals_of(row).mails[SMTP_STATUS_REFUSED]);
}

static void write_other(const void *row, smtpx_cell *cell)
{
    mail_totals totals = totals_of(row);

    smtpx_cell_count(cell, totals.mails[SMTP_STATUS_ABORTED] + totals.mails[SMTP_STATUS_INCOMPLETE]);
}

static void write_octets(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, totals_of(row).octets);
}

static void write_duration(const void *row, smtpx_cell *cell)
{
    const session_row *shown = row;

    smtpx_cell_span(cell, smtp_span_of_time(shown->began, shown->last_time));
}

/* In clear and inside TLS. */
static smtp_spent spent(const session_row *shown)
{
    smtp_spent sum = {0, 0, 0};

    for (smtpx_layer layer = SMTPX_LAYER_TCP; layer <= SMTPX_LAYER_TLS; layer++) {
        smtp_spent more = smtpx_session_spent(shown->session, layer);
        sum.server += more.server;
        sum.client += more.client;
        sum.transfer += more.transfer;
    }
    return sum;
}

static void write_server_time(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, spent(row).server);
}

static void write_client_time(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, spent(row).client);
}

static void write_transfer_time(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, spent(row).transfer);
}

/* How the connection ended, where SMTP does not say. */
static const char *connection_end(const smtpx_session *session)
{
    const struct tcp_analysis *tcp = smtpx_session_tcp(session);
    uint32_t seen = tcp ? tcp->conversation_completeness : 0;

    return seen & SMTPX_SAW_RST ? "reset" : seen & SMTPX_SAW_FIN ? "closed" : "open";
}

static void write_ending(const void *row, smtpx_cell *cell)
{
    const session_row *shown = row;

    if (shown->quit)
        smtpx_cell_text(cell, "QUIT");
    else if (shown->last_code == 421)
        smtpx_cell_text(cell, "421");
    else
        smtpx_cell_text(cell, connection_end(shown->session));
}

static void write_time_of_day(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, ((const session_row *)row)->time_of_day);
}

static void write_remarks(const void *row, smtpx_cell *cell)
{
    smtpx_cell_remarks(cell, &((const session_row *)row)->remarks);
}

static const smtpx_column columns[] = {
    {"Session", "session", SMTPX_CELL_COUNT, false, write_session},
    {"Frame", "frame", SMTPX_CELL_COUNT, false, write_frame},
    {"Time", "time", SMTPX_CELL_SECONDS, false, write_time},
    {"Client", "client", SMTPX_CELL_TEXT, false, write_client},
    {"Server", "server", SMTPX_CELL_TEXT, false, write_server},
    {"Client's name", "client_name", SMTPX_CELL_TEXT, false, write_client_name},
    {"Server's name", "server_name", SMTPX_CELL_TEXT, false, write_server_name},
    {"Protocol", "protocol", SMTPX_CELL_TEXT, false, write_protocol},
    {"TLS", "tls", SMTPX_CELL_TEXT, false, write_tls},
    {"TLS version", "tls_version", SMTPX_CELL_TEXT, false, write_tls_version},
    {"Cipher", "tls_cipher", SMTPX_CELL_TEXT, false, write_tls_cipher},
    {"User", "user", SMTPX_CELL_TEXT, false, write_user},
    {"Accepted", "accepted", SMTPX_CELL_COUNT, false, write_accepted},
    {"Refused", "refused", SMTPX_CELL_COUNT, false, write_refused},
    {"Other", "other", SMTPX_CELL_COUNT, false, write_other},
    {"Octets", "octets", SMTPX_CELL_COUNT, false, write_octets},
    {"Duration", "duration", SMTPX_CELL_SECONDS, false, write_duration},
    {"By server", "server_time", SMTPX_CELL_SECONDS, false, write_server_time},
    {"By client", "client_time", SMTPX_CELL_SECONDS, false, write_client_time},
    {"Transfer", "transfer_time", SMTPX_CELL_SECONDS, false, write_transfer_time},
    {"End", "end", SMTPX_CELL_TEXT, false, write_ending},
    {"Anomalies", "anomaly", SMTPX_CELL_LIST, false, write_remarks},
    {"Time of day", "time_epoch", SMTPX_CELL_SECONDS, true, write_time_of_day},
};

/* ---- Rows ---- */

/* What is known inside TLS is not forgotten behind it. */
static void add_facts(smtp_facts *facts, const smtp_facts *known)
{
    if (known->protocol != SMTP_PROTOCOL_UNKNOWN)
        facts->protocol = known->protocol;
    facts->client = known->client ? known->client : facts->client;
    facts->server = known->server ? known->server : facts->server;
    facts->user = known->user ? known->user : facts->user;
}

/* How long the first unit took; 0: all of it came at once, or nobody knows. */
static int64_t first_took(const smtpx_tap_read *read)
{
    const smtpx_record *record = read->count > 0 ? read->units[0].record : NULL;
    int64_t duration = record && record->role == SMTP_ROLE_REPLY ? smtpx_record_duration(record) : 0;

    return duration == SMTP_DURATION_UNKNOWN ? 0 : duration;
}

static void begin_row(session_row *row, packet_info *pinfo, const smtpx_tap_read *read)
{
    row->session = read->session;
    row->frame = pinfo->num;
    row->time = smtpx_nanoseconds(&pinfo->rel_ts);
    row->time_of_day = smtpx_nanoseconds(&pinfo->abs_ts);
    row->began = row->time_of_day - first_took(read);
    row->transactions = g_ptr_array_new();
    row->visited = read->visited;
}

static void clear_row(void *row)
{
    g_ptr_array_free(((session_row *)row)->transactions, TRUE);
}

static void note_transaction(session_row *row, const smtp_transaction *transaction)
{
    if (!transaction)
        return;
    if (transaction->ordinal > row->transactions->len)
        g_ptr_array_set_size(row->transactions, (int)transaction->ordinal);
    if (row->transactions->pdata[transaction->ordinal - 1])
        return;
    row->transactions->pdata[transaction->ordinal - 1] = (void *)transaction;
    if (row->visited)
        add_transaction(&row->totals, transaction);
}

static void note_reply(session_row *row, const smtpx_tap_unit *unit)
{
    const smtp_exchange *exchange = smtpx_record_exchange(unit->record);
    uint16_t code = smtpx_tap_code(unit);

    /* A server hangs up unasked, too. */
    if (code)
        row->last_code = code;
    if (!exchange || unit->record->continued)
        return;
    if (smtp_exchange_is_starttls(exchange))
        row->starttls = exchange->code;
    if (exchange->verb == SMTP_VERB_QUIT)
        row->quit = exchange->code;
}

static void note_unit(session_row *row, const smtpx_tap_unit *unit)
{
    const smtpx_record *record = unit->record;
    smtp_remarks remarks = smtpx_tap_remarks(unit);
    const smtp_suspicion *suspicion = smtpx_tap_proved(unit);
    const smtp_transaction *reread;

    smtp_remarks_join(&row->remarks, &remarks);
    for (uint32_t at = 0; suspicion && (reread = smtpx_tap_next_reread(suspicion, &at));)
        note_transaction(row, reread);
    note_transaction(row, unit->ended);
    note_transaction(row, smtpx_record_transaction(record));
    if (record->role == SMTP_ROLE_REPLY)
        note_reply(row, unit);
}

static void read_sessions(smtpx_rows *rows, packet_info *pinfo, const void *tapped)
{
    const smtpx_tap_read *read = tapped;
    bool is_new;
    session_row *row = smtpx_rows_find(rows, read->session, &is_new);

    if (is_new)
        begin_row(row, pinfo, read);
    add_facts(&row->facts, read->facts);
    row->last_time = smtpx_nanoseconds(&pinfo->abs_ts);
    for (uint32_t i = 0; i < read->count; i++)
        note_unit(row, &read->units[i]);
    smtpx_rows_changed(rows, row);
}

void smtpx_sessions_register(void)
{
    static const smtpx_tap_table table = {
        .title = "SMTP Sessions",
        .argument = "smtpx,session",
        .columns = columns,
        .count = array_length(columns),
        .row_size = sizeof(session_row),
        .clear = clear_row,
        .read = read_sessions,
    };

    smtpx_window_register(&table);
    smtpx_print_register(&table);
}
