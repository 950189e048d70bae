/* smtpx_mails.c
 * The table of mails.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_mails.h"

#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/epan/learn/smtpx_words.h"
#include "plugin/epan/taps/smtpx_print.h"
#include "plugin/epan/taps/smtpx_tap.h"
#include "plugin/epan/taps/smtpx_window.h"
#include "plugin/smtp/session/smtp_result.h"

typedef struct mail_row {
    smtpx_row row;
    uint32_t begins_in;  /* the frame of its first unit */
    uint32_t last_frame; /* of its last one */
    int64_t time;        /* ns; of the first, since the start of the capture ... */
    int64_t time_of_day; /* ... and since 1970 */
    const smtp_transaction *transaction;
    const smtpx_session *session;
    smtp_facts facts; /* of the session, then */
    smtpx_layer layer;
} mail_row;

/* ---- Columns ---- */

static void write_frame(const void *row, smtpx_cell *cell)
{
    uint32_t frame = smtp_result_ends_in(((const mail_row *)row)->transaction);

    smtpx_cell_count(cell, frame > 0 ? frame : ((const mail_row *)row)->last_frame);
}

static void write_time(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, ((const mail_row *)row)->time);
}

static void write_session(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const mail_row *)row)->session->ordinal);
}

static void write_ordinal(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const mail_row *)row)->transaction->ordinal);
}

static void write_end(const smtp_name *name, const smtpx_end *end, smtpx_cell *cell)
{
    if (name)
        smtpx_cell_name(cell, name);
    else
        smtpx_cell_address(cell, &end->host);
}

static void write_client(const void *row, smtpx_cell *cell)
{
    const mail_row *mail = row;

    write_end(mail->facts.client, &mail->session->client, cell);
}

static void write_server(const void *row, smtpx_cell *cell)
{
    const mail_row *mail = row;

    write_end(mail->facts.server, &mail->session->server, cell);
}

static void write_user(const void *row, smtpx_cell *cell)
{
    smtpx_cell_name(cell, ((const mail_row *)row)->facts.user);
}

static void write_tls(const void *row, smtpx_cell *cell)
{
    smtpx_cell_text(cell, ((const mail_row *)row)->layer == SMTPX_LAYER_TLS ? "yes" : "no");
}

static void write_sender(const void *row, smtpx_cell *cell)
{
    const smtp_transaction *transaction = ((const mail_row *)row)->transaction;

    if (!transaction->sender || !transaction->sender->of.address)
        return;
    cell->known = true;
    smtpx_cell_name(cell, transaction->sender->of.address);
}

static void write_recipients(const mail_row *mail, bool accepted, smtpx_cell *cell)
{
    for (const smtp_exchange *at = mail->transaction->recipients; at; at = at->next) {
        if (smtp_recipient_is_served(at) == accepted && at->of.address)
            smtpx_cell_entry(cell, at->of.address);
    }
}

static void write_accepted(const void *row, smtpx_cell *cell)
{
    write_recipients(row, true, cell);
}

static void write_refused(const void *row, smtpx_cell *cell)
{
    write_recipients(row, false, cell);
}

static void write_octets(const void *row, smtpx_cell *cell)
{
    uint64_t octets;

    if (smtp_transaction_octets(((const mail_row *)row)->transaction, &octets))
        smtpx_cell_count(cell, octets);
}

static void write_queue_id(const void *row, smtpx_cell *cell)
{
    smtp_span id;
    const smtp_name *text = smtp_result_queue_id(((const mail_row *)row)->transaction, &id);

    if (text)
        smtpx_cell_octets(cell, text->octets + id.offset, id.length);
}

static void write_status(const void *row, smtpx_cell *cell)
{
    static const char *const statuses[] = {"incomplete", "accepted", "refused", "aborted"};

    smtpx_cell_text(cell, statuses[smtp_transaction_outcome(((const mail_row *)row)->transaction)]);
}

static void write_code(const void *row, smtpx_cell *cell)
{
    const smtp_exchange *decision = smtp_result_decision(((const mail_row *)row)->transaction);

    if (decision && decision->code)
        smtpx_cell_count(cell, decision->code);
}

static void write_reason(const void *row, smtpx_cell *cell)
{
    const smtp_exchange *decision = smtp_result_decision(((const mail_row *)row)->transaction);

    if (decision)
        smtpx_cell_name(cell, smtp_exchange_text(decision));
}

static void write_duration(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, smtp_result_duration(((const mail_row *)row)->transaction));
}

static void write_header(smtpx_value value, smtpx_cell *cell)
{
    char *text = value.octets ? smtpx_words_text(NULL, value.octets, value.length) : NULL;

    if (!text)
        return;
    smtpx_cell_text(cell, text);
    wmem_free(NULL, text);
}

static void write_subject(const void *row, smtpx_cell *cell)
{
    write_header(smtpx_message_header(((const mail_row *)row)->transaction).subject, cell);
}

