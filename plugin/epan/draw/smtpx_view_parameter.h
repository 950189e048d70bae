/* smtpx_view_parameter.h
 * ESMTP parameters of MAIL and RCPT, and their values as what they are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_PARAMETER_H
#define SMTPX_VIEW_PARAMETER_H

#include "plugin/epan/draw/smtpx_view.h"
#include "plugin/smtp/syntax/smtp_command.h"

void smtpx_view_parameter_register(int proto);

/** Does anybody look at a field that is drawn here? */
bool smtpx_view_parameter_is_wanted(const smtpx_cursor *at);

/** The parameters behind the path of a command that has one. */
void smtpx_view_parameters(smtpx_view *view, const smtpx_cursor *at, const smtp_command *command);

#endif /* SMTPX_VIEW_PARAMETER_H */
