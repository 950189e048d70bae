/* packet-smtpx.c
 * Routines for SMTP, ESMTP and LMTP packet dissection
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*
 * Registration, the entries over TCP and inside TLS, the heuristics, and two
 * loops over the units of a tvbuff.  The first one learns; it runs on the first
 * pass only.  The second one draws what was learned, on every pass, and changes
 * nothing that was learned.  So an exception thrown while drawing spoils no
 * session.
 *
 * Arrows point down: this file > plugin/epan/taps > plugin/epan/draw > plugin/epan/entry >
 * plugin/epan/learn > plugin/epan/smtpx_compat.h.
 *
 * RFC 5321 (SMTP), RFC 2033 (LMTP), RFC 3030 (BDAT), RFC 3207 (STARTTLS),
 * RFC 4954 (AUTH), and what they refer to.
 */

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/draw/smtpx_draw.h"
#include "plugin/epan/draw/smtpx_view_auth.h"
#include "plugin/epan/draw/smtpx_view_legacy.h"
#include "plugin/epan/draw/smtpx_handover.h"
#include "plugin/epan/draw/smtpx_last_line.h"
#include "plugin/epan/entry/smtpx_around.h"
#include "plugin/epan/entry/smtpx_dispatch.h"
#include "plugin/epan/entry/smtpx_ports.h"
#include "plugin/epan/entry/smtpx_position.h"
#include "plugin/epan/entry/smtpx_tls.h"
#include "plugin/epan/entry/smtpx_wait.h"
#include "plugin/epan/learn/smtpx_endings.h"
#include "plugin/epan/learn/smtpx_hops.h"
#include "plugin/epan/learn/smtpx_message.h"
#include "plugin/epan/learn/smtpx_prelude.h"
#include "plugin/epan/learn/smtpx_remark_sets.h"
#include "plugin/epan/learn/smtpx_session.h"
#include "plugin/epan/learn/smtpx_times.h"
#include "plugin/epan/taps/smtpx_taps.h"
#include "plugin/smtp/smtp_suspicion.h"
#include "plugin/smtp/syntax/smtp_apart.h"
#include "plugin/smtp/syntax/smtp_sniff.h"
#include "plugin/smtp/syntax/smtp_tls.h"

void proto_register_smtpx(void);
void proto_reg_handoff_smtpx(void);

static int proto_smtpx = -1;
static dissector_handle_t smtpx_handle;
static dissector_handle_t smtpx_tls_handle;
static smtpx_bool desegment_lines = true;

/* ---- Learn ---- */

/* A message or a transaction has ended. */
static SMTP_APART void note_end(const smtpx_session *session, smtpx_layer layer, const smtp_unit *unit)
{
    const smtp_transaction *ended;

    if (unit->ends_message)
        smtpx_hops_add_message(session, layer, unit->transaction);
    if (!unit->ends_transaction || !unit->exchange)
        return;
    ended = smtp_exchange_ended(unit->exchange);
    if (ended)
        smtpx_hops_add_end(ended);
}

/* A reply proves that the server has read units in a message. */
static void learn_reread(const smtpx_session *session, const packet_info *pinfo, smtpx_layer layer,
                         const smtp_unit *reply)
{
    smtpx_message_reread(pinfo, reply);
    for (uint32_t i = reply->reread_from; i < reply->reread->unit_count; i++)
        note_end(session, layer, &reply->reread->units[i].unit);
}

/* Learns the unit in hand. First pass only.
 * @param unit  with hand->goes_on the one before; set to what is learned */
