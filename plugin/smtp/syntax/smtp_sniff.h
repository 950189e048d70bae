/* smtp_sniff.h
 * Are these octets SMTP, and whose?
 *
 * Two questions, two measures.  On a port that is SMTP's the answer is yes
 * unless the octets evidently belong to another protocol.  On any other port
 * it is no unless nothing but SMTP or LMTP says this: "three digits and a
 * space" is also FTP, NNTP and POP-3 proxies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SNIFF_H
#define SMTP_SNIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "smtp_side.h"

typedef enum smtp_sniffed {
    SMTP_SNIFFED_OTHER, /**< evidently another protocol */
    SMTP_SNIFFED_TLS,   /**< TLS records */
    SMTP_SNIFFED_TEXT   /**< text that may be SMTP */
} smtp_sniffed;

/** What begins here, on a port that is SMTP's. */
smtp_sniffed smtp_sniff(const uint8_t *octets, uint32_t length);

/** The name of the other protocol that evidently begins here ("http", "ssh",
 *  "pop", "imap"); NULL when there is none that names itself. */
const char *smtp_sniff_other(const uint8_t *octets, uint32_t length);

/** Can what begins with this octet be certain?  This is asked of every segment
 *  of every protocol, and few get any further. */
static inline bool smtp_sniff_may_be_certain(uint8_t first)
{
    switch (first) {
    case '2': /* a reply */
    case '4':
    case '5':
    case 'B': /* BDAT, EHLO, HELO, LHLO, MAIL, RCPT */
    case 'E':
    case 'H':
    case 'L':
    case 'M':
    case 'R':
    case 'b':
    case 'e':
    case 'h':
    case 'l':
    case 'm':
    case 'r':
    case 'P': /* a proxy's header */
    case '\r':
        return true;
    default:
        return false;
    }
}

/** Can this be nothing but SMTP or LMTP?
 *  @param side  who says it; set only when the answer is yes */
bool smtp_sniff_is_certain(const uint8_t *octets, uint32_t length, smtp_side *side);

/** Is this a greeting of SMTP, or the start of one, perhaps? It is not FTP's that says so. */
bool smtp_sniff_may_greet(const uint8_t *octets, uint32_t length);

/** Who says this, probably? For text that may be SMTP. */
smtp_side smtp_sniff_likely(const uint8_t *octets, uint32_t length);

/** Who says this? For text that may be SMTP.
 *  @return whether that is sure; *side is set to the likely one (smtp_sniff_likely()) in any case */
bool smtp_sniff_side(const uint8_t *octets, uint32_t length, smtp_side *side);

#endif /* SMTP_SNIFF_H */
