/* smtpx_times.c
 * Spans of time that were learned, in 32 bits each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/learn/smtpx_times.h"
#include "plugin/smtp/smtp_exchange.h"

#define IN_LIST (UINT32_C(1) << 31)

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

static uint32_t add_to_list(int64_t nanoseconds)
{
    if (!list)
        list = wmem_array_new(wmem_file_scope(), sizeof nanoseconds);
    wmem_array_append_one(list, nanoseconds);
    return IN_LIST | (listed() - 1);
}

uint32_t smtpx_time_keep(int64_t nanoseconds)
{
    /* No capture has as many long ones as there are places; one that had would not be told all of them. */
    if (nanoseconds == SMTP_DURATION_UNKNOWN || listed() == (SMTPX_TIME_UNKNOWN ^ IN_LIST))
        return SMTPX_TIME_UNKNOWN;
    DISSECTOR_ASSERT(nanoseconds >= 0);
    return nanoseconds < IN_LIST ? (uint32_t)nanoseconds : add_to_list(nanoseconds);
}

int64_t smtpx_time_kept(uint32_t kept)
{
    if (kept == SMTPX_TIME_UNKNOWN)
        return SMTP_DURATION_UNKNOWN;
    if (!(kept & IN_LIST))
        return kept;
    DISSECTOR_ASSERT((kept ^ IN_LIST) < listed());
    return *(const int64_t *)wmem_array_index(list, kept ^ IN_LIST);
}
