/* smtp_session_client.c
 * How the client's lines are read: commands, and answers to challenges.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "../syntax/smtp_line.h"
#include "smtp_session_state.h"

/* ---- AUTH ---- */

/* Base64 octets of a response in which the user is looked for. */
enum {
    LOOKED_AT = 2048
};

/* Who the client says it is in a response. */
static void find_user(smtp_session *session, const smtp_exchange *exchange, const uint8_t *base64, uint32_t length)
{
    uint8_t decoded[LOOKED_AT / 4 * 3];
    uint8_t name[sizeof decoded];
    uint32_t written;
    smtp_auth_parts parts;

    if (length > LOOKED_AT)
        length = LOOKED_AT;
    if (!smtp_auth_decode(base64, length, decoded, &written))
        return;
    parts = smtp_auth_response((smtp_mechanism)exchange->mechanism, exchange->step, decoded, written);
    for (uint32_t i = 0; i < parts.count; i++) {
        smtp_auth_kind kind = parts.part[i].kind;
        bool names_user = kind == SMTP_AUTH_USERNAME || (kind == SMTP_AUTH_AUTHZID && !session->claimed);

        if (names_user && parts.part[i].span.length > 0)
            session->claimed = smtp_session_keep(session, name, smtp_auth_uncode(&parts.part[i], decoded, name));
    }
}

static void begin_auth(smtp_session *session, smtp_exchange *exchange, const uint8_t *line, smtp_span argument)
{
    smtp_auth_argument auth = smtp_auth_argument_parse(line, argument);

    session->mechanism = (uint8_t)smtp_auth_mechanism(line + auth.mechanism.offset, auth.mechanism.length);
    session->claimed = NULL;
    session->challenges = 0;
    exchange->mechanism = session->mechanism;
    exchange->step = 0;
    session->step = auth.has_initial;
    if (auth.has_initial)
        find_user(session, exchange, line + auth.initial.offset, auth.initial.length);
    exchange->of.user = session->claimed;
}

/* ---- Commands ---- */

static void begin_transaction(smtp_session *session, smtp_exchange *exchange)
{
    session->missed = false;
    exchange->transaction = smtp_session_transaction(session);
    exchange->transaction->sender = exchange;
    exchange->transaction->duration = exchange->time;
}

/* The address in MAIL and RCPT, as typed. */
static void keep_address(smtp_session *session, smtp_exchange *exchange, const uint8_t *line,
                         const smtp_command *command)
{
    smtp_path path;

    if (smtp_command_path(line, command, &path))
        exchange->of.address = smtp_session_keep(session, line + path.address.offset, path.address.length);
}

/* What a command does when it is sent; what its reply does is in smtp_verbs.def. */
static void sent(smtp_session *session, const uint8_t *line, const smtp_command *command, smtp_unit *unit)
{
    smtp_exchange *exchange = unit->exchange;
    smtp_chunk_size chunk;
    smtp_span digits;

    switch (smtp_verb_shape(command->verb)) {
    case SMTP_SHAPE_FROM:
        begin_transaction(session, exchange);
        keep_address(session, exchange, line, command);
        break;
    case SMTP_SHAPE_TO:
        keep_address(session, exchange, line, command);
        break;
    case SMTP_SHAPE_CHUNK:
    case SMTP_SHAPE_URI:
        chunk = smtp_command_chunk(line, command);
        if (chunk.valid)
            smtp_session_begin_chunk(session, exchange, &chunk, unit);
        break;
    case SMTP_SHAPE_COUNT:
        if (!smtp_command_count(line, command, &digits, &session->blob))
            session->blob = 0;
        break;
    case SMTP_SHAPE_MECHANISM:
        begin_auth(session, exchange, line, command->argument);
        break;
    case SMTP_SHAPE_DOMAIN:
        if (command->argument.length)
            session->facts.client =
                smtp_session_keep(session, line + command->argument.offset, command->argument.length);
        if (command->verb == SMTP_VERB_LHLO)
            session->facts.protocol = SMTP_PROTOCOL_LMTP;
        break;
    default:
        /* Commands behind these in the same group are outside of the transaction (RFC 2920, 3.1). */
        if (command->verb == SMTP_VERB_RSET || command->verb == SMTP_VERB_QUIT)
            session->transaction = NULL;
        break;
    }
    unit->transaction = exchange->transaction;
}

static bool command_unit(smtp_session *session, const smtp_input *input, const smtp_line *line, smtp_unit *unit)
{
    smtp_command command = smtp_command_parse(input->octets, line->text);

    session->doubt = false;
    session->may_protect = NULL;
    session->lf_ends_line = line->eol == SMTP_EOL_LF;
    unit->role = SMTP_ROLE_COMMAND;
    unit->length = line->length;
    /* RFC 3207, 4: STARTTLS is the last command of a group, and TLS follows its reply. */
    if (session->tls_expected || session->starttls)
        unit->notes |= SMTP_REMARK_CLEAR_AFTER_STARTTLS;
    unit->exchange = smtp_session_enqueue(session, command.verb, input);
    if (smtp_exchange_is_starttls(unit->exchange))
        session->starttls = unit->exchange;
    sent(session, input->octets, &command, unit);
    return true;
}

