/* smtpx_window.h
 * Tables in a window of Wireshark, and in sharkd (nstat).
 *
 * Wireshark does not tell when a capture was read, so a row is written when it is new and
 * whenever it has changed.  Both programs read a capture before they ask, so what is known
 * of a mail in the end is known in its first row.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_WINDOW_H
#define SMTPX_WINDOW_H

#include "plugin/epan/taps/smtpx_rows.h"

/** Makes a table known to them. @param table  it stays */
void smtpx_window_register(const smtpx_tap_table *table);

#endif /* SMTPX_WINDOW_H */
