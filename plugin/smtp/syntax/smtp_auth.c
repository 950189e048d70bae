/* smtp_auth.c
 * SASL mechanisms: what each step of an AUTH exchange carries.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_auth.h"

typedef struct mechanism_row {
    const char *text;
    uint8_t steps;
    bool layer;
    smtp_note note;
} mechanism_row;

static const mechanism_row mechanisms[SMTP_MECHANISM_COUNT] = {
#define SMTP_MECHANISM(name, text, steps, layer, meaning, source) {text, SMTP_STEPS_##steps, layer, {meaning, source}},
#include "../smtp_mechanisms.def"
#undef SMTP_MECHANISM
};

/* The row of a name; that of OTHER where it has none. */
static smtp_mechanism find_row(const uint8_t *name, uint32_t length)
{
    for (int i = SMTP_MECHANISM_OTHER + 1; i < SMTP_MECHANISM_COUNT; i++) {
        if (smtp_is_word(name, length, mechanisms[i].text))
            return (smtp_mechanism)i;
    }
    return SMTP_MECHANISM_OTHER;
}

smtp_mechanism smtp_auth_mechanism(const uint8_t *name, uint32_t length)
{
    static const struct {
        const char *start;
        smtp_mechanism like;
    } families[] = {
        {"SCRAM-", SMTP_MECHANISM_SCRAM_SHA_256}, {"GS2-", SMTP_MECHANISM_GS2_KRB5}, {"PLAIN", SMTP_MECHANISM_UNSEEN},
        {"LOGIN", SMTP_MECHANISM_UNSEEN},         {"XOAUTH", SMTP_MECHANISM_UNSEEN}, {"OAUTH", SMTP_MECHANISM_UNSEEN},
    };

    smtp_mechanism found = find_row(name, length);

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (found == SMTP_MECHANISM_OTHER && smtp_starts_with(name, length, families[i].start))
            found = families[i].like;
    }
    return found;
}

/* Is there an upper-case letter behind a lower-case one, as in base64? */
static bool is_mixed(const uint8_t *octets, uint32_t length)
{
    bool lower = false;

    for (uint32_t i = 0; i < length; i++) {
        if (lower && octets[i] >= 'A' && octets[i] <= 'Z')
            return true;
        lower = lower || (octets[i] >= 'a' && octets[i] <= 'z');
    }
    return false;
}

/* May this be the name of a mechanism (RFC 4422, 3.1)?  What is longer, or is written otherwise, may be a secret that
 * stands where none belongs: "AUTH PLAIN=AGFs...", or AUTH without a mechanism. */
static bool is_name(const uint8_t *octets, uint32_t length)
{
    enum {
        LONGEST = 24 /* octets: of those that are registered, though the RFC says 20 */
    };
    uint32_t i = 0;

    if (length > LONGEST)
        return false;
    while (i < length && (smtp_is_alpha(octets[i]) || smtp_is_digit(octets[i]) || octets[i] == '-' || octets[i] == '_'))
        i++;
    return i == length && !(is_mixed(octets, length) && smtp_auth_mechanism(octets, length) == SMTP_MECHANISM_OTHER);
}

/* Behind a sign that does not belong there: "AUTH=PLAIN", "AUTH: PLAIN". */
static uint32_t skip_sign(const uint8_t *line, uint32_t at, uint32_t end)
{
    if (at < end && (line[at] == '=' || line[at] == ':'))
        return smtp_skip_blanks(line, at + 1, end);
    return at;
}

/* All that follows may be a secret, whatever stands in it. */
smtp_auth_argument smtp_auth_argument_parse(const uint8_t *line, smtp_span argument)
{
    smtp_auth_argument parsed;
    uint32_t end = smtp_span_end(argument), at, stop, start;

    while (end > argument.offset && smtp_is_blank(line[end - 1]))
        end--;
    at = skip_sign(line, argument.offset, end);
    stop = smtp_skip_token(line, at, end);

    if (!is_name(line + at, stop - at))
        stop = at;
    start = smtp_skip_blanks(line, stop, end);
    parsed.mechanism = smtp_span_between(at, stop);
    parsed.initial = smtp_span_between(start, end);
    parsed.has_initial = parsed.initial.length > 0;
    return parsed;
}

