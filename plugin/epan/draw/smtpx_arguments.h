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

/** May a statistic that listens to frames look for the items of protocols?  Of tshark's, the hierarchy of protocols
 *  (-z io,phs) does, and tells nobody.
 *  @return true also where the system does not tell a program's arguments */
bool smtpx_arguments_may_count_layers(void);

/** Is this tshark, and what it prints of packets no more than text? Then nobody sees a hidden item.
 *  @return false also where the system does not tell a program's arguments */
bool smtpx_arguments_print_text(void);

#endif /* SMTPX_ARGUMENTS_H */
