/* reassembly.c
 * What Wireshark's reassembly takes to put a message together, beside one buffer that grows as smtpx's does.
 * For the benchmark only: a postdissector that does it once, in the first frame, and tells of it on stderr.
 *
 * SMTPX_REASSEMBLY is "WAY OCTETS PART GATHERED": a row of ways[]; how large the message is, and each part of it;
 * up to so many octets parts are gathered before one is added, 0: each is added.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/smtpx_compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <epan/reassemble.h>
#include <epan/tvbuff.h>

void proto_register_reassembly(void);

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

/* A message that is put together, by one of the ways. */
typedef struct joining {
    packet_info *pinfo;
    const uint8_t *octets; /* to add */
    uint32_t length;       /* of them */
    tvbuff_t *tvb;         /* with them; NULL for the buffer */
    uint32_t offset;       /* in the message */
    uint32_t number;       /* of those that were added before */
    bool more;             /* octets of the message follow */
    tvbuff_t *together;    /* all of it, at the end */
} joining;

typedef struct way {
    const char *name;
    void (*add)(joining *probe);
} way;

static reassembly_table table;
static unsigned octets, part, gathered;
static const way *chosen;

/* ---- The ways ---- */

static void keep_result(joining *probe, const fragment_head *head)
{
    if (head && !probe->more)
        probe->together = head->tvb_data;
}

static void add_offset(joining *probe)
{
    keep_result(probe,
                fragment_add(&table, probe->tvb, 0, probe->pinfo, 1, NULL, probe->offset, probe->length, probe->more));
}

static void add_offset_check(joining *probe)
{
    keep_result(probe, fragment_add_check(&table, probe->tvb, 0, probe->pinfo, 1, NULL, probe->offset, probe->length,
                                          probe->more));
}

static void add_number(joining *probe)
{
    keep_result(probe, fragment_add_seq(&table, probe->tvb, 0, probe->pinfo, 1, NULL, probe->number, probe->length,
                                        probe->more, 0));
}

static void add_next(joining *probe)
{
    keep_result(probe, fragment_add_seq_next(&table, probe->tvb, 0, probe->pinfo, 1, NULL, probe->length, probe->more));
}

/* As smtpx_message.c does it. */
static void add_to_buffer(joining *probe)
{
    enum {
        FIRST = 4096,
        FEW = 1 << 16,
        MANY = 1 << 20
    };
    static uint8_t *buffer;
    static uint32_t room;
    uint32_t wanted = probe->offset + probe->length;

    if (room < wanted) {
        room = room == 0 ? FIRST : room >= FEW && room < MANY ? room * 4 : room * 2;
        room = MAX(room, wanted);
        buffer = g_realloc(buffer, room);
    }
    memcpy(buffer + probe->offset, probe->octets, probe->length);
    if (probe->more)
        return;
    buffer = g_realloc(buffer, wanted);
    probe->together = tvb_new_real_data(buffer, wanted, smtpx_size(wanted));
}

static const way ways[] = {
    {"buffer", add_to_buffer},        {"fragment_add", add_offset},        {"fragment_add_check", add_offset_check},
    {"fragment_add_seq", add_number}, {"fragment_add_seq_next", add_next},
};

/* ---- The message ---- */

/* One of the octets of the message, so that a wrong order is seen. */
static uint8_t octet_at(uint32_t offset)
{
    return (uint8_t)(offset * 2654435761U >> 24);
}

static void add(joining *probe, const uint8_t *from, uint32_t length)
{
    probe->octets = from;
    probe->length = length;
    probe->more = probe->offset + length < octets;
    if (chosen->add != add_to_buffer)
        probe->tvb = tvb_new_real_data(from, length, smtpx_size(length));
    chosen->add(probe);
    if (probe->tvb)
        tvb_free(probe->tvb);
    probe->offset += length;
    probe->number++;
}

/* Was all put together, in its order? */
static void check(const joining *probe)
{
    if (!probe->together || tvb_captured_length(probe->together) != octets)
        fprintf(stderr, "reassembly: nothing came of it\n");
    for (uint32_t i = 0; probe->together && i < octets; i += 997)
        if (*tvb_get_ptr(probe->together, smtpx_size(i), 1) != octet_at(i))
            fprintf(stderr, "reassembly: octet %u is wrong\n", i);
}

/* Adds the message, part by part, or as many parts as are gathered. */
static void put_together(packet_info *pinfo)
{
    joining probe = {.pinfo = pinfo};
    uint8_t *waiting = g_malloc(gathered + part);
    uint32_t held = 0, length;

    for (uint32_t offset = 0; offset < octets; offset += length) {
        length = MIN(part, octets - offset);
        for (uint32_t i = 0; i < length; i++)
            waiting[held + i] = octet_at(offset + i);
        pinfo->num++;
        held += length;
        if (held >= gathered || offset + length == octets) {
            add(&probe, waiting, held);
            held = 0;
        }
    }
    g_free(waiting);
    check(&probe);
}

/* ---- The plugin ---- */

static double seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) / 1e6;
}

static long peak_kilobytes(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static bool read_wishes(void)
{
    const char *wishes = getenv("SMTPX_REASSEMBLY");
    char name[32];

    if (!wishes || sscanf(wishes, "%31s %u %u %u", name, &octets, &part, &gathered) != 4 || part == 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
        if (strcmp(ways[i].name, name) == 0)
            chosen = &ways[i];
    return chosen != NULL;
}

static int probe_once(tvbuff_t *tvb _U_, packet_info *pinfo, proto_tree *tree _U_, void *data _U_)
{
    uint32_t frame = pinfo->num;
    double before = seconds();
    long least = peak_kilobytes();

    if (frame != 1 || pinfo->fd->visited || !read_wishes())
        return 0;
    put_together(pinfo);
    pinfo->num = frame;
    fprintf(stderr, "reassembly: %.2f s, %ld KB\n", seconds() - before, peak_kilobytes() - least);
    return 0;
}

void proto_register_reassembly(void)
{
    int proto = proto_register_protocol("What reassembly takes", "REASSEMBLY", "smtpxreassembly");

    reassembly_table_register(&table, &addresses_ports_reassembly_table_functions);
    register_postdissector(register_dissector("smtpxreassembly", probe_once, proto));
}

void plugin_register(void)
{
    static proto_plugin plugin = {proto_register_reassembly, NULL};

    proto_register_plugin(&plugin);
}

uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
