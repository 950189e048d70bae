/* smtpx_records.h
 * What was learned about one direction of a stream, by stream position.
 *
 * Syntax is recomputed, context is remembered: a record holds only what the
 * octets cannot say.  Records are appended in the order of the stream, on the
 * first pass only.  They never change or move, so a pointer to one stays good
 * for as long as the capture is open.  Any pass may look for them.
 *
 * Positions count octets from the start of the stream in 64 bits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_RECORDS_H
#define SMTPX_RECORDS_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/learn/smtpx_kept.h"
#include "plugin/epan/learn/smtpx_remark_sets.h"
#include "plugin/epan/learn/smtpx_times.h"
#include "plugin/smtp/session/smtp_session.h"

/** One unit of a stream; 20 octets. */
typedef struct smtpx_record {
    uint32_t offset;        /**< from the base of its block */
    uint32_t length;        /**< octets */
    uint32_t role : 4;      /**< smtp_role */
    uint32_t by_server : 1; /**< these six: see smtp_unit */
    uint32_t ends_message : 1;
    uint32_t ends_transaction : 1;
    uint32_t continues : 1;
    uint32_t continued : 1;
    uint32_t refuses : 1;
    uint32_t remarks : SMTPX_REMARK_SET_BITS; /**< of smtpx_remark_sets.h */
    union {
        uint32_t message_offset; /**< MESSAGE: raw octets before it in its message */
        uint32_t duration;       /**< REPLY: see smtp_unit; of smtpx_times.h */
        uint32_t wait;           /**< COMMAND, AUTH_ANSWER: the same */
    } of;
    uint32_t context; /**< MESSAGE: smtp_transaction; else smtp_exchange or none; its number (smtpx_kept.h) */
} smtpx_record;

typedef struct smtpx_block smtpx_block;

/** The records of one direction. Zeroed: none. */
typedef struct smtpx_records {
    union {
        smtpx_block *one;   /**< where there is one at most; NULL: none */
        smtpx_block **many; /**< where there are more */
    } blocks;
    uint32_t used;
    uint32_t room; /**< at many */
} smtpx_records;

/** Where the next look-up is expected to end: the records of a tvbuff follow each other. */
typedef struct smtpx_place {
    uint32_t block;
    uint32_t record; /**< in the block, or behind its last one */
} smtpx_place;

/** A record and its position. */
typedef struct smtpx_located {
    const smtpx_record *record; /**< NULL: none */
    uint64_t start;
} smtpx_located;

/** The place behind the last record. */
smtpx_place smtpx_records_end(const smtpx_records *records);

/** The record at a position, or else the first one behind it.
 *  @param place  where it is expected; set to the place behind it */
smtpx_located smtpx_records_find(const smtpx_records *records, uint64_t position, smtpx_place *place);

/** Where the last record that begins before a position ends; 0: none does. */
uint64_t smtpx_records_reach(const smtpx_records *records, uint64_t position);

/** Adds a record behind the last one. First pass only. */
const smtpx_record *smtpx_records_append(smtpx_records *records, uint64_t position, const packet_info *pinfo,
                                         const smtp_unit *unit);

/** No more records are expected, for which there is room. First pass only. */
void smtpx_records_end_block(smtpx_records *records);

/** The 64-bit position nearest to another one that a 32-bit sequence number stands for. */
static inline uint64_t smtpx_position_near(uint64_t near, uint32_t sequence)
{
    return near + (uint64_t)(int64_t)(int32_t)(sequence - (uint32_t)near);
}

/** The 64-bit position that a 32-bit sequence number stands for in a frame:
 *  the one nearest to what was learned about that time. */
uint64_t smtpx_records_unwrap(const smtpx_records *records, uint32_t frame, uint32_t sequence);

/** The remarks of a record; never NULL. */
static inline const smtp_remarks *smtpx_record_remarks(const smtpx_record *record)
{
    return smtpx_remark_set(record->remarks);
}

/** How long a reply took, ns; SMTP_DURATION_UNKNOWN where that is not known. */
static inline int64_t smtpx_record_duration(const smtpx_record *record)
{
    DISSECTOR_ASSERT(record->role == SMTP_ROLE_REPLY);
    return smtpx_time_kept(record->of.duration);
}

/** How long the client took to begin a command or an answer, ns; SMTP_DURATION_UNKNOWN where that is not known. */
static inline int64_t smtpx_record_wait(const smtpx_record *record)
{
    DISSECTOR_ASSERT(record->role == SMTP_ROLE_COMMAND || record->role == SMTP_ROLE_AUTH_ANSWER);
    return smtpx_time_kept(record->of.wait);
}

/** What a record has to know of the unit that it is of. */
static inline uint32_t smtpx_record_context(const smtp_unit *unit)
{
    return smtpx_kept_number(unit->role == SMTP_ROLE_MESSAGE ? (const void *)unit->transaction
                                                             : (const void *)unit->exchange);
}

/** The exchange of a record; NULL when it has none. */
static inline const smtp_exchange *smtpx_record_exchange(const smtpx_record *record)
{
    return record->role == SMTP_ROLE_MESSAGE ? NULL : smtpx_kept_by_number(record->context);
}

/** Is it clear text that an accepted STARTTLS stands before, and TLS behind? */
static inline bool smtpx_record_is_before_tls(const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);

    return exchange && exchange->before_tls;
}

/** Is it not as most units are?  Of one that is rare somebody may want to know who looks at no field: it has a remark,
 *  it refuses or ends something, it is of a login, or it stands before the session.
 *  @param exchange  its own; of a message's octets any */
static inline bool smtpx_record_is_rare(const smtpx_record *record, const smtp_exchange *exchange)
{
    return record->remarks || record->refuses || record->ends_message || record->ends_transaction ||
           record->role == SMTP_ROLE_PROXY || (exchange && (exchange->before_tls || smtp_exchange_is_auth(exchange)));
}

/** The transaction of a record; NULL outside of one. */
static inline const smtp_transaction *smtpx_record_transaction(const smtpx_record *record)
{
    const smtp_exchange *exchange = smtpx_record_exchange(record);

    if (record->role == SMTP_ROLE_MESSAGE) {
        const smtp_transaction *transaction = smtpx_kept_by_number(record->context);

        return transaction->given ? smtp_rare_of(transaction)->previous : transaction;
    }
    return exchange ? exchange->transaction : NULL;
}

#endif /* SMTPX_RECORDS_H */
