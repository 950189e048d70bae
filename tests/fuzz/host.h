/* host.h
 * libwireshark without a program around it: frames in, trees out.
 *
 * The plugin is part of the binary and registers itself as a plugin does.
 * Protocols that mail has nothing to do with are disabled: this is a test of
 * smtpx, not of what Wireshark does with a message's parts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef FUZZ_HOST_H
#define FUZZ_HOST_H

#include "plugin/epan/smtpx_compat.h"

#include <epan/epan.h>
#include <epan/epan_dissect.h>

/** A packet of a capture: IPv4 from its first octet on. */
typedef struct host_frame {
    frame_data fd;
    uint8_t *octets;
    uint32_t length;   /**< on the wire */
    uint32_t captured; /**< of them, how many are in the capture */
} host_frame;

/** What is wanted of a dissection. */
typedef enum host_sight {
    HOST_BLIND,  /**< neither tree nor columns, as in a first pass */
    HOST_HIDDEN, /**< a tree that nobody looks at */
    HOST_SEEN    /**< tree and columns, as after a click */
} host_sight;

void host_start(const char *program);

/** "protocol.preference:value" */
void host_set(const char *preference);
void host_apply(void);

/** The first pass is over, as tshark and Wireshark tell it. */
void host_end_first_pass(void);

/** Closes the capture and opens a new one. */
void host_reset(void);

/** The number that the next new frame gets. */
uint32_t host_next_frame(void);

/** Dissects a frame, for the first time or again, and shows the result to
 *  @p look, which may be NULL. */
void host_dissect(host_frame *frame, bool first, host_sight sight, void (*look)(epan_dissect_t *, void *), void *data);

void host_forget(host_frame *frame);

#endif /* FUZZ_HOST_H */
