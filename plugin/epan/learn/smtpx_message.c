/* smtpx_message.c
 * The memory of messages: their octets, put together and unstuffed.
 *
 * Wireshark's reassembly tables would keep the order of parts that come in any
 * order.  The parts of a message cannot, and the tables' time grows with the
 * square of their number (4.0: 37 s for 400 KB in segments of 7 octets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_message.h"

#include "plugin/epan/learn/smtpx_kept.h"
#include "plugin/smtp/smtp_suspicion.h"
#include "plugin/smtp/syntax/smtp_body.h"
#include "plugin/smtp/syntax/smtp_header.h"

smtpx_bool smtpx_message_reassemble = true;
unsigned smtpx_message_max_octets = 256 * 1024 * 1024;

/* Where a message grows. It is glib's, as wmem's blocks keep what a growing buffer has left. */
typedef struct growing {
    struct growing *next;
    struct growing **link; /* what points to it */
    uint32_t room;         /* for octets */
    smtpx_message_part parts[SMTPX_MESSAGE_MOST_PARTS];
    uint8_t octets[];
} growing;

/* smtp_transaction.host. Once a message has ended, it stands in one piece of file scope, of its own size; only a
 * large one stays where it grew. */
struct smtpx_message {
    uint8_t *octets; /* raw until a unit ends it, then unstuffed; NULL: none is kept */
    smtpx_message_part *parts;
    uint32_t length;
    uint32_t raw_length; /* of octets, before they were unstuffed; with those of the tail */
    uint32_t end;        /* where its last unit ends; in 32 bits */
    uint32_t parts_used; /* however many are kept */
    smtpx_tail tail;     /* what is not kept behind octets */
    bool grows : 1;      /* octets and parts are of a growing */
    bool cut : 1;        /* no more is kept: octets before what follows are missing, or it is too large */
    bool too_large : 1;
    bool ended : 1;    /* a unit has ended it */
    bool complete : 1; /* all of it is known */
};

enum {
    SHORT = 1 << 16 /* up to so many octets a message is moved when it has ended */
};

static growing *all_growing; /* those that messages grow in, or stay in; NULL: none */
static growing *spare;       /* one of those that no message grows in; NULL: none */

/* May octets of the message be kept, as far as they follow each other? */
static bool is_wanted(const smtp_transaction *transaction)
{
    return smtpx_message_reassemble && !transaction->start_missing && !transaction->elsewhere;
}

/* A tvbuff holds no more than INT_MAX octets. */
static bool is_too_large(const smtp_transaction *transaction)
{
    return transaction->octets > MIN(smtpx_message_max_octets, (unsigned)INT32_MAX);
}

/* How many elements there shall be room for when so many are wanted. */
static uint32_t grown(uint32_t room, uint32_t wanted)
{
    return room > UINT32_MAX / 2 ? UINT32_MAX : MAX(wanted, room * 2);
}

/* ---- Where messages grow ---- */

static void link_in(growing *where)
{
    where->next = all_growing;
    where->link = &all_growing;
    if (all_growing)
        all_growing->link = &where->next;
    all_growing = where;
}

static void unlink_from(growing *where)
{
    *where->link = where->next;
    if (where->next)
        where->next->link = where->link;
}

static growing *begin_growing(void)
{
    enum {
        FIRST = 4096 /* what a short mail needs */
    };
    growing *where = spare;

    spare = NULL;
    if (!where) {
        where = g_malloc(sizeof *where + FIRST);
        where->room = FIRST;
    }
    link_in(where);
    return where;
}

/* @return where it is now */
static growing *resize(growing *where, uint32_t room)
{
    unlink_from(where);
    where = g_realloc(where, sizeof *where + room);
    where->room = room;
    link_in(where);
    return where;
}

/* Nothing grows there any more. */
static void end_growing(growing *where)
{
    unlink_from(where);
    if (spare || where->room > SHORT)
        g_free(where);
    else
        spare = where;
}

static void forget_capture(void)
{
    growing *next;

    for (growing *where = all_growing; where; where = next) {
        next = where->next;
        g_free(where);
    }
    all_growing = NULL;
    g_free(spare);
    spare = NULL;
}

void smtpx_message_register(void)
{
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
}

static growing *growing_of(const smtpx_message *message)
{
    DISSECTOR_ASSERT(message->grows && message->octets);
    return (void *)(message->octets - offsetof(growing, octets));
}

static void stand_in(smtpx_message *message, growing *where)
{
    message->grows = true;
    message->octets = where->octets;
    message->parts = where->parts;
}

