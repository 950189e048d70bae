/* smtp_session_doubt.h
 * What the client's octets are where no command need follow: octets are missing, or a reply.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SESSION_DOUBT_H
#define SMTP_SESSION_DOUBT_H

#include "../smtp_reading.h"
#include "smtp_session_state.h"

typedef enum smtp_settled {
    SMTP_NEEDS_MORE, /**< it cannot be told without more octets */
    SMTP_IS_LINE,    /**< a command, or an answer to a challenge */
    SMTP_IS_LATE,    /**< a command that the server had when it asked for the message; that begins behind DATA */
    SMTP_IS_REST,    /**< of a command, whose start is missing */
    SMTP_IS_MESSAGE  /**< text of a message, or its chunk */
} smtp_settled;

/** Need no command follow, or begin? Then only what is certainly one is read as one. */
bool smtp_session_is_doubtful(smtp_session *session, const smtp_input *input);

/** Ends the doubt: what is the line in hand?
 *  @param reading  of it, filled in unless more octets are needed */
smtp_settled smtp_session_settle(smtp_session *session, const smtp_input *input, smtp_reading *reading);

/** Does this line answer a challenge that may have been lost, or has not come yet? */
bool smtp_session_answers_unseen_challenge(const smtp_session *session, const smtp_input *input,
                                           const smtp_reading *reading);

/** Is this line, which is no command, an answer in AUTH though the server has not asked for it? */
bool smtp_session_is_unasked_answer(const smtp_session *session, const smtp_input *input, const smtp_reading *reading);

#endif /* SMTP_SESSION_DOUBT_H */
