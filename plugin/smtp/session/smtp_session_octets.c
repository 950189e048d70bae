/* smtp_session_octets.c
 * What is odd in the octets of a message: each kind once for a message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_octets.h"

#include "../syntax/smtp_apart.h"
#include "smtp_transaction.h"

bool smtp_session_knows_announced(const smtp_session *session, const smtp_transaction *transaction)
{
    const smtp_judge *judge = &session->judge;

    return judge->sender && judge->sender == transaction->sender && !smtp_rare_of(transaction)->previous &&
           !judge->unsure;
}

/* Of the octets behind BDAT, which are binary perhaps. */
static void want_of_chunks(const smtp_session *session, bool knows, smtp_remarks *wanted)
{
    if (!knows || session->judge.binary)
        return;
    smtp_remarks_add(wanted, SMTP_REMARK_BARE_CR);
    smtp_remarks_add(wanted, SMTP_REMARK_NUL);
    /* Of a client that ends its commands so it was told. */
    if (!session->client.lf_ends_line)
        smtp_remarks_add(wanted, SMTP_REMARK_BARE_LF);
}

/* Of the lines behind DATA. */
static void want_of_lines(const smtp_session *session, bool knows, smtp_remarks *wanted)
{
    smtp_remarks_add(wanted, SMTP_REMARK_BARE_CR);
    smtp_remarks_add(wanted, SMTP_REMARK_NUL);
    smtp_remarks_add(wanted, SMTP_REMARK_DOT_STUFFING);
    if (!session->client.lf_ends_line)
        smtp_remarks_add(wanted, SMTP_REMARK_BARE_LF);
    if (!(knows && session->judge.binary))
        smtp_remarks_add(wanted, SMTP_REMARK_TEXT_LINE_LENGTH);
}

/* The first octets of a message are in hand. */
static SMTP_APART void begin(smtp_session *session, const smtp_transaction *transaction)
{
    bool knows = smtp_session_knows_announced(session, transaction);
    smtp_remarks wanted = {{0}};

    if (transaction->chunked)
        want_of_chunks(session, knows, &wanted);
    else
        want_of_lines(session, knows, &wanted);
    if (knows && !session->judge.eight_bit)
        smtp_remarks_add(&wanted, SMTP_REMARK_EIGHT_BIT);
    smtp_octets_begin(&session->client.octets, wanted, session->client.lf_ends_line);
    session->client.octets_of = transaction;
}

/* Was its message begun before?  It may be another one's by now, whose MAIL was refused. */
static bool is_begun(const smtp_session *session, const smtp_transaction *transaction)
{
    const smtp_transaction *of = session->client.octets_of;

    return of == transaction || (of && of->given && smtp_rare_of(of)->previous == transaction);
}

static SMTP_APART void keep(smtp_session *session, const smtp_octets_found *found, smtp_unit *unit)
{
    smtp_memory *memory = &session->store.memory;
    smtp_rare *rare = smtp_transaction_rare(session, session->client.transaction);
    smtp_octets_found *kept = rare->found;

    if (!kept)
        kept = rare->found = memory->take(memory->owner, sizeof *kept);
    for (uint32_t i = 0; i < found->count; i++) {
        kept->octets[kept->count++] = found->octets[i];
        smtp_remarks_add(&unit->remarks, found->octets[i].kind);
    }
}

void smtp_session_judge_octets(smtp_session *session, const uint8_t *octets, smtp_unit *unit)
{
    const smtp_transaction *transaction = session->client.transaction;
    smtp_octets_found found;

    if (unit->message_offset == 0 || !is_begun(session, transaction))
        begin(session, transaction);
    /* Who knows where a line begins behind octets that are missing, or whether it is a message still? */
    if (smtp_rare_of(transaction)->missing > 0 || transaction->start_missing ||
        !smtp_remarks_any(&session->client.octets.wanted))
        return;
    found.count = 0;
    smtp_octets_read(&session->client.octets,
                     &(smtp_octets_part){octets, unit->length, session->client.body.unstuffed, unit->message_offset},
                     &found);
    if (found.count > 0)
        keep(session, &found, unit);
}