static smtpx_step learn_unit(smtpx_session *session, packet_info *pinfo, const smtpx_hand *hand, smtp_unit *unit,
                             smtpx_collector *collector)
{
    smtpx_talk *talk = smtpx_session_layer(session, hand->layer);
    smtpx_stream *stream = &talk->streams[hand->direction];
    smtp_session *core = smtpx_talk_core(talk);
    uint32_t waited_in = stream->waiting_for > 0 ? stream->waiting_in : 0;
    smtpx_step step;

    if (waited_in > 0 && hand->position > stream->next)
        smtpx_endings_cut(waited_in, hand->position - stream->next);
    step = smtpx_stream_learn(stream, core, pinfo, hand, unit);
    if (waited_in > 0 && !smtpx_stream_ends_in(stream, waited_in))
        smtpx_endings_remove(waited_in);
    if (step.found == SMTPX_FOUND_RECORD && !unit->alike) {
        smtpx_facts_learn(&talk->facts, pinfo, hand->position, smtp_session_facts(core));
        smtpx_message_collect(collector, pinfo, unit, hand->octets);
        if (unit->reread)
            learn_reread(session, pinfo, hand->layer, unit);
        if (unit->ends_message || unit->ends_transaction)
            note_end(session, hand->layer, unit);
        if (smtp_unit_ends_session(unit))
            smtpx_session_rest(session, hand->layer);
    }
    if (step.found == SMTPX_FOUND_TLS && step.record && hand->layer == SMTPX_LAYER_TCP) {
        smtpx_session_tls_begins(session, hand->direction);
        smtpx_around_take_over(pinfo);
    }
    return step;
}

/* @param unit  in hand, if it was learned now; else NULL */
static bool is_rare(const smtpx_step *step, const smtp_unit *unit)
{
    return step->found != SMTPX_FOUND_RECORD ||
           smtpx_record_is_rare(step->record, unit ? unit->exchange : smtpx_record_exchange(step->record));
}

/* What was learned of the octets in hand. */
typedef struct learning {
    bool comes_again; /* it is not to be drawn yet */
    bool is_rare;     /* a unit of it is not as most are */
    bool tells;       /* it is to be drawn although nobody looks */
    uint32_t whole;   /* how many octets are done with, and do not come again */
} learning;

/* Learns the units in hand, up to where more octets are needed. First pass only.
 * @param hand  set to what is left */
static learning learn_units(smtpx_session *session, const smtpx_stream *stream, packet_info *pinfo, tvbuff_t *tvb,
                            smtpx_hand *hand)
{
    smtpx_place place = {0, 0}; /* what comes again has to be searched for */
    uint32_t length = hand->length;
    smtpx_collector collector = {.transaction = NULL};
    learning learned = {.tells = false};
    smtp_unit unit;

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    while (hand->length > 0) {
        bool is_new = smtpx_stream_is_new(stream, hand);
        smtpx_step step =
            is_new ? learn_unit(session, pinfo, hand, &unit, &collector) : smtpx_stream_find(stream, hand, &place);

        if (step.found == SMTPX_FOUND_PARTIAL && hand->can_wait)
            break;
        hand->goes_on = is_new && step.found == SMTPX_FOUND_RECORD;
        if (is_rare(&step, is_new ? &unit : NULL)) {
            learned.is_rare = true;
            learned.tells = learned.tells || step.found != SMTPX_FOUND_RECORD || smtpx_draw_tells(step.record);
        }
        if (step.found == SMTPX_FOUND_PARTIAL || smtpx_step_is_cut_record(&step, hand))
            break;
        smtpx_hand_pass(hand, step.length);
    }
    learned.whole = length - hand->length;
    if (hand->length > 0 && smtpx_stream_ends_in(stream, pinfo->num))
        smtpx_endings_add(session, hand, pinfo, tvb, learned.whole);
    smtpx_message_append(&collector, pinfo);
    return learned;
}

/* ---- Draw ---- */

/* Draws what is found at an offset of the octets in hand, and is there as a whole. */
static void draw_step(smtpx_view *view, uint32_t offset, const smtpx_hand *hand, const smtpx_step *step, void *data)
{
    switch (step->found) {
    case SMTPX_FOUND_RECORD:
        smtpx_draw_record(view, offset, hand->position, step->record);
        break;
    case SMTPX_FOUND_TLS:
        if (step->record || hand->layer == SMTPX_LAYER_TLS)
            smtpx_draw_tls(view, offset, hand->position, step->record, step->length);
        /* TLS knows nothing of TLS inside itself. */
        if (hand->layer == SMTPX_LAYER_TCP)
            smtpx_tls_draw(view->tvb, (smtp_span){offset, step->length}, view->pinfo, view->root, data);
        break;
    default:
        smtpx_draw_stray(view, offset, step);
        break;
    }
}

