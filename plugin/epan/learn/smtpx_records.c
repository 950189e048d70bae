/* smtpx_records.c
 * What was learned about one direction of a stream, by stream position.
 *
 * Records stand in blocks that grow with the stream, so a short session
 * takes little and a long one few allocations: what TCP keeps of each segment
 * stands between them, and TCP walks all of it that is not acknowledged.  Blocks are sorted by
 * position and by frame at once, as both only grow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "plugin/epan/learn/smtpx_records.h"

#include "plugin/smtp/syntax/smtp_apart.h"

enum {
    FIRST_BLOCK = 8,
    DOUBLED_UP_TO = 256, /* records; from there on a block is a quarter larger than the one before */
    LARGEST_BLOCK = 16384
};

/* Streams do not begin at 0, so that a position before the first is one, too. */
#define FIRST_POSITION (UINT64_C(1) << 32)

struct smtpx_block {
    uint64_t base; /**< position of its first record */
    uint32_t first_frame;
    uint16_t used;
    uint16_t room;
    smtpx_record records[];
};

_Static_assert(sizeof(smtpx_record) == 20, "a record is 20 octets");

/* The blocks, however many there are. */
static smtpx_block *const *blocks_of(const smtpx_records *records)
{
    return records->used > 1 ? records->blocks.many : &records->blocks.one;
}

/* The newest; NULL: there is none. */
static smtpx_block *last_block(const smtpx_records *records)
{
    return records->used ? blocks_of(records)[records->used - 1] : NULL;
}

static uint64_t record_end(const smtpx_block *block, const smtpx_record *record)
{
    return block->base + record->offset + record->length;
}

/* For the block behind another one. @param last  NULL: for the first */
static uint32_t next_room(const smtpx_block *last)
{
    uint32_t room = last ? last->room : FIRST_BLOCK / 2;

    return MIN(room < DOUBLED_UP_TO ? room * 2u : room + room / 4, LARGEST_BLOCK);
}

/* Most streams have one block: an array is there from the second one on. */
static void list_block(smtpx_records *records, smtpx_block *block)
{
    if (records->used == 0) {
        records->blocks.one = block;
    } else if (records->used == 1) {
        smtpx_block *first = records->blocks.one;
        records->room = 4;
        records->blocks.many = wmem_alloc_array(wmem_file_scope(), smtpx_block *, records->room);
        records->blocks.many[0] = first;
    } else if (records->used == records->room) {
        records->room *= 2;
        records->blocks.many =
            wmem_realloc(wmem_file_scope(), records->blocks.many, records->room * sizeof(smtpx_block *));
    }
    if (records->used++ > 0)
        records->blocks.many[records->used - 1] = block;
}

static SMTP_APART smtpx_block *add_block(smtpx_records *records, uint64_t position, uint32_t frame)
{
    uint32_t room = next_room(last_block(records));
    smtpx_block *block;

    block = smtpx_take(sizeof *block + room * sizeof(smtpx_record));
    *block = (smtpx_block){.base = position, .first_frame = frame, .room = (uint16_t)room};
    list_block(records, block);
    return block;
}

void smtpx_records_end_block(smtpx_records *records)
{
    smtpx_block *block = last_block(records);

    if (!block)
        return;
    smtpx_give_back(block->records + block->used, (size_t)(block->room - block->used) * sizeof *block->records);
    block->room = block->used;
}

/* Behind 32 GB, where no more numbers are, a unit is text of which nothing is known. */
static SMTP_APART void lose(smtpx_record *record, const smtp_unit *unit)
{
    if (unit->exchange || unit->role == SMTP_ROLE_MESSAGE)
        *record = (smtpx_record){.offset = record->offset, .length = record->length, .role = SMTP_ROLE_LINE_REST};
}

