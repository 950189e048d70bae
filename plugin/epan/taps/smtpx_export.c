/* smtpx_export.c
 * Messages as files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_export.h"

#include <epan/export_object.h>
#include <epan/tap.h>

#include "plugin/epan/draw/smtpx_arguments.h"
#include "plugin/epan/draw/smtpx_handover.h"
#include "plugin/epan/taps/smtpx_filename.h"
#include "plugin/epan/taps/smtpx_mails.h"
#include "plugin/epan/taps/smtpx_parts.h"

/* A message of the list. */
typedef struct object {
    smtpx_mail mail;
    uint32_t number; /* in the list, from 1 */
    export_object_entry_t *entry;
    size_t line; /* where its line begins in mails.tsv */
    size_t line_length;
} object;

/* The list that is made: there is one at a time. */
static struct {
    const export_object_list_t *shown; /* NULL: none */
    GHashTable *objects;               /* by transaction; of the capture's memory, see forget_capture() */
    uint32_t count;                    /* of messages, those of before a reset, too */
    GString *lines;                    /* of mails.tsv */
    export_object_entry_t *index;      /* which that is */
} list;

/* ---- Names ---- */

static const smtpx_column *column_of(const char *key)
{
    const smtpx_column *column = smtpx_mails_table.columns;

    while (strcmp(column->key, key) != 0)
        column++;
    return column;
}

static char *cell_of(const object *named, const char *key)
{
    return smtpx_column_text(column_of(key), &named->mail);
}

static void append_name_part(GString *name, const object *named, const char *key)
{
    char *text = cell_of(named, key);
    size_t before = name->len;

    g_string_append_c(name, '-');
    smtpx_filename_append(name, text);
    if (name->len == before + 1)
        g_string_truncate(name, before);
    g_free(text);
}

/* "0001-4F1B21234-Subject.eml": the number makes it unique, wherever capitals and small letters are alike, too. */
static char *name_of(const object *named)
{
    GString *name = g_string_new(NULL);

    g_string_printf(name, "%04u", named->number);
    append_name_part(name, named, "queue_id");
    append_name_part(name, named, "subject");
    g_string_append(name, ".eml");
    return g_string_free(name, FALSE);
}

static void replace(char **text, char *by)
{
    g_free(*text);
    *text = by;
}

/* What the window shows of it: host, type and name. */
static void name_entry(const object *named)
{
    char *client = cell_of(named, "client"), *recipients = cell_of(named, "recipients");
    char *status = cell_of(named, "status"), *queue_id = cell_of(named, "queue_id");

    replace(&named->entry->hostname, g_strdup_printf("%s to %s", client, *recipients ? recipients : "nobody"));
    replace(&named->entry->content_type, g_strdup_printf("%s%s%s", status, *queue_id ? " as " : "", queue_id));
    replace(&named->entry->filename, name_of(named));
    g_free(client);
    g_free(recipients);
    g_free(status);
    g_free(queue_id);
}

/* ---- mails.tsv ---- */

static void append_head(GString *lines)
{
    g_string_append(lines, "file");
    for (uint32_t i = 0; i < smtpx_mails_table.count; i++)
        g_string_append_printf(lines, "\t%s", smtpx_mails_table.columns[i].key);
    g_string_append_c(lines, '\n');
}

static char *line_of(const object *named)
{
    GString *line = g_string_new(named->entry->filename);

    for (uint32_t i = 0; i < smtpx_mails_table.count; i++) {
        char *text = smtpx_column_text(&smtpx_mails_table.columns[i], &named->mail);
        g_string_append_printf(line, "\t%s", g_strdelimit(text, "\t\r\n", ' '));
        g_free(text);
    }
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

/* The entry has the octets; they are g_free()'s. */
static void show_lines(void)
{
    list.index->payload_data = (uint8_t *)list.lines->str;
    list.index->payload_len = list.lines->len;
}

static void add_line(object *listed)
{
    char *line = line_of(listed);

    listed->line = list.lines->len;
    listed->line_length = strlen(line);
    g_string_append(list.lines, line);
    g_free(line);
    show_lines();
}

static void move_line(void *key _U_, void *value, void *by)
{
    const object *moved = ((void **)by)[0];
    object *listed = value;

    if (listed->line > moved->line)
        listed->line += *(const size_t *)((void **)by)[1];
}

/* Most are answered before another message ends, and so are the last line. */
static void replace_line(object *listed)
{
    char *line = line_of(listed);
    size_t longer = strlen(line) - listed->line_length; /* it may be less than 0, and wrap */
    void *by[] = {listed, &longer};

    if (listed->line + listed->line_length < list.lines->len)
        g_hash_table_foreach(list.objects, move_line, by);
    g_string_erase(list.lines, (gssize)listed->line, (gssize)listed->line_length);
    g_string_insert(list.lines, (gssize)listed->line, line);
    listed->line_length += longer;
    g_free(line);
    show_lines();
}

/* ---- The list ---- */

/* Its entries, with their octets, are Wireshark's. */
static void forget_list(void)
{
    char *octets;

    if (!list.shown)
        return;
    g_hash_table_destroy(list.objects);
    octets = g_string_free(list.lines, FALSE);
    DISSECTOR_ASSERT(octets);
    memset(&list, 0, sizeof list);
}

/* tshark has one list, to which tshark -M adds behind each reset; numbers that began anew there would give files the
 * same names. */
static void forget_capture(void)
{
    if (list.shown && smtpx_arguments_program_is("tshark"))
        g_hash_table_remove_all(list.objects);
    else
        forget_list();
}

static export_object_entry_t *add_entry(uint32_t frame)
{
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);

    entry->pkt_num = frame;
    return entry;
}

