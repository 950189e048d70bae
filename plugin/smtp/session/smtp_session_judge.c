/* smtp_session_judge.c
 * What is wrong with what was said, by what was said before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_judge.h"

#include "../smtp_offer.h"
#include "../smtp_pattern.h"
#include "../syntax/smtp_apart.h"
#include "../syntax/smtp_find.h"
#include "../syntax/smtp_secret.h"
#include "smtp_pending.h"
#include "smtp_session_octets.h"

/* May order, pairs and counts be judged? */
static bool is_sure(smtp_session *session, uint64_t unread)
{
    return !session->judge.unsure && !session->swapped && !session->pending.doubt &&
           !session->client.expectation.doubt && !unread && smtp_session_direction(session, SMTP_SERVER)->seen;
}

/* Has TLS been on a side, with data of the session in it, and ended? */
static bool is_behind_tls(const smtp_direction *direction)
{
    return direction->upgraded && !direction->tls.open && direction->tls.carried;
}

void smtp_session_judge_behind_tls(smtp_session *session, smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;
    bool ended = is_behind_tls(&session->directions[SMTP_CLIENT]) || is_behind_tls(&session->directions[SMTP_SERVER]);

    if (!ended || judge->told_clear[unit->side] || !is_behind_tls(smtp_session_direction(session, unit->side)))
        return;
    judge->told_clear[unit->side] = true;
    smtp_remarks_add(&unit->remarks,
                     unit->side == SMTP_CLIENT ? SMTP_REMARK_CLEAR_AFTER_TLS : SMTP_REMARK_GOODBYE_AFTER_TLS);
}

void smtp_session_judge_inside(smtp_session *inside, const smtp_session *outside, bool is_said)
{
    inside->judge = (smtp_judge){
        .inside = true,
        .unsure = outside->judge.unsure,
        .expects_hello = is_said,
        .clear_commands = outside->judge.clear_commands,
        .pipeconnect = outside->judge.pipeconnect,
    };
}

/* ---- AUTH ---- */

/* Mechanisms that send what lets anybody log in. */
static bool sends_secret(uint8_t mechanism)
{
    switch (mechanism) {
    case SMTP_MECHANISM_PLAIN:
    case SMTP_MECHANISM_LOGIN:
    case SMTP_MECHANISM_XOAUTH2:
    case SMTP_MECHANISM_OAUTHBEARER:
    case SMTP_MECHANISM_SECURID:
        return true;
    default:
        return false;
    }
}

static void judge_secret(const smtp_judge *judge, const smtp_reading *reading, smtp_unit *unit)
{
    bool is_sent =
        reading->has_response && reading->response.decoded_length > 0 && smtp_auth_has_secret(&reading->response.parts);

    if (is_sent && !judge->inside && !judge->tls_absent && sends_secret(smtp_exchange_mechanism(unit->exchange)))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_SECRET_IN_CLEAR);
}

/* Does the server speak first (RFC 4954, 4)? */
static bool is_server_first(uint8_t mechanism)
{
    return mechanism == SMTP_MECHANISM_CRAM_MD5 || mechanism == SMTP_MECHANISM_DIGEST_MD5 ||
           mechanism == SMTP_MECHANISM_KERBEROS_V4;
}

static void judge_auth(smtp_session *session, const smtp_reading *reading, smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;
    uint8_t mechanism = smtp_exchange_mechanism(unit->exchange);

    judge_secret(judge, reading, unit);
    if (judge->authenticated)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_AUTH_AGAIN);
    if (reading->command.of.auth.has_initial && is_server_first(mechanism))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_AUTH_INITIAL);
    if (judge->cancelled != SMTP_MECHANISM_UNSEEN && judge->cancelled != mechanism)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_AUTH_SWITCHED);
}

void smtp_session_judge_answer(smtp_session *session, const smtp_reading *reading, smtp_unit *unit)
{
    judge_secret(&session->judge, reading, unit);
    session->judge.cancelled =
        smtp_exchange_cancels(unit->exchange) ? smtp_exchange_mechanism(unit->exchange) : SMTP_MECHANISM_UNSEEN;
    session->judge.previous = unit->exchange;
    session->judge.auth = !smtp_exchange_cancels(unit->exchange);
}

/* ---- Commands: order ---- */

/* A new transaction may begin. */
static void forget_envelope(smtp_judge *judge)
{
    judge->mail = judge->rcpt = judge->chunk = judge->last = judge->binary = judge->eight_bit = judge->utf8 = false;
    judge->size = 0;
    judge->sender = NULL;
}

/* Is a transaction open that the server knows of, as far as replies were seen? */
static bool is_open(const smtp_transaction *transaction)
{
    return transaction && transaction->sender && !smtp_code_refuses(transaction->sender->code) &&
           !transaction->not_taken && transaction->phase != SMTP_PHASE_WHOLE && !smtp_rare_of(transaction)->within;
}

