/* smtp_hex.h
 * Hexadecimal digits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_HEX_H
#define SMTP_HEX_H

#include "smtp_text.h"

/** The value of a hexadecimal digit; 16 for any other octet. */
static inline uint8_t smtp_hex_value(uint8_t c)
{
    c = smtp_upper(c);
    if (smtp_is_digit(c))
        return (uint8_t)(c - '0');
    return c >= 'A' && c <= 'F' ? (uint8_t)(c - 'A' + 10) : 16;
}

/** Do two of them stand here? */
static inline bool smtp_hex_is_pair(const uint8_t *octets, uint32_t length)
{
    return length > 1 && smtp_hex_value(octets[0]) < 16 && smtp_hex_value(octets[1]) < 16;
}

/** The octet that a pair stands for. */
static inline uint8_t smtp_hex_pair(const uint8_t *octets)
{
    return (uint8_t)(smtp_hex_value(octets[0]) << 4 | smtp_hex_value(octets[1]));
}

#endif /* SMTP_HEX_H */
