/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_fingerprint.h"
#include "plugin/smtp/syntax/smtp_header.h"
#include "plugin/smtp/syntax/smtp_received.h"
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
    {"Subject \t: of old\r\nMessage-ID : <b@c>\r\n", "of old", "<b@c>"},
    {"Subject of it: a\r\nMessage-ID\r\n : b\r\nSubject ", "", ""},
    {"X-Subject: a\r\nX: b\r\n Subject: c\r\n", "", ""},
    {"\r\nSubject: a\r\n", "", ""},
};

static void reads(const expected *wanted)
{
    const uint8_t *message = guarded_text(wanted->message);
    smtp_header header = smtp_header_read(message, (uint32_t)strlen(wanted->message));

    CHECK_TEXT(message, header.subject, wanted->subject);
    CHECK_TEXT(message, header.message_id, wanted->message_id);
    for (size_t length = 0; length <= strlen(wanted->message); length++) {
        const uint8_t *start = guarded(wanted->message, length);
        CHECK(smtp_header_ends(start, (uint32_t)length) == (smtp_header_read(start, (uint32_t)length).body > 0));
    }
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

static const struct {
    const char *message, *received;
    uint32_t fields, body;
} ways[] = {
    {"Received: a\r\n b\r\nX: y\r\nreceived:c\r\n\r\nbody", "a\r\n b", 2, 37},
    {"\r\nReceived: a\r\n", "", 0, 2},
    {"Received: a\n\nb", "a", 1, 13},
    {"Received: a\r\n", "a", 1, 0},
    {"Received: a\r\n\r", "a", 1, 0},
    {"X-Received: a\r\n\r\n", "", 0, 17},
};

static void tells_its_way(const char *message, const char *received, uint32_t fields, uint32_t body)
{
    const uint8_t *octets = guarded_text(message);
    smtp_header header = smtp_header_read(octets, (uint32_t)strlen(message));

    CHECK_TEXT(octets, header.received, received);
    CHECK(header.received_fields == fields);
    CHECK(header.body == body);
}

static const struct {
    const char *value, *by, *id;
} received[] = {
    {"from c (c [192.0.2.1])\r\n\tby mx.example (Postfix) with ESMTP id 4F1B2\r\n\tfor <b@x>; Fri", "mx.example",
     "4F1B2"},
    {"by mx.example with esmtp (Exim 4.96)\r\n\t(envelope-from <a@x>)\r\n\tid 1q-2-3", "mx.example", "1q-2-3"},
    {"from x by y id z (a) by mx.example id 7", "mx.example", "7"},
    {"from c (by x id y) BY mx ID 7;by no id 8", "mx", "7"},
    {"from c (a (by x) \\) id y) by mx id 7", "mx", "7"},
    {"by mx id 7 for <\"a id 8\"@x>", "mx", "7"},
    {"by mx for <a id 8", "mx", ""},
    {"by mx for \"a id 8", "mx", ""},
    {"from c (by x", "", ""},
    {"from c (by x\\", "", ""},
    {"by by id id", "by", "id"},
    {"(qmail 123 invoked by uid 0); x", "", ""},
    {"by", "", ""},
    {"", "", ""},
};

static void reads_received(const char *value, const char *by, const char *id)
{
    const uint8_t *octets = guarded_text(value);
    smtp_received found = smtp_received_read(octets, (uint32_t)strlen(value));

    CHECK_TEXT(octets, found.by, by);
    CHECK_TEXT(octets, found.id, id);
    for (size_t length = 0; length < strlen(value); length++)
        smtp_received_read(guarded(value, length), (uint32_t)length);
}

/* One octet more, less, or changed makes another one; where the octets stand does not. */
static void tells_apart(void)
{
    uint8_t text[41];

    for (uint32_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7);
    for (uint32_t length = 0; length < sizeof text; length++) {
        uint64_t whole = smtp_fingerprint(guarded(text, length), length);
        CHECK(whole != smtp_fingerprint(text, length + 1));
        for (uint32_t i = 0; i < length; i++) {
            text[i] ^= 0x20;
            CHECK(whole != smtp_fingerprint(text, length));
            text[i] ^= 0x20;
        }
        CHECK(whole == smtp_fingerprint(text, length));
        for (uint32_t behind = 0; behind <= length; behind += SMTP_FINGERPRINT_STEP) {
            uint32_t start = length - behind;
            uint64_t sum = smtp_fingerprint_behind(guarded(text + start, behind), behind);
            CHECK(whole == smtp_fingerprint_before(guarded(text, start), start, sum, behind));
            CHECK(whole != smtp_fingerprint_before(text, start, sum ^ 1, behind));
        }
    }
    CHECK(smtp_fingerprint((const uint8_t *)"abcdefghX", 9) != smtp_fingerprint((const uint8_t *)"abcdefgh[\0", 10));
    CHECK(smtp_fingerprint((const uint8_t *)"\0", 1) != smtp_fingerprint((const uint8_t *)"\0\0", 2));
}

void test_header(void)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        tells_its_way(ways[i].message, ways[i].received, ways[i].fields, ways[i].body);
    for (size_t i = 0; i < sizeof received / sizeof *received; i++)
        reads_received(received[i].value, received[i].by, received[i].id);
    tells_apart();
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        reads(&headers[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        decodes(words[i].word, words[i].charset, words[i].decoded);
    unfolds();
}
