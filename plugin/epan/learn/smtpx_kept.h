/* smtpx_kept.h
 * Memory for as long as the capture is open.
 *
 * Of a session many small pieces are kept, and none is freed alone.  So they stand side by side in chunks: wmem would
 * put 16 octets before each, and they would stand between what TCP keeps of each segment, all of which TCP walks while
 * nobody acknowledges it.  A large piece has memory of its own.
 *
 * A piece of which a part is not needed gives that back, for pieces that are taken later.  First pass only.
 *
 * What stands in a piece has a number, for those that point to many of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_KEPT_H
#define SMTPX_KEPT_H

#include "plugin/epan/smtpx_compat.h"

/** Memory until the file scope ends, for anything of up to 8 octets' alignment; it is not zeroed. Of 16 KB and more
 *  nothing in it has a number. */
void *smtpx_take(size_t octets);

/** The same, zeroed. */
void *smtpx_take0(size_t octets);

/** These octets, all of a piece or a part of one, are not used any more. */
void smtpx_give_back(void *start, size_t octets);

/** The number of what stands in a piece, aligned to 8 octets: half as large as a pointer to it. 0: of NULL, and of what
 *  is kept behind the first 32 GB. Any pass. */
uint32_t smtpx_kept_number(const void *place);

/** What has this number; NULL for 0. Any pass. */
const void *smtpx_kept_by_number(uint32_t number);

#endif /* SMTPX_KEPT_H */
