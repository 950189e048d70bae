/* smtpx_endings.c
 * Where a line has no end in the capture: by frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_endings.h"

static wmem_map_t *endings;    /* by frame; in file scope, NULL: none */
static smtpx_last_unit *drawn; /* of the one that is drawn, the unit that is read again; NULL: there are no endings */

static void forget_capture(void)
{
    endings = NULL;
    drawn = NULL;
}

void smtpx_endings_register(void)
{
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
}

static tvbuff_t *source_at(const packet_info *pinfo, uint32_t index)
{
    const struct data_source *source = g_slist_nth_data(pinfo->data_src, index);

    return source ? get_data_source_tvb(source) : NULL;
}

static uint32_t find_source(const packet_info *pinfo, const tvbuff_t *data)
{
    const tvbuff_t *source;

    for (uint32_t i = 0; (source = source_at(pinfo, i)); i++) {
        if (source == data)
            return i;
    }
    return SMTPX_NO_SOURCE;
}

static const smtpx_stream *stream_of(const smtpx_ending *ending)
{
    return smtpx_session_stream(ending->session, ending->layer, ending->direction);
}

/* ---- First pass ---- */

static void free_kept(smtpx_ending *ending)
{
    wmem_free(wmem_file_scope(), ending->kept);
    ending->kept = NULL;
}

static void drop(smtpx_ending *ending)
{
    if (!ending)
        return;
    free_kept(ending);
    wmem_free(wmem_file_scope(), ending);
}

static smtpx_ending *find(uint32_t frame)
{
    return endings ? wmem_map_lookup(endings, GUINT_TO_POINTER(frame)) : NULL;
}

void smtpx_endings_add(const smtpx_session *session, const smtpx_hand *hand, packet_info *pinfo, tvbuff_t *tvb,
                       uint32_t offset)
{
    tvbuff_t *data = tvb_get_ds_tvb(tvb);
    smtpx_ending *ending;

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (!endings) {
        endings = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
        drawn = smtpx_take0(sizeof *drawn);
    }
    ending = wmem_new(wmem_file_scope(), smtpx_ending);
    *ending = (smtpx_ending){.session = session,
                             .layer = hand->layer,
                             .direction = hand->direction,
                             .position = hand->position,
                             .length = hand->length,
                             .source = find_source(pinfo, data),
                             .source_length = tvb_captured_length(data),
                             .offset = (uint32_t)tvb_raw_offset(tvb) + offset,
                             .kept = wmem_memdup(wmem_file_scope(), hand->octets, hand->length)};
    drop(wmem_map_insert(endings, GUINT_TO_POINTER(pinfo->num), ending));
}

void smtpx_endings_remove(uint32_t frame)
{
    smtpx_ending *ending = find(frame);

    if (!ending || ending->is_cut)
        return;
    wmem_map_remove(endings, GUINT_TO_POINTER(frame));
    drop(ending);
}

/* ---- What they are ---- */

enum {
    MOST_UNITS = 2 /* lines of a reply, and the start of another line; what else there is, is text as well */
};

static const smtp_session *core_of(const smtpx_ending *ending)
{
    return smtpx_session_talk(ending->session, ending->layer)->core;
}

static smtpx_record record_of(const smtp_unit *unit)
{
    return (smtpx_record){.length = unit->length,
                          .role = unit->role,
                          .by_server = unit->side == SMTP_SERVER,
                          .continues = unit->continues,
                          .continued = unit->continued,
                          .remarks = smtpx_remark_sets_index(&unit->remarks),
                          .of.wait = SMTPX_TIME_UNKNOWN,
                          .context = smtpx_kept_number(unit->exchange)};
}

void smtpx_endings_cut(uint32_t frame, uint64_t missing)
{
    smtpx_ending *ending = find(frame);
    smtp_input input;
    smtp_unit unit;

    if (!ending || ending->is_cut)
        return;
    ending->is_cut = true;
    ending->length = (uint32_t)MIN(ending->length, missing);
    ending->units = smtpx_take0(MOST_UNITS * sizeof *ending->units);
    input = (smtp_input){.octets = ending->kept, .length = ending->length};
    while (input.length > 0) {
        smtpx_last_unit *read = &ending->units[ending->unit_count++];
        if (ending->unit_count < MOST_UNITS)
            smtp_session_cut(core_of(ending), ending->direction, &input, &unit, &read->last);
        else
            smtp_session_cut_text(core_of(ending), ending->direction, &input, &unit, &read->last);
        read->record = record_of(&unit);
        input.octets += unit.length;
        input.length -= unit.length;
    }
    if (ending->source == 0)
        free_kept(ending);
}

/* ---- Later passes ---- */

bool smtpx_endings_exist(void)
{
    return endings && wmem_map_size(endings) > 0;
}

const smtpx_ending *smtpx_endings_find(uint32_t frame)
{
    const smtpx_ending *ending = find(frame);

    return ending && (ending->is_cut || smtpx_stream_ends_in(stream_of(ending), frame)) ? ending : NULL;
}

bool smtpx_ending_is(const smtpx_ending *ending, const smtpx_hand *hand)
{
    return ending->layer == hand->layer && ending->direction == hand->direction && ending->position == hand->position &&
           ending->length == hand->length;
}

static tvbuff_t *kept_octets(const smtpx_ending *ending, packet_info *pinfo)
{
    tvbuff_t *tvb =
        tvb_new_child_real_data(source_at(pinfo, 0), ending->kept, ending->length, smtpx_size(ending->length));

    add_new_data_source(pinfo, tvb, "Unfinished line");
    return tvb;
}

tvbuff_t *smtpx_ending_octets(const smtpx_ending *ending, packet_info *pinfo)
{
    tvbuff_t *source = source_at(pinfo, ending->source);

    if (ending->source != 0)
        return kept_octets(ending, pinfo);
    if (!source || tvb_captured_length(source) != ending->source_length ||
        ending->length > ending->source_length - ending->offset)
        return NULL;
    return tvb_new_subset_length(source, smtpx_size(ending->offset), smtpx_size(ending->length));
}

const smtpx_record *smtpx_ending_record(const smtpx_ending *ending, const uint8_t *octets, uint32_t next)
{
    smtp_input input = {.octets = octets, .length = ending->length};
    smtp_unit unit;

    if (ending->is_cut)
        return next < ending->unit_count ? &ending->units[next].record : NULL;
    if (next > 0)
        return NULL;
    smtp_session_end(core_of(ending), ending->direction, &input, &unit, &drawn->last);
    drawn->record = record_of(&unit);
    return &drawn->record;
}
