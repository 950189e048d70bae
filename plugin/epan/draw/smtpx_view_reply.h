/* smtpx_view_reply.h
 * Replies and enhanced status codes: RFC 5321, 4.2; RFC 2034; RFC 3463.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_REPLY_H
#define SMTPX_VIEW_REPLY_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_reply_register(int proto);

void smtpx_view_reply(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

#endif /* SMTPX_VIEW_REPLY_H */
