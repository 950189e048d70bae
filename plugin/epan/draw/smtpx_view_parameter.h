/* smtpx_view_parameter.h
 * ESMTP parameters of MAIL and RCPT, and their values as what they are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_PARAMETER_H
#define SMTPX_VIEW_PARAMETER_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_parameter_register(int proto);

/** The parameters in a span of a line. */
void smtpx_view_parameters(smtpx_view *view, const smtpx_cursor *at, smtp_span rest, bool of_rcpt);

#endif /* SMTPX_VIEW_PARAMETER_H */
