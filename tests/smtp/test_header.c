/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_header.h"
#include "plugin/smtp/syntax/smtp_word.h"

typedef struct expected {
    const char *message, *subject, *message_id;
} expected;

static const expected headers[] = {
    {"", "", ""},
    {"Subject: a\r\nMessage-ID: <b@c>\r\n\r\nSubject: d\r\n", "a", "<b@c>"},
    {"subject:a\nmessage-id:\t<b@c> \n\nx", "a", "<b@c>"},
    {"From: x\r\nSubject: a\r\n b\r\n\tc\r\nTo: y\r\n", "a\r\n b\r\n\tc", ""},
    {"Subject: a\r\nSubject: b\r\n", "a", ""},
    {"Subject:\r\nMessage-ID:\r\n <b@c>\r\n", "", "<b@c>"},
    {"Subject: cut", "cut", ""},
    {"X-Subject: a\r\nX: b\r\n Subject: c\r\n", "", ""},
    {"\r\nSubject: a\r\n", "", ""},
};

static void reads(const expected *wanted)
{
    const uint8_t *message = guarded_text(wanted->message);
    smtp_header header = smtp_header_read(message, (uint32_t)strlen(wanted->message));

    CHECK_TEXT(message, header.subject, wanted->subject);
    CHECK_TEXT(message, header.message_id, wanted->message_id);
    for (size_t length = 0; length < strlen(wanted->message); length++)
        smtp_header_read(guarded(wanted->message, length), (uint32_t)length);
}

static const struct {
    const char *word, *charset, *decoded; /* charset NULL: it is none */
} words[] = {
    {"=?utf-8?Q?a_b=C3=A4?=", "utf-8", "a b\xc3\xa4"},
    {"=?ISO-8859-1*de?q?=e4=?=", "ISO-8859-1", "\xe4="},
    {"=?UTF-8?B?w6Q=?=", "UTF-8", "\xc3\xa4"},
    {"=?UTF-8?b?w6Q?=", "UTF-8", "w6Q"},
    {"=?a?Q?"
     "?=",
     "a", ""},
    {"=?a?X?b?=", NULL, NULL},
    {"=??Q?b?=", NULL, NULL},
    {"=?a?Q?b?", NULL, NULL},
    {"=?a?Q?b", NULL, NULL},
    {"=?a?Q", NULL, NULL},
    {"=?", NULL, NULL},
    {"a", NULL, NULL},
};

static void decodes(const char *text, const char *charset, const char *decoded)
{
    const uint8_t *octets = guarded_text(text);
    uint8_t to[64];
    smtp_word word;
    bool is_word = smtp_word_read(octets, (uint32_t)strlen(text), &word);

    CHECK(is_word == (charset != NULL));
    if (is_word && charset) {
        CHECK(word.length == strlen(text));
        CHECK_TEXT(octets, word.charset, charset);
        CHECK_TEXT(to, ((smtp_span){0, smtp_word_decode(octets, &word, to)}), decoded);
    }
    for (size_t length = 0; length < strlen(text); length++)
        CHECK(!smtp_word_read(guarded(text, length), (uint32_t)length, &word));
}

static void unfolds(void)
{
    uint8_t to[16];
    uint32_t length = smtp_header_unfold(guarded_text("a\r\n b\n\tc"), 8, to);

    CHECK_TEXT(to, ((smtp_span){0, length}), "a b\tc");
}

void test_header(void)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        reads(&headers[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        decodes(words[i].word, words[i].charset, words[i].decoded);
    unfolds();
}
