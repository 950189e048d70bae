/* smtp_pattern.h
 * What is odd about a command as a whole, though its syntax may be right: text that was
 * injected, probes, attacks and scanners by name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_PATTERN_H
#define SMTP_PATTERN_H

#include "syntax/smtp_command.h"

/** Adds the remarks on a command that was read.
 *  @param is_odd  it may have odd octets (smtp_odd.h) */
void smtp_pattern_remark(const uint8_t *line, const smtp_command *command, bool is_odd, smtp_remark_list *remarks);

#endif /* SMTP_PATTERN_H */
