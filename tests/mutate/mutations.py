# SPDX-License-Identifier: GPL-2.0-or-later
"""The mutations: one line of smtpx changed, and the rule that this breaks.

The old text must occur exactly once in its file. A mutation should be one that somebody could make by
mistake: a condition left out, turned round or off by one, a row with another's value.
"""

from dataclasses import dataclass


@dataclass
class Mutation:
    file: str
    old: str
    new: str
    rule: str


SESSION = "plugin/smtp/session/smtp_"
SYNTAX = "plugin/smtp/syntax/smtp_"
TABLE = "plugin/smtp/smtp_"
LEARN = "plugin/epan/learn/smtpx_"
DRAW = "plugin/epan/draw/smtpx_"

MUTATIONS = {
    # ---- The session: pairs ----
    "220-needs-no-greeting": Mutation(
        f"{SESSION}session_pair.c", "    if (session->greeted)\n", "    if (0)\n",
        "a session has one greeting"),
    "lost-commands-are-answered": Mutation(
        f"{SESSION}session_pair.c", "smtp_pending_is_doubtful(pending) && !find_proven(pending, code, input->unread > 0)", "0",
        "where commands were lost, only a code that proves its command is paired"),
    "proof-of-a-lost-command": Mutation(
        f"{SESSION}session_pair.c", "(input->unread || pending->doubt || has_gap(session))) {", "0) {",
        "354 answers nothing but DATA: where DATA was lost, it answers nothing that was seen"),
    "waited-for-nothing": Mutation(
        f"{SESSION}session_gap_server.c", "    if (!had->waited || !have_room(", "    if (1 || !have_room(",
        "a client that pipelines has waited for the replies to DATA and to a message"),
    "only-one-is-waited-for": Mutation(
        f"{SESSION}session_gap.c", "exchange == (waited ? waited->next : session->pending.oldest)", "false",
        "of one that was pending the reply is what the client has had"),
    "lmtp-for-known-recipients": Mutation(
        f"{SESSION}session_several.c", "transaction->accepted == 1 && transaction->partly_seen &&", "false &&",
        "a recipient whose reply is missing may get the mail, and a reply to it of its own"),
    "offer-of-another-reply": Mutation(
        f"{TABLE}offer_read.c", "offers->read == length && may_offer(octets, length)", "offers->read == length",
        "what a reply offers is what was read of that reply"),
    "offer-with-remarks": Mutation(
        f"{TABLE}offer_read.c", " ||\n        smtp_remarks_any(&reply->remarks))", ")",
        "what is odd in a reply is told again where it is said again"),
    "recipients-alike-with-parameters": Mutation(
        f"{SESSION}session_alike.c", "command->of.path.parameters.length == 0", "1",
        "a recipient with parameters is judged by itself, also behind one without in the same segment"),
    "recipients-answered-alike": Mutation(
        f"{SESSION}session_alike.c",
        "memcmp(input->octets, input->octets - before->length, before->length) == 0", "input->octets[0] == '2'",
        "a reply that says something else than the one before is read by itself"),
    "lmtp-one-reply": Mutation(
        f"{SESSION}session_several.c", "code == 353 || session->facts.protocol == SMTP_PROTOCOL_LMTP", "code == 353",
        "LMTP answers a message for each recipient"),
    "prdr-one-reply-less": Mutation(
        f"{SESSION}session_effect.c",
        "(session->facts.protocol != SMTP_PROTOCOL_LMTP || smtp_recipient_accepted(recipient->next))",
        "smtp_recipient_accepted(recipient->next)",
        "behind PRDR's replies for each recipient comes one for the message"),
    "lmtp-taken-for-one": Mutation(
        f"{SESSION}session_several.c", " && smtp_code_refuses(oldest->code) &&\n", " &&\n",
        "LMTP that has taken a message for one recipient answers it for each"),
    "lmtp-chunk-for-nobody": Mutation(
        f"{SESSION}session_several.c", "oldest->transaction->accepted == 0 && smtp_code_is_completion(code));",
        "oldest->transaction->accepted == 0);", "a last chunk for nobody that LMTP refuses has that reply"),
    "refused-before-the-dot": Mutation(
        f"{SESSION}session_pair.c", "(!transaction->invited && (!smtp_code_refuses(code) || code / 10 == 50))", "!transaction->invited",
        "a server may refuse a message before its final dot"),
    "lookalike-unread": Mutation(
        f"{SESSION}session_pair.c", "    if (input->unread || session->reader ||", "    if (session->reader ||",
        "where the server had more of the message than was seen, no look-alike was its end"),
    "smuggled-by-any-reply": Mutation(
        f"{SESSION}session_reread.c", "return input->acknowledged && input->acknowledged <=",
        "return !input->acknowledged || input->acknowledged <=",
        "a reply to what the client has said behind its message proves no look-alike"),
    "unknown-bdat-ends-it": Mutation(
        f"{SESSION}session_effect.c", "        refuse_message(session, unit);\n", "        end_message(session, code, unit);\n",
        "a server that does not know BDAT has not refused the mail: DATA may follow"),
    "unknown-bdat-unsent-ends-it": Mutation(
        f"{SESSION}session_effect.c", "unit->exchange->last && !smtp_code_is_unknown(code)", "unit->exchange->last",
        "the same where the client has not sent the chunk"),
    "another-message-for-nobody": Mutation(
        f"{SESSION}transaction_again.c", "        copy_recipient(session, transaction, recipient);\n", "        break;\n",
        "behind a message that came unasked and was refused, the next one is for the recipients that the server knows"),
    "mail-in-text-is-one": Mutation(
        f"{SESSION}session_effect.c", "            line->transaction->none = true;\n", "            ;\n",
        "MAIL between DATA and its 354 is text, and no mail"),
    "auth-answer-is-a-mail": Mutation(
        f"{SESSION}session_pair.c", "        transaction->none = true;\n", "        ;\n",
        "an answer to a challenge, with which the capture begins, is no mail"),
    "cancel-is-challenged": Mutation(
        f"{SESSION}session_doubt.c", " && !smtp_exchange_cancels(newest)", "",
        "a login that is given up gets no challenge any more"),
    "chunk-behind-refused-data": Mutation(
        f"{SESSION}transaction.c", "transaction->not_taken && smtp_rare_of(transaction)->refused_chunk;",
        "transaction->not_taken;", "what becomes of a chunk behind a refused DATA is not known by that"),
    "all-behind-an-attack-is-one": Mutation(
        f"{SESSION}session_tls.c", "    server->injected = true;\n", "    session->upgrade.injected = server->injected = true;\n",
        "behind text that the server was not asked for, what both say in clear is an attack if TLS follows"),
    "smuggled-in-step-forgotten": Mutation(
        f"{SESSION}session_reread.c", "        shift_pairs(session, session->reader);\n", "",
        "once a look-alike was the end, what seemed to be answered behind its message waits for its reply again"),
    "recipient-asked-again-twice": Mutation(
        f"{SESSION}transaction_again.c", "    remove_recipient(transaction, answered);\n", "",
        "a recipient that waits for its reply again counts once"),
    "smuggled-chunk-unread": Mutation(
        f"{SESSION}session_server.c", "        smtp_reader_take_reply(session, session->reader, answer->code);\n", "        ;\n",
        "the octets of a smuggled BDAT are its mail's"),
    "smuggled-chunk-unread-in-step": Mutation(
        f"{SESSION}session_reread.c", "    smtp_reader_take_reply(session, reader, answered->code);\n", "",
        "so are those of one whose reply came before the proof"),
    "smuggled-mail-closed": Mutation(
        f"{SESSION}session_reread.c", "    leave_open(session, reader);\n    if (goes_on", "    if (goes_on",
        "a smuggled mail that is open takes what the client says next"),
    "smuggled-mail-closed-at-first": Mutation(
        f"{SESSION}session_reread.c", "    if (is_over(session, reader))\n        leave_open", "    if (0)\n        leave_open",
        "so does one that the reply which proves it finds open"),
    "smuggled-mail-closed-for-a-mail": Mutation(
        f"{SESSION}transaction_again.c", "        smtp_transaction_rare(session, exchange->transaction)->previous = open;\n", "        ;\n",
        "a MAIL of the client that waits for its reply is behind the smuggled one"),
    "smuggled-mail-is-the-clients": Mutation(
        f"{SESSION}session_judge.c", " && !smtp_rare_of(transaction)->within;", ";",
        "a client that knows nothing of a smuggled mail sends nothing out of order"),
    "asked-again-too-late": Mutation(
        f"{SESSION}session_reread.c", "session->reply.came_first && count == 0;", "session->reply.came_first;",
        "what is asked again was said before the reply that proves it"),
    "smuggled-chunk-of-lines": Mutation(
        f"{SESSION}session_reader.c", "    if (smtp_code_is_unknown(code)) {\n", "    if (0) {\n",
        "who does not know BDAT has read lines behind it"),
    "smuggled-in-step-untold": Mutation(
        "plugin/epan/taps/smtpx_tap.c", "return exchange ? smtp_exchange_proved(exchange) : NULL;", "return NULL;",
        "a smuggled mail that was refused before the proof is known with the proof"),
    "smuggled-in-step-without-its-frame": Mutation(
        f"{SESSION}session_reread.c", "    reread->reply_frame = answered->reply_frame;\n", "",
        "a smuggled mail that was refused before the proof ended in that reply"),
    "smuggled-in-step-paired": Mutation(
        f"{SESSION}session_reread.c", "    smtp_session_more(session, reread)->elsewhere = true;\n", "",
        "a command and a reply say the same of their pair"),
    "smuggled-begins-with-its-reply": Mutation(
        f"{SESSION}session_reader.c", "    if (unit->transaction && !smtp_rare_of(unit->transaction)->within)", "    if (0)",
        "what was smuggled without MAIL begins in the message"),
    "chunk-asked-again-for-a-part": Mutation(
        f"{SESSION}session_reread.c", "    exchange->last = answered->last;\n", "",
        "the last chunk, asked again, decides on its mail"),
    "chunk-asked-again-decided": Mutation(
        f"{SESSION}transaction_again.c", "    take_back_decision(transaction, answered);\n", "",
        "a reply that was to something else decides nothing"),
    "login-asked-again-by-its-verb": Mutation(
        f"{SESSION}session_reread.c", "    more->mechanism = smtp_exchange_mechanism(answered);\n", "",
        "AUTH, asked again, is of its mechanism"),
    "reply-before-tls-unremarked": Mutation(
        f"{DRAW}view_reply.c", "    if (!smtpx_view_has_remarks(record))\n", "    if (!smtp_remarks_any(smtpx_record_remarks(record)))\n",
        "a reply in clear is an attack if TLS follows, whatever else it is"),
    "second-220-injected": Mutation(
        f"{SESSION}session_tls.c", " && !is_accepted_again(input));", ");",
        "a second 220 to STARTTLS answers nothing inside TLS"),
    "second-220-expected": Mutation(
        f"{SESSION}session_server.c", "!(session->upgrade.accepted && smtp_code_refuses(answer->code)) &&", "!session->upgrade.accepted &&",
        "nobody asks for a second 220"),
    "smuggled-without-proof": Mutation(
        f"{SESSION}session_reread.c", "end->reply_frame && session->pending.oldest != end", "true",
        "one reply proves nothing: the message itself is answered first"),
    "verb-with-a-colon": Mutation(
        f"{TABLE}pattern.c", "smtp_verb_find(line + name.offset, name.length - 1) == SMTP_VERB_UNKNOWN", "true",
        "a verb with a colon is no field of a header"),
    "record-put-together-of-its-middle": Mutation(
        "plugin/epan/entry/smtpx_tls.c", "are_last && begins_record(part) ?", "are_last ?",
        "TLS waits for the rest of a record of which it has the start, for no other octets"),
    "header-behind-a-gap": Mutation(
        f"{SESSION}session_end.c", "(may_be_start && input->length >= SMTP_TLS_SURE)", "false",
        "the header of a TLS record is no text, also behind missing octets"),
    "title-without-an-end": Mutation(
        f"{DRAW}view.c", "if (view->titled > TITLE_MOST) {", "if (false) {",
        "the protocol's row ends in dots where it has no room for more"),
    "shell-within-the-address": Mutation(
        "plugin/smtp/smtp_exploit.c", "row->test == OUTSIDE ? within_brackets(line, command) :", "",
        "a bracket ends a path for nobody who gives it to a shell"),
    "look-alike-at-any-dot": Mutation(
        "plugin/smtp/syntax/smtp_lookalike.c", "if ((first != '\\n' && !nul) || ", "if (",
        "a dot in the middle of a line is no look-alike"),
    "replies-seen-by-the-client": Mutation(
        f"{SESSION}session_gap_server.c", "heard ? session->unread.answered : pending->newest", "pending->newest",
        "replies that the client had before its command do not answer it"),
    "early-chunk-time": Mutation(
        f"{SESSION}session_message.c", "    if (!announced_by->reply_frame)\n", "    if (1)\n",
        "no time is negative: a chunk that was refused early keeps BDAT's time"),

    "lmtp-refused-at-once": Mutation(
        f"{SESSION}session_several.c", "if (message->left && !session->pending.pipelined)", "if (0)",
        "a message that was refused with one reply waits for no other one, once the client goes on"),
    "lmtp-left-unseen": Mutation(
        f"{SESSION}session_pair.c", "if (smtp_session_leaves_unseen(session, input))", "if (0)",
        "the reply to a lost MAIL is not that of the second recipient"),
    "lmtp-early-quit": Mutation(
        f"{SESSION}session_several.c", "return may_answer_next(code, message->next);", "return true;",
        "QUIT does not get 250: that is for another recipient"),
    "lmtp-quit-refused": Mutation(
        f"{SESSION}session_several.c", "is_hardly_refused && smtp_code_refuses(code)", "0",
        "QUIT is not refused for a message's sake: that is for another recipient"),
    "lmtp-503-is-of-a-message": Mutation(
        f"{SESSION}session_several.c", "return message->last && message->reply_frame &&", "return 0 &&",
        "503 answers a command, and not a message for its second recipient"),
    "nested-mail-replies": Mutation(
        f"{SESSION}session_several.c", "    oldest->transaction = smtp_transaction_open(oldest->transaction);\n", "",
        "a message behind a refused MAIL is that of the mail before, for its recipients"),

    "proxy-is-text": Mutation(
        f"{SESSION}session.c", "(input->octets[0] == '\\r' && input->length <= EMPTY_LINES", "(input->length <= EMPTY_LINES",
        "a proxy's header is one, however it is cut and wherever the capture begins"),
    # ---- The session: gaps ----
    "gap-is-a-message": Mutation(
        f"{SESSION}session_gap.c", "what == SMTP_EXPECT_MESSAGE && session->reply.last_code == 354", "0",
        "what was lost before a 354 is no message"),
    "gap-no-doubt": Mutation(
        f"{SESSION}pending.c", "pending->oldest || pending->doubt ? 0 : pending->of_missing;", "0;",
        "a reply behind a lost command may be that command's"),
    "last-line-cut": Mutation(
        f"{SESSION}session_end.c", "|| is_cut(session, direction, input)", "",
        "the start of a last line is no command, where the server had more of it"),
    "gap-ahead": Mutation(
        f"{SESSION}session_gap.c", "return pending->pipelined && pending->doubt;", "return false;",
        "what a client that does not wait had acknowledged does not tell that all was answered"),
    "gap-is-a-line-start": Mutation(
        f"{SESSION}session_doubt.c", "return next->after_gap && !next->after_line;", "return !next;",
        "behind a gap the rest of a line is no command"),
    "reply-in-a-message-lost": Mutation(
        f"{SESSION}session_pair.c", "transaction->start_missing || session->reply.lost ||", "transaction->start_missing ||",
        "where replies are missing since the 354, the next one need not be the message's"),
    "message-may-be-taken": Mutation(
        f"{SESSION}session_pair.c", "    if (session->reply.lost)\n        smtp_transaction_miss(transaction);\n", "",
        "421 refuses no message of which the reply may be missing, though its end is not known"),
    "dot-in-a-gap": Mutation(
        f"{SESSION}session_pair.c", "!smtp_body_may_have_ended(&session->client.body, session->pending.pipelined) || ", "",
        "where the final dot is missing, nobody knows which frame the reply answers"),
    "room-for-replies": Mutation(
        f"{SESSION}session_gap_server.c", "smtp_pending_miss_replies(pending, last, missing, heard && waited);",
        "smtp_pending_miss_replies(pending, last, missing, heard);",
        "a client that had less than a reply to each command has not waited for all"),
    "code-cut-within": Mutation(
        f"{SESSION}session_gap_server.c", " || server->start.length + lost < SMTP_SHORTEST_REPLY;", ";",
        "no line ends where a code and a line end have no room"),
    "half-reply-then-unread": Mutation(
        f"{SESSION}session_pair.c", "return smtp_pending_may_miss_one(input) || code == 421;", "return code == 421;",
        "a reply behind the end of another one is to the command that was not read"),
    "half-reply-then-421": Mutation(
        f"{SESSION}session_pair.c", "return smtp_pending_may_miss_one(input) || code == 421;",
        "return smtp_pending_may_miss_one(input);", "421 behind the end of a reply is another one"),
    "final-without-code": Mutation(
        f"{SESSION}session_gap_server.c", "        if (ended.least > 0)\n", "        if (0)\n",
        "a reply without its code is one of those to a message"),
    "server-never-read-again": Mutation(
        f"{SESSION}session_gap.c", "    smtp_transaction_miss_sender(session->client.transaction);\n", "",
        "a mail that was refused may go on where the reply to a later MAIL is missing"),
    "digits-heard": Mutation(
        f"{SESSION}session_gap_server.c", "(!heard || is_in_next_line(session))", "!heard",
        "digits behind a gap are text where no second reply is due"),
    "codeless-before-a-gap": Mutation(
        f"{SESSION}session.c", "input->acknowledged == server->read)", "input->acknowledged >= server->read)",
        "a line without a code is no answer where a reply behind it is missing"),
    "gap-in-chunk": Mutation(
        f"{SESSION}session_gap.c", "        smtp_transaction_rare(session, session->client.transaction)->missing += missing;\n", "",
        "a chunk with a hole is no whole message"),
    "gap-forgets-nothing": Mutation(
        f"{SESSION}session_gap.c", "!asks_for_login(auth) || auth->challenges < 2", "0",
        "where an AUTH answer was lost, the next one is not read as the first"),
    "another-message-in-text": Mutation(
        f"{SESSION}session_gap.c", "    if (asks_for_another(session)) {\n        begin_asked_for(session);",
        "    if (0) {\n        begin_asked_for(session);",
        "what follows the 354 to commands that were read as text is the next message"),

    # ---- The session: what follows, and doubt ----
    "dots-are-messages": Mutation(
        f"{SESSION}session_doubt.c", "awaits_reply_to(session, SMTP_VERB_END_OF_DATA)", "false",
        "a lone dot right behind the end of a message ends no other"),
    "refused-data-is-followed": Mutation(
        f"{SESSION}session_effect.c", "SMTP_EXPECT_ANSWER ||\n        session->client.expectation.what == SMTP_EXPECT_MESSAGE)",
        "SMTP_EXPECT_ANSWER)",
        "behind a refused DATA come commands, also where its message was sent early"),
    "no-early-message": Mutation(
        f"{SESSION}session_doubt.c", "session->client.expectation.doubt || awaits_data_reply(session)",
        "session->client.expectation.doubt", "text behind DATA, sent before the 354, is the message"),
    "message-without-its-end": Mutation(
        f"{SESSION}session_doubt.c", "session->client.expectation.what == SMTP_EXPECT_MESSAGE && is == SMTP_IS_LINE", "0",
        "a certain command behind a gap in a message shows that the message has ended"),
    "presumed-from-its-start": Mutation(
        f"{SESSION}session_doubt.c", "transaction->start_missing = !data;", "transaction->start_missing = false;",
        "the start of a message whose DATA was not seen is not known"),

    "heard-and-unheard-as-one": Mutation(
        f"{SESSION}session_gap_server.c", "if (!heard && heard_of > 0) {", "if (0) {",
        "of missing replies the client had some when it went on: those are of what it had said before"),
    "broken-greeting-answers-ehlo": Mutation(
        f"{SESSION}session_gap_server.c", "next->broken = had.of_server > 0 ? 0 : broken_code(session, server);",
        "next->broken = broken_code(session, server);", "a reply that broke off and was heard is none to what was said behind it"),
    "in-hand-is-missing": Mutation(
        f"{SESSION}session_gap.h", "return missing > in_hand ? missing - in_hand : 0;", "return missing;",
        "octets that were in hand of a unit are not among those that were never seen"),
    "auth-answered-twice": Mutation(
        f"{SESSION}session_pair.c", "|| was_challenged(code, exchange))", ")",
        "the result of AUTH answers the last of what was said in it"),
    "lmtp-not-learned": Mutation(
        f"{SESSION}session_pair.c", "if (smtp_session_learns_lmtp(session, input, code))", "if (0)",
        "a second reply to a message for two recipients shows LMTP"),
    "idle-421-is-lmtp": Mutation(
        f"{SESSION}session_several.c", "code == 421 ||\n        code == 221", "code == 221",
        "a server that hangs up does not answer a message again"),
    "421-refuses-the-unknown": Mutation(
        f"{SESSION}transaction.c", "return transaction->partly_seen && transaction->phase != SMTP_PHASE_ENVELOPE;", "return false;",
        "421 refuses no message of which the reply may be missing"),
    "refused-data-again": Mutation(
        f"{SESSION}transaction.c", "transaction->chunked = transaction->not_taken = false;", "transaction->chunked = false;",
        "a message behind a second DATA shows that the refusal of the first was not the end"),
    "sender-of-a-refused-mail": Mutation(
        f"{SESSION}transaction.c", "transaction->sender_unsure = transaction->list_unsure = true;", "transaction->list_unsure = true;",
        "where the reply to MAIL and commands are missing, nobody knows the sender"),
    "refused-before-a-lost-rset": Mutation(
        f"{SESSION}transaction.c", "transaction->sender_unsure = transaction->list_unsure = true;", "transaction->sender_unsure = true;",
        "a recipient that was refused before commands may be missing is none of the mail behind them"),
    "commands-in-presumed-text": Mutation(
        f"{SESSION}session_pair.c", "input->unread || has_presumed_text(session)", "input->unread",
        "where text is presumed, a reply may answer a command in it"),
    "group-with-a-lost-reply": Mutation(
        f"{SESSION}session_client.c", "(!input->unread || input->unread < fewest_replies(session))", "!input->unread",
        "a client that had no room for the replies has not waited for them"),
    "greeting-without-its-start": Mutation(
        f"{SESSION}session_server.c", "session->greeted = session->greeted || ended.least > 0;", "",
        "the rest of a greeting is the greeting"),
    "reply-before-what-is-pending": Mutation(
        f"{SESSION}session_pair.c", "input->position > 0 && input->position < session->pending.heard", "false",
        "a reply that the client had answers nothing that it said behind it"),
    "line-begun-in-a-message": Mutation(
        f"{SESSION}session_gap.c", "client->in_long_line = !smtp_body_is_behind_line(&session->client.body);", "",
        "behind a message that was taken a line may have begun"),
    "late-data-is-text": Mutation(
        f"{SESSION}session_client.c", "case SMTP_IS_LATE:\n        late_command_unit(", "case SMTP_IS_LATE:\n        line_unit(",
        "DATA that is captured behind its 354 is a command"),
    "rest-of-a-line-in-step": Mutation(
        f"{SESSION}session_gap.c", "(client->in_long_line || ", "(",
        "a client that is inside a line has not waited"),
    "closing-takes-mail": Mutation(
        f"{SESSION}session_effect.c", "if (code == 221 && exchange->verb != SMTP_VERB_QUIT)", "if (0)",
        "a server that closes with 221 has taken nothing"),
    "obeyed-without-mail": Mutation(
        f"{SESSION}session_doubt.c", "        data->transaction = transaction;\n", "",
        "a message is obeyed also where there was no MAIL"),
    "nested-mail-forgets-recipients": Mutation(
        f"{SESSION}session_judge_reply.c",
        "judge->rcpt || has_recipients(smtp_transaction_open(exchange->transaction))", "judge->rcpt",
        "where MAIL in a transaction is refused, that has its recipients still"),
    "codeless-noop-of-a-mail": Mutation(
        f"{SESSION}session_pair.c", "if (concerns_mail(exchange))", "if (1)",
        "a line without a code behind NOOP says nothing of the mail"),

    # ---- The session: transactions ----
    "refusal-decides": Mutation(
        "plugin/smtp/session/smtp_transaction.c", "    if (!accepted)\n        conclude(session, transaction, exchange, unit);\n",
        "", "a mail whose last recipient is refused is told of there"),
    "given-up-is-refused": Mutation(
        f"{SESSION}transaction.c", "transaction->refused > 0 && transaction->accepted == 0",
        "transaction->refused > 0", "a transaction with a recipient that was accepted is given up, not refused"),
    "stuffed-dots-count": Mutation(
        f"{SESSION}transaction.c", "transaction->octets - (transaction->chunked ? 0 : transaction->stuffed_lines)",
        "transaction->octets", "a message's octets are counted without stuffed dots"),
    "hung-up-goes-on": Mutation(
        f"{SESSION}session_effect.c", "    refuse_session(session, unit);\n    if (session->client.expectation",
        "    if (session->client.expectation", "421 ends the transaction"),
    "rset-goes-on": Mutation(
        f"{SESSION}session_client.c", "command->verb == SMTP_VERB_RSET || command->verb == SMTP_VERB_QUIT",
        "command->verb == SMTP_VERB_QUIT", "commands behind RSET in a group are outside of the transaction"),

    # ---- The session: AUTH and TLS ----
    "auth-step-stays": Mutation(
        f"{SESSION}session_client.c", "    if (auth->step < UINT8_MAX)\n", "    if (0)\n",
        "where challenges say nothing, LOGIN's second answer is the password"),
    "auth-initial-is-no-step": Mutation(
        f"{SESSION}session_client.c", "auth->step = argument->has_initial;", "auth->step = 0;",
        "behind an initial response LOGIN's next answer is the password"),
    "challenge-is-not-read": Mutation(
        f"{SESSION}session_effect.c", "    auth->step = (uint8_t)step;\n", "",
        "LOGIN's challenges say what they want"),
    "layer-behind-a-command": Mutation(
        f"{SESSION}session_client.c", "session->client.auth.may_protect = session->client.auth.last = NULL;", "session->client.auth.last = NULL;",
        "where a command came in clear, no security layer has begun"),
    "starttls-is-waited-for": Mutation(
        f"{SESSION}session_tls.c", "if (is_behind_starttls(session, input) || (upgrade", "if ((upgrade",
        "a command in the same group as STARTTLS is remarkable"),
    "tls-that-never-came": Mutation(
        f"{SESSION}session_effect.c", "    session->upgrade = (smtp_upgrade){.asked = NULL}; /* TLS did not come */\n", "",
        "a server that answers EHLO in clear gave TLS up"),
    "server-is-forgotten": Mutation(
        f"{SESSION}session.c", "    inside->facts.server = outside->facts.server;\n", "",
        "the greeting's domain is known inside TLS, too"),
    "tls-never-ends": Mutation(
        f"{SYNTAX}tls.c", "if (taken > 0 || (tls->held == 0 && is_text(octets[0])))", "if (taken > 0)",
        "clear text may follow a record"),
    "line-hides-tls": Mutation(
        f"{SESSION}session.c", "        all.length = limit;\n", "",
        "a line ends where TLS begins"),
    "injected-text-is-a-reply": Mutation(
        f"{SESSION}session_tls.c", "    return server->injected || (", "    return 0 && (",
        "what a server says unasked before TLS is not waited for"),
    "clear-before-tls": Mutation(
        f"{SESSION}session_tls.c", "        upgrade->clear[i]->before_tls = true;\n", "        (void)i;\n",
        "clear text behind STARTTLS is an attack where TLS follows"),
    "tls-was-taken-off": Mutation(
        f"{SESSION}session_tls.c", "(upgrade->accepted && upgrade->injected)", "upgrade->accepted",
        "a session that simply goes on in clear is no attack"),
    "challenge-in-text": Mutation(
        f"{SESSION}session_effect.c", "    smtp_session_end_presumed_text(session);\n", "",
        "what answers a challenge is an answer, also where the capture begins in AUTH"),
    "closing-is-a-login": Mutation(
        "plugin/smtp/syntax/smtp_code.h", "return smtp_code_is_completion(code) && code != 221;", "return smtp_code_is_completion(code);",
        "221 to an answer is to QUIT: nobody has logged in; nor is a recipient taken by it"),

    # ---- Rows of the tables ----
    "verb-effect": Mutation(
        f"{TABLE}verbs.def", 'VERB(STARTTLS, "STARTTLS", TLS, TLS, NONE, NONE)',
        'VERB(STARTTLS, "STARTTLS", TLS, NONE, NONE, NONE)', "behind an accepted STARTTLS comes TLS"),
    "verb-refused": Mutation(
        f"{TABLE}verbs.def", 'VERB(SOML, "SOML", FROM, SENDER, NONE, DROP)',
        'VERB(SOML, "SOML", FROM, SENDER, NONE, NONE)', "a refused SOML begins no transaction"),
    "verb-shape": Mutation(
        f"{TABLE}verbs.def", 'VERB(XFORWARD, "XFORWARD", ATTRIBUTES,', 'VERB(XFORWARD, "XFORWARD", WILD,',
        "XFORWARD has attributes"),
    "keyword-parameter": Mutation(
        f"{TABLE}keywords.def", 'KEYWORD("SIZE", IANA, SIZE,', 'KEYWORD("SIZE", IANA, NONE,', "SIZE has a number"),
    "parameter-grammar": Mutation(
        f"{TABLE}parameters.def", 'PARAMETER(SIZE, "SIZE", MAIL, SIZE,', 'PARAMETER(SIZE, "SIZE", MAIL, ANY,',
        "MAIL's SIZE is a number"),
    "parameter-command": Mutation(
        f"{TABLE}parameters.def", 'PARAMETER(NOTIFY, "NOTIFY", RCPT,', 'PARAMETER(NOTIFY, "NOTIFY", MAIL,',
        "NOTIFY is a parameter of RCPT"),
    "code-meaning": Mutation(
        f"{TABLE}codes.def", 'CODE(452, "Insufficient system storage or too many recipients")',
        'CODE(452, "Exceeded storage allocation")', "a code means what the documents say"),
    "code-meaning-after": Mutation(
        f"{TABLE}codes.def", "AFTER(554, GREETING,", "AFTER(554, EHLO,",
        "what a code means may depend on the command"),
    "enhanced-meaning": Mutation(
        f"{TABLE}enhanced.def", 'ENHANCED(7, 8, FAULT, "Authentication credentials invalid"',
        'ENHANCED(7, 8, FAULT, "Authentication mechanism is too weak"', "an enhanced code means what IANA's list says"),
    "enhanced-success": Mutation(
        f"{TABLE}enhanced.def", "ENHANCED(6, 0, FAULT,", "ENHANCED(6, 0, ANY,", "a code of class 2 tells of no error"),
    "keyword-note": Mutation(
        f"{TABLE}keywords.def", '"commands sent without waiting"', '"commands"', "what a keyword is for is in the documents"),
    "mechanism-layer": Mutation(
        f"{TABLE}mechanisms.def", 'MECHANISM(GSSAPI, "GSSAPI", GSS, true,', 'MECHANISM(GSSAPI, "GSSAPI", GSS, false,',
        "GSSAPI may begin a security layer"),
    "mechanism-steps": Mutation(
        f"{TABLE}mechanisms.def", 'MECHANISM(OAUTHBEARER, "OAUTHBEARER", OAUTH,',
        'MECHANISM(OAUTHBEARER, "OAUTHBEARER", XOAUTH2,', "OAUTHBEARER names its user in a gs2-header"),
    "remark-severity": Mutation(
        f"{TABLE}remarks.def", 'REMARK(LOOKALIKE_END, "lookalike_end", ERROR,',
        'REMARK(LOOKALIKE_END, "lookalike_end", NOTE,', "a smuggled message is an error"),

    # ---- Secrets ----
    "secret-in-info": Mutation(
        "plugin/epan/draw/smtpx_view_command.c", "bool has_secret = reading->has_response && !smtpx_auth_show_secrets;",
        "bool has_secret = false;", "Info has no secret, nor base64 of one"),
    "secret-in-row": Mutation(
        "plugin/epan/draw/smtpx_view_auth.c", "    if (smtpx_auth_show_secrets)\n        return smtpx_item_text(unit",
        "    if (!smtpx_auth_show_secrets)\n        return smtpx_item_text(unit", "an answer is shown as typed to who wants secrets"),
    "login-password": Mutation(
        f"{SYNTAX}auth.c", "        return step > 0;\n", "        return step > 1;\n",
        "what answers a second challenge may be a password"),
    "securid-passcode": Mutation(
        f"{SYNTAX}auth.c", "    case SMTP_STEPS_SECURID:\n    case SMTP_STEPS_XOAUTH2:\n        return",
        "    case SMTP_STEPS_XOAUTH2:\n        return", "SECURID's later answers are PINs and passcodes"),
    "oauth-second-answer": Mutation(
        f"{SYNTAX}auth.c", "!(length == 1 && decoded[0] == 1)", "decoded[0] != 1",
        "nothing but a lone ^A is no secret behind OAUTHBEARER's error"),
    "family-like-login": Mutation(
        f"{SYNTAX}auth.c", '{"LOGIN", SMTP_MECHANISM_UNSEEN}', '{"LOGIN", SMTP_MECHANISM_LOGIN}',
        "what a mechanism with a name like LOGIN's sends first may be a secret"),
    "malformed-is-shown": Mutation(
        f"{SYNTAX}auth.c", "    response.malformed = response.parts.malformed;\n", "",
        "what is not as the mechanism wants may be a secret"),
    "unseen-is-shown": Mutation(
        f"{TABLE}mechanisms.def", 'MECHANISM(UNSEEN, "", SECRET,', 'MECHANISM(UNSEEN, "", OPAQUE,',
        "where AUTH was not seen, its answers may be secrets"),
    "other-is-shown": Mutation(
        f"{TABLE}mechanisms.def", 'MECHANISM(OTHER, "", SECRET,', 'MECHANISM(OTHER, "", OPAQUE,',
        "what an unknown mechanism carries may be a secret"),
    "challenge-of-another": Mutation(
        f"{SESSION}session_effect.c", "step < 0 || (auth->mechanism != SMTP_MECHANISM_UNSEEN && "
        "auth->mechanism != SMTP_MECHANISM_LOGIN)", "step < 0",
        "a challenge like LOGIN's does not make LOGIN of another mechanism, whose answer has a password"),
    "lost-challenge": Mutation(
        f"{SESSION}session_client.c", "input->unread && auth->mechanism == SMTP_MECHANISM_LOGIN &&", "0 &&",
        "where LOGIN's challenge was lost, the answer may be the password"),
    "secret-unasked": Mutation(
        f"{DRAW}view_auth.c", "    if (!smtpx_auth_show_secrets)\n        return;", "    if (0)\n        return;",
        "a secret is shown on request only"),
    "secret-as-response": Mutation(
        f"{DRAW}view_auth.c", "(!smtp_auth_has_secret(&response->parts) || smtpx_auth_show_secrets)", "true",
        "a response with a secret is not shown decoded"),
    "malformed-as-response": Mutation(
        f"{DRAW}view_auth.c", "    else if (response->malformed)\n        view_secret(", "    else if (0)\n        view_secret(",
        "a response that cannot be read is not shown decoded"),
    "no-base64-no-length": Mutation(
        f"{DRAW}view_auth.c", "if (response->malformed && !response->decoded)\n", "if (0)\n",
        "an answer that is no base64 may be a secret, and has its length"),
    "auth-glued-to-its-mechanism": Mutation(
        f"{SYNTAX}command.c", " || smtp_auth_mechanism(name + 4, length - 4) != SMTP_MECHANISM_OTHER", "",
        "AUTHPLAIN shows no secret"),
    "auth-with-a-colon": Mutation(
        f"{SYNTAX}command.c", "name[4] == ':' || ", "", "what follows \"AUTH:\" may be a secret"),
    "initial-response-is-a-word": Mutation(
        f"{SYNTAX}auth.c", "parsed.initial = smtp_span_between(start, end);",
        "parsed.initial = smtp_span_between(start, smtp_skip_token(line, start, end));",
        "all that stands behind the mechanism may be a secret"),
    "asked-for-the-user-again": Mutation(
        f"{SESSION}session_effect.c", "auth->mechanism == SMTP_MECHANISM_UNSEEN || auth->step < step)", "1)",
        "a client that has said its name may answer with the password, whatever LOGIN asks for"),
    "answer-unasked": Mutation(
        f"{SESSION}session_client.c", "bool is_unasked = !is_asked && smtp_session_is_unasked_answer(session, input, reading);",
        "bool is_unasked = false;", "what a client says in AUTH though nobody has asked for it is no command"),
    "layer-behind-nothing": Mutation(
        f"{SESSION}session_client.c", "    if (is_unasked)\n        session->client.auth.last = NULL;\n", "",
        "no security layer begins where the server has not asked for an answer"),
    "auth-with-a-mail": Mutation(
        f"{SESSION}session_judge.c", "    case SMTP_SHAPE_FROM:\n    case SMTP_SHAPE_TO:\n    case SMTP_SHAPE_CHUNK:\n    case SMTP_SHAPE_URI:\n    case SMTP_SHAPE_DOMAIN:\n",
        "    case SMTP_SHAPE_TO:\n    case SMTP_SHAPE_CHUNK:\n    case SMTP_SHAPE_URI:\n    case SMTP_SHAPE_DOMAIN:\n",
        "no answer in AUTH stands behind MAIL"),
    "secret-behind-an-odd-auth": Mutation(
        f"{DRAW}view_command.c", "    if (secret.length > 0)\n        return secret.offset - 1;\n", "",
        "a line that speaks of AUTH, and is none, shows no secret"),
    "secret-in-a-rest": Mutation(
        f"{DRAW}view_octets.c", "view->side == SMTP_CLIENT && !smtpx_auth_show_secrets && ", "0 && ",
        "the rest of a line may be a secret"),
    "name-of-a-secret": Mutation(
        f"{SESSION}session_client.c", "    if (secret.length > 0)\n", "    if (0)\n",
        "a reply does not name the secret in what it answers"),

    # ---- Reading and syntax ----
    "cut-address-is-whole": Mutation(
        f"{SYNTAX}path.c", "!found.closed && remarks->cut > 0 && found.close == end", "false",
        "a mail names an address of which the capture has the start alone with a sign for that"),
    "word-is-an-answer": Mutation(
        f"{SYNTAX}secret.c", "(!is_word(line, length) || holds_text(line, length))", "true",
        "a word behind an AUTH that was refused is a verb"),
    "any-word-is-a-verb": Mutation(
        f"{SYNTAX}secret.c", "!is_word(line, length) || holds_text(line, length)", "!is_word(line, length)",
        "base64 of a text is an answer, though it be in one case"),
    "comma-ends-an-address": Mutation(
        f"{SYNTAX}path.c", "return stop < end && line[stop] == '>' ? stop : end;", "return stop;",
        "an address ends at its bracket"),
    "odd-octets-in-a-path": Mutation(
        f"{TABLE}pattern.c", "if (has_path(command) && command->of.path.has_special && !command->cut)", "if (0)",
        "octets that no path may hold are remarked on"),
    "literal-is-odd": Mutation(
        f"{SYNTAX}path.c", "uint32_t end = find_literal(line, path->address), at", "uint32_t end = smtp_span_end(path->address), at",
        "an address in brackets is a domain"),
    "parameter-is-a-path": Mutation(
        f"{SYNTAX}path.c", "    if (is_parameter(line, start, stop))\n        stop = start;\n", "",
        "a parameter in place of a path is no address"),
    "nobody-is-named": Mutation(
        f"{SESSION}session_client.c", "path->found && !smtp_path_is_missing(path)", "path->found",
        "where no path stands nobody is named"),
    "parameters-for-a-shell": Mutation(
        f"{TABLE}exploit.c", "bool is_apart = has_parameters(line, path->parameters);", "bool is_apart = false;",
        "BY=120;R AUTH=<> is no attack"),
    "chunk-without-its-size": Mutation(
        f"{SESSION}session_client.c", "        keep_argument(session, input, reading, exchange);\n        begin_chunk(", "        begin_chunk(",
        "the reply to a chunk says its size"),
    "one-token-not-offered": Mutation(
        f"{DRAW}view_remarks.c", "    for (uint32_t i = 0; i < count; i++) {\n        shown.span", "    for (uint32_t i = 0; i < 1; i++) {\n        shown.span",
        "each parameter that was not offered is marked"),
    "nul-is-content": Mutation(
        f"{SYNTAX}lookalike.h", "return lookalike->dot - has_nul;", "return lookalike->dot - 0 * has_nul;",
        "a NUL before a server's end of the message is no part of it"),
    "etrn-for-nobody": Mutation(
        f"{SYNTAX}command.c", "    case SMTP_SHAPE_DOMAIN:\n    case SMTP_SHAPE_SOME:\n        return argument.length > 0;",
        "    case SMTP_SHAPE_SOME:\n        return true;\n    case SMTP_SHAPE_DOMAIN:\n        return argument.length > 0;",
        "VRFY, EXPN and ETRN need an argument"),
    "route-is-an-address": Mutation(
        f"{TABLE}pattern.c", " || line[local.offset] == '@'", "", "a source route alone is no address in an address"),
    "blank-before-colon": Mutation(
        f"{SYNTAX}header.c", "    at = smtp_skip_blanks(message, at, end);\n    return at < end && message[at] == ':'",
        "    return at < end && message[at] == ':'", "a field's name may have blanks behind it"),
    "short-line-with-nul": Mutation(
        f"{SYNTAX}line.c", "        return length > 0;\n", "        return false;\n",
        "a short line with a bare CR or a NUL is remarkable"),
    "last-block-counts-twice": Mutation(
        f"{SYNTAX}odd.c", "(block)(read == '@') & all_behind(at + BLOCK - length)", "(block)(read == '@')",
        "an at sign that two blocks share is one"),
    "offer-of-another-server": Mutation(
        f"{TABLE}offer_read.c", "memcmp(offers->said, octets + reply->length, offers->length) == 0", "true",
        "what was offered last counts where the same is said"),
    "at-in-quotes": Mutation(
        f"{SYNTAX}path.c", "line[i] == '@' && !quoted", "line[i] == '@'", "an at sign in quotes is not the address's"),
    "priority-range": Mutation(
        f"{SYNTAX}parameter.c", "is_number_between(line, span, -9, 9)", "is_number_between(line, span, -9, 10)",
        "MT-PRIORITY is -9 to 9"),
    "leap-january": Mutation(
        f"{SYNTAX}parameter.c", "(month > 2 && is_leap)", "is_leap", "a leap year's day comes behind February"),
    "line-without-code": Mutation(
        f"{SYNTAX}reply.c", "parsed.valid ? !parsed.more : reply->lines == 0;", "parsed.valid ? !parsed.more : true;",
        "a line without a code belongs to the reply that announced another line"),
    "refusal-of-one-line": Mutation(
        f"{DRAW}view_remarks.c", "while (length < sizeof text && smtp_reply_lines_next(&lines))", "while (0)",
        "expert information tells all lines of a refusal"),
    "unregistered-code-says-nothing": Mutation(
        f"{SYNTAX}code.c", "        row = find_row(&general);\n", "        row = NULL;\n",
        "an enhanced code that is not registered tells what its subject is about"),
    "some-are-all": Mutation(
        f"{DRAW}view_transaction.c", "return transaction->refused > 0 ? wmem_strconcat(", "return 0 ? wmem_strconcat(",
        "a mail that was refused for some is not told as accepted alone"),
    "without-end-says-nothing": Mutation(
        f"{DRAW}view_transaction.c", "!is_over(transaction) && !transaction->none) {", "0) {",
        "a mail of which no more comes is told as incomplete on each of its frames"),
    "meaning-of-auth-everywhere": Mutation(
        f"{TABLE}codes.def", "SMTP_CODE(454, \"Refused for now: relaying, TLS or authentication\")",
        "SMTP_CODE(454, \"TLS not available due to temporary reason\")",
        "454 to RCPT is no failure of TLS"),
    "a-labels-of-names": Mutation(
        f"{DRAW}item.c", "    if (!unicode)\n        return item;\n", "    return item;\n",
        "A-labels of client's and server's names have their Unicode beside them"),
    "bar-behind-notes-of-tcp": Mutation(
        f"{DRAW}draw.c", "text && text[0] == '[' && g_str_has_suffix(text, \"] \") ? \"\" : \" | \"", "\" | \"",
        "behind TCP's notes Info goes on without a bar"),
    "challenge-to-nothing": Mutation(
        f"{DRAW}view_reply.c", "(!shown->exchange || smtp_exchange_is_auth(shown->exchange))",
        "(shown->exchange && smtp_exchange_is_auth(shown->exchange))",
        "a challenge is decoded where AUTH is not in the capture, too"),
    "lmtp-name-for-several": Mutation(
        f"{SESSION}result.c", "transaction->accepted == 1 && !transaction->partly_seen ?", "!transaction->partly_seen ?",
        "a message that several get by LMTP has a name for each, and none for all"),
    "challenge-in-base64": Mutation(
        f"{DRAW}view_reply.c", "    line = challenge_line(view, unit, first);\n", "    line = NULL;\n",
        "the protocol's row tells a challenge as Info does"),
    "server-name-of-any-octets": Mutation(
        f"{SYNTAX}reply.c", "if (!is_domain(name, text.length) && ", "if (0 && ",
        "what is no domain and no address literal is no server's name"),
    "server-name-of-one-word": Mutation(
        f"{DRAW}view_reply.c", "return greeted && smtp_name_is(greeted, octets, length);", "return true;",
        "a word without a dot is no server's name, unless the greeting says it, too"),
    "server-name-ends-in-a-dot": Mutation(
        f"{SYNTAX}reply.h", "memchr(name, '.', length - 1)", "memchr(name, '.', length)",
        "a word and a full stop are no server's name"),
    "server-name-in-the-greeting": Mutation(
        f"{SESSION}session_effect.c", "if (answer->code != 220 || name.length == 0)", "if (answer->code != 220)",
        "a greeting that does not begin with a name gives the server none"),
    "enhanced-class": Mutation(
        f"{SYNTAX}code.c", "line[text.offset] != '0' + code / 100 || ", "",
        "an enhanced code has the reply's class"),
    "line-cut-behind-cr": Mutation(
        f"{SYNTAX}line.c", "length > 0 && octets[length - 1] == '\\r' ? length - 1 : length,", "length,",
        "of a line that is cut between CR and LF the CR is no text"),
    "lf-ends-message": Mutation(
        f"{SYNTAX}body.c", "octet == '\\n' && body->lf_ends_line ? END : TEXT;", "octet == '\\n' ? END : TEXT;",
        "a dot and a bare LF do not end a message"),
    "proxy-length": Mutation(
        f"{SYNTAX}proxy.c", "(octets[14] << 8 | octets[15])", "octets[15]", "a PROXY header's length has two octets"),
    "ftp-version": Mutation(
        f"{SYNTAX}sniff.c", '(parsed->code != 220 || has_word(line + parsed->text.offset, parsed->text.length, "TLS"))',
        "true", "numbers like an enhanced code behind 220 are an FTP server's version"),

    # ---- Learning ----
    "record-search": Mutation(
        f"{LEARN}records.c", "block->records[middle].offset < position)", "block->records[middle].offset <= position)",
        "a record is found by its position"),
    "gap-record": Mutation(
        f"{LEARN}stream.c", "MAX(missing, (uint64_t)stream->waiting_for + 1)", "missing",
        "what waits before a gap asks for more on each pass"),
    "again-is-new": Mutation(
        f"{LEARN}stream.c", "return !is_covered(stream, hand) && !is_again(stream, hand);",
        "return !is_covered(stream, hand);", "octets that come again while more is waited for are nothing new"),
    "set-of-another": Mutation(
        f"{LEARN}remark_sets.c", "wmem_map_insert(indices, kept, GUINT_TO_POINTER(sets_used));",
        "wmem_map_insert(indices, kept, GUINT_TO_POINTER(sets_used - 1));",
        "a set of remarks that was seen before is found again"),
    "facts-too-late": Mutation(
        f"{LEARN}facts.c", "- known->position) >= 0)", "- known->position) > 0)",
        "a unit tells what it makes known"),
    "reply-before-its-line": Mutation(
        f"{SESSION}session_memory.c", "    if (exchange->reply_frame)\n", "    if (0)\n",
        "when a reply came does not depend on when its command ended"),
    "slow-reply": Mutation(
        f"{SESSION}session_memory.h", "!exchange->has_more && after <= UINT32_MAX", "!exchange->has_more",
        "a reply may take longer than 4 seconds"),
    "text-for-a-name": Mutation(
        f"{SESSION}session_memory.c", "exchange->has_more || smtp_exchange_name(exchange)", "exchange->has_more",
        "what refuses a command leaves it its argument"),
    "rest-times": Mutation(
        f"{SESSION}session_rest.c", "    shift_times(session, session->clock);\n", "",
        "a session that wakes knows when it was"),
    "rest-half": Mutation(
        f"{SESSION}session_rest.c", "(i >= resting->firsts)", "(i > resting->firsts)",
        "a session that wakes knows what it knew"),
    "message-limit": Mutation(
        f"{LEARN}message.c", "    return transaction->octets > MIN(", "    return transaction->octets >= MIN(",
        "the largest message is reassembled"),
    "told-twice-behind-tls": Mutation(
        "plugin/epan/taps/smtpx_tap.c", "hand.length == length && smtpx_step_is_for_tls(&step, hand.layer)", "0",
        "clear text behind TLS in one segment is told once"),

    # ---- Drawing ----
    "codes-of-later-lines": Mutation(
        f"{DRAW}view_reply.c", "parsed->code == shown->told ||", "",
        "Info names a code once, and again where it changes"),
    "generated-time": Mutation(
        f"{DRAW}item.c", "(int)(nanoseconds % 1000000000)", "(int)(nanoseconds % 1000000)", "times are exact"),
    "time-before-the-dot": Mutation(
        f"{DRAW}view_exchange.c", "exchange->command_frame <= view->pinfo->num && time", "time",
        "no time is negative: a message refused before its dot has none"),
    "nul-ends-text": Mutation(
        "plugin/epan/learn/smtpx_text.c", "    if (memchr(octets, 0, length))\n", "    if (0)\n", "a NUL does not end a text"),
    "remark-place": Mutation(
        f"{DRAW}view_remarks.c", "place ? *place : (smtp_span){0, record->length}", "(smtp_span){0, record->length}",
        "a remark shows the octets that it is about"),
    "challenge-with-nul": Mutation(
        f"{DRAW}view_auth.c", "room[length - 1] == 0 && is_text(room, length - 1)", "room[length - 1] == 0",
        "of a challenge that is no text all octets are shown"),
    "queue-id-of-one": Mutation(
        "plugin/smtp/session/smtp_result.c", "    if (!smtp_exchange_recipient(decision))\n", "",
        "what LMTP calls one recipient's copy is not the message's name"),
}

# Those that no ring can notice, and why.
SURVIVORS = {}
