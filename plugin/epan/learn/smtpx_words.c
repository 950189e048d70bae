/* smtpx_words.c
 * A value of a message's header as text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_words.h"

#include "plugin/epan/learn/smtpx_text.h"
#include "plugin/smtp/syntax/smtp_header.h"
#include "plugin/smtp/syntax/smtp_word.h"

/* What is told so far, and octets that were decoded and not told yet: a character may begin in one
 * word and end in the next, against RFC 2047, 5. */
typedef struct spoken {
    wmem_strbuf_t *text;
    uint8_t *octets;
    uint32_t length;
    char *charset; /* of these octets */
} spoken;

static void tell_octets(spoken *so_far, wmem_allocator_t *pool)
{
    gsize written = 0;
    char *converted;

    if (so_far->length == 0)
        return;
    converted = g_convert((const char *)so_far->octets, so_far->length, "UTF-8", so_far->charset, NULL, &written, NULL);
    wmem_strbuf_append(so_far->text, smtpx_text(pool, converted ? (const uint8_t *)converted : so_far->octets,
                                                converted ? (uint32_t)written : so_far->length));
    g_free(converted);
    so_far->length = 0;
}

static void add_word(spoken *so_far, wmem_allocator_t *pool, const uint8_t *octets, const smtp_word *word)
{
    char *charset = wmem_strndup(pool, (const char *)octets + word->charset.offset, word->charset.length);

    if (so_far->length > 0 && g_ascii_strcasecmp(charset, so_far->charset) != 0)
        tell_octets(so_far, pool);
    so_far->charset = charset;
    so_far->length += smtp_word_decode(octets, word, so_far->octets + so_far->length);
}

/* Is there nothing but blanks up to the next word, if one is there? They are not told. */
static uint32_t skip_to_word(const uint8_t *value, uint32_t at, uint32_t length)
{
    uint32_t next = smtp_skip_blanks(value, at, length);
    smtp_word word;

    return smtp_word_read(value + next, length - next, &word) ? next : at;
}

/* Where the next word begins, or the value ends. */
static uint32_t find_word(const uint8_t *value, uint32_t at, uint32_t length)
{
    smtp_word word;

    while (at < length && !(value[at] == '=' && smtp_word_read(value + at, length - at, &word)))
        at++;
    return at;
}

/* Is there nothing to unfold and to decode? Nearly always. */
static bool is_plain(const uint8_t *value, uint32_t length)
{
    return smtp_is_printable(value, length) && !memchr(value, '=', length);
}

/* The value unfolded and decoded; the pool keeps more than that. */
static char *decode(wmem_allocator_t *pool, const uint8_t *value, uint32_t length)
{
    uint8_t *plain = wmem_alloc(pool, length + 1);
    spoken so_far = {.text = wmem_strbuf_new(pool, ""), .octets = wmem_alloc(pool, length + 1)};
    uint32_t at = 0, next;
    smtp_word word;

    length = smtp_header_unfold(value, length, plain);
    while (at < length) {
        if (smtp_word_read(plain + at, length - at, &word)) {
            add_word(&so_far, pool, plain + at, &word);
            at = skip_to_word(plain, at + word.length, length);
            continue;
        }
        tell_octets(&so_far, pool);
        next = find_word(plain, at, length);
        wmem_strbuf_append(so_far.text, smtpx_text(pool, plain + at, next - at));
        at = next;
    }
    tell_octets(&so_far, pool);
    return wmem_strbuf_finalize(so_far.text);
}

char *smtpx_words_text(wmem_allocator_t *pool, const uint8_t *value, uint32_t length)
{
    if (is_plain(value, length))
        return wmem_strndup(pool, (const char *)value, length);
    return decode(pool, value, length);
}

char *smtpx_words_take(const uint8_t *value, uint32_t length)
{
    wmem_allocator_t *pool;
    char *text;

    if (is_plain(value, length))
        return wmem_strndup(NULL, (const char *)value, length);
    pool = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    text = wmem_strdup(NULL, decode(pool, value, length));
    wmem_destroy_allocator(pool);
    return text;
}
