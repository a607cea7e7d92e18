#include "server/room.h"
#include "server/metrics.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    NOTES_MAX = 1024,         /* notes of one tick: four for each of 256 players */
    NOTE_BYTES = 32768,       /* and their records */
    MAY_DROP_TICKS = 16,      /* events that may be dropped are of no use after that */
    MUST_ARRIVE_TICKS = 1024, /* what must arrive waits so long for a stalled client */
    INPUTS_AT_EASE = 2, /* so many waiting inputs are jitter; more is a backlog, and is used up at once */
    HASH_TICKS = 64,    /* how often publications state hashes */
    OUTCOME_BYTES = 512,
    MIND_WORDS = 16
};

struct waiting {
    uint32_t sequence;
    int32_t cells[ARRIVAL_CELLS];
};

struct player {
    bool seated, computer;
    uint32_t session;
    uint64_t account;
    char name[LIMIT_NAME];
    uint32_t mind[MIND_WORDS];
    struct waiting queue[LIMIT_INPUTS];
    uint8_t queued;
    bool ever;                        /* an input was used: it is repeated when none comes */
    uint8_t last[LIMIT_RECORD_BYTES]; /* the newest used input as a plain struct */
    uint32_t used, used_tick;
};

struct room {
    struct room_setup setup;
    const struct schema *schema;
    const struct game_calls *calls;
    char name[LIMIT_LABEL];
    void *world;
    uint8_t rules[LIMIT_RECORD_BYTES];
    int32_t rules_cells[LIMIT_CELLS];
    struct game_turn turn;
    struct game_view view;
    struct game_rows kinds[LIMIT_KINDS];
    struct player *players;
    uint32_t people, empty_since, next_note;

    /* What is shown, in whole numbers. */
    uint32_t *life; /* as shown in the tick before */
    uint32_t *born;
    uint64_t *alive, *newborn;
    int32_t *cells;
    uint32_t cells_first[LIMIT_KINDS];
    struct lane lanes[LANE_COUNT];
    bool wanted[LANE_COUNT]; /* lanes that somebody was ever served by */

    /* Events that publications carry, oldest first. */
    struct publication_event events[LIMIT_EVENTS];
    uint8_t event_bytes[PUBLICATION_EVENT_BYTES];
    uint32_t event_count, event_last, event_lost;
    uint8_t outcome_bytes[OUTCOME_BYTES];
};

/* ---- Making. */

static bool make_view(struct room *room) {
    bool well = true;
    for (uint16_t i = 0; i < room->schema->kind_count; i++) {
        const struct schema_kind *kind = &room->schema->kinds[i];
        room->kinds[i] = (struct game_rows){.rows = calloc(kind->slots + 1u, kind->row.size),
                                            .life = calloc(kind->slots + 1u, sizeof(uint32_t)),
                                            .to = calloc(kind->slots + 1u, sizeof(struct game_to)),
                                            .slots = kind->slots,
                                            .size = kind->row.size};
        well = well && room->kinds[i].rows && room->kinds[i].life && room->kinds[i].to;
    }
    room->view = (struct game_view){
        .kinds = room->kinds, .seats = calloc(room->schema->players_max + 1u, sizeof *room->view.seats)};
    return well && room->view.seats;
}

static bool make_rows(struct room *room) {
    const struct shape_set *shapes = room->setup.shapes[LANE_NONE];
    uint32_t cells = 0;
    for (int i = 0; i < shapes->kind_count; i++) {
        room->cells_first[i] = cells;
        cells += shapes->kinds[i].slots * shapes->kinds[i].row.cell_count;
    }
    room->life = calloc(shapes->row_count + 1u, sizeof *room->life);
    room->born = calloc(shapes->row_count + 1u, sizeof *room->born);
    room->alive = calloc(held_words(shapes->row_count) + 1, sizeof *room->alive);
    room->newborn = calloc(held_words(shapes->row_count) + 1, sizeof *room->newborn);
    room->cells = calloc(cells + 1u, sizeof *room->cells);
    bool well = room->life && room->born && room->alive && room->newborn && room->cells;
    for (int i = 0; i < LANE_COUNT; i++) well = lane_init(&room->lanes[i], room->setup.shapes[i]) && well;
    return well;
}

static bool make(struct room *room) {
    room->world = calloc(1, room->schema->world_size);
    room->players = calloc(room->schema->players_max, sizeof *room->players);
    room->turn.notes = calloc(NOTES_MAX, sizeof *room->turn.notes);
    room->turn.bytes = calloc(NOTE_BYTES, 1);
    bool well = room->world && room->players && room->turn.notes && room->turn.bytes;
    well = make_view(room) && well;
    return make_rows(room) && well &&
           board_open(room->setup.board, room->setup.slot, room->lanes, room->schema->players_max);
}

