/* shown.c
 * What Wireshark shows of mail in a frame.
 *
 * tests/epan/canonical.py asks the same of PDML.  Of a first pass is not
 * wanted what only later frames tell: the reply to a command, where a message
 * is complete, the reply that came before its final dot, results of transactions
 * that nothing ended, which transaction a command belongs to (not to that of a
 * MAIL that is refused later); and what other dissectors make of a token.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "shown.h"

#include <string.h>

#include "measure.h"

#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
#define VALUE_OF(item) ((item)->value)
#else
#define VALUE_OF(item) (&(item)->value)
#endif

/* What depends on frames, not on octets; "*" stands for any ending. */
static const char *const of_frames[] = {"smtpx",
                                        "smtpx.session",
                                        "smtpx.tls",
                                        "smtpx.response_time",
                                        "smtpx.reply.duration",
                                        "smtpx.wait",
                                        "smtpx.message.chunk_octets",
                                        "smtpx.message.reassembled.in",
                                        "smtpx.reply.recipient_in",
                                        "smtpx.transaction.duration",
                                        "text",
                                        "_ws.*",
                                        NULL};
/* What there is one of for each segment, however many there are; and the built-in's fields. */
static const char *const of_segments[] = {
    "smtpx.opaque", "smtpx.message.fragment*", "smtpx.message.reassem*", "smtpx.session.*", "smtp", "smtp.*", NULL};
static const char *const ahead[] = {"smtpx.response_in", "smtpx.message.reassembled.in", "smtpx.transaction", NULL};
static const char *const partners[] = {"smtpx.response_in", "smtpx.response_to", NULL};
static const char *const replies[] = {"smtpx.response_to", NULL};
static const char *const statuses[] = {"smtpx.transaction.status", NULL};
static const char *const messages[] = {"smtpx.message", NULL};
static const char *const chunks[] = {"smtpx.message.chunk_octets", NULL};
static const char *const ours[] = {"smtpx*", "imf*", "text", "_ws.*", NULL};
static const char *const remarks[] = {"smtpx.anomaly", "text", NULL};

/* What kinds of field there are, a bit each. */
static const char *const *const kinds[] = {of_frames, of_segments, ahead,  partners, replies,
                                           statuses,  messages,    chunks, remarks,  ours};

typedef enum kind {
    OF_FRAMES = 1 << 0,
    OF_SEGMENTS = 1 << 1,
    AHEAD = 1 << 2,
    PARTNER = 1 << 3,
    REPLY_TO = 1 << 4,
    STATUS = 1 << 5,
    MESSAGE = 1 << 6,
    CHUNK = 1 << 7,
    REMARK = 1 << 8,
    OURS = 1 << 9,
    KNOWN = 1 << 10
} kind;

/* Labels of remarks on what is shown as it comes. */
static const char *const parts[] = {"long_line",      "unfinished_line", "unfinished_reply",
                                    "Rest of a line", "TLS, ",           "Unclassified"};

static bool is_among(const char *name, const char *const *list)
{
    for (; *list; list++) {
        size_t length = strlen(*list);
        bool any = (*list)[length - 1] == '*';
        if (any ? strncmp(name, *list, length - 1) == 0 : strcmp(name, *list) == 0)
            return true;
    }
    return false;
}

static const char *name_of(const proto_node *node)
{
    return PNODE_FINFO(node)->hfinfo->abbrev;
}

/* The kinds that a node's field is of, worked out once for each field. */
static unsigned kinds_of(const proto_node *node)
{
    static uint16_t known[1 << 20];
    size_t id = (size_t)PNODE_FINFO(node)->hfinfo->id;
    uint16_t *of = &known[id];

    if (id >= array_length(known))
        FUZZ_FAIL("more fields than expected");
    if (*of)
        return *of;
    *of = KNOWN;
    for (size_t i = 0; i < array_length(kinds); i++) {
        if (is_among(name_of(node), kinds[i]))
            *of |= (uint16_t)(1 << i);
    }
    return *of;
}