static void begin_list(const export_object_list_t *shown, uint32_t frame)
{
    list.shown = shown;
    list.objects = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    list.lines = g_string_new(NULL);
    append_head(list.lines);
    list.index = add_entry(frame);
    list.index->hostname = g_strdup("all");
    list.index->content_type = g_strdup("list of the mails");
    list.index->filename = g_strdup("mails.tsv");
    show_lines();
    shown->add_entry(shown->gui_data, list.index);
}

static void add_parts(const object *made, const smtpx_exported *told)
{
    const smtpx_parts_of message = {
        .number = made->number,
        .frame = made->entry->pkt_num,
        .hostname = made->entry->hostname,
        .octets = told->octets,
        .length = told->length,
    };

    if (smtpx_parts_wanted)
        smtpx_parts_export(list.shown, &message);
}

static void add_object(packet_info *pinfo, const smtpx_exported *told)
{
    object *made = g_new0(object, 1);

    made->number = ++list.count;
    smtpx_mail_begin(&made->mail, pinfo, told->session, told->layer, told->transaction);
    made->mail.facts = *told->facts;
    made->entry = add_entry(pinfo->num);
    made->entry->payload_data = g_memdup2(told->octets, told->length);
    made->entry->payload_len = told->length;
    name_entry(made);
    g_hash_table_insert(list.objects, (void *)told->transaction, made);
    add_line(made);
    list.shown->add_entry(list.shown->gui_data, made->entry);
    add_parts(made, told);
}

static void end_object(const smtp_transaction *transaction)
{
    object *ended = list.shown ? g_hash_table_lookup(list.objects, transaction) : NULL;

    if (!ended)
        return;
    name_entry(ended);
    replace_line(ended);
}

/* A server took a look-alike for the end of a message that is in the list: all behind it is another's. */
static void shorten(void *transaction, void *shortened, void *nothing _U_)
{
    const smtp_transaction *of = transaction;
    object *listed = shortened;
    uint64_t octets;

    if (!smtp_rare_of(of)->suspicion || !smtp_transaction_octets(of, &octets) || octets >= listed->entry->payload_len)
        return;
    listed->entry->payload_len = (size_t)octets;
    replace_line(listed);
}

static void shorten_all(void)
{
    if (list.shown)
        g_hash_table_foreach(list.objects, shorten, NULL);
}

/* Nobody tells of a new list, but a message is told once for each. */
static bool is_new_list(const export_object_list_t *shown, const smtpx_exported *told)
{
    return shown != list.shown || g_hash_table_lookup(list.objects, told->transaction);
}

static tap_packet_status export_message(void *data, packet_info *pinfo, epan_dissect_t *dissected _U_,
                                        const void *tapped, tap_flags_t flags _U_)
{
    const export_object_list_t *shown = data;
    const smtpx_exported *told = tapped;

    if (told->shortens) {
        shorten_all();
        return TAP_PACKET_REDRAW;
    }
    if (!told->octets) {
        end_object(told->transaction);
        return TAP_PACKET_REDRAW;
    }
    if (is_new_list(shown, told)) {
        forget_list();
        begin_list(shown, pinfo->num);
    }
    add_object(pinfo, told);
    return TAP_PACKET_REDRAW;
}

void smtpx_export_register(int proto)
{
    register_export_object(proto, export_message, forget_list);
    register_init_routine(forget_capture);
}
