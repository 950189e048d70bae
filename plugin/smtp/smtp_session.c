/* smtp_session.c
 * One session: its memory, and how the client's octets are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_session_state.h"
#include "smtp_line.h"

/* ---- Memory ---- */

smtp_session *smtp_session_new(const smtp_memory *memory, smtp_opening opening)
{
    smtp_session *session = memory->take(memory->owner, sizeof *session);

    session->memory = *memory;
    session->opening = opening;
    session->doubt = opening.frame == 0;
    session->block = 8;
    return session;
}

static smtp_exchange *take_exchange(smtp_session *session)
{
    if (session->spares == 0) {
        session->spare = session->memory.take(session->memory.owner, session->block * sizeof *session->spare);
        session->spares = session->block;
        session->block = 32;
    }
    session->spares--;
    return session->spare++;
}

smtp_exchange *smtp_session_exchange(smtp_session *session, smtp_verb verb, const smtp_input *input)
{
    smtp_exchange *exchange = take_exchange(session);

    exchange->verb = (uint8_t)verb;
    exchange->command_frame = input->frame;
    exchange->time = input->time;
    exchange->transaction = session->transaction;
    if (session->newest)
        session->newest->next = exchange;
    else
        session->oldest = exchange;
    session->newest = exchange;
    return exchange;
}

smtp_transaction *smtp_session_transaction(smtp_session *session)
{
    smtp_transaction *transaction = session->memory.take(session->memory.owner, sizeof *transaction);

    transaction->ordinal = ++session->transactions;
    transaction->previous = session->transaction;
    session->transaction = transaction;
    return transaction;
}

/* ---- Messages ---- */

smtp_transaction *smtp_session_begin_message(smtp_session *session, smtp_transaction *transaction)
{
    if (!transaction || transaction->started)
        transaction = smtp_session_transaction(session);
    transaction->started = true;
    transaction->lf_ends_line = session->lf_ends_line;
    session->transaction = transaction;
    session->mode = SMTP_MODE_DATA;
    session->end_length = 0;
    smtp_body_begin(&session->body, session->lf_ends_line);
    return transaction;
}

void smtp_session_end_message(smtp_session *session, smtp_transaction *transaction)
{
    transaction->ended = true;
    session->mode = SMTP_MODE_LINES;
    session->end_length = 0;
    session->doubt = false;
    if (session->transaction == transaction)
        session->transaction = NULL;
}

/* Fills in a unit of message octets. */
static bool message_unit(smtp_session *session, const smtp_input *input, uint32_t length, smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;

    unit->role = SMTP_ROLE_MESSAGE;
    unit->length = length;
    unit->transaction = transaction;
    unit->message_offset = transaction->octets;
    if (transaction->octets == 0 && transaction->unknown_start)
        unit->notes |= SMTP_NOTE_UNKNOWN_START;
    if (!transaction->first_frame)
        transaction->first_frame = input->frame;
    transaction->last_frame = input->frame;
    transaction->octets += length;
    transaction->parts++;
    transaction->stuffed_lines = session->body.stuffed_lines;
    session->body_time = input->time;
    return true;
}

/* The line "." that ends a message. */
static bool end_unit(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;

    unit->role = SMTP_ROLE_END_OF_DATA;
    unit->length = session->end_length;
    unit->exchange = smtp_session_exchange(session, SMTP_VERB_END_OF_DATA, input);
    unit->transaction = transaction;
    unit->ends_message = true;
    transaction->end = unit->exchange;
    transaction->octets -= session->end_reclaimed;
    transaction->last_frame = input->frame;
    smtp_session_end_message(session, transaction);
    return true;
}

/* Message text that may be over: is the line in hand a command for certain?
 * @return false when that cannot be told without more octets */
static bool settle_doubt(smtp_session *session, const smtp_input *input)
{
    smtp_side_state *side = &session->sides[SMTP_CLIENT];
    smtp_line line = smtp_line_find(input->octets, input->length, side->scanned);

    if (line.eol == SMTP_EOL_NONE && input->can_wait && input->length < SMTP_LONGEST_WAIT &&
        smtp_command_may_become_certain(input->octets, input->length)) {
        side->scanned = input->length;
        return false;
    }
    session->doubt = false;
    if (line.eol != SMTP_EOL_NONE && smtp_command_is_certain(input->octets, line.text))
        smtp_session_end_message(session, session->transaction);
    return true;
}

