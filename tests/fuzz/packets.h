/* packets.h
 * A script as a TCP connection: its packets, and what befalls them on the way
 * into the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef FUZZ_PACKETS_H
#define FUZZ_PACKETS_H

#include "host.h"
#include "script.h"

enum {
    PACKETS_MOST = 192 /* of a connection; what is beyond is not sent */
};

typedef struct packets_wish {
    uint16_t client_port;
    uint16_t server_port;
    bool opened;       /**< the opening is captured */
    bool wraps;        /**< sequence numbers pass 2^32 */
    uint32_t snaplen;  /**< octets of payload that the capture keeps; 0: all */
    uint32_t disorder; /**< of 256 packets, how many are lost, doubled or swapped */
    cutting cutting;
    uint32_t chance;
} packets_wish;

typedef struct packets {
    host_frame frames[PACKETS_MOST];
    uint32_t used;
    uint64_t octets; /**< payload that is captured */
    bool all;        /**< none was left out */
} packets;

void packets_make(packets *p, const script *s, const packets_wish *wish);
void packets_forget(packets *p);

/** Writes the packets as a pcap file, to be looked at. */
void packets_save(const packets *p, const char *path);

#endif /* FUZZ_PACKETS_H */
