/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"
#include "plugin/smtp/syntax/smtp_proxy.h"

static void header(const char *octets, size_t length, uint32_t whole)
{
    bool partial;

    CHECK(smtp_proxy_header(guarded(octets, length), (uint32_t)length, &partial) == whole && !partial);
    for (size_t cut = 1; cut < whole; cut++)
        CHECK(smtp_proxy_header(guarded(octets, cut), (uint32_t)cut, &partial) == 0 && partial);
}

#define HEADER(octets, whole) header(octets, sizeof(octets) - 1, whole)

enum {
    LONG = 16 + 0x0104
};

/* Version 2 with more than 255 octets behind its fixed part. */
static const uint8_t *long_header(void)
{
    static uint8_t octets[LONG] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\x01\x04";

    return octets;
}

void test_proxy(void)
{
    char longest[128] = "PROXY UNKNOWN ";
    bool partial;

    HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324 25\r\nEHLO x\r\n", 41);
    HEADER("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0EHLO", 16);
    HEADER("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
           "abcdefghijkl"
           "EHLO",
           28);
    header((const char *)long_header(), LONG, LONG);
    HEADER("PROXIES\r\n", 0);
    HEADER("\r\n\r\nQUIT\r\n", 0);
    memset(longest + 14, 'x', sizeof longest - 14);
    CHECK(smtp_proxy_header(guarded(longest, 107), 107, &partial) == 0 && !partial);
    CHECK(smtp_proxy_header(guarded(longest, 106), 106, &partial) == 0 && partial);
    CHECK(smtp_proxy_header(guarded("", 0), 0, &partial) == 0 && !partial);
}
