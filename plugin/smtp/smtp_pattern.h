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

/** Is it a line of a mail's header, "Subject: text" (RFC 5322, 2.2)? */
bool smtp_pattern_is_header(const uint8_t *line, const smtp_command *command);

#endif /* SMTP_PATTERN_H */
