/* smtpx_filename.h
 * Names of files that a stranger has chosen, made safe on every file system.
 *
 * What is left are letters and digits, and the marks -.+= between them.  So a name has no
 * path, no blank or dot at its end, nothing that a shell understands, and is short; who uses
 * it puts a number before it, so that it is unique, and no device's name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_FILENAME_H
#define SMTPX_FILENAME_H

#include "plugin/epan/smtpx_compat.h"

/** Adds what is left of a text in UTF-8, all else becoming one "_" between it; at most 60 octets: all parts of a name
 *  together stay below 255, what file systems take. */
void smtpx_filename_append(GString *name, const char *text);

/** The same of a name with a suffix, which stays. */
void smtpx_filename_append_with_suffix(GString *name, const char *text);

#endif /* SMTPX_FILENAME_H */