const smtpx_record *smtpx_records_append(smtpx_records *records, uint64_t position, const packet_info *pinfo,
                                         const smtp_unit *unit)
{
    smtpx_block *block = last_block(records);
    smtpx_record *record;

    DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
    if (!block || block->used == block->room || position - block->base > INT32_MAX)
        block = add_block(records, position, pinfo->num);
    record = &block->records[block->used++];
    *record = (smtpx_record){
        .offset = (uint32_t)(position - block->base),
        .length = unit->length,
        .role = unit->role,
        .by_server = unit->side == SMTP_SERVER,
        .ends_message = unit->ends_message,
        .ends_transaction = unit->ends_transaction,
        .continues = unit->continues,
        .continued = unit->continued,
        .refuses = unit->refuses,
        .remarks = smtpx_remark_sets_index(&unit->remarks),
        .context = smtpx_record_context(unit),
    };
    switch (unit->role) {
    case SMTP_ROLE_MESSAGE:
        record->of.message_offset = (uint32_t)unit->message_offset;
        break;
    case SMTP_ROLE_REPLY:
        record->of.duration = smtpx_time_keep(unit->duration);
        break;
    case SMTP_ROLE_COMMAND:
    case SMTP_ROLE_AUTH_ANSWER:
        record->of.wait = smtpx_time_keep(unit->wait);
        break;
    default:
        break;
    }
    if (!record->context)
        lose(record, unit);
    return record;
}

/* The last block whose base is not behind the position; the first if all are. */
static uint32_t find_block(const smtpx_records *records, uint64_t position)
{
    uint32_t low = 0, high = records->used;

    /* On the first pass it is the last one. */
    if (blocks_of(records)[high - 1]->base <= position)
        return high - 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (blocks_of(records)[middle]->base <= position)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The first record of the block that begins at or behind the position. */
static uint32_t find_in_block(const smtpx_block *block, uint64_t position)
{
    uint32_t low = 0, high = block->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (block->base + block->records[middle].offset < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static SMTP_APART smtpx_place search(const smtpx_records *records, uint64_t position)
{
    uint32_t block = find_block(records, position);
    uint32_t record = find_in_block(blocks_of(records)[block], position);

    return record < blocks_of(records)[block]->used ? (smtpx_place){block, record} : (smtpx_place){block + 1, 0};
}

smtpx_place smtpx_records_end(const smtpx_records *records)
{
    uint32_t last = records->used - 1;

    return records->used ? (smtpx_place){last, last_block(records)->used} : (smtpx_place){0, 0};
}

static smtpx_located located(const smtpx_records *records, smtpx_place place)
{
    const smtpx_block *block = blocks_of(records)[place.block];
    const smtpx_record *record = &block->records[place.record];

    return (smtpx_located){record, block->base + record->offset};
}

smtpx_located smtpx_records_find(const smtpx_records *records, uint64_t position, smtpx_place *place)
{
    smtpx_place at = *place;
    smtpx_located found = {.record = NULL};

    if (at.block < records->used && at.record >= blocks_of(records)[at.block]->used)
        at = (smtpx_place){at.block + 1, 0};
    if (at.block < records->used)
        found = located(records, at);
    if (!found.record || found.start != position) {
        if (records->used == 0)
            return found;
        at = search(records, position);
        if (at.block == records->used)
            return (smtpx_located){.record = NULL};
        found = located(records, at);
    }
    *place = (smtpx_place){at.block, at.record + 1};
    return found;
}

uint64_t smtpx_records_reach(const smtpx_records *records, uint64_t position)
{
    smtpx_place at = records->used > 0 ? search(records, position) : (smtpx_place){0, 0};
    smtpx_located before;

    if (at.record == 0 && at.block == 0)
        return 0;
    if (at.record == 0)
        at = (smtpx_place){at.block - 1, blocks_of(records)[at.block - 1]->used};
    before = located(records, (smtpx_place){at.block, at.record - 1});
    return before.start + before.record->length;
}

/* The last block that was begun in this frame or before; the first if none was. */
static uint32_t find_frame(const smtpx_records *records, uint32_t frame)
{
    uint32_t low = 0, high = records->used;

    /* On the first pass it is the last one. */
    if (blocks_of(records)[high - 1]->first_frame <= frame)
        return high - 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (blocks_of(records)[middle]->first_frame <= frame)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint64_t smtpx_records_unwrap(const smtpx_records *records, uint32_t frame, uint32_t sequence)
{
    const smtpx_block *block;
    uint64_t near;

    if (records->used == 0)
        return FIRST_POSITION + sequence;
    block = blocks_of(records)[find_frame(records, frame)];
    near = block->used ? record_end(block, &block->records[block->used - 1]) : block->base;
    return smtpx_position_near(near, sequence);
}
