/* smtpx_parts.h
 * The parts of exported mails as files, decoded (smtpx.export_parts).
 *
 * Wireshark's own dissectors of MIME tell no tap of parts; what they decode they show, and
 * call by its type where the sender gave it a name that they do not read.  So the message is
 * read here, which needs none of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_PARTS_H
#define SMTPX_PARTS_H

#include "plugin/epan/smtpx_compat.h"

#include <epan/export_object.h>

/** The preference smtpx.export_parts. */
extern smtpx_bool smtpx_parts_wanted;

/** A message whose parts are exported. */
typedef struct smtpx_parts_of {
    uint32_t number; /**< of its file */
    uint32_t frame;
    const char *hostname;
    const uint8_t *octets;
    uint32_t length;
} smtpx_parts_of;

/** Adds the parts of a message to a list, if it is made of parts, or of anything but plain text. */
void smtpx_parts_export(const export_object_list_t *list, const smtpx_parts_of *message);

#endif /* SMTPX_PARTS_H */
