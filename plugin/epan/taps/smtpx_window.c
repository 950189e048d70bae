/* smtpx_window.c
 * Tables in a window of Wireshark, and in sharkd (nstat).
 *
 * sharkd has each of them a second time as NAME,json: one column, with each row as tshark's
 * -z NAME,json prints it.  It reads one capture after the other, so who has many small ones
 * starts one program for all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_window.h"

#include <stdio.h>

#include <epan/stat_tap_ui.h>
#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_arguments.h"
#include "plugin/epan/taps/smtpx_print.h"

typedef struct window {
    const smtpx_tap_table *table; /* NULL: there are no more */
    stat_tap_table_ui ui;
    stat_tap_table_item headings[SMTPX_TABLE_MOST_COLUMNS];
    smtpx_rows rows;
    bool is_json;
    char title[64];
    char argument[32];
} window;

enum {
    MOST_WINDOWS = 8
};
static window windows[MOST_WINDOWS];

static stat_tap_table_item_type shown_cell(const smtpx_column *column, const smtpx_row *row)
{
    smtpx_cell cell = {.text = NULL};
    stat_tap_table_item_type item = {.type = TABLE_ITEM_NONE};

    if (column->kind == SMTPX_CELL_TEXT || smtpx_cell_is_list(column->kind)) {
        item.type = TABLE_ITEM_STRING;
        item.value.string_value = smtpx_column_text(column, row);
        return item;
    }
    column->write(row, &cell);
    if (cell.known && column->kind == SMTPX_CELL_COUNT) {
        item.type = TABLE_ITEM_UINT;
        item.value.uint_value = (unsigned)MIN(cell.count, UINT_MAX);
    } else if (cell.known) {
        item.type = TABLE_ITEM_FLOAT;
        item.value.float_value = (double)cell.span / 1e9;
    }
    return item;
}

static void free_item(stat_tap_table *shown _U_, unsigned row _U_, unsigned column _U_, stat_tap_table_item_type *item)
{
    if (item->type == TABLE_ITEM_STRING)
        g_free((char *)item->value.string_value);
    item->type = TABLE_ITEM_NONE;
}

static stat_tap_table *shown_table(const window *at)
{
    return g_array_index(at->ui.tables, stat_tap_table *, 0);
}

static stat_tap_table_item_type shown_json(const smtpx_tap_table *table, const smtpx_row *row)
{
    return (stat_tap_table_item_type){.type = TABLE_ITEM_STRING, .value.string_value = smtpx_print_json(table, row)};
}

/* All cells of a row. @return  how many */
static uint32_t shown_cells(const window *at, const smtpx_row *row, stat_tap_table_item_type *items)
{
    uint32_t count = 0;

    if (at->is_json)
        items[count++] = shown_json(at->table, row);
    for (uint32_t i = 0; !at->is_json && i < at->table->count; i++) {
        if (!at->table->columns[i].json_only)
            items[count++] = shown_cell(&at->table->columns[i], row);
    }
    return count;
}

static void show_row(smtpx_rows *rows, const smtpx_row *row)
{
    const window *at = rows->shown_in;
    stat_tap_table *shown = shown_table(at);
    stat_tap_table_item_type items[SMTPX_TABLE_MOST_COLUMNS];
    uint32_t count = shown_cells(at, row, items);

    for (uint32_t i = 0; row->place < shown->num_elements && i < count; i++)
        free_item(shown, row->place, i, stat_tap_get_field_data(shown, row->place, i));
    stat_tap_init_table_row(shown, row->place, count, items);
}

static tap_packet_status read_for_window(void *data, packet_info *pinfo, epan_dissect_t *dissected _U_,
                                         const void *tapped, tap_flags_t flags _U_)
{
    stat_tap_table_ui *ui = ((stat_data_t *)data)->stat_tap_data;

    for (window *at = windows; at < windows + MOST_WINDOWS; at++) {
        if (&at->ui == ui)
            at->table->read(&at->rows, pinfo, tapped);
    }
    return TAP_PACKET_REDRAW;
}

static void reset_window(stat_tap_table *shown)
{
    for (window *at = windows; at < windows + MOST_WINDOWS; at++) {
        if (at->table && shown->title == at->ui.title)
            smtpx_rows_forget(&at->rows);
    }
    for (unsigned row = 0; row < shown->num_elements; row++) {
        for (unsigned column = 0; column < shown->num_fields; column++)
            free_item(shown, row, column, stat_tap_get_field_data(shown, row, column));
        g_free(shown->elements[row]);
    }
    shown->num_elements = 0;
}

static void begin_window(stat_tap_table_ui *ui)
{
    stat_tap_table *shown = stat_tap_find_table(ui, ui->title);

    if (!shown) {
        shown = stat_tap_init_table(ui->title, (int)ui->nfields, 0, NULL);
        stat_tap_add_table(ui, shown);
    }
    reset_window(shown);
}

static stat_tap_table_item heading(const smtpx_column *column)
{
    stat_tap_table_item item = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, column->title, "%s"};

    if (column->kind == SMTPX_CELL_COUNT)
        item = (stat_tap_table_item){TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, column->title, "%u"};
    if (column->kind == SMTPX_CELL_SECONDS)
        item = (stat_tap_table_item){TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, column->title, "%.6f"};
    return item;
}

/* The headings of a table. @return  how many */
static uint32_t add_headings(window *at)
{
    static const smtpx_column json = {.title = "JSON", .kind = SMTPX_CELL_TEXT};
    uint32_t count = 0;

    if (at->is_json)
        at->headings[count++] = heading(&json);
    for (uint32_t i = 0; !at->is_json && i < at->table->count; i++) {
        if (!at->table->columns[i].json_only)
            at->headings[count++] = heading(&at->table->columns[i]);
    }
    return count;
}

static void add_window(const smtpx_tap_table *table, bool is_json)
{
    static tap_param filter[] = {{PARAM_FILTER, "filter", "Filter", NULL, true}};
    window *at = windows;

    while (at->table)
        at++;
    DISSECTOR_ASSERT(at < windows + MOST_WINDOWS && table->count <= SMTPX_TABLE_MOST_COLUMNS);
    at->table = table;
    at->is_json = is_json;
    snprintf(at->title, sizeof at->title, "%s%s", table->title, is_json ? ", JSON" : "");
    snprintf(at->argument, sizeof at->argument, "%s%s", table->argument, is_json ? ",json" : "");
    smtpx_rows_begin(&at->rows, table);
    at->rows.show = show_row;
    at->rows.shown_in = at;
    at->ui = (stat_tap_table_ui){
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = at->title,
        .tap_name = "smtpx",
        .cli_string = at->argument,
        .stat_tap_init_cb = begin_window,
        .packet_func = read_for_window,
        .stat_tap_reset_table_cb = reset_window,
        .stat_tap_free_table_item_cb = free_item,
        .nfields = add_headings(at),
        .fields = at->headings,
        .nparams = array_length(filter),
        .params = filter,
    };
    register_stat_tap_table_ui(&at->ui);
}

void smtpx_window_register(const smtpx_tap_table *table)
{
    add_window(table, false);
    if (smtpx_arguments_program_is("sharkd"))
        add_window(table, true);
}
