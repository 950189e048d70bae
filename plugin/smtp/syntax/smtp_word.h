/* smtp_word.h
 * Encoded words in a message's header (RFC 2047): what is not ASCII there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_WORD_H
#define SMTP_WORD_H

#include "smtp_text.h"

/** "=?charset?B or Q?text?=" */
typedef struct smtp_word {
    uint32_t length;   /**< of the whole word */
    smtp_span charset; /**< without a language (RFC 2231, 5) */
    smtp_span text;
    bool base64; /**< or else it is "Q" */
} smtp_word;

/** Reads the encoded word that begins here, if there is one. */
bool smtp_word_read(const uint8_t *octets, uint32_t length, smtp_word *word);

/** Decodes the word's text, which is then in its charset.
 *  @param octets  of the word
 *  @param to      as many octets as the text
 *  @return how many were written */
uint32_t smtp_word_decode(const uint8_t *octets, const smtp_word *word, uint8_t *to);

#endif /* SMTP_WORD_H */
