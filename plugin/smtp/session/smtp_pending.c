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
    pending->with_end = pending->with_end || smtp_exchange_ends_message(exchange);
}

void smtp_pending_note_end(smtp_pending *pending)
{
    pending->with_end = true;
}

void smtp_pending_put_first(smtp_pending *pending, smtp_exchange *first, smtp_exchange *last, uint32_t count)
{
    last->next = pending->oldest;
    pending->oldest = first;
    if (!pending->newest)
        pending->newest = last;
    pending->count += count;
    pending->with_end = true;
}

void smtp_pending_remove_oldest(smtp_pending *pending)
{
    const smtp_exchange *removed = pending->oldest;

    assert(removed && pending->count > 0);
    pending->count--;
    if (pending->sure == removed)
        pending->sure = NULL;
    if (pending->refused == removed)
        pending->refused = NULL;
    pending->oldest = removed->next;
    if (pending->oldest)
        return;
    pending->newest = NULL;
    pending->with_end = false;
    pending->codeless = (smtp_codeless){.count = 0};
}

void smtp_pending_remove(smtp_pending *pending, const smtp_exchange *exchange)
{
    smtp_exchange *before = pending->oldest;

    if (before && before == exchange) {
        smtp_pending_remove_oldest(pending);
        return;
    }
    while (before && before->next != exchange)
        before = before->next;
    if (!before || !exchange)
        return;
    before->next = exchange->next;
    pending->count--;
    if (pending->newest == exchange)
        pending->newest = before;
}