const char *smtp_auth_mechanism_name(smtp_mechanism mechanism)
{
    return mechanisms[mechanism].text;
}

smtp_note smtp_auth_mechanism_note(const uint8_t *name, uint32_t length)
{
    return mechanisms[find_row(name, length)].note;
}

smtp_steps smtp_auth_steps(smtp_mechanism mechanism)
{
    return (smtp_steps)mechanisms[mechanism].steps;
}

bool smtp_auth_may_protect(smtp_mechanism mechanism)
{
    return mechanisms[mechanism].layer;
}

/* The six bits of a base64 octet; 64 for any other. */
static uint8_t base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint8_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint8_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

bool smtp_auth_is_base64(const uint8_t *octets, uint32_t length)
{
    uint32_t i = 0, padding;

    while (i < length && base64_value(octets[i]) < 64)
        i++;
    padding = length - i;
    return length % 4 == 0 && padding <= 2 && (padding < 1 || octets[i] == '=') &&
           (padding < 2 || octets[i + 1] == '=');
}

/* A response that holds nothing: an empty one, or the end of the exchange (RFC 4954, 4). */
static bool holds_nothing(const uint8_t *line, uint32_t length)
{
    return length == 1 && (line[0] == '*' || line[0] == '=');
}

bool smtp_auth_is_answer(const uint8_t *line, uint32_t length)
{
    return holds_nothing(line, length) || smtp_auth_is_base64(line, length);
}

bool smtp_auth_may_be_part(const uint8_t *octets, uint32_t length)
{
    while (length > 0 && (octets[length - 1] == '\r' || octets[length - 1] == '\n'))
        length--;
    for (uint32_t i = 0; i < length; i++) {
        if (base64_value(octets[i]) > 63 && octets[i] != '=' && octets[i] != '*')
            return false;
    }
    return true;
}

bool smtp_auth_decode(const uint8_t *base64, uint32_t length, uint8_t *to, uint32_t *written)
{
    uint32_t padding = 0;

    *written = 0;
    while (padding < 2 && padding < length && base64[length - 1 - padding] == '=')
        padding++;
    if (length % 4 != 0)
        return false;
    for (uint32_t i = 0; i < length; i += 4) {
        uint32_t bits = 0;
        for (uint32_t j = i; j < i + 4; j++) {
            uint8_t value = j < length - padding ? base64_value(base64[j]) : 0;
            if (value > 63)
                return false;
            bits = bits << 6 | value;
        }
        to[(*written)++] = (uint8_t)(bits >> 16);
        to[(*written)++] = (uint8_t)(bits >> 8);
        to[(*written)++] = (uint8_t)bits;
    }
    *written -= padding;
    return true;
}

/* ---- Responses ---- */

static void add(smtp_auth_parts *parts, smtp_auth_kind kind, smtp_auth_coding coding, smtp_span span)
{
    parts->part[parts->count++] = (smtp_auth_part){kind, coding, span};
}

/* The next word before a NUL or the end; *at steps behind the NUL. */
static smtp_span next_word(const uint8_t *decoded, uint32_t length, uint32_t *at)
{
    const uint8_t *nul = *at < length ? memchr(decoded + *at, '\0', length - *at) : NULL;
    uint32_t end = nul ? (uint32_t)(nul - decoded) : length;
    smtp_span word = smtp_span_between(*at, end);

    *at = nul ? end + 1 : length;
    return word;
}

static uint32_t count_nuls(const uint8_t *decoded, uint32_t length)
{
    uint32_t nuls = 0;

    for (uint32_t i = 0; i < length; i++)
        nuls += decoded[i] == '\0';
    return nuls;
}

