/* smtpx_stream.c
 * One direction of a stream: its units by position, and its gaps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_stream.h"

#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/smtp/syntax/smtp_tls.h"

int64_t smtpx_nanoseconds(const nstime_t *time)
{
    /* Up to the year 2261: no other is the time of a capture. One since its first frame may be negative. */
    int64_t seconds = CLAMP((int64_t)time->secs, -9200000000, 9200000000);

    return seconds * 1000000000 + time->nsecs;
}

static bool is_covered(const smtpx_stream *stream, const smtpx_hand *hand)
{
    return stream->begun && hand->position < stream->next;
}

/* Octets that come again while the rest of their unit is waited for: a
 * retransmission. That unit is made of what was in hand before. */
static bool is_again(const smtpx_stream *stream, const smtpx_hand *hand)
{
    return stream->waiting_for > 0 && hand->position + hand->length <= stream->next + stream->waiting_for;
}

/* Octets of a side are missing. What was in hand of a unit before them gets a
 * record that reaches over the hole. It is always longer than what is in hand,
 * so each pass asks for more there, as the first one did. There is no hole where
 * the capture has cut short what follows, so that TCP puts nothing together. */
static void learn_gap(smtpx_stream *stream, smtp_session *core, const packet_info *pinfo, const smtpx_hand *hand)
{
    uint64_t missing = hand->position - stream->next;
    uint64_t reach = MAX(missing, (uint64_t)stream->waiting_for + 1);
    smtp_unit unit = {.role = SMTP_ROLE_LINE_REST, .side = hand->direction, .length = (uint32_t)MIN(reach, UINT32_MAX)};

    if (stream->waiting_for > 0)
        smtpx_records_append(&stream->records, stream->next, pinfo, &unit);
    stream->waiting_for = 0;
    smtp_session_gap(core, hand->direction, missing, hand->unread);
}

/* ---- TLS ---- */

