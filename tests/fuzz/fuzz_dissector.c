/* fuzz_dissector.c
 * libFuzzer target: the whole plugin inside libwireshark, over TCP segments.
 *
 * Input: five octets of options (see read_options()), then a script (script.h).
 *
 * Oracles, beside crashes and failed assertions of Wireshark's:
 * - a second pass shows what the first one showed, forward references aside;
 * - a frame dissected again, in any order, shows the same;
 * - the same octets cut otherwise mean the same, where desegmentation is on and
 *   no octet is missing.  Excepted is what is shown as it comes: lines and
 *   replies of more than 16 KB, TLS; and how a session is recognized, which is
 *   by its first segment;
 * - smtpx is never the protocol of a malformed packet;
 * - memory that lasts as long as the capture is bounded by the octets that
 *   came, and so is work, by octets and frames.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>

#include "host.h"
#include "measure.h"
#include "packets.h"
#include "plugin/smtp/syntax/smtp_sniff.h"
#include "shown.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

enum {
    RESET = 20,            /* inputs in a capture */
    STATE_FIXED = 8192,    /* octets of state that a connection may take, */
    STATE_PER_OCTET = 104, /* and more for each octet of payload */
    WORK_FIXED = 100000,   /* the same of work, */
    WORK_PER_OCTET = 1650, /* a label is looked through octet by octet */
    WORK_PER_FRAME = 6000  /* and for each frame: the row of a part of a message has the message below it */
};

const size_t script_options = 5;

/* Preferences, by the bit that changes them. */
static const struct {
    uint32_t bit;
    const char *unless;
    const char *when;
} preferences[] = {
    {0x0002, "tcp.desegment_tcp_streams:TRUE", "tcp.desegment_tcp_streams:FALSE"},
    {0x0004, "smtpx.desegment_lines:TRUE", "smtpx.desegment_lines:FALSE"},
    {0x0008, "tcp.reassemble_out_of_order:FALSE", "tcp.reassemble_out_of_order:TRUE"},
    {0x0010, "smtpx.legacy_filters:FALSE", "smtpx.legacy_filters:TRUE"},
    {0x0020, "tcp.analyze_sequence_numbers:TRUE", "tcp.analyze_sequence_numbers:FALSE"},
    {0x0400, "smtpx.reassemble_messages:TRUE", "smtpx.reassemble_messages:FALSE"},
    {0x0800, "smtpx.show_secrets:FALSE", "smtpx.show_secrets:TRUE"},
    {0x1000, "smtpx.max_message_octets:268435456", "smtpx.max_message_octets:100"},
    {0x2000, "smtpx.replace_builtin:TRUE", "smtpx.replace_builtin:FALSE"},
};

enum {
    NOT_OPENED = 0x0001,
    NOT_DESEGMENTED = 0x0006,
    NOT_ANALYZED = 0x0020,
    BLIND_FIRST = 0x0040,
    WRAPS = 0x0080,
    PORT = 0x0300,
    NOT_REASSEMBLED = 0x1400, /* messages; one in a single segment is shown all the same */
    BUILTIN = 0x2000,
    HIDDEN_FIRST = 0x4000
};

/* All but the last are smtpx's; on that one it recognizes mail by what is said. */
static const uint16_t ports[] = {25, 587, 24, 8025};

typedef struct options {
    uint32_t bits;
    uint32_t snaplen;
    uint32_t seed;
    uint32_t disorder;
} options;

static options read_options(const uint8_t *input)
{
    return (options){(uint32_t)(input[0] | input[1] << 8), input[2], 1u + input[3], input[4]};
}

static void set_preferences(uint32_t bits)
{
    static uint32_t now = UINT32_MAX;
    bool changed = false;

    for (size_t i = 0; i < array_length(preferences); i++) {
        if (now != UINT32_MAX && !((bits ^ now) & preferences[i].bit))
            continue;
        host_set(bits & preferences[i].bit ? preferences[i].when : preferences[i].unless);
        changed = true;
    }
    now = bits;
    if (changed)
        host_apply();
}

