/* smtpx_last_line.h
 * Lines that have no end in the capture, where TCP or TLS show them to nobody.
 *
 * A postdissector draws them, on passes behind the first (smtpx_endings.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_LAST_LINE_H
#define SMTPX_LAST_LINE_H

void smtpx_last_line_register(int proto);

/** The first pass is over: from now on such lines are drawn, if there are any. */
void smtpx_last_line_watch(void);

#endif /* SMTPX_LAST_LINE_H */
