/* smtpx_hops.c
 * The same mail in two sessions of a capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_hops.h"

#include "plugin/smtp/session/smtp_result.h"
#include "plugin/smtp/syntax/smtp_fingerprint.h"
#include "plugin/smtp/syntax/smtp_received.h"

/* Candidates that are looked at: of more than these nobody could tell which it is. */
enum {
    MOST_CANDIDATES = 64,
    MOST_FIELDS = 100 /* of Received: servers take more for a loop (RFC 5321, 6.3) */
};

/* A message whose end was read. */
typedef struct noted {
    const smtp_transaction *transaction;
    const smtpx_session *session;
    smtpx_layer layer;
} noted;

static struct {
    GArray *noted;              /* in the order in which they end */
    GPtrArray *ended;           /* transactions */
    GPtrArray *hops;            /* as many of noted as were looked at */
    uint32_t named;             /* how many of ended were looked at */
    GHashTable *by_transaction; /* of hops */
    GHashTable *by_mail;        /* a hop that is alike, and a list of all that are */
    GHashTable *by_queue_id;    /* a list of hops */
    uint32_t received;          /* hops that have a field Received */
    uint32_t linked;            /* noted and ended when all were linked last */
} all;

static void forget_capture(void)
{
    if (!all.noted)
        return;
    g_array_free(all.noted, TRUE);
    g_ptr_array_free(all.ended, TRUE);
    g_hash_table_destroy(all.by_transaction);
    g_hash_table_destroy(all.by_mail);
    g_hash_table_destroy(all.by_queue_id);
    g_ptr_array_free(all.hops, TRUE);
    memset(&all, 0, sizeof all);
}

void smtpx_hops_register(void)
{
    register_init_routine(forget_capture);
    register_cleanup_routine(forget_capture);
}

/* ---- What is alike ---- */

static guint hash_mail(gconstpointer key)
{
    const smtpx_hop *hop = key;

    return (guint)(hop->trace.body ^ smtp_fingerprint(hop->message_id.octets, hop->message_id.length) ^
                   hop->trace.received_fields);
}

static gboolean is_same_mail(gconstpointer one, gconstpointer other)
{
    const smtpx_hop *a = one, *b = other;

    return a->trace.body == b->trace.body && a->trace.body_length == b->trace.body_length &&
           a->trace.received_fields == b->trace.received_fields && a->message_id.length == b->message_id.length &&
           memcmp(a->message_id.octets, b->message_id.octets, a->message_id.length) == 0;
}

static void free_list(gpointer list)
{
    g_ptr_array_free(list, TRUE);
}

static void begin_capture(void)
{
    all.noted = g_array_new(FALSE, FALSE, sizeof(noted));
    all.ended = g_ptr_array_new();
    all.hops = g_ptr_array_new_with_free_func(g_free);
    all.by_transaction = g_hash_table_new(NULL, NULL);
    all.by_mail = g_hash_table_new_full(hash_mail, is_same_mail, NULL, free_list);
    all.by_queue_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
}

/* ---- Learning ---- */

void smtpx_hops_add_message(const smtpx_session *session, smtpx_layer layer, const smtp_transaction *transaction)
{
    noted message = {transaction, session, layer};

    if (!all.noted)
        begin_capture();
    g_array_append_val(all.noted, message);
}

void smtpx_hops_add_end(const smtp_transaction *transaction)
{
    if (!all.noted)
        begin_capture();
    g_ptr_array_add(all.ended, (void *)transaction);
}

/* ---- Looking at what was learned ---- */

static void list_mail(smtpx_hop *hop)
{
    GPtrArray *list;

    if (!hop->trace.is_whole || !hop->message_id.octets)
        return;
    list = g_hash_table_lookup(all.by_mail, hop);
    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(all.by_mail, hop, list);
    }
    g_ptr_array_add(list, hop);
}

