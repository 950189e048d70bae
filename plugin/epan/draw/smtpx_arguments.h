/* smtpx_arguments.h
 * What tshark was asked for on its command line, and tells no dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_ARGUMENTS_H
#define SMTPX_ARGUMENTS_H

#include <stdbool.h>

/** Does an option -O name this protocol?
 *  @return false also where the system does not tell a program's arguments */
bool smtpx_arguments_name_layer(const char *protocol);

/** Is this the name of the program, wherever it stands?
 *  @return false also where the system does not tell it */
bool smtpx_arguments_program_is(const char *name);

#endif /* SMTPX_ARGUMENTS_H */
