/* smtp_reading.h
 * One unit, read once: its parts, and every remark that its octets justify.
 *
 * The session, the tree, the columns and the taps take the same reading.  It is
 * a pure value: it depends on the octets, and on what an exchange says of AUTH,
 * and points into the octets that were given.
 *
 * The session finds the end of a line before it knows what the line is, so it
 * calls the functions for a command, an answer and a challenge; who draws a unit
 * whose role is known calls smtp_reading_make(), which calls the same ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_READING_H
#define SMTP_READING_H

#include "smtp_exchange.h"
#include "smtp_exploit.h"
#include "syntax/smtp_command.h"
#include "syntax/smtp_line.h"
#include "syntax/smtp_reply.h"

/** A unit that is to be read. */
typedef struct smtp_unit_text {
    const uint8_t *octets;
    uint32_t length;
    smtp_role role;
    const smtp_exchange *exchange; /**< of the unit; NULL: it has none */
} smtp_unit_text;

typedef struct smtp_reading {
    smtp_line line;  /**< COMMAND, AUTH_ANSWER */
    bool is_command; /**< COMMAND: the next two members are set */
    bool is_odd;     /**< the line has octets that hardly any has (smtp_odd.h) */
    smtp_command command;
    bool has_response;           /**< the client answers here in AUTH */
    smtp_auth_response response; /**< what it answers */
    smtp_remark_list remarks;
} smtp_reading;

/** A command line; its response in AUTH is left to smtp_reading_response(). */
void smtp_reading_command(smtp_reading *reading, const uint8_t *octets, const smtp_line *line);

/** A line that answers a challenge; its response is left to smtp_reading_response(). */
void smtp_reading_answer(smtp_reading *reading, const uint8_t *octets, const smtp_line *line);

/** The response in a command or an answer; none may be there.
 *  @param exchange  of AUTH or of the answer
 *  @param room      for smtp_auth_room() octets of the line */
void smtp_reading_response(smtp_reading *reading, const uint8_t *octets, const smtp_exchange *exchange, uint8_t *room);

/** Of a command that cannot be read as AUTH: what may be a secret all the same; of no octets where nothing may. */
smtp_span smtp_reading_secret(const smtp_reading *reading, const uint8_t *octets);

/** The published attack in a command or an answer that was remarked on.
 *  @param mechanism  of the answer, or of AUTH */
smtp_exploit smtp_reading_exploit(const smtp_reading *reading, const uint8_t *octets, smtp_mechanism mechanism);

/** Has a reply more to say than its octets alone, because of what it answers: a challenge, or keywords? */
static inline bool smtp_reading_tells_more(uint16_t code, const smtp_exchange *exchange)
{
    return code == 334 || (exchange && smtp_verb_shape((smtp_verb)exchange->verb) == SMTP_SHAPE_DOMAIN);
}

/** Adds the remarks on that.
 *  @param exchange  that the reply answers; may be NULL */
void smtp_reading_answered(const uint8_t *octets, uint32_t length, const smtp_exchange *exchange,
                           smtp_remark_list *remarks);

/** Does a reply list what a server offers, to EHLO or LHLO?  If the command was not seen, a registered keyword
 *  in the second line of a 250 says so.
 *  @param exchange  that it answers; NULL: it was not seen, and then
 *  @param lines     the first line is at hand */
bool smtp_reading_is_offer(const smtp_exchange *exchange, uint16_t code, smtp_reply_lines lines);

/** Reads a unit whose role is known.
 *  @param room  for smtp_auth_room(unit->length) octets, where the exchange is of AUTH; else NULL */
void smtp_reading_make(smtp_reading *reading, const smtp_unit_text *unit, uint8_t *room);

#endif /* SMTP_READING_H */