static void add_hop(const noted *message)
{
    smtpx_hop *hop = g_new0(smtpx_hop, 1);

    hop->transaction = message->transaction;
    hop->session = message->session;
    hop->layer = message->layer;
    hop->place = all.hops->len;
    hop->trace = smtpx_message_trace(hop->transaction);
    hop->message_id = smtpx_message_header(hop->transaction).message_id;
    all.received += hop->trace.received.octets ? 1 : 0;
    g_ptr_array_add(all.hops, hop);
    g_hash_table_insert(all.by_transaction, (void *)hop->transaction, hop);
    list_mail(hop);
}

static void list_queue_id(const smtp_transaction *transaction)
{
    smtpx_hop *hop = g_hash_table_lookup(all.by_transaction, transaction);
    smtp_span id;
    const smtp_name *text = hop ? smtp_result_queue_id(transaction, &id) : NULL;
    GPtrArray *list;
    char *key;

    if (!text)
        return;
    key = g_strndup((const char *)text->octets + id.offset, id.length);
    list = g_hash_table_lookup(all.by_queue_id, key);
    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(all.by_queue_id, g_strdup(key), list);
    }
    g_ptr_array_add(list, hop);
    g_free(key);
}

/* Looks at what was learned since; for queue ids only if somebody may name one. */
static void look(void)
{
    while (all.hops->len < all.noted->len)
        add_hop(&g_array_index(all.noted, noted, all.hops->len));
    while (all.received > 0 && all.named < all.ended->len)
        list_queue_id(all.ended->pdata[all.named++]);
}

/* ---- The hop before ---- */

static const smtp_facts *facts_of(const smtpx_hop *hop)
{
    return smtpx_facts_now(&smtpx_session_talk(hop->session, hop->layer)->facts);
}

/* Is the host that sends this mail the one that the other was sent to? */
static bool is_same_host(const smtpx_hop *before, const smtpx_hop *hop)
{
    return smtpx_is_host(before->session->hosts[SMTP_SERVER], hop->session->hosts[SMTP_CLIENT]);
}

static bool is_name(const smtp_name *name, const uint8_t *octets, uint32_t length)
{
    return name && name->length == length &&
           g_ascii_strncasecmp((const char *)name->octets, (const char *)octets, length) == 0;
}

/* May this mail have been that one before? */
static bool may_precede(const smtpx_hop *before, const smtpx_hop *hop)
{
    smtp_status status = smtp_transaction_outcome(before->transaction);

    return before->place < hop->place && before->session != hop->session && status != SMTP_STATUS_REFUSED &&
           status != SMTP_STATUS_ABORTED;
}

/* What is sent on as it came has as many fields Received: then the hosts must prove it. */
static bool is_sent_on(const smtpx_hop *before, const smtpx_hop *hop)
{
    return before->trace.received_fields < hop->trace.received_fields ||
           (is_same_host(before, hop) &&
            !smtpx_is_host(before->session->hosts[SMTP_CLIENT], before->session->hosts[SMTP_SERVER]));
}

/* The same, and the relay is known by its address, or by its name. */
static bool is_sent_on_by_relay(const smtpx_hop *before, const smtpx_hop *hop)
{
    const smtp_name *client = facts_of(hop)->client;

    return is_sent_on(before, hop) &&
           (is_same_host(before, hop) || (client && is_name(facts_of(before)->server, client->octets, client->length)));
}

/* Those of a list that fit. */
typedef struct fitting {
    uint32_t count;
    smtpx_hop *last;
} fitting;

static fitting find_fitting(const GPtrArray *list, const smtpx_hop *hop,
                            bool (*fits)(const smtpx_hop *before, const smtpx_hop *hop))
{
    fitting found = {0, NULL};

    for (uint32_t i = 0; list && i < list->len && i < MOST_CANDIDATES; i++) {
        smtpx_hop *before = list->pdata[i];

        if (!may_precede(before, hop) || !fits(before, hop))
            continue;
        found.count++;
        found.last = before;
    }
    return found;
}

