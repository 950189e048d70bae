/* smtpx_rows.h
 * Tables that taps fill: a row for each thing, printed by tshark (aligned, or as lines of
 * JSON), and shown in a window or by sharkd.
 *
 * A column says how its cell is written, once for all of these.  tshark prints when the
 * capture was read, so cells are written then, from what is known in the end; a window
 * cannot be told when that is, but it reads captures that were read before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_ROWS_H
#define SMTPX_ROWS_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/smtp/smtp_exchange.h"

typedef enum smtpx_cell_kind {
    SMTPX_CELL_COUNT,   /**< a number */
    SMTPX_CELL_SECONDS, /**< a span of time */
    SMTPX_CELL_TEXT,
    SMTPX_CELL_LIST,   /**< texts */
    SMTPX_CELL_NUMBERS /**< the same, of digits */
} smtpx_cell_kind;

/** A cell as a column writes it; empty as it is given. */
typedef struct smtpx_cell {
    bool known;       /**< COUNT, SECONDS: there is a value; TEXT: there is one though it is empty */
    uint64_t count;   /**< COUNT */
    int64_t span;     /**< SECONDS: ns */
    GString *text;    /**< TEXT, LIST, NUMBERS: in UTF-8; of a list each entry ends with a newline */
    uint32_t entries; /**< LIST, NUMBERS */
} smtpx_cell;

void smtpx_cell_count(smtpx_cell *cell, uint64_t count);

/** @param nanoseconds  SMTP_DURATION_UNKNOWN: the cell stays empty */
void smtpx_cell_span(smtpx_cell *cell, int64_t nanoseconds);

void smtpx_cell_text(smtpx_cell *cell, const char *text);

/** Octets as text, as in the tree. */
void smtpx_cell_octets(smtpx_cell *cell, const uint8_t *octets, uint32_t length);

/** @param name  NULL: nothing is added */
void smtpx_cell_name(smtpx_cell *cell, const smtp_name *name);

/** Is it a path of which the address is empty? For people that is "<>". */
static inline bool smtpx_cell_is_null_path(const smtpx_cell *cell)
{
    return cell->known && cell->text->len == 0;
}

/** The names of remarks, as entries of a list, the gravest first. */
void smtpx_cell_remarks(smtpx_cell *cell, const smtp_remarks *remarks);

/** The same, as an entry of a list. */
void smtpx_cell_entry(smtpx_cell *cell, const smtp_name *name);

/** The same of a number. */
void smtpx_cell_number(smtpx_cell *cell, uint32_t number);

/** Is what it shows a list? */
static inline bool smtpx_cell_is_list(smtpx_cell_kind kind)
{
    return kind == SMTPX_CELL_LIST || kind == SMTPX_CELL_NUMBERS;
}

/** A host's address. */
void smtpx_cell_address(smtpx_cell *cell, const address *host);

typedef struct smtpx_column {
    const char *title;
    const char *key; /**< in JSON */
    smtpx_cell_kind kind;
    bool json_only; /**< there are columns enough */
    void (*write)(const void *row, smtpx_cell *cell);
} smtpx_column;

/** Seconds for programs, with nine digits behind the point. */
void smtpx_cell_append_seconds(GString *text, int64_t nanoseconds);

/** A cell as text for programs, in one line: no units, a list with commas. The caller frees it with g_free(). */
char *smtpx_column_text(const smtpx_column *column, const void *row);

enum {
    SMTPX_TABLE_MOST_COLUMNS = 32
};

/** A row begins with this. */
typedef struct smtpx_row {
    uint32_t place; /**< among the rows */
    bool is_final;  /**< all of the capture was read before */
} smtpx_row;

/** The rows of a table, in the order in which they were added. */
typedef struct smtpx_rows {
    const struct smtpx_tap_table *table;
    GPtrArray *rows;
    GHashTable *by_key;
    const void *last_key; /**< what was looked for last: NULL: nothing */
    smtpx_row *last;
    void (*show)(struct smtpx_rows *rows, const smtpx_row *row); /**< where rows are shown at once; else NULL */
    void *shown_in;                                              /**< for that */
} smtpx_rows;

/** A table. */
typedef struct smtpx_tap_table {
    const char *title;
    const char *argument; /**< of -z, and of sharkd's nstat */
    const smtpx_column *columns;
    uint32_t count; /**< of columns, SMTPX_TABLE_MOST_COLUMNS at most */
    size_t row_size;
    void (*clear)(void *row); /**< frees what a row has; NULL: it has nothing */
    void (*read)(smtpx_rows *rows, packet_info *pinfo, const void *tapped); /**< takes it into account */
    bool (*is_none)(const void *row); /**< is the row of something that there was not, as is known now? NULL: none is */
} smtpx_tap_table;

void smtpx_rows_begin(smtpx_rows *rows, const smtpx_tap_table *table);
void smtpx_rows_end(smtpx_rows *rows);

void smtpx_rows_forget(smtpx_rows *rows);

/** The row of a key; a new one is zeroed.
 *  @param is_new  whether it is */
void *smtpx_rows_find(smtpx_rows *rows, const void *key, bool *is_new);

/** Takes out the rows of what there was not. */
void smtpx_rows_tidy(smtpx_rows *rows);

/** Cells of a row have changed. */
static inline void smtpx_rows_changed(smtpx_rows *rows, const void *row)
{
    if (rows->show)
        rows->show(rows, row);
}

#endif /* SMTPX_ROWS_H */
