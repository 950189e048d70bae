/* smtp_reply.h
 * Server lines to replies (RFC 5321, 4.2; RFC 2034).
 *
 * A reply is one unit however many lines it has.  Parsing is pure; spans are
 * offsets into the line that was given.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "smtp_command.h"

typedef struct smtp_reply_line {
    bool valid;     /**< three digits, then nothing, a blank or "-" */
    bool more;      /**< "-": another line of the same reply follows */
    uint16_t code;  /**< 0 when not valid */
    smtp_span text; /**< behind the code and its separator; all of it when not valid */
} smtp_reply_line;

/** RFC 3463: class "." subject "." detail */
typedef struct smtp_enhanced {
    smtp_span whole;
    uint16_t class_;
    uint16_t subject;
    uint16_t detail;
} smtp_enhanced;

/** An EHLO line's keyword and what follows it (RFC 5321, 4.1.1.1). */
typedef struct smtp_capability {
    smtp_span keyword;
    smtp_span parameter; /**< also of the pre-standard "AUTH=LOGIN" */
} smtp_capability;

/** A whole reply, or as much of one as the octets in hand allow. */
typedef struct smtp_reply {
    uint32_t length; /**< octets of all its lines */
    uint32_t lines;
    uint16_t code; /**< of its last line with one, as clients take it; 0: none */
    bool complete; /**< its last line was seen */
    uint32_t notes;
} smtp_reply;

/** @param length  octets of the line without its line end */
smtp_reply_line smtp_reply_line_parse(const uint8_t *line, uint32_t length);

/** Takes the lines of one reply off the front of the octets.
 *  Stops behind the last line of the reply, before a line whose end is not in
 *  hand, or when @p limit octets are reached.
 *  @param reply    zeroed before the first call; call again with the same
 *                  octets and more behind them to go on where it stopped
 *  @param scanned  of the octets behind reply->length, how many hold no line end
 *  @return whether the reply is complete */
bool smtp_reply_read(const uint8_t *octets, uint32_t length, uint32_t scanned, uint32_t limit, smtp_reply *reply);

/** The enhanced status code at the start of a reply's text, if it has one
 *  that fits the reply's code (RFC 2034, 4). */
bool smtp_enhanced_parse(const uint8_t *line, smtp_span text, uint16_t code, smtp_enhanced *enhanced);

smtp_capability smtp_capability_parse(const uint8_t *line, smtp_span text);

/** How what follows an EHLO keyword is read. */
typedef enum smtp_keyword_parameter {
    SMTP_KEYWORD_NONE,         /**< nothing follows */
    SMTP_KEYWORD_TEXT,         /**< words */
    SMTP_KEYWORD_SIZE,         /**< a number of octets, 0: no fixed maximum (RFC 1870, 4) */
    SMTP_KEYWORD_MECHANISMS,   /**< SASL mechanisms (RFC 4954, 3) */
    SMTP_KEYWORD_LIMITS,       /**< NAME=value ... (RFC 9422, 3) */
    SMTP_KEYWORD_DELIVERBY,    /**< a minimum in seconds, then tokens behind commas (RFC 2852, 3) */
    SMTP_KEYWORD_FUTURERELEASE /**< an interval in seconds and a date-time (RFC 4865, 3) */
} smtp_keyword_parameter;

/** A row of smtp_keywords.def. */
typedef struct smtp_keyword {
    const char *text;
    bool standard; /**< registered, or in an RFC */
    smtp_keyword_parameter parameter;
} smtp_keyword;

/** NULL when there is no row for it. */
const smtp_keyword *smtp_keyword_find(const uint8_t *keyword, uint32_t length);

/** Does an EHLO line's text begin with the keyword of a standard? */
bool smtp_capability_is_standard(const uint8_t *line, smtp_span text);

/** What a code means behind this command, where that is not what it means
 *  elsewhere; NULL otherwise. */
const char *smtp_code_meaning(uint16_t code, smtp_verb verb);

/** The registered meaning of an enhanced status code; NULL when it has none. */
const char *smtp_enhanced_meaning(const smtp_enhanced *enhanced);

/** What the server calls the message that it accepted, in the text of its
 *  reply: the forms of Postfix, Exim, Sendmail, OpenSMTPD, Exchange, Gmail,
 *  qmail, Haraka and Dovecot.
 *  @return false when the text has none of them */
bool smtp_queue_id(const uint8_t *line, smtp_span text, smtp_span *id);

#endif /* SMTP_REPLY_H */
