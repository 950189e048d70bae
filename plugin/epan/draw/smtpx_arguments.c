/* smtpx_arguments.c
 * What tshark was asked for on its command line, and tells no dissector.
 *
 * "tshark -O smtp" prints the items below a packet's layers of that name, and
 * the others' first lines only.  It compares names as it prints, long after the
 * tree was made, and keeps the option to itself; of a hidden layer it prints
 * nothing.  So who makes a hidden layer of a name must look for the option.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_arguments.h"

#include <string.h>

#include <glib.h>

/* tshark's options that take nothing and may stand before -O in one word, as in "-nO smtp". */
#define FLAGS "2DgILlnPpqQVx"

/* Is a name in a list with commas? */
static bool list_has(const char *list, const char *name)
{
    char **names = g_strsplit(list, ",", 0);
    bool found = g_strv_contains((const char *const *)names, name);

    g_strfreev(names);
    return found;
}

/* Does this word, with the one behind it, name the layer? */
static bool is_option(const char *word, const char *next, const char *protocol)
{
    const char *letter;

    if (word[0] != '-')
        return false;
    letter = word + 1 + strspn(word + 1, FLAGS);
    if (*letter != 'O')
        return false;
    return list_has(letter[1] ? letter + 1 : next, protocol);
}

/* Linux's: each word ends with a NUL. NULL: the system does not tell. */
static char *read_words(gsize *length)
{
    char *words = NULL;

    return g_file_get_contents("/proc/self/cmdline", &words, length, NULL) ? words : NULL;
}

bool smtpx_arguments_program_is(const char *name)
{
    gsize length;
    char *words = read_words(&length);
    char *program = words ? g_path_get_basename(words) : NULL;
    bool is = program && strcmp(program, name) == 0;

    g_free(program);
    g_free(words);
    return is;
}

bool smtpx_arguments_name_layer(const char *protocol)
{
    bool found = false;
    gsize length;
    char *words = read_words(&length);

    if (!words)
        return false;
    for (const char *word = words, *next; !found && word < words + length; word = next) {
        next = word + strlen(word) + 1;
        found = is_option(word, next < words + length ? next : "", protocol);
    }
    g_free(words);
    return found;
}