/* A message has ended: what is kept of it is moved to a piece of its own size. */
static void settle(smtpx_message *message)
{
    growing *where = growing_of(message);
    size_t parts = MIN(message->parts_used, SMTPX_MESSAGE_MOST_PARTS) * sizeof *message->parts;
    uint8_t *piece;

    if (message->length > SHORT) {
        stand_in(message, resize(where, message->length));
        return;
    }
    piece = smtpx_take(parts + message->length);
    message->parts = (void *)memcpy(piece, where->parts, parts);
    message->octets = memcpy(piece + parts, where->octets, message->length);
    message->grows = false;
    end_growing(where);
}

/* ---- Putting together ---- */

static void give_up(smtp_transaction *transaction)
{
    smtpx_message *message = transaction->host;

    if (message->octets)
        smtpx_heading_keep_start(transaction, message->octets, message->length);
    message->length = 0;
    if (message->grows)
        settle(message);
    message->octets = NULL;
    message->cut = message->too_large = true;
}

static void add_octets(smtpx_message *message, const uint8_t *octets, uint32_t length)
{
    enum {
        /* Between these sizes room grows by four: all is copied each time, and what is not used is not taken yet. */
        FEW = 1 << 16,
        MANY = 1 << 20
    };
    growing *where = message->grows ? growing_of(message) : begin_growing();
    uint32_t room = where->room;

    if (room - message->length < length)
        where = resize(where, grown(room >= FEW && room < MANY ? room * 2 : room, message->length + length));
    stand_in(message, where);
    memcpy(where->octets + message->length, octets, length);
    message->length += length;
}

static void add_part(smtpx_message *message, smtpx_message_part part)
{
    if (message->parts_used++ < SMTPX_MESSAGE_MOST_PARTS)
        message->parts[message->parts_used - 1] = part;
}

static void append(const smtpx_collector *collector, uint32_t frame)
{
    smtp_transaction *transaction = collector->transaction;
    smtpx_message *message = transaction->host;

    if (!message)
        message = transaction->host = smtpx_take0(sizeof *message);
    /* For the server it was over before. */
    if (message->ended)
        return;
    message->end = (uint32_t)collector->offset + collector->length;
    if (is_too_large(transaction) && !message->too_large)
        give_up(transaction);
    if (!is_wanted(transaction) || collector->offset != message->length)
        message->cut = true;
    if (message->cut) {
        if (collector->offset == 0)
            smtpx_heading_keep_start(transaction, collector->octets, collector->length);
        return;
    }
    add_octets(message, collector->octets, collector->length);
    add_part(message, (smtpx_message_part){frame, (uint32_t)collector->offset, collector->length});
    message->raw_length = message->length;
}

void smtpx_message_append_collected(smtpx_collector *collector, const packet_info *pinfo)
{
    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo) && collector->transaction);
    append(collector, pinfo->num);
    collector->transaction = NULL;
}

/* A unit ends it: takes off what belongs to the end of data, and the stuffed dots. */
static void end(const smtp_transaction *transaction)
{
    smtpx_message *message = transaction->host;
    uint32_t length;

    if (!message)
        return;
    message->ended = true;
    if (!message->octets)
        return;
    message->complete =
        is_wanted(transaction) && !smtp_rare_of(transaction)->missing && message->length >= transaction->octets;
    length = (uint32_t)MIN(message->length, transaction->octets);
    message->raw_length = length;
    if (!transaction->chunked && transaction->stuffed_lines > 0)
        length = smtp_body_unstuff(message->octets, length, transaction->lf_ends_line, message->octets);
    message->length = length;
    if (message->grows)
        settle(message);
}

/* Is the last part of a message in hand with its end, so that it need not be kept?  All before it is, what the header
 * says among that, and no server has read it as anything else. */
static bool may_leave_out(const smtpx_collector *collector)
{
    const smtp_transaction *transaction = collector->transaction;
    const smtpx_message *message = transaction->host;

    return message && message->grows && !message->cut && !message->ended && is_wanted(transaction) &&
           !smtp_rare_of(transaction)->missing && !smtp_rare_of(transaction)->suspicion && !transaction->reread &&
           (transaction->chunked || transaction->stuffed_lines == 0) && collector->offset == message->length &&
           transaction->octets == (uint64_t)message->length + collector->length && transaction->octets <= SHORT &&
           !is_too_large(transaction) && smtp_header_ends(message->octets, message->length);
}

/* Ends a message of which the last part is in hand. */
static void leave_out(const smtpx_collector *collector, uint32_t frame)
{
    smtpx_message *message = collector->transaction->host;
    uint32_t kept;

    message->tail = smtpx_tail_of(collector->octets, collector->length);
    kept = collector->length - message->tail.length;
    if (kept > 0)
        add_octets(message, collector->octets, kept);
    add_part(message, (smtpx_message_part){frame, (uint32_t)collector->offset, collector->length});
    message->raw_length = message->end = message->length + message->tail.length;
    message->ended = message->complete = true;
    settle(message);
}