/* ---- State and work ---- */

static uint64_t state;

/* What the plugin calls in the place of Wireshark's own, see CMakeLists.txt. */
void *fuzz_wmem_alloc(wmem_allocator_t *allocator, size_t size);
void *fuzz_wmem_alloc0(wmem_allocator_t *allocator, size_t size);
void *fuzz_wmem_realloc(wmem_allocator_t *allocator, void *before, size_t size);

/* What is asked for counts, also what a later realloc() gives back. */
static void count_state(const wmem_allocator_t *allocator, size_t size)
{
    if (allocator == wmem_file_scope())
        state += size;
}

void *fuzz_wmem_alloc(wmem_allocator_t *allocator, size_t size)
{
    count_state(allocator, size);
    return wmem_alloc(allocator, size);
}

void *fuzz_wmem_alloc0(wmem_allocator_t *allocator, size_t size)
{
    count_state(allocator, size);
    return wmem_alloc0(allocator, size);
}

void *fuzz_wmem_realloc(wmem_allocator_t *allocator, void *before, size_t size)
{
    count_state(allocator, size);
    return wmem_realloc(allocator, before, size);
}

static void check_bounds(const packets *p, uint64_t work)
{
    static fuzz_most state_figure = {"octets of state for each octet of payload, less the fixed part", 0};
    static fuzz_most work_figure = {"work for each octet of payload, less the fixed part", 0};
    uint64_t fixed = WORK_FIXED + (uint64_t)WORK_PER_FRAME * p->used;

    if (state > STATE_FIXED)
        fuzz_note_most(&state_figure, state - STATE_FIXED, p->octets);
    if (work > fixed)
        fuzz_note_most(&work_figure, work - fixed, p->octets);
    if (state > STATE_FIXED + STATE_PER_OCTET * p->octets)
        FUZZ_FAIL("%" PRIu64 " octets of state for %" PRIu64 " of payload", state, p->octets);
    if (work > fixed + WORK_PER_OCTET * p->octets)
        FUZZ_FAIL("work %" PRIu64 " for %" PRIu64 " octets in %u frames", work, p->octets, p->used);
}

/* ---- Passes ---- */

/* What the frames of a connection show. */
typedef struct views {
    GString *first[PACKETS_MOST];
    GString *lasting[PACKETS_MOST];
    GString *all[PACKETS_MOST];
    GString *meaning;
    GString *numbers;
    GString *mail;
    bool is_early[PACKETS_MOST]; /* a frame has a reply that answers a later one */
    bool has_parts;
} views;

static GString *fresh(GString **text)
{
    if (!*text)
        *text = g_string_new(NULL);
    return g_string_truncate(*text, 0);
}

static unsigned lines(const char *text, size_t length)
{
    unsigned count = 0;

    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n';
    return count;
}

/* Gives up where two texts differ. */
static void compare(const GString *one, const GString *other, const char *what, uint32_t frame)
{
    size_t same = 0;

    if (g_string_equal(one, other))
        return;
    while (one->str[same] && one->str[same] == other->str[same])
        same++;
    FUZZ_FAIL("%s, frame %u of the connection, line %u of:\n%s--- and:\n%s", what, frame, lines(one->str, same) + 1,
              one->str, other->str);
}

static void first_pass(packets *p, views *v, host_sight sight)
{
    for (uint32_t i = 0; i < p->used; i++) {
        shown s = {.lasting = fresh(&v->first[i])};
        host_dissect(&p->frames[i], true, sight, shown_look, &s);
    }
    host_end_first_pass();
}

/* Sets of each frame what the first pass should have shown of it. */
static void second_pass(packets *p, views *v)
{
    GString *lasting = g_string_new(NULL);
    shown s = {.lasting = lasting,
               .later = g_array_new(FALSE, FALSE, sizeof(shown_block)),
               .meaning = fresh(&v->meaning),
               .numbers = fresh(&v->numbers),
               .mail = fresh(&v->mail)};

    for (uint32_t i = 0; i < p->used; i++) {
        s.all = fresh(&v->all[i]);
        s.unfinished = NULL;
        s.is_early = false;
        g_string_truncate(lasting, 0);
        g_array_set_size(s.later, 0);
        host_dissect(&p->frames[i], false, HOST_SEEN, shown_look, &s);
        shown_drop_later(&s, v->first[i], fresh(&v->lasting[i]));
        v->is_early[i] = s.is_early;
    }
    v->has_parts = s.has_parts;
    g_array_free(s.later, TRUE);
    g_string_free(lasting, TRUE);
}

