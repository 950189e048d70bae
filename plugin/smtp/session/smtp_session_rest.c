/* smtp_session_rest.c
 * A session that is over, in fewer octets.
 *
 * What sessions of one capture know when they are over is mostly the same: so only what differs from
 * the first one that rested is kept, and of each word that does its halves that do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_rest.h"

#include "../syntax/smtp_apart.h"
#include "smtp_session_memory.h"

enum {
    WORD = sizeof(uint64_t),
    HALF = sizeof(uint32_t),
    WORDS = sizeof(smtp_session) / WORD,
    AT_ONCE = 5 /* words */
};

_Static_assert(sizeof(smtp_session) % WORD == 0, "a session is words");
_Static_assert(WORDS <= UINT8_MAX, "which word it is fits into an octet");

/* What differs in a session: the first halves of words, then the second ones. */
struct smtp_resting {
    uint8_t firsts;   /* how many there are */
    uint8_t seconds;  /* the same */
    uint8_t octets[]; /* an octet for each half: of which word it is; then the halves themselves */
};

/* Halves that differ. */
typedef struct halves {
    uint8_t words[WORDS];
    uint32_t halves[WORDS];
} halves;

/* How many. */
typedef struct counts {
    uint32_t firsts;
    uint32_t seconds;
} counts;

/* What is packed. */
typedef struct packing {
    counts used;
    halves firsts;
    halves seconds;
} packing;

static const smtp_session nothing;

/* That of which others differ. */
static const smtp_session *model_of(const smtp_memory *memory)
{
    return memory->model && *memory->model ? *memory->model : &nothing;
}

static inline uint64_t word_at(const smtp_session *session, uint32_t word)
{
    return smtp_eight_octets((const uint8_t *)session + (size_t)word * WORD);
}

static inline uint32_t half_at(const smtp_session *session, uint32_t half)
{
    uint32_t octets;

    memcpy(&octets, (const uint8_t *)session + (size_t)half * HALF, sizeof octets);
    return octets;
}

/* @return how many there are now */
static inline uint32_t pack_half(halves *to, uint32_t used, uint32_t word, uint32_t half)
{
    to->words[used] = (uint8_t)word;
    to->halves[used] = half;
    return used + (half != 0);
}

static inline counts pack_word(packing *to, counts used, const smtp_session *session, const smtp_session *model,
                               uint32_t word)
{
    uint32_t half = 2 * word;

    if (word_at(session, word) == word_at(model, word))
        return used;
    return (counts){pack_half(&to->firsts, used.firsts, word, half_at(session, half) ^ half_at(model, half)),
                    pack_half(&to->seconds, used.seconds, word, half_at(session, half + 1) ^ half_at(model, half + 1))};
}

static SMTP_APART void pack(packing *to, const smtp_session *session, const smtp_session *model)
{
    counts used = {0, 0};
    uint32_t word = 0;

    /* Most words are the same: each costs as little as can be. */
    for (; word + AT_ONCE <= WORDS; word += AT_ONCE) {
        used = pack_word(to, used, session, model, word);
        used = pack_word(to, used, session, model, word + 1);
        used = pack_word(to, used, session, model, word + 2);
        used = pack_word(to, used, session, model, word + 3);
        used = pack_word(to, used, session, model, word + 4);
    }
    for (; word < WORDS; word++)
        used = pack_word(to, used, session, model, word);
    to->used = used;
}

static inline void shift(int64_t *time, int64_t by)
{
    *time = (int64_t)((uint64_t)*time + (uint64_t)by);
}

/* Sessions were at other times, but took their steps as fast: so each time is kept as its distance from the last one.
 * Where one is shifted is told by what is not. */
static void shift_times(smtp_session *session, int64_t by)
{
    shift(&session->directions[SMTP_CLIENT].last_time, by);
    shift(&session->directions[SMTP_SERVER].last_time, by);
    shift(&session->reply.first_time, by);
    if (session->opening.frame)
        shift(&session->opening.time, by);
    if (session->client.octets_of)
        shift(&session->client.body_time, by);
}

static uint8_t *put(uint8_t *to, const void *octets, uint32_t many)
{
    memcpy(to, octets, many);
    return to + many;
}

static const smtp_resting *keep(const smtp_memory *memory, const packing *packed)
{
    counts used = packed->used;
    size_t octets = (size_t)(used.firsts + used.seconds) * (1 + HALF);
    smtp_resting *resting = memory->take(memory->owner, sizeof *resting + octets);
    uint8_t *to = resting->octets;

    resting->firsts = (uint8_t)used.firsts;
    resting->seconds = (uint8_t)used.seconds;
    to = put(to, packed->firsts.words, used.firsts);
    to = put(to, packed->seconds.words, used.seconds);
    to = put(to, packed->firsts.halves, used.firsts * HALF);
    put(to, packed->seconds.halves, used.seconds * HALF);
    return resting;
}

const smtp_resting *smtp_session_rest(smtp_session *session)
{
    const smtp_memory memory = session->store.memory;
    bool is_model = memory.model && !*memory.model;
    packing packed;

    smtp_store_give_back(&session->store);
    memset(&session->store.memory, 0, sizeof memory);
    shift_times(session, -session->clock);
    if (is_model)
        *memory.model = session;
    pack(&packed, session, model_of(&memory));
    if (!is_model)
        smtp_session_give_back(&memory, session);
    return keep(&memory, &packed);
}

static void restore(smtp_session *session, const smtp_session *model, const smtp_resting *resting)
{
    uint32_t many = (uint32_t)resting->firsts + resting->seconds;
    uint32_t all[2 * WORDS];

    memcpy(all, model, sizeof all);
    for (uint32_t i = 0; i < many; i++) {
        uint32_t half;

        memcpy(&half, resting->octets + many + (size_t)i * HALF, sizeof half);
        all[2 * resting->octets[i] + (i >= resting->firsts)] ^= half;
    }
    memcpy(session, all, sizeof all);
}

smtp_session *smtp_session_wake(const smtp_memory *memory, const smtp_resting *resting)
{
    smtp_session *session = smtp_session_take(memory);

    restore(session, model_of(memory), resting);
    shift_times(session, session->clock);
    session->store.memory = *memory;
    return session;
}

smtp_spent smtp_resting_spent(const smtp_memory *memory, const smtp_resting *resting)
{
    smtp_session session;

    restore(&session, model_of(memory), resting);
    return session.spent;
}