/* [authzid] NUL authcid, then @p secrets words (RFC 4616, 2; RFC 2444, 4; RFC 2808, 3). */
static void read_words(const uint8_t *decoded, uint32_t length, uint32_t secrets, smtp_auth_parts *parts)
{
    uint32_t nuls = count_nuls(decoded, length);
    uint32_t at = 0;
    smtp_span word = next_word(decoded, length, &at);

    parts->malformed = secrets == 2 ? nuls != 2 && nuls != 3 : nuls != secrets + 1;
    if (parts->malformed)
        return;
    if (word.length)
        add(parts, SMTP_AUTH_AUTHZID, SMTP_CODING_NONE, word);
    add(parts, SMTP_AUTH_USERNAME, SMTP_CODING_NONE, next_word(decoded, length, &at));
    for (uint32_t i = 0; i < secrets && at <= length; i++) {
        word = next_word(decoded, length, &at);
        if (i == 0 || word.length)
            add(parts, SMTP_AUTH_SECRET, SMTP_CODING_NONE, word);
    }
}

/* A user has no NUL in its name: what has one is of another mechanism, and holds a secret. */
static void read_login(const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    parts->malformed = memchr(decoded, '\0', length) != NULL;
    if (!parts->malformed)
        add(parts, SMTP_AUTH_USERNAME, SMTP_CODING_NONE, (smtp_span){0, length});
}

/* RFC 2195, 2: user SP 32 hexadecimal digits */
static void read_cram(const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    uint32_t end = length;

    while (end > 0 && decoded[end - 1] != ' ')
        end--;
    parts->malformed = end == 0;
    if (end > 0)
        add(parts, SMTP_AUTH_USERNAME, SMTP_CODING_NONE, (smtp_span){0, end - 1});
}

/* Is there "name=" at an offset? */
static bool is_key(const uint8_t *decoded, uint32_t at, uint32_t length, const char *name)
{
    uint32_t size = (uint32_t)strlen(name);

    return length - at > size && memcmp(decoded + at, name, size) == 0 && decoded[at + size] == '=';
}

/* The value of a directive that begins at *at; steps behind the comma after it (RFC 2831, 7.1). */
static smtp_span next_directive(const uint8_t *decoded, uint32_t length, uint32_t *at, bool *quoted)
{
    uint32_t start = *at, end;

    *quoted = start < length && decoded[start] == '"';
    start += *quoted;
    for (end = start; end < length && decoded[end] != (*quoted ? '"' : ','); end++)
        end += *quoted && decoded[end] == '\\' && end + 1 < length;
    *at = end;
    while (*at < length && decoded[*at] != ',')
        (*at)++;
    *at += *at < length;
    return smtp_span_between(start, end);
}

static void read_digest(const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    static const char *const names[] = {"username", "authzid", "realm"};
    static const smtp_auth_kind kinds[] = {SMTP_AUTH_USERNAME, SMTP_AUTH_AUTHZID, SMTP_AUTH_REALM};
    uint32_t at = 0, seen = 0;

    while (at < length) {
        const uint8_t *equals;
        uint32_t start = at = smtp_skip_blanks(decoded, at, length);
        bool quoted;
        smtp_span value;

        equals = start < length ? memchr(decoded + start, '=', length - start) : NULL;
        if (!equals)
            break;
        at = (uint32_t)(equals - decoded) + 1;
        value = next_directive(decoded, length, &at, &quoted);
        for (uint32_t i = 0; i < 3; i++) {
            if (is_key(decoded, start, length, names[i]) && !(seen & 1u << i)) {
                add(parts, kinds[i], quoted ? SMTP_CODING_QUOTED : SMTP_CODING_NONE, value);
                seen |= 1u << i;
            }
        }
    }
    parts->malformed = !(seen & 1);
}

/* How many octets of gs2-header a message begins with (RFC 5801, 4), and its "a="; 0 if none. */
static uint32_t find_gs2_header(const uint8_t *decoded, uint32_t length, smtp_span *authzid)
{
    uint32_t at = length >= 2 && decoded[0] == 'F' && decoded[1] == ',' ? 2 : 0;
    const uint8_t *comma;

    *authzid = (smtp_span){0, 0};
    if (at >= length || !strchr("nyp", decoded[at]) || decoded[at] == '\0')
        return 0;
    comma = memchr(decoded + at, ',', length - at);
    if (!comma)
        return 0;
    at = (uint32_t)(comma - decoded) + 1;
    comma = at < length ? memchr(decoded + at, ',', length - at) : NULL;
    if (!comma)
        return 0;
    if (is_key(decoded, at, length, "a"))
        *authzid = smtp_span_between(at + 2, (uint32_t)(comma - decoded));
    return (uint32_t)(comma - decoded) + 1;
}