/* Is what is in hand all that the capture has of a line? NULL: it is not. */
static const smtpx_ending *find_ending(const smtpx_view *view, const smtpx_hand *hand)
{
    const smtpx_ending *ending = PINFO_FD_VISITED(view->pinfo) ? smtpx_endings_find(view->pinfo->num) : NULL;

    return ending && smtpx_ending_is(ending, hand) ? ending : NULL;
}

/* Draws what was learned of the octets in hand. Any pass.
 * @param place  where the first record is expected
 * @return false when the first octets are for TLS alone */
static bool draw_units(smtpx_view *view, smtpx_hand *hand, smtpx_place place, void *data)
{
    const smtpx_stream *stream = smtpx_session_stream(view->session, hand->layer, hand->direction);
    uint32_t length = hand->length;

    while (hand->length > 0) {
        uint32_t offset = length - hand->length;
        smtpx_step step = smtpx_stream_find(stream, hand, &place);
        const smtpx_ending *ending = step.found == SMTPX_FOUND_PARTIAL ? find_ending(view, hand) : NULL;

        if (ending) {
            smtpx_draw_ending(view, offset, ending);
            break;
        }
        if (step.found == SMTPX_FOUND_PARTIAL && hand->can_wait) {
            smtpx_wait(view->pinfo, view->tvb, offset, hand->told);
            break;
        }
        if (offset == 0 && smtpx_step_is_for_tls(&step, view->layer))
            return false;
        draw_step(view, offset, hand, &step, data);
        smtpx_hand_pass(hand, step.length);
    }
    smtpx_draw_finish(view);
    return true;
}

/* ---- Whose is it? ---- */

/* Does the port tell on which side the sender is? */
static bool port_tells(const packet_info *pinfo, smtp_side *side)
{
    *side = pinfo->match_uint == pinfo->srcport ? SMTP_SERVER : SMTP_CLIENT;
    return pinfo->srcport != pinfo->destport &&
           (pinfo->match_uint == pinfo->srcport || pinfo->match_uint == pinfo->destport);
}

/* The side of a sender whose session begins here, in the middle perhaps. What
 * is said tells it; where it does not, the port does. */
static smtp_side find_side(const packet_info *pinfo, const uint8_t *octets, uint32_t length)
{
    smtp_side said = smtp_sniff_likely(octets, length), told;

    if (!port_tells(pinfo, &told) || told == said)
        return said;
    return smtp_sniff_side(octets, length, &said) ? said : told;
}

/* May a session begin with this: with text, or with TLS around it? */
static bool may_begin(const uint8_t *octets, uint32_t length, smtpx_layer layer)
{
    smtp_sniffed sniffed = smtp_sniff(octets, length);

    return sniffed == SMTP_SNIFFED_TEXT || (sniffed == SMTP_SNIFFED_TLS && layer == SMTPX_LAYER_TCP);
}

/* The session of this packet; NULL when it is not SMTP.
 * @param data  what TCP or TLS passed */
static smtpx_session *find_session(tvbuff_t *tvb, packet_info *pinfo, smtpx_layer layer, const void *data)
{
    smtpx_session *session = smtpx_session_find(pinfo);
    bool is_begun = session && smtpx_session_is_begun(session, layer);
    const uint8_t *octets;
    uint32_t length;

    if (PINFO_FD_VISITED(pinfo) || (is_begun && !(layer == SMTPX_LAYER_TLS && session->tls_is_new)))
        return is_begun ? session : NULL;
    length = tvb_captured_length(tvb);
    octets = tvb_get_ptr(tvb, 0, smtpx_size(length));
    if (!may_begin(octets, length, layer))
        return NULL;
    if (session) {
        smtpx_session_begin_layer(session, pinfo, layer);
        return session;
    }
    session = smtpx_session_begin(pinfo, layer, find_side(pinfo, octets, length));
    if (layer == SMTPX_LAYER_TCP)
        smtpx_prelude_learn(session, pinfo, data);
    return session;
}

