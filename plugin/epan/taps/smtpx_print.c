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
    bool is_printed; /* all rows are */
    bool has_parts;  /* rows of before a reset were printed */
} print;

static GPtrArray *prints; /* that listen */

/* ---- Aligned text ---- */

/* A cell: where it stands among all texts, and how wide it is on a terminal. */
typedef struct printed {
    size_t offset;
    uint32_t length;
    uint32_t width;
} printed;

/* A table before it is printed. A mail has twenty cells, so none has memory of its own. */
typedef struct sheet {
    const smtpx_tap_table *table;
    GString *texts;
    printed *cells;                            /* row by row; none has anything of a column that is not shown */
    uint32_t widths[SMTPX_TABLE_MOST_COLUMNS]; /* 0: no cell of the column has anything */
    GString *raw, *line;                       /* for what is made on the way */
} sheet;

/* Is it short, and of ASCII alone that is seen? Nearly all is. */
static bool is_plain(const char *text, size_t length)
{
    return length <= WIDEST && smtp_is_printable((const uint8_t *)text, (uint32_t)length);
}

/* Columns of a terminal. */
static uint32_t width_of(gunichar character)
{
    return g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
}

/* What is no character of a line would spoil the line, or more. @return  its width */
static uint32_t append_printable(GString *text, const char *raw, size_t length)
{
    uint32_t characters = 0, width = 0;

    if (is_plain(raw, length)) {
        g_string_append_len(text, raw, (gssize)length);
        return (uint32_t)length;
    }
    for (const char *at = raw; at < raw + length; at = g_utf8_next_char(at)) {
        gunichar character = g_unichar_isprint(g_utf8_get_char(at)) ? g_utf8_get_char(at) : '.';

        if (++characters == WIDEST && g_utf8_next_char(at) < raw + length) {
            g_string_append(text, "…");
            return width + 1;
        }
        g_string_append_unichar(text, character);
        width += width_of(character);
    }
    return width;
}

/* As printf() would, which costs more than all else of a cell. @return  how many */
static uint32_t append_digits(GString *text, uint64_t number, uint32_t least)
{
    char digits[24];
    uint32_t at = sizeof digits;

    for (; number > 0 || least > 0; number /= 10, least -= least > 0)
        digits[--at] = (char)('0' + number % 10);
    g_string_append_len(text, digits + at, (gssize)(sizeof digits - at));
    return (uint32_t)sizeof digits - at;
}

/* A list is its first entry, and how many more there are. */
static uint32_t append_list(GString *text, const smtpx_cell *cell)
{
    const char *end = memchr(cell->text->str, '\n', cell->text->len);
    uint32_t width;

    if (!end)
        return 0;
    width = append_printable(text, cell->text->str, (size_t)(end - cell->text->str));
    if (cell->entries < 2)
        return width;
    g_string_append(text, " (+");
    width += append_digits(text, cell->entries - 1, 1);
    g_string_append_c(text, ')');
    return width + 4;
}

/* Seconds, to the nearest thousandth. */
static uint32_t append_span(GString *text, int64_t span)
{
    uint64_t thousandths = (span < 0 ? -(uint64_t)span : (uint64_t)span) / 100000 + 5;
    uint32_t width = span < 0 ? 2 : 1;

    thousandths /= 10;
    if (span < 0)
        g_string_append_c(text, '-');
    width += append_digits(text, thousandths / 1000, 1);
    g_string_append_c(text, '.');
    return width + append_digits(text, thousandths % 1000, 3);
}

/* @return  its width */
static uint32_t append_cell(GString *text, const smtpx_cell *cell, smtpx_cell_kind kind)
{
    switch (kind) {
    case SMTPX_CELL_COUNT:
        return cell->known ? append_digits(text, cell->count, 1) : 0;
    case SMTPX_CELL_SECONDS:
        return cell->known ? append_span(text, cell->span) : 0;
    case SMTPX_CELL_TEXT:
        if (smtpx_cell_is_null_path(cell))
            return append_printable(text, "<>", 2);
        return append_printable(text, cell->text->str, cell->text->len);
    case SMTPX_CELL_LIST:
    case SMTPX_CELL_NUMBERS:
        break;
    }
    return append_list(text, cell);
}

static void write_row(sheet *all, const smtpx_row *row, printed *cells)
{
    for (uint32_t i = 0; i < all->table->count; i++) {
        const smtpx_column *column = &all->table->columns[i];
        smtpx_cell cell = {.text = g_string_truncate(all->raw, 0)};

        if (column->json_only)
            continue;
        column->write(row, &cell);
        cells[i].offset = all->texts->len;
        cells[i].width = append_cell(all->texts, &cell, column->kind);
        cells[i].length = (uint32_t)(all->texts->len - cells[i].offset);
        all->widths[i] = MAX(all->widths[i], cells[i].width);
    }
}

