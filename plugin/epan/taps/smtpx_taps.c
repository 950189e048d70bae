/* smtpx_taps.c
 * All that listens to a capture, or tells others of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_taps.h"

#include "plugin/epan/taps/smtpx_credentials.h"
#include "plugin/epan/taps/smtpx_export.h"
#include "plugin/epan/taps/smtpx_follow.h"
#include "plugin/epan/taps/smtpx_mails.h"
#include "plugin/epan/taps/smtpx_parts.h"
#include "plugin/epan/taps/smtpx_sessions.h"
#include "plugin/epan/taps/smtpx_srt.h"
#include "plugin/epan/taps/smtpx_stats.h"
#include "plugin/epan/taps/smtpx_tap.h"
#include "plugin/smtp/syntax/smtp_apart.h"

bool smtpx_taps_are_heard(bool is_rare)
{
    return smtpx_tap_is_heard() || (is_rare && (smtpx_tap_exports() || smtpx_credentials_are_heard()));
}

SMTP_APART void smtpx_taps_tell(const smtpx_session *session, packet_info *pinfo, tvbuff_t *tvb, const smtpx_hand *hand,
                                smtpx_place place)
{
    smtpx_tap_read read = {.session = session, .tvb = tvb, .layer = hand->layer};
    const smtpx_tap_read *told = smtpx_tap_tell(&read, pinfo, *hand, place);

    if (told && smtpx_credentials_are_heard())
        smtpx_credentials_tell(told, pinfo);
}

void smtpx_taps_register(int proto)
{
    smtpx_tap_register();
    smtpx_mails_register();
    smtpx_sessions_register();
    smtpx_credentials_register();
    smtpx_export_register(proto);
    smtpx_srt_register(proto);
    smtpx_follow_register(proto);
    smtpx_stats_register();
}

void smtpx_taps_register_preferences(module_t *module)
{
    prefs_register_bool_preference(
        module, "export_parts", "Export the parts of messages",
        "Whether attachments and other parts (MIME) are exported beside the messages, decoded,"
        " each as a file",
        &smtpx_parts_wanted);
}