/* Finds where what is in hand stands.
 * @return its stream */
static const smtpx_stream *place_hand(smtpx_hand *hand, const smtpx_session *session, tvbuff_t *tvb, packet_info *pinfo,
                                      void *data)
{
    const smtpx_stream *stream;

    hand->direction = smtpx_session_direction(session, pinfo);
    stream = smtpx_session_stream(session, hand->layer, hand->direction);
    hand->octets = tvb_get_ptr(tvb, 0, smtpx_size(hand->length));
    hand->position = smtpx_position(stream, hand->layer, tvb, pinfo, data);
    hand->can_wait = desegment_lines && smtpx_may_wait(pinfo, tvb, hand);
    return stream;
}

/* Learns what is in hand. First pass only. */
static learning learn(smtpx_session *session, const smtpx_stream *stream, tvbuff_t *tvb, packet_info *pinfo,
                      smtpx_hand *hand)
{
    uint32_t before = smtpx_stream_had(stream, hand);
    learning learned;

    smtpx_position_unseen(session, stream, pinfo, hand);
    learned = learn_units(session, stream, pinfo, tvb, hand);
    smtpx_hand_return(hand, learned.whole);
    if (smtpx_comes_again(hand, before, learned.whole))
        learned = (learning){.comes_again = true};
    return learned;
}

/* ---- Entries ---- */

/* Learns what is in hand on the first pass, and draws it on every pass. */
static int dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, smtpx_layer layer)
{
    uint32_t length = tvb_captured_length(tvb);
    smtpx_hand hand = {.layer = layer, .length = length, .told = layer == SMTPX_LAYER_TCP ? data : NULL};
    smtpx_session *session;
    const smtpx_stream *stream;
    smtpx_place place;
    smtpx_view view;
    learning learned = {.is_rare = true, .tells = true};

    /* The start of a segment that an ICMP error quotes is not part of the session. */
    if (pinfo->flags.in_error_pkt || length == 0)
        return 0;
    /* Not every first pass tells that it is over. */
    if (PINFO_FD_VISITED(pinfo))
        smtpx_last_line_watch();
    session = find_session(tvb, pinfo, layer, data);
    if (!session)
        return 0;
    stream = place_hand(&hand, session, tvb, pinfo, data);
    place = smtpx_records_end(&stream->records);
    if (!PINFO_FD_VISITED(pinfo))
        learned = learn(session, stream, tvb, pinfo, &hand);
    if (!learned.comes_again && smtpx_taps_are_heard(learned.is_rare))
        smtpx_taps_tell(session, pinfo, tvb, &hand, place);
    if (learned.comes_again || (!learned.tells && !smtpx_draw_is_watched(pinfo, tree))) {
        /* Nothing is drawn now: Wireshark is told no more than it has to know. */
        if (learned.whole > 0)
            smtpx_draw_layer(tvb, tree);
        if (learned.whole < length)
            smtpx_wait(pinfo, tvb, learned.whole, hand.told);
        return (int)length;
    }
    view = (smtpx_view){
        .pinfo = pinfo,
        .root = tree,
        .tvb = tvb,
        .octets = hand.octets,
        .session = session,
        .side = hand.direction,
        .layer = layer,
    };
    return draw_units(&view, &hand, place, data) ? (int)length : 0;
}

static int dissect_smtpx(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect(tvb, pinfo, tree, data, SMTPX_LAYER_TCP);
}

static int dissect_smtpx_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return dissect(tvb, pinfo, tree, data, SMTPX_LAYER_TLS);
}

/* The heuristic entries are asked for each segment that is nobody's: octets are got once, and
 * the first of them decides nearly always. What follows is given one octet at least. */

/* Does nothing but SMTP say this? */
static bool is_certain(const uint8_t *octets, uint32_t length, smtp_side *side)
{
    return smtp_sniff_may_be_certain(octets[0]) && smtp_sniff_is_certain(octets, length, side);
}

