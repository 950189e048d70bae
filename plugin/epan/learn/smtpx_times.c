/* smtpx_times.c
 * Spans of time that were learned, in 32 bits each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/learn/smtpx_times.h"
#include "plugin/smtp/smtp_exchange.h"

static wmem_array_t *list; /* of int64_t, in file scope; NULL: none */

static void forget_capture(void)
{
    list = NULL;
}

void smtpx_times_register(void)
{
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
}

static uint32_t listed(void)
{
    return list ? wmem_array_get_count(list) : 0;
}

uint32_t smtpx_time_keep_listed(int64_t nanoseconds)
{
    /* No capture has as many long ones as there are places; one that had would not be told all of them. */
    if (nanoseconds == SMTP_DURATION_UNKNOWN || listed() == (SMTPX_TIME_UNKNOWN ^ SMTPX_TIME_LISTED))
        return SMTPX_TIME_UNKNOWN;
    DISSECTOR_ASSERT(nanoseconds >= 0);
    if (!list)
        list = wmem_array_new(wmem_file_scope(), sizeof nanoseconds);
    wmem_array_append_one(list, nanoseconds);
    return SMTPX_TIME_LISTED | (listed() - 1);
}

int64_t smtpx_time_kept(uint32_t kept)
{
    if (kept == SMTPX_TIME_UNKNOWN)
        return SMTP_DURATION_UNKNOWN;
    if (!(kept & SMTPX_TIME_LISTED))
        return kept;
    DISSECTOR_ASSERT((kept ^ SMTPX_TIME_LISTED) < listed());
    return *(const int64_t *)wmem_array_index(list, kept ^ SMTPX_TIME_LISTED);
}
