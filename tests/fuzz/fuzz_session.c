/* fuzz_session.c
 * libFuzzer target: the protocol alone, its two directions interleaved.
 *
 * Input: an octet of options, one that chooses where else to cut, then steps:
 * an octet with side (bit 0) and kind (step_kind, the next three bits), a
 * length of two octets, low one first, and for OCTETS, LAST and REPEATED the
 * octets (of REPEATED first how often).  See seeds.py.
 *
 * Oracles, beside crashes:
 * - each call takes at least one octet, no more than there are, and waits only
 *   when it may;
 * - runs of one side cut in four ways mean the same: units, pairs,
 *   transactions, remarks, names, times.  Excepted is what is read in parts as
 *   they come: lines and replies longer than SMTP_LONGEST_WAIT or waited
 *   for SMTP_MOST_WAITS times, and a final dot
 *   behind which nothing could be waited for; and TLS of which octets are missing:
 *   where its records begin again, and whether text does, segments tell;
 * - memory is bounded by the octets that came, and so is work;
 * - parts of a unit lie inside it (examine.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>

#include "examine.h"
#include "measure.h"
#include "plugin/smtp/session/smtp_result.h"
#include "plugin/smtp/session/smtp_session.h"
#include "plugin/smtp/session/smtp_session_end.h"
#include "plugin/smtp/session/smtp_session_state.h"
#include "script.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

enum {
    MOST_EVENTS = 2 * (SCRIPT_OCTETS + SCRIPT_RUNS),
    ARENA = 16 << 20,     /* octets of state */
    GUARD = 16,           /* poisoned octets behind each piece of it */
    STATE_FIXED = 4096,   /* octets of state that a session may take, */
    STATE_PER_OCTET = 72, /* and more for each octet that came: the last block need not be full */
    WORK_FIXED = 4096,    /* the same of work, */
    WORK_PER_OCTET = 150,
    WORK_OF_VIEW = 1500,
    WORK_PER_CALL = 450 /* and for each time that octets are offered: a line of one octet is judged as any is */
};

const size_t script_options = 2;

/* What a unit, or several that may be cut anywhere, is; and what became of it. */
typedef struct event {
    uint64_t octets; /* of it; of GAP: lost */
    uint64_t message_offset;
    uint64_t facts;       /* digest of what was known behind it */
    uint64_t exchange;    /* digest, and where it is in memory */
    uint64_t transaction; /* the same */
    smtp_remarks remarks;
    uint8_t what; /* smtp_role, or one of those below */
    uint8_t side;
    uint8_t flags;
} event;

enum {
    EVENT_GAP = 100,
    EVENT_AGAIN,
    EVENT_TLS
};

/* One way to play a script. */
typedef struct play {
    const script *script;
    cutting cutting;
    uint32_t chance;
    smtp_session *session;
    uint32_t frame;
    uint32_t taken[2]; /* octets of each side */
    uint32_t end[2];   /* octets that came */
    uint64_t lost[2];  /* octets behind them that the other side has seen, and no capture has */
    uint64_t gone[2];  /* all that no capture has */
    bool inside_tls;
    event *events;
    smtp_unit *units; /* of each event, its last */
    uint32_t used;
    uint32_t calls;
    uint64_t came;
    uint64_t work;
    uint64_t examined; /* work of examine.c */
    uint32_t sessions; /* one more for each TLS */
    bool in_parts;     /* see is_cut_short() and is_lost_in_tls() */
} play;

/* ---- State ---- */

static uint8_t arena[ARENA] __attribute__((aligned(16)));
static size_t arena_used, state;

static void *take(void *owner, size_t octets)
{
    uint8_t *taken = arena + arena_used;
    size_t room = (octets + GUARD + 15) / 16 * 16;

    (void)owner;
    if (arena_used + room > ARENA)
        FUZZ_FAIL("state: more than %d octets", ARENA);
    ASAN_UNPOISON_MEMORY_REGION(taken, octets);
    memset(taken, 0, octets);
    arena_used += room;
    state += octets;
    return taken;
}

static void forget(void)
{
    static bool poisoned;

    ASAN_POISON_MEMORY_REGION(arena, poisoned ? arena_used : sizeof arena);
    poisoned = true;
    arena_used = state = 0;
}

/* ---- Digests ---- */

