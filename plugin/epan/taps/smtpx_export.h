/* smtpx_export.h
 * Messages as files: --export-objects smtpx,DIR, and File > Export Objects > SMTPX.
 *
 * Wireshark writes the files; what it gets is a list of objects.  The first one is a list
 * of the others, mails.tsv, which grows with each.  A capture that is read once tells a
 * message before the server has answered it, so an object's names are written anew then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_EXPORT_H
#define SMTPX_EXPORT_H

void smtpx_export_register(int proto);

#endif /* SMTPX_EXPORT_H */
