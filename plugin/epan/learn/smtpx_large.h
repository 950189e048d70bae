/* smtpx_large.h
 * Memory for as long as the capture is open.
 *
 * wmem puts all into blocks of 8 MB.  A large piece that does not fit behind the others leaves a rest, and small pieces
 * are then taken from one rest after the other: what TCP keeps of each segment was spread over all memory, and TCP
 * walks what is not acknowledged for each segment.  So large pieces are not wmem's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_LARGE_H
#define SMTPX_LARGE_H

#include "plugin/epan/smtpx_compat.h"

/** Memory until the file scope ends; it is not zeroed. */
void *smtpx_take(size_t octets);

#endif /* SMTPX_LARGE_H */