/* By what was sent, whatever the server said to it. */
static bool is_out_of_order(const smtp_session *session, const smtp_command *command, const smtp_exchange *exchange)
{
    const smtp_judge *judge = &session->judge;

    switch (command->verb) {
    case SMTP_VERB_MAIL:
        return exchange->transaction && is_open(smtp_rare_of(exchange->transaction)->previous);
    case SMTP_VERB_AUTH:
    case SMTP_VERB_ETRN:
    case SMTP_VERB_ATRN:
    case SMTP_VERB_XCLIENT:
        return is_open(session->client.transaction);
    case SMTP_VERB_RCPT:
        return !judge->mail;
    case SMTP_VERB_DATA:
        return !judge->rcpt || judge->chunk;
    case SMTP_VERB_BDAT:
        return !judge->rcpt || judge->last;
    default:
        return false;
    }
}

/* Follows the envelope as it is sent. */
static void follow(smtp_judge *judge, const smtp_command *command)
{
    switch (command->shape) {
    case SMTP_SHAPE_FROM:
        forget_envelope(judge);
        judge->mail = true;
        break;
    case SMTP_SHAPE_TO:
        judge->rcpt = true;
        break;
    case SMTP_SHAPE_CHUNK:
    case SMTP_SHAPE_URI:
        judge->chunk = true;
        judge->last = judge->last || command->of.chunk.last;
        break;
    case SMTP_SHAPE_DOMAIN:
        forget_envelope(judge);
        break;
    default:
        if (command->verb == SMTP_VERB_RSET)
            forget_envelope(judge);
        break;
    }
}

/* Follows AUTH: it is over with a greeting, and with anything of a transaction. */
static void follow_auth(smtp_judge *judge, const smtp_input *input, const smtp_reading *reading)
{
    switch (reading->command.shape) {
    case SMTP_SHAPE_FROM:
    case SMTP_SHAPE_TO:
    case SMTP_SHAPE_CHUNK:
    case SMTP_SHAPE_URI:
    case SMTP_SHAPE_DOMAIN:
        judge->auth = false;
        break;
    case SMTP_SHAPE_MECHANISM:
        judge->auth = true;
        break;
    case SMTP_SHAPE_WILD:
        judge->auth = judge->auth || (!judge->mail && smtp_secret_is_near(input->octets, reading->line.text));
        break;
    default:
        judge->auth = judge->auth && reading->command.verb != SMTP_VERB_DATA;
        break;
    }
}

/* Has the client to wait for the reply to this, whatever is offered (RFC 2920, 3.1)? */
static bool ends_group(const smtp_exchange *exchange)
{
    switch (exchange->verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_LHLO:
    case SMTP_VERB_DATA:
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
    case SMTP_VERB_HELP:
    case SMTP_VERB_TURN:
    case SMTP_VERB_QUIT:
    case SMTP_VERB_NOOP:
    case SMTP_VERB_STARTTLS:
    case SMTP_VERB_AUTH:
    case SMTP_VERB_XCLIENT:
    case SMTP_VERB_ETRN:
        return true;
    default:
        return false;
    }
}

static void judge_waiting(smtp_session *session, smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;
    const smtp_exchange *previous = judge->previous;
    bool is_answered = !previous || previous->reply_frame || session->pending.oldest == unit->exchange;
    bool may_go_on = session->facts.offer && smtp_offer_has(session->facts.offer, SMTP_OFFER_PIPELINING);

    if (is_answered) {
        judge->told_group = false;
        return;
    }
    /* What is said before the greeting is no matter of groups; Exim may say more with EHLO. */
    if (!session->greeted || judge->told_group || judge->pipeconnect || (may_go_on && !ends_group(previous)))
        return;
    judge->told_group = true;
    smtp_remarks_add(&unit->remarks, SMTP_REMARK_PIPELINING);
}

/* A bounce has one recipient. */
static bool is_backscatter(const smtp_command *command, const smtp_transaction *transaction)
{
    const smtp_exchange *sender = transaction ? transaction->sender : NULL;

    return command->verb == SMTP_VERB_RCPT && sender && smtp_exchange_name(sender) &&
           smtp_exchange_name(sender)->length == 0 && transaction->asked == 2;
}

static void judge_order(smtp_session *session, const smtp_reading *reading, smtp_unit *unit)
{
    const smtp_command *command = &reading->command;

    judge_waiting(session, unit);
    if (is_out_of_order(session, command, unit->exchange))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_OUT_OF_ORDER);
    if (command->verb == SMTP_VERB_DATA && session->judge.binary)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_BINARY_WITH_DATA);
    if (is_backscatter(command, unit->exchange->transaction))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_NULL_SENDER_RECIPIENTS);
}

