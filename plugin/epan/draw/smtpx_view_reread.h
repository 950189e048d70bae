/* smtpx_view_reread.h
 * Octets of a message that a deceived server has read as something else.
 *
 * What it has read is known when it has answered, so a first pass draws the message
 * as the client meant it.  Later ones draw the message up to the look-alike, that as
 * the end, and behind it each unit where its last octet stands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_REREAD_H
#define SMTPX_VIEW_REREAD_H

#include "plugin/epan/draw/smtpx_view.h"
#include "plugin/smtp/smtp_suspicion.h"

/** Were octets of this record read otherwise by the server, as far as this pass knows? */
bool smtpx_view_is_reread(const smtpx_view *view, const smtpx_record *record);

/** One piece of such a record. */
typedef struct smtpx_piece {
    smtpx_record record;   /**< what it is, for the server */
    uint32_t offset;       /**< in the record that is in hand */
    const uint8_t *octets; /**< NULL: those in hand */
    uint32_t in_hand;      /**< how many of its octets are in the record in hand */
    bool goes_on;          /**< it is the start of a line, or of the look-alike, that ends in another record */
} smtpx_piece;

/** The pieces of a record. */
typedef struct smtpx_pieces {
    const smtpx_record *record;
    const smtp_suspicion *suspicion;
    uint64_t start; /**< of the record in the message */
    uint64_t at;    /**< of what comes next */
    uint32_t unit;  /**< of what was reread, the next one */
} smtpx_pieces;

smtpx_pieces smtpx_pieces_of(const smtpx_record *record);

/** @return false when there is none left */
bool smtpx_pieces_next(smtpx_pieces *pieces, smtpx_piece *piece);

#endif /* SMTPX_VIEW_REREAD_H */