/* gs2-header; 0 when it is malformed. */
static uint32_t read_gs2(const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    smtp_span authzid;
    uint32_t end = find_gs2_header(decoded, length, &authzid);

    parts->malformed = end == 0;
    if (authzid.length)
        add(parts, SMTP_AUTH_AUTHZID, SMTP_CODING_SASLNAME, authzid);
    return end;
}

/* The first message of SCRAM; the later ones name nobody (RFC 5802, 7). */
static void read_scram(const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    uint32_t at = read_gs2(decoded, length, parts);

    while (at > 0 && at < length) {
        const uint8_t *comma = memchr(decoded + at, ',', length - at);
        uint32_t end = comma ? (uint32_t)(comma - decoded) : length;

        if (is_key(decoded, at, length, "n")) {
            add(parts, SMTP_AUTH_USERNAME, SMTP_CODING_SASLNAME, smtp_span_between(at + 2, end));
            return;
        }
        at = end + 1;
    }
    parts->malformed = true;
}

/* "name=" behind ^A, or at the start; the value ends at ^A. */
static bool find_pair(const uint8_t *decoded, uint32_t length, uint32_t at, const char *name, smtp_span *value)
{
    while (at < length) {
        const uint8_t *stop = memchr(decoded + at, 1, length - at);
        uint32_t end = stop ? (uint32_t)(stop - decoded) : length;

        if (is_key(decoded, at, end, name)) {
            *value = smtp_span_between(at + (uint32_t)strlen(name) + 1, end);
            return true;
        }
        at = end + 1;
    }
    return false;
}

/* What follows the word "Bearer" or "OAuth" is the secret. */
static void read_credentials(const uint8_t *decoded, uint32_t length, uint32_t at, smtp_auth_parts *parts)
{
    smtp_span value;
    uint32_t end, start;

    if (!find_pair(decoded, length, at, "auth", &value)) {
        parts->malformed = true;
        return;
    }
    end = smtp_span_end(value);
    start = smtp_skip_blanks(decoded, smtp_skip_token(decoded, value.offset, end), end);
    add(parts, SMTP_AUTH_SECRET, SMTP_CODING_NONE, start < end ? smtp_span_between(start, end) : value);
}

static void read_xoauth2(const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    smtp_span user;

    if (find_pair(decoded, length, 0, "user", &user))
        add(parts, SMTP_AUTH_USERNAME, SMTP_CODING_NONE, user);
    else
        parts->malformed = true;
    read_credentials(decoded, length, 0, parts);
}

/* The user is whom the client wants to act as; the token says who it is (RFC 7628, 3.1). */
static void read_oauth(const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    uint32_t at = read_gs2(decoded, length, parts);

    if (parts->count)
        add(parts, SMTP_AUTH_USERNAME, SMTP_CODING_SASLNAME, parts->part[0].span);
    if (at)
        read_credentials(decoded, length, at, parts);
}

