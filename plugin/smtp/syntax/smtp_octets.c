/* smtp_octets.c
 * What is odd in the octets of a message, each kind once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_octets.h"

#include "smtp_apart.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
/* Where the processor has registers of 32 octets, eight times as many are looked at as below. */
#define WIDE __attribute__((target("avx2")))
#define HAS_WIDE __builtin_cpu_supports("avx2")
#endif

/* What a quick look tells. */
enum {
    MIXED = 1, /* CR without LF, or LF without CR */
    LOW = 2    /* NUL or an octet above 127 */
};

enum {
    WORD = sizeof(uint64_t),
    MOST_IN_LINE = 1000 /* octets with CR LF, without a stuffed dot (RFC 5321, 4.5.3.1.6) */
};

/* ---- The quick look ---- */

/* All but the last octet. Compilers turn this loop into vectors. */
static unsigned look_at_pairs(const uint8_t *octets, uint32_t length)
{
    int8_t low = 127;
    uint8_t mixed = 0;

    for (uint32_t i = 0; i + 1 < length; i++) {
        int8_t octet = (int8_t)octets[i];

        low = octet < low ? octet : low;
        mixed |= (uint8_t)((octets[i] == '\r' ? 255 : 0) ^ (octets[i + 1] == '\n' ? 255 : 0));
    }
    return (mixed ? MIXED : 0u) | (low <= 0 ? LOW : 0u);
}

/* One for each octet that is LF, in the octet's place; the highest bit is of the last of the eight. */
static uint64_t lfs_in(const uint8_t *octets)
{
    const uint64_t low_bits = UINT64_C(0x7f7f7f7f7f7f7f7f), lfs = UINT64_C(0x0a0a0a0a0a0a0a0a);
    uint64_t word = smtp_eight_octets(octets) ^ lfs;

    return ~(((word & low_bits) + low_bits) | word | low_bits);
}

/* The place behind the last LF; @p from where there is none. */
static uint32_t behind_last_lf(const uint8_t *octets, uint32_t from, uint32_t to)
{
    while (to - from >= WORD && !lfs_in(octets + to - WORD))
        to -= WORD;
    while (to > from && octets[to - 1] != '\n')
        to--;
    return to;
}

#ifdef WIDE
enum {
    WIDTH = sizeof(__m256i)
};

/* What was seen so far, for each place in a register. */
typedef struct seen_wide {
    __m256i low, mixed;
} seen_wide;

WIDE static inline __m256i load(const uint8_t *octets)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)octets);
}

WIDE static inline void see(seen_wide *seen, const uint8_t *octets)
{
    __m256i these = load(octets);
    __m256i crs = _mm256_cmpeq_epi8(these, _mm256_set1_epi8('\r'));
    __m256i lfs = _mm256_cmpeq_epi8(load(octets + 1), _mm256_set1_epi8('\n'));

    seen->low = _mm256_min_epi8(seen->low, these);
    seen->mixed = _mm256_or_si256(seen->mixed, _mm256_xor_si256(crs, lfs));
}

/* As look_at_pairs(), of more octets than WIDTH; of those at the end some are looked at twice. */
WIDE static unsigned look_at_pairs_wide(const uint8_t *octets, uint32_t length)
{
    seen_wide seen = {_mm256_set1_epi8(127), _mm256_setzero_si256()};
    const uint8_t *end = octets + length - 1 - WIDTH;

    see(&seen, end);
    for (; end - octets >= (intptr_t)7 * WIDTH; octets += WIDTH) {
        for (int i = 0; i < 7; i++, octets += WIDTH)
            see(&seen, octets);
        see(&seen, octets);
    }
    for (; octets < end; octets += WIDTH)
        see(&seen, octets);
    return (_mm256_testz_si256(seen.mixed, seen.mixed) ? 0u : MIXED) |
           (_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(1), seen.low)) ? LOW : 0u);
}