/* May it be a greeting, FTP's as well as SMTP's? */
static bool is_greeting(const uint8_t *octets, uint32_t length)
{
    return octets[0] == '2' && smtp_sniff_may_greet(octets, length);
}

/* May the other end have said something that was not learned? TCP's numbers tell; inside TLS, what was noted. */
static bool is_unheard(const smtpx_session *session, packet_info *pinfo, smtpx_layer layer, const void *data)
{
    if (layer == SMTPX_LAYER_TLS)
        return smtpx_prelude_is_noted(session, pinfo);
    return !smtpx_session_has_prelude(session) && !smtpx_position_speaks_first(session, pinfo, data);
}

/* Begins a session on any port, unless the user wants the built-in dissector there.
 * @param data  what TCP passed, or NULL */
static bool begin(packet_info *pinfo, smtpx_layer layer, smtp_side side, const void *data)
{
    smtpx_session *session;

    if (pinfo->flags.in_error_pkt || smtpx_dispatch_is_builtin(pinfo))
        return false;
    if (smtpx_session_find(pinfo) || PINFO_FD_VISITED(pinfo))
        return true;
    session = smtpx_session_begin(pinfo, layer, side);
    session->from_start = false; /* what was said before was not recognised, perhaps */
    if (layer == SMTPX_LAYER_TCP)
        smtpx_prelude_learn(session, pinfo, data);
    if (is_unheard(session, pinfo, layer, data))
        smtp_session_unheard(smtpx_session_layer(session, layer)->core);
    return true;
}

/* A greeting that may be FTP's, too, on any port, or the rest of its line. */
static bool may_greet(const uint8_t *octets, uint32_t length, packet_info *pinfo, const void *data)
{
    return (is_greeting(octets, length) || smtpx_prelude_goes_on(pinfo, data)) && !pinfo->flags.in_error_pkt &&
           !smtpx_dispatch_is_builtin(pinfo);
}

/* The first pass keeps such a greeting until the client has spoken; on later ones it is known whose it is. */
static smtpx_bool dissect_greeting(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);

    if (PINFO_FD_VISITED(pinfo))
        return smtpx_session_find(pinfo) && dissect_smtpx(tvb, pinfo, tree, data) > 0;
    smtpx_prelude_keep(pinfo, data, tvb_get_ptr(tvb, 0, smtpx_size(length)), length);
    return false;
}

/* Clear text on a port whose SMTP is inside TLS: TLS was taken off before the capture, has
 * failed or has ended. A server's first line, or what nothing but SMTP says. */
static bool is_expected(const uint8_t *octets, uint32_t length, const packet_info *pinfo, smtp_side *side)
{
    if (!smtpx_ports_are_preferred(SMTPX_TABLE_TLS, pinfo) || smtp_sniff(octets, length) != SMTP_SNIFFED_TEXT)
        return false;
    return smtp_sniff_side(octets, length, side) || *side == SMTP_SERVER;
}

static smtpx_bool dissect_smtpx_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);
    const uint8_t *octets = tvb_get_ptr(tvb, 0, smtpx_size(length));
    smtp_side side;

    if (length == 0)
        return false;
    if (smtp_tls_begins(octets, length) && smtpx_around_tls(tvb, pinfo, tree, data))
        return true;
    if (!is_certain(octets, length, &side) && !is_expected(octets, length, pinfo, &side))
        return may_greet(octets, length, pinfo, data) && dissect_greeting(tvb, pinfo, tree, data);
    if (!begin(pinfo, SMTPX_LAYER_TCP, side, data))
        return false;
    if (!PINFO_FD_VISITED(pinfo))
        conversation_set_dissector_from_frame_number(smtpx_conversation_of_dissector(pinfo), pinfo->num, smtpx_handle);
    return dissect_smtpx(tvb, pinfo, tree, data) > 0;
}

