/* smtpx_view_capability.h
 * The capabilities in a reply to EHLO or LHLO (RFC 5321, 4.1.1.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_CAPABILITY_H
#define SMTPX_VIEW_CAPABILITY_H

#include "plugin/epan/draw/smtpx_item.h"

void smtpx_view_capability_register(int proto);

/** Does anybody look at capabilities? */
bool smtpx_view_capability_is_wanted(const smtpx_cursor *at);

/** The capability that a line's text names. */
void smtpx_view_capability(const smtpx_cursor *at, smtp_span text);

#endif /* SMTPX_VIEW_CAPABILITY_H */
