/* smtp_odd.h
 * Octets that hardly any address or name has, and most attacks need.
 *
 * Every command is asked whether it has one; what is dear to look for is looked
 * for in those that do.  A second "@" counts as odd, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_ODD_H
#define SMTP_ODD_H

#include "smtp_text.h"

/** Is one of the octets odd, or "@" in them more than once? */
bool smtp_odd_any(const uint8_t *octets, uint32_t length);

/** Offset of the first octet that is a blank, a control octet, or one of " ( ) , : ; < > [ \ ], of which most paths
 *  have none before their ">" (RFC 5321, 4.1.2); the length when none is. */
uint32_t smtp_odd_find_special(const uint8_t *octets, uint32_t length);

#endif /* SMTP_ODD_H */
