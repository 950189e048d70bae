/* smtpx_stats.h
 * Counters: -z smtpx,tree and Statistics > SMTP.
 *
 * A kind of counter has a row in smtpx_stats.c, which makes a tree of its own of it and a
 * branch of the tree of all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_STATS_H
#define SMTPX_STATS_H

void smtpx_stats_register(void);

#endif /* SMTPX_STATS_H */
