#include "server/world/room.h"
#include "server/world/events.h"
#include "server/memory.h"
#include "server/metrics.h"
#include "server/world/past.h"
#include "server/world/shown.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    NOTES_PER_PLAYER = 4, /* in one tick: a hit, a kill, a score, an answer */
    NOTES_SPARE = 256,    /* in one tick, for the world's own */
    NOTE_BYTES = 32,      /* of the record of one note, on average */
    INPUTS_AT_EASE = 2,   /* so many waiting inputs are jitter; more is a backlog, and is used up at once */
    HASH_TICKS = 64,      /* how often publications state hashes */
    OUTCOME_BYTES = 512,
    MIND_WORDS = 16,
    LAYERS_USUAL = 2 /* of waiting inputs: seldom more than two of a player wait */
};

struct waiting { /* an input, with as many cells as the game's have */
    uint32_t sequence, seen;
    int32_t cells[];
};

struct player {
    bool seated : 1, computer : 1;
    bool ever : 1;  /* an input was used: it is repeated when none comes */
    bool kept : 1;  /* `known` says who it is */
    uint8_t queued; /* inputs that wait */
    uint32_t session;
    uint32_t used, used_tick;
    uint16_t repeated, unused; /* ticks that had no new input, inputs passed over; modulo 2¹⁶ */
    uint32_t ago; /* how old was what the player saw when it made that input: LIMIT_SEEN_PARTS a tick */
};

struct mind { /* what a computer's `think` keeps in mind */
    uint32_t words[MIND_WORDS];
};

struct known { /* a player for whom something may be kept: no guest */
    uint64_t account;
    char name[LIMIT_NAME];
};

struct room {
    struct room_setup setup;
    const struct schema *schema;
    const struct game_calls *calls;
    char name[LIMIT_LABEL];
    void *world;
    void *rules;          /* a plain struct, */
    int32_t *rules_cells; /* and as raw values */
    struct game_turn turn;
    struct player *players;
    struct mind *minds; /* by player, of computers: they have the first seats */
    uint8_t *waiting;   /* layers: of each player the oldest input, behind them the next ones */
    uint64_t *inputs;   /* by player: the newest used input as a plain struct */

    void *seldom;          /* memory_seldom, and what lies there, with the notes of `turn`: */
    uint8_t *waiting_more; /* the layers behind LAYERS_USUAL */
    struct known *known;   /* by player */
    struct known *gone;    /* who left in this tick: what is to be kept for them is read after it */
    uint8_t *outcome_bytes;

    uint32_t people, empty_since, next_note, gone_count;
    const struct publication *newest; /* on the board; NULL: none yet */
    uint16_t seats_full;              /* so many of the first seats are all taken */
    uint16_t seats_used;              /* nobody ever sat beyond so many */

    struct shown shown;
    struct past past;
    struct lane *lanes[LANE_COUNT]; /* NULL: nobody has wanted it yet */
    bool hash_asked;                /* somebody wants the next publication to state hashes */

    struct events events;
};

/* ---- Inputs are as large as the game's are: most are small, and seats are many. They lie in layers, since
 * seldom more than two of a player wait: what nobody needs takes no memory. */

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

/* ---- Making. */