static void label_of(const proto_node *node, char *label)
{
    field_info *item = PNODE_FINFO(node);

    if (item->rep)
        g_strlcpy(label, item->rep->representation, ITEM_LABEL_LENGTH);
    else
#if SMTPX_WIRESHARK_AT_LEAST(4, 4)
        proto_item_fill_label(item, label, NULL);
#else
        proto_item_fill_label(item, label);
#endif
}

/* Has a node a child of this kind, and with this label? */
static bool has_child(const proto_node *node, kind wanted, const char *text)
{
    char label[ITEM_LABEL_LENGTH];

    for (const proto_node *child = node->first_child; child; child = child->next) {
        if (!(kinds_of(child) & wanted))
            continue;
        label_of(child, label);
        if (strstr(label, text))
            return true;
    }
    return false;
}

static void write_line(GString *text, const char *name, const char *label)
{
    if (text)
        g_string_append_printf(text, "%s = %s\n", name, label);
}

static bool is_ahead(const shown *s, const proto_node *node, unsigned of)
{
    return (of & AHEAD) || ((of & REPLY_TO) && fvalue_get_uinteger(VALUE_OF(PNODE_FINFO(node))) > s->frame);
}

static void note_parts(shown *s, const char *label)
{
    for (size_t i = 0; i < array_length(parts); i++)
        s->has_parts = s->has_parts || strstr(label, parts[i]);
}

/* GSS-API and NTLM, to which smtpx hands a token, learn from later frames what an
 * earlier one was, and name frames. */
static bool is_foreign(unsigned of)
{
    return !(of & OURS);
}

/* An item and all below it, to the texts that still want it. */
static void walk(shown *s, const proto_node *node, GString *lasting, GString *meaning)
{
    unsigned of = kinds_of(node);
    char label[ITEM_LABEL_LENGTH];

    label_of(node, label);
    if (of & REMARK)
        note_parts(s, label);
    if (has_child(node, STATUS, "incomplete") || is_foreign(of))
        lasting = NULL;
    if ((of & OF_SEGMENTS) || is_foreign(of) || ((of & MESSAGE) && has_child(node, CHUNK, "")))
        meaning = NULL;
    write_line(s->all, name_of(node), label);
    if (!is_ahead(s, node, of))
        write_line(lasting, name_of(node), label);
    if (!(of & OF_FRAMES))
        write_line(meaning, name_of(node), of & PARTNER ? "a partner" : label);
    for (const proto_node *child = node->first_child; child; child = child->next)
        walk(s, child, lasting, meaning);
}

/* Nothing that smtpx is given makes it run beyond the end of the packet. */
static void check_top(const proto_node *node)
{
    char label[ITEM_LABEL_LENGTH];

    if (strncmp(name_of(node), "_ws.", 4) != 0)
        return;
    label_of(node, label);
    if (strstr(label, "SMTPX"))
        FUZZ_FAIL("%s", label);
}

static void write_columns(shown *s, const column_info *columns)
{
    if (!s->all || !columns)
        return;
    write_line(s->all, "Protocol", col_get_text((column_info *)columns, COL_PROTOCOL));
    write_line(s->all, "Info", col_get_text((column_info *)columns, COL_INFO));
}

void shown_look(epan_dissect_t *edt, void *data)
{
    shown *s = data;
    bool is_ours = false;

    s->frame = edt->pi.num;
    for (const proto_node *node = edt->tree ? edt->tree->first_child : NULL; node; node = node->next) {
        check_top(node);
        if (strcmp(name_of(node), "smtpx") != 0 && strcmp(name_of(node), "imf") != 0)
            continue;
        is_ours = true;
        walk(s, node, s->lasting, strcmp(name_of(node), "imf") == 0 ? s->mail : s->meaning);
    }
    if (is_ours)
        write_columns(s, edt->pi.cinfo);
}
