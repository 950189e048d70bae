/* smtpx_filename.c
 * Names of files that a stranger has chosen, made safe on every file system.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_filename.h"

enum {
    LONGEST_PART = 60,  /* octets */
    LONGEST_SUFFIX = 10 /* characters, the dot with them: more is none */
};

/* Is this a mark inside a word? */
static bool is_inside_word(const char *at, bool behind_word)
{
    return behind_word && strchr("-.+=", *at) && g_unichar_isalnum(g_utf8_get_char(g_utf8_next_char(at)));
}

void smtpx_filename_append(GString *name, const char *text)
{
    size_t start = name->len;
    bool gap = false;

    for (const char *at = text; *at && name->len - start < LONGEST_PART - 4; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);

        if (!g_unichar_isalnum(character) && !is_inside_word(at, !gap && name->len > start)) {
            gap = true;
            continue;
        }
        if (gap && name->len > start)
            g_string_append_c(name, '_');
        gap = false;
        g_string_append_unichar(name, character);
    }
}

/* Where the suffix of a name begins; NULL: it has none. */
static const char *find_suffix(const char *text)
{
    const char *dot = strrchr(text, '.');
    size_t length = dot ? strlen(dot) : 0;

    if (length < 2 || length > LONGEST_SUFFIX)
        return NULL;
    for (const char *at = dot + 1; *at; at++) {
        if (!g_ascii_isalnum(*at))
            return NULL;
    }
    return dot;
}

void smtpx_filename_append_with_suffix(GString *name, const char *text)
{
    const char *suffix = find_suffix(text);
    char *stem = g_strndup(text, suffix ? (gsize)(suffix - text) : strlen(text));

    smtpx_filename_append(name, stem);
    if (suffix)
        g_string_append(name, suffix);
    g_free(stem);
}
