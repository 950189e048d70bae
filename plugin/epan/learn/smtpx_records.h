/* smtpx_records.h
 * What was learned about one direction of a stream, by stream position.
 *
 * Syntax is recomputed, context is remembered: a record holds only what the
 * octets cannot say.  Records are appended in the order of the stream and
 * never change, so a pointer to one stays good for as long as the capture is
 * open.  Positions count octets from the start of the stream in 64 bits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_RECORDS_H
#define SMTPX_RECORDS_H

#include "plugin/smtp/session/smtp_session.h"

/** One unit of a stream; 24 octets at most. */
typedef struct smtpx_record {
    uint32_t offset;        /**< from the base of its block */
    uint32_t length;        /**< octets */
    uint32_t role : 4;      /**< smtp_role */
    uint32_t by_server : 1; /**< these five: see smtp_unit */
    uint32_t ends_message : 1;
    uint32_t ends_transaction : 1;
    uint32_t continues : 1;
    uint32_t continued : 1;
    uint32_t notes : 22;     /**< SMTP_REMARK_* of the session */
    uint32_t message_offset; /**< MESSAGE: raw octets before it in its message */
    void *context;           /**< MESSAGE: smtp_transaction; else smtp_exchange or NULL */
} smtpx_record;

typedef struct smtpx_block smtpx_block;

/** The records of one direction. Zeroed: none. */
typedef struct smtpx_records {
    smtpx_block **blocks;
    uint32_t used;
    uint32_t room;
    uint32_t hint_block; /**< where the last look-up ended, as the next one is mostly behind it */
    uint32_t hint;
} smtpx_records;

/** The record at a position, or else the first one behind it.
 *  @param start  its position
 *  @return NULL when there is none at or behind the position */
const smtpx_record *smtpx_records_find(smtpx_records *records, uint64_t position, uint64_t *start);

/** Adds a record behind the last one.
 *  @param frame  in which it was learned */
const smtpx_record *smtpx_records_append(smtpx_records *records, uint64_t position, uint32_t frame,
                                         const smtp_unit *unit);

/** The 64-bit position that a 32-bit sequence number stands for in a frame:
 *  the one nearest to what was learned about that time. */
uint64_t smtpx_records_unwrap(const smtpx_records *records, uint32_t frame, uint32_t sequence);

#endif /* SMTPX_RECORDS_H */
