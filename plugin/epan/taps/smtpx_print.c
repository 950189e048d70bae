/* smtpx_print.c
 * Tables as tshark prints them: -z NAME[,json][,FILTER].
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_print.h"

#include <stdio.h>
#include <stdlib.h>

#include <epan/stat_tap_ui.h>
#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_arguments.h"

/* A cell is cut behind so many characters: one long name would push all columns apart. */
enum {
    WIDEST = 48
};

typedef struct print {
    const smtpx_tap_table *table;
    smtpx_rows rows;
    bool json;
} print;

/* ---- Aligned text ---- */

/* Is it short, and of ASCII alone that is seen? Nearly all is. */
static bool is_plain(const char *text)
{
    uint32_t length = 0;

    for (; *text; text++) {
        if (*text < ' ' || *text == 0x7f || ++length > WIDEST)
            return false;
    }
    return true;
}

/* What is no character of a line would spoil the line, or more. */
static void append_printable(GString *text, const char *raw)
{
    uint32_t characters = 0;

    if (is_plain(raw)) {
        g_string_append(text, raw);
        return;
    }
    for (const char *at = raw; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);

        if (++characters > WIDEST) {
            g_string_truncate(text, text->len - strlen(g_utf8_prev_char(text->str + text->len)));
            g_string_append(text, "…");
            return;
        }
        g_string_append_unichar(text, g_unichar_isprint(character) ? character : '.');
    }
}

/* A list is its first entry, and how many more there are. */
static void append_list(GString *text, const smtpx_cell *cell)
{
    char *end = strchr(cell->text->str, '\n');

    if (!end)
        return;
    *end = 0;
    append_printable(text, cell->text->str);
    if (cell->entries > 1)
        g_string_append_printf(text, " (+%u)", cell->entries - 1);
}

/* As printf() would, which costs more than all else of a cell. */
static void append_digits(GString *text, uint64_t number, uint32_t least)
{
    char digits[24];
    uint32_t at = sizeof digits;

    for (; number > 0 || least > 0; number /= 10, least -= least > 0)
        digits[--at] = (char)('0' + number % 10);
    g_string_append_len(text, digits + at, (gssize)(sizeof digits - at));
}

/* Seconds, to the nearest thousandth. */
static void append_span(GString *text, int64_t span)
{
    uint64_t thousandths = (span < 0 ? -(uint64_t)span : (uint64_t)span) / 100000 + 5;

    thousandths /= 10;
    if (span < 0)
        g_string_append_c(text, '-');
    append_digits(text, thousandths / 1000, 1);
    g_string_append_c(text, '.');
    append_digits(text, thousandths % 1000, 3);
}

/* @param raw, text  for what is made on the way; it is told in another place */
static char *cell_text(const smtpx_column *column, const smtpx_row *row, GString *raw, GString *text)
{
    smtpx_cell cell = {.text = g_string_truncate(raw, 0)};

    g_string_truncate(text, 0);
    column->write(row, &cell);
    switch (column->kind) {
    case SMTPX_CELL_COUNT:
        if (cell.known)
            append_digits(text, cell.count, 1);
        break;
    case SMTPX_CELL_SECONDS:
        if (cell.known)
            append_span(text, cell.span);
        break;
    case SMTPX_CELL_TEXT:
        append_printable(text, smtpx_cell_is_null_path(&cell) ? "<>" : cell.text->str);
        break;
    case SMTPX_CELL_LIST:
    case SMTPX_CELL_NUMBERS:
        append_list(text, &cell);
        break;
    }
    return g_strndup(text->str, text->len);
}

/* Columns of a terminal. */
static uint32_t width_of(const char *text)
{
    uint32_t width = 0;

    if (is_plain(text))
        return (uint32_t)strlen(text);
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar character = g_utf8_get_char(text);
        width += g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}

static bool is_number(const smtpx_column *column)
{
    return column->kind == SMTPX_CELL_COUNT || column->kind == SMTPX_CELL_SECONDS;
}

