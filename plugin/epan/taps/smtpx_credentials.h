/* smtpx_credentials.h
 * Who logged in, how, and whether the server took it: -z credentials, and Tools > Credentials.
 *
 * Told with the reply that ends AUTH; what no reply ended is told on passes behind the
 * first, which know that.  No secret is told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_CREDENTIALS_H
#define SMTPX_CREDENTIALS_H

#include "plugin/epan/taps/smtpx_tap.h"

void smtpx_credentials_register(void);

/** Does anybody listen? */
bool smtpx_credentials_are_heard(void);

void smtpx_credentials_tell(const smtpx_tap_read *read, packet_info *pinfo);

#endif /* SMTPX_CREDENTIALS_H */
