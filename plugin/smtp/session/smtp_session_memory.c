/* smtp_session_memory.c
 * Memory for all that a session keeps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_memory.h"

#include "../syntax/smtp_apart.h"
#include "../syntax/smtp_fingerprint.h"

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

void smtp_store_give_back(smtp_store *store)
{
    const smtp_memory *memory = &store->memory;

    if (!memory->give_back)
        return;
    memory->give_back(memory->owner, store->text, store->text_left);
    memory->give_back(memory->owner, store->spare, store->spares * sizeof *store->spare);
    store->text = NULL;
    store->spare = NULL;
    store->text_left = store->text_block = store->spares = 0;
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

SMTP_APART smtp_more *smtp_session_more(const smtp_session *session, smtp_exchange *exchange)
{
    const smtp_memory *memory = &session->store.memory;
    smtp_more *more;

    if (exchange->has_more)
        return exchange->of.more;
    more = memory->take(memory->owner, sizeof *more);
    more->name = smtp_exchange_name(exchange);
    more->said.text = smtp_exchange_text(exchange);
    more->reply_time = smtp_exchange_reply_time(exchange);
    exchange->has_text = false;
    exchange->has_more = true;
    return exchange->of.more = more;
}

SMTP_APART void smtp_session_set_any_reply_time(const smtp_session *session, smtp_exchange *exchange, int64_t time)
{
    if (exchange->has_more || exchange->command_frame) {
        smtp_session_more(session, exchange)->reply_time = time;
    } else {
        /* Without a command it is not behind anything. */
        exchange->command_time = time;
        exchange->reply_after = 0;
    }
}

void smtp_session_set_command_time(const smtp_session *session, smtp_exchange *exchange, int64_t time)
{
    int64_t reply_time = smtp_exchange_reply_time(exchange);

    exchange->command_time = time;
    if (exchange->reply_frame)
        smtp_session_set_reply_time(session, exchange, reply_time);
}

void smtp_session_note_auth(const smtp_session *session, smtp_exchange *answer)
{
    smtp_more *more = smtp_session_more(session, answer);

    more->mechanism = session->client.auth.mechanism;
    more->presumed = session->client.auth.presumed;
    more->step = session->client.auth.step;
}

void smtp_session_set_text(const smtp_session *session, smtp_exchange *exchange, const smtp_name *text)
{
    if (!text && !exchange->has_more && !exchange->has_text)
        return;
    if (exchange->has_more || smtp_exchange_name(exchange)) {
        smtp_session_more(session, exchange)->said.text = text;
    } else {
        exchange->of.text = text;
        exchange->has_text = true;
    }
}

enum {
    FIRST_BLOCK = 160, /* octets for names: those of a usual session */
    SECOND_BLOCK = 512 /* those of a longer one; blocks grow from there on */
};

/* Names stand one behind the other in blocks; a long one has its own. */
static const smtp_name *add_name(smtp_store *store, const uint8_t *octets, uint32_t length)
{
    enum {
        LARGEST = 1 << 17,
        ALIGNMENT = sizeof(uint32_t)
    };
    uint32_t need = (uint32_t)(sizeof(smtp_name) + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    smtp_name *name;

    if (!store->text || need > store->text_left) {
        store->text_block = store->text ? next_block(store->text_block, SECOND_BLOCK, LARGEST) : FIRST_BLOCK;
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

/* May other sessions have this name, too? Not a long text, nor most names of a session that has many new ones. */
static bool may_be_shared(const smtp_store *store, uint32_t length)
{
    enum {
        LONG = 64 /* octets */
    };

    return store->memory.names && length <= LONG && store->text_block <= SECOND_BLOCK;
}

/* Where a name is looked for: its first, middle and last octets tell most names apart, and those that they do not take
 * each other's place. */
static uint32_t place_of(const uint8_t *octets, uint32_t length)
{
    enum {
        WORD = sizeof(uint64_t),
        PLACE_BITS = 10
    };
    const uint64_t spread = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t sum = length;

    _Static_assert(1 << PLACE_BITS == SMTP_NAMES_MOST, "there are as many places");
    if (length < WORD)
        return (uint32_t)(smtp_fingerprint(octets, length) % SMTP_NAMES_MOST);
    sum = (sum ^ smtp_eight_octets(octets)) * spread;
    sum = (sum ^ smtp_eight_octets(octets + (length - WORD) / 2)) * spread;
    sum = (sum ^ (sum >> 32) ^ smtp_eight_octets(octets + length - WORD)) * spread;
    return (uint32_t)(sum >> (64 - PLACE_BITS));
}

const smtp_name *smtp_session_keep(smtp_session *session, const uint8_t *octets, uint32_t length)
{
    smtp_names *names = session->store.memory.names;
    const smtp_name **place;

    if (!may_be_shared(&session->store, length))
        return add_name(&session->store, octets, length);
    place = &names->kept[place_of(octets, length)];
    if (!*place || !smtp_name_is(*place, octets, length))
        *place = add_name(&session->store, octets, length);
    return *place;
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
