/* smtpx_view.h
 * What is drawn of one call of the dissector, and the Info column.
 *
 * Nothing in this folder changes what a session knows: it is const here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_H
#define SMTPX_VIEW_H

#include "plugin/epan/smtpx_compat.h"

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/epan/learn/smtpx_session.h"

typedef struct smtpx_view {
    packet_info *pinfo;
    proto_tree *root;    /**< of the packet */
    proto_tree *tree;    /**< smtpx's own; NULL until begun, or when nobody wants one */
    proto_tree *builtin; /**< the built-in's layer; NULL when nobody wants a field of it */
    proto_tree *legacy;  /**< where its fields of the unit in hand stand: there, or below its line */
    tvbuff_t *tvb;
    const uint8_t *octets; /**< of tvb */
    const smtpx_session *session;
    smtp_side side; /**< who says it: behind a change of roles not the direction's */
    smtpx_layer layer;
    uint32_t titled;                     /**< octets that stand in the protocol's row behind the name, or would */
    uint64_t position;                   /**< of the unit that is drawn, or was drawn last */
    const smtp_transaction *transaction; /**< of the units drawn last; NULL: they have none */
    uint32_t transaction_at;             /**< where the first of them stands */
    bool transaction_is_told;            /**< one of them tells what became of it */
    bool tells_transactions;             /**< somebody looks at a field of them */
    bool legacy_is_printed;              /**< the built-in's fields are not hidden */
    bool begun;
    bool info;           /**< somebody looks at the Info column */
    bool described;      /**< something was added to it */
    bool data_is_untold; /**< message data was drawn of which the protocol's row does not say anything yet */
} smtpx_view;

/** smtpx's own tree, at an offset of the tvbuff. */
static inline smtpx_cursor smtpx_view_at(const smtpx_view *view, uint32_t offset)
{
    return (smtpx_cursor){view->tree, view->tvb, view->octets + offset, offset, false};
}

/** Where the built-in's fields of the unit in hand stand, with the same octets. */
static inline smtpx_cursor smtpx_view_legacy_at(const smtpx_view *view, const smtpx_cursor *at)
{
    return (smtpx_cursor){view->legacy, at->tvb, at->octets, at->offset, !view->legacy_is_printed};
}

/** Adds to the Info column, behind a bar where something was added before. */
void smtpx_view_info(smtpx_view *view, const char *text);

/** As smtpx_view_info(), with octets of the tvbuff. */
void smtpx_view_info_span(smtpx_view *view, const smtpx_cursor *at, smtp_span span);

/** Octets as one line of text: those that cannot be printed are escaped. */
const char *smtpx_view_one_line(const smtpx_view *view, const uint8_t *octets, uint32_t length);

/** A text as labels have it: control octets escaped. */
const char *smtpx_view_label(const smtpx_view *view, const char *text);

/** The same, of a name. */
const char *smtpx_view_label_name(const smtpx_view *view, const smtp_name *name);

/** Adds to the row of the protocol in the tree what is told here, in a few words. */
void smtpx_view_title(smtpx_view *view, const char *text);

/** Is what smtpx writes into columns, or into that row, shown? */
bool smtpx_view_is_described(const smtpx_view *view);

/** Is what smtpx writes into columns shown? */
bool smtpx_view_has_columns(const smtpx_view *view);

/** Has IMF put its name into the Protocol column of this frame? */
bool smtpx_view_imf_is_named(const smtpx_view *view);

#endif /* SMTPX_VIEW_H */
