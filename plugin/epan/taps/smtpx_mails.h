/* smtpx_mails.h
 * The table of mails: -z smtpx,mail, and Statistics > SMTP Mail Transactions.
 *
 * A row for each transaction of which a unit was read in a frame that passes the filter,
 * in the order in which they begin; those that nothing ended are there, too.  A row takes
 * about 150 octets; all else stands in the session's memory until the table is printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_MAILS_H
#define SMTPX_MAILS_H

void smtpx_mails_register(void);

#endif /* SMTPX_MAILS_H */
