/* smtpx_view_exchange.h
 * What is known of a unit from elsewhere: its partner, and the times between them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_EXCHANGE_H
#define SMTPX_VIEW_EXCHANGE_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_exchange_register(int proto);

/** Does anybody look at a field that is drawn here? */
bool smtpx_view_exchange_is_wanted(const smtpx_cursor *at);

/** The reply to a command. @param exchange  may be NULL */
void smtpx_view_command_pair(const smtpx_view *view, const smtpx_cursor *at, const smtp_exchange *exchange);

/** "550 5.1.1 User unknown"; of a reply whose text is not kept, its code. */
char *smtpx_view_reply_text(wmem_allocator_t *pool, const smtp_exchange *exchange);

/** The client's pause before a command or an answer. */
void smtpx_view_wait(const smtpx_cursor *at, const smtpx_record *record);

/** The command that a reply answers, the recipient that it is about, and the time between them, which is that of the
 * reply's first octet: the rest of a reply that was read in parts has none. @param exchange  may be NULL */
void smtpx_view_reply_pair(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record,
                           const smtp_exchange *exchange);

/** Whether this command or reply starts TLS. */
void smtpx_view_starttls(const smtpx_cursor *at, bool starts);

#endif /* SMTPX_VIEW_EXCHANGE_H */
