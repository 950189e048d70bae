/* smtp_suspicion.h
 * A message of which a server may have read a part as commands, and what it has
 * read there: behind a look-alike of its end, or all of it where DATA or BDAT was
 * refused and the message came all the same.
 *
 * The look-alikes are facts of the octets, and are never withdrawn.  That a server
 * took one for the end is known when it says more than it was asked for: then the
 * octets behind it are read again, unit for unit, as the server has answered them.
 * Units are only ever added.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SUSPICION_H
#define SMTP_SUSPICION_H

#include "smtp_exchange.h"
#include "syntax/smtp_lookalike.h"

enum {
    SMTP_SUSPICION_MOST = 65536 /* octets behind the first look-alike that are kept */
};

/** A unit that the server has read in a message. */
typedef struct smtp_reread {
    uint64_t start; /**< of its first octet in the message, raw */
    uint32_t frame; /**< of its last octet */
    int64_t time;   /**< the same, ns */
    smtp_unit unit;
} smtp_reread;

/** In which frame octets of the message came. */
typedef struct smtp_arrival {
    uint64_t end; /**< behind the last of them, in the message */
    int64_t time; /**< ns */
    uint32_t frame;
} smtp_arrival;

typedef struct smtp_suspicion {
    smtp_lookalike lookalike; /**< the first with no verb behind it; of no octets: there is none */
    smtp_lookalike smuggling; /**< the first with one; the same */
    smtp_lookalike start;     /**< unasked: of no octets, where what came unasked begins */
    const smtp_lookalike
        *end;   /**< the one that the server took for the end, or start; NULL: none, as far as is known */
    bool early; /**< it took it before the client had ended the message: the reply to that ends it */
    const smtp_exchange *announced_by; /**< unasked: BDAT; NULL: DATA */
    bool unasked;                      /**< it came before the reply to DATA or BDAT; all of that is kept */
    bool told_unasked;                 /**< unasked: it was remarked on that it did not wait */
    bool refused;                      /**< unasked: that was refused */
    bool obeyed;                       /**< refused: the server has certainly read lines of it as commands */
    smtp_transaction *transaction;

    /* The octets behind the first one, with the line that ends the message for the client. */
    uint64_t base; /**< where they begin in the message */
    uint8_t *octets;
    uint32_t length;
    uint32_t room;
    bool lost;             /**< not all of them are kept: nothing can be reread */
    bool ended;            /**< the client has ended the message */
    uint64_t client_end;   /**< ended: where the unit that ends it begins in the message */
    uint64_t client_dot;   /**< ended: where the line that ends it begins: its dot may have come with the message */
    uint64_t end_position; /**< ended: the position behind that line in what the client says */

    smtp_arrival *arrivals;
    uint32_t arrival_count;
    uint32_t arrival_room;

    smtp_reread *units; /**< what the server has reread, in its order */
    uint32_t unit_count;
    uint32_t unit_room;

    smtp_exchange **behind; /**< what the client has said behind its message, and was answered */
    uint32_t behind_count;
    uint32_t behind_room;
} smtp_suspicion;

/** The octets of a message from an offset on, which are kept. */
static inline const uint8_t *smtp_suspicion_octets(const smtp_suspicion *suspicion, uint64_t offset)
{
    return suspicion->octets + (offset - suspicion->base);
}

/** Behind the last octet that is kept, in the message. */
static inline uint64_t smtp_suspicion_kept(const smtp_suspicion *suspicion)
{
    return suspicion->base + suspicion->length;
}

/** Behind the last octet of the unit, in the message. */
static inline uint64_t smtp_reread_end(const smtp_reread *reread)
{
    return reread->start + reread->unit.length;
}

#endif /* SMTP_SUSPICION_H */
