#include "server/world/room_inside.h"
#include "server/metrics.h"
#include "server/world/clipped.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    NOTES_PER_PLAYER = 4, /* in one tick: a hit, a kill, a score, an answer */
    NOTES_SPARE = 256,    /* in one tick, for the world's own */
    NOTE_BYTES = 32       /* of the record of one note, on average */
};

/* ---- Making. */

static void lay_seldom(struct room *room, struct memory_parts *parts) {
    struct game_turn *turn = &room->turn;
    size_t players = room->schema->players_max;
    turn->notes = memory_part(parts, turn->note_max, sizeof *turn->notes);
    turn->bytes = memory_part(parts, turn->byte_max, 1);
    room->known = memory_part(parts, players, sizeof *room->known);
    room->gone = memory_part(parts, players, sizeof *room->gone);
    room_lay_inputs(room, parts);
    room->outcome_bytes = memory_part(parts, ROOM_OUTCOME_BYTES, 1);
}

static bool make_seldom(struct room *room) {
    struct game_turn *turn = &room->turn;
    struct memory_parts parts = {0};
    turn->note_max = NOTES_SPARE + NOTES_PER_PLAYER * (uint32_t)room->schema->players_max;
    turn->byte_max = turn->note_max * NOTE_BYTES;
    lay_seldom(room, &parts);
    parts = (struct memory_parts){.at = room->seldom = memory_seldom(parts.size)};
    if (room->seldom) lay_seldom(room, &parts);
    return room->seldom != NULL;
}

static bool make(struct room *room) {
    room->world = calloc(1, room->schema->world_size);
    room->rules = calloc(1, room->schema->rules.size + 1u);
    room->rules_cells = calloc(LIMIT_CELLS, sizeof *room->rules_cells);
    room->minds = calloc(room_computers_most(room) + 1u, sizeof *room->minds);
    bool well = room->world && room->rules && room->rules_cells && room->minds;
    well = room_make_seats(room) && well;
    well = room_make_inputs(room) && well;
    well = make_seldom(room) && well;
    well = events_init(&room->events, room->schema->players_max) && well;
    well = shown_init(&room->shown, room->schema, room->setup.shapes[LANE_GAME]) && well;
    well = past_init(&room->past, room->schema, room->setup.rate) && well;
    if (well)
        board_open(room->setup.board, room->setup.slot, room->setup.shapes[LANE_NONE], room->shown.placed,
                   room->schema->players_max);
    return well;
}

struct room *room_create(const struct room_setup *setup) {
    struct room *room = calloc(1, sizeof *room);
    if (!room) return NULL;
    room->setup = *setup;
    room->schema = setup->module->schema;
    room->calls = setup->module->calls;
    snprintf(room->name, sizeof room->name, "%s", setup->name);
    room->turn.tick = room->empty_since = setup->tick;
    room->turn.schema = room->schema;
    room->turn.dt = 1.0f / (float)setup->rate;
    if (!make(room)) {
        room_destroy(room);
        return NULL;
    }
    memcpy(room->rules, setup->rules, room->schema->rules.size);
    row_quantise(&setup->shapes[LANE_NONE]->rules, room->rules, room->rules_cells);
    room->turn.rules = room->rules;
    room->calls->begin(room->world, &room->turn, setup->seed);
    if (room->calls->think) room_seat_computers(room);
    return room;
}

void room_destroy(struct room *room) {
    if (!room) return;
    board_close(room->setup.board, room->setup.slot);
    if (room->setup.journal) journal_hash(room->setup.journal, room->turn.tick, room_hash(room));
    journal_close(room->setup.journal);
    shown_finish(&room->shown);
    past_finish(&room->past);
    events_finish(&room->events);
    for (int i = 0; i < LANE_COUNT; i++) lane_destroy(room->lanes[i]);
    free(room->world);
    free(room->rules);
    free(room->rules_cells);
    free(room->players);
    free(room->minds);
    free(room->waiting);
    free(room->inputs);
    free(room->seldom);
    free(room);
}

/* ---- The tick. */

void room_begin(struct room *room, uint32_t tick) {
    metrics_add(METRIC_notes_lost, room->turn.notes_lost);
    room->turn.tick = tick;
    room->turn.past = room->past.views;
    room->turn.past_count = room->past.known;
    room->turn.notes_lost = room->gone_count = 0;
}

static void call(struct room *room, const struct arrival *arrival) {
    _Alignas(8) uint8_t question[LIMIT_RECORD_BYTES];
    row_restore(&room->setup.shapes[LANE_NONE]->records[arrival->record], arrival->cells, question);
    if (room->calls->call) {
        room->calls->call(room->world, &room->turn, arrival->player, arrival->record, arrival->number,
                          question);
        return;
    }
    game_say(&room->turn,
             (struct game_note){.what = GAME_REPLY,
                                .status = MESSAGE_STATUS_UNKNOWN,
                                .ticket = arrival->number,
                                .to = GAME_ONE(arrival->player)},
             NULL);
}

