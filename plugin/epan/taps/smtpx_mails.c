/* smtpx_mails.c
 * The table of mails.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_mails.h"

#include "plugin/epan/learn/smtpx_hops.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/epan/learn/smtpx_words.h"
#include "plugin/epan/taps/smtpx_print.h"
#include "plugin/epan/taps/smtpx_tap.h"
#include "plugin/epan/taps/smtpx_window.h"
#include "plugin/smtp/session/smtp_result.h"

/* ---- Columns ---- */

static void write_frame(const void *row, smtpx_cell *cell)
{
    uint32_t frame = smtp_result_ends_in(((const smtpx_mail *)row)->transaction);

    smtpx_cell_count(cell, frame > 0 ? frame : ((const smtpx_mail *)row)->last_frame);
}

/* Of where the transaction begins: that may be known later than its first unit is told. */
static int64_t time_of_day(const smtpx_mail *mail)
{
    smtp_moment begin = smtp_result_begin(mail->transaction);

    return begin.frame ? begin.time : mail->time_of_day;
}

static void write_time(const void *row, smtpx_cell *cell)
{
    const smtpx_mail *mail = row;

    smtpx_cell_span(cell, mail->time + (time_of_day(mail) - mail->time_of_day));
}

static void write_session(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const smtpx_mail *)row)->session->ordinal);
}

static void write_ordinal(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const smtpx_mail *)row)->transaction->ordinal);
}

static void write_end(const smtp_name *name, const address *host, smtpx_cell *cell)
{
    if (name)
        smtpx_cell_name(cell, name);
    else
        smtpx_cell_address(cell, host);
}

static void write_client(const void *row, smtpx_cell *cell)
{
    const smtpx_mail *mail = row;

    write_end(mail->facts.client, mail->session->hosts[SMTP_CLIENT], cell);
}

static void write_server(const void *row, smtpx_cell *cell)
{
    const smtpx_mail *mail = row;

    write_end(mail->facts.server, mail->session->hosts[SMTP_SERVER], cell);
}

static void write_user(const void *row, smtpx_cell *cell)
{
    smtpx_cell_name(cell, ((const smtpx_mail *)row)->facts.user);
}

static void write_tls(const void *row, smtpx_cell *cell)
{
    smtpx_cell_text(cell, ((const smtpx_mail *)row)->layer == SMTPX_LAYER_TLS ? "yes" : "no");
}

static void write_sender(const void *row, smtpx_cell *cell)
{
    const smtp_transaction *transaction = ((const smtpx_mail *)row)->transaction;
    const smtp_exchange *sender = smtp_transaction_sender(transaction);

    if (!sender || !smtp_exchange_name(sender))
        return;
    cell->known = true;
    smtpx_cell_name(cell, smtp_exchange_name(sender));
}

static void write_recipients(const smtpx_mail *mail, bool accepted, smtpx_cell *cell)
{
    const smtp_exchange *unreported = accepted ? smtp_result_unreported(mail->transaction) : NULL;

    for (const smtp_exchange *at = mail->transaction->recipients; at; at = at->next) {
        if (accepted && at == unreported)
            return;
        if (smtp_recipient_is_served(at) == accepted && smtp_exchange_name(at))
            smtpx_cell_entry(cell, smtp_exchange_name(at));
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

    if (smtp_transaction_octets(((const smtpx_mail *)row)->transaction, &octets))
        smtpx_cell_count(cell, octets);
}

static void write_queue_id(const void *row, smtpx_cell *cell)
{
    smtp_span id;
    const smtp_name *text = smtp_result_queue_id(((const smtpx_mail *)row)->transaction, &id);

    if (text)
        smtpx_cell_octets(cell, text->octets + id.offset, id.length);
}

static void write_status(const void *row, smtpx_cell *cell)
{
    smtpx_cell_text(cell, smtp_status_name(smtp_transaction_outcome(((const smtpx_mail *)row)->transaction)));
}

static void write_code(const void *row, smtpx_cell *cell)
{
    const smtp_exchange *reason = smtp_result_reason(((const smtpx_mail *)row)->transaction);

    if (reason && reason->code)
        smtpx_cell_count(cell, reason->code);
}

static void write_reason(const void *row, smtpx_cell *cell)
{
    const smtp_exchange *reason = smtp_result_reason(((const smtpx_mail *)row)->transaction);

    if (reason)
        smtpx_cell_name(cell, smtp_exchange_text(reason));
}

static void write_duration(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, smtp_result_duration(((const smtpx_mail *)row)->transaction));
}

