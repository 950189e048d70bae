/* shown.h
 * What Wireshark shows of mail in a frame, as text that can be compared.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef FUZZ_SHOWN_H
#define FUZZ_SHOWN_H

#include "host.h"

/** What is shown of a frame. The caller makes the texts, and may leave out any. */
typedef struct shown {
    GString *all;     /**< everything of smtpx and IMF, and columns */
    GString *lasting; /**< of it, what a first pass knows already */
    GString *meaning; /**< of it, what segments do not change */
    GString *mail;    /**< the same of messages, which stand behind all else in a frame */
    bool has_parts;   /**< lines or replies were read in parts, or TLS begins: the meaning depends on segments */
    uint32_t frame;
} shown;

/** For host_dissect(). @param data  a shown */
void shown_look(epan_dissect_t *edt, void *data);

#endif /* FUZZ_SHOWN_H */
