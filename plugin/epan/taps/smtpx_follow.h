/* smtpx_follow.h
 * One session as text, from the greeting to the goodbye: -z follow,smtpx,ascii,N, and
 * Follow > SMTPX Stream (4.4 and later); and the filters for a session and a mail.
 *
 * N is TCP's number of the stream, as elsewhere in Wireshark.  What was said inside TLS
 * stands between what was said in clear.  The client is who was the client, whoever spoke
 * first.  What AUTH carries in secret is shown with smtpx.show_secrets only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_FOLLOW_H
#define SMTPX_FOLLOW_H

void smtpx_follow_register(int proto);

#endif /* SMTPX_FOLLOW_H */