static void read_first(smtp_steps steps, const uint8_t *decoded, uint32_t length, smtp_auth_parts *parts)
{
    switch (steps) {
    case SMTP_STEPS_PLAIN:
        read_words(decoded, length, 1, parts);
        break;
    case SMTP_STEPS_OTP:
        read_words(decoded, length, 0, parts);
        break;
    case SMTP_STEPS_SECURID:
        read_words(decoded, length, 2, parts);
        break;
    case SMTP_STEPS_LOGIN:
        read_login(decoded, length, parts);
        break;
    case SMTP_STEPS_CRAM:
        read_cram(decoded, length, parts);
        break;
    case SMTP_STEPS_DIGEST:
        read_digest(decoded, length, parts);
        break;
    case SMTP_STEPS_SCRAM:
        read_scram(decoded, length, parts);
        break;
    case SMTP_STEPS_GS2:
        read_gs2(decoded, length, parts);
        break;
    case SMTP_STEPS_XOAUTH2:
        read_xoauth2(decoded, length, parts);
        break;
    case SMTP_STEPS_OAUTH:
        read_oauth(decoded, length, parts);
        break;
    case SMTP_STEPS_EXTERNAL:
        add(parts, SMTP_AUTH_AUTHZID, SMTP_CODING_NONE, (smtp_span){0, length});
        break;
    case SMTP_STEPS_ANONYMOUS:
    case SMTP_STEPS_NTLM:
    case SMTP_STEPS_GSS:
    case SMTP_STEPS_OPAQUE:
    case SMTP_STEPS_SECRET:
        break;
    }
}

/* What cannot be read may be a secret, unless the mechanism sends none in clear. */
static bool may_be_secret(smtp_steps steps, uint32_t step, const uint8_t *decoded, uint32_t length)
{
    switch (steps) {
    case SMTP_STEPS_SECRET:
        return true;
    case SMTP_STEPS_PLAIN:
    case SMTP_STEPS_LOGIN:
    case SMTP_STEPS_OTP:
    case SMTP_STEPS_SECURID:
    case SMTP_STEPS_XOAUTH2:
        return step > 0;
    case SMTP_STEPS_OAUTH:
        /* A lone ^A answers the server's error (RFC 7628, 3.2.3). */
        return step > 0 && !(length == 1 && decoded[0] == 1);
    default:
        return false;
    }
}

smtp_auth_parts smtp_auth_parts_read(smtp_mechanism mechanism, uint32_t step, const uint8_t *decoded, uint32_t length)
{
    smtp_auth_parts parts = {.count = 0};
    smtp_steps steps = smtp_auth_steps(mechanism);

    if (length == 0)
        return parts;
    if (step == 0)
        read_first(steps, decoded, length, &parts);
    if (may_be_secret(steps, step, decoded, length))
        add(&parts, SMTP_AUTH_SECRET, SMTP_CODING_NONE, (smtp_span){0, length});
    return parts;
}

smtp_auth_response smtp_auth_response_read(const uint8_t *line, smtp_span base64, smtp_mechanism mechanism,
                                           uint32_t step, uint8_t *room)
{
    smtp_auth_response response = {.base64 = base64};

    if (holds_nothing(line + base64.offset, base64.length))
        return response;
    if (!smtp_auth_decode(line + base64.offset, base64.length, room, &response.decoded_length)) {
        response.malformed = true;
        return response;
    }
    response.decoded = room;
    response.parts = smtp_auth_parts_read(mechanism, step, room, response.decoded_length);
    response.malformed = response.parts.malformed;
    return response;
}

int smtp_auth_login_step(const uint8_t *base64, uint32_t length)
{
    uint8_t decoded[24];
    uint32_t written;

    if (length > sizeof decoded / 3 * 4 || !smtp_auth_decode(base64, length, decoded, &written))
        return -1;
    if (smtp_starts_with(decoded, written, "USER"))
        return 0;
    return smtp_starts_with(decoded, written, "PASS") ? 1 : -1;
}

uint32_t smtp_auth_uncode(const smtp_auth_part *part, const uint8_t *decoded, uint8_t *to)
{
    uint32_t end = smtp_span_end(part->span), written = 0;

    for (uint32_t at = part->span.offset; at < end; at++) {
        uint8_t octet = decoded[at];

        if (part->coding == SMTP_CODING_QUOTED && octet == '\\' && at + 1 < end) {
            octet = decoded[++at];
        } else if (part->coding == SMTP_CODING_SASLNAME && octet == '=' && end - at >= 3) {
            bool comma = decoded[at + 1] == '2' && decoded[at + 2] == 'C';
            if (comma || (decoded[at + 1] == '3' && decoded[at + 2] == 'D')) {
                octet = comma ? ',' : '=';
                at += 2;
            }
        }
        to[written++] = octet;
    }
    return written;
}