/* The stretch of TLS's that holds a position; NULL: none does. */
static const smtpx_stretch *find_stretch(const smtpx_stream *stream, uint64_t position)
{
    uint32_t low = 0, high = stream->stretches;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (stream->tls[middle].end <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low < stream->stretches && stream->tls[low].start <= position ? &stream->tls[low] : NULL;
}

static smtpx_stretch *begin_stretch(smtpx_stream *stream, uint64_t position)
{
    uint32_t used = stream->stretches;

    /* Room is doubled whenever it is full. */
    if ((used & (used - 1)) == 0)
        stream->tls = wmem_realloc(wmem_file_scope(), stream->tls, MAX(1, used * 2) * sizeof *stream->tls);
    stream->tls[used] = (smtpx_stretch){position, position};
    stream->stretches++;
    return &stream->tls[used];
}

/* What TLS has goes on, whatever is missing in it, or it begins: then a record of the
 * octets that were wanted for that tells of it. */
static smtpx_step learn_tls(smtpx_stream *stream, const packet_info *pinfo, const smtpx_hand *hand,
                            const smtp_unit *unit)
{
    smtpx_stretch *stretch =
        unit->continued ? &stream->tls[stream->stretches - 1] : begin_stretch(stream, hand->position);
    smtp_unit first = *unit;

    stretch->end = hand->position + unit->length;
    /* What is remarked on is there as a whole. */
    first.length = MIN(unit->length, smtp_tls_length(hand->octets, hand->length));
    if (!smtp_remarks_any(&unit->remarks) || first.length == 0)
        first.length = MIN(unit->length, SMTP_TLS_SURE);
    return (smtpx_step){SMTPX_FOUND_TLS, unit->length,
                        unit->continued ? NULL : smtpx_records_append(&stream->records, hand->position, pinfo, &first)};
}

uint32_t smtpx_stream_tls(const smtpx_stream *stream, uint64_t position, uint32_t length)
{
    const smtpx_stretch *stretch = find_stretch(stream, position);

    return stretch ? (uint32_t)MIN(stretch->end - position, length) : 0;
}

static smtpx_step find_tls(const smtpx_stream *stream, const smtpx_stretch *stretch, const smtpx_hand *hand,
                           smtpx_place *place)
{
    smtpx_step step = {SMTPX_FOUND_TLS, smtpx_stream_tls(stream, hand->position, hand->length), NULL};

    if (hand->position == stretch->start)
        step.record = smtpx_records_find(&stream->records, hand->position, place).record;
    if (step.record && step.record->length > hand->length)
        return (smtpx_step){SMTPX_FOUND_PARTIAL, hand->length, NULL};
    return step;
}

bool smtpx_step_is_cut_record(const smtpx_step *step, const smtpx_hand *hand)
{
    uint32_t length;

    if (step->found != SMTPX_FOUND_TLS || !step->record || !smtp_tls_begins(hand->octets, hand->length))
        return false;
    length = smtp_tls_length(hand->octets, hand->length);
    return length == 0 || length > hand->length;
}

/* ---- Units ---- */

bool smtpx_stream_is_new(const smtpx_stream *stream, const smtpx_hand *hand)
{
    return !is_covered(stream, hand) && !is_again(stream, hand);
}

smtpx_step smtpx_stream_learn(smtpx_stream *stream, smtp_session *core, const packet_info *pinfo,
                              const smtpx_hand *hand, smtp_unit *unit)
{
    smtp_input input = {
        .octets = hand->octets,
        .length = hand->length,
        .can_wait = hand->can_wait,
        .unread = hand->unread,
        .frame = pinfo->num,
        .time = smtpx_nanoseconds(&pinfo->abs_ts),
        .position = hand->position,
        .acknowledged = hand->acknowledged,
        .goes_on = hand->goes_on,
    };
    const smtpx_record *record;

    if (!stream->begun)
        stream->next = hand->position - hand->missing;
    if (hand->position > stream->next)
        learn_gap(stream, core, pinfo, hand);
    stream->begun = true;
    stream->next = hand->position;
    if (!smtp_session_read(core, hand->direction, &input, unit)) {
        stream->waiting_for = hand->length;
        stream->waiting_in = pinfo->num;
        return (smtpx_step){SMTPX_FOUND_PARTIAL, hand->length, NULL};
    }
    stream->waiting_for = 0;
    stream->next = hand->position + unit->length;
    if (unit->role == SMTP_ROLE_TLS)
        return learn_tls(stream, pinfo, hand, unit);
    smtpx_message_remark(unit);
    record = smtpx_records_append(&stream->records, hand->position, pinfo, unit);
    if (unit->transaction)
        unit->transaction->last_unit = record;
    if (unit->concludes)
        unit->concludes->told_in = record;
    return (smtpx_step){SMTPX_FOUND_RECORD, unit->length, record};
}

/* Where no record reaches: what waits for more, or what came before again. */
static smtpx_step find_uncovered(const smtpx_stream *stream, const smtpx_hand *hand)
{
    bool inside = stream->begun && hand->position > stream->next && is_again(stream, hand);

    return (smtpx_step){inside ? SMTPX_FOUND_AGAIN : SMTPX_FOUND_PARTIAL, hand->length, NULL};
}

/* Before the record that begins next.
 * @param start  where that begins */
static smtpx_step find_between(const smtpx_stream *stream, const smtpx_hand *hand, uint64_t start)
{
    uint64_t reach = smtpx_records_reach(&stream->records, hand->position);
    bool again = reach > hand->position;
    uint64_t end = again ? MIN(reach, start) : start;

    return (smtpx_step){again ? SMTPX_FOUND_AGAIN : SMTPX_FOUND_NOTHING,
                        (uint32_t)MIN(end - hand->position, hand->length), NULL};
}

smtpx_step smtpx_stream_find(const smtpx_stream *stream, const smtpx_hand *hand, smtpx_place *place)
{
    const smtpx_stretch *stretch = stream->stretches > 0 ? find_stretch(stream, hand->position) : NULL;
    smtpx_located found;
    uint64_t start;

    if (stretch)
        return find_tls(stream, stretch, hand, place);
    if (!is_covered(stream, hand))
        return find_uncovered(stream, hand);
    found = smtpx_records_find(&stream->records, hand->position, place);
    start = found.record ? found.start : stream->next;
    if (start > hand->position)
        return find_between(stream, hand, start);
    if (found.record->length > hand->length)
        return (smtpx_step){SMTPX_FOUND_PARTIAL, hand->length, NULL};
    return (smtpx_step){SMTPX_FOUND_RECORD, found.record->length, found.record};
}
