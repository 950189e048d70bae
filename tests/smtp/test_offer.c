/* test_offer.c
 * A reply that is read along, or known from the last one, is read as any other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "check.h"
#include "plugin/smtp/smtp_offer_read.h"

static const char *const replies[] = {
    "250-mx.example greets a\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
    "250-mx.example greets somebody else\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
    "250-SIZE 7\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n250 of the next\r\n",
    /* The first line has something of its own. */
    "250-mx.example\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
    "250-2.1.0 mx.example\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
    "251-mx.example\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
    "250-mx.example\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIM",
    /* The others have. */
    "250-mx.example\r\n250-SIZE 1000\n250 8BITMIME\n",
    "250-mx.example\r\n250-2.1.0 SIZE\r\n250 2.1.5 8BITMIME\r\n",
    "250-mx.example\r\n250-SIZE 2000\r\nDSN\r\n250 CHUNKING\r\n",
    "250-mx.example\r\n250-SIZE 2000\r\n251 CHUNKING\r\n",
    "250-mx.example\r\n250 XXXXXXXA\r\n",
    "250-mx.example\r\n250\r\n",
    "250-\r\n250-\r\n250 \r\n",
    "250 mx.example greets a, who is alone\r\n",
    "250-mx.example\r\n250-BINARYMIME\r\n250-CHUNKING\r\n250-DSN\r\n250-PIPELINING\r\n250 HELP\r\n",
    /* Two as long as each other, of which one offers something. */
    "250-a\r\n250 SIZE 9\r\n",
    "250 hello to all!\r\n",
    "502 no\r\n",
    "\r\n",
};

enum {
    REPLIES = sizeof replies / sizeof *replies
};

typedef struct reader {
    smtp_offers *offers;
    const void *whose;
    smtp_reply reply;
} reader;

/* Reads on with so many octets in hand. */
static void read_on(reader *at, const char *text, uint32_t length)
{
    const uint8_t *octets = guarded(text, length);

    if (at->reply.complete)
        return;
    if (at->reply.length == 0 && (smtp_reply_read(octets, length, 0, 1, &at->reply) || at->reply.length == 0))
        return;
    smtp_offers_read(at->offers, at->whose, &(smtp_input){.octets = octets, .length = length}, 0, &at->reply);
}

static bool is_same_offer(const smtp_offer *one, const smtp_offer *other)
{
    return one->keywords == other->keywords && one->mechanisms == other->mechanisms && one->size == other->size;
}

static void same(const reader *at, const char *text)
{
    smtp_memory memory = test_memory();
    smtp_reply plain = {.length = 0};
    smtp_offer offer;

    smtp_reply_read(guarded_text(text), (uint32_t)strlen(text), 0, SMTP_LONGEST_WAIT, &plain);
    CHECK(memcmp(&plain, &at->reply, sizeof plain) == 0);
    memory.offers = at->offers;
    offer = smtp_offer_read(guarded(text, plain.length), plain.length);
    CHECK(is_same_offer(smtp_offers_keep(&memory, at->whose, guarded(text, plain.length), plain.length), &offer));
}

/* One behind the other, the second cut anywhere. */
static void read_both(const char *first, const char *second)
{
    for (uint32_t cut = 0; cut <= strlen(second); cut++) {
        smtp_offers offers = {.kept = NULL};
        reader one = {&offers, &one, {.length = 0}}, other = {&offers, &one, {.length = 0}};

        read_on(&one, first, (uint32_t)strlen(first));
        if (cut % 2 == 0)
            same(&one, first);
        read_on(&other, second, cut);
        read_on(&other, second, (uint32_t)strlen(second));
        same(&other, second);
        forget_memory();
    }
}

/* Two sessions at once, each with all its octets or with one more at a time. */
static void read_at_once(const char *first, const char *second, uint32_t step)
{
    smtp_offers offers = {.kept = NULL};
    reader one = {&offers, &one, {.length = 0}}, other = {&offers, &other, {.length = 0}};
    uint32_t of_one = (uint32_t)strlen(first), of_other = (uint32_t)strlen(second);

    for (uint32_t at = 1; at < of_one + step || at < of_other + step; at += step) {
        read_on(&one, first, at < of_one ? at : of_one);
        read_on(&other, second, at < of_other ? at : of_other);
    }
    same(&one, first);
    same(&other, second);
    forget_memory();
}

/* What was retransmitted shorter is read from its start again. */
static void read_again(const char *text)
{
    smtp_offers offers = {.kept = NULL};
    reader one = {&offers, &one, {.length = 0}};
    uint32_t length = (uint32_t)strlen(text);

    read_on(&one, text, length - 1);
    one.reply = (smtp_reply){.length = 0};
    read_on(&one, text, length / 2);
    read_on(&one, text, length);
    same(&one, text);
    forget_memory();
}

/* What is the same is kept once, though it is said otherwise, and read in another session. */
static void test_kept_once(void)
{
    smtp_memory memory = test_memory();
    const smtp_offer *kept[4];

    for (int i = 0; i < 4; i++) {
        const char *text = i == 2 ? "250-x\r\n250-auth LOGIN PLAIN\r\n250-8bitmime\r\n250 SIZE 1000\r\n" : replies[i];
        reader one = {memory.offers, &kept[i], {.length = 0}};

        read_on(&one, text, (uint32_t)strlen(text));
        kept[i] = smtp_offers_keep(&memory, one.whose, guarded_text(text), one.reply.length);
    }
    CHECK(kept[0] == kept[1] && kept[1] == kept[2] && kept[2] == kept[3]);
    CHECK(kept[0]->size == 1000 && smtp_offer_has(kept[0], SMTP_OFFER_EIGHT_BIT));
    forget_memory();
}

void test_offer(void)
{
    for (int i = 0; i < REPLIES; i++) {
        for (int k = 0; k < REPLIES; k++) {
            read_both(replies[i], replies[k]);
            read_at_once(replies[i], replies[k], 1);
            read_at_once(replies[i], replies[k], 20);
            read_at_once(replies[i], replies[k], 1000);
        }
        read_again(replies[i]);
    }
    test_kept_once();
}
