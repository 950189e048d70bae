/* smtpx_rows.c
 * Tables that taps fill: cells and rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_rows.h"

#include <epan/to_str.h>

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/draw/smtpx_view_remarks.h"

/* ---- Cells ---- */

void smtpx_cell_count(smtpx_cell *cell, uint64_t count)
{
    cell->known = true;
    cell->count = count;
}

void smtpx_cell_span(smtpx_cell *cell, int64_t nanoseconds)
{
    cell->known = nanoseconds != SMTP_DURATION_UNKNOWN;
    cell->span = nanoseconds;
}

void smtpx_cell_text(smtpx_cell *cell, const char *text)
{
    g_string_append(cell->text, text);
}

/* A list ends its entries with newlines, so there is none in one. */
void smtpx_cell_octets(smtpx_cell *cell, const uint8_t *octets, uint32_t length)
{
    char *text;

    if (smtp_is_printable(octets, length)) {
        g_string_append_len(cell->text, (const char *)octets, (gssize)length);
        return;
    }
    text = smtpx_text(NULL, octets, length);

    g_string_append(cell->text, g_strdelimit(text, "\n", ' '));
    wmem_free(NULL, text);
}

void smtpx_cell_name(smtpx_cell *cell, const smtp_name *name)
{
    if (name)
        smtpx_cell_octets(cell, name->octets, name->length);
}

void smtpx_cell_entry(smtpx_cell *cell, const smtp_name *name)
{
    smtpx_cell_name(cell, name);
    g_string_append_c(cell->text, '\n');
    cell->entries++;
}

static void add_remarks(smtpx_cell *cell, const smtp_remarks *remarks, int severity)
{
    for (int kind = 0; kind < SMTP_REMARK_COUNT; kind++) {
        if (!smtp_remarks_has(remarks, (smtp_remark)kind) || smtpx_remark_severity((smtp_remark)kind) != severity)
            continue;
        g_string_append_printf(cell->text, "%s\n", smtpx_remark_name((smtp_remark)kind));
        cell->entries++;
    }
}

void smtpx_cell_remarks(smtpx_cell *cell, const smtp_remarks *remarks)
{
    static const int severities[] = {PI_ERROR, PI_WARN, PI_NOTE};

    for (size_t i = 0; smtp_remarks_any(remarks) && i < array_length(severities); i++)
        add_remarks(cell, remarks, severities[i]);
}

void smtpx_cell_number(smtpx_cell *cell, uint32_t number)
{
    g_string_append_printf(cell->text, "%u\n", number);
    cell->entries++;
}

void smtpx_cell_address(smtpx_cell *cell, const address *host)
{
    char *text = address_to_str(NULL, host);

    smtpx_cell_text(cell, text);
    wmem_free(NULL, text);
}

/* A capture may begin with a frame that is later than others. */
void smtpx_cell_append_seconds(GString *text, int64_t nanoseconds)
{
    uint64_t size = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;

    g_string_append_printf(text, "%s%" PRIu64 ".%09" PRIu64, nanoseconds < 0 ? "-" : "", size / 1000000000,
                           size % 1000000000);
}

char *smtpx_column_text(const smtpx_column *column, const void *row)
{
    smtpx_cell cell = {.text = g_string_new(NULL)};

    column->write(row, &cell);
    if (column->kind == SMTPX_CELL_COUNT && cell.known)
        g_string_printf(cell.text, "%" PRIu64, cell.count);
    if (column->kind == SMTPX_CELL_SECONDS && cell.known)
        smtpx_cell_append_seconds(cell.text, cell.span);
    if (column->kind == SMTPX_CELL_TEXT && smtpx_cell_is_null_path(&cell))
        g_string_assign(cell.text, "<>");
    if (smtpx_cell_is_list(column->kind) && cell.entries > 0) {
        g_string_truncate(cell.text, cell.text->len - 1);
        g_strdelimit(cell.text->str, "\n", ',');
    }
    return g_string_free(cell.text, FALSE);
}

/* ---- Rows ---- */

void smtpx_rows_begin(smtpx_rows *rows, const smtpx_tap_table *table)
{
    rows->table = table;
    rows->rows = g_ptr_array_new_with_free_func(g_free);
    rows->by_key = g_hash_table_new(NULL, NULL);
    rows->last_key = NULL;
}

/* All from a place on; their keys are gone. */
static void free_rows(smtpx_rows *rows, uint32_t from)
{
    for (uint32_t i = from; rows->table->clear && i < rows->rows->len; i++)
        rows->table->clear(rows->rows->pdata[i]);
    g_ptr_array_set_size(rows->rows, (gint)from);
    rows->last_key = NULL;
}

void smtpx_rows_forget(smtpx_rows *rows)
{
    g_hash_table_remove_all(rows->by_key);
    free_rows(rows, 0);
}

void smtpx_rows_end(smtpx_rows *rows)
{
    smtpx_rows_forget(rows);
    g_hash_table_destroy(rows->by_key);
    g_ptr_array_free(rows->rows, TRUE);
}

static smtpx_row *add_row(smtpx_rows *rows, const void *key)
{
    smtpx_row *row = g_malloc0(rows->table->row_size);

    row->place = rows->rows->len;
    g_ptr_array_add(rows->rows, row);
    g_hash_table_insert(rows->by_key, (void *)key, row);
    return row;
}

static gboolean is_none(gpointer key _U_, gpointer row, gpointer table)
{
    return ((const smtpx_tap_table *)table)->is_none(row);
}

/* Moves the others behind those that stay, which keep their order. */
static uint32_t put_last(smtpx_rows *rows)
{
    uint32_t stay = 0;

    for (uint32_t i = 0; i < rows->rows->len; i++) {
        smtpx_row *row = rows->rows->pdata[i];

        if (rows->table->is_none(row))
            continue;
        rows->rows->pdata[i] = rows->rows->pdata[stay];
        rows->rows->pdata[stay] = row;
        row->place = stay++;
    }
    return stay;
}

void smtpx_rows_tidy(smtpx_rows *rows)
{
    if (!rows->table->is_none)
        return;
    g_hash_table_foreach_remove(rows->by_key, is_none, (void *)rows->table);
    free_rows(rows, put_last(rows));
}

void *smtpx_rows_find(smtpx_rows *rows, const void *key, bool *is_new)
{
    *is_new = false;
    if (key == rows->last_key)
        return rows->last;
    rows->last_key = key;
    rows->last = g_hash_table_lookup(rows->by_key, key);
    *is_new = !rows->last;
    if (*is_new)
        rows->last = add_row(rows, key);
    return rows->last;
}
