/* smtpx_times.h
 * Spans of time that were learned, in 32 bits each.
 *
 * Nearly all are below two seconds: those are kept as they are.  The others of
 * the capture that is open stand in a list, and are kept as their place there.
 * Only smtpx_records_append() keeps some, so only the first pass does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_TIMES_H
#define SMTPX_TIMES_H

#include <stdint.h>

/** What is kept with this bit set is a place in the list. */
#define SMTPX_TIME_LISTED (UINT32_C(1) << 31)

/** Stands for SMTP_DURATION_UNKNOWN. */
#define SMTPX_TIME_UNKNOWN UINT32_MAX

void smtpx_times_register(void);

/** As smtpx_time_keep(), of one that does not fit. */
uint32_t smtpx_time_keep_listed(int64_t nanoseconds);

/** @param nanoseconds  not negative, or SMTP_DURATION_UNKNOWN */
static inline uint32_t smtpx_time_keep(int64_t nanoseconds)
{
    return nanoseconds >= 0 && nanoseconds < SMTPX_TIME_LISTED ? (uint32_t)nanoseconds
                                                               : smtpx_time_keep_listed(nanoseconds);
}

/** What was kept. */
int64_t smtpx_time_kept(uint32_t kept);

#endif /* SMTPX_TIMES_H */
