/* smtp_expectation.c
 * What the client's next octets are: one value, written here alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "smtp_expectation.h"

#include <assert.h>

/* All but the doubt begins anew. */
static void expect(smtp_expectation *expectation, smtp_expected what)
{
    *expectation = (smtp_expectation){.what = what, .doubt = expectation->doubt};
}

void smtp_expect_commands(smtp_expectation *expectation)
{
    expect(expectation, SMTP_EXPECT_COMMANDS);
}

void smtp_expect_answer(smtp_expectation *expectation)
{
    expect(expectation, SMTP_EXPECT_ANSWER);
}

void smtp_expect_message(smtp_expectation *expectation)
{
    expect(expectation, SMTP_EXPECT_MESSAGE);
}

void smtp_expect_counted(smtp_expectation *expectation, smtp_expected what, smtp_exchange *announced_by,
                         uint64_t octets)
{
    assert(what == SMTP_EXPECT_CHUNK || what == SMTP_EXPECT_BLOB);
    assert(announced_by && octets > 0);
    expect(expectation, what);
    expectation->counted = announced_by;
    expectation->left = octets;
}

void smtp_expectation_doubt(smtp_expectation *expectation, bool doubt)
{
    expectation->doubt = doubt;
}

void smtp_expectation_count(smtp_expectation *expectation, uint64_t octets)
{
    assert(smtp_expectation_is_counted(expectation) && octets <= expectation->left);
    expectation->left -= octets;
    expectation->begun = true;
}

void smtp_expectation_end(smtp_expectation *expectation, uint32_t length, uint32_t reclaimed)
{
    assert(expectation->what == SMTP_EXPECT_MESSAGE);
    expectation->end_length = length;
    expectation->end_reclaimed = reclaimed;
}