/* ---- Commands: what was offered, and what they say ---- */

/* Is EHLO not answered?  Then nobody knows what the server offers. */
static bool is_greeting(const smtp_session *session)
{
    return session->judge.greeting && !session->judge.greeting->reply_frame;
}

static bool may_use_extension(const smtp_command *command)
{
    bool has_path = command->shape == SMTP_SHAPE_FROM || command->shape == SMTP_SHAPE_TO;

    return has_path ? command->of.path.found && command->of.path.parameters.length > 0
                    : command->shape != SMTP_SHAPE_DOMAIN && command->verb != SMTP_VERB_DATA &&
                          command->verb != SMTP_VERB_QUIT && command->verb != SMTP_VERB_RSET;
}

static void judge_offer(smtp_session *session, const smtp_input *input, const smtp_reading *reading, smtp_unit *unit)
{
    const smtp_offer *offer = session->facts.offer;
    smtp_span token;

    if (offer && !session->judge.unsure && may_use_extension(&reading->command) &&
        smtp_offer_lacks(offer, input->octets, &reading->command, &token, 1) > 0 && !is_greeting(session))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_NOT_OFFERED);
    if (reading->line.length > 512 && reading->line.length > smtp_offer_longest(offer, &reading->command))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_COMMAND_LENGTH);
}

static SMTP_APART void judge_announced(smtp_session *session, const smtp_input *input, smtp_span parameters,
                                       smtp_unit *unit)
{
    smtp_announced announced = smtp_announced_read(input->octets, parameters);
    const smtp_offer *offer = session->facts.offer;
    smtp_judge *judge = &session->judge;

    judge->size = announced.size;
    judge->binary = announced.binary;
    judge->utf8 = announced.utf8;
    judge->eight_bit = announced.eight_bit || announced.binary || announced.utf8;
    if (offer && offer->size > 0 && announced.size > offer->size)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_SIZE_EXCEEDED);
    if (announced.requiretls.length > 0 && !judge->inside && !judge->tls_absent)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_REQUIRETLS_IN_CLEAR);
}

static void judge_path(smtp_session *session, const smtp_input *input, const smtp_reading *reading, smtp_unit *unit)
{
    const smtp_path *path = &reading->command.of.path;
    bool is_mail = reading->command.shape == SMTP_SHAPE_FROM;

    if (!path->found)
        return;
    if (is_mail)
        session->judge.sender = unit->exchange;
    if (is_mail && path->parameters.length > 0)
        judge_announced(session, input, path->parameters, unit);
    if (reading->is_odd && !session->judge.utf8 && (is_mail || (session->judge.mail && !session->judge.unsure)) &&
        smtp_find_eight_bit(input->octets, path->address).length > 0)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_EIGHT_BIT);
}

static bool is_name(const uint8_t *octets, smtp_span span, const smtp_name *name)
{
    if (!name || name->length != span.length || span.length == 0)
        return false;
    for (uint32_t i = 0; i < span.length; i++) {
        if (smtp_upper(octets[span.offset + i]) != smtp_upper(name->octets[i]))
            return false;
    }
    return true;
}

static void judge_tls(smtp_session *session, const smtp_command *command, smtp_unit *unit)
{
    smtp_judge *judge = &session->judge;
    bool is_hello = command->shape == SMTP_SHAPE_DOMAIN || command->verb == SMTP_VERB_QUIT;

    if ((session->upgrade.asked && !judge->inside && command->shape != SMTP_SHAPE_TLS) ||
        smtp_remarks_has(&unit->remarks, SMTP_REMARK_CLEAR_AFTER_STARTTLS))
        judge->clear_commands = true;
    if (judge->expects_hello && !is_hello && !judge->unsure)
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_NO_EHLO_AFTER_TLS);
    judge->expects_hello = false;
    if (judge->tls_refused && !judge->told_tls_refused &&
        (command->verb == SMTP_VERB_MAIL || command->verb == SMTP_VERB_AUTH)) {
        judge->told_tls_refused = true;
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_TLS_REFUSED);
    }
}

static bool is_refused_data(const smtp_exchange *exchange)
{
    return exchange && exchange->verb == SMTP_VERB_DATA && smtp_code_refuses(exchange->code);
}

static void judge_greeting(smtp_session *session, const smtp_input *input, const smtp_reading *reading, smtp_unit *unit)
{
    session->judge.greeting = unit->exchange;
    if (is_name(input->octets, reading->command.argument, session->facts.server))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_HELO_NAME);
}

