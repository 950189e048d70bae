/* shown.c
 * What Wireshark shows of mail in a frame.
 *
 * tests/epan/canonical.py asks the same of PDML.  Of a first pass is not
 * wanted what only later frames tell: the reply to a command, where a message
 * is complete, the reply that came before its final dot, which transaction a
 * command belongs to (not to that of a MAIL that is refused later), and a message; and what other
 * dissectors make of a token.  It may lack what stands in is_later(): last lines
 * without their end, messages that break off, results of transactions, what a line without a code answers, which
 * command a reply answers that came before the end of its line, a remark that TLS justifies; and what was said before
 * SMTP was recognised.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "shown.h"

#include <string.h>

#include "measure.h"
#include "plugin/epan/learn/smtpx_endings.h"

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
                                        "smtpx.tls.records",
                                        "smtpx.transaction.duration",
                                        "smtpx.transaction.server_time",
                                        "smtpx.transaction.client_time",
                                        "smtpx.transaction.transfer_time",
                                        "smtpx.transaction.begins_in",
                                        "smtpx.transaction.message_in",
                                        "smtpx.transaction.ends_in",
                                        "smtpx.transaction.reason_in",
                                        "smtpx.transaction.refused_in",
                                        "text",
                                        "_ws.*",
                                        NULL};
/* What there is one of for each segment, however many there are; and the built-in's fields. */
static const char *const of_segments[] = {
    "smtpx.opaque", "smtpx.message.fragment*", "smtpx.message.reassem*", "smtpx.session.*", "smtp", "smtp.*", NULL};
static const char *const ahead[] = {"smtpx.message.sender",       "smtpx.message.recipient",
                                    "smtpx.response_in",          "smtpx.message.reassembled.in",
                                    "smtpx.transaction",          "smtpx.transaction.begins_in",
                                    "smtpx.transaction.ends_in",  "smtpx.transaction.previous_hop",
                                    "smtpx.transaction.next_hop", NULL};
static const char *const partners[] = {"smtpx.response_in", "smtpx.response_to", NULL};
static const char *const replies[] = {"smtpx.response_to", NULL};
static const char *const statuses[] = {"smtpx.transaction.status", NULL};
static const char *const messages[] = {"smtpx.message", NULL};
static const char *const chunks[] = {"smtpx.message.chunk_octets", NULL};
static const char *const ours[] = {"smtpx*", "imf*", "text", "_ws.*", NULL};
static const char *const remarks[] = {"smtpx.anomaly", "text", NULL};
static const char *const anomalies[] = {"smtpx.anomaly", NULL};
static const char *const experts[] = {"_ws.expert", NULL};
static const char *const pairs[] = {"smtpx.response_to", "smtpx.response_to.command", "smtpx.response_time", NULL};
static const char *const fragments[] = {"smtpx.message.fragments", NULL};
static const char *const unfinished[] = {"smtpx.message.unfinished", NULL};
static const char *const numbers[] = {"smtpx.transaction", NULL};
static const char *const codes[] = {"smtpx.reply.code", NULL};
static const char *const of_verbs[] = {
    "smtpx.auth*", "smtpx.starttls", "smtpx.capability*", "smtpx.reply.recipient*", "smtpx.response_to.command", NULL};
static const char *const sessions[] = {"smtpx.session", "smtpx.tls", "smtp", "smtp.*", NULL};

/* What kinds of field there are, a bit each. */
static const char *const *const kinds[] = {of_frames,  of_segments, ahead,    partners,  replies, statuses, messages,
                                           chunks,     remarks,     ours,     anomalies, experts, pairs,    fragments,
                                           unfinished, numbers,     sessions, codes,     of_verbs};

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
    ANOMALY = 1 << 10,
    EXPERT = 1 << 11,
    PAIR = 1 << 12,
    FRAGMENTS = 1 << 13,
    UNFINISHED = 1 << 14,
    NUMBER = 1 << 15,
    SESSION = 1 << 16,
    CODE = 1 << 17,
    OF_VERB = 1 << 18,
    KNOWN = 1 << 19
} kind;

