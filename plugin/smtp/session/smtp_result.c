/* smtp_result.c
 * What became of a transaction, for all that tell of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_result.h"

#include <string.h>

#include "../smtp_suspicion.h"
#include "../syntax/smtp_code.h"
#include "../syntax/smtp_queue_id.h"

const smtp_exchange *smtp_result_decision(const smtp_transaction *transaction)
{
    smtp_status status = smtp_transaction_outcome(transaction);

    return status == SMTP_STATUS_ACCEPTED || status == SMTP_STATUS_REFUSED ? transaction->decided_by : NULL;
}

/* Was a chunk of it refused before the one by which it was decided? */
static bool is_by_chunk(const smtp_transaction *transaction, const smtp_exchange *decision)
{
    bool is_chunk = decision->verb == SMTP_VERB_BDAT || decision->verb == SMTP_VERB_BURL;

    return is_chunk && smtp_rare_of(transaction)->refused_chunk && !transaction->partly_seen &&
           !smtp_exchange_recipient(decision);
}

const smtp_exchange *smtp_result_reason(const smtp_transaction *transaction)
{
    const smtp_exchange *decision = smtp_result_decision(transaction);
    bool taken = smtp_transaction_outcome(transaction) == SMTP_STATUS_ACCEPTED;

    if (taken && decision && !smtp_code_is_completion(decision->code) && smtp_rare_of(transaction)->taken_by)
        return smtp_rare_of(transaction)->taken_by;
    return !taken && decision && is_by_chunk(transaction, decision) ? smtp_rare_of(transaction)->refused_chunk
                                                                    : decision;
}

/* The exchange whose reply is the last of the transaction; NULL: none is. */
static const smtp_exchange *last_of(const smtp_transaction *transaction)
{
    const smtp_exchange *decision = smtp_result_decision(transaction);

    return decision ? decision : transaction->ended_by;
}

/* What a server has read first of it in a message. */
static smtp_moment begin_within(const smtp_suspicion *suspicion, const smtp_transaction *transaction)
{
    for (uint32_t i = 0; i < suspicion->unit_count; i++) {
        if (suspicion->units[i].unit.transaction == transaction)
            return (smtp_moment){suspicion->units[i].frame, suspicion->units[i].time};
    }
    return (smtp_moment){0, 0};
}

smtp_moment smtp_result_begin(const smtp_transaction *transaction)
{
    const smtp_exchange *sender = smtp_transaction_begun_by(transaction);
    const smtp_suspicion *within = smtp_rare_of(transaction)->within;

    if (sender && sender->command_frame)
        return (smtp_moment){sender->command_frame, sender->command_time};
    /* Before it is proven that a refused message was obeyed, nobody knows what stands in it. */
    return within && (!within->refused || within->obeyed) ? begin_within(within, transaction) : (smtp_moment){0, 0};
}

uint32_t smtp_result_ends_in(const smtp_transaction *transaction)
{
    const smtp_exchange *last = last_of(transaction);

    return last ? last->reply_frame : 0;
}

uint32_t smtp_result_message_in(const smtp_transaction *transaction)
{
    if (transaction->status != SMTP_STATUS_INCOMPLETE)
        return transaction->message_in;
    return transaction->phase == SMTP_PHASE_WHOLE ? transaction->last_frame : 0;
}

int64_t smtp_result_duration(const smtp_transaction *transaction)
{
    const smtp_exchange *last = last_of(transaction);
    const smtp_exchange *sender = smtp_transaction_begun_by(transaction);

    if (!last || !last->reply_frame || !sender || !sender->command_frame)
        return SMTP_DURATION_UNKNOWN;
    return smtp_span_of_time(sender->command_time, smtp_exchange_reply_time(last));
}

/* The line of a text that begins at an offset. */
static smtp_span line_at(const smtp_name *text, uint32_t start)
{
    const uint8_t *end = memchr(text->octets + start, '\n', text->length - start);

    return smtp_span_between(start, end ? (uint32_t)(end - text->octets) : text->length);
}

/* The exchange whose reply names it for all who get it; NULL: there is none. Where each recipient is answered (RFC
 * 2033, 4.2) there is one if nobody else gets it. */
static const smtp_exchange *named_by(const smtp_transaction *transaction)
{
    const smtp_exchange *decision = smtp_result_decision(transaction);

    if (!decision || transaction->status != SMTP_STATUS_ACCEPTED)
        return NULL;
    if (!smtp_exchange_recipient(decision))
        return decision;
    return transaction->accepted == 1 && !transaction->partly_seen ? smtp_result_reason(transaction) : NULL;
}

const smtp_name *smtp_result_queue_id(const smtp_transaction *transaction, smtp_span *id)
{
    const smtp_exchange *named = named_by(transaction);
    const smtp_name *text = named ? smtp_exchange_text(named) : NULL;
    smtp_span line = {0, 0};

    if (!text)
        return NULL;
    for (uint32_t start = 0; start < text->length; start = smtp_span_end(line) + 1) {
        line = line_at(text, start);
        if (smtp_queue_id(text->octets, line, named->cut && smtp_span_end(line) == text->length, id))
            return text;
    }
    return NULL;
}

smtp_span smtp_result_enhanced(const smtp_exchange *exchange)
{
    const smtp_name *text = smtp_exchange_text(exchange);
    smtp_enhanced enhanced;

    if (!text || !smtp_enhanced_parse(text->octets, line_at(text, 0), exchange->code, &enhanced))
        return (smtp_span){0, 0};
    return enhanced.whole;
}

const smtp_exchange *smtp_result_unreported(const smtp_transaction *transaction)
{
    if (transaction->ended_by || !smtp_rare_of(transaction)->taken_by)
        return NULL;
    return smtp_rare_of(transaction)->reported ? smtp_rare_of(transaction)->reported->next : transaction->recipients;
}
