/* smtpx_message.h
 * Messages: reassembly, dot-unstuffing, and the hand-over to Wireshark's IMF
 * dissector.
 *
 * What IMF is given, and so what --export-objects imf writes, is octet for
 * octet what the client's program sent.  A message of which octets are missing
 * is not given to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_MESSAGE_H
#define SMTPX_MESSAGE_H

#include "plugin/epan/draw/smtpx_view.h"

/** The preferences smtpx.reassemble_messages and smtpx.max_message_octets. */
extern smtpx_bool smtpx_message_reassemble;
extern unsigned smtpx_message_max_octets;

/** Message octets of one call of the dissector that are not with their message
 *  yet: those that turn out to be all of it, or its last, are not copied twice.
 *  Zeroed: none. */
typedef struct smtpx_collector {
    const smtpx_record *record;
    uint32_t offset;
} smtpx_collector;

void smtpx_message_register(int proto);
void smtpx_message_handoff(int proto);

/** Takes a record that was just learned into account. First pass only. */
void smtpx_message_collect(smtpx_collector *collector, const smtpx_view *view, uint32_t offset,
                           const smtpx_record *record);

/** Puts what was collected with its message. First pass only. */
void smtpx_message_append_collected(smtpx_collector *collector, const smtpx_view *view);

/** The same; nothing may have been collected. */
static inline void smtpx_message_append(smtpx_collector *collector, const smtpx_view *view)
{
    if (collector->record)
        smtpx_message_append_collected(collector, view);
}

/** Draws octets of a message. */
void smtpx_message_view_chunk(smtpx_view *view, uint32_t offset, const smtpx_record *record);

/** Draws the final dot. */
void smtpx_message_view_end(smtpx_view *view, uint32_t offset, const smtpx_record *record);

/** Draws the message that is complete with the unit at an offset. */
void smtpx_message_view(smtpx_view *view, uint32_t offset, const smtpx_record *record);

#endif /* SMTPX_MESSAGE_H */
