/* smtp_lookalike.h
 * Octets of a message that some servers take for its end, though they are not
 * CR LF . CR LF, and what stands behind them.
 *
 * A look-alike is a dot behind LF, CR or [CR] LF NUL, with CR* LF, CR or NUL CR LF
 * behind it.  Where one of the commands of a mail stands behind that, the
 * message was made to smuggle it to a server that ends the message there (SMTP
 * smuggling, VU#302671).
 *
 * One scan over the octets of a message, carried over the edges of segments: each
 * octet is given once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_LOOKALIKE_H
#define SMTP_LOOKALIKE_H

#include "smtp_text.h"

enum {
    SMTP_LOOKALIKE_MOST = 10,  /**< octets at most: CR LF NUL, the dot, five times CR, LF */
    SMTP_LOOKALIKE_BEHIND = 8, /**< octets behind it at most that are kept in it */
    SMTP_LOOKALIKE_VERB = 5    /**< octets of a verb and what ends it */
};

/** One in a message. Zeroed: none. */
typedef struct smtp_lookalike {
    uint64_t dot;                        /**< where that stands in the message, raw */
    uint8_t octets[SMTP_LOOKALIKE_MOST]; /**< all of it */
    uint8_t length;
    uint8_t before;                        /**< how many of them stand before the dot */
    uint8_t behind[SMTP_LOOKALIKE_BEHIND]; /**< what stood behind it when it was found */
    uint8_t behind_length;
    bool has_verb;    /**< that is a verb and what ends it */
    bool told;        /**< these four are the caller's: it was remarked on */
    uint32_t stuffed; /**< lines before it that began with a dot too many */
    uint32_t frame;   /**< of its last octet */
    int64_t time;     /**< ns; the same */
} smtp_lookalike;

/** How far a scan is.  Zeroed: nothing was scanned. */
typedef struct smtp_lookalike_scan {
    smtp_lookalike found; /**< what the last octets may be */
    uint64_t scanned;     /**< octets */
    uint32_t tail;        /**< the last three octets */
    uint8_t known;        /**< how many of them are known, behind octets that are missing */
    uint8_t place;        /**< of the last octet, see smtp_lookalike.c */
} smtp_lookalike_scan;

void smtp_lookalike_begin(smtp_lookalike_scan *scan);

/** Scans octets up to the next look-alike of which it is known what stands behind it.
 *  @param at  where to begin; set to where to go on
 *  @return it; NULL: there is none up to the end of the octets.  It is good until the next call. */
const smtp_lookalike *smtp_lookalike_next(smtp_lookalike_scan *scan, const uint8_t *octets, uint32_t length,
                                          uint32_t *at);

/** Octets are missing. */
void smtp_lookalike_gap(smtp_lookalike_scan *scan, uint64_t missing);

/** What the octets so far end in; of no octets: in none.  What stands behind it is not known. */
smtp_lookalike smtp_lookalike_tail(const smtp_lookalike_scan *scan);

/** May what the octets so far end in become one, or be one?  Then its dot is known. */
bool smtp_lookalike_is_near(const smtp_lookalike_scan *scan);

/** The first octet behind it, in the message. */
static inline uint64_t smtp_lookalike_end(const smtp_lookalike *lookalike)
{
    return lookalike->dot + lookalike->length - lookalike->before;
}

/** Where the message ends for who takes it for its end: before the dot, and before a NUL in front of that. */
static inline uint64_t smtp_lookalike_start(const smtp_lookalike *lookalike)
{
    bool has_nul = lookalike->before > 0 && lookalike->octets[lookalike->before - 1] == '\0';

    return lookalike->dot - has_nul;
}

enum {
    SMTP_LOOKALIKE_NAME = SMTP_LOOKALIKE_MOST * 4 /**< room for a name */
};

/** What people call its octets: "LF . CR LF". */
void smtp_lookalike_name(const smtp_lookalike *lookalike, char name[SMTP_LOOKALIKE_NAME]);

/** Are both the same octets? */
static inline bool smtp_lookalike_is_alike(const smtp_lookalike *one, const smtp_lookalike *other)
{
    return one->length == other->length && memcmp(one->octets, other->octets, one->length) == 0;
}

#endif /* SMTP_LOOKALIKE_H */