static bool read_data(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_body_part part;

    if (session->end_length)
        return end_unit(session, input, unit);
    part = smtp_body_scan(&session->body, input->octets, input->length, input->can_wait);
    if (part.length == 0)
        return false;
    if (part.ended) {
        session->end_length = part.length - part.content;
        session->end_reclaimed = part.reclaimed;
        if (part.content == 0)
            return end_unit(session, input, unit);
    }
    return message_unit(session, input, part.content, unit);
}

/* A chunk that BDAT announced is all there. */
static void end_chunk(smtp_session *session, int64_t time)
{
    session->chunk->time = time;
    session->mode = SMTP_MODE_LINES;
    if (session->chunk_last)
        smtp_session_end_message(session, session->transaction);
}

static bool read_chunk(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    uint32_t length = session->chunk_left < input->length ? (uint32_t)session->chunk_left : input->length;

    message_unit(session, input, length, unit);
    session->chunk_left -= length;
    if (session->chunk_left == 0) {
        unit->ends_message = session->chunk_last;
        end_chunk(session, input->time);
    }
    return true;
}

/* ---- Commands ---- */

static void begin_chunk(smtp_session *session, smtp_exchange *exchange, const smtp_chunk_size *chunk, smtp_unit *unit)
{
    smtp_transaction *transaction = session->transaction;

    if (!transaction)
        transaction = smtp_session_transaction(session);
    exchange->transaction = transaction;
    exchange->step = chunk->last;
    transaction->started = true;
    transaction->chunked = true;
    session->chunk = exchange;
    session->chunk_left = chunk->octets;
    session->chunk_last = chunk->last;
    if (chunk->octets > 0) {
        session->mode = SMTP_MODE_BDAT;
    } else {
        unit->ends_message = chunk->last;
        end_chunk(session, exchange->time);
    }
}

static void begin_auth(smtp_session *session, smtp_exchange *exchange, const uint8_t *line, smtp_span argument)
{
    smtp_auth_argument auth = smtp_auth_argument_parse(line, argument);

    session->mechanism = (uint8_t)smtp_auth_mechanism(line + auth.mechanism.offset, auth.mechanism.length);
    exchange->mechanism = session->mechanism;
    exchange->step = 0;
    session->step = auth.has_initial ? 1 : 0;
}

/* What a command does when it is sent; what its reply does is in smtp_verbs.def. */
static void sent(smtp_session *session, const uint8_t *line, const smtp_command *command, smtp_unit *unit)
{
    smtp_exchange *exchange = unit->exchange;
    smtp_chunk_size chunk;

    switch (command->verb) {
    case SMTP_VERB_MAIL:
    case SMTP_VERB_SEND:
    case SMTP_VERB_SOML:
    case SMTP_VERB_SAML:
        exchange->transaction = smtp_session_transaction(session);
        break;
    case SMTP_VERB_BDAT:
        chunk = smtp_command_chunk(line, command);
        if (chunk.valid)
            begin_chunk(session, exchange, &chunk, unit);
        break;
    case SMTP_VERB_AUTH:
    case SMTP_VERB_X_EXPS:
        begin_auth(session, exchange, line, command->argument);
        break;
    case SMTP_VERB_LHLO:
        session->protocol = SMTP_PROTOCOL_LMTP;
        session->transaction = NULL;
        break;
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_RSET:
    case SMTP_VERB_QUIT:
        session->transaction = NULL;
        break;
    default:
        break;
    }
    unit->transaction = exchange->transaction;
}

/* RFC 3207, 4: STARTTLS is the last command of a group, and TLS follows its reply. */
static bool awaits_starttls_reply(const smtp_session *session)
{
    return session->newest &&
           (session->newest->verb == SMTP_VERB_STARTTLS || session->newest->verb == SMTP_VERB_X_ANONYMOUSTLS);
}

