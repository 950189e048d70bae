/* smtp_session_rest.c
 * A session that is over, in fewer octets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_rest.h"

#include "smtp_session_memory.h"

enum {
    WORD = sizeof(uint64_t),
    WORDS = sizeof(smtp_session) / WORD,
    WORDS_OF_A_SET = 64,
    AT_ONCE = 4, /* words: most of them are nothing, and so are their neighbours */
    SETS = (WORDS + WORDS_OF_A_SET - 1) / WORDS_OF_A_SET
};

_Static_assert(sizeof(smtp_session) % WORD == 0, "a session is words");
_Static_assert(WORDS_OF_A_SET % AT_ONCE == 0, "words that are looked at together are of one set");

struct smtp_resting {
    uint64_t sets[SETS]; /* a bit for each word of the session that is not zero */
    uint64_t words[];    /* these, in their order */
};

static uint64_t word_at(const uint8_t *session, uint32_t word)
{
    return smtp_eight_octets(session + (size_t)word * WORD);
}

/* Puts so many words that are not zero side by side, and their bits into the set.
 * @param to  where the next word is put, at the words or before them
 * @return where the one behind is put */
static uint8_t *gather(const uint8_t *session, uint32_t first, uint32_t words, uint64_t *set, uint8_t *to)
{
    for (uint32_t i = first; i < first + words; i++) {
        uint64_t word = word_at(session, i);

        if (word == 0)
            continue;
        *set |= UINT64_C(1) << i % WORDS_OF_A_SET;
        memcpy(to, &word, sizeof word);
        to += WORD;
    }
    return to;
}

/* Moves the words of a session that are not zero to its start.
 * @return how many octets they have */
static size_t pack(smtp_session *session, uint64_t sets[SETS])
{
    uint8_t *start = (uint8_t *)session, *to = start;
    uint32_t i = 0;

    for (; i + AT_ONCE <= WORDS; i += AT_ONCE) {
        if ((word_at(start, i) | word_at(start, i + 1) | word_at(start, i + 2) | word_at(start, i + 3)) != 0)
            to = gather(start, i, AT_ONCE, &sets[i / WORDS_OF_A_SET], to);
    }
    to = gather(start, i, WORDS - i, &sets[i / WORDS_OF_A_SET], to);
    return (size_t)(to - start);
}

const smtp_resting *smtp_session_rest(smtp_session *session)
{
    const smtp_memory memory = session->store.memory;
    uint64_t sets[SETS] = {0};
    smtp_resting *resting;
    size_t kept;

    smtp_store_give_back(&session->store);
    memset(&session->store.memory, 0, sizeof memory);
    kept = pack(session, sets);
    resting = memory.take(memory.owner, sizeof *resting + kept);
    memcpy(resting->sets, sets, sizeof sets);
    memcpy(resting->words, session, kept);
    smtp_session_give_back(&memory, session);
    return resting;
}

static void restore(smtp_session *session, const smtp_resting *resting)
{
    uint64_t words[WORDS] = {0};
    const uint64_t *next = resting->words;

    for (uint32_t i = 0; i < WORDS; i++) {
        if (resting->sets[i / WORDS_OF_A_SET] >> i % WORDS_OF_A_SET & 1)
            words[i] = *next++;
    }
    memcpy(session, words, sizeof words);
}

smtp_session *smtp_session_wake(const smtp_memory *memory, const smtp_resting *resting)
{
    smtp_session *session = smtp_session_take(memory);

    restore(session, resting);
    session->store.memory = *memory;
    return session;
}

smtp_spent smtp_resting_spent(const smtp_resting *resting)
{
    smtp_session session;

    restore(&session, resting);
    return session.spent;
}