/* Labels of remarks on what is shown as it comes. */
static const char *const parts[] = {"long_line", "unfinished_line", "unfinished_reply",  "Rest of a line",
                                    "TLS, ",     "Unclassified",    "Octets sent again", "Late octets"};

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

/* Does it stand in the tree for what is below it alone? From 4.6 on such nodes have no item. */
static bool is_empty(const proto_node *node)
{
    return !PNODE_FINFO(node);
}

static const char *name_of(const proto_node *node)
{
    return is_empty(node) ? "" : PNODE_FINFO(node)->hfinfo->abbrev;
}

/* The kinds that a field is of, worked out once for each. */
static unsigned kinds_of_field(const header_field_info *field)
{
    static uint32_t known[1 << 20];
    size_t id = (size_t)field->id;
    uint32_t *of = &known[id];

    if (id >= array_length(known))
        FUZZ_FAIL("more fields than expected");
    if (*of)
        return *of;
    *of = KNOWN;
    for (size_t i = 0; i < array_length(kinds); i++) {
        if (is_among(field->abbrev, kinds[i]))
            *of |= 1u << i;
    }
    return *of;
}

static unsigned kinds_of(const proto_node *node)
{
    return is_empty(node) ? KNOWN : kinds_of_field(PNODE_FINFO(node)->hfinfo);
}

