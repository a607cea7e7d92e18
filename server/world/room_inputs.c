/* Inputs are as large as the game's are: most are small, and seats are many. They lie in layers, since seldom
 * more than two of a player wait: what nobody needs takes no memory. */
#include "server/world/room_inside.h"
#include "server/metrics.h"
#include <stdlib.h>

enum {
    INPUTS_AT_EASE = 2, /* so many waiting inputs are jitter; more is a backlog, and is used up at once */
    LAYERS_USUAL = 2    /* of waiting inputs: seldom more than two of a player wait */
};

struct waiting { /* an input, with as many cells as the game's have */
    uint32_t sequence, seen;
    int32_t cells[];
};

static size_t input_cell_count(const struct room *room) {
    return room->setup.shapes[LANE_NONE]->input.cell_count;
}

static size_t input_words(const struct room *room) {
    return (room->schema->input.size + sizeof *room->inputs - 1u) / sizeof *room->inputs;
}

static size_t waiting_bytes(const struct room *room) {
    return sizeof(struct waiting) + input_cell_count(room) * sizeof(int32_t);
}

/* `place` 0: the oldest. */
static struct waiting *waiting_at(const struct room *room, uint16_t player, size_t place) {
    bool usual = place < LAYERS_USUAL;
    size_t layer = (usual ? place : place - LAYERS_USUAL) * room->schema->players_max;
    return (void *)((usual ? room->waiting : room->waiting_more) + (layer + player) * waiting_bytes(room));
}

static void *last_input(const struct room *room, uint16_t player) {
    return room->inputs + player * input_words(room);
}

bool room_make_inputs(struct room *room) {
    uint32_t players = room->schema->players_max;
    room->waiting = calloc(players * (size_t)LAYERS_USUAL, waiting_bytes(room));
    room->inputs = calloc(players + 1u, input_words(room) * sizeof *room->inputs);
    return room->waiting && room->inputs;
}

void room_lay_inputs(struct room *room, struct memory_parts *parts) {
    size_t layers = LIMIT_INPUTS - LAYERS_USUAL;
    room->waiting_more = memory_part(parts, room->schema->players_max * layers, waiting_bytes(room));
}

/* ---- They come. */

static uint32_t newest_input(const struct room *room, uint16_t player) {
    size_t queued = room->players[player].queued;
    return queued ? waiting_at(room, player, queued - 1)->sequence : room->told[player].used;
}

static void forget_oldest(struct room *room, uint16_t player) {
    size_t left = --room->players[player].queued;
    for (size_t i = 0; i < left; i++)
        memcpy(waiting_at(room, player, i), waiting_at(room, player, i + 1), waiting_bytes(room));
}

/* A client that came back without its memory goes on from the newest used input: it says anew what still
 * waits here. */
void room_queue_input(struct room *room, const struct arrival *arrival) {
    uint16_t player = arrival->player;
    struct player *who = &room->players[player];
    if (arrival->number <= newest_input(room, player)) return;
    if (who->queued == LIMIT_INPUTS) {
        forget_oldest(room, player);
        room->told[player].unused++;
        metrics_add(METRIC_inputs_unused, 1);
    }
    held_add(room->active, player);
    struct waiting *waiting = waiting_at(room, player, who->queued++);
    waiting->sequence = arrival->number;
    waiting->seen = arrival->seen;
    memcpy(waiting->cells, arrival->cells, input_cell_count(room) * sizeof *waiting->cells);
}

void room_forget_input(struct room *room, uint16_t player) {
    memset(last_input(room, player), 0, input_words(room) * sizeof *room->inputs);
}

/* ---- They are used. */

/* How old was what the player saw, within what is remembered: whoever says to have seen the distant past is
 * not believed. */
static uint16_t ago(const struct room *room, uint32_t seen) {
    int32_t parts = (int32_t)(room->turn.tick * LIMIT_SEEN_PARTS - seen);
    int32_t most = (int32_t)(past_reach(&room->past) * LIMIT_SEEN_PARTS);
    return (uint16_t)(parts < 0 ? 0 : parts > most ? most : parts);
}

static void carry_out(struct room *room, uint16_t player) {
    room->turn.ago = (float)room->players[player].ago / LIMIT_SEEN_PARTS;
    room->calls->input(room->world, &room->turn, player, last_input(room, player));
}

static void use_input(struct room *room, uint16_t player) {
    struct publication_player *told = &room->told[player];
    const struct waiting *oldest = waiting_at(room, player, 0);
    row_restore(&room->setup.shapes[LANE_NONE]->input, oldest->cells, last_input(room, player));
    told->used = oldest->sequence;
    told->used_tick = room->turn.tick;
    room->players[player].ago = ago(room, oldest->seen);
    forget_oldest(room, player);
    carry_out(room, player);
}

/* No new one came. */
static void repeat_input(struct room *room, uint16_t player) {
    room->told[player].repeated++;
    carry_out(room, player);
}

static void use_inputs(struct room *room, uint16_t player) {
    const struct player *who = &room->players[player];
    held_add(room->changed, player);
    if (who->computer)
        room->calls->think(&room->shown.view, &room->turn, player, room->minds[player].words,
                           last_input(room, player));
    if (who->queued == 0) {
        repeat_input(room, player);
        return;
    }
    uint32_t now = who->queued > INPUTS_AT_EASE ? who->queued - 1u : 1u;
    while (now--) use_input(room, player);
}

void room_use_inputs(struct room *room) {
    for (uint32_t word = 0; word < held_words(room->seats_used); word++)
        for (uint64_t left = room->active[word]; left; left &= left - 1)
            use_inputs(room, (uint16_t)(word * 64 + (uint32_t)__builtin_ctzll(left)));
}