static void any_order(packets *p, const views *v, uint32_t chance)
{
    GString *again = g_string_new(NULL);

    for (uint32_t n = p->used / 2 + 1; p->used && n > 0; n--) {
        uint32_t i = script_random(&chance) % p->used;
        host_sight sight = (host_sight)(script_random(&chance) % 4);
        shown s = {.all = g_string_truncate(again, 0)};

        if (sight < HOST_SEEN) {
            host_dissect(&p->frames[i], false, sight, NULL, NULL);
            continue;
        }
        host_dissect(&p->frames[i], false, HOST_SEEN, shown_look, &s);
        compare(v->all[i], again, "a click shows something else than the second pass", i);
    }
    g_string_free(again, TRUE);
}

/* A client's first octets may begin the header of a proxy, which is waited for.
 * If they are a line, and half a line follows, TCP offers both lines again, and
 * shows the first in the frame where the second is complete; the first pass has
 * shown it before. */
static bool begins_like_proxy(const script *s)
{
    return s->total[SMTP_CLIENT] >= 2 && s->octets[SMTP_CLIENT][0] == '\r' && s->octets[SMTP_CLIENT][1] == '\n';
}

/* The same where TLS begins behind a line, and its first record is not all there: TLS waits for
 * more of it, and TCP offers it again in a later frame, on the first pass only; the line,
 * too, where TLS has cut it short. */
static bool is_offered_again(const GString *first, const GString *second)
{
    const char *tls = g_strrstr(first->str, "\ntext = TLS, ");
    size_t before = tls ? (size_t)(tls + 1 - first->str) : 0;

    return tls && (second->len == 0 || (second->len == before && strncmp(first->str, second->str, before) == 0));
}