void smtpx_message_remark(smtp_unit *unit)
{
    const smtp_transaction *transaction = unit->transaction;

    if (!unit->ends_message)
        return;
    DISSECTOR_ASSERT(transaction);
    if (smtp_rare_of(transaction)->missing)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_MESSAGE_GAP);
    else if (transaction->elsewhere)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_MESSAGE_ELSEWHERE);
    else if (smtpx_message_reassemble && transaction->parts > 1 && is_too_large(transaction))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_MESSAGE_SIZE);
    if (transaction->header_lf)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_MESSAGE_LF);
}

void smtpx_message_collect(smtpx_collector *collector, const packet_info *pinfo, const smtp_unit *unit,
                           const uint8_t *octets)
{
    bool is_message = unit->role == SMTP_ROLE_MESSAGE;

    if (is_message || !unit->ends_message)
        smtpx_message_append(collector, pinfo);
    if (is_message)
        *collector = (smtpx_collector){unit->transaction, octets, unit->message_offset, unit->length};
    if (!unit->ends_message)
        return;
    /* All of it is in hand in one piece: it need not be kept. */
    if (unit->transaction->parts <= 1 && (collector->transaction || unit->transaction->parts == 0)) {
        if (collector->transaction && collector->offset == 0)
            smtpx_heading_keep(collector->transaction, pinfo, collector->octets, collector->length);
        collector->transaction = NULL;
        return;
    }
    if (collector->transaction && may_leave_out(collector)) {
        leave_out(collector, pinfo->num);
        collector->transaction = NULL;
        return;
    }
    smtpx_message_append(collector, pinfo);
    end(unit->transaction);
}

/* ---- What a server has read in a message ---- */

/* It took a look-alike for the end, and the message had ended otherwise before. */
static void shorten(const smtp_transaction *transaction)
{
    smtpx_message *message = transaction->host;
    uint64_t octets;

    if (!message || !message->octets)
        return;
    smtp_transaction_octets(transaction, &octets);
    message->length = (uint32_t)MIN(message->length, octets);
    message->tail.length = (uint32_t)MIN(message->tail.length, octets - message->length);
    message->raw_length = (uint32_t)MIN(message->raw_length, transaction->octets);
    while (message->parts_used > 1 && message->parts_used <= SMTPX_MESSAGE_MOST_PARTS &&
           message->parts[message->parts_used - 1].offset >= message->raw_length)
        message->parts_used--;
}

static void learn_reread(const smtp_suspicion *suspicion, const smtp_reread *reread)
{
    const smtp_unit *unit = &reread->unit;
    smtpx_collector part = {unit->transaction, smtp_suspicion_octets(suspicion, reread->start), unit->message_offset,
                            unit->length};

    if (unit->role == SMTP_ROLE_MESSAGE)
        append(&part, reread->frame);
    if (unit->ends_message)
        end(unit->transaction);
}

void smtpx_message_reread(const packet_info *pinfo, const smtp_unit *reply)
{
    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo) && reply->reread);
    if (reply->reread_from == 0 && !reply->reread->early && !reply->reread->refused)
        shorten(reply->reread->transaction);
    for (uint32_t i = reply->reread_from; i < reply->reread->unit_count; i++)
        learn_reread(reply->reread, &reply->reread->units[i]);
}

/* ---- For those that look ---- */

const smtpx_message *smtpx_message_of(const smtp_transaction *transaction)
{
    return transaction->host;
}

smtpx_header smtpx_message_header(const smtp_transaction *transaction)
{
    const smtpx_message *message = transaction->host;

    return smtpx_heading_find(transaction, message ? message->octets : NULL, message ? message->length : 0);
}

smtpx_trace smtpx_message_trace(const smtp_transaction *transaction)
{
    const smtpx_message *message = transaction->host;

    return smtpx_heading_trace(transaction, message ? message->octets : NULL, message ? message->length : 0,
                               message && message->complete ? &message->tail : NULL);
}

bool smtpx_message_is_complete(const smtpx_message *message)
{
    return message->complete;
}

bool smtpx_message_has_ended(const smtpx_message *message)
{
    return message->ended;
}

const uint8_t *smtpx_message_octets(const smtpx_message *message)
{
    return message->octets;
}

uint32_t smtpx_message_length(const smtpx_message *message)
{
    return message->length;
}

uint32_t smtpx_message_tail(const smtpx_message *message)
{
    return message->tail.length;
}

uint32_t smtpx_message_raw_length(const smtpx_message *message)
{
    return message->raw_length;
}

uint32_t smtpx_message_end(const smtpx_message *message)
{
    return message->end;
}

uint32_t smtpx_message_parts(const smtpx_message *message)
{
    return message->parts_used;
}

smtpx_message_part smtpx_message_part_at(const smtpx_message *message, uint32_t index)
{
    DISSECTOR_ASSERT(index < message->parts_used && index < SMTPX_MESSAGE_MOST_PARTS);
    return message->parts[index];
}
