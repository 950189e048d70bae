/* smtp_queue_id.h
 * What a server calls the message that it accepted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_QUEUE_ID_H
#define SMTP_QUEUE_ID_H

#include "smtp_text.h"

/** What the server calls the message that it accepted, in the text of its
 *  reply: in one of the forms of smtp_queue_ids.def.
 *  @param cut  the end of the text is missing: an id that reaches it is none
 *  @return false when the text has none of them */
bool smtp_queue_id(const uint8_t *line, smtp_span text, bool cut, smtp_span *id);

#endif /* SMTP_QUEUE_ID_H */
