/* smtpx_view_message.h
 * Messages: their octets, their end, and the hand-over to Wireshark's IMF
 * dissector.
 *
 * What IMF is given, and so what --export-objects imf writes, is octet for
 * octet what the client's program sent.  A message of which octets are missing
 * is not given to it.  Any pass draws; nothing here changes what is kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_MESSAGE_H
#define SMTPX_VIEW_MESSAGE_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_message_register(int proto);
void smtpx_view_message_handoff(int proto);

/** Octets of a message. */
void smtpx_view_message_part(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** The final dot. */
void smtpx_view_message_end(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** The message that is complete with a unit. */
void smtpx_view_message(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

#endif /* SMTPX_VIEW_MESSAGE_H */
