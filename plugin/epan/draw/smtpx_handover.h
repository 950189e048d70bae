/* smtpx_handover.h
 * The octets of messages, for IMF and for what exports them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_HANDOVER_H
#define SMTPX_HANDOVER_H

#include "plugin/epan/draw/smtpx_view.h"

/** The preference smtpx.export_unfinished. */
extern smtpx_bool smtpx_message_export_unfinished;

/** What the tap "smtpx_eo" is told: a message, to be exported. */
typedef struct smtpx_exported {
    const smtpx_session *session;
    const smtp_facts *facts; /**< known where it stands */
    const smtp_transaction *transaction;
    smtpx_layer layer;
    const uint8_t *octets; /**< dots unstuffed; NULL: the message was told before, and what became of it is known now */
    uint32_t length;
    bool shortens; /**< octets NULL: it is known now that a message which was told before had ended earlier */
} smtpx_exported;

/** What there is of a message. */
typedef struct smtpx_shown_message {
    const smtp_transaction *transaction;
    tvbuff_t *tvb; /**< up to the first octet that is missing, dots unstuffed; NULL: nothing */
    bool complete; /**< that is all of it */
} smtpx_shown_message;

void smtpx_handover_handoff(int proto);

/** The message that ends with a unit, or breaks off in it. */
smtpx_shown_message smtpx_handover_find(const smtpx_view *view, const smtpx_cursor *at, const smtpx_record *record);

/** Gives it to IMF, and to who exports messages. There are octets of it. */
void smtpx_handover(smtpx_view *view, const smtpx_shown_message *shown);

#endif /* SMTPX_HANDOVER_H */
