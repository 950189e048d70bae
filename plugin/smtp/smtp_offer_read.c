/* smtp_offer_read.c
 * What servers offer is read along with their replies, and kept once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_offer_read.h"

/* May the reply answer EHLO?  Each that may was begun here with its second line, so what is at hand is of no other. */
static bool may_offer(const uint8_t *octets, uint32_t length)
{
    return length > 4 && memcmp(octets, "250-", 4) == 0;
}

/* ---- The same as the last one ---- */

/* Is the rest of the reply in hand, and what the last one said? */
static bool is_said_again(const smtp_offers *offers, const uint8_t *octets, uint32_t length, const smtp_reply *reply)
{
    return offers->length > 0 && reply->lines == 1 && reply->length <= length &&
           offers->length <= length - reply->length && reply->length + offers->length <= SMTP_LONGEST_WAIT &&
           memcmp(offers->said, octets + reply->length, offers->length) == 0;
}

static void take_last(smtp_offers *offers, smtp_reply *reply)
{
    offers->offered = offers->last;
    reply->code_offset = reply->length + offers->last_line;
    reply->lines += offers->lines;
    reply->length += offers->length;
    reply->complete = true;
}

/* Only what nothing is to be said of: then what was found out is all that there is. */
static void remember(smtp_offers *offers, const uint8_t *octets, const smtp_reply *reply)
{
    uint32_t length = reply->length - offers->first;

    if (length > sizeof offers->said || reply->code != 250 || reply->enhanced.length > 0 ||
        smtp_remarks_any(&reply->remarks))
        return;
    offers->last = offers->offered;
    offers->lines = reply->lines - 1;
    offers->last_line = reply->code_offset - offers->first;
    offers->length = length;
    memcpy(offers->said, octets + offers->first, length);
}

/* ---- Line by line ---- */

static void begin(smtp_offers *offers, const void *whose, const smtp_reply *reply)
{
    offers->whose = whose;
    offers->first = offers->read = reply->length;
    offers->offered = (smtp_offer){.keywords = 0};
}

static bool read_lines(smtp_offers *offers, const smtp_input *input, uint32_t scanned, smtp_reply *reply)
{
    uint32_t at = reply->length;
    smtp_reply_line line;

    while (!reply->complete && at < SMTP_LONGEST_WAIT &&
           smtp_reply_read_line(input->octets, input->length, scanned, reply, &line)) {
        if (line.valid)
            smtp_offer_add(&offers->offered, input->octets + at, line.text);
        at = reply->length;
        scanned = 0;
    }
    return reply->complete;
}

bool smtp_offers_read(smtp_offers *offers, const void *whose, const smtp_input *input, uint32_t scanned,
                      smtp_reply *reply)
{
    bool is_along = offers && may_offer(input->octets, input->length);

    if (is_along && reply->lines == 1)
        begin(offers, whose, reply);
    /* Another session's reply may have come between its parts. */
    if (!is_along || offers->whose != whose || offers->read != reply->length)
        return smtp_reply_read(input->octets, input->length, scanned, SMTP_LONGEST_WAIT, reply);
    if (is_said_again(offers, input->octets, input->length, reply))
        take_last(offers, reply);
    else if (read_lines(offers, input, scanned, reply))
        remember(offers, input->octets, reply);
    offers->read = reply->length;
    return reply->complete;
}

/* ---- What is kept ---- */

static bool is_same(const smtp_offer *one, const smtp_offer *other)
{
    return one->keywords == other->keywords && one->mechanisms == other->mechanisms && one->size == other->size;
}

static smtp_offer read_offer(const smtp_offers *offers, const void *whose, const uint8_t *octets, uint32_t length)
{
    if (offers && offers->whose == whose && offers->read == length && may_offer(octets, length))
        return offers->offered;
    return smtp_offer_read(octets, length);
}

const smtp_offer *smtp_offers_keep(const smtp_memory *memory, const void *whose, const uint8_t *octets, uint32_t length)
{
    smtp_offers *offers = memory->offers;
    smtp_offer read = read_offer(offers, whose, octets, length);
    smtp_offer *kept;

    if (offers && offers->kept && is_same(offers->kept, &read))
        return offers->kept;
    kept = memory->take(memory->owner, sizeof *kept);
    *kept = read;
    if (offers)
        offers->kept = kept;
    return kept;
}