void smtp_session_judge_command(smtp_session *session, const smtp_input *input, const smtp_reading *reading,
                                smtp_unit *unit)
{
    const smtp_command *command = &reading->command;
    smtp_judge *judge = &session->judge;
    const smtp_direction *server = smtp_session_direction(session, SMTP_SERVER);

    if (!session->greeted && !server->seen && !server->next.waiting && !judge->unsure && !judge->unheard &&
        !judge->proxied && !input->unread)
        judge->early = true;
    smtp_session_judge_behind_tls(session, unit);
    judge_tls(session, command, unit);
    if (is_sure(session, input->unread))
        judge_order(session, reading, unit);
    follow(judge, command);
    follow_auth(judge, input, reading);
    if (command->shape == SMTP_SHAPE_FROM || command->shape == SMTP_SHAPE_TO)
        judge_path(session, input, reading, unit);
    judge_offer(session, input, reading, unit);
    if (command->shape == SMTP_SHAPE_MECHANISM)
        judge_auth(session, reading, unit);
    if (command->shape == SMTP_SHAPE_DOMAIN)
        judge_greeting(session, input, reading, unit);
    judge->cancelled = SMTP_MECHANISM_UNSEEN;
    judge->refused_text =
        command->verb == SMTP_VERB_UNKNOWN && (judge->refused_text || is_refused_data(judge->previous));
    /* The message of a refused DATA begins with a header: that is no wonder. */
    if (judge->refused_text && smtp_pattern_is_header(input->octets, command))
        smtp_remarks_remove(&unit->remarks, SMTP_REMARK_FOREIGN_PROTOCOL);
    judge->previous = unit->exchange;
}

/* ---- Messages ---- */

/* The message is larger than what was announced, or offered (RFC 1870, 6). */
static void judge_size(const smtp_session *session, smtp_unit *unit)
{
    const smtp_transaction *transaction = unit->transaction;
    const smtp_offer *offer = session->facts.offer;
    uint64_t announced = session->judge.size, octets;

    if (!transaction || smtp_rare_of(transaction)->missing > 0 || transaction->start_missing ||
        transaction->elsewhere || !smtp_session_knows_announced(session, transaction))
        return;
    octets = transaction->octets - (transaction->chunked ? 0 : transaction->stuffed_lines);
    if ((announced > 0 && octets > announced) || (offer && offer->size > 0 && octets > offer->size))
        smtp_remarks_add(&unit->remarks, SMTP_REMARK_SIZE_EXCEEDED);
}

/* ---- Any unit ---- */

/* Behind a gap a line may begin in the middle. */
static void forget_behind_gap(smtp_unit *unit)
{
    static const smtp_remark kinds[] = {
        SMTP_REMARK_INJECTION,         SMTP_REMARK_FOREIGN_PROTOCOL,   SMTP_REMARK_EXPLOIT,
        SMTP_REMARK_SCANNER,           SMTP_REMARK_RELAY_PROBE,        SMTP_REMARK_SOURCE_ROUTE,
        SMTP_REMARK_HELO_NAME,         SMTP_REMARK_ADDRESS_LENGTH,     SMTP_REMARK_REPLY_CODE,
        SMTP_REMARK_ENHANCED_CLASS,    SMTP_REMARK_ENHANCED_MIXED,     SMTP_REMARK_REPLY_LENGTH,
        SMTP_REMARK_COMMAND_LENGTH,    SMTP_REMARK_NOT_OFFERED,        SMTP_REMARK_MASKED_GREETING,
        SMTP_REMARK_SECRET_IN_CLEAR,   SMTP_REMARK_EIGHT_BIT,          SMTP_REMARK_CLEAR_AFTER_TLS,
        SMTP_REMARK_GOODBYE_AFTER_TLS, SMTP_REMARK_PARAMETER_REPEATED,
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        smtp_remarks_remove(&unit->remarks, kinds[i]);
}

static void tell_once(bool *told, smtp_remark kind, smtp_unit *unit)
{
    if (!smtp_remarks_has(&unit->remarks, kind))
        return;
    if (*told)
        smtp_remarks_remove(&unit->remarks, kind);
    *told = true;
}

static SMTP_APART void judge_remarks(smtp_judge *judge, bool after_gap, smtp_unit *unit)
{
    bool told_foreign = judge->told_foreign;

    if (after_gap)
        forget_behind_gap(unit);
    if (unit->role == SMTP_ROLE_MESSAGE)
        return;
    tell_once(&judge->told_lf[unit->side], SMTP_REMARK_BARE_LF, unit);
    tell_once(&told_foreign, SMTP_REMARK_FOREIGN_PROTOCOL, unit);
    judge->told_foreign = told_foreign;
}

void smtp_session_judge_unit(smtp_session *session, bool after_gap, smtp_unit *unit)
{
    if (unit->role == SMTP_ROLE_PROXY)
        session->judge.proxied = true;
    if (unit->ends_message)
        judge_size(session, unit);
    if (smtp_remarks_any(&unit->remarks))
        judge_remarks(&session->judge, after_gap, unit);
}
