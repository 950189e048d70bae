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

/* Puts the words that are not zero side by side, and their bits into the set.
 * @param words  as many as are looked at at once
 * @param to     where the next word is put, at the words or before them
 * @return where the one behind is put */
static uint64_t *gather(const uint64_t *words, uint32_t first, uint64_t *set, uint64_t *to)
{
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        if (words[i] == 0)
            continue;
        *set |= UINT64_C(1) << (first + i) % WORDS_OF_A_SET;
        *to++ = words[i];
    }
    return to;
}

const smtp_resting *smtp_session_rest(smtp_session *session)
{
    smtp_memory memory = session->store.memory;
    uint64_t words[WORDS + AT_ONCE], sets[SETS] = {0}, *end = words;
    smtp_resting *resting;
    size_t kept;

    memset(&session->store.memory, 0, sizeof memory);
    memcpy(words, session, sizeof *session);
    memset(words + WORDS, 0, (size_t)AT_ONCE * WORD);
    for (uint32_t i = 0; i < WORDS; i += AT_ONCE) {
        if ((words[i] | words[i + 1] | words[i + 2] | words[i + 3]) != 0)
            end = gather(words + i, i, &sets[i / WORDS_OF_A_SET], end);
    }
    kept = (size_t)(end - words) * WORD;
    resting = memory.take(memory.owner, sizeof *resting + kept);
    memcpy(resting->sets, sets, sizeof sets);
    memcpy(resting->words, words, kept);
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