void room_arrive(struct room *room, const struct arrival *arrival) {
    const struct shape_set *shapes = room->setup.shapes[LANE_NONE];
    uint32_t cells = 0;
    if (arrival->instance != room->setup.instance || arrival->player >= room->schema->players_max) return;
    struct player *who = &room->players[arrival->player];
    if (!who->seated || who->session != arrival->session) return;
    if (arrival->what == ARRIVAL_INPUT) cells = shapes->input.cell_count;
    if (arrival->what == ARRIVAL_CALL) cells = shapes->records[arrival->record].cell_count;
    if (room->setup.journal && arrival->what != ARRIVAL_HASH)
        journal_arrival(room->setup.journal, room->turn.tick, arrival, arrival->player, cells);
    switch (arrival->what) {
    case ARRIVAL_INPUT:
        room_queue_input(room, arrival);
        break;
    case ARRIVAL_HASH:
        room->hash_asked = true;
        break;
    case ARRIVAL_CALL:
        call(room, arrival);
        break;
    default:
        room_leave(room, arrival->player, (enum game_reason)arrival->reason);
    }
}

static void show(struct room *room) {
    shown_clear(&room->shown, room->seats_used);
    room->calls->show(room->world, &room->shown.view);
    shown_count(&room->shown, room->turn.tick);
    past_take(&room->past, &room->shown.view, room->shown.used);
}

static void turn_lanes(struct room *room) {
    struct lane_truth truth = shown_truth(&room->shown);
    for (int i = 0; i < LANE_COUNT; i++) {
        struct lane *lane = room->lanes[i];
        if (!lane) continue;
        if (lane->active)
            lane_turn(lane, &truth, room->turn.tick);
        else
            lane_activate(lane, &truth, room->turn.tick);
        metrics_add(METRIC_rows_changed, lane->rows_changed);
        metrics_add(METRIC_rows_encoded, lane->rows_encoded);
        metrics_add(METRIC_rows_anchored, lane->rows_anchored);
        lane->rows_changed = lane->rows_encoded = lane->rows_anchored = 0;
    }
}

const struct shape *room_read_note(const struct room *room, const struct game_note *note,
                                   int32_t cells[LIMIT_CELLS]) {
    const struct shape *shape = &room->setup.shapes[LANE_NONE]->records[note->record];
    const void *record = room->turn.bytes + note->at;
    uint32_t clipped = row_quantise(shape, record, cells);
    if (clipped) clipped_tell(room->schema->name, shape, record, clipped);
    return shape;
}

void room_take_events(struct room *room) {
    int32_t cells[LIMIT_CELLS];
    while (room->next_event < room->turn.note_count) {
        const struct game_note *note = &room->turn.notes[room->next_event++];
        if (note->what != GAME_EVENT) continue;
        const struct shape *shape = room_read_note(room, note, cells);
        events_take(&room->events, shape, note, cells, room->turn.tick);
    }
}

void room_turn(struct room *room) {
    room_use_inputs(room);
    room->calls->tick(room->world, &room->turn);
    show(room);
    turn_lanes(room);
    if (events_used_up(&room->events)) game_say(&room->turn, (struct game_note){.what = GAME_END}, NULL);
    events_age(&room->events, room->turn.tick);
    room_take_events(room);
    room_publish(room);
    if (room->setup.journal && room->turn.tick % ROOM_HASH_TICKS == 0)
        journal_hash(room->setup.journal, room->turn.tick, room_hash(room));
}

/* ---- What is asked of it. */

const char *room_name(const struct room *room) {
    return room->name;
}
const char *room_game(const struct room *room) {
    return room->schema->name;
}
uint32_t room_instance(const struct room *room) {
    return room->setup.instance;
}
uint32_t room_people(const struct room *room) {
    return room->people;
}
uint32_t room_empty_since(const struct room *room) {
    return room->empty_since;
}
uint32_t room_players_max(const struct room *room) {
    return room->schema->players_max;
}

uint64_t room_hash(const struct room *room) {
    return shown_hash(&room->shown);
}

/* The cursor counts lanes, kinds and fields as the digits of one number. */
bool room_next_field(const struct room *room, uint32_t *cursor, struct room_field *field) {
    for (; *cursor < LANE_COUNT * LIMIT_KINDS * LIMIT_FIELDS; ++*cursor) {
        uint32_t lane = *cursor / (LIMIT_KINDS * LIMIT_FIELDS), kind = *cursor / LIMIT_FIELDS % LIMIT_KINDS;
        const struct lane *of = room->lanes[lane];
        if (!of || kind >= of->shapes->kind_count) continue;
        uint64_t intents = of->counts[kind].intents[*cursor % LIMIT_FIELDS];
        uint64_t corrections = of->counts[kind].corrections[*cursor % LIMIT_FIELDS];
        if (!intents && !corrections) continue;
        const struct shape *row = &of->shapes->kinds[kind].row;
        *field = (struct room_field){row->name, row->fields[*cursor % LIMIT_FIELDS].name, (uint8_t)lane,
                                     intents, corrections};
        ++*cursor;
        return true;
    }
    return false;
}

void room_flush(struct room *room) {
    if (room->setup.journal) journal_flush(room->setup.journal);
}
