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

/** The same of a reply. */
smtp_span smtp_place_in_reply(const uint8_t *octets, uint32_t length, smtp_remark kind);

#endif /* SMTP_PLACE_H */
