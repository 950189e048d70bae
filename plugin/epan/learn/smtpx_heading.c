/* smtpx_heading.c
 * What a message's header says of it, and what its body is like.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_heading.h"

#include "plugin/epan/learn/smtpx_kept.h"
#include "plugin/smtp/syntax/smtp_body.h"
#include "plugin/smtp/syntax/smtp_fingerprint.h"
#include "plugin/smtp/syntax/smtp_header.h"

/* ---- The header ---- */

/* smtp_transaction.heading: what is kept of a message whose octets are not. */
typedef struct heading {
    smtpx_header header;
    smtpx_trace trace;
} heading;

/* A value that stands in the octets. */
static smtpx_value find_value(const uint8_t *octets, smtp_span value)
{
    return (smtpx_value){value.length > 0 ? octets + value.offset : NULL, value.length};
}

static smtpx_value keep_value(const uint8_t *octets, smtp_span value)
{
    if (value.length == 0)
        return (smtpx_value){NULL, 0};
    return (smtpx_value){memcpy(smtpx_take(value.length), octets + value.offset, value.length), value.length};
}

/* @return what is kept; NULL: nothing */
static heading *keep_header(smtp_transaction *transaction, const uint8_t *octets, const smtp_header *header)
{
    heading *kept;

    if (header->subject.length == 0 && header->message_id.length == 0 && header->received.length == 0)
        return NULL;
    transaction->heading = kept = smtpx_take0(sizeof *kept);
    kept->header = (smtpx_header){keep_value(octets, header->subject), keep_value(octets, header->message_id)};
    kept->trace.received = keep_value(octets, header->received);
    kept->trace.received_fields = header->received_fields;
    return kept;
}

void smtpx_heading_keep_start(smtp_transaction *transaction, const uint8_t *octets, uint32_t length)
{
    smtp_header header;

    if (transaction->start_missing)
        return;
    header = smtp_header_read(octets, length);
    keep_header(transaction, octets, &header);
}

smtpx_header smtpx_heading_find(const smtp_transaction *transaction, const uint8_t *octets, uint32_t length)
{
    const heading *kept = transaction->heading;
    smtp_header header = {.body = 0};

    if (kept && (kept->header.subject.octets || kept->header.message_id.octets))
        return kept->header;
    if (octets)
        header = smtp_header_read(octets, length);
    return (smtpx_header){find_value(octets, header.subject), find_value(octets, header.message_id)};
}

/* ---- The body ---- */

/* Where the octets from a start on end, but for line ends behind them: what servers do to the end of a body is of no
 * account. */
static uint32_t without_line_ends(const uint8_t *octets, uint32_t start, uint32_t end)
{
    while (end > start && (octets[end - 1] == '\r' || octets[end - 1] == '\n'))
        end--;
    return end;
}

smtpx_tail smtpx_tail_of(const uint8_t *octets, uint32_t length)
{
    uint32_t end = without_line_ends(octets, 0, length), start = end % SMTP_FINGERPRINT_STEP;

    return (smtpx_tail){smtp_fingerprint_behind(octets + start, end - start), length - start, length - end};
}

static void note_body(smtpx_trace *trace, const uint8_t *octets, uint32_t start, uint32_t end, const smtpx_tail *tail)
{
    uint32_t behind = tail->length - tail->line_end;

    if (behind == 0)
        end = without_line_ends(octets, start, end);
    trace->is_whole = start > 0;
    trace->body_length = end - start + behind;
    trace->body = smtp_fingerprint_before(octets + start, end - start, tail->sum, behind);
}

smtpx_trace smtpx_heading_trace(const smtp_transaction *transaction, const uint8_t *octets, uint32_t length,
                                const smtpx_tail *tail)
{
    const heading *kept = transaction->heading;
    smtp_header header = {.body = 0};
    smtpx_trace trace;

    if (kept && (kept->header.message_id.octets || kept->trace.received.octets))
        return kept->trace;
    if (octets)
        header = smtp_header_read(octets, length);
    trace = (smtpx_trace){.received = find_value(octets, header.received), .received_fields = header.received_fields};
    if (tail && header.body > 0)
        note_body(&trace, octets, header.body, length, tail);
    return trace;
}

void smtpx_heading_keep(smtp_transaction *transaction, const packet_info *pinfo, const uint8_t *octets, uint32_t length)
{
    static const smtpx_tail nothing;
    smtp_header header;
    heading *kept;

    if (transaction->start_missing)
        return;
    length = (uint32_t)MIN(length, transaction->octets);
    header = smtp_header_read(octets, length);
    kept = keep_header(transaction, octets, &header);
    if (!kept || !kept->header.message_id.octets || header.body == 0 || smtp_rare_of(transaction)->missing ||
        transaction->elsewhere)
        return;
    if (!transaction->chunked && transaction->stuffed_lines > 0) {
        uint8_t *plain = wmem_alloc(pinfo->pool, length);
        length = smtp_body_unstuff(octets, length, transaction->lf_ends_line, plain);
        octets = plain;
    }
    note_body(&kept->trace, octets, MIN(header.body, length), length, &nothing);
}
