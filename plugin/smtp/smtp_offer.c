/* smtp_offer.c
 * What a server offers, and what a command uses of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_offer.h"

#include "syntax/smtp_capability.h"
#include "syntax/smtp_reply.h"

_Static_assert(SMTP_OFFER_COUNT <= 64, "a bit for each keyword");
_Static_assert(SMTP_MECHANISM_COUNT <= 64, "a bit for each mechanism");

typedef struct offer_row {
    const char *keyword;
    uint8_t length;
    uint16_t mail;
    uint16_t rcpt;
} offer_row;

static const offer_row rows[SMTP_OFFER_COUNT] = {
#define SMTP_OFFER(name, keyword, mail, rcpt) {keyword, sizeof(keyword) - 1, mail, rcpt},
#include "smtp_offers.def"
#undef SMTP_OFFER
};

/* ---- The reply ---- */

static int find_row(const uint8_t *keyword, uint32_t length)
{
    for (int i = 0; i < SMTP_OFFER_COUNT; i++) {
        if (rows[i].length == length && smtp_starts_with(keyword, length, rows[i].keyword))
            return i;
    }
    return SMTP_OFFER_COUNT;
}

static void add_mechanisms(smtp_offer *offer, const uint8_t *line, smtp_span list)
{
    uint32_t at = list.offset, end = smtp_span_end(list);

    while ((at = smtp_skip_blanks(line, at, end)) < end) {
        uint32_t stop = smtp_skip_token(line, at, end);

        offer->mechanisms |= UINT64_C(1) << smtp_auth_mechanism(line + at, stop - at);
        at = stop;
    }
}

void smtp_offer_add(smtp_offer *offer, const uint8_t *line, smtp_span text)
{
    smtp_capability capability = smtp_capability_parse(line, text);
    int row = find_row(line + capability.keyword.offset, capability.keyword.length);

    if (row == SMTP_OFFER_COUNT)
        return;
    offer->keywords |= UINT64_C(1) << row;
    if (row == SMTP_OFFER_AUTH)
        add_mechanisms(offer, line, capability.parameter);
    if (row == SMTP_OFFER_SIZE && !smtp_number(line, capability.parameter, &offer->size))
        offer->size = 0;
}

smtp_offer smtp_offer_read(const uint8_t *octets, uint32_t length)
{
    smtp_reply_lines lines = {.octets = octets, .length = length};
    smtp_offer offer = {.keywords = 0};

    while (smtp_reply_lines_next(&lines)) {
        if (lines.offset > 0 && lines.parsed.valid)
            smtp_offer_add(&offer, octets + lines.offset, lines.parsed.text);
    }
    return offer;
}

/* ---- What a command uses ---- */

#define BIT(name) (UINT64_C(1) << SMTP_OFFER_##name)

/* One of these has to be offered; 0: none. */
static uint64_t needs_for_verb(smtp_verb verb)
{
    switch (verb) {
    case SMTP_VERB_STARTTLS:
        return BIT(STARTTLS);
    case SMTP_VERB_AUTH:
        return BIT(AUTH);
    case SMTP_VERB_BDAT:
        return BIT(CHUNKING);
    case SMTP_VERB_BURL:
        return BIT(BURL);
    case SMTP_VERB_ETRN:
        return BIT(ETRN);
    case SMTP_VERB_ATRN:
        return BIT(ATRN);
    case SMTP_VERB_TURN:
        return BIT(TURN);
    case SMTP_VERB_SEND:
        return BIT(SEND);
    case SMTP_VERB_SOML:
        return BIT(SOML);
    case SMTP_VERB_SAML:
        return BIT(SAML);
    case SMTP_VERB_XCLIENT:
        return BIT(XCLIENT);
    case SMTP_VERB_XFORWARD:
        return BIT(XFORWARD);
    default:
        return 0;
    }
}

static uint64_t needs_for_body(const uint8_t *line, smtp_span value)
{
    return smtp_is_word(line + value.offset, value.length, "BINARYMIME") ? BIT(BINARYMIME) : BIT(EIGHT_BIT);
}

