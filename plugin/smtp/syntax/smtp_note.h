/* smtp_note.h
 * What a word of the protocol is for, in a few words, and where that is written.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_NOTE_H
#define SMTP_NOTE_H

/** Neither is NULL; each may be empty. */
typedef struct smtp_note {
    const char *meaning;
    const char *source; /**< an RFC, or who uses it */
} smtp_note;

#endif /* SMTP_NOTE_H */
