/* smtp_notes.h
 * Notes: one bit for each row of smtp_notes.def.
 *
 * An analyser never rejects: malformed input yields notes beside the best
 * reading.  The bits fit the 24 that a record has for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_NOTES_H
#define SMTP_NOTES_H

enum smtp_note_index {
#define SMTP_NOTE(name, filter, severity, group, text) SMTP_NOTE_INDEX_##name,
#include "smtp_notes.def"
#undef SMTP_NOTE
    SMTP_NOTE_COUNT
};

enum smtp_note {
#define SMTP_NOTE(name, filter, severity, group, text) SMTP_NOTE_##name = 1 << SMTP_NOTE_INDEX_##name,
#include "smtp_notes.def"
#undef SMTP_NOTE
};

_Static_assert(SMTP_NOTE_COUNT <= 24, "a record holds 24 note bits");

#endif /* SMTP_NOTES_H */
