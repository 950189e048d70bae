/* smtpx_endings.c
 * Where the capture ends in the middle of a line: by frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_endings.h"

static wmem_map_t *endings; /* by frame; in file scope, NULL: none */

static void forget_capture(void)
{
    endings = NULL;
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

static const smtpx_stream *stream_of(const smtpx_ending *ending)
{
    return smtpx_session_stream(ending->session, ending->layer, ending->direction);
}

static void drop(smtpx_ending *ending)
{
    if (!ending)
        return;
    wmem_free(wmem_file_scope(), ending->kept);
    wmem_free(wmem_file_scope(), ending);
}

void smtpx_endings_add(const smtpx_session *session, const smtpx_hand *hand, packet_info *pinfo, tvbuff_t *tvb,
                       uint32_t offset)
{
    tvbuff_t *data = tvb_get_ds_tvb(tvb), *source;
    smtpx_ending *ending;
    uint32_t index = 0;

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    while ((source = source_at(pinfo, index)) && source != data)
        index++;
    if (!source)
        return;
    if (!endings)
        endings = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    ending = wmem_new(wmem_file_scope(), smtpx_ending);
    *ending = (smtpx_ending){.session = session,
                             .layer = hand->layer,
                             .direction = hand->direction,
                             .source = index,
                             .source_length = tvb_captured_length(source),
                             .offset = (uint32_t)tvb_raw_offset(tvb) + offset};
    if (index > 0)
        ending->kept = wmem_memdup(wmem_file_scope(), hand->octets, hand->length);
    drop(wmem_map_insert(endings, GUINT_TO_POINTER(pinfo->num), ending));
}

void smtpx_endings_remove(uint32_t frame)
{
    if (endings)
        drop(wmem_map_remove(endings, GUINT_TO_POINTER(frame)));
}

bool smtpx_endings_exist(void)
{
    return endings && wmem_map_size(endings) > 0;
}

const smtpx_ending *smtpx_endings_find(uint32_t frame)
{
    const smtpx_ending *ending = endings ? wmem_map_lookup(endings, GUINT_TO_POINTER(frame)) : NULL;

    return ending && smtpx_stream_ends_in(stream_of(ending), frame) ? ending : NULL;
}

static tvbuff_t *kept_octets(const smtpx_ending *ending, uint32_t length, packet_info *pinfo)
{
    tvbuff_t *tvb = tvb_new_child_real_data(source_at(pinfo, 0), ending->kept, length, smtpx_size(length));

    add_new_data_source(pinfo, tvb, "Unfinished line");
    return tvb;
}

tvbuff_t *smtpx_ending_octets(const smtpx_ending *ending, packet_info *pinfo)
{
    uint32_t length = stream_of(ending)->waiting_for;
    tvbuff_t *source = source_at(pinfo, ending->source);

    if (ending->kept)
        return kept_octets(ending, length, pinfo);
    if (!source || tvb_captured_length(source) != ending->source_length ||
        length > ending->source_length - ending->offset)
        return NULL;
    return tvb_new_subset_length(source, smtpx_size(ending->offset), smtpx_size(length));
}