static uint64_t scramble(uint64_t value) { /* splitmix64's finaliser (Steele, Lea, Flood 2014) */
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ value >> 27) * 0x94D049BB133111EBull;
    return value ^ value >> 31;
}

static void seat(struct room *room, uint16_t player, const struct player *as,
                 const struct game_profile *profile) {
    room->players[player] = *as;
    room->players[player].seated = true;
    room->players[player].used_tick = room->turn.tick;
    uint64_t dice = scramble(room->setup.seed + player + ((uint64_t)room->turn.tick << 20));
    for (int i = 0; i < 2; i++) room->players[player].mind[i] = (uint32_t)(dice >> 32 * i);
    room->calls->join(room->world, &room->turn, player, profile);
}

static void seat_computers(struct room *room) {
    static const char *const names[] = {"Vesper", "Orrin", "Kestrel", "Juno", "Rook",  "Sable",
                                        "Tamsin", "Bolt",  "Indra",   "Wren", "Corvo", "Pike",
                                        "Lyra",   "Dax",   "Mako",    "Ember"};
    for (uint16_t i = 0; i < room->setup.computers && i + 1u < room->schema->players_max; i++) {
        struct player player = {.computer = true};
        snprintf(player.name, sizeof player.name, "%s", names[i % COUNT_OF(names)]);
        struct game_profile profile = {.name = player.name, .computer = true};
        seat(room, i, &player, &profile);
    }
}

struct room *room_create(const struct room_setup *setup) {
    struct room *room = calloc(1, sizeof *room);
    if (!room) return NULL;
    room->setup = *setup;
    room->schema = setup->module->schema;
    room->calls = setup->module->calls;
    snprintf(room->name, sizeof room->name, "%s", setup->name);
    memcpy(room->rules, setup->rules, room->schema->rules.size);
    row_quantise(&setup->shapes[LANE_NONE]->rules, room->rules, room->rules_cells);
    room->turn.tick = room->empty_since = setup->tick;
    room->turn.rules = room->rules;
    room->turn.schema = room->schema;
    room->turn.dt = 1.0f / (float)setup->rate;
    room->turn.note_max = NOTES_MAX;
    room->turn.byte_max = NOTE_BYTES;
    if (!make(room)) {
        room_destroy(room);
        return NULL;
    }
    room->calls->begin(room->world, &room->turn, setup->seed);
    if (room->calls->think) seat_computers(room);
    return room;
}

void room_destroy(struct room *room) {
    if (!room) return;
    board_close(room->setup.board, room->setup.slot);
    if (room->setup.journal) journal_hash(room->setup.journal, room->turn.tick, room_hash(room));
    journal_close(room->setup.journal);
    for (uint16_t i = 0; i < room->schema->kind_count; i++) {
        free(room->kinds[i].rows);
        free(room->kinds[i].life);
        free(room->kinds[i].to);
    }
    for (int i = 0; i < LANE_COUNT; i++) lane_finish(&room->lanes[i]);
    free(room->view.seats);
    free(room->life);
    free(room->born);
    free(room->alive);
    free(room->newborn);
    free(room->cells);
    free(room->world);
    free(room->players);
    free(room->turn.notes);
    free(room->turn.bytes);
    free(room);
}

/* ---- Arrivals. */

void room_begin(struct room *room, uint32_t tick) {
    metrics_add(METRIC_notes_lost, room->turn.notes_lost);
    room->turn.tick = tick;
    room->turn.note_count = room->turn.byte_count = room->turn.notes_lost = room->next_note = 0;
}

static void leave(struct room *room, uint16_t player, enum game_reason why) {
    struct player *who = &room->players[player];
    if (!who->seated) return;
    room->calls->leave(room->world, &room->turn, player, why);
    if (!who->computer && --room->people == 0) room->empty_since = room->turn.tick;
    *who = (struct player){0};
}

/* The lowest free seat; a computer makes room for a person. */
static bool find_seat(struct room *room, uint16_t *player) {
    for (int round = 0; round < 2; round++) {
        for (uint16_t i = 0; i < room->schema->players_max; i++) {
            if (round == 1 && room->players[i].computer) leave(room, i, GAME_LEFT);
            if (room->players[i].seated) continue;
            *player = i;
            return true;
        }
    }
    return false;
}

