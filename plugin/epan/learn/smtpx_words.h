/* smtpx_words.h
 * A value of a message's header as text: unfolded, encoded words decoded (RFC 2047).
 *
 * No version of Wireshark's IMF dissector decodes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_WORDS_H
#define SMTPX_WORDS_H

#include "plugin/epan/smtpx_compat.h"

/** @param pool  keeps more than what is returned; not NULL
 *  @return UTF-8; what is no text in its charset is U+FFFD there */
char *smtpx_words_text(wmem_allocator_t *pool, const uint8_t *value, uint32_t length);

/** The same, to be freed with wmem_free(NULL). */
char *smtpx_words_take(const uint8_t *value, uint32_t length);

#endif /* SMTPX_WORDS_H */
