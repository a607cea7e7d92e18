/* Who sits where: people and computers come, and leave. */
#include "server/world/room_inside.h"
#include <stdio.h>
#include <stdlib.h>

static void lay_out(struct room *room, struct memory_parts *parts) {
    uint32_t seats = room->schema->players_max;
    room->players = memory_part(parts, seats, sizeof *room->players);
    room->told = memory_part(parts, seats, sizeof *room->told);
    room->active = memory_part(parts, held_words(seats), sizeof *room->active);
    room->changed = memory_part(parts, held_words(seats), sizeof *room->changed);
    room->since = memory_part(parts, held_words(seats), sizeof *room->since);
}

bool room_make_seats(struct room *room) {
    struct memory_parts parts = {0};
    lay_out(room, &parts);
    parts = (struct memory_parts){.at = calloc(1, parts.size)};
    if (parts.at) lay_out(room, &parts);
    return parts.at != NULL;
}

static uint64_t scramble(uint64_t value) { /* splitmix64's finaliser (Steele, Lea, Flood 2014) */
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ value >> 27) * 0x94D049BB133111EBull;
    return value ^ value >> 31;
}

static void begin_mind(struct room *room, uint16_t player) {
    uint64_t dice = scramble(room->setup.seed + player + ((uint64_t)room->turn.tick << 20));
    room->minds[player] = (struct mind){{(uint32_t)dice, (uint32_t)(dice >> 32)}};
}

/* `session` 0: of a computer. Of guests nothing is noted in `known`, which then takes no memory. */
static void seat(struct room *room, uint16_t player, uint32_t session, const struct game_profile *profile) {
    room->players[player] = (struct player){
        .seated = true, .computer = profile->computer, .kept = profile->account != 0, .session = session};
    room->told[player] = (struct publication_player){.used_tick = room->turn.tick};
    held_add(room->changed, player);
    if (player >= room->seats_used) room->seats_used = player + 1;
    if (profile->account) {
        room->known[player].account = profile->account;
        snprintf(room->known[player].name, LIMIT_NAME, "%s", profile->name);
    }
    if (profile->computer) {
        begin_mind(room, player);
        held_add(room->active, player);
    }
    room->calls->join(room->world, &room->turn, player, profile);
}

uint32_t room_computers_most(const struct room *room) {
    if (!room->calls->think) return 0;
    uint32_t seats = room->schema->players_max;
    return room->setup.computers < seats ? room->setup.computers : seats;
}

void room_seat_computers(struct room *room) {
    static const char *const names[] = {"Vesper", "Orrin", "Kestrel", "Juno", "Rook",  "Sable",
                                        "Tamsin", "Bolt",  "Indra",   "Wren", "Corvo", "Pike",
                                        "Lyra",   "Dax",   "Mako",    "Ember"};
    for (uint16_t i = 0; i < room->setup.computers && i + 1u < room->schema->players_max; i++) {
        struct game_profile profile = {.name = names[i % COUNT_OF(names)], .computer = true};
        seat(room, i, 0, &profile);
    }
}

static void remember(struct room *room, uint16_t player) {
    if (!room->players[player].kept) return;
    if (room->gone_count < room->schema->players_max) room->gone[room->gone_count++] = room->known[player];
}

void room_leave(struct room *room, uint16_t player, enum game_reason why) {
    struct player *who = &room->players[player];
    if (!who->seated) return;
    room->calls->leave(room->world, &room->turn, player, why);
    if (!who->computer && --room->people == 0) room->empty_since = room->turn.tick;
    remember(room, player);
    room_forget_input(room, player);
    *who = (struct player){0};
    room->told[player] = (struct publication_player){0};
    held_add(room->changed, player);
    held_remove(room->active, player);
    if (player < room->seats_full) room->seats_full = player;
}

/* The lowest free seat; a computer makes room for a person. */
static bool find_seat(struct room *room, uint16_t *player) {
    for (int round = 0; round < 2; round++) {
        for (uint16_t i = round == 0 ? room->seats_full : 0; i < room->schema->players_max; i++) {
            if (round == 1 && room->players[i].computer) room_leave(room, i, GAME_LEFT);
            if (room->players[i].seated) continue;
            *player = room->seats_full = i;
            return true;
        }
    }
    return false;
}

/* A lane takes memory from its first client on; false without. */
static bool want_lane(struct room *room, uint8_t which) {
    if (room->lanes[which]) return true;
    room->lanes[which] = lane_create(room->setup.shapes[which]);
    if (!room->lanes[which]) return false;
    board_open_lane(room->setup.board, room->setup.slot, (enum shape_lane)which, room->lanes[which]);
    return true;
}

enum code room_join(struct room *room, const struct arrival *arrival, uint16_t *player) {
    if (!want_lane(room, arrival->lane)) return CODE_SERVER_FULL;
    if (!find_seat(room, player)) return CODE_ROOM_FULL;
    struct game_profile profile = {.name = arrival->join.name,
                                   .account = arrival->join.account,
                                   .kept = arrival->join.kept,
                                   .best = arrival->join.best};
    seat(room, *player, arrival->session, &profile);
    room->people++;
    if (room->setup.journal) journal_arrival(room->setup.journal, room->turn.tick, arrival, *player, 0);
    return CODE_NONE;
}

void room_clear(struct room *room) {
    for (uint16_t i = 0; i < room->schema->players_max; i++)
        if (!room->players[i].computer) room_leave(room, i, GAME_LOST);
}

uint32_t room_session(const struct room *room, uint16_t player) {
    return player < room->schema->players_max ? room->players[player].session : 0;
}
