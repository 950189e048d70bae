/* host.c
 * libwireshark without a program around it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <epan/column-info.h>
#include <epan/column.h>
#include <epan/disabled_protos.h>
#include <epan/prefs.h>
#include <epan/timestamp.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/report_message.h>
#include <wsutil/wslog.h>

#include "measure.h"

void plugin_register(void);

/* What mail travels in, and what smtpx hands over to. */
static const char *const wanted[] = {"frame",
                                     "raw",
                                     "ip",
                                     "tcp",
                                     "tls",
                                     "data",
                                     "smtpx",
                                     "smtpx_port",
                                     "smtpx_tls_port",
                                     "smtp",
                                     "imf",
                                     "ntlmssp",
                                     "proxy",
                                     "gssapi",
                                     "gss-api",
                                     "spnego",
                                     "mime_multipart",
                                     "media",
                                     "text",
                                     "data-text-lines",
                                     "_ws.expert",
                                     "_ws.malformed",
                                     "_ws.short"};

static epan_t *session;
static epan_dissect_t *dissections[HOST_SEEN + 1];
static column_info columns;
static uint32_t frames;
static int64_t octets;

static const nstime_t *time_of(struct packet_provider_data *provider _U_, uint32_t number)
{
    static nstime_t time;

    time.secs = 1700000000 + number / 1000;
    time.nsecs = (int)(number % 1000) * 1000000;
    return &time;
}

static const struct packet_provider_funcs provider = {.get_frame_ts = time_of};

/* ---- Reports ---- */

static void report(const char *format, va_list arguments)
{
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

static void report_open(const char *name, int error, smtpx_bool writing _U_)
{
    fprintf(stderr, "%s: error %d\n", name, error);
}

static void report_file(const char *name, int error)
{
    fprintf(stderr, "%s: error %d\n", name, error);
}

/* ---- Start ---- */

static void set_environment(void)
{
    static const char *const homes[] = {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"};

    for (size_t i = 0; i < array_length(homes); i++)
        setenv(homes[i], "/nonexistent", 1);
    setenv("WIRESHARK_ABORT_ON_DISSECTOR_BUG", "1", 1);
    /* Each of Wireshark's allocations is one of malloc, which ASan watches. */
    setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", 0);
    setenv("G_SLICE", "always-malloc", 1);
}

static void start_libraries(const char *program)
{
    static const struct report_message_routines routines = {.vreport_failure = report,
                                                            .vreport_warning = report,
                                                            .report_open_failure = report_open,
                                                            .report_read_failure = report_file,
                                                            .report_write_failure = report_file};

#if SMTPX_WIRESHARK_AT_LEAST(4, 6)
    ws_log_init(report);
    init_process_policies();
    g_free(configuration_init(program));
#else
    ws_log_init("fuzz", report);
    init_process_policies();
    g_free(configuration_init(program, NULL));
#endif
    ws_log_set_level(LOG_LEVEL_WARNING);
    init_report_message("fuzz", &routines);
    timestamp_set_type(TS_RELATIVE);
    timestamp_set_precision(TS_PREC_AUTO);
    timestamp_set_seconds_type(TS_SECONDS_DEFAULT);
    wtap_init(false);
    plugin_register();
    if (!epan_init(NULL, NULL, false))
        FUZZ_FAIL("epan_init() failed");
}

static bool is_wanted(const char *name)
{
    for (size_t i = 0; i < array_length(wanted); i++) {
        if (strcmp(name, wanted[i]) == 0)
            return true;
    }
    return false;
}

static void disable_others(void)
{
    void *cookie;

    for (int proto = proto_get_first_protocol(&cookie); proto != -1; proto = proto_get_next_protocol(&cookie)) {
        if (!proto_is_pino(find_protocol_by_id(proto)) && proto_can_toggle_protocol(proto) &&
            !is_wanted(proto_get_protocol_filter_name(proto)))
            proto_set_decoding(proto, false);
    }
}

static void open_capture(void)
{
    frames = 0;
    octets = 0;
    session = epan_new(NULL, &provider);
    dissections[HOST_BLIND] = epan_dissect_new(session, false, false);
    dissections[HOST_HIDDEN] = epan_dissect_new(session, true, false);
    dissections[HOST_SEEN] = epan_dissect_new(session, true, true);
}

void host_start(const char *program)
{
    set_environment();
    start_libraries(program);
    build_column_format_array(&columns, epan_load_settings()->num_cols, true);
    disable_others();
    open_capture();
}

void host_set(const char *preference)
{
    char *text = g_strdup(preference), *trouble = NULL;

    if (prefs_set_pref(text, &trouble) != PREFS_SET_OK)
        FUZZ_FAIL("preference %s: %s", preference, trouble ? trouble : "not accepted");
    g_free(trouble);
    g_free(text);
}

void host_apply(void)
{
    prefs_apply_all();
}

void host_reset(void)
{
    for (int sight = 0; sight <= HOST_SEEN; sight++)
        epan_dissect_free(dissections[sight]);
    epan_free(session);
    open_capture();
}

void host_end_first_pass(void)
{
    postseq_cleanup_all_protocols();
}

uint32_t host_next_frame(void)
{
    return frames + 1;
}

/* ---- Frames ---- */

static void describe(wtap_rec *rec, const host_frame *frame)
{
#if SMTPX_WIRESHARK_AT_LEAST(4, 6)
    wtap_rec_init(rec, frame->captured);
    wtap_setup_packet_rec(rec, WTAP_ENCAP_RAW_IP4);
    ws_buffer_append(&rec->data, frame->octets, frame->captured);
#else
    wtap_rec_init(rec);
    rec->rec_type = REC_TYPE_PACKET;
    rec->rec_header.packet_header.pkt_encap = WTAP_ENCAP_RAW_IP4;
#endif
    rec->rec_header.packet_header.caplen = frame->captured;
    rec->rec_header.packet_header.len = frame->length;
    rec->presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
}

static void run(epan_dissect_t *edt, wtap_rec *rec, host_frame *frame, uint8_t *copy, column_info *cinfo)
{
#if SMTPX_WIRESHARK_AT_LEAST(4, 6)
    (void)copy;
    epan_dissect_run(edt, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, rec, &frame->fd, cinfo);
#else
    epan_dissect_run(edt, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, rec,
                     tvb_new_real_data(copy, frame->captured, (int)frame->length), &frame->fd, cinfo);
#endif
}

void host_dissect(host_frame *frame, bool first, host_sight sight, void (*look)(epan_dissect_t *, void *), void *data)
{
    epan_dissect_t *edt = dissections[sight];
    uint8_t *copy = g_memdup2(frame->octets, frame->captured); /* its own, so that ASan knows its end */
    uint32_t all = 0;
    wtap_rec rec;

    describe(&rec, frame);
    if (first) {
        frames++;
        rec.ts = *time_of(NULL, frames);
        octets += frame->length;
        frame_data_init(&frame->fd, frames, &rec, octets, (uint32_t)octets);
    }
    rec.ts = frame->fd.abs_ts;
    run(edt, &rec, frame, copy, sight == HOST_SEEN ? &columns : NULL);
    frame_data_set_after_dissect(&frame->fd, &all);
    if (look)
        look(edt, data);
    epan_dissect_reset(edt);
    g_free(copy);
    wtap_rec_cleanup(&rec);
}

void host_forget(host_frame *frame)
{
    frame_data_destroy(&frame->fd);
    g_free(frame->octets);
    frame->octets = NULL;
}