static bool command_unit(smtp_session *session, const smtp_input *input, const smtp_line *line, smtp_unit *unit)
{
    smtp_command command = smtp_command_parse(input->octets, line->text);

    session->doubt = false;
    session->lf_ends_line = line->eol == SMTP_EOL_LF;
    unit->role = SMTP_ROLE_COMMAND;
    unit->length = line->length;
    if (session->tls_expected || awaits_starttls_reply(session))
        unit->notes |= SMTP_NOTE_CLEAR_AFTER_STARTTLS;
    unit->exchange = smtp_session_exchange(session, command.verb, input);
    sent(session, input->octets, &command, unit);
    return true;
}

static bool answer_unit(smtp_session *session, const smtp_input *input, const smtp_line *line, smtp_unit *unit)
{
    unit->role = SMTP_ROLE_AUTH_ANSWER;
    unit->length = line->length;
    unit->exchange = smtp_session_exchange(session, SMTP_VERB_AUTH_ANSWER, input);
    unit->exchange->mechanism = session->mechanism;
    unit->exchange->step = session->step;
    unit->transaction = unit->exchange->transaction;
    if (session->step < UINT8_MAX)
        session->step++;
    session->mode = SMTP_MODE_LINES;
    return true;
}

/* Has the client sent DATA, and is the reply not known? */
static bool awaits_data_reply(const smtp_session *session)
{
    return session->newest && session->newest->verb == SMTP_VERB_DATA;
}

static bool awaits_auth_reply(const smtp_session *session)
{
    const smtp_exchange *newest = session->newest;

    return newest && (newest->verb == SMTP_VERB_AUTH || newest->verb == SMTP_VERB_X_EXPS ||
                      newest->verb == SMTP_VERB_AUTH_ANSWER);
}

/* Text where a command could stand: the message of a DATA whose reply is not
 * known, or of one that was not seen at all. */
static bool read_presumed_message(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_exchange *data = awaits_data_reply(session) && !session->doubt ? session->newest : NULL;
    smtp_transaction *transaction = smtp_session_begin_message(session, data ? data->transaction : NULL);

    session->doubt = false;
    if (data)
        data->step = 1;
    transaction->unknown_start = !data;
    if (data && session->sides[SMTP_SERVER].seen)
        unit->notes |= SMTP_NOTE_EARLY_DATA;
    return read_data(session, input, unit);
}

/* Where no command need follow, only what is certainly one is read as one. */
static bool read_client_line(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_side_state *side = &session->sides[SMTP_CLIENT];
    bool doubtful = session->mode == SMTP_MODE_LINES && (session->doubt || awaits_data_reply(session));
    smtp_line line = smtp_line_find(input->octets, input->length, side->scanned);
    bool certain = false;

    if (line.eol == SMTP_EOL_NONE) {
        bool may_wait = input->can_wait && input->length < SMTP_LONGEST_WAIT;
        if (may_wait && (!doubtful || smtp_command_may_become_certain(input->octets, input->length))) {
            side->scanned = input->length;
            return false;
        }
    }
    if (doubtful || awaits_auth_reply(session))
        certain = line.eol != SMTP_EOL_NONE && smtp_command_is_certain(input->octets, line.text);
    if (doubtful && !certain)
        return read_presumed_message(session, input, unit);
    side->in_long_line = line.eol == SMTP_EOL_NONE;
    if (side->in_long_line && line.length >= SMTP_LONGEST_WAIT)
        unit->notes |= SMTP_NOTE_LONG_LINE;
    if (session->mode == SMTP_MODE_AUTH ||
        (awaits_auth_reply(session) && !certain && smtp_auth_is_answer(input->octets, line.text)))
        return answer_unit(session, input, &line, unit);
    return command_unit(session, input, &line, unit);
}

/* ---- Units ---- */

bool smtp_session_is_tls(const uint8_t *octets, uint32_t length)
{
    /* Content types 20 to 23, then the record's legacy version 3.0 to 3.4. */
    return octets[0] >= 20 && octets[0] <= 23 && (length < 2 || octets[1] == 3) && (length < 3 || octets[2] <= 4);
}

bool smtp_session_read_tls(smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    if (!side->tls && !smtp_session_is_tls(input->octets, input->length))
        return false;
    side->tls = true;
    unit->role = SMTP_ROLE_TLS;
    unit->length = input->length;
    return true;
}

bool smtp_session_read_rest(smtp_side_state *side, const smtp_input *input, smtp_unit *unit)
{
    smtp_line line = smtp_line_find(input->octets, input->length, 0);

    unit->role = SMTP_ROLE_LINE_REST;
    unit->length = line.length;
    side->in_long_line = line.eol == SMTP_EOL_NONE;
    return true;
}