static uint32_t count_of(const GString *text, const char *part)
{
    uint32_t count = 0;

    for (const char *at = text->str; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

/* Does the second pass show commands where the first has shown a message? */
static bool is_reread(const GString *first, const GString *second)
{
    static const char verb[] = "smtpx.command.verb";

    return strstr(first->str, "smtpx.message") && count_of(second, verb) > count_of(first, verb);
}

/* Was a server deceived, or has it read what it had refused?  What it has read in a message later passes draw as that.
 */
static bool is_deceived(const packets *p, const views *v)
{
    for (uint32_t i = 0; i < p->used; i++) {
        if (strstr(v->first[i]->str, "lookalike_end") || is_reread(v->first[i], v->lasting[i]))
            return true;
    }
    return false;
}

/* Was a reply the only one to its message for the first pass, and the first of several, each for a recipient, when
 * the next one came (LMTP whose LHLO is missing)? */
static bool is_told_again(const GString *first, const GString *second)
{
    static const char status[] = "smtpx.transaction.status", recipient[] = "smtpx.reply.recipient =";

    return count_of(first, status) > count_of(second, status) &&
           count_of(second, recipient) > count_of(first, recipient);
}

static void compare_passes(const packets *p, const views *v)
{
    if (is_deceived(p, v))
        return;
    for (uint32_t i = 0; i < p->used; i++) {
        if (!v->is_early[i] && !is_offered_again(v->first[i], v->lasting[i]) &&
            !is_told_again(v->first[i], v->lasting[i]))
            compare(v->first[i], v->lasting[i], "the second pass shows something else than the first", i);
    }
}

static void play(packets *p, const script *s, views *v, const options *o)
{
    host_sight sight = o->bits & BLIND_FIRST ? HOST_BLIND : o->bits & HIDDEN_FIRST ? HOST_HIDDEN : HOST_SEEN;
    uint64_t work = fuzz_work;

    state = 0;
    first_pass(p, v, sight);
    second_pass(p, v);
    check_bounds(p, fuzz_work - work);
    if (sight == HOST_SEEN && !begins_like_proxy(s))
        compare_passes(p, v);
    any_order(p, v, o->seed);
}

/* ---- Cut otherwise ---- */

/* Is it plain from its first octet on whose octets these are, and that they are mail? */
static bool is_recognized(const script *s)
{
    uint32_t length = s->runs[0].length;
    const uint8_t *octets = s->octets[s->runs[0].side];
    smtp_side side;

    return smtp_sniff(octets, length) == SMTP_SNIFFED_TEXT && smtp_sniff(octets, 1) == SMTP_SNIFFED_TEXT &&
           (!smtp_sniff_side(octets, length, &side) || side == (smtp_side)s->runs[0].side);
}

static bool is_whole(const script *s)
{
    for (uint32_t i = 0; i < s->used; i++) {
        if (s->runs[i].kind != OCTETS && s->runs[i].kind != INSIDE_TLS)
            return false;
    }
    return s->used > 0 && s->runs[0].kind == OCTETS;
}

/* TCP itself puts nothing together over the end of its sequence numbers, unless they are relative. */
static bool wraps_unseen(const options *o)
{
    return (o->bits & (WRAPS | NOT_ANALYZED)) == (WRAPS | NOT_ANALYZED);
}

static bool may_be_cut(const script *s, const options *o)
{
    return !(o->bits & (NOT_DESEGMENTED | NOT_REASSEMBLED | BUILTIN | NOT_OPENED)) && !o->snaplen && !o->disorder &&
           !wraps_unseen(o) && is_whole(s) && ports[(o->bits & PORT) >> 8] != 8025 && is_recognized(s);
}

static packets_wish wish_of(const options *o, cutting how)
{
    static uint16_t client_port = 20000;

    client_port = client_port == 60000 ? 20000 : client_port + 1;
    return (packets_wish){
        .client_port = client_port,
        .server_port = ports[(o->bits & PORT) >> 8],
        .opened = !(o->bits & NOT_OPENED),
        .wraps = o->bits & WRAPS,
        .snaplen = o->snaplen,
        .disorder = o->disorder,
        .cutting = how,
        .chance = o->seed,
    };
}

/* Writes the connection as a capture, for who looks into a crash. */
static void save(const packets *p, const char *variable)
{
    if (getenv(variable))
        packets_save(p, getenv(variable));
}

static void play_cut(packets *p, const script *s, const options *o, const views *given)
{
    static views v;
    packets_wish wish = wish_of(o, s->total[0] + s->total[1] <= 64 ? EACH_OCTET : ANYWHERE);

    packets_make(p, s, &wish);
    save(p, "FUZZ_PCAP_CUT");
    if (p->all) {
        play(p, s, &v, o);
        if (!v.has_parts && !given->has_parts) {
            compare(given->meaning, v.meaning, "cut otherwise it means something else", 0);
            compare(given->numbers, v.numbers, "cut otherwise transactions are others", 0);
            compare(given->mail, v.mail, "cut otherwise it is another message", 0);
        }
    }
    packets_forget(p);
}

/* ---- Entries ---- */

int LLVMFuzzerInitialize(int *count _U_, char ***arguments)
{
    host_start((*arguments)[0]);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    static unsigned inputs;
    static script s;
    static packets p;
    static views v;
    packets_wish wish;
    options o;
    bool all;

    if (length < script_options)
        return 0;
    o = read_options(input);
    set_preferences(o.bits);
    script_read(&s, input + script_options, length - script_options);
    wish = wish_of(&o, AS_GIVEN);
    packets_make(&p, &s, &wish);
    all = p.all;
    save(&p, "FUZZ_PCAP");
    play(&p, &s, &v, &o);
    packets_forget(&p);
    if (all && may_be_cut(&s, &o))
        play_cut(&p, &s, &o, &v);
    if (++inputs % RESET == 0)
        host_reset();
    return 0;
}
