/* smtp_expectation.h
 * What the client's next octets are: one value, written here alone.
 *
 * It follows from (command, reply) wherever both were seen.  Where they were
 * not, it is in doubt: then only a line that is certainly a command is read as
 * one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_EXPECTATION_H
#define SMTP_EXPECTATION_H

#include "../smtp_exchange.h"

typedef enum smtp_expected {
    SMTP_EXPECT_COMMANDS, /**< lines, each a command */
    SMTP_EXPECT_ANSWER,   /**< one line that answers a challenge */
    SMTP_EXPECT_MESSAGE,  /**< a message, up to its final dot */
    SMTP_EXPECT_CHUNK,    /**< a counted part of a message (BDAT) */
    SMTP_EXPECT_BLOB      /**< counted octets of something else (XEXCH50) */
} smtp_expected;

/** Read it as you like; the functions below write it. Zeroed: commands. */
typedef struct smtp_expectation {
    smtp_expected what;
    bool doubt;             /**< COMMANDS, MESSAGE, CHUNK: it may be otherwise */
    bool begun;             /**< CHUNK, BLOB: octets of it came, or are missing */
    uint32_t end_length;    /**< MESSAGE: octets of the final dot's line that follow; 0: none found */
    uint32_t end_reclaimed; /**< MESSAGE: octets before them that belong to it, see smtp_body.h */
    uint64_t left;          /**< CHUNK, BLOB: octets that follow */
    smtp_exchange *counted; /**< CHUNK, BLOB: what announced them */
} smtp_expectation;

void smtp_expect_commands(smtp_expectation *expectation);
void smtp_expect_answer(smtp_expectation *expectation);
void smtp_expect_message(smtp_expectation *expectation);

/** @param what  CHUNK or BLOB
 *  @param octets  of it, at least one */
void smtp_expect_counted(smtp_expectation *expectation, smtp_expected what, smtp_exchange *announced_by,
                         uint64_t octets);

/** Whether what is expected is in doubt. */
void smtp_expectation_doubt(smtp_expectation *expectation, bool doubt);

/** Of a counted part so many octets were read, or are missing. */
void smtp_expectation_count(smtp_expectation *expectation, uint64_t octets);

/** The final dot's line follows; see the members. */
void smtp_expectation_end(smtp_expectation *expectation, uint32_t length, uint32_t reclaimed);

/** Is it lines, each by itself? */
static inline bool smtp_expectation_is_line(const smtp_expectation *expectation)
{
    return expectation->what == SMTP_EXPECT_COMMANDS || expectation->what == SMTP_EXPECT_ANSWER;
}

/** Is it counted octets? */
static inline bool smtp_expectation_is_counted(const smtp_expectation *expectation)
{
    return expectation->what == SMTP_EXPECT_CHUNK || expectation->what == SMTP_EXPECT_BLOB;
}

/** Is this the BDAT whose chunk comes next, and nothing of that came yet? */
static inline bool smtp_expectation_is_unsent(const smtp_expectation *expectation, const smtp_exchange *exchange)
{
    return expectation->what == SMTP_EXPECT_CHUNK && expectation->counted == exchange && !expectation->begun;
}

#endif /* SMTP_EXPECTATION_H */
