/* Publishing: what one tick made visible goes on the board. */
#include "server/world/room_inside.h"

/* ---- Seats, in blocks: a tick costs what those cost in which something differs. Of a crowd that says
 * nothing the seats are only compared, a block in one go. */

/* What it steers is a row that was ever shown. */
static struct game_seat sound(const struct room *room, struct game_seat seat) {
    const struct shown *shown = &room->shown;
    if (seat.owns && seat.kind < shown->shapes->kind_count && seat.slot < shown->used[seat.kind]) return seat;
    seat.owns = false;
    seat.kind = 0;
    seat.slot = 0;
    return seat;
}

/* From the newest publication. Seats that were first taken since, which are not there, are among the changed.
 */
static bool block_differs(const struct room *room, uint32_t first, uint32_t count) {
    if (room->changed[first / PUBLICATION_BLOCK]) return true;
    const struct game_seat *was = room->newest->seats + first, *is = room->shown.view.seats + first;
    return memcmp(was, is, count * sizeof *is) != 0;
}

static void publish_block(const struct room *room, struct publication *into, uint32_t first, uint32_t count) {
    memcpy(into->players + first, room->told + first, count * sizeof *into->players);
    for (uint32_t i = first; i < first + count; i++) into->seats[i] = sound(room, room->shown.view.seats[i]);
}

static void publish_seats(struct room *room, struct publication *into) {
    into->seat_count = room->seats_used;
    for (uint32_t block = 0; block * PUBLICATION_BLOCK < into->seat_count; block++) {
        uint32_t first = block * PUBLICATION_BLOCK, left = into->seat_count - first;
        uint32_t count = left < PUBLICATION_BLOCK ? left : PUBLICATION_BLOCK;
        if (block_differs(room, first, count)) room->since[block] = room->turn.tick;
        room->changed[block] = 0;
        if (into->seats_since[block] == room->since[block]) continue;
        into->seats_since[block] = room->since[block];
        publish_block(room, into, first, count);
    }
}

/* ---- All of it. */

/* Once it is time for hashes they stay due for as long as the room stands still: not all of a crowd may be
 * reached before the next publication, and who was told one is told no other. */
static bool hashes_due(const struct room *room) {
    const struct publication *newest = room->newest;
    return room->turn.tick % ROOM_HASH_TICKS == 0 ||
           (newest && newest->scheduled && newest->news < newest->tick);
}

static bool says_new(const struct room *room, const struct publication *publication) {
    const struct publication *newest = room->newest;
    return !newest || newest->tick + 1 != publication->tick || publication_says_new(newest, publication);
}

/* Without memory for it nobody is told of this tick: to those who are told of the next it is as if they were
 * slow. */
void room_publish(struct room *room) {
    struct publication *into =
        board_next(room->setup.board, room->setup.slot, room->shown.words, room->seats_used);
    if (!into) return;
    into->scheduled = hashes_due(room);
    into->hashed = into->scheduled || room->hash_asked;
    room->hash_asked = false;
    shown_publish(&room->shown, into);
    events_publish(&room->events, into);
    publish_seats(room, into);
    for (int i = 0; i < LANE_COUNT; i++) {
        if (!room->lanes[i]) continue;
        if (into->hashed) lane_hash(room->lanes[i], room->shown.alive);
        publication_take_lane(into, (enum shape_lane)i, room->lanes[i]);
    }
    into->rules = room->rules_cells;
    into->instance = room->setup.instance;
    into->tick = room->turn.tick;
    into->news = says_new(room, into) ? into->tick : room->newest->news;
    room->newest = into;
    board_publish(room->setup.board, room->setup.slot, into);
}