static bool is_number(const smtpx_column *column)
{
    return column->kind == SMTPX_CELL_COUNT || column->kind == SMTPX_CELL_SECONDS;
}

static void append_blanks(GString *line, uint32_t count)
{
    gsize end = line->len;

    g_string_set_size(line, end + count);
    memset(line->str + end, ' ', count);
}

/* A column of which no cell has anything is left out. */
static void print_line(const sheet *all, const printed *cells, const char *texts)
{
    uint32_t between = 0;

    g_string_truncate(all->line, 0);
    for (uint32_t i = 0; i < all->table->count; i++) {
        uint32_t blanks = all->widths[i] - cells[i].width;
        bool right = is_number(&all->table->columns[i]);

        if (all->widths[i] == 0)
            continue;
        append_blanks(all->line, between + (right ? blanks : 0));
        g_string_append_len(all->line, texts + cells[i].offset, cells[i].length);
        between = (right ? 0 : blanks) + 2;
    }
    g_string_append_c(all->line, '\n');
    fwrite(all->line->str, 1, all->line->len, stdout);
}

static void print_titles(sheet *all)
{
    printed titles[SMTPX_TABLE_MOST_COLUMNS] = {{.length = 0}};
    GString *texts = g_string_new(NULL);

    for (uint32_t i = 0; i < all->table->count; i++) {
        const char *title = all->table->columns[i].title;

        titles[i].offset = texts->len;
        titles[i].width = append_printable(texts, title, strlen(title));
        titles[i].length = (uint32_t)(texts->len - titles[i].offset);
        if (all->widths[i] > 0)
            all->widths[i] = MAX(all->widths[i], titles[i].width);
    }
    print_line(all, titles, texts->str);
    g_string_free(texts, TRUE);
}

static void print_text(const print *asked)
{
    const GPtrArray *rows = asked->rows.rows;
    sheet all = {.table = asked->table};
    uint32_t count = all.table->count;

    all.cells = g_new0(printed, (gsize)count * rows->len + 1);
    all.texts = g_string_new(NULL);
    all.raw = g_string_new(NULL);
    all.line = g_string_new(NULL);
    for (uint32_t row = 0; row < rows->len; row++)
        write_row(&all, rows->pdata[row], all.cells + (size_t)row * count);
    printf("\n%s: %u\n", all.table->title, rows->len);
    if (rows->len > 0)
        print_titles(&all);
    for (uint32_t row = 0; row < rows->len; row++)
        print_line(&all, all.cells + (size_t)row * count, all.texts->str);
    g_string_free(all.texts, TRUE);
    g_string_free(all.raw, TRUE);
    g_string_free(all.line, TRUE);
    g_free(all.cells);
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

static void print_json(const print *asked)
{
    for (uint32_t row = 0; row < asked->rows.rows->len; row++) {
        char *line = smtpx_print_json(asked->table, asked->rows.rows->pdata[row]);
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
    print *asked = data;

    asked->is_printed = false;
    asked->table->read(&asked->rows, pinfo, tapped);
    return TAP_PACKET_REDRAW;
}

static void draw_print(void *data)
{
    print *asked = data;

    asked->is_printed = true;
    smtpx_rows_tidy(&asked->rows);
    if (asked->rows.rows->len == 0 && asked->has_parts)
        return;
    for (uint32_t row = 0; row < asked->rows.rows->len; row++)
        ((smtpx_row *)asked->rows.rows->pdata[row])->is_final = true;
    if (asked->json)
        print_json(asked);
    else
        print_text(asked);
}

/* What rows tell of goes with the capture's memory: at its end, and with tshark -M at each reset, which nobody
 * tells listeners of. What was not printed yet is printed then. Called before others forget what they know. */
static void forget_capture(void)
{
    for (uint32_t i = 0; prints && i < prints->len; i++) {
        print *asked = prints->pdata[i];

        if (asked->rows.rows->len > 0 && !asked->is_printed) {
            draw_print(asked);
            asked->has_parts = true;
            fflush(stdout);
        }
        smtpx_rows_forget(&asked->rows);
    }
}

static void add_print(print *asked)
{
    if (!prints) {
        prints = g_ptr_array_new();
        register_cleanup_routine(forget_capture); /* the last one is called first */
    }
    g_ptr_array_add(prints, asked);
}

static void end_print(void *data)
{
    g_ptr_array_remove(prints, data);
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
    print *asked = g_new0(print, 1);
    const char *filter = read_argument(argument + strlen(table->argument), &asked->json);
    GString *trouble;

    asked->table = table;
    smtpx_rows_begin(&asked->rows, table);
    trouble = register_tap_listener("smtpx", asked, filter, TL_REQUIRES_NOTHING, reset_print, read_for_print,
                                    draw_print, end_print);
    if (trouble) {
        fprintf(stderr, "-z %s: %s\n", argument, trouble->str);
        exit(1);
    }
    add_print(asked);
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
