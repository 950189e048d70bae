/* smtpx_print.h
 * Tables as tshark prints them: -z NAME[,json][,FILTER].
 *
 * tshark could print the rows of a window by itself, but not aligned, not as JSON, and of a
 * capture that is read once only as they were when they changed last.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_PRINT_H
#define SMTPX_PRINT_H

#include "plugin/epan/taps/smtpx_rows.h"

/** Makes a table known to tshark's -z. Wireshark opens its window for that. @param table  it stays */
void smtpx_print_register(const smtpx_tap_table *table);

/** A row as JSON has it. @return  to be freed */
char *smtpx_print_json(const smtpx_tap_table *table, const smtpx_row *row);

#endif /* SMTPX_PRINT_H */
