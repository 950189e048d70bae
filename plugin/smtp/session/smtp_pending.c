/* smtp_pending.c
 * Exchanges without a reply, and which of them may have been answered.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_pending.h"

#include <assert.h>

#include "smtp_transaction.h"

void smtp_pending_add(smtp_pending *pending, smtp_exchange *exchange)
{
    if (pending->newest)
        pending->newest->next = exchange;
    else
        pending->oldest = exchange;
    pending->newest = exchange;
    pending->count++;
}

void smtp_pending_remove_oldest(smtp_pending *pending)
{
    const smtp_exchange *removed = pending->oldest;

    assert(removed && pending->count > 0);
    pending->count--;
    if (pending->sure == removed)
        pending->sure = NULL;
    if (pending->last == removed)
        pending->last = NULL;
    if (pending->refused == removed)
        pending->refused = NULL;
    pending->oldest = removed->next;
    if (pending->oldest)
        return;
    pending->newest = NULL;
    pending->codeless = (smtp_codeless){.count = 0};
}

static void end_doubt(smtp_pending *pending)
{
    pending->doubt = false;
    pending->sure = pending->last = NULL;
    pending->unexpected = 0;
}

/* All up to this one is answered. */
static smtp_exchange *drop_to(smtp_pending *pending, const smtp_exchange *last)
{
    smtp_exchange *dropped = NULL;

    while (last && dropped != last) {
        dropped = pending->oldest;
        smtp_transaction_miss(dropped->transaction);
        smtp_pending_remove_oldest(pending);
    }
    return dropped;
}

smtp_exchange *smtp_pending_drop_all(smtp_pending *pending)
{
    smtp_exchange *dropped = drop_to(pending, pending->newest);

    end_doubt(pending);
    return dropped;
}

/* A place of doubt behind what is sure; how many replies two of them have, nobody knows. */
static void begin_doubt(smtp_pending *pending, const smtp_exchange *sure, const smtp_exchange *last, uint64_t most)
{
    pending->sure = sure;
    pending->last = last;
    pending->most = pending->doubt || most > SMTP_PENDING_ANY ? SMTP_PENDING_ANY : (uint32_t)most;
    pending->doubt = true;
}

void smtp_pending_miss_commands(smtp_pending *pending, uint64_t most)
{
    /* Replies that nothing waited for were theirs. */
    uint32_t answered = pending->oldest || pending->doubt ? 0 : pending->unexpected;
    /* Of two places of doubt the first counts. */
    bool more = pending->doubt;

    if (most > answered)
        begin_doubt(pending, more ? pending->sure : pending->newest, more ? pending->last : NULL, most - answered);
    pending->unexpected = answered;
}

bool smtp_pending_has_to_wait(const smtp_exchange *exchange)
{
    switch (exchange->verb) {
    case SMTP_VERB_DATA:
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_LHLO:
    case SMTP_VERB_AUTH:
    case SMTP_VERB_AUTH_ANSWER:
    case SMTP_VERB_STARTTLS:
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
    case SMTP_VERB_NOOP:
    case SMTP_VERB_QUIT:
        return true;
    default:
        return false;
    }
}

static uint32_t count_to(const smtp_pending *pending, const smtp_exchange *last)
{
    uint32_t count = 0;

    for (const smtp_exchange *exchange = pending->oldest; exchange; exchange = exchange->next) {
        count++;
        if (exchange == last)
            return count;
    }
    return 0;
}

smtp_exchange *smtp_pending_miss_replies(smtp_pending *pending, const smtp_exchange *last, uint32_t least, bool went_on)
{
    uint32_t count = count_to(pending, last);

    if (count == 0)
        return NULL;
    if (pending->doubt || (least < count && !(went_on && (!pending->pipelined || smtp_pending_has_to_wait(last))))) {
        begin_doubt(pending, NULL, last, count - least);
        return NULL;
    }
    return drop_to(pending, last);
}

void smtp_pending_lose_count(smtp_pending *pending)
{
    begin_doubt(pending, NULL, pending->newest, SMTP_PENDING_ANY);
}

void smtp_pending_prove(smtp_pending *pending, const smtp_exchange *exchange)
{
    while (pending->oldest != exchange) {
        smtp_transaction_miss(pending->oldest->transaction);
        smtp_pending_remove_oldest(pending);
    }
    end_doubt(pending);
}

void smtp_pending_count(smtp_pending *pending)
{
    if (!smtp_pending_is_doubtful(pending) || pending->most == SMTP_PENDING_ANY || --pending->most > 0)
        return;
    drop_to(pending, pending->last);
    end_doubt(pending);
}

void smtp_pending_in_step(smtp_pending *pending)
{
    bool has_waited =
        pending->pipelined ? pending->newest && smtp_pending_has_to_wait(pending->newest) : pending->unexpected > 0;

    if (pending->doubt && has_waited)
        smtp_pending_drop_all(pending);
}
