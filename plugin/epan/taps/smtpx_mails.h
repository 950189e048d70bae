/* smtpx_mails.h
 * The table of mails: -z smtpx,mail, and Statistics > SMTP Mail Transactions.
 *
 * A row for each transaction of which a unit was read in a frame that passes the filter,
 * in the order in which they begin; those that nothing ended are there, too.  A row takes
 * about 170 octets; all else stands in the session's memory until the table is printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_MAILS_H
#define SMTPX_MAILS_H

#include "plugin/epan/learn/smtpx_session.h"
#include "plugin/epan/taps/smtpx_rows.h"

/** A mail. */
typedef struct smtpx_mail {
    smtpx_row row;
    uint32_t first_frame; /**< of its first unit that was told */
    uint32_t last_frame;  /**< of its last one */
    int64_t time;         /**< ns; of the first, since the start of the capture ... */
    int64_t time_of_day;  /**< ... and since 1970 */
    const smtp_transaction *transaction;
    const smtpx_session *session;
    smtp_facts facts; /**< of the session, then */
    smtp_remarks remarks;
    smtpx_layer layer;
} smtpx_mail;

/** What is known of a mail in a frame of it. */
void smtpx_mail_begin(smtpx_mail *mail, const packet_info *pinfo, const smtpx_session *session, smtpx_layer layer,
                      const smtp_transaction *transaction);

/** The columns of the table, whose rows are mails. */
extern const smtpx_tap_table smtpx_mails_table;

void smtpx_mails_register(void);

#endif /* SMTPX_MAILS_H */