WIDE static uint32_t behind_last_lf_wide(const uint8_t *octets, uint32_t from, uint32_t to)
{
    for (; to - from >= WIDTH; to -= WIDTH) {
        __m256i lfs = _mm256_cmpeq_epi8(load(octets + to - WIDTH), _mm256_set1_epi8('\n'));
        uint32_t places = (uint32_t)_mm256_movemask_epi8(lfs);

        if (places)
            return to - (uint32_t)__builtin_clz(places);
    }
    return behind_last_lf(octets, from, to);
}
#endif

static unsigned look_at_all(const uint8_t *octets, uint32_t length)
{
#ifdef WIDE
    if (length > WIDTH && HAS_WIDE)
        return look_at_pairs_wide(octets, length);
#endif
    return look_at_pairs(octets, length);
}

static uint32_t find_line(const uint8_t *octets, uint32_t from, uint32_t to)
{
#ifdef WIDE
    if (HAS_WIDE)
        return behind_last_lf_wide(octets, from, to);
#endif
    return behind_last_lf(octets, from, to);
}

/* What is at the edges: the pair of the octet before these and the first, and the last octet. */
static unsigned look_at_edges(const smtp_octets *state, const smtp_octets_part *part)
{
    uint8_t last = part->octets[part->length - 1];
    bool is_mixed = (state->last[3] == '\r') != (part->octets[0] == '\n');

    return (is_mixed ? MIXED : 0u) | (last == 0 || last > 127 ? LOW : 0u);
}

/* ---- Which octet it is ---- */

/* An octet of a part, or one of the four before it. */
static uint8_t octet_at(const smtp_octets *state, const smtp_octets_part *part, int64_t at)
{
    return at < 0 ? state->last[4 + at] : part->octets[at];
}

/* The place of the next such octet, or the length. */
static int64_t find_octet(const smtp_octets_part *part, int64_t at, uint8_t octet)
{
    const uint8_t *found = at < part->length ? memchr(part->octets + at, octet, part->length - (size_t)at) : NULL;

    return found ? found - part->octets : part->length;
}

static void tell(smtp_octets *state, const smtp_octets_part *part, smtp_remark kind, int64_t at,
                 smtp_octets_found *found)
{
    smtp_remarks_remove(&state->wanted, kind);
    found->octets[found->count].kind = kind;
    found->octets[found->count].at = (uint64_t)((int64_t)part->at + at);
    found->count++;
}

static bool is_wanted(const smtp_octets *state, smtp_remark kind)
{
    return smtp_remarks_has(&state->wanted, kind);
}

static void find_bare_lf(smtp_octets *state, const smtp_octets_part *part, smtp_octets_found *found)
{
    int64_t at = find_octet(part, 0, '\n');

    while (at < part->length && octet_at(state, part, at - 1) == '\r')
        at = find_octet(part, at + 1, '\n');
    if (at < part->length)
        tell(state, part, SMTP_REMARK_BARE_LF, at, found);
}

/* One at the end of the octets in hand is told with those that follow. */
static void find_bare_cr(smtp_octets *state, const smtp_octets_part *part, smtp_octets_found *found)
{
    int64_t at = state->last[3] == '\r' ? -1 : find_octet(part, 0, '\r');

    while (at + 1 < part->length && part->octets[at + 1] == '\n')
        at = find_octet(part, at + 1, '\r');
    if (at + 1 < part->length)
        tell(state, part, SMTP_REMARK_BARE_CR, at, found);
}

static void find_nul(smtp_octets *state, const smtp_octets_part *part, smtp_octets_found *found)
{
    int64_t at = find_octet(part, 0, '\0');

    if (at < part->length)
        tell(state, part, SMTP_REMARK_NUL, at, found);
}

static void find_eight_bit(smtp_octets *state, const smtp_octets_part *part, smtp_octets_found *found)
{
    int64_t at = 0;

    while (at < part->length && part->octets[at] < 128)
        at++;
    if (at < part->length)
        tell(state, part, SMTP_REMARK_EIGHT_BIT, at, found);
}

