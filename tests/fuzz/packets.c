/* packets.c
 * Scripts to TCP segments over IPv4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "packets.h"

#include <stdio.h>
#include <string.h>

enum {
    HEADERS = 40, /* of IPv4 and TCP, without options */
    SEGMENT = 1460,
    SYN = 0x02,
    PUSH = 0x08,
    ACK = 0x10
};

typedef struct sender {
    packets *packets;
    const script *script;
    packets_wish wish;
    uint32_t sequence[2];
    uint32_t sent[2]; /* octets of the script */
} sender;

static void put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static void put32(uint8_t *to, uint32_t value)
{
    put16(to, value >> 16);
    put16(to + 2, value);
}

/* One packet; with less than all of its octets in the capture if that is asked for. */
static void send(sender *s, int side, uint8_t flags, uint32_t sequence, const uint8_t *octets, uint32_t length,
                 uint32_t captured)
{
    packets *p = s->packets;
    host_frame *frame = &p->frames[p->used];
    uint16_t ports[] = {s->wish.client_port, s->wish.server_port};
    uint8_t *packet;

    if (p->used == PACKETS_MOST) {
        p->all = false;
        return;
    }
    p->used++;
    captured = s->wish.snaplen && captured > s->wish.snaplen ? s->wish.snaplen : captured;
    packet = g_malloc0(HEADERS + length);
    packet[0] = 0x45;
    put16(packet + 2, HEADERS + length);
    packet[8] = 64;
    packet[9] = 6;
    put32(packet + 12, 0x0A000001 + (uint32_t)side);
    put32(packet + 16, 0x0A000002 - (uint32_t)side);
    put16(packet + 20, ports[side]);
    put16(packet + 22, ports[!side]);
    put32(packet + 24, sequence);
    put32(packet + 28, flags & ACK ? s->sequence[!side] : 0);
    packet[32] = 0x50;
    packet[33] = flags;
    put16(packet + 34, 65535);
    if (length)
        memcpy(packet + HEADERS, octets, length);
    *frame = (host_frame){.octets = packet, .length = HEADERS + length, .captured = HEADERS + captured};
    p->octets += captured;
}

static void open_connection(sender *s)
{
    for (int side = 0; side < 2; side++) {
        s->sequence[side] = s->wish.wraps ? 0xFFFFFF00 - (uint32_t)side * 90 : 1000 + (uint32_t)side * 4000;
        if (s->wish.opened)
            send(s, side, side ? SYN | ACK : SYN, s->sequence[side], NULL, 0, 0);
        s->sequence[side]++;
    }
}

/* @param last  behind it no more can be waited for, as its last octet was not captured */
static void send_octets(sender *s, int side, uint32_t length, bool last)
{
    const uint8_t *octets = s->script->octets[side] + s->sent[side];

    send(s, side, PUSH | ACK, s->sequence[side], octets, length, last && length > 1 ? length - 1 : length);
    s->sent[side] += length;
    s->sequence[side] += length;
}

static void send_run(sender *s, const run *r)
{
    uint32_t stop = s->sent[r->side] + r->length;

    while (s->sent[r->side] < stop) {
        uint32_t at = s->sent[r->side];
        uint32_t end = script_cut(s->script, s->wish.cutting, &s->wish.chance, r->side, at, stop);

        end = end - at > SEGMENT ? at + SEGMENT : end;
        send_octets(s, r->side, end - at, r->kind == LAST && end == stop);
    }
}

/* The last octets once more, of which the capture has fewer. */
static void send_again(sender *s, const run *r)
{
    uint32_t length = r->length % 64 + 1, kept = r->length / 64 % 64;

    if (length > s->sent[r->side])
        return;
    send(s, r->side, PUSH | ACK, s->sequence[r->side] - length, s->script->octets[r->side] + s->sent[r->side] - length,
         length, kept < length ? kept : length);
}

static bool happens(sender *s)
{
    return script_random(&s->wish.chance) % 256 < s->wish.disorder;
}

/* Packets are lost, doubled and swapped between the wire and the capture. Not so
 * the opening: TCP counts from the SYN when it sees one, so octets that were
 * captured before it stand elsewhere in a second pass. */
static void disorder(sender *s)
{
    packets *p = s->packets;

    for (uint32_t i = s->wish.opened ? 2 : 0; i + 1 < p->used; i++) {
        host_frame frame = p->frames[i];
        if (!happens(s))
            continue;
        switch (script_random(&s->wish.chance) % 3) {
        case 0:
            p->octets -= frame.captured - HEADERS;
            g_free(frame.octets);
            memmove(&p->frames[i], &p->frames[i + 1], (--p->used - i) * sizeof frame);
            break;
        case 1:
            p->frames[i] = p->frames[i + 1];
            p->frames[i + 1] = frame;
            break;
        default:
            if (p->used == PACKETS_MOST)
                break;
            frame.octets = g_memdup2(frame.octets, frame.length);
            memmove(&p->frames[i + 2], &p->frames[i + 1], (p->used++ - i - 1) * sizeof frame);
            p->frames[i + 1] = frame;
            p->octets += frame.captured - HEADERS;
            break;
        }
    }
}

void packets_make(packets *p, const script *s, const packets_wish *wish)
{
    sender sender = {.packets = p, .script = s, .wish = *wish};

    p->used = 0;
    p->octets = 0;
    p->all = true;
    open_connection(&sender);
    for (uint32_t i = 0; i < s->used; i++) {
        const run *r = &s->runs[i];
        if (r->kind < GAP)
            send_run(&sender, r);
        else if (r->kind == GAP)
            sender.sequence[r->side] += r->length;
        else if (r->kind == AGAIN)
            send_again(&sender, r);
    }
    if (wish->disorder)
        disorder(&sender);
}

void packets_forget(packets *p)
{
    for (uint32_t i = 0; i < p->used; i++)
        host_forget(&p->frames[i]);
    p->used = 0;
}

void packets_save(const packets *p, const char *path)
{
    static const uint32_t head[] = {0xA1B2C3D4, 2 | 4 << 16, 0, 0, 65535, 101 /* LINKTYPE_RAW */};
    FILE *file = fopen(path, "wb");

    if (!file)
        return;
    fwrite(head, sizeof head, 1, file);
    for (uint32_t i = 0; i < p->used; i++) {
        const host_frame *frame = &p->frames[i];
        const uint32_t record[] = {1700000000, i * 1000, frame->captured, frame->length};
        fwrite(record, sizeof record, 1, file);
        fwrite(frame->octets, frame->captured, 1, file);
    }
    fclose(file);
}