static void write_message_id(const void *row, smtpx_cell *cell)
{
    write_header(smtpx_message_header(((const mail_row *)row)->transaction).message_id, cell);
}

static void write_begins_in(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const mail_row *)row)->begins_in);
}

static void write_message_in(const void *row, smtpx_cell *cell)
{
    uint32_t frame = smtp_result_message_in(((const mail_row *)row)->transaction);

    if (frame > 0)
        smtpx_cell_count(cell, frame);
}

static void write_time_of_day(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, ((const mail_row *)row)->time_of_day);
}

static void write_client_address(const void *row, smtpx_cell *cell)
{
    smtpx_cell_address(cell, &((const mail_row *)row)->session->client.host);
}

static void write_server_address(const void *row, smtpx_cell *cell)
{
    smtpx_cell_address(cell, &((const mail_row *)row)->session->server.host);
}

static void write_server_port(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const mail_row *)row)->session->server.port);
}

static const smtpx_column columns[] = {
    {"Frame", "frame", SMTPX_CELL_COUNT, false, write_frame},
    {"Time", "time", SMTPX_CELL_SECONDS, false, write_time},
    {"Session", "session", SMTPX_CELL_COUNT, false, write_session},
    {"Mail", "transaction", SMTPX_CELL_COUNT, false, write_ordinal},
    {"Client", "client", SMTPX_CELL_TEXT, false, write_client},
    {"Server", "server", SMTPX_CELL_TEXT, false, write_server},
    {"User", "user", SMTPX_CELL_TEXT, false, write_user},
    {"TLS", "tls", SMTPX_CELL_TEXT, false, write_tls},
    {"Sender", "sender", SMTPX_CELL_TEXT, false, write_sender},
    {"Recipients", "recipients", SMTPX_CELL_LIST, false, write_accepted},
    {"Refused", "refused", SMTPX_CELL_LIST, false, write_refused},
    {"Octets", "octets", SMTPX_CELL_COUNT, false, write_octets},
    {"Queue id", "queue_id", SMTPX_CELL_TEXT, false, write_queue_id},
    {"Status", "status", SMTPX_CELL_TEXT, false, write_status},
    {"Code", "code", SMTPX_CELL_COUNT, false, write_code},
    {"Reason", "reason", SMTPX_CELL_TEXT, false, write_reason},
    {"Duration", "duration", SMTPX_CELL_SECONDS, false, write_duration},
    {"Subject", "subject", SMTPX_CELL_TEXT, false, write_subject},
    {"Message-ID", "message_id", SMTPX_CELL_TEXT, false, write_message_id},
    {"Begins in", "begins_in", SMTPX_CELL_COUNT, true, write_begins_in},
    {"Message in", "message_in", SMTPX_CELL_COUNT, true, write_message_in},
    {"Time of day", "time_epoch", SMTPX_CELL_SECONDS, true, write_time_of_day},
    {"Client's address", "client_address", SMTPX_CELL_TEXT, true, write_client_address},
    {"Server's address", "server_address", SMTPX_CELL_TEXT, true, write_server_address},
    {"Server's port", "server_port", SMTPX_CELL_COUNT, true, write_server_port},
};

/* ---- Rows ---- */

static void begin_row(mail_row *row, packet_info *pinfo, const smtpx_tap_read *read,
                      const smtp_transaction *transaction)
{
    row->transaction = transaction;
    row->session = read->session;
    row->layer = read->layer;
    row->facts = *read->facts;
    row->begins_in = pinfo->num;
    row->time = smtpx_nanoseconds(&pinfo->rel_ts);
    row->time_of_day = smtpx_nanoseconds(&pinfo->abs_ts);
}

/* A unit of the transaction was read, or it is told how it ended. */
static void note(smtpx_rows *rows, packet_info *pinfo, const smtpx_tap_read *read, const smtp_transaction *transaction)
{
    bool is_new;
    mail_row *row = smtpx_rows_find(rows, transaction, &is_new);

    if (is_new)
        begin_row(row, pinfo, read, transaction);
    row->last_frame = pinfo->num;
    if (is_new || smtp_result_ends_in(transaction) == 0)
        smtpx_rows_changed(rows, row);
}

static void read_mails(smtpx_rows *rows, packet_info *pinfo, const void *tapped)
{
    const smtpx_tap_read *read = tapped;

    for (uint32_t i = 0; i < read->count; i++) {
        const smtpx_tap_unit *unit = &read->units[i];
        const smtp_transaction *transaction = smtpx_record_transaction(unit->record);

        if (unit->ended)
            note(rows, pinfo, read, unit->ended);
        if (transaction && transaction != unit->ended)
            note(rows, pinfo, read, transaction);
    }
}

void smtpx_mails_register(void)
{
    static const smtpx_table table = {
        .title = "SMTP Mail Transactions",
        .argument = "smtpx,mail",
        .columns = columns,
        .count = array_length(columns),
        .row_size = sizeof(mail_row),
        .read = read_mails,
    };

    smtpx_window_register(&table);
    smtpx_print_register(&table);
}
