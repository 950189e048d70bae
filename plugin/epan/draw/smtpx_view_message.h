/* smtpx_view_message.h
 * Messages: their octets, their end, and the hand-over to Wireshark's IMF
 * dissector.
 *
 * What IMF is given, and so what --export-objects imf writes, is octet for
 * octet what the client's program sent.  Of a message without an end, or with a
 * hole, it is given what stands before that; that is exported only on demand.
 * Any pass draws; nothing here changes what is kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_MESSAGE_H
#define SMTPX_VIEW_MESSAGE_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_message_register(int proto);

/** Octets of a message. */
void smtpx_view_message_part(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** The final dot. */
void smtpx_view_message_end(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** Is this the last that the capture has of a message which nothing ended?  Only a pass
 *  behind the first knows. */
bool smtpx_view_message_breaks_off(const smtpx_view *view, const smtpx_record *record);

/** The message that ends with a unit, or breaks off in it. */
void smtpx_view_message(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

#endif /* SMTPX_VIEW_MESSAGE_H */