static uint64_t mix(uint64_t digest, uint64_t value)
{
    digest = (digest ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return digest ^ digest >> 29;
}

static uint64_t mix_name(uint64_t digest, const smtp_name *name)
{
    if (!name)
        return mix(digest, 1);
    for (uint32_t i = 0; i < name->length; i++)
        digest = mix(digest, name->octets[i]);
    return mix(digest, name->length);
}

/* The same order of units takes the same memory, so places can be compared. */
static uint64_t place(const void *of)
{
    return of ? (uint64_t)((const uint8_t *)of - arena) : UINT64_MAX;
}

static uint64_t digest_facts(const smtp_facts *facts)
{
    uint64_t digest = mix(0, facts->protocol);

    digest = mix_name(digest, facts->client);
    digest = mix_name(digest, facts->server);
    return mix_name(digest, facts->user);
}

static uint64_t digest_exchange(const smtp_exchange *e)
{
    uint64_t digest = place(e);

    if (!e)
        return digest;
    digest = mix(digest, place(e->next));
    digest = mix(digest, place(e->transaction));
    digest = mix(digest, (uint64_t)e->command_time ^ (uint64_t)smtp_exchange_reply_time(e) << 20);
    digest = mix(digest, (uint64_t)e->command_frame << 32 | e->reply_frame);
    digest = mix(digest, (uint64_t)e->code << 24 | (uint64_t)e->verb << 16 | (uint64_t)smtp_exchange_mechanism(e) << 8 |
                             (e->has_more ? e->of.more->step : 0));
    digest = mix(digest, (uint64_t)(e->last | e->early << 1 | smtp_exchange_cancels(e) << 2 | e->failed_later << 3));
    digest = mix_name(digest, smtp_exchange_text(e));
    if (smtp_exchange_is_auth(e))
        return mix_name(digest, smtp_exchange_name(e));
    if (e->verb == SMTP_VERB_MAIL || e->verb == SMTP_VERB_RCPT)
        return mix_name(digest, smtp_exchange_name(e));
    return mix(digest, place(smtp_exchange_recipient(e)));
}

/* What is odd in a message, in any order. */
static uint64_t digest_found(const smtp_octets_found *found)
{
    uint64_t digest = 0;

    for (uint32_t i = 0; found && i < found->count; i++)
        digest += mix(mix(0, found->octets[i].kind), found->octets[i].at);
    return digest;
}

/* All but the number of parts. */
static uint64_t digest_transaction(const smtp_transaction *t)
{
    const bool flags[] = {t && t->start_missing, t && t->lf_ends_line,  t && t->chunked,
                          t && t->elsewhere,     t && t->per_recipient, t && t->invited,
                          t && t->not_taken,     t && t->partly_seen,   t && t->final_known};
    uint64_t digest = place(t);

    if (!t)
        return digest;
    digest = mix(digest, place(smtp_rare_of(t)->previous) ^ place(t->sender) << 24);
    digest = mix(digest, place(t->recipients) ^ place(t->last_recipient) << 24);
    digest = mix(digest, place(smtp_rare_of(t)->reported) ^ place(t->end) << 24);
    digest = mix(digest, place(t->ended_by));
    digest = mix(digest, t->octets);
    digest = mix(digest, smtp_rare_of(t)->missing);
    digest = mix(digest, digest_found(smtp_rare_of(t)->found));
    digest = mix(digest, t->final_octets);
    digest = mix(digest, (uint64_t)smtp_result_duration(t));
    digest = mix(digest, place(t->decided_by));
    digest =
        mix(digest, (uint64_t)t->spent.server ^ (uint64_t)t->spent.client << 20 ^ (uint64_t)t->spent.transfer << 40);
    digest = mix(digest, (uint64_t)t->ordinal << 32 | t->stuffed_lines);
    digest = mix(digest, (uint64_t)t->accepted << 32 | t->refused);
    digest = mix(digest, (uint64_t)t->last_frame << 32 | (uint64_t)t->phase << 8 | t->status);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        digest = mix(digest, flags[i]);
    return digest;
}

/* ---- Events ---- */

static bool comes_in_parts(smtp_role role)
{
    return role == SMTP_ROLE_MESSAGE || role == SMTP_ROLE_TLS || role == SMTP_ROLE_OPAQUE;
}

/* The event that a unit is, or goes on. */
static event *event_of(play *p, const smtp_unit *unit)
{
    event *last = p->used ? &p->events[p->used - 1] : NULL;
    const smtp_unit *before = p->used ? &p->units[p->used - 1] : NULL;

    if (last && last->what == unit->role && comes_in_parts(unit->role) && before->side == unit->side &&
        !before->ends_message && before->transaction == unit->transaction &&
        (before->exchange == unit->exchange || (unit->role == SMTP_ROLE_OPAQUE && unit->length)))
        return last;
    if (p->used == MOST_EVENTS)
        FUZZ_FAIL("more units than octets");
    last = &p->events[p->used++];
    *last = (event){.what = (uint8_t)unit->role, .side = (uint8_t)unit->side, .message_offset = unit->message_offset};
    return last;
}

/* Is it not known where TLS's records begin? */
static bool is_lost_in_tls(const smtp_session *session)
{
    return session->directions[0].tls.lost || session->directions[1].tls.lost;
}

/* Is this a line or reply that is read in parts as they come, or the end of a
 * message whose dot was taken for text, as nothing behind it could be waited for? */
static bool is_cut_short(const smtp_unit *unit, const uint8_t *octets)
{
    if (unit->role == SMTP_ROLE_END_OF_DATA)
        return octets[0] != '.';
    return unit->continues || unit->role == SMTP_ROLE_LINE_REST ||
           smtp_remarks_has(&unit->remarks, SMTP_REMARK_LONG_LINE) ||
           (!comes_in_parts(unit->role) && unit->length >= SMTP_LONGEST_WAIT);
}

/* Are these the first octets of a proxy's header, or empty lines, elsewhere than at the start of a connection? */
static bool may_be_header(smtp_session *session, smtp_side side, const smtp_input *input)
{
    static const uint8_t start[] = {'\r', '\n', '\r', '\n'};
    bool is_start = session->opening.seen && !session->directions[SMTP_SERVER].seen && !input->unread;

    return side == SMTP_CLIENT && !session->directions[SMTP_CLIENT].seen && !is_start &&
           input->length <= sizeof start && memcmp(input->octets, start, input->length) == 0;
}

static void note_unit(play *p, const smtp_unit *unit, const uint8_t *octets)
{
    event *e = event_of(p, unit);

    p->units[p->used - 1] = *unit;
    e->octets += unit->length;
    smtp_remarks_join(&e->remarks, &unit->remarks);
    /* How many segments TLS comes in is no matter of the session. */
    e->flags |= (uint8_t)(unit->ends_message | unit->ends_transaction << 1 | unit->continues << 2 |
                          (unit->continued && unit->role != SMTP_ROLE_TLS) << 3);
    e->facts = digest_facts(smtp_session_facts(p->session));
    p->in_parts = p->in_parts || is_cut_short(unit, octets) || is_lost_in_tls(p->session);
}

static void note_other(play *p, uint8_t what, smtp_side side, uint64_t octets)
{
    p->units[p->used] = (smtp_unit){.length = 0};
    p->events[p->used++] = (event){.what = what, .side = (uint8_t)side, .octets = octets};
}

/* What became of everything, when all was played. */
static void note_ends(play *p)
{
    for (uint32_t i = 0; i < p->used; i++) {
        const smtp_unit *unit = &p->units[i];
        p->events[i].exchange = digest_exchange(unit->exchange);
        p->events[i].transaction = digest_transaction(unit->transaction);
        if (unit->exchange && unit->ends_transaction)
            p->events[i].transaction ^= digest_transaction(smtp_exchange_ended(unit->exchange)) >> 1;
    }
}

/* ---- Playing ---- */

/* Octets behind those that came are poisoned: to read one is a crash. */
static void come(play *p, smtp_side side, uint32_t end)
{
    const uint8_t *octets = p->script->octets[side];
    uint32_t start = p->end[side] / 8 * 8;

    ASAN_UNPOISON_MEMORY_REGION(octets + start, end - start);
    p->came += end - p->end[side];
    p->end[side] = end;
}

/* What the view asks, which must not be much either. */
static void examine(play *p, const uint8_t *octets, const smtp_unit *unit)
{
    uint64_t work = fuzz_work;

    examine_unit(octets, unit);
    p->examined += fuzz_work - work;
}

/* Reads what a side has in hand, up to @p end. */
static void offer(play *p, smtp_side side, uint32_t end, bool can_wait)
{
    bool goes_on = false;
    smtp_unit unit;

    while (p->taken[side] < end) {
        uint32_t in_hand = end - p->taken[side];
        const uint8_t *octets = p->script->octets[side] + p->taken[side];
        smtp_input input = {.octets = octets,
                            .length = in_hand,
                            .can_wait = can_wait,
                            .unread = p->lost[!side],
                            .frame = p->frame,
                            .time = p->frame * INT64_C(1000),
                            .position = 1 + p->taken[side] + p->gone[side],
                            /* Inside TLS nobody tells. */
                            .acknowledged = p->inside_tls ? 0 : 1 + p->end[!side] + p->gone[!side],
                            .goes_on = goes_on};
        uint64_t work = fuzz_work;
        bool is_unit;

        p->in_parts = p->in_parts || p->session->directions[side].next.waits >= SMTP_MOST_WAITS ||
                      may_be_header(p->session, side, &input);
        is_unit = smtp_session_read(p->session, side, &input, &unit);

        p->work += fuzz_work - work;
        p->calls++;
        if (!is_unit && !can_wait)
            FUZZ_FAIL("waits for more where there is none");
        if (!is_unit)
            return;
        if (unit.length == 0 || unit.length > in_hand)
            FUZZ_FAIL("a unit of %u octets out of %u", unit.length, in_hand);
        if (p->cutting == WHOLE)
            examine(p, octets, &unit);
        note_unit(p, &unit, octets);
        p->taken[side] += unit.length;
        goes_on = true;
    }
}

/* That octets are missing is known when others come behind them. */
static void tell_lost(play *p, smtp_side side)
{
    if (p->lost[side] > 0)
        smtp_session_gap(p->session, side, p->lost[side], p->lost[!side]);
    p->lost[side] = 0;
}

static void play_octets(play *p, const run *r)
{
    uint32_t stop = p->end[r->side] + r->length;

    if (r->length > 0)
        tell_lost(p, r->side);
    while (p->end[r->side] < stop) {
        uint32_t end = script_cut(p->script, p->cutting, &p->chance, r->side, p->end[r->side], stop);
        come(p, r->side, end);
        offer(p, r->side, end, r->kind != LAST || end < stop);
    }
}

/* What is in hand, and waited for, is read as it stands before octets that are missing, and at the end of all. */
static void check_unfinished(const play *p, smtp_side side)
{
    smtp_input input = {.octets = p->script->octets[side] + p->taken[side], .length = p->end[side] - p->taken[side]};
    smtp_last_exchange last;
    smtp_unit unit;

    if (input.length == 0)
        return;
    smtp_session_end(p->session, side, &input, &unit, &last);
    if (unit.length == 0 || unit.length > input.length)
        FUZZ_FAIL("an end of %u octets out of %u", unit.length, input.length);
    smtp_session_cut(p->session, side, &input, &unit, &last);
    if (unit.length == 0 || unit.length > input.length)
        FUZZ_FAIL("a cut unit of %u octets out of %u", unit.length, input.length);
    smtp_session_cut_text(p->session, side, &input, &unit, &last);
    if (unit.length != input.length)
        FUZZ_FAIL("a text of %u octets out of %u", unit.length, input.length);
}

/* Octets are lost; also those in hand of a unit that is not all there. */
static void play_gap(play *p, smtp_side side, uint64_t octets)
{
    check_unfinished(p, side);
    p->gone[side] += octets;
    octets += p->end[side] - p->taken[side];
    p->taken[side] = p->end[side];
    if (octets == 0)
        return;
    note_other(p, EVENT_GAP, side, octets);
    p->lost[side] += octets;
}

static void play_again(play *p, const run *r)
{
    uint32_t in_hand = p->end[r->side] - p->taken[r->side];
    uint32_t again = r->length < in_hand ? r->length : in_hand;
    uint32_t end = p->taken[r->side] + again;
    const uint8_t *octets = p->script->octets[r->side];

    note_other(p, EVENT_AGAIN, r->side, again);
    ASAN_POISON_MEMORY_REGION(octets + end, in_hand - again);
    offer(p, r->side, end, false);
    ASAN_UNPOISON_MEMORY_REGION(octets + end / 8 * 8, p->end[r->side] - end / 8 * 8);
    play_gap(p, r->side, 0);
}

static void play_run(play *p, const run *r)
{
    p->frame++;
    switch (r->kind) {
    case GAP:
        play_gap(p, r->side, r->length);
        break;
    case AGAIN:
        play_again(p, r);
        break;
    case INSIDE_TLS:
        note_other(p, EVENT_TLS, r->side, 0);
        p->taken[0] = p->end[0];
        p->taken[1] = p->end[1];
        p->lost[0] = p->lost[1] = 0;
        p->session = smtp_session_inside_tls(p->session);
        p->inside_tls = true;
        p->sessions++;
        break;
    default:
        play_octets(p, r);
        break;
    }
}

static void check_bounds(const play *p)
{
    static fuzz_most state_figure = {"octets of state for each octet of input, less the fixed part", 0};
    static fuzz_most work_figure = {"work for each octet of input and each call, less the fixed part", 0};
    static fuzz_most view_figure = {"work to show each octet of input, less the fixed part", 0};
    uint64_t fixed_state = STATE_FIXED * (uint64_t)(1 + p->sessions);
    uint64_t most_state = fixed_state + STATE_PER_OCTET * p->came;
    uint64_t most_work = WORK_FIXED + WORK_PER_OCTET * p->came + (uint64_t)WORK_PER_CALL * p->calls;

    if (state > fixed_state)
        fuzz_note_most(&state_figure, state - fixed_state, p->came);
    if (p->work > WORK_FIXED)
        fuzz_note_most(&work_figure, p->work - WORK_FIXED, p->came + p->calls);
    if (p->examined > WORK_FIXED)
        fuzz_note_most(&view_figure, p->examined - WORK_FIXED, p->came);
    if (p->examined > WORK_FIXED + WORK_OF_VIEW * p->came)
        FUZZ_FAIL("work %llu to show %llu octets", (unsigned long long)p->examined, (unsigned long long)p->came);
    if (state > most_state)
        FUZZ_FAIL("%zu octets of state for %llu octets", state, (unsigned long long)p->came);
    if (p->work > most_work)
        FUZZ_FAIL("work %llu for %llu octets in %u calls", (unsigned long long)p->work, (unsigned long long)p->came,
                  p->calls);
}

static void play_script(play *p, const script *s, smtp_opening opening, cutting how, event *events, smtp_unit *units)
{
    smtp_memory memory = {.take = take};

    *p = (play){.script = s, .cutting = how, .chance = s->seed, .events = events, .units = units};
    forget();
    for (int side = 0; side < 2; side++)
        ASAN_POISON_MEMORY_REGION(s->octets[side], (s->total[side] + 8) / 8 * 8);
    p->session = smtp_session_new(&memory, opening);
    p->frame = 1;
    for (uint32_t i = 0; i < s->used; i++)
        play_run(p, &s->runs[i]);
    check_bounds(p);
    note_ends(p);
}

/* ---- Comparing ---- */

static void print_event(const event *e)
{
    static const char *const roles[] = {"command", "auth answer", "reply", "message", "end of data",
                                        "rest",    "telnet",      "tls",   "opaque",  "proxy"};
    const char *what = e->what < EVENT_GAP ? roles[e->what] : e->what == EVENT_GAP ? "GAP" : "other";

    fprintf(stderr, "%s %s, %llu octets at %llu, remarks %llx, flags %x, facts %llx, exchange %llx, transaction %llx\n",
            e->side ? "S" : "C", what, (unsigned long long)e->octets, (unsigned long long)e->message_offset,
            (unsigned long long)e->remarks.bits[0], e->flags, (unsigned long long)e->facts,
            (unsigned long long)e->exchange, (unsigned long long)e->transaction);
}

static void compare(const play *p, const play *whole)
{
    uint32_t most = p->used < whole->used ? p->used : whole->used;
    uint32_t i = 0;

    if (p->in_parts || whole->in_parts)
        return;
    while (i < most && memcmp(&p->events[i], &whole->events[i], sizeof(event)) == 0)
        i++;
    if (i == p->used && i == whole->used && memcmp(p->taken, whole->taken, sizeof p->taken) == 0)
        return;
    for (uint32_t k = 0; k <= i; k++) {
        if (k < whole->used)
            print_event(&whole->events[k]);
    }
    fprintf(stderr, "cut otherwise:\n");
    if (i < p->used)
        print_event(&p->events[i]);
    FUZZ_FAIL("event %u of %u and %u differs when cut in way %d", i, whole->used, p->used, p->cutting);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    static script s;
    static event events[2][MOST_EVENTS];
    static smtp_unit units[MOST_EVENTS];
    smtp_opening opening;
    play whole, other;

    if (length < script_options)
        return 0;
    script_read(&s, input + script_options, length - script_options);
    s.seed = 1 + input[1];
    opening = input[0] & 1 ? (smtp_opening){.seen = true, .frame = 1, .time = 500} : (smtp_opening){.seen = false};
    play_script(&whole, &s, opening, WHOLE, events[0], units);
    for (int how = 0; how < CUTTINGS; how++) {
        if (how == WHOLE || !script_may_cut(&s, (cutting)how))
            continue;
        play_script(&other, &s, opening, (cutting)how, events[1], units);
        compare(&other, &whole);
    }
    return 0;
}
