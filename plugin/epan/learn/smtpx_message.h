/* smtpx_message.h
 * The memory of messages: their octets, put together and unstuffed.
 *
 * The octets of a message are appended to one buffer as they are learned, up to
 * the first that is missing, and unstuffed there with the last one, so each is
 * copied once.  A message that is too large is given up.  What stands in one piece in a
 * tvbuff with the end of its message is handed over with it on each pass, and is not kept: all
 * of a short message, or the last part of a longer one.  Of that only what its header says is
 * kept, and its fingerprint.  Only the first pass changes the memory; any pass may look.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_MESSAGE_H
#define SMTPX_MESSAGE_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/learn/smtpx_heading.h"
#include "plugin/smtp/session/smtp_session.h"

/** The preferences smtpx.reassemble_messages and smtpx.max_message_octets. */
extern smtpx_bool smtpx_message_reassemble;
extern unsigned smtpx_message_max_octets;

void smtpx_message_register(void);

/** A message that is being put together, or was. */
typedef struct smtpx_message smtpx_message;

/** Of more parts than these only their number is known: each is a row for whoever looks. */
enum {
    SMTPX_MESSAGE_MOST_PARTS = 100
};

/** A part of a message. */
typedef struct smtpx_message_part {
    uint32_t frame;
    uint32_t offset; /**< in the message, raw */
    uint32_t length;
} smtpx_message_part;

/** The octets of one unit that are not with their message yet. Where they turn
 *  out to be all of it, they are not copied. Zeroed: none. */
typedef struct smtpx_collector {
    smtp_transaction *transaction; /**< NULL: none */
    const uint8_t *octets;
    uint64_t offset; /**< in the message, raw */
    uint32_t length;
} smtpx_collector;

/** Takes a unit into account that was just learned. First pass only.
 *  @param octets  of the unit; they must stay until smtpx_message_append() */
void smtpx_message_collect(smtpx_collector *collector, const packet_info *pinfo, const smtp_unit *unit,
                           const uint8_t *octets);

/** Adds the remarks on a message to the unit that ends it, if the unit does. First pass only. */
void smtpx_message_remark(smtp_unit *unit);

/** Puts what was collected with its message. First pass only. */
void smtpx_message_append_collected(smtpx_collector *collector, const packet_info *pinfo);

/** The same; nothing may have been collected. */
static inline void smtpx_message_append(smtpx_collector *collector, const packet_info *pinfo)
{
    if (collector->transaction)
        smtpx_message_append_collected(collector, pinfo);
}

/** Takes into account what a server has read in a message, as a reply proves. First pass only.
 *  @param reply  of which smtp_unit.reread is not NULL */
void smtpx_message_reread(const packet_info *pinfo, const smtp_unit *reply);

/** The message of a transaction; NULL when nothing is kept of it. */
const smtpx_message *smtpx_message_of(const smtp_transaction *transaction);

/** What the header of a transaction's message says, as far as it was seen. It is looked for where the
 *  octets are kept; of others it was kept when they were in hand. */
smtpx_header smtpx_message_header(const smtp_transaction *transaction);

/** Of a transaction's message, found where the octets are kept: each of them is looked at. */
smtpx_trace smtpx_message_trace(const smtp_transaction *transaction);

/** Is all of it there? */
bool smtpx_message_is_complete(const smtpx_message *message);

/** Has a unit ended it, so that dots are unstuffed?  Of a message that none did, only a
 *  pass behind the first knows that the connection or the capture ends in it. */
bool smtpx_message_has_ended(const smtpx_message *message);

/** Its octets, up to the first that is missing, but for its tail. NULL: none is kept. */
const uint8_t *smtpx_message_octets(const smtpx_message *message);

/** How many octets are kept. */
uint32_t smtpx_message_length(const smtpx_message *message);

/** How many stand behind those that are kept, right before the end of the unit that ends it: whoever has that unit in
 *  hand has them, too. Their dots are not stuffed. */
uint32_t smtpx_message_tail(const smtpx_message *message);

/** How many they were as they were sent. */
uint32_t smtpx_message_raw_length(const smtpx_message *message);

/** Where in the message its last unit ends, raw; in 32 bits, as a record has it. */
uint32_t smtpx_message_end(const smtpx_message *message);

/** How many parts it was put together from. */
uint32_t smtpx_message_parts(const smtpx_message *message);

/** One of its first parts, in the order of the stream.
 *  @param index  below SMTPX_MESSAGE_MOST_PARTS, too */
smtpx_message_part smtpx_message_part_at(const smtpx_message *message, uint32_t index);

#endif /* SMTPX_MESSAGE_H */