static smtpx_bool dissect_smtpx_tls_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    uint32_t length = tvb_captured_length(tvb);
    const uint8_t *octets = tvb_get_ptr(tvb, 0, smtpx_size(length));
    smtp_side side;

    if (length == 0)
        return false;
    if (!is_certain(octets, length, &side)) {
        if (!PINFO_FD_VISITED(pinfo) && is_greeting(octets, length))
            smtpx_prelude_note(pinfo);
        return false;
    }
    if (!begin(pinfo, SMTPX_LAYER_TLS, side, NULL))
        return false;
    smtpx_tls_claim(data);
    return dissect_smtpx_tls(tvb, pinfo, tree, SMTPX_TLS_TELLS_POSITION ? data : NULL) > 0;
}

/* ---- Registration ---- */

/* They stand in this order on the page, behind those of the ports. */
static void register_preferences(module_t *module)
{
    prefs_register_bool_preference(module, "legacy_filters", "Keep smtp.* filters working",
                                   "Whether filters, columns, colour rules and programs that were made for the built-in"
                                   " dissector find its fields",
                                   &smtpx_legacy_wanted);
    prefs_register_bool_preference(module, "show_secrets", "Show passwords and tokens",
                                   "Whether what AUTH carries in secret is shown, in packets and in the Info column",
                                   &smtpx_auth_show_secrets);
    prefs_register_bool_preference(module, "desegment_lines", "Reassemble lines spanning multiple segments",
                                   "Whether a command or reply that is cut by TCP or TLS is put together."
                                   " \"Allow subdissectors to reassemble TCP streams\" is needed as well.",
                                   &desegment_lines);
    prefs_register_bool_preference(module, "reassemble_messages", "Reassemble messages",
                                   "Whether the octets of a message are put together and shown as a message",
                                   &smtpx_message_reassemble);
    prefs_register_uint_preference(module, "max_message_octets", "Largest message to reassemble (octets)",
                                   "Larger messages are shown in parts only, and take no memory", 10,
                                   &smtpx_message_max_octets);
    prefs_register_bool_preference(module, "export_unfinished", "Export unfinished messages",
                                   "Whether messages without an end, or with octets missing, are exported as far as"
                                   " they go",
                                   &smtpx_message_export_unfinished);
    smtpx_taps_register_preferences(module);
}

void proto_register_smtpx(void)
{
    module_t *module;

    proto_smtpx = proto_register_protocol("Simple Mail Transfer Protocol (smtpx)", "SMTPX", "smtpx");
    smtpx_handle = register_dissector("smtpx", dissect_smtpx, proto_smtpx);
    smtpx_tls_handle = register_dissector("smtpx.tls", dissect_smtpx_tls, proto_smtpx);
    module = prefs_register_protocol(proto_smtpx, smtpx_ports_verify);
    smtpx_dispatch_register(proto_smtpx, module);
    register_preferences(module);
    smtpx_remark_sets_register();
    smtpx_times_register();
    smtpx_message_register();
    smtpx_hops_register();
    smtpx_endings_register();
    smtpx_conversation_register();
    smtpx_session_register();
    smtpx_prelude_register();
    smtpx_position_register(proto_smtpx);
    smtpx_draw_register(proto_smtpx);
    smtpx_last_line_register(proto_smtpx);
    smtpx_taps_register(proto_smtpx);
}

void proto_reg_handoff_smtpx(void)
{
    smtpx_tls_handoff(proto_smtpx, smtpx_tls_handle);
    smtpx_dispatch_handoff(smtpx_handle, smtpx_tls_handle);
    smtpx_draw_handoff(proto_smtpx);
    dissector_add_for_decode_as("tcp.port", smtpx_handle);
    dissector_add_for_decode_as("tls.port", smtpx_tls_handle);
    heur_dissector_add("tcp", dissect_smtpx_heuristic, "SMTP or LMTP over TCP", "smtpx_tcp", proto_smtpx,
                       HEURISTIC_ENABLE);
    heur_dissector_add("tls", dissect_smtpx_tls_heuristic, "SMTP or LMTP over TLS", "smtpx_tls", proto_smtpx,
                       HEURISTIC_ENABLE);
}
