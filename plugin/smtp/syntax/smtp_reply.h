/* smtp_reply.h
 * Server lines to replies (RFC 5321, 4.2).
 *
 * A reply is one unit however many lines it has.  Parsing is pure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "smtp_line.h"

typedef struct smtp_reply_line {
    bool valid;     /**< three digits from 200 to 599, whatever follows: clients act on them alone */
    bool more;      /**< "-": another line of the same reply follows */
    bool odd;       /**< something else than nothing, a blank or "-" follows the digits */
    uint16_t code;  /**< 0 when not valid */
    smtp_span text; /**< behind the code and its separator; all of it when not valid; in the line */
} smtp_reply_line;

/** A whole reply, or as much of one as the octets in hand allow. */
typedef struct smtp_reply {
    uint32_t length; /**< octets of all its lines */
    uint32_t lines;
    uint32_t code_offset; /**< where the code stands, in the reply */
    uint16_t code;        /**< of its last line with one, as clients take it; 0: none */
    bool complete;        /**< its last line was seen */
    smtp_span text;       /**< of its first line, in the reply */
    smtp_span enhanced;   /**< the first enhanced status code, in the reply; of no octets: there is none */
    smtp_remarks remarks; /**< that its octets alone justify */
} smtp_reply;

/** The lines of a reply, one after the other. Zeroed, but for octets and length: before the first. */
typedef struct smtp_reply_lines {
    const uint8_t *octets;
    uint32_t length;        /**< octets of the reply */
    uint32_t offset;        /**< of the line at hand, in the reply */
    smtp_line line;         /**< the line at hand */
    smtp_reply_line parsed; /**< its parts */
} smtp_reply_lines;

/** @param length  octets of the line without its line end */
smtp_reply_line smtp_reply_line_parse(const uint8_t *line, uint32_t length);

/** What a server calls itself where it has to say its name, at the start of a line's text: a domain or an address
 *  literal (RFC 5321, 4.1.1.1, 4.1.3 and 4.2). Of no octets: what stands there is neither. */
smtp_span smtp_reply_server(const uint8_t *line, smtp_span text, uint16_t code);

/** Can this be nothing but a name? A domain of one label may be any word ("250 Hello."). */
static inline bool smtp_reply_server_is_certain(const uint8_t *name, uint32_t length)
{
    return length > 0 && (memchr(name, '.', length - 1) || name[0] == '[');
}

/** Takes the lines of one reply off the front of the octets.
 *  Stops behind the last line of the reply, before a line whose end is not in
 *  hand, or when @p limit octets are reached.
 *  @param reply    zeroed before the first call; call again with the same
 *                  octets and more behind them to go on where it stopped
 *  @param scanned  of the octets behind reply->length, how many hold no line end
 *  @return whether the reply is complete */
bool smtp_reply_read(const uint8_t *octets, uint32_t length, uint32_t scanned, uint32_t limit, smtp_reply *reply);

/** Takes one line off the front: smtp_reply_read() of one.
 *  @param line  its parts
 *  @return whether the end of a line was in hand */
bool smtp_reply_read_line(const uint8_t *octets, uint32_t length, uint32_t scanned, smtp_reply *reply,
                          smtp_reply_line *line);

/** Takes all that is in hand for the start of a line whose end comes later, or never. */
void smtp_reply_read_unfinished(const uint8_t *octets, uint32_t length, smtp_reply *reply);

/** The next line; false behind the last. */
bool smtp_reply_lines_next(smtp_reply_lines *lines);

/** Adds the text of the line at hand behind that of lines before, without the enhanced code with which these begin.
 *  @param text     of so many octets, with room for so many; what has none is left out
 *  @param between  stands between two lines
 *  @return how many octets there are now */
uint32_t smtp_reply_add_text(const smtp_reply_lines *lines, uint8_t *text, uint32_t length, uint32_t room,
                             uint8_t between);

/** The remarks on a whole reply, and where they stand: those of smtp_reply. */
void smtp_reply_remark(const uint8_t *octets, uint32_t length, smtp_remark_list *remarks);

#endif /* SMTP_REPLY_H */
