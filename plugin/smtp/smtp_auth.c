/* smtp_auth.c
 * SASL mechanisms: what each step of an AUTH exchange carries.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_auth.h"

static const char *const names[] = {
    [SMTP_MECHANISM_OTHER] = "",          [SMTP_MECHANISM_PLAIN] = "PLAIN",
    [SMTP_MECHANISM_LOGIN] = "LOGIN",     [SMTP_MECHANISM_CRAM_MD5] = "CRAM-MD5",
    [SMTP_MECHANISM_XOAUTH2] = "XOAUTH2", [SMTP_MECHANISM_OAUTHBEARER] = "OAUTHBEARER",
};

smtp_auth_argument smtp_auth_argument_parse(const uint8_t *line, smtp_span argument)
{
    smtp_auth_argument parsed;
    uint32_t end = smtp_span_end(argument);
    uint32_t stop = smtp_skip_token(line, argument.offset, end);
    uint32_t start = smtp_skip_blanks(line, stop, end);

    parsed.mechanism = smtp_span_between(argument.offset, stop);
    parsed.initial = smtp_span_between(start, smtp_skip_token(line, start, end));
    parsed.has_initial = parsed.initial.length > 0;
    return parsed;
}

smtp_mechanism smtp_auth_mechanism(const uint8_t *name, uint32_t length)
{
    for (int i = SMTP_MECHANISM_PLAIN; i <= SMTP_MECHANISM_OAUTHBEARER; i++) {
        if (strlen(names[i]) == length && smtp_starts_with(name, length, names[i]))
            return (smtp_mechanism)i;
    }
    return SMTP_MECHANISM_OTHER;
}

const char *smtp_auth_mechanism_name(smtp_mechanism mechanism)
{
    return names[mechanism];
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

bool smtp_auth_is_answer(const uint8_t *line, uint32_t length)
{
    uint32_t i = 0, padding;

    if (length == 1 && (line[0] == '*' || line[0] == '='))
        return true;
    while (i < length && base64_value(line[i]) < 64)
        i++;
    padding = length - i;
    return length % 4 == 0 && padding <= 2 && (padding < 1 || line[i] == '=') && (padding < 2 || line[i + 1] == '=');
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

/* RFC 4616: [authzid] NUL authcid NUL passwd */
static bool plain_user(const uint8_t *decoded, uint32_t length, smtp_span *user)
{
    const uint8_t *first = memchr(decoded, '\0', length);
    const uint8_t *second;
    uint32_t start;

    if (!first)
        return false;
    start = (uint32_t)(first - decoded) + 1;
    second = memchr(decoded + start, '\0', length - start);
    *user = smtp_span_between(start, second ? (uint32_t)(second - decoded) : length);
    return second != NULL;
}

/* RFC 2195: user SP 32 hexadecimal digits */
static bool cram_user(const uint8_t *decoded, uint32_t length, smtp_span *user)
{
    uint32_t end = length;

    while (end > 0 && decoded[end - 1] != ' ')
        end--;
    if (end == 0)
        return false;
    *user = (smtp_span){0, end - 1};
    return true;
}

/* What follows @p prefix up to @p stop or the end. */
static bool between(const uint8_t *decoded, uint32_t length, const char *prefix, uint8_t stop, smtp_span *user)
{
    uint32_t start = (uint32_t)strlen(prefix);
    const uint8_t *end;

    if (length < start || memcmp(decoded, prefix, start) != 0)
        return false;
    end = memchr(decoded + start, stop, length - start);
    *user = smtp_span_between(start, end ? (uint32_t)(end - decoded) : length);
    return true;
}

bool smtp_auth_user(smtp_mechanism mechanism, uint32_t step, const uint8_t *decoded, uint32_t length, smtp_span *user)
{
    if (length == 0)
        return false;
    switch (mechanism) {
    case SMTP_MECHANISM_PLAIN:
        return step == 0 && plain_user(decoded, length, user);
    case SMTP_MECHANISM_LOGIN:
        *user = (smtp_span){0, length};
        return step == 0;
    case SMTP_MECHANISM_CRAM_MD5:
        return cram_user(decoded, length, user);
    case SMTP_MECHANISM_XOAUTH2:
        return between(decoded, length, "user=", 1, user);
    case SMTP_MECHANISM_OAUTHBEARER:
        return between(decoded, length, "n,a=", ',', user);
    default:
        return false;
    }
}