/* The same of a parameter. MTRK wants ORCPT and ENVID without DSN, too (RFC 3885, 3.2). */
static uint64_t needs_for_parameter(const uint8_t *line, const smtp_parameter_reading *reading)
{
    static const uint64_t needs[SMTP_PARAMETER_COUNT] = {
        [SMTP_PARAMETER_SIZE] = BIT(SIZE),
        [SMTP_PARAMETER_SMTPUTF8] = BIT(SMTPUTF8),
        [SMTP_PARAMETER_AUTH] = BIT(AUTH),
        [SMTP_PARAMETER_RET] = BIT(DSN),
        [SMTP_PARAMETER_ENVID] = BIT(DSN) | BIT(MTRK),
        [SMTP_PARAMETER_NOTIFY] = BIT(DSN),
        [SMTP_PARAMETER_ORCPT] = BIT(DSN) | BIT(MTRK),
        [SMTP_PARAMETER_REQUIRETLS] = BIT(REQUIRETLS),
        [SMTP_PARAMETER_BY] = BIT(DELIVERBY),
        [SMTP_PARAMETER_HOLDFOR] = BIT(FUTURERELEASE),
        [SMTP_PARAMETER_HOLDUNTIL] = BIT(FUTURERELEASE),
        [SMTP_PARAMETER_MT_PRIORITY] = BIT(MT_PRIORITY),
        [SMTP_PARAMETER_RRVS] = BIT(RRVS),
        [SMTP_PARAMETER_MTRK] = BIT(MTRK),
        [SMTP_PARAMETER_SUBMITTER] = BIT(SUBMITTER),
        [SMTP_PARAMETER_SOLICIT] = BIT(NO_SOLICITING),
        [SMTP_PARAMETER_TRANSID] = BIT(CHECKPOINT),
        [SMTP_PARAMETER_CONPERM] = BIT(CONPERM),
        [SMTP_PARAMETER_CONNEG] = BIT(CONNEG),
        [SMTP_PARAMETER_ALT_ADDRESS] = BIT(UTF8SMTP),
        [SMTP_PARAMETER_RCPT_ALT_ADDRESS] = BIT(UTF8SMTP),
        [SMTP_PARAMETER_PRDR] = BIT(PRDR),
        [SMTP_PARAMETER_XVERP] = BIT(XVERP) | BIT(VERP),
    };

    return reading->name == SMTP_PARAMETER_BODY ? needs_for_body(line, reading->parts.value) : needs[reading->name];
}

static bool is_missing(const smtp_offer *offer, uint64_t needs)
{
    return needs != 0 && (offer->keywords & needs) == 0;
}

static bool lacks_mechanism(const smtp_offer *offer, const uint8_t *line, smtp_span name)
{
    smtp_mechanism mechanism = smtp_auth_mechanism(line + name.offset, name.length);

    return name.length > 0 && mechanism != SMTP_MECHANISM_UNSEEN && mechanism != SMTP_MECHANISM_OTHER &&
           !(offer->mechanisms >> mechanism & 1);
}

/* The same of parameters. */
static uint32_t lacks_parameters(const smtp_offer *offer, const uint8_t *line, const smtp_command *command,
                                 smtp_span *tokens, uint32_t most)
{
    smtp_span rest = command->of.path.parameters;
    smtp_parameter_reading reading;
    uint32_t count = 0;

    while (count < most && rest.length > 0 &&
           smtp_parameter_read(line, &rest, command->shape == SMTP_SHAPE_TO, &reading)) {
        if (is_missing(offer, needs_for_parameter(line, &reading)))
            tokens[count++] = reading.parts.whole;
    }
    return count;
}

uint32_t smtp_offer_lacks(const smtp_offer *offer, const uint8_t *line, const smtp_command *command, smtp_span *tokens,
                          uint32_t most)
{
    bool has_path = command->shape == SMTP_SHAPE_FROM || command->shape == SMTP_SHAPE_TO;

    *tokens = command->name;
    if (is_missing(offer, needs_for_verb(command->verb)))
        return 1;
    if (command->verb == SMTP_VERB_AUTH && lacks_mechanism(offer, line, command->of.auth.mechanism)) {
        *tokens = command->of.auth.mechanism;
        return 1;
    }
    return has_path && command->of.path.found ? lacks_parameters(offer, line, command, tokens, most) : 0;
}

uint32_t smtp_offer_longest(const smtp_offer *offer, const smtp_command *command)
{
    enum {
        LINE_MOST = 512,
        AUTH_MOST = 12288 /* RFC 4954, 4.2 */
    };
    uint32_t most = LINE_MOST;

    if (command->shape == SMTP_SHAPE_MECHANISM)
        return AUTH_MOST;
    for (int i = 0; i < SMTP_OFFER_COUNT; i++) {
        if (offer && !smtp_offer_has(offer, (smtp_offered)i))
            continue;
        most += command->shape == SMTP_SHAPE_FROM ? rows[i].mail : command->shape == SMTP_SHAPE_TO ? rows[i].rcpt : 0;
    }
    return most;
}

smtp_announced smtp_announced_read(const uint8_t *line, smtp_span parameters)
{
    smtp_announced announced = {.size = 0};
    smtp_parameter_reading reading;

    while (parameters.length > 0 && smtp_parameter_read(line, &parameters, false, &reading)) {
        smtp_span value = reading.parts.value;

        if (reading.name == SMTP_PARAMETER_SIZE && smtp_number(line, value, &announced.size))
            announced.size_at = reading.parts.whole;
        if (reading.name == SMTP_PARAMETER_BODY) {
            announced.binary = smtp_is_word(line + value.offset, value.length, "BINARYMIME");
            announced.eight_bit = smtp_is_word(line + value.offset, value.length, "8BITMIME");
        }
        if (reading.name == SMTP_PARAMETER_SMTPUTF8)
            announced.utf8 = true;
        if (reading.name == SMTP_PARAMETER_REQUIRETLS && reading.well_formed)
            announced.requiretls = reading.parts.whole;
    }
    return announced;
}