/* Is it the server that the topmost field Received names? */
static bool has_received(const smtpx_hop *before, const smtpx_hop *hop)
{
    const smtpx_value *received = &hop->trace.received;
    smtp_span by = smtp_received_read(received->octets, received->length).by;

    return is_same_host(before, hop) || is_name(facts_of(before)->server, received->octets + by.offset, by.length);
}

static smtpx_hop *find_by_queue_id(const smtpx_hop *hop)
{
    const smtpx_value *received = &hop->trace.received;
    smtp_span id;
    fitting found;
    char *key;

    if (!received->octets)
        return NULL;
    id = smtp_received_read(received->octets, received->length).id;
    if (id.length == 0)
        return NULL;
    key = g_strndup((const char *)received->octets + id.offset, id.length);
    found = find_fitting(g_hash_table_lookup(all.by_queue_id, key), hop, has_received);
    g_free(key);
    return found.count == 1 ? found.last : NULL;
}

/* The last one before: the one with the most fields Received. */
static smtpx_hop *find_by_body(const smtpx_hop *hop)
{
    smtpx_hop alike = *hop;
    uint32_t fields = hop->trace.received_fields;
    fitting found = {0, NULL};
    const GPtrArray *list = NULL;

    if (!hop->trace.is_whole || !hop->message_id.octets || fields > MOST_FIELDS)
        return NULL;
    for (uint32_t less = 0; found.count == 0 && less <= fields; less++) {
        alike.trace.received_fields = fields - less;
        list = g_hash_table_lookup(all.by_mail, &alike);
        found = find_fitting(list, hop, is_sent_on);
    }
    if (found.count > 1)
        found = find_fitting(list, hop, is_sent_on_by_relay);
    return found.count == 1 ? found.last : NULL;
}

static smtpx_hop *find_previous(const smtpx_hop *hop)
{
    smtpx_hop *found = find_by_queue_id(hop);

    return found ? found : find_by_body(hop);
}

/* ---- Links ---- */

static void link_hop(smtpx_hop *hop)
{
    smtpx_hop *previous = hop->previous = find_previous(hop);

    if (!previous)
        return;
    if (previous->youngest)
        previous->youngest->sibling = hop;
    else
        previous->next = hop;
    previous->youngest = hop;
    previous->deliveries++;
}

static void unlink_hop(smtpx_hop *hop)
{
    hop->previous = hop->next = hop->sibling = hop->youngest = NULL;
    hop->deliveries = 0;
}

static void link_all(void)
{
    uint32_t known = all.noted->len + all.ended->len;

    if (known == all.linked)
        return;
    all.linked = known;
    look();
    for (uint32_t i = 0; i < all.hops->len; i++)
        unlink_hop(all.hops->pdata[i]);
    for (uint32_t i = 0; i < all.hops->len; i++)
        link_hop(all.hops->pdata[i]);
}

const smtpx_hop *smtpx_hop_of(const smtp_transaction *transaction)
{
    if (!all.noted)
        return NULL;
    link_all();
    return g_hash_table_lookup(all.by_transaction, transaction);
}

/* What is not decided yet may be refused still. */
const smtpx_hop *smtpx_hop_previous_so_far(const smtp_transaction *transaction)
{
    const smtpx_hop *hop, *previous;

    if (!all.noted)
        return NULL;
    look();
    hop = g_hash_table_lookup(all.by_transaction, transaction);
    previous = hop ? find_previous(hop) : NULL;
    return previous && smtp_transaction_outcome(previous->transaction) == SMTP_STATUS_ACCEPTED ? previous : NULL;
}

uint32_t smtpx_hop_frame(const smtpx_hop *hop)
{
    uint32_t frame = smtp_result_ends_in(hop->transaction);

    return frame > 0 ? frame : hop->transaction->last_frame;
}
