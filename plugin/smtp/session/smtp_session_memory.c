/* smtp_session_memory.c
 * Memory for all that a session keeps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_memory.h"

/* The block behind one of this size: a long session takes few, as what the owner of the memory takes for others stands
 * between them. Less than an eighth of all is not used. */
static uint32_t next_block(uint32_t block, uint32_t usual, uint32_t largest)
{
    if (block < usual)
        return usual;
    return block < largest ? block + block / 8 : block;
}

/* A session that was given back: the first of its words tells of the next one. */
typedef struct spare {
    struct smtp_session *next;
} spare;

smtp_session *smtp_session_take(const smtp_memory *memory)
{
    smtp_session *session = memory->spares ? *memory->spares : NULL;

    if (!session)
        return memory->take(memory->owner, sizeof *session);
    *memory->spares = ((spare *)(void *)session)->next;
    return memset(session, 0, sizeof *session);
}

void smtp_session_give_back(const smtp_memory *memory, smtp_session *session)
{
    if (!memory->spares)
        return;
    ((spare *)(void *)session)->next = *memory->spares;
    *memory->spares = session;
}

static smtp_exchange *take_exchange(smtp_store *store)
{
    enum {
        USUAL = 32,
        LARGEST = 8192
    };

    if (store->spares == 0) {
        store->spare = store->memory.take(store->memory.owner, store->block * sizeof *store->spare);
        store->spares = store->block;
        store->block = next_block(store->block, USUAL, LARGEST);
    }
    store->spares--;
    return store->spare++;
}

smtp_exchange *smtp_session_exchange(smtp_session *session, smtp_verb verb, uint32_t frame, int64_t time)
{
    smtp_exchange *exchange = take_exchange(&session->store);

    exchange->verb = (uint8_t)verb;
    exchange->command_frame = frame;
    exchange->command_time = time;
    exchange->transaction = session->client.transaction;
    return exchange;
}

/* Names stand one behind the other in blocks, the first of which has room for those of a
 * usual session; a long one has its own. */
const smtp_name *smtp_session_keep(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    enum {
        FIRST_BLOCK = 160,
        USUAL = 512,
        LARGEST = 1 << 17,
        ALIGNMENT = sizeof(uint32_t)
    };
    smtp_store *store = &session->store;
    uint32_t need = (uint32_t)(sizeof(smtp_name) + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    smtp_name *name;

    if (!store->text || need > store->text_left) {
        store->text_block = store->text ? next_block(store->text_block, USUAL, LARGEST) : FIRST_BLOCK;
        store->text_left = need > store->text_block ? need : store->text_block;
        store->text = store->memory.take(store->memory.owner, store->text_left);
    }
    name = (void *)store->text;
    store->text += need;
    store->text_left -= need;
    name->length = length;
    memcpy(name->octets, octets, length);
    return name;
}

void *smtp_session_grow(smtp_session *session, const void *from, uint32_t used, uint32_t *room, size_t size)
{
    enum {
        FIRST = 8
    };
    smtp_memory *memory = &session->store.memory;
    void *grown;

    *room = *room ? *room * 2 : FIRST;
    grown = memory->take(memory->owner, *room * size);
    if (used > 0)
        memcpy(grown, from, used * size);
    return grown;
}
