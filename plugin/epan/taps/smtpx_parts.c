/* smtpx_parts.c
 * The parts of exported mails as files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_parts.h"

#include <stdio.h>

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/learn/smtpx_words.h"
#include "plugin/epan/taps/smtpx_filename.h"
#include "plugin/smtp/syntax/smtp_mime.h"

enum {
    MOST_PARTS = 1000, /* of a message */
    MOST_PIECES = 100, /* of a name (RFC 2231, 3) */
    LONGEST_KEY = 32
};

smtpx_bool smtpx_parts_wanted = false;

/* ---- What the sender calls a part ---- */

/* Octets in a charset, of no length where that is not told, as UTF-8. */
static char *text_in(const uint8_t *octets, gsize length, const char *charset)
{
    gsize written = 0;
    char *converted =
        *charset ? g_convert((const char *)octets, (gssize)length, "UTF-8", charset, NULL, &written, NULL) : NULL;
    char *text =
        smtpx_text(NULL, converted ? (const uint8_t *)converted : octets, (uint32_t)(converted ? written : length));

    g_free(converted);
    return text;
}

/* A piece of a name. Only the first one tells the charset. */
static void append_piece(GByteArray *name, GString *charset, const uint8_t *message, smtp_span piece, bool percent)
{
    uint8_t *decoded;
    uint32_t length;
    smtp_span told;

    if (!percent) {
        g_byte_array_append(name, message + piece.offset, piece.length);
        return;
    }
    decoded = g_malloc(piece.length);
    length = smtp_mime_percent_decode(message, piece, &told, decoded);
    if (name->len == 0)
        g_string_append_len(charset, (const char *)message + told.offset, (gssize)told.length);
    g_byte_array_append(name, decoded, length);
    g_free(decoded);
}

/* NAME*, or NAME*0, NAME*1*, and so on; nothing else of the name is there then. */
static void append_pieces(GByteArray *name, GString *charset, const uint8_t *message, smtp_span field, const char *key)
{
    char numbered[LONGEST_KEY];
    smtp_span piece;
    bool percent;

    snprintf(numbered, sizeof numbered, "%s*", key);
    piece = smtp_mime_parameter(message, field, numbered);
    if (piece.length > 0) {
        append_piece(name, charset, message, piece, true);
        return;
    }
    for (unsigned i = 0; i < MOST_PIECES; i++) {
        snprintf(numbered, sizeof numbered, "%s*%u*", key, i);
        piece = smtp_mime_parameter(message, field, numbered);
        percent = piece.length > 0;
        if (!percent) {
            snprintf(numbered, sizeof numbered, "%s*%u", key, i);
            piece = smtp_mime_parameter(message, field, numbered);
        }
        if (piece.length == 0)
            return;
        append_piece(name, charset, message, piece, percent);
    }
}

/* A parameter as text, to be freed with wmem_free(NULL); NULL: it is not there. */
static char *parameter_text(const uint8_t *message, smtp_span field, const char *key)
{
    GByteArray *name = g_byte_array_new();
    GString *charset = g_string_new(NULL);
    smtp_span value;
    char *text = NULL;

    append_pieces(name, charset, message, field, key);
    if (name->len > 0) {
        text = text_in(name->data, name->len, charset->str);
    } else {
        value = smtp_mime_parameter(message, field, key);
        text = value.length > 0 ? smtpx_words_take(message + value.offset, value.length) : NULL;
    }
    g_string_free(charset, TRUE);
    g_byte_array_free(name, TRUE);
    return text;
}

/* ---- Names of files ---- */

static const struct {
    const char *type, *suffix;
} suffixes[] = {{"TEXT/PLAIN", ".txt"},       {"TEXT/HTML", ".html"},      {"TEXT/CALENDAR", ".ics"},
                {"MESSAGE/RFC822", ".eml"},   {"IMAGE/JPEG", ".jpg"},      {"IMAGE/PNG", ".png"},
                {"IMAGE/GIF", ".gif"},        {"APPLICATION/PDF", ".pdf"}, {"APPLICATION/ZIP", ".zip"},
                {"APPLICATION/JSON", ".json"}};

static bool is_type(const uint8_t *message, const smtp_mime_part *part, const char *type)
{
    return smtp_is_word(message + part->type.offset, part->type.length, type);
}

/* Where no type is told it is plain text (RFC 2045, 5.2). */
static const char *suffix_of(const uint8_t *message, const smtp_mime_part *part)
{
    if (part->type.length == 0)
        return ".txt";
    for (size_t i = 0; i < array_length(suffixes); i++) {
        if (is_type(message, part, suffixes[i].type))
            return suffixes[i].suffix;
    }
    return ".bin";
}

/* "0001-part02-invoice.pdf" */
static char *file_name(const smtpx_parts_of *of, const smtp_mime_part *part, uint32_t number)
{
    GString *name = g_string_new(NULL);
    char *told = parameter_text(of->octets, part->disposition, "FILENAME");
    size_t before;

    if (!told)
        told = parameter_text(of->octets, part->parameters, "NAME");
    g_string_printf(name, "%04u-part%02u-", of->number, number);
    before = name->len;
    if (told)
        smtpx_filename_append_with_suffix(name, told);
    if (name->len == before) {
        g_string_truncate(name, before - 1);
        g_string_append(name, suffix_of(of->octets, part));
    }
    wmem_free(NULL, told);
    return g_string_free(name, FALSE);
}

/* ---- The list ---- */

static void add_part(const export_object_list_t *list, const smtpx_parts_of *of, const smtp_mime_part *part,
                     uint32_t number)
{
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);
    char *type = smtpx_text(NULL, of->octets + part->type.offset, part->type.length);

    entry->pkt_num = of->frame;
    entry->hostname = g_strdup(of->hostname);
    entry->content_type = g_strdup(*type ? type : "text/plain");
    entry->filename = file_name(of, part, number);
    entry->payload_data = g_malloc(MAX(part->body.length, 1));
    entry->payload_len = smtp_mime_decode(of->octets, part, entry->payload_data);
    wmem_free(NULL, type);
    list->add_entry(list->gui_data, entry);
}

/* Is it a message as there were before MIME? Its file says it all. */
static bool is_bare(const smtp_mime *mime, const smtp_mime_part *part)
{
    return mime->depth == 0 && part->type.length == 0 && part->encoding == SMTP_MIME_PLAIN &&
           part->disposition.length == 0;
}

void smtpx_parts_export(const export_object_list_t *list, const smtpx_parts_of *message)
{
    uint32_t number = 0;
    smtp_mime_part part;
    smtp_mime mime;

    smtp_mime_begin(&mime, message->octets, message->length);
    while (number < MOST_PARTS && smtp_mime_next(&mime, &part)) {
        if (!is_bare(&mime, &part))
            add_part(list, message, &part, ++number);
    }
}