/* @return false when a command is cut; true with a unit of no octets when there is none */
static bool read_telnet(const smtp_input *input, smtp_unit *unit)
{
    unit->length = smtp_line_telnet(input->octets, input->length);
    if (unit->length == 0 && input->octets[0] == 0xff) {
        if (input->can_wait && input->length < SMTP_LONGEST_WAIT)
            return false;
        unit->length = input->length;
    }
    unit->role = SMTP_ROLE_TELNET;
    unit->notes |= SMTP_NOTE_TELNET;
    return true;
}

static bool read_client(smtp_session *session, const smtp_input *input, smtp_unit *unit)
{
    smtp_side_state *side = &session->sides[SMTP_CLIENT];

    if (side->in_long_line)
        return smtp_session_read_rest(side, input, unit);
    if (session->mode == SMTP_MODE_DATA && session->doubt && !settle_doubt(session, input))
        return false;
    if (session->mode == SMTP_MODE_DATA)
        return read_data(session, input, unit);
    if (session->mode == SMTP_MODE_BDAT)
        return read_chunk(session, input, unit);
    if (smtp_session_read_tls(side, input, unit))
        return true;
    if (input->octets[0] == 0xff)
        return read_telnet(input, unit);
    return read_client_line(session, input, unit);
}

bool smtp_session_read(smtp_session *session, smtp_side which, const smtp_input *input, smtp_unit *unit)
{
    smtp_side_state *side = &session->sides[which];

    *unit = (smtp_unit){.length = 0};
    if (input->length == 0)
        return false;
    if (!side->waiting)
        side->first_time = input->time;
    side->waiting = true;
    if (!(which == SMTP_CLIENT ? read_client : smtp_session_read_server)(session, input, unit))
        return false;
    if (side->after_gap)
        unit->notes |= SMTP_NOTE_GAP;
    if (unit->role == SMTP_ROLE_TLS && !session->tls_expected)
        unit->notes |= SMTP_NOTE_EARLY_TLS;
    *side = (smtp_side_state){.in_long_line = side->in_long_line, .tls = side->tls, .seen = true};
    return true;
}

/* ---- What was not seen ---- */

/* Counts missing octets into the message; returns how many are left over. */
static uint64_t gap_in_chunk(smtp_session *session, uint64_t octets)
{
    smtp_transaction *transaction = session->transaction;
    uint64_t missing = octets < session->chunk_left ? octets : session->chunk_left;

    transaction->octets += missing;
    transaction->gap += missing;
    session->chunk_left -= missing;
    if (session->chunk_left == 0)
        end_chunk(session, session->chunk->time);
    return octets - missing;
}

static void gap_in_client(smtp_session *session, uint64_t octets)
{
    if (session->mode == SMTP_MODE_BDAT)
        octets = gap_in_chunk(session, octets);
    if (octets == 0)
        return;
    session->doubt = true;
    if (session->mode == SMTP_MODE_DATA) {
        session->transaction->octets += octets;
        session->transaction->gap += octets;
        session->end_length = 0;
        smtp_body_gap(&session->body);
        return;
    }
    session->mode = SMTP_MODE_LINES;
    /* If a reply came that nothing waited for, it was the lost command's. */
    session->unsure = session->oldest || session->unexpected == 0;
}

void smtp_session_gap(smtp_session *session, smtp_side which, uint64_t octets)
{
    session->sides[which] = (smtp_side_state){.after_gap = true, .tls = session->sides[which].tls, .seen = true};
    if (which == SMTP_CLIENT) {
        gap_in_client(session, octets);
        return;
    }
    session->reply = (smtp_reply){.length = 0};
    session->reply_goes_on = false;
    session->oldest = session->newest = NULL;
}

void smtp_session_inside_tls(smtp_session *session)
{
    smtp_session fresh = {.memory = session->memory,
                          .spare = session->spare,
                          .spares = session->spares,
                          .block = session->block,
                          .transactions = session->transactions,
                          .greeted = true};

    *session = fresh;
}

smtp_protocol smtp_session_protocol(const smtp_session *session)
{
    return session->protocol;
}