static void end_doubt(smtp_pending *pending)
{
    pending->doubt = false;
    pending->sure = NULL;
    pending->unexpected = pending->of_missing = 0;
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

/* ---- The place of doubt ---- */

/* A place of doubt behind this one, where as yet nothing is in doubt. */
static void begin_doubt(smtp_pending *pending, const smtp_exchange *sure)
{
    pending->doubt = true;
    pending->sure = sure;
    pending->first = pending->last = 1;
}

/* How many replies an exchange gets at most: of LMTP, a message gets one for each recipient (RFC 2033, 4.2). */
static int64_t most_replies(const smtp_exchange *exchange)
{
    const smtp_transaction *transaction;

    if (!smtp_exchange_ends_message(exchange))
        return 1;
    transaction = smtp_transaction_open(exchange->transaction);
    if (!transaction || !transaction->per_recipient)
        return 1;
    return transaction->partly_seen ? SMTP_PENDING_ANY : transaction->accepted > 1 ? transaction->accepted : 1;
}

int64_t smtp_pending_due(const smtp_exchange *first)
{
    int64_t due = 0;

    for (; first; first = first->next)
        due += most_replies(first);
    return due;
}

/* How many replies are due, up to this exchange; 0: it is not pending. */
static int64_t count_to(const smtp_pending *pending, const smtp_exchange *last)
{
    int64_t count = 0;

    /* Each gets one: thousands are not counted for each reply. */
    if (last == pending->newest && !pending->with_end)
        return pending->count;
    for (const smtp_exchange *exchange = pending->oldest; exchange; exchange = exchange->next) {
        count += most_replies(exchange);
        if (exchange == last)
            return count;
    }
    return 0;
}

/* Forgets what has been answered for certain; the doubt ends where one answer is left.
 * @return what was forgotten last, if nothing is in doubt; NULL: none was, or something is */
static smtp_exchange *narrow(smtp_pending *pending)
{
    smtp_exchange *answered = NULL;

    while (pending->oldest && pending->first > most_replies(pending->oldest)) {
        int64_t replies = most_replies(pending->oldest);

        pending->first -= replies;
        pending->last -= replies;
        answered = pending->oldest;
        smtp_transaction_miss(answered->transaction);
        smtp_pending_remove_oldest(pending);
    }
    if (pending->first != 1 || pending->last != 1)
        return NULL;
    end_doubt(pending);
    return answered;
}

void smtp_pending_miss_commands(smtp_pending *pending, uint64_t most)
{
    /* Replies that nothing waited for were theirs. */
    uint32_t answered = pending->oldest || pending->doubt ? 0 : pending->of_missing;

    if (most <= answered)
        return;
    /* Of two places of doubt the first counts. */
    if (!pending->doubt)
        begin_doubt(pending, pending->newest);
    pending->first -= (int64_t)(most < SMTP_PENDING_ANY ? most : SMTP_PENDING_ANY) - answered;
}

void smtp_pending_miss_start(smtp_pending *pending)
{
    if (!pending->doubt)
        begin_doubt(pending, pending->newest);
    pending->first--;
    /* Nothing was asked behind it yet. */
    if (pending->newest == pending->sure && pending->last > 0)
        pending->last = 0;
}

void smtp_pending_find_late(smtp_pending *pending)
{
    if (pending->of_missing == 0)
        return;
    if (!pending->doubt)
        begin_doubt(pending, pending->newest);
    pending->of_missing--;
    pending->last++;
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

/* So many replies are missing, to what was asked up to a certain one: to so many exchanges. */
static smtp_exchange *miss_in_doubt(smtp_pending *pending, smtp_bounds missing, int64_t asked)
{
    int64_t last;

    /* What was sure is no more. */
    if (!pending->doubt) {
        begin_doubt(pending, NULL);
    } else if (pending->sure) {
        pending->sure = NULL;
        pending->last = 1;
    }
    pending->first += missing.least;
    last = pending->last + missing.most;
    if (last > asked + 1)
        last = asked + 1;
    if (last > pending->last)
        pending->last = last;
    return narrow(pending);
}

/* Is this before the place of doubt? */
static bool is_sure(const smtp_pending *pending, const smtp_exchange *exchange)
{
    const smtp_exchange *sure = pending->oldest;

    while (pending->sure && sure && sure != exchange && sure != pending->sure)
        sure = sure->next;
    return pending->sure && sure == exchange;
}

/* The client has waited for the replies to all up to this one. What is missing before it was answered, too; there
 * may be more behind it. */
static smtp_exchange *answer_to(smtp_pending *pending, const smtp_exchange *last)
{
    bool all_sure = is_sure(pending, last);
    smtp_exchange *answered = drop_to(pending, last);

    if (!pending->doubt || all_sure)
        return answered;
    if (pending->first > 1)
        pending->first = 1;
    pending->last = 1;
    narrow(pending);
    return answered;
}

smtp_exchange *smtp_pending_miss_replies_to(smtp_pending *pending, const smtp_exchange *last)
{
    return count_to(pending, last) > 0 ? answer_to(pending, last) : NULL;
}

smtp_exchange *smtp_pending_miss_replies(smtp_pending *pending, const smtp_exchange *last, smtp_bounds missing,
                                         bool went_on)
{
    int64_t count = count_to(pending, last);
    bool has_waited = went_on && (!pending->pipelined || (last && smtp_pending_has_to_wait(last)));

    if (count == 0 && !pending->doubt)
        return NULL;
    if (count > 0 && (has_waited || (!pending->doubt && missing.least >= count)))
        return answer_to(pending, last);
    return miss_in_doubt(pending, missing, count);
}

void smtp_pending_lose_count(smtp_pending *pending)
{
    if (!pending->doubt)
        begin_doubt(pending, NULL);
    pending->sure = NULL;
    pending->first -= SMTP_PENDING_ANY;
}

void smtp_pending_prove(smtp_pending *pending, const smtp_exchange *exchange)
{
    while (pending->oldest != exchange) {
        smtp_transaction_miss(pending->oldest->transaction);
        smtp_pending_remove_oldest(pending);
    }
    end_doubt(pending);
}

void smtp_pending_limit(smtp_pending *pending, smtp_unseen unseen)
{
    int64_t asked;

    if (unseen == SMTP_UNSEEN_SOME || !smtp_pending_is_doubtful(pending))
        return;
    asked = unseen == SMTP_UNSEEN_ALL ? 0 : count_to(pending, pending->newest);
    if (pending->first > asked || pending->last <= asked)
        return;
    pending->last = asked;
    narrow(pending);
}

void smtp_pending_count(smtp_pending *pending, smtp_unseen unseen)
{
    pending->unexpected++;
    pending->of_missing += unseen == SMTP_UNSEEN_SOME;
    if (!smtp_pending_is_doubtful(pending))
        return;
    pending->first++;
    pending->last++;
    narrow(pending);
}

/* Is it a message that was answered, for nobody knows how many recipients? */
static bool is_answered(const smtp_exchange *exchange)
{
    return exchange && exchange->transaction && smtp_rare_of(exchange->transaction)->finals > 0;
}

void smtp_pending_leave(smtp_pending *pending)
{
    smtp_exchange *message = pending->oldest;

    if (message && message == pending->newest && message->reply_frame && message->transaction && !pending->doubt)
        message->left = !pending->pipelined && message->transaction->phase == SMTP_PHASE_WHOLE;
}

smtp_exchange *smtp_pending_in_step(smtp_pending *pending, bool lost)
{
    bool has_waited = pending->pipelined ? pending->newest && smtp_pending_has_to_wait(pending->newest)
                                         : pending->unexpected > 0 || lost;

    if (!pending->doubt && !pending->pipelined && is_answered(pending->oldest))
        smtp_pending_remove_oldest(pending);
    return pending->doubt && has_waited ? smtp_pending_drop_all(pending) : NULL;
}