static void label_of(const proto_node *node, char *label)
{
    field_info *item = PNODE_FINFO(node);

    if (is_empty(node))
        *label = '\0';
    else if (item->rep)
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

/* A label without the frames that it names. */
static const char *without_frames(char *label)
{
    static const char *const begins[] = {", MAIL in: ", ", RCPT in: ", " in frames ", ", frame "};

    for (size_t i = 0; i < array_length(begins); i++) {
        char *frames = strstr(label, begins[i]);

        if (frames)
            *frames = '\0';
    }
    /* Its own frame is not named. */
    if (g_str_has_suffix(label, ")"))
        label[strlen(label) - 1] = '\0';
    return label;
}

/* What smtpx's own row says of the frame's units, one for each, depends on what is shown of them. */
static const char *lasting_label(const proto_node *node, unsigned of, const char *label)
{
    if (strcmp(name_of(node), "smtpx") == 0)
        return "the protocol";
    return of & CODE ? "its meaning depends on the command" : label;
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

/* ---- What a first pass may lack ---- */

static bool is_remark(const proto_node *expert, const char *name)
{
    for (const proto_node *child = expert->first_child; child; child = child->next) {
        if (strcmp(name_of(child), name) == 0)
            return true;
    }
    return false;
}

/* Has an item a remark of this name? */
static bool has_remark(const proto_node *node, const char *name)
{
    for (const proto_node *child = node->first_child; child; child = child->next) {
        if ((kinds_of(child) & EXPERT) && is_remark(child, name))
            return true;
        /* They stand below the name of the remark. */
        if ((kinds_of(child) & ANOMALY) && has_remark(child, name))
            return true;
    }
    return false;
}

/* Is this a message that breaks off, or the list of its fragments, which stands before it? */
static bool breaks_off(const proto_node *node, unsigned of)
{
    if (of & FRAGMENTS)
        return node->next && breaks_off(node->next, kinds_of(node->next));
    return (of & MESSAGE) && has_child(node, UNFINISHED, "");
}

/* Is this the result of a transaction? It is told with the reply that decided, and which that is later ones tell. */
static bool is_result(const proto_node *node)
{
    return has_child(node, STATUS, "");
}

/* Is this the remark on clear text behind STARTTLS, which the TLS behind it may justify? */
static bool is_of_attack(const proto_node *node, unsigned of, const char *label)
{
    return ((of & ANOMALY) && strstr(label, "clear_after_starttls")) ||
           ((of & EXPERT) && is_remark(node, "smtpx.anomaly.clear_after_starttls"));
}

/* Does the reply that an item belongs to answer a line whose end comes later?  Only then is it known
 * which command that is. */
static bool answers_ahead(const shown *s, const proto_node *node)
{
    const proto_node *reply = node->parent;

    while (reply && !has_child(reply, CODE, ""))
        reply = reply->parent;
    for (const proto_node *child = reply ? reply->first_child : NULL; child; child = child->next) {
        if ((kinds_of(child) & REPLY_TO) && is_ahead(s, child, REPLY_TO))
            return true;
    }
    return false;
}

/* May the first pass have shown none of this item and what is below it? */
static bool is_later(const shown *s, const proto_node *node, unsigned of, const char *label)
{
    bool is_of_codeless = (of & PAIR) && !has_child(node->parent, CODE, "");

    if ((of & OF_VERB) && answers_ahead(s, node))
        return true;
    return s->in_ending || breaks_off(node, of) || is_result(node) || is_of_attack(node, of, label) || is_of_codeless;
}

static bool is_unit(const proto_node *item)
{
    return !is_empty(item) && !(kinds_of(item) & (ANOMALY | SESSION));
}

/* The unit that stands as many units before the last one; NULL: there is none. */
static const proto_node *find_unit(const proto_node *smtpx, uint32_t before)
{
    uint32_t units = 0;

    for (const proto_node *child = smtpx->first_child; child; child = child->next)
        units += is_unit(child);
    for (const proto_node *child = smtpx->first_child; child; child = child->next) {
        if (is_unit(child) && --units == before)
            return child;
    }
    return NULL;
}

/* The first item of a last line, of which the capture has no end, and behind which there is nothing
 * of smtpx's in the frame but remarks; NULL: there is none. Before a gap there may be two: lines
 * of a reply, and the start of one. */
static const proto_node *find_ending(const shown *s, const proto_node *smtpx)
{
    const smtpx_ending *ending = s->later ? smtpx_endings_find(s->frame) : NULL;
    const proto_node *last = ending ? find_unit(smtpx, 0) : NULL;
    char label[ITEM_LABEL_LENGTH];

    if (!last)
        return NULL;
    label_of(last, label);
    return has_remark(last, "smtpx.anomaly.unfinished_line") || has_remark(last, "smtpx.anomaly.unfinished_reply") ||
                   strncmp(label, "TLS, ", 5) == 0
               ? find_unit(smtpx, ending->is_cut ? ending->unit_count - 1 : 0)
               : NULL;
}

/* Does smtpx show nothing before this item, but the session's? */
static bool is_first(const proto_node *smtpx, const proto_node *node)
{
    const proto_node *child = smtpx->first_child;

    while (child != node && (kinds_of(child) & SESSION))
        child = child->next;
    return child == node;
}

/* Did this frame come before SMTP was recognised? */
static bool is_of_prelude(const shown *s, packet_info *pinfo)
{
    const smtpx_session *session = s->later ? smtpx_session_find(pinfo) : NULL;

    return session && s->frame >= session->prelude.first && s->frame <= session->prelude.last;
}

/* Is this the message that breaks off in this frame, as IMF reads it? */
static bool is_of_unfinished(const shown *s, const proto_node *imf)
{
    const field_info *item = PNODE_FINFO(imf);

    return s->unfinished && item->ds_tvb == PNODE_FINFO(s->unfinished)->ds_tvb &&
           item->start == PNODE_FINFO(s->unfinished)->start;
}

static void add_later(shown *s, gsize start)
{
    shown_block block = {start, s->lasting->len};

    g_array_append_val(s->later, block);
}

void shown_drop_later(const shown *second, const GString *first, GString *left)
{
    gsize from = 0;

    g_string_truncate(left, 0);
    for (guint i = 0; i < second->later->len; i++) {
        shown_block block = g_array_index(second->later, shown_block, i);

        g_string_append_len(left, second->lasting->str + from, (gssize)(block.start - from));
        from = block.start;
        if (left->len <= first->len &&
            strncmp(first->str + left->len, second->lasting->str + from, block.end - from) != 0)
            from = block.end;
    }
    g_string_append(left, second->lasting->str + from);
}

/* ---- All that is shown ---- */

/* Units of one transaction tell its number once, and those of a frame stand behind the last of them. */
static void write_number(shown *s, char *label)
{
    /* What follows "Mail 1" names frames, and says what became of it. */
    label[strcspn(label, ",:")] = '\0';
    if (!s->numbers || strcmp(label, s->number) == 0)
        return;
    g_strlcpy(s->number, label, sizeof s->number);
    g_string_append_printf(s->numbers, "%s\n", label);
}

static void walk(shown *s, const proto_node *node, GString *lasting, GString *meaning);

static void walk_below(shown *s, const proto_node *node, GString *lasting, GString *meaning)
{
    for (const proto_node *child = node->first_child; child; child = child->next)
        walk(s, child, lasting, meaning);
}

/* An item and all below it, to the texts that still want it. */
static void walk(shown *s, const proto_node *node, GString *lasting, GString *meaning)
{
    unsigned of = kinds_of(node);
    char label[ITEM_LABEL_LENGTH];
    gsize start = lasting ? lasting->len : 0;
    bool later;

    if (is_empty(node)) {
        walk_below(s, node, lasting, meaning);
        return;
    }
    label_of(node, label);
    s->in_ending = s->in_ending || (s->ending && node == s->ending);
    later = s->later && lasting && !s->in_later && is_later(s, node, of, label);
    s->in_later = s->in_later || later;
    if (breaks_off(node, of) && (of & MESSAGE))
        s->unfinished = node;
    if ((of & REMARK) && !s->in_ending)
        note_parts(s, label);
    if (is_foreign(of))
        lasting = NULL;
    if ((of & (OF_SEGMENTS | CHUNK)) || is_foreign(of))
        meaning = NULL;
    /* A part is one of a message only where the message itself is not there. */
    if ((of & MESSAGE) && (kinds_of(node->parent) & CHUNK))
        lasting = NULL;
    write_line(s->all, name_of(node), label);
    s->is_early = s->is_early || ((of & REPLY_TO) && is_ahead(s, node, of));
    if (!is_ahead(s, node, of))
        write_line(lasting, name_of(node), lasting_label(node, of, label));
    if (of & NUMBER)
        write_number(s, label);
    else if (!(of & OF_FRAMES))
        write_line(meaning, name_of(node), of & PARTNER ? "a partner" : without_frames(label));
    /* So do results. */
    walk_below(s, node, lasting, of & NUMBER ? s->numbers : meaning);
    if (later) {
        s->in_later = false;
        add_later(s, start);
    }
}

/* smtpx's item, of which there may be several in a frame. */
static void walk_smtpx(shown *s, const proto_node *smtpx, packet_info *pinfo)
{
    gsize start = s->lasting ? s->lasting->len : 0;
    bool is_ending;

    s->ending = find_ending(s, smtpx);
    s->in_ending = false;
    is_ending = s->ending && is_first(smtpx, s->ending);
    s->in_later = s->later && (is_ending || is_of_prelude(s, pinfo));
    walk(s, smtpx, s->lasting, s->meaning);
    if (s->in_later)
        add_later(s, start);
    s->in_later = s->in_ending = false;
}

static void walk_imf(shown *s, const proto_node *imf)
{
    gsize start = s->lasting ? s->lasting->len : 0;

    s->in_later = s->later && is_of_unfinished(s, imf);
    walk(s, imf, s->lasting, s->mail);
    if (s->in_later)
        add_later(s, start);
    s->in_later = false;
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
        bool is_smtpx = strcmp(name_of(node), "smtpx") == 0;

        check_top(node);
        if (is_smtpx)
            walk_smtpx(s, node, &edt->pi);
        else if (strcmp(name_of(node), "imf") == 0)
            walk_imf(s, node);
        else
            continue;
        is_ours = true;
    }
    if (is_ours)
        write_columns(s, edt->pi.cinfo);
}