static void write_header(smtpx_value value, smtpx_cell *cell)
{
    char *text = value.octets ? smtpx_words_take(value.octets, value.length) : NULL;

    if (!text)
        return;
    smtpx_cell_text(cell, text);
    wmem_free(NULL, text);
}

static void write_subject(const void *row, smtpx_cell *cell)
{
    write_header(smtpx_message_header(((const smtpx_mail *)row)->transaction).subject, cell);
}

static void write_message_id(const void *row, smtpx_cell *cell)
{
    write_header(smtpx_message_header(((const smtpx_mail *)row)->transaction).message_id, cell);
}

/* Before all was read, what comes is not known. */
static const smtpx_hop *hop_of(const smtpx_mail *mail)
{
    return mail->row.is_final ? smtpx_hop_of(mail->transaction) : NULL;
}

static void write_previous_hop(const void *row, smtpx_cell *cell)
{
    const smtpx_mail *mail = row;
    const smtpx_hop *hop = hop_of(mail);
    const smtpx_hop *previous = hop ? hop->previous : NULL;

    if (!mail->row.is_final)
        previous = smtpx_hop_previous_so_far(mail->transaction);
    if (previous)
        smtpx_cell_count(cell, smtpx_hop_frame(previous));
}

/* Of one alone that goes without saying. */
static void write_deliveries(const void *row, smtpx_cell *cell)
{
    const smtpx_hop *hop = hop_of(row);

    if (hop && smtpx_hop_siblings(hop) > 1)
        smtpx_cell_count(cell, smtpx_hop_siblings(hop));
}

static void write_next_hops(const void *row, smtpx_cell *cell)
{
    const smtpx_hop *hop = hop_of(row);

    for (const smtpx_hop *next = hop ? hop->next : NULL; next; next = next->sibling)
        smtpx_cell_number(cell, smtpx_hop_frame(next));
}

static void write_begins_in(const void *row, smtpx_cell *cell)
{
    uint32_t frame = smtp_result_begin(((const smtpx_mail *)row)->transaction).frame;

    smtpx_cell_count(cell, frame > 0 ? frame : ((const smtpx_mail *)row)->first_frame);
}

static void write_message_in(const void *row, smtpx_cell *cell)
{
    uint32_t frame = smtp_result_message_in(((const smtpx_mail *)row)->transaction);

    if (frame > 0)
        smtpx_cell_count(cell, frame);
}

static void write_time_of_day(const void *row, smtpx_cell *cell)
{
    smtpx_cell_span(cell, time_of_day(row));
}

static void write_client_address(const void *row, smtpx_cell *cell)
{
    smtpx_cell_address(cell, ((const smtpx_mail *)row)->session->hosts[SMTP_CLIENT]);
}

static void write_server_address(const void *row, smtpx_cell *cell)
{
    smtpx_cell_address(cell, ((const smtpx_mail *)row)->session->hosts[SMTP_SERVER]);
}

static void write_server_port(const void *row, smtpx_cell *cell)
{
    smtpx_cell_count(cell, ((const smtpx_mail *)row)->session->ports[SMTP_SERVER]);
}

static void write_remarks(const void *row, smtpx_cell *cell)
{
    smtpx_cell_remarks(cell, &((const smtpx_mail *)row)->remarks);
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
    {"Previous hop", "previous_hop", SMTPX_CELL_COUNT, false, write_previous_hop},
    {"One of", "deliveries", SMTPX_CELL_COUNT, false, write_deliveries},
    {"Next hop", "next_hop", SMTPX_CELL_NUMBERS, false, write_next_hops},
    {"Anomalies", "anomaly", SMTPX_CELL_LIST, false, write_remarks},
    {"Begins in", "begins_in", SMTPX_CELL_COUNT, true, write_begins_in},
    {"Message in", "message_in", SMTPX_CELL_COUNT, true, write_message_in},
    {"Time of day", "time_epoch", SMTPX_CELL_SECONDS, true, write_time_of_day},
    {"Client's address", "client_address", SMTPX_CELL_TEXT, true, write_client_address},
    {"Server's address", "server_address", SMTPX_CELL_TEXT, true, write_server_address},
    {"Server's port", "server_port", SMTPX_CELL_COUNT, true, write_server_port},
};

