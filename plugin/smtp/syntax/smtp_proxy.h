/* smtp_proxy.h
 * The header that a proxy puts before a session (PROXY protocol of HAProxy,
 * versions 1 and 2).  What it says is for Wireshark's dissector of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PROXY_H
#define SMTP_PROXY_H

#include "smtp_text.h"

/** How many octets of header the octets in hand begin with.
 *  @param partial  set when they may be the start of one
 *  @return 0 when there is no whole header */
uint32_t smtp_proxy_header(const uint8_t *octets, uint32_t length, bool *partial);

#endif /* SMTP_PROXY_H */
