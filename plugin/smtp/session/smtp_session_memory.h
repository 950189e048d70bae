/* smtp_session_memory.h
 * Memory for all that a session keeps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_MEMORY_H
#define SMTP_SESSION_MEMORY_H

#include "smtp_session_state.h"

/** Zeroed memory for a session. */
smtp_session *smtp_session_take(const smtp_memory *memory);

/** It is for the next one. */
void smtp_session_give_back(const smtp_memory *memory, smtp_session *session);

/** What is at hand for more is given back; more of it is taken when something is kept again. */
void smtp_store_give_back(smtp_store *store);

/** An exchange that is not pending, in the transaction that is open. */
smtp_exchange *smtp_session_exchange(smtp_session *session, smtp_verb verb, uint32_t frame, int64_t time);

/** To change what few exchanges have. */
smtp_more *smtp_session_more(const smtp_session *session, smtp_exchange *exchange);

/** As smtp_session_set_reply_time(), whatever the time is. */
void smtp_session_set_any_reply_time(const smtp_session *session, smtp_exchange *exchange, int64_t time);

/** Sets smtp_exchange_reply_time(). */
static inline void smtp_session_set_reply_time(const smtp_session *session, smtp_exchange *exchange, int64_t time)
{
    uint64_t after = (uint64_t)time - (uint64_t)exchange->command_time;

    if (!exchange->has_more && after <= UINT32_MAX)
        exchange->reply_after = (uint32_t)after;
    else
        smtp_session_set_any_reply_time(session, exchange, time);
}

/** Sets the time of a command, which may have been answered before. */
void smtp_session_set_command_time(const smtp_session *session, smtp_exchange *exchange, int64_t time);

/** An exchange knows its reply now. */
static inline void smtp_session_note_reply(const smtp_session *session, const smtp_input *input, uint16_t code,
                                           smtp_exchange *exchange)
{
    exchange->reply_frame = input->frame;
    exchange->code = code;
    smtp_session_set_reply_time(session, exchange, session->reply.first_time);
}

/** What is known of AUTH is known of one of its answers. */
void smtp_session_note_auth(const smtp_session *session, smtp_exchange *answer);

/** Sets smtp_exchange_name(). */
static inline void smtp_session_set_name(const smtp_session *session, smtp_exchange *exchange, const smtp_name *name)
{
    if (exchange->has_text || exchange->has_more)
        smtp_session_more(session, exchange)->name = name;
    else
        exchange->of.name = name;
}

/** Sets smtp_exchange_text(). */
void smtp_session_set_text(const smtp_session *session, smtp_exchange *exchange, const smtp_name *text);

/** Keeps a text; the same one as before where it was kept lately. */
const smtp_name *smtp_session_keep(smtp_session *session, const uint8_t *octets, uint32_t length);

/** Room for twice as many elements, or a first few, with those that are there.
 *  @param used  how many are
 *  @param room  for how many there is; set
 *  @param size  octets of one */
void *smtp_session_grow(smtp_session *session, const void *from, uint32_t used, uint32_t *room, size_t size);

#endif /* SMTP_SESSION_MEMORY_H */
