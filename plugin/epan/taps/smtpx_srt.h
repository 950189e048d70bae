/* smtpx_srt.h
 * How long the server takes to answer each verb: -z smtpx,srt, and Statistics >
 * Service Response Time > SMTPX.
 *
 * The times are those of smtpx.response_time: to the first octet of the reply.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTPX_SRT_H
#define SMTPX_SRT_H

void smtpx_srt_register(int proto);

#endif /* SMTPX_SRT_H */
