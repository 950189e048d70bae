/* smtp_session_reader.h
 * The octets of a message, as a server has read them: behind a look-alike of its end, or
 * from the start of one that was refused.
 *
 * They are read with the reader of all other octets, which is given another state for that time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_READER_H
#define SMTP_SESSION_READER_H

#include "smtp_session_state.h"

/** From here on octets are read as the server reads them; called again, as smtpx does. */
void smtp_reader_change(smtp_session *session, smtp_reader *reader);

/** Is what the server has read last without its reply? */
bool smtp_reader_is_asking(const smtp_session *session, const smtp_reader *reader);

/** Reads up to the next unit that has a reply. */
void smtp_reader_read_on(smtp_session *session, smtp_reader *reader);

/** What was read, and is pending first, has this reply, which has not done anything yet. */
void smtp_reader_take_reply(smtp_session *session, smtp_reader *reader, uint16_t code);

#endif /* SMTP_SESSION_READER_H */
