/* smtp_side.h
 * The two sides of a session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SMTP_SIDE_H
#define SMTP_SIDE_H

typedef enum smtp_side {
    SMTP_CLIENT,
    SMTP_SERVER
} smtp_side;

#endif /* SMTP_SIDE_H */
