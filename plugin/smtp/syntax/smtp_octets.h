/* smtp_octets.h
 * What is odd in the octets of a message, each kind once.
 *
 * One forward look over the raw octets as they come, carried over the edges of
 * segments and chunks, so that any cut finds the same octets.  Of most messages
 * nothing is found, so the look is quick, and which octet it is that is odd is
 * looked for only then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_OCTETS_H
#define SMTP_OCTETS_H

#include "smtp_remarks.h"

/** A look at the octets of one message. */
typedef struct smtp_octets {
    smtp_remarks wanted; /**< kinds that are looked for; one that was found is not any more */
    bool lf_ends_line;   /**< see smtp_body.h */
    uint8_t last[4];     /**< the last octets */
    uint32_t left;       /**< octets that the line in hand may have yet; 0: none is begun */
} smtp_octets;

/** Octets of it that came next. */
typedef struct smtp_octets_part {
    const uint8_t *octets;
    uint32_t length; /**< 1 at least */
    bool unstuffed;  /**< the message had a dot that was not doubled, up to the last of these octets */
    uint64_t at;     /**< octets of the message before them */
} smtp_octets_part;

enum {
    SMTP_OCTETS_KINDS = 6
};

/** What was found. Zeroed: nothing. */
typedef struct smtp_octets_found {
    uint32_t count;
    struct {
        smtp_remark kind;
        uint64_t at; /**< octets of the message before the first that is odd so */
    } octets[SMTP_OCTETS_KINDS];
} smtp_octets_found;

/** Begins to look at a message.
 *  @param wanted  of BARE_LF, BARE_CR, NUL, EIGHT_BIT, TEXT_LINE_LENGTH and DOT_STUFFING */
void smtp_octets_begin(smtp_octets *octets, smtp_remarks wanted, bool lf_ends_line);

/** Looks at what came next.
 *  @param found  what is found in it is added */
void smtp_octets_read(smtp_octets *octets, const smtp_octets_part *part, smtp_octets_found *found);

/** Where a kind was found; NULL where it was not. */
static inline const uint64_t *smtp_octets_place(const smtp_octets_found *found, smtp_remark kind)
{
    for (uint32_t i = 0; i < found->count; i++) {
        if (found->octets[i].kind == kind)
            return &found->octets[i].at;
    }
    return NULL;
}

#endif /* SMTP_OCTETS_H */
