/* smtpx_view_session.h
 * What is known of the session: generated items.
 *
 * What is shown of the session is what was known behind the last unit that is
 * drawn, so that any click shows the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_VIEW_SESSION_H
#define SMTPX_VIEW_SESSION_H

#include "plugin/epan/draw/smtpx_view.h"

void smtpx_view_session_register(int proto);

/** The session: one row, behind all else. */
void smtpx_view_session(const smtpx_view *view);

/** Can an item be counted that is not made? Below another one, of a field that nobody asked for. */
bool smtpx_view_session_can_count(const proto_tree *tree);

/** Adds such an item to a tree at the root, of which that is so. */
void smtpx_view_session_count(tvbuff_t *tvb, proto_tree *tree);

#endif /* SMTPX_VIEW_SESSION_H */