static SMTP_APART void find_odd(smtp_octets *state, const smtp_octets_part *part, unsigned seen,
                                smtp_octets_found *found)
{
    if ((seen & MIXED) && is_wanted(state, SMTP_REMARK_BARE_LF))
        find_bare_lf(state, part, found);
    if ((seen & MIXED) && is_wanted(state, SMTP_REMARK_BARE_CR))
        find_bare_cr(state, part, found);
    if ((seen & LOW) && is_wanted(state, SMTP_REMARK_NUL))
        find_nul(state, part, found);
    if ((seen & LOW) && is_wanted(state, SMTP_REMARK_EIGHT_BIT))
        find_eight_bit(state, part, found);
}

/* ---- Lines ---- */

/* How many octets a line may have that begins so. */
static uint32_t most_in_line(uint8_t first)
{
    return MOST_IN_LINE + (first == '.');
}

/* How many more a line may have that begins at a place, which may be behind the octets in hand. */
static uint32_t left_behind(const smtp_octets_part *part, uint32_t start)
{
    return start < part->length ? most_in_line(part->octets[start]) - (part->length - start) : 0;
}

/* A line is too long where the last octet that it may have is no LF. */
static void read_lines(smtp_octets *state, const smtp_octets_part *part, smtp_octets_found *found)
{
    uint32_t start = 0, left = state->left ? state->left : most_in_line(part->octets[0]), next;

    while (left <= part->length - start) {
        next = find_line(part->octets, start, start + left);
        if (next == start) {
            tell(state, part, SMTP_REMARK_TEXT_LINE_LENGTH, (int64_t)start + left - 1, found);
            return;
        }
        start = next;
        if (start == part->length) {
            state->left = 0;
            return;
        }
        left = most_in_line(part->octets[start]);
    }
    next = find_line(part->octets, start, part->length);
    state->left = next > start ? left_behind(part, next) : left - (part->length - start);
}

/* ---- Dots ---- */

static bool begins_line(const smtp_octets *state, const smtp_octets_part *part, int64_t at)
{
    return octet_at(state, part, at - 1) == '\n' && (state->lf_ends_line || octet_at(state, part, at - 2) == '\r');
}

/* Does the line begin with a dot that was not doubled, and is not all of it?  What some server takes for the
 * end of the message is smuggling, and no mistake in stuffing. */
static bool is_unstuffed(const smtp_octets *state, const smtp_octets_part *part, int64_t at)
{
    uint8_t next = octet_at(state, part, at + 1);

    return octet_at(state, part, at) == '.' && begins_line(state, part, at) && next != '.' && next != '\r' &&
           next != '\n' && next != '\0';
}

static SMTP_APART void find_dot(smtp_octets *state, const smtp_octets_part *part, smtp_octets_found *found)
{
    int64_t at = -1;

    while (at + 1 < part->length && !is_unstuffed(state, part, at))
        at = at < 0 ? at + 1 : find_octet(part, at, '\n') + 1;
    if (at + 1 < part->length)
        tell(state, part, SMTP_REMARK_DOT_STUFFING, at, found);
}

/* ---- All ---- */

void smtp_octets_begin(smtp_octets *octets, smtp_remarks wanted, bool lf_ends_line)
{
    *octets = (smtp_octets){.wanted = wanted, .lf_ends_line = lf_ends_line, .last = {0, 0, '\r', '\n'}};
}

static void remember_last(smtp_octets *state, const smtp_octets_part *part)
{
    enum {
        ROOM = sizeof state->last
    };

    if (part->length >= ROOM) {
        memcpy(state->last, part->octets + part->length - ROOM, ROOM);
        return;
    }
    memmove(state->last, state->last + part->length, ROOM - part->length);
    memcpy(state->last + ROOM - part->length, part->octets, part->length);
}

void smtp_octets_read(smtp_octets *octets, const smtp_octets_part *part, smtp_octets_found *found)
{
    unsigned seen;

    if (!smtp_remarks_any(&octets->wanted))
        return;
    seen = look_at_edges(octets, part) | look_at_all(part->octets, part->length);
    if (seen)
        find_odd(octets, part, seen, found);
    if (is_wanted(octets, SMTP_REMARK_DOT_STUFFING) && part->unstuffed)
        find_dot(octets, part, found);
    if (is_wanted(octets, SMTP_REMARK_TEXT_LINE_LENGTH))
        read_lines(octets, part, found);
    remember_last(octets, part);
}
