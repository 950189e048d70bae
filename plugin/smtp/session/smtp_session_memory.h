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

/** Keeps a text; the same one as before where it was kept lately. */
const smtp_name *smtp_session_keep(smtp_session *session, const uint8_t *octets, uint32_t length);

/** Room for twice as many elements, or a first few, with those that are there.
 *  @param used  how many are
 *  @param room  for how many there is; set
 *  @param size  octets of one */
void *smtp_session_grow(smtp_session *session, const void *from, uint32_t used, uint32_t *room, size_t size);

#endif /* SMTP_SESSION_MEMORY_H */
