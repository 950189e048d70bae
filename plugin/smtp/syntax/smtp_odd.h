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

/** Is one of the octets a blank, a control octet, or one of " ( ) , : ; < > [ \ ], which most paths have
 *  none of (RFC 5321, 4.1.2)? */
bool smtp_odd_in_path(const uint8_t *octets, uint32_t length);

#endif /* SMTP_ODD_H */
