/* smtpx_view_command.h
 * Commands and AUTH answers: RFC 5321, 4.1; RFC 3030; RFC 4954.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_COMMAND_H
#define SMTPX_VIEW_COMMAND_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_command_register(int proto);

void smtpx_view_command(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** A line that answers a challenge. */
void smtpx_view_auth_answer(smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

#endif /* SMTPX_VIEW_COMMAND_H */
