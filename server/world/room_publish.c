/* Publishing: what one tick made visible goes on the board. */
#include "server/world/room_inside.h"

static void publish_people(const struct room *room, struct publication *into) {
    const struct shape_set *shapes = room->setup.shapes[LANE_NONE];
    into->seats = room->seats_used;
    for (uint16_t i = 0; i < room->seats_used; i++) {
        const struct game_seat *seat = &room->shown.view.seats[i];
        bool owns =
            seat->owns && seat->kind < shapes->kind_count && seat->slot < room->shown.used[seat->kind];
        uint32_t own_row = owns ? shapes->kinds[seat->kind].first + seat->slot : 0;
        into->players[i] = (struct publication_player){.used = room->players[i].used,
                                                       .used_tick = room->players[i].used_tick,
                                                       .repeated = room->players[i].repeated,
                                                       .unused = room->players[i].unused,
                                                       .groups = seat->groups,
                                                       .event_lost = events_lost(&room->events, i),
                                                       .x = seat->x,
                                                       .y = seat->y,
                                                       .radius = seat->radius,
                                                       .owns = owns,
                                                       .own_row = own_row & INT32_MAX};
    }
}

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
    publish_people(room, into);
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
