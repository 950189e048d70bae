/* smtp_place.h
 * Where in a unit remarks of the session stand, which its octets alone do not justify.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PLACE_H
#define SMTP_PLACE_H

#include "smtp_reading.h"

/** The octets of a command or an answer that a remark is about; of no octets: all of them. */
smtp_span smtp_place_in_line(const uint8_t *octets, const smtp_reading *reading, smtp_remark kind);

enum {
    SMTP_PLACES_MOST = 16 /**< tokens of a command that are marked one by one */
};

/** Each token of a command that was not offered, the first ones of very many.
 *  @return how many there are; 0: nobody knows, or the unit is no command */
uint32_t smtp_place_not_offered(const uint8_t *octets, uint32_t length, const smtp_facts *facts,
                                smtp_span tokens[SMTP_PLACES_MOST]);

/** The octets of a reply that a remark is about. */
smtp_span smtp_place_in_reply(const uint8_t *octets, uint32_t length, smtp_remark kind);

#endif /* SMTP_PLACE_H */
