/* examine.h
 * What the view asks about a unit's octets, and that each answer lies in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef FUZZ_EXAMINE_H
#define FUZZ_EXAMINE_H

#include "plugin/smtp/session/smtp_session.h"

/** Takes a unit apart as the view does. */
void examine_unit(const uint8_t *octets, const smtp_unit *unit);

#endif /* FUZZ_EXAMINE_H */