static void print_blanks(uint32_t count)
{
    static const char blanks[] = "                                                  ";
    const uint32_t most = sizeof blanks - 1;

    for (; count > most; count -= most)
        fwrite(blanks, 1, most, stdout);
    fwrite(blanks, 1, count, stdout);
}

static void print_cell(const char *text, uint32_t width, bool right, bool last)
{
    uint32_t blanks = width - width_of(text);

    if (right)
        print_blanks(blanks);
    fputs(text, stdout);
    if (!last)
        print_blanks(right ? 2 : blanks + 2);
}

/* A column of which no cell has anything is left out. */
static void print_line(const smtpx_tap_table *table, char *const *cells, const uint32_t *widths)
{
    uint32_t last = table->count;

    while (last > 0 && widths[last - 1] == 0)
        last--;
    for (uint32_t i = 0; i < last; i++) {
        if (widths[i] > 0)
            print_cell(cells[i], widths[i], is_number(&table->columns[i]), i + 1 == last);
    }
    printf("\n");
}

/* All cells, row by row; NULL those of columns that are not shown. */
static char **all_cells(const print *printed, uint32_t *widths)
{
    const smtpx_tap_table *table = printed->table;
    char **cells = g_new0(char *, (gsize)table->count * printed->rows.rows->len + 1);
    GString *raw = g_string_new(NULL), *text = g_string_new(NULL);

    for (uint32_t row = 0; row < printed->rows.rows->len; row++) {
        for (uint32_t i = 0; i < table->count; i++) {
            char **cell = &cells[row * table->count + i];
            if (table->columns[i].json_only)
                continue;
            *cell = cell_text(&table->columns[i], printed->rows.rows->pdata[row], raw, text);
            widths[i] = MAX(widths[i], width_of(*cell));
        }
    }
    g_string_free(raw, TRUE);
    g_string_free(text, TRUE);
    return cells;
}

static void print_text(const print *printed)
{
    const smtpx_tap_table *table = printed->table;
    char *titles[SMTPX_TABLE_MOST_COLUMNS];
    uint32_t widths[SMTPX_TABLE_MOST_COLUMNS] = {0};
    char **cells = all_cells(printed, widths);

    printf("\n%s: %u\n", table->title, printed->rows.rows->len);
    for (uint32_t i = 0; i < table->count; i++) {
        titles[i] = (char *)table->columns[i].title;
        if (widths[i] > 0)
            widths[i] = MAX(widths[i], width_of(titles[i]));
    }
    if (printed->rows.rows->len > 0)
        print_line(table, titles, widths);
    for (uint32_t row = 0; row < printed->rows.rows->len; row++)
        print_line(table, cells + (size_t)row * table->count, widths);
    for (size_t i = 0; i < (size_t)table->count * printed->rows.rows->len; i++)
        g_free(cells[i]);
    g_free(cells);
}

/* ---- JSON ---- */

static void append_json_string(GString *line, const char *text, gsize length)
{
    g_string_append_c(line, '"');
    for (gsize i = 0; i < length; i++) {
        uint8_t octet = (uint8_t)text[i];
        if (octet == '"' || octet == '\\')
            g_string_append_printf(line, "\\%c", octet);
        else if (octet < ' ' || octet == 0x7f)
            g_string_append_printf(line, "\\u%04x", octet);
        else
            g_string_append_c(line, (char)octet);
    }
    g_string_append_c(line, '"');
}

static void append_json_list(GString *line, const smtpx_cell *cell, bool is_text)
{
    const char *entry = cell->text->str;

    g_string_append_c(line, '[');
    for (uint32_t i = 0; i < cell->entries; i++) {
        gsize length = strcspn(entry, "\n");
        if (i > 0)
            g_string_append_c(line, ',');
        if (is_text)
            append_json_string(line, entry, length);
        else
            g_string_append_len(line, entry, (gssize)length);
        entry += length + 1;
    }
    g_string_append_c(line, ']');
}

static bool is_empty(const smtpx_cell *cell, smtpx_cell_kind kind)
{
    switch (kind) {
    case SMTPX_CELL_TEXT:
        return cell->text->len == 0 && !cell->known;
    case SMTPX_CELL_LIST:
    case SMTPX_CELL_NUMBERS:
        return cell->entries == 0;
    default:
        return !cell->known;
    }
}