enum code room_join(struct room *room, const struct arrival *arrival, uint16_t *player) {
    if (!find_seat(room, player)) return CODE_ROOM_FULL;
    struct player who = {.session = arrival->session, .account = arrival->join.account};
    memcpy(who.name, arrival->join.name, sizeof who.name);
    struct game_profile profile = {
        .name = who.name, .account = who.account, .kept = arrival->join.kept, .best = arrival->join.best};
    seat(room, *player, &who, &profile);
    room->people++;
    room->wanted[arrival->lane] = true;
    if (room->setup.journal) journal_arrival(room->setup.journal, room->turn.tick, arrival, *player, 0);
    return CODE_NONE;
}

static void queue_input(struct player *who, const struct arrival *arrival) {
    if (who->queued == LIMIT_INPUTS) {
        memmove(who->queue, who->queue + 1, (LIMIT_INPUTS - 1) * sizeof *who->queue);
        who->queued--;
        metrics_add(METRIC_inputs_unused, 1);
    }
    struct waiting *last = &who->queue[who->queued++];
    last->sequence = arrival->number;
    memcpy(last->cells, arrival->cells, sizeof last->cells);
}

static void call(struct room *room, const struct arrival *arrival) {
    uint8_t question[LIMIT_RECORD_BYTES];
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
    if (room->setup.journal)
        journal_arrival(room->setup.journal, room->turn.tick, arrival, arrival->player, cells);
    switch (arrival->what) {
    case ARRIVAL_INPUT:
        queue_input(who, arrival);
        break;
    case ARRIVAL_CALL:
        call(room, arrival);
        break;
    default:
        leave(room, arrival->player, (enum game_reason)arrival->reason);
    }
}

/* ---- The tick. */

static void use_input(struct room *room, uint16_t player) {
    struct player *who = &room->players[player];
    row_restore(&room->setup.shapes[LANE_NONE]->input, who->queue[0].cells, who->last);
    who->used = who->queue[0].sequence;
    who->used_tick = room->turn.tick;
    who->ever = true;
    memmove(who->queue, who->queue + 1, --who->queued * sizeof *who->queue);
    room->calls->input(room->world, &room->turn, player, who->last);
}

static void use_inputs(struct room *room, uint16_t player) {
    struct player *who = &room->players[player];
    if (who->computer) {
        room->calls->think(&room->view, &room->turn, player, who->mind, who->last);
        who->ever = true;
    }
    if (who->queued == 0) {
        if (who->ever) room->calls->input(room->world, &room->turn, player, who->last);
        return;
    }
    uint32_t now = who->queued > INPUTS_AT_EASE ? who->queued - 1u : 1u;
    while (now--) use_input(room, player);
}

static void show(struct room *room) {
    for (uint16_t i = 0; i < room->schema->kind_count; i++) {
        memset(room->kinds[i].life, 0, room->kinds[i].slots * sizeof *room->kinds[i].life);
    }
    memset(room->view.seats, 0, room->schema->players_max * sizeof *room->view.seats);
    room->calls->show(room->world, &room->view);
}

/* Rows as whole numbers, and which of them are there and since when. */
static void count_rows(struct room *room) {
    const struct shape_set *shapes = room->setup.shapes[LANE_NONE];
    memset(room->alive, 0, held_words(shapes->row_count) * sizeof *room->alive);
    memset(room->newborn, 0, held_words(shapes->row_count) * sizeof *room->newborn);
    for (int kind = 0; kind < shapes->kind_count; kind++) {
        const struct shape_kind *of = &shapes->kinds[kind];
        const struct game_rows *rows = &room->kinds[kind];
        for (uint32_t slot = 0; slot < of->slots; slot++) {
            uint32_t number = of->first + slot, life = rows->life[slot];
            bool begins = life != room->life[number];
            room->life[number] = life;
            if (begins) room->born[number] = room->turn.tick;
            if (!life) continue;
            held_add(room->alive, number);
            if (begins) held_add(room->newborn, number);
            row_quantise(&of->row, rows->rows + (size_t)slot * rows->size,
                         room->cells + room->cells_first[kind] + (size_t)slot * of->row.cell_count);
        }
    }
}

/* ---- Events. */

static uint32_t event_lifetime(const struct publication_event *event) {
    return event->must_arrive ? MUST_ARRIVE_TICKS : MAY_DROP_TICKS;
}