static void lay_seldom(struct room *room, struct memory_parts *parts) {
    struct game_turn *turn = &room->turn;
    size_t players = room->schema->players_max;
    turn->notes = memory_part(parts, turn->note_max, sizeof *turn->notes);
    turn->bytes = memory_part(parts, turn->byte_max, 1);
    room->known = memory_part(parts, players, sizeof *room->known);
    room->gone = memory_part(parts, players, sizeof *room->gone);
    room->waiting_more = memory_part(parts, players * (LIMIT_INPUTS - LAYERS_USUAL), waiting_bytes(room));
    room->outcome_bytes = memory_part(parts, OUTCOME_BYTES, 1);
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

static uint32_t computers_most(const struct room *room) {
    if (!room->calls->think) return 0;
    uint32_t seats = room->schema->players_max;
    return room->setup.computers < seats ? room->setup.computers : seats;
}

static bool make(struct room *room) {
    room->world = calloc(1, room->schema->world_size);
    room->rules = calloc(1, room->schema->rules.size + 1u);
    room->rules_cells = calloc(LIMIT_CELLS, sizeof *room->rules_cells);
    room->players = calloc(room->schema->players_max, sizeof *room->players);
    room->minds = calloc(computers_most(room) + 1u, sizeof *room->minds);
    room->waiting = calloc(room->schema->players_max * (size_t)LAYERS_USUAL, waiting_bytes(room));
    room->inputs = calloc(room->schema->players_max + 1u, input_words(room) * sizeof *room->inputs);
    bool well = room->world && room->rules && room->rules_cells && room->players && room->minds &&
                room->waiting && room->inputs;
    well = make_seldom(room) && well;
    well = events_init(&room->events, room->schema->players_max) && well;
    well = shown_init(&room->shown, room->schema, room->setup.shapes[LANE_GAME]) && well;
    well = past_init(&room->past, room->schema, room->setup.rate) && well;
    if (well)
        board_open(room->setup.board, room->setup.slot, room->setup.shapes[LANE_NONE], room->shown.placed,
                   room->schema->players_max);
    return well;
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
    room->players[player] = (struct player){.seated = true,
                                            .computer = profile->computer,
                                            .kept = profile->account != 0,
                                            .session = session,
                                            .used_tick = room->turn.tick};
    if (player >= room->seats_used) room->seats_used = player + 1;
    if (profile->account) {
        room->known[player].account = profile->account;
        snprintf(room->known[player].name, LIMIT_NAME, "%s", profile->name);
    }
    if (profile->computer) begin_mind(room, player);
    room->calls->join(room->world, &room->turn, player, profile);
}

static void seat_computers(struct room *room) {
    static const char *const names[] = {"Vesper", "Orrin", "Kestrel", "Juno", "Rook",  "Sable",
                                        "Tamsin", "Bolt",  "Indra",   "Wren", "Corvo", "Pike",
                                        "Lyra",   "Dax",   "Mako",    "Ember"};
    for (uint16_t i = 0; i < room->setup.computers && i + 1u < room->schema->players_max; i++) {
        struct game_profile profile = {.name = names[i % COUNT_OF(names)], .computer = true};
        seat(room, i, 0, &profile);
    }
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
    if (room->calls->think) seat_computers(room);
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

/* ---- Arrivals. */

void room_begin(struct room *room, uint32_t tick) {
    metrics_add(METRIC_notes_lost, room->turn.notes_lost);
    room->turn.tick = tick;
    room->turn.past = room->past.views;
    room->turn.past_count = room->past.known;
    room->turn.note_count = room->turn.byte_count = room->turn.notes_lost = room->next_note = 0;
    room->gone_count = 0;
}

static void remember(struct room *room, uint16_t player) {
    if (!room->players[player].kept) return;
    if (room->gone_count < room->schema->players_max) room->gone[room->gone_count++] = room->known[player];
}

static void leave(struct room *room, uint16_t player, enum game_reason why) {
    struct player *who = &room->players[player];
    if (!who->seated) return;
    room->calls->leave(room->world, &room->turn, player, why);
    if (!who->computer && --room->people == 0) room->empty_since = room->turn.tick;
    remember(room, player);
    memset(last_input(room, player), 0, input_words(room) * sizeof *room->inputs);
    *who = (struct player){0};
    if (player < room->seats_full) room->seats_full = player;
}

/* The lowest free seat; a computer makes room for a person. */
static bool find_seat(struct room *room, uint16_t *player) {
    for (int round = 0; round < 2; round++) {
        for (uint16_t i = round == 0 ? room->seats_full : 0; i < room->schema->players_max; i++) {
            if (round == 1 && room->players[i].computer) leave(room, i, GAME_LEFT);
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

static uint32_t newest_input(const struct room *room, uint16_t player) {
    const struct player *who = &room->players[player];
    return who->queued ? waiting_at(room, player, who->queued - 1u)->sequence : who->used;
}

static void forget_oldest(struct room *room, uint16_t player) {
    size_t left = --room->players[player].queued;
    for (size_t i = 0; i < left; i++)
        memcpy(waiting_at(room, player, i), waiting_at(room, player, i + 1), waiting_bytes(room));
}

/* A client that came back without its memory goes on from the newest used input: it says anew what still
 * waits here. */
static void queue_input(struct room *room, uint16_t player, const struct arrival *arrival) {
    struct player *who = &room->players[player];
    if (arrival->number <= newest_input(room, player)) return;
    if (who->queued == LIMIT_INPUTS) {
        forget_oldest(room, player);
        who->unused++;
        metrics_add(METRIC_inputs_unused, 1);
    }
    struct waiting *waiting = waiting_at(room, player, who->queued++);
    waiting->sequence = arrival->number;
    waiting->seen = arrival->seen;
    memcpy(waiting->cells, arrival->cells, input_cell_count(room) * sizeof *waiting->cells);
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
        queue_input(room, arrival->player, arrival);
        break;
    case ARRIVAL_HASH:
        room->hash_asked = true;
        break;
    case ARRIVAL_CALL:
        call(room, arrival);
        break;
    default:
        leave(room, arrival->player, (enum game_reason)arrival->reason);
    }
}

/* ---- The tick. */

/* How old was what the player saw, within what is remembered: whoever says to have seen the distant past is
 * not believed. */
static uint32_t ago(const struct room *room, uint32_t seen) {
    int32_t parts = (int32_t)(room->turn.tick * LIMIT_SEEN_PARTS - seen);
    int32_t most = (int32_t)(past_reach(&room->past) * LIMIT_SEEN_PARTS);
    return (uint32_t)(parts < 0 ? 0 : parts > most ? most : parts);
}

static void carry_out(struct room *room, uint16_t player) {
    struct player *who = &room->players[player];
    room->turn.ago = (float)who->ago / LIMIT_SEEN_PARTS;
    room->calls->input(room->world, &room->turn, player, last_input(room, player));
}

static void use_input(struct room *room, uint16_t player) {
    struct player *who = &room->players[player];
    const struct waiting *oldest = waiting_at(room, player, 0);
    row_restore(&room->setup.shapes[LANE_NONE]->input, oldest->cells, last_input(room, player));
    who->used = oldest->sequence;
    who->used_tick = room->turn.tick;
    who->ago = ago(room, oldest->seen);
    who->ever = true;
    forget_oldest(room, player);
    carry_out(room, player);
}

/* No new one came. */
static void repeat_input(struct room *room, uint16_t player) {
    struct player *who = &room->players[player];
    if (!who->ever) return;
    who->repeated++;
    carry_out(room, player);
}

static void use_inputs(struct room *room, uint16_t player) {
    struct player *who = &room->players[player];
    if (who->computer) {
        room->calls->think(&room->shown.view, &room->turn, player, room->minds[player].words,
                           last_input(room, player));
        who->ever = true;
    }
    if (who->queued == 0) {
        repeat_input(room, player);
        return;
    }
    uint32_t now = who->queued > INPUTS_AT_EASE ? who->queued - 1u : 1u;
    while (now--) use_input(room, player);
}

static void show(struct room *room) {
    shown_clear(&room->shown, room->seats_used);
    room->calls->show(room->world, &room->shown.view);
    shown_count(&room->shown, room->turn.tick);
    past_take(&room->past, &room->shown.view, room->shown.used);
}

static void take_events(struct room *room) {
    events_age(&room->events, room->turn.tick);
    for (uint32_t i = 0; i < room->turn.note_count; i++) {
        const struct game_note *note = &room->turn.notes[i];
        if (note->what != GAME_EVENT) continue;
        const struct shape *shape = &room->setup.shapes[LANE_NONE]->records[note->record];
        events_take(&room->events, shape, note, room->turn.bytes + note->at, room->turn.tick);
    }
}

/* ---- Publishing. */

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
    return room->turn.tick % HASH_TICKS == 0 || (newest && newest->scheduled && newest->news < newest->tick);
}

static bool says_new(const struct room *room, const struct publication *publication) {
    const struct publication *newest = room->newest;
    return !newest || newest->tick + 1 != publication->tick || publication_says_new(newest, publication);
}

/* Without memory for it nobody is told of this tick: to those who are told of the next it is as if they were
 * slow. */
static void publish(struct room *room) {
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

void room_turn(struct room *room) {
    for (uint16_t i = 0; i < room->seats_used; i++)
        if (room->players[i].seated) use_inputs(room, i);
    room->calls->tick(room->world, &room->turn);
    show(room);
    turn_lanes(room);
    take_events(room);
    publish(room);
    if (room->setup.journal && room->turn.tick % HASH_TICKS == 0)
        journal_hash(room->setup.journal, room->turn.tick, room_hash(room));
}

/* ---- What comes of it. */

static bool reply(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    const struct shape *shape = &room->setup.shapes[LANE_NONE]->records[note->record];
    struct wire_writer writer = wire_writer_init(room->outcome_bytes, OUTCOME_BYTES);
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
    for (uint32_t i = 0; i < room->gone_count; i++)
        if (room->gone[i].account == note->account)
            memcpy(outcome->name, room->gone[i].name, sizeof outcome->name);
    for (uint16_t i = 0; i < room->schema->players_max; i++)
        if (room->players[i].kept && room->known[i].account == note->account)
            memcpy(outcome->name, room->known[i].name, sizeof outcome->name);
    return note->account != 0;
}

static bool kick(struct room *room, const struct game_note *note, struct room_outcome *outcome) {
    uint16_t player = note->to.id;
    *outcome =
        (struct room_outcome){.what = ROOM_KICKED, .session = room_session(room, player), .player = player};
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

void room_clear(struct room *room) {
    for (uint16_t i = 0; i < room->schema->players_max; i++)
        if (!room->players[i].computer) leave(room, i, GAME_LOST);
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
