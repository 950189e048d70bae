/* smtpx_arguments.c
 * What tshark was asked for on its command line, and tells no dissector.
 *
 * "tshark -O smtp" prints the items below a packet's layers of that name, and
 * the others' first lines only.  It compares names as it prints, long after the
 * tree was made, and keeps the option to itself; of a hidden layer it prints
 * nothing.  So who makes a hidden layer of a name must look for the option.
 *
 * And what it prints as text has no hidden items, which PDML, JSON and fields
 * have: these are asked for with -T.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/draw/smtpx_arguments.h"

#include <string.h>

#include <glib.h>

/* tshark's options that take nothing and may stand before another in one word, as in "-nO smtp". */
#define FLAGS "2DghILlnPpqQvVx"

/* The arguments of this program, each with a NUL behind it; NULL: not told. */
typedef struct arguments {
    char *words;
    gsize length;
} arguments;

static arguments arguments_read(void)
{
    arguments read = {NULL, 0};

    /* Linux's. */
    g_file_get_contents("/proc/self/cmdline", &read.words, &read.length, NULL);
    return read;
}

/* The word behind this one; NULL behind the last. */
static const char *word_behind(const arguments *all, const char *word)
{
    const char *next = word + strlen(word) + 1;

    return next < all->words + all->length ? next : NULL;
}

/* What stands in a word behind the letter of an option; NULL: that option is not in it. */
static const char *behind_option(const char *word, char option)
{
    const char *letter;

    if (word[0] != '-')
        return NULL;
    letter = word + 1 + strspn(word + 1, FLAGS);
    return *letter == option ? letter + 1 : NULL;
}

/* The argument of an option in this word, or behind it; NULL: that option is not in it, or has none. */
static const char *argument_of(const arguments *all, const char *word, char option)
{
    const char *behind = behind_option(word, option);

    return behind && !*behind ? word_behind(all, word) : behind;
}

/* Is a name in a list with commas? */
static bool list_has(const char *list, const char *name)
{
    char **names = g_strsplit(list, ",", 0);
    bool found = g_strv_contains((const char *const *)names, name);

    g_strfreev(names);
    return found;
}

bool smtpx_arguments_name_layer(const char *protocol)
{
    arguments all = arguments_read();
    bool found = false;

    for (const char *word = all.words; word && !found; word = word_behind(&all, word)) {
        const char *names = argument_of(&all, word, 'O');

        found = names && list_has(names, protocol);
    }
    g_free(all.words);
    return found;
}

/* Is this the path of a program of this name? */
static bool is_program(const char *path, const char *name)
{
    char *program = g_path_get_basename(path);
    bool is = strcmp(program, name) == 0;

    g_free(program);
    return is;
}

bool smtpx_arguments_program_is(const char *name)
{
    arguments all = arguments_read();
    bool is = all.words && is_program(all.words, name);

    g_free(all.words);
    return is;
}

bool smtpx_arguments_may_count_layers(void)
{
    arguments all = arguments_read();
    bool may = !all.words || !is_program(all.words, "tshark");

    for (const char *word = all.words; word && !may; word = word_behind(&all, word)) {
        const char *statistic = argument_of(&all, word, 'z');

        may = statistic && g_str_has_prefix(statistic, "io,phs");
    }
    g_free(all.words);
    return may;
}

bool smtpx_arguments_print_text(void)
{
    arguments all = arguments_read();
    bool text = all.words && is_program(all.words, "tshark");

    for (const char *word = all.words; word && text; word = word_behind(&all, word)) {
        const char *form = argument_of(&all, word, 'T');

        text = !form || strcmp(form, "text") == 0;
    }
    g_free(all.words);
    return text;
}