/* ---- Rows ---- */

void smtpx_mail_begin(smtpx_mail *mail, const packet_info *pinfo, const smtpx_session *session, smtpx_layer layer,
                      const smtp_transaction *transaction)
{
    mail->transaction = transaction;
    mail->session = session;
    mail->layer = layer;
    mail->row.is_final = PINFO_FD_VISITED(pinfo);
    mail->first_frame = mail->last_frame = pinfo->num;
    mail->time = smtpx_nanoseconds(&pinfo->rel_ts);
    mail->time_of_day = smtpx_nanoseconds(&pinfo->abs_ts);
}

/* A unit of the transaction was read, or it is told how it ended. */
static smtpx_mail *note(smtpx_rows *rows, packet_info *pinfo, const smtpx_tap_read *read,
                        const smtp_transaction *transaction)
{
    bool is_new;
    smtpx_mail *row = smtpx_rows_find(rows, transaction, &is_new);

    if (is_new) {
        smtpx_mail_begin(row, pinfo, read->session, read->layer, transaction);
        row->facts = *read->facts;
    }
    row->last_frame = pinfo->num;
    if (rows->show && (is_new || smtp_result_ends_in(transaction) == 0))
        smtpx_rows_changed(rows, row);
    return row;
}

/* A unit of a mail is odd. */
static void note_remarks(smtpx_rows *rows, smtpx_mail *row, const smtpx_tap_unit *unit)
{
    smtp_remarks remarks = smtpx_tap_remarks(unit);

    if (!smtp_remarks_any(&remarks))
        return;
    smtp_remarks_join(&row->remarks, &remarks);
    smtpx_rows_changed(rows, row);
}

/* Mails were found in another one, which later passes know from its message on. */
static void note_reread(smtpx_rows *rows, packet_info *pinfo, const smtpx_tap_read *read, const smtpx_tap_unit *unit)
{
    const smtp_suspicion *suspicion = smtpx_tap_proved(unit);
    const smtp_transaction *reread;

    smtp_remarks_add(&note(rows, pinfo, read, suspicion->transaction)->remarks,
                     suspicion->refused ? SMTP_REMARK_MESSAGE_OBEYED : SMTP_REMARK_LOOKALIKE_END);
    for (uint32_t at = 0; (reread = smtpx_tap_next_reread(suspicion, &at));)
        note(rows, pinfo, read, reread);
}

static void read_mails(smtpx_rows *rows, packet_info *pinfo, const void *tapped)
{
    const smtpx_tap_read *read = tapped;

    for (uint32_t i = 0; i < read->count; i++) {
        const smtpx_tap_unit *unit = &read->units[i];
        const smtp_transaction *transaction = smtpx_record_transaction(unit->record);

        if (unit->ended && transaction != unit->ended)
            note(rows, pinfo, read, unit->ended);
        if (smtpx_tap_proved(unit))
            note_reread(rows, pinfo, read, unit);
        if (!transaction)
            transaction = unit->within;
        if (transaction && !transaction->none)
            note_remarks(rows, note(rows, pinfo, read, transaction), unit);
    }
}

/* On a first pass this is known when the capture was read. */
static bool is_none(const void *row)
{
    return ((const smtpx_mail *)row)->transaction->none;
}

const smtpx_tap_table smtpx_mails_table = {
    .title = "SMTP Mail Transactions",
    .argument = "smtpx,mail",
    .columns = columns,
    .count = array_length(columns),
    .row_size = sizeof(smtpx_mail),
    .read = read_mails,
    .is_none = is_none,
};

void smtpx_mails_register(void)
{
    smtpx_window_register(&smtpx_mails_table);
    smtpx_print_register(&smtpx_mails_table);
}