static bool answer_unit(smtp_session *session, const smtp_input *input, const smtp_line *line, smtp_unit *unit)
{
    smtp_exchange *exchange = smtp_session_enqueue(session, SMTP_VERB_AUTH_ANSWER, input);

    /* A challenge was lost: whether LOGIN's wanted a name or a password nobody knows. */
    if (input->ahead && session->mechanism == SMTP_MECHANISM_LOGIN && smtp_session_side(session, SMTP_SERVER)->seen)
        session->mechanism = SMTP_MECHANISM_UNSEEN;
    unit->role = SMTP_ROLE_AUTH_ANSWER;
    unit->length = line->length;
    unit->exchange = exchange;
    unit->transaction = exchange->transaction;
    exchange->mechanism = session->mechanism;
    exchange->step = session->step;
    exchange->cancels = line->text == 1 && input->octets[0] == '*';
    find_user(session, exchange, input->octets, line->text);
    exchange->of.user = session->claimed;
    session->challenges = 0;
    if (session->step < UINT8_MAX)
        session->step++;
    session->mode = SMTP_MODE_LINES;
    return true;
}

/* ---- Lines ---- */

bool smtp_session_tell_command(smtp_session *session, const smtp_input *input, bool *certain)
{
    smtp_side_state *side = smtp_session_side(session, SMTP_CLIENT);
    smtp_line line = smtp_line_find(input->octets, input->length, side->scanned);

    *certain = line.eol != SMTP_EOL_NONE && smtp_command_is_certain(input->octets, line.text);
    if (line.eol == SMTP_EOL_NONE && smtp_session_may_wait(input) &&
        smtp_command_may_become_certain(input->octets, input->length)) {
        side->scanned = input->length;
        return false;
    }
    return true;
}

/* Has the client sent DATA, and is the reply not known? */
static bool awaits_data_reply(const smtp_session *session)
{
    return session->newest && session->newest->verb == SMTP_VERB_DATA;
}

static bool awaits_auth_reply(const smtp_session *session)
{
    return session->newest && smtp_exchange_is_auth(session->newest);
}

/* XEXCH50 was sent, and the server's side is not in the capture: what follows
 * is what it announced. */
static bool is_early_blob(smtp_session *session)
{
    return session->newest && session->newest->verb == SMTP_VERB_XEXCH50 && session->blob > 0 &&
           !smtp_session_side(session, SMTP_SERVER)->seen;
}

/* Text where a command could stand: the message of a DATA whose reply is not
 * known, or of one that was not seen at all. */
static bool read_presumed_message(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_exchange *data = awaits_data_reply(session) && !session->doubt ? session->newest : NULL;
    smtp_transaction *transaction = smtp_session_begin_message(session, data ? data->transaction : NULL);

    session->doubt = false;
    if (data)
        data->early = true;
    transaction->unknown_start = !data;
    if (data && smtp_session_side(session, SMTP_SERVER)->seen)
        smtp_session_side(session, SMTP_CLIENT)->notes |= SMTP_REMARK_EARLY_DATA;
    return smtp_session_read_data(session, input, unit);
}

/* Where no command need follow, only what is certainly one is read as one. */
bool smtp_session_read_client(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_side_state *side = smtp_session_side(session, SMTP_CLIENT);
    bool doubtful = session->mode == SMTP_MODE_LINES && (session->doubt || awaits_data_reply(session));
    bool certain = false;
    smtp_line line;

    if (is_early_blob(session)) {
        session->newest->early = true;
        smtp_session_begin_blob(session, session->newest);
        return smtp_session_read_counted(session, input, unit);
    }
    if (doubtful && !smtp_session_tell_command(session, input, &certain))
        return false;
    if (doubtful && !certain)
        return read_presumed_message(session, input, unit);
    line = smtp_line_find(input->octets, input->length, side->scanned);
    if (line.eol == SMTP_EOL_NONE && smtp_session_may_wait(input)) {
        side->scanned = input->length;
        return false;
    }
    side->in_long_line = line.eol == SMTP_EOL_NONE;
    if (side->in_long_line && line.length >= SMTP_LONGEST_WAIT)
        unit->notes |= SMTP_REMARK_LONG_LINE;
    if (session->mode == SMTP_MODE_AUTH)
        return answer_unit(session, input, &line, unit);
    if (awaits_auth_reply(session) && smtp_auth_is_answer(input->octets, line.text) &&
        (side->in_long_line || !smtp_command_is_certain(input->octets, line.text)))
        return answer_unit(session, input, &line, unit);
    return command_unit(session, input, &line, unit);
}
