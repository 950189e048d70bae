/* check.h
 * What the unit tests share: checks, and octets that end at a page nobody may
 * touch, so that reading one too many crashes at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int checks_made;
extern int checks_failed;

#define CHECK(condition) check((condition), __FILE__, __LINE__, #condition)
#define CHECK_TEXT(octets, span, text) check_text((octets), (span).offset, (span).length, (text), __FILE__, __LINE__)

void check(bool holds, const char *file, int line, const char *what);
void check_text(const uint8_t *octets, uint32_t offset, uint32_t length, const char *text, const char *file, int line);

/** A copy of the octets whose last one is the last of a readable page. */
const uint8_t *guarded(const void *octets, size_t length);

/** As guarded(), of a string without its NUL. */
const uint8_t *guarded_text(const char *text);

/** Memory for a session; given back by forget_memory(). */
struct smtp_memory test_memory(void);
void forget_memory(void);

void test_header(void);
void test_line(void);
void test_odd(void);
void test_offer(void);
void test_mime(void);
void test_command(void);
void test_path(void);
void test_parameter(void);
void test_proxy(void);
void test_reply(void);
void test_body(void);
void test_octets_of_messages(void);
void test_lookalike(void);
void test_alike(void);
void test_numbered(void);
void test_auth(void);
void test_secret(void);
void test_sniff(void);
void test_tls(void);
void test_session(void);

#endif /* CHECK_H */
