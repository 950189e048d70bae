/* smtp_word.c
 * Encoded words in a message's header (RFC 2047).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_word.h"

#include "smtp_auth.h"
#include "smtp_hex.h"

/* The span up to the next question mark; of no length: there is none, or nothing before it. */
static smtp_span part_at(const uint8_t *octets, uint32_t at, uint32_t length)
{
    const uint8_t *end = at < length ? memchr(octets + at, '?', length - at) : NULL;

    return smtp_span_between(at, end ? (uint32_t)(end - octets) : at);
}

bool smtp_word_read(const uint8_t *octets, uint32_t length, smtp_word *word)
{
    smtp_span encoding;
    const uint8_t *language;

    if (!smtp_starts_with(octets, length, "=?"))
        return false;
    word->charset = part_at(octets, 2, length);
    encoding = part_at(octets, smtp_span_end(word->charset) + 1, length);
    word->text = part_at(octets, smtp_span_end(encoding) + 1, length);
    word->length = smtp_span_end(word->text) + 2;
    if (word->charset.length == 0 || encoding.length != 1 || word->length > length || octets[word->length - 2] != '?' ||
        octets[word->length - 1] != '=')
        return false;
    word->base64 = smtp_upper(octets[encoding.offset]) == 'B';
    language = memchr(octets + word->charset.offset, '*', word->charset.length);
    if (language)
        word->charset.length = (uint32_t)(language - octets) - word->charset.offset;
    return word->base64 || smtp_upper(octets[encoding.offset]) == 'Q';
}

static uint32_t decode_q(const uint8_t *text, uint32_t length, uint8_t *to)
{
    uint32_t written = 0;

    for (uint32_t i = 0; i < length; i++) {
        bool is_hex = text[i] == '=' && smtp_hex_is_pair(text + i + 1, length - i - 1);

        to[written++] = text[i] == '_' ? ' ' : text[i];
        if (is_hex) {
            to[written - 1] = smtp_hex_pair(text + i + 1);
            i += 2;
        }
    }
    return written;
}

uint32_t smtp_word_decode(const uint8_t *octets, const smtp_word *word, uint8_t *to)
{
    const uint8_t *text = octets + word->text.offset;
    uint32_t length = word->text.length, written;

    if (!word->base64)
        return decode_q(text, length, to);
    if (smtp_auth_decode(text, length, to, &written))
        return written;
    /* What is no base64 is told as it stands. */
    memcpy(to, text, length);
    return length;
}