/* What is not known has no key. */
static void append_json_cell(GString *line, const smtpx_column *column, const smtpx_row *row, GString *raw)
{
    smtpx_cell cell = {.text = g_string_truncate(raw, 0)};

    column->write(row, &cell);
    if (!is_empty(&cell, column->kind)) {
        g_string_append_printf(line, "%s\"%s\":", line->len > 1 ? "," : "", column->key);
        if (column->kind == SMTPX_CELL_COUNT)
            append_digits(line, cell.count, 1);
        else if (column->kind == SMTPX_CELL_SECONDS)
            smtpx_cell_append_seconds(line, cell.span);
        else if (smtpx_cell_is_list(column->kind))
            append_json_list(line, &cell, column->kind == SMTPX_CELL_LIST);
        else
            append_json_string(line, cell.text->str, cell.text->len);
    }
}

char *smtpx_print_json(const smtpx_tap_table *table, const smtpx_row *row)
{
    GString *line = g_string_new("{"), *raw = g_string_new(NULL);

    for (uint32_t i = 0; i < table->count; i++)
        append_json_cell(line, &table->columns[i], row, raw);
    g_string_free(raw, TRUE);
    g_string_append_c(line, '}');
    return g_string_free(line, FALSE);
}

static void print_json(const print *printed)
{
    for (uint32_t row = 0; row < printed->rows.rows->len; row++) {
        char *line = smtpx_print_json(printed->table, printed->rows.rows->pdata[row]);
        printf("%s\n", line);
        g_free(line);
    }
}

/* ---- The listener ---- */

static void reset_print(void *data)
{
    smtpx_rows_forget(&((print *)data)->rows);
}

static tap_packet_status read_for_print(void *data, packet_info *pinfo, epan_dissect_t *dissected _U_,
                                        const void *tapped, tap_flags_t flags _U_)
{
    print *printed = data;

    printed->table->read(&printed->rows, pinfo, tapped);
    return TAP_PACKET_REDRAW;
}

static void draw_print(void *data)
{
    const print *printed = data;

    for (uint32_t row = 0; row < printed->rows.rows->len; row++)
        ((smtpx_row *)printed->rows.rows->pdata[row])->is_final = true;
    if (printed->json)
        print_json(printed);
    else
        print_text(printed);
}

static void end_print(void *data)
{
    smtpx_rows_end(&((print *)data)->rows);
    g_free(data);
}

/* What stands behind the table's name: "json", a filter, or both. */
static const char *read_argument(const char *rest, bool *json)
{
    static const char word[] = ",json";
    size_t length = sizeof word - 1;

    *json = strncmp(rest, word, length) == 0 && (rest[length] == ',' || !rest[length]);
    if (*json)
        rest += length;
    return *rest == ',' && rest[1] ? rest + 1 : NULL;
}

static smtpx_stat_begun begin_print(const char *argument, void *data)
{
    const smtpx_tap_table *table = data;
    print *printed = g_new0(print, 1);
    const char *filter = read_argument(argument + strlen(table->argument), &printed->json);
    GString *trouble;

    printed->table = table;
    smtpx_rows_begin(&printed->rows, table);
    trouble = register_tap_listener("smtpx", printed, filter, TL_REQUIRES_NOTHING, reset_print, read_for_print,
                                    draw_print, end_print);
    if (trouble) {
        fprintf(stderr, "-z %s: %s\n", argument, trouble->str);
        exit(1);
    }
    return SMTPX_STAT_HAS_BEGUN; /* NOLINT(readability-redundant-control-flow): nothing, on 4.0 */
}

void smtpx_print_register(const smtpx_tap_table *table)
{
    stat_tap_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = table->title,
        .cli_string = table->argument,
        .tap_init_cb = begin_print,
    };

    /* The first that takes the name has it. */
    if (!smtpx_arguments_program_is("wireshark"))
        register_stat_tap_ui(&ui, (void *)table);
}
