/* smtp_apart.h
 * Code that ordinary traffic does not need, kept out of the way of the code that it does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_APART_H
#define SMTP_APART_H

/** Before a function: it is not compiled into its callers. These then make nothing ready for it
 *  (registers, room on the stack) where it is not called. */
#if defined(__GNUC__)
#define SMTP_APART __attribute__((noinline))
#else
#define SMTP_APART
#endif

#endif /* SMTP_APART_H */
