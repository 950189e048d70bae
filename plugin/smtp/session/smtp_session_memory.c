/* smtp_session_memory.c
 * Memory for all that a session keeps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_memory.h"

static smtp_exchange *take_exchange(smtp_store *store)
{
    if (store->spares == 0) {
        store->spare = store->memory.take(store->memory.owner, store->block * sizeof *store->spare);
        store->spares = store->block;
        store->block = 32;
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
        BLOCK = 512,
        ALIGNMENT = sizeof(uint32_t)
    };
    smtp_store *store = &session->store;
    uint32_t need = (uint32_t)(sizeof(smtp_name) + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    smtp_name *name;

    if (!store->text || need > store->text_left) {
        uint32_t room = store->text ? BLOCK : FIRST_BLOCK;
        store->text_left = need > room ? need : room;
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
