/* smtpx_credentials.c
 * Who logged in, how, and whether the server took it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/taps/smtpx_credentials.h"

#include "plugin/epan/draw/smtpx_item.h"
#include "plugin/smtp/syntax/smtp_auth.h"

/* ui/tap-credentials.h is not installed; its listeners read this. */
typedef struct credential {
    uint32_t num;
    uint32_t username_num;
    int password_hf_id;
    char *username;
    const char *proto;
    char *info;
} credential;

static int credentials_tap = -1;

bool smtpx_credentials_are_heard(void)
{
    return have_tap_listener(credentials_tap);
}

static const char *result_of(const smtpx_tap_unit *unit, const smtp_exchange *exchange, bool visited)
{
    uint16_t code = smtpx_tap_code(unit);

    if (unit->record->role != SMTP_ROLE_REPLY)
        return visited && exchange->reply_frame == 0 ? "not answered" : NULL;
    if (code == 0 || smtp_code_is_intermediate(code))
        return NULL;
    return smtp_exchange_auth_result(exchange, code);
}

static void tell_unit(const smtpx_tap_unit *unit, packet_info *pinfo, bool visited)
{
    const smtp_exchange *exchange = smtpx_record_exchange(unit->record);
    const char *result;
    credential *told;

    if (!exchange || !smtp_exchange_is_auth(exchange) || !smtp_exchange_name(exchange) ||
        unit->record->role == SMTP_ROLE_LINE_REST)
        return;
    result = result_of(unit, exchange, visited);
    if (!result)
        return;
    told = wmem_new0(pinfo->pool, credential);
    told->num = pinfo->num;
    told->username_num = exchange->command_frame;
    told->password_hf_id = proto_registrar_get_id_byname("smtpx.auth.username");
    told->username =
        smtpx_text(pinfo->pool, smtp_exchange_name(exchange)->octets, smtp_exchange_name(exchange)->length);
    told->proto = "SMTP";
    told->info =
        wmem_strdup_printf(pinfo->pool, "Mechanism: %s, %s",
                           smtp_auth_mechanism_name((smtp_mechanism)smtp_exchange_mechanism(exchange)), result);
    tap_queue_packet(credentials_tap, pinfo, told);
}

void smtpx_credentials_tell(const smtpx_tap_read *read, packet_info *pinfo)
{
    for (uint32_t i = 0; i < read->count; i++)
        tell_unit(&read->units[i], pinfo, read->visited);
}

void smtpx_credentials_register(void)
{
    credentials_tap = register_tap("credentials");
}
