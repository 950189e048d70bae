/* shown.h
 * What Wireshark shows of mail in a frame, as text that can be compared.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef FUZZ_SHOWN_H
#define FUZZ_SHOWN_H

#include "host.h"

/** A part of a text: offsets in it. */
typedef struct shown_block {
    gsize start;
    gsize end;
} shown_block;

/** What is shown of a frame. The caller makes the texts, and may leave out any. */
typedef struct shown {
    GString *all;     /**< everything of smtpx and IMF, and columns */
    GString *lasting; /**< of it, what a first pass knows already */
    GArray *later;    /**< second pass: the shown_blocks of lasting that a first pass may lack */
    GString *meaning; /**< of all, what segments do not change */
    GString *numbers; /**< the same of transactions, each time that another one is told */
    GString *mail;    /**< the same of messages, which stand behind all else in a frame */
    bool has_parts;   /**< lines or replies were read in parts, or TLS begins: the meaning depends on segments */
    bool is_early; /**< a reply came before the end of the line that it answers: a first pass cannot know what it means
                    */
    char number[64]; /**< the last line of numbers */
    uint32_t frame;

    /* While it is looked at. */
    const proto_node *ending;     /**< the first item of a last line without its end */
    const proto_node *unfinished; /**< the item of a message that breaks off */
    bool in_ending;
    bool in_later; /**< in a block of later */
} shown;

/** What is left of lasting without the blocks that the first pass lacks.
 *  @param first  lasting of the first pass
 *  @param left   set */
void shown_drop_later(const shown *second, const GString *first, GString *left);

/** For host_dissect(). @param data  a shown */
void shown_look(epan_dissect_t *edt, void *data);

#endif /* FUZZ_SHOWN_H */
