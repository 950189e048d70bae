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
    SETS = (WORDS + WORDS_OF_A_SET - 1) / WORDS_OF_A_SET
};

_Static_assert(sizeof(smtp_session) % WORD == 0, "a session is words");

struct smtp_resting {
    uint64_t sets[SETS]; /* a bit for each word of the session that is not zero */
    uint64_t words[];    /* these, in their order */
};

const smtp_resting *smtp_session_rest(smtp_session *session)
{
    smtp_memory memory = session->store.memory;
    uint64_t words[WORDS], sets[SETS] = {0};
    size_t count = 0;
    smtp_resting *resting;

    memset(&session->store.memory, 0, sizeof memory);
    memcpy(words, session, sizeof words);
    for (uint32_t i = 0; i < WORDS; i++) {
        if (words[i] == 0)
            continue;
        sets[i / WORDS_OF_A_SET] |= UINT64_C(1) << i % WORDS_OF_A_SET;
        words[count++] = words[i];
    }
    resting = memory.take(memory.owner, sizeof *resting + count * sizeof *words);
    memcpy(resting->sets, sets, sizeof sets);
    memcpy(resting->words, words, count * sizeof *words);
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