/* Drops the events that grew too old, and moves the rest together. */
static void age_events(struct room *room) {
    uint32_t kept = 0, bytes = 0;
    for (uint32_t i = 0; i < room->event_count; i++) {
        struct publication_event event = room->events[i];
        if (room->turn.tick - event.tick > event_lifetime(&event)) {
            if (event.must_arrive) room->event_lost = event.number;
            continue;
        }
        memmove(room->event_bytes + bytes, room->event_bytes + event.at, event.size);
        event.at = (uint16_t)bytes;
        bytes += event.size;
        room->events[kept++] = event;
    }
    room->event_count = kept;
}

static uint32_t event_bytes_used(const struct room *room) {
    if (room->event_count == 0) return 0;
    const struct publication_event *last = &room->events[room->event_count - 1];
    return last->at + (uint32_t)last->size;
}

/* The oldest goes, that one which may be dropped first. */
static void drop_event(struct room *room) {
    uint32_t victim = 0;
    for (uint32_t i = room->event_count; i-- > 0;)
        if (!room->events[i].must_arrive) victim = i;
    if (room->events[victim].must_arrive) room->event_lost = room->events[victim].number;
    metrics_add(METRIC_events_lost, 1);
    memmove(room->events + victim, room->events + victim + 1,
            (room->event_count - victim - 1) * sizeof *room->events);
    room->event_count--;
}

static void take_event(struct room *room, const struct game_note *note) {
    const struct shape *shape = &room->setup.shapes[LANE_NONE]->records[note->record];
    int32_t cells[LIMIT_CELLS];
    if (room->event_count == LIMIT_EVENTS) drop_event(room);
    uint32_t at = event_bytes_used(room);
    struct wire_writer writer = wire_writer_init(room->event_bytes + at, sizeof room->event_bytes - at);
    row_quantise(shape, room->turn.bytes + note->at, cells);
    message_write_values(&writer, shape, cells);
    struct publication_event event = {.number = ++room->event_last,
                                      .tick = room->turn.tick,
                                      .to = note->to,
                                      .record = (uint8_t)note->record,
                                      .elements = shape->field_count,
                                      .size = (uint8_t)writer.size,
                                      .must_arrive = shape->use == SCHEMA_MUST_ARRIVE,
                                      .at = (uint16_t)at};
    if (!writer.full && writer.size <= UINT8_MAX) {
        room->events[room->event_count++] = event;
        return;
    }
    if (event.must_arrive) room->event_lost = event.number;
    metrics_add(METRIC_events_lost, 1);
}

static void take_events(struct room *room) {
    age_events(room);
    for (uint32_t i = 0; i < room->turn.note_count; i++)
        if (room->turn.notes[i].what == GAME_EVENT) take_event(room, &room->turn.notes[i]);
}

/* ---- Publishing. */

static void publish_rows(const struct room *room, struct publication *into) {
    const struct shape_set *shapes = room->setup.shapes[LANE_NONE];
    memcpy(into->born, room->born, shapes->row_count * sizeof *into->born);
    memcpy(into->alive, room->alive, held_words(shapes->row_count) * sizeof *into->alive);
    memcpy(into->newborn, room->newborn, held_words(shapes->row_count) * sizeof *into->newborn);
    memcpy(into->everyone, room->alive, held_words(shapes->row_count) * sizeof *into->everyone);
    into->reserved_count = 0;
    for (int kind = 0; kind < shapes->kind_count; kind++) {
        const struct game_rows *rows = &room->kinds[kind];
        for (uint32_t slot = 0; slot < rows->slots; slot++) {
            uint32_t number = shapes->kinds[kind].first + slot;
            if (!rows->life[slot] || rows->to[slot].whom == GAME_TO_ALL) continue;
            held_remove(into->everyone, number);
            into->reserved[into->reserved_count] = number;
            into->reserved_to[into->reserved_count++] = rows->to[slot];
        }
    }
}

static void publish_people(const struct room *room, struct publication *into) {
    for (uint16_t i = 0; i < room->schema->players_max; i++)
        into->players[i] = (struct publication_player){.used = room->players[i].used,
                                                       .used_tick = room->players[i].used_tick,
                                                       .groups = room->view.seats[i].groups};
    into->event_count = room->event_count;
    into->event_last = room->event_last;
    into->event_lost = room->event_lost;
    memcpy(into->events, room->events, room->event_count * sizeof *into->events);
    memcpy(into->event_bytes, room->event_bytes, event_bytes_used(room));
}

