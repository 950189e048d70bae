/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_mime.h"

#define MIXED "Content-Type: multipart/mixed; boundary=xx\r\n\r\n"

static const struct {
    const char *message, *parts; /* each decoded, with its type before it: "type=text|" */
} messages[] = {
    {"", ""},
    {"text", "=|"},
    {"Subject: a\r\n\r\ntext\r\n", "=text\r\n|"},
    {"Content-Type: text/html ; x=y\r\n\r\ntext", "text/html=text|"},
    {"content-transfer-encoding:\r\n BASE64\r\n\r\naGFs\r\nbG8=\r\nxxxx", "=hallo|"},
    {"Content-Transfer-Encoding: base64\r\n\r\naG!FsbA", "=hall|"},
    {"Content-Transfer-Encoding: quoted-printable\r\n\r\na=3D=\r\nb= \t\nc=C3=a4=4=x=\r", "=a=bc\xc3\xa4=4=x=\r|"},
    {"Content-Transfer-Encoding: quoted-printable\r\n\r\na=3", "=a=3|"},
    {MIXED
     "before\r\n--xx\r\n\r\none\r\n--xx  \r\nContent-Type: a/b\r\n\r\ntwo\r\n\r\n--xx--\r\nbehind\r\n--xx\r\n\r\nno",
     "=one|a/b=two\r\n|"},
    {MIXED "--xx\n\none\n--xxx\n--xx\n\ntwo", "=one\n--xxx|=two|"},
    {MIXED "--xx\r\n--xx\r\n--xx--\r\n", "=|=|"},
    {MIXED "no border", ""},
    {"Content-Type: multipart/mixed\r\n\r\n--\r\n\r\ntext", "multipart/mixed=--\r\n\r\ntext|"},
    {"Content-Type: multipart/mixed; boundary=\"x y\"; a=\"b;c\"\r\n\r\n--x y\r\n\r\none\r\n--x y--", "=one|"},
    {MIXED "--xx\r\nContent-Type: multipart/alternative; "
           "boundary=yy\r\n\r\n--yy\r\n\r\none\r\n--yy--\r\n--xx\r\n\r\ntwo\r\n--xx--",
     "=one|=two|"},
    {MIXED "--xx\r\nContent-Type: multipart/x; boundary=x\r\n\r\n--x\r\n\r\none\r\n--xx\r\n\r\ntwo\r\n--xx--",
     "=one|=two|"},
    {MIXED "--xx\r\nContent-Type: multipart/x; boundary=yy\r\n\r\n--yy\r\n\r\none\r\n--xx--\r\n--yy\r\n\r\nno",
     "=one|"},
    {MIXED "--xx\r\nContent-Type: message/rfc822\r\n\r\n" MIXED "--yy\r\n--xx--", "message/rfc822=" MIXED "--yy|"},
};

static const char *listed(const uint8_t *message, uint32_t length)
{
    static char text[1024];
    uint32_t used = 0;
    smtp_mime_part part;
    smtp_mime mime;

    smtp_mime_begin(&mime, message, length);
    while (smtp_mime_next(&mime, &part)) {
        memcpy(text + used, message + part.type.offset, part.type.length);
        used += part.type.length;
        text[used++] = '=';
        used += smtp_mime_decode(message, &part, (uint8_t *)text + used);
        text[used++] = '|';
    }
    text[used] = 0;
    return text;
}

static void lists(const char *message, const char *parts)
{
    const char *found = listed(guarded_text(message), (uint32_t)strlen(message));

    CHECK_TEXT((const uint8_t *)found, ((smtp_span){0, (uint32_t)strlen(found)}), parts);
    for (size_t length = 0; length < strlen(message); length++)
        listed(guarded(message, length), (uint32_t)length);
}

/* Parts in parts, to any depth: the deepest that are told apart have all that lies deeper. */
static void nests(void)
{
    static char message[4096];
    uint32_t parts = 0;
    smtp_mime_part part;
    smtp_mime mime;
    char *end = message;

    for (int depth = 0; depth < SMTP_MIME_DEPTH + 4; depth++)
        end += sprintf(end, "Content-Type: multipart/x; boundary=b%d.\r\n\r\n--b%d.\r\n", depth, depth);
    smtp_mime_begin(&mime, (const uint8_t *)message, (uint32_t)(end - message));
    while (smtp_mime_next(&mime, &part))
        parts++;
    CHECK(parts == 1);
}

static const struct {
    const char *field, *name, *value;
} parameters[] = {
    {"attachment; filename=a.txt", "FILENAME", "a.txt"},
    {"attachment;\r\n\tFileName = \"a; b.txt\" ; size=3", "FILENAME", "a; b.txt"},
    {"attachment; x=\"filename=no\"; filename=yes", "FILENAME", "yes"},
    {"attachment; filename=\"open", "FILENAME", "open"},
    {"attachment; filename=\"", "FILENAME", ""},
    {"attachment; filename", "FILENAME", ""},
    {"filename=a", "FILENAME", ""},
    {"a; filename*=utf-8''b; filename=c", "FILENAME*", "utf-8''b"},
    {"a; filename=\"\\", "FILENAME", "\\"},
    {"", "FILENAME", ""},
};

static void finds_parameter(const char *field, const char *name, const char *value)
{
    const uint8_t *octets = guarded_text(field);

    CHECK_TEXT(octets, smtp_mime_parameter(octets, (smtp_span){0, (uint32_t)strlen(field)}, name), value);
    for (size_t length = 0; length < strlen(field); length++)
        smtp_mime_parameter(guarded(field, length), (smtp_span){0, (uint32_t)length}, name);
}

static const struct {
    const char *value, *charset, *decoded;
} percents[] = {
    {"utf-8'de'%c3%A4.txt", "utf-8", "\xc3\xa4.txt"},
    {"''a%20b", "", "a b"},
    {"a%2", "", "a%2"},
    {"a'b", "", "a'b"},
    {"x''%%41%", "x", "%A%"},
    {"", "", ""},
};

static void decodes_percent(const char *value, const char *charset, const char *decoded)
{
    const uint8_t *octets = guarded_text(value);
    uint8_t to[64];
    smtp_span told, written = {0, 0};

    written.length = smtp_mime_percent_decode(octets, (smtp_span){0, (uint32_t)strlen(value)}, &told, to);
    CHECK_TEXT(octets, told, charset);
    CHECK_TEXT(to, written, decoded);
}

void test_mime(void)
{
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        lists(messages[i].message, messages[i].parts);
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        finds_parameter(parameters[i].field, parameters[i].name, parameters[i].value);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        decodes_percent(percents[i].value, percents[i].charset, percents[i].decoded);
    nests();
}
