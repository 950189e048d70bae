/* smtp_offer.h
 * What a server offers (the reply to EHLO or LHLO), and what a command uses of it.
 *
 * Only extensions with a row in smtp_offers.def are known; what is unknown is never missed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_OFFER_H
#define SMTP_OFFER_H

#include "smtp_exchange.h"
#include "syntax/smtp_command.h"

/** A row of smtp_offers.def. */
typedef enum smtp_offered {
#define SMTP_OFFER(name, keyword, mail, rcpt) SMTP_OFFER_##name,
#include "smtp_offers.def"
#undef SMTP_OFFER
    SMTP_OFFER_COUNT
} smtp_offered;

/** What one EHLO reply offers. */
struct smtp_offer {
    uint64_t keywords;   /**< a bit for each row */
    uint64_t mechanisms; /**< a bit for each smtp_mechanism */
    uint64_t size;       /**< the largest message that is taken; 0: no maximum is said */
};

/** What MAIL says of the message. */
typedef struct smtp_announced {
    uint64_t size; /**< of SIZE=; 0: it is not said */
    bool eight_bit;
    bool binary;
    bool utf8;
    smtp_span size_at;    /**< the parameter; of no octets: there is none */
    smtp_span requiretls; /**< the same */
} smtp_announced;

static inline bool smtp_offer_has(const smtp_offer *offer, smtp_offered what)
{
    return offer->keywords >> what & 1;
}

/** Adds what a line of an EHLO reply offers, any but the first.
 *  @param text  of the line, behind the code */
void smtp_offer_add(smtp_offer *offer, const uint8_t *line, smtp_span text);

/** Reads a whole EHLO reply. */
smtp_offer smtp_offer_read(const uint8_t *octets, uint32_t length);

/** The tokens of a command that the offer lacks: the verb, AUTH's mechanism, or parameters.
 *  @param tokens  room for @p most
 *  @return how many there are, @p most at most */
uint32_t smtp_offer_lacks(const smtp_offer *offer, const uint8_t *line, const smtp_command *command, smtp_span *tokens,
                          uint32_t most);

/** How long a command line may be with its end (RFC 5321, 4.5.3.1.4, and what the extensions add).
 *  @param offer  NULL: all extensions are offered */
uint32_t smtp_offer_longest(const smtp_offer *offer, const smtp_command *command);

/** Reads the parameters of MAIL. */
smtp_announced smtp_announced_read(const uint8_t *line, smtp_span parameters);

#endif /* SMTP_OFFER_H */