static void publish(struct room *room) {
    struct publication *into = board_next(room->setup.board, room->setup.slot);
    into->hashed = room->turn.tick % HASH_TICKS == 0;
    publish_rows(room, into);
    publish_people(room, into);
    for (int i = 0; i < LANE_COUNT; i++) {
        if (into->hashed && room->lanes[i].active) lane_hash(&room->lanes[i], room->alive);
        publication_take_lane(into, (enum shape_lane)i, &room->lanes[i]);
    }
    into->rules = room->rules_cells;
    into->instance = room->setup.instance;
    into->tick = room->turn.tick;
    board_publish(room->setup.board, room->setup.slot, into);
}

static void turn_lanes(struct room *room) {
    struct lane_truth truth = {room->alive, room->born, room->cells, room->cells_first};
    for (int i = 0; i < LANE_COUNT; i++) {
        struct lane *lane = &room->lanes[i];
        if (lane->active)
            lane_turn(lane, &truth, room->turn.tick);
        else if (room->wanted[i])
            lane_activate(lane, &truth, room->turn.tick);
        metrics_add(METRIC_rows_changed, lane->rows_changed);
        metrics_add(METRIC_rows_encoded, lane->rows_encoded);
        metrics_add(METRIC_rows_anchored, lane->rows_anchored);
        lane->rows_changed = lane->rows_encoded = lane->rows_anchored = 0;
    }
}

void room_turn(struct room *room) {
    for (uint16_t i = 0; i < room->schema->players_max; i++)
        if (room->players[i].seated) use_inputs(room, i);
    room->calls->tick(room->world, &room->turn);
    show(room);
    count_rows(room);
    turn_lanes(room);
    take_events(room);
    publish(room);
    if (room->setup.journal && room->turn.tick % HASH_TICKS == 0)
        journal_hash(room->setup.journal, room->turn.tick, room_hash(room));
}

/* ---- What comes of it. */

static bool reply(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    const struct shape *shape = &room->setup.shapes[LANE_NONE]->records[note->record];
    struct wire_writer writer = wire_writer_init(room->outcome_bytes, sizeof room->outcome_bytes);
    int32_t cells[LIMIT_CELLS];
    if (note->status == 0) row_quantise(shape, room->turn.bytes + note->at, cells);
    message_write_reply(&writer, note->ticket, note->status, shape, cells);
    *outcome = (struct room_outcome){.what = ROOM_REPLY,
                                     .session = room_session(room, note->to.id),
                                     .bytes = room->outcome_bytes,
                                     .size = writer.size};
    return outcome->session && !writer.full;
}

static bool keep(const struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    *outcome = (struct room_outcome){.what = note->what == GAME_ADD ? ROOM_ADD : ROOM_SCORE,
                                     .account = note->account,
                                     .number = note->number};
    for (uint16_t i = 0; i < room->schema->players_max; i++)
        if (room->players[i].seated && room->players[i].account == note->account)
            memcpy(outcome->name, room->players[i].name, sizeof outcome->name);
    return note->account != 0;
}

static bool kick(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    uint16_t player = note->to.id;
    *outcome = (struct room_outcome){.what = ROOM_KICKED, .session = room_session(room, player)};
    if (player < room->schema->players_max) leave(room, player, GAME_KICKED);
    return outcome->session != 0;
}

static bool make_outcome(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    switch (note->what) {
    case GAME_REPLY:
        return reply(room, note, outcome);
    case GAME_KICK:
        return kick(room, note, outcome);
    case GAME_END:
        *outcome = (struct room_outcome){.what = ROOM_ENDED};
        return true;
    case GAME_ADD:
    case GAME_SCORE:
        return keep(room, note, outcome);
    default:
        return false;
    }
}

bool room_outcome(struct room *room, struct room_outcome *outcome) {
    while (room->next_note < room->turn.note_count)
        if (make_outcome(room, &room->turn.notes[room->next_note++], outcome)) return true;
    return false;
}

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

uint32_t room_session(const struct room *room, uint16_t player) {
    return player < room->schema->players_max ? room->players[player].session : 0;
}

uint64_t room_hash(const struct room *room) {
    const struct shape_set *shapes = room->setup.shapes[LANE_NONE];
    uint64_t sum = 0;
    for (int kind = 0; kind < shapes->kind_count; kind++) {
        const struct shape_kind *of = &shapes->kinds[kind];
        for (uint32_t slot = 0; slot < of->slots; slot++)
            if (held_has(room->alive, of->first + slot))
                sum += row_hash(&of->row, of->first + slot,
                                room->cells + room->cells_first[kind] + (size_t)slot * of->row.cell_count);
    }
    return sum;
}

void room_flush(struct room *room) {
    if (room->setup.journal) journal_flush(room->setup.journal);
}
