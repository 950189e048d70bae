/* smtp_notes.h
 * Notes: one bit for each row of smtp_notes.def.
 *
 * An analyser never rejects: malformed input yields notes beside the best
 * reading.  Those that only the session can know come first: a record has 22
 * bits for them.  The others are found again in the octets.
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

enum {
    SMTP_NOTE_SESSION_COUNT = SMTP_NOTE_INDEX_BARE_LF
};

_Static_assert(SMTP_NOTE_SESSION_COUNT <= 22, "a record holds 22 note bits");
_Static_assert(SMTP_NOTE_COUNT <= 31, "notes are bits of a uint32_t");

#endif /* SMTP_NOTES_H */
