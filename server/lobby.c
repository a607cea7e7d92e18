#include "server/lobby.h"
#include "server/games.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/keep/token.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    SERVES = 4,   /* looks at the waiting line in a second */
    SLOT_MAIN = 0 /* of the front game's room `main`, and of no other */
};

struct lobby {
    struct lobby_outside outside;
    struct games games;
    struct room **rooms; /* by slot of the board; NULL: free */
    uint32_t room_count, instances, tick;
    uint64_t journal_left; /* bytes that all journals may still take */
    uint32_t people;       /* seated, and not given back before this tick */
    struct line line;
    bool crowded;    /* some in line wait for the server as a whole */
    uint32_t *ahead; /* scratch: how many in line wait for each room, and for the server */
};

/* ---- Rooms. */

static struct journal *open_journal(struct lobby *lobby, const struct room_setup *setup) {
    const char *dir = lobby->outside.config->journal;
    if (!dir[0]) return NULL;
    struct journal_head head = {.game = setup->module->name,
                                .room = setup->name,
                                .instance = setup->instance,
                                .rate = setup->rate,
                                .computers = setup->computers,
                                .tick = setup->tick,
                                .seed = setup->seed,
                                .rules = setup->rules,
                                .rules_size = setup->module->schema->rules.size};
    return journal_open(dir, &head, &lobby->journal_left);
}

static struct room *open_room(struct lobby *lobby, struct game *game, const char *name, uint32_t slot) {
    const struct config *config = lobby->outside.config;
    struct room_setup setup = {
        .module = &game->module,
        .shapes = {&game->shapes[LANE_NONE], &game->shapes[LANE_LINEAR], &game->shapes[LANE_GAME]},
        .name = name,
        .instance = ++lobby->instances,
        .rate = config->rate,
        .computers = game->computers,
        .tick = lobby->tick,
        .seed = config->seed ? config->seed : token_random(),
        .rules = game->rules,
        .board = lobby->outside.board,
        .slot = slot};
    setup.journal = open_journal(lobby, &setup);
    struct room *room = room_create(&setup);
    if (!room) return NULL;
    lobby->rooms[slot] = room;
    lobby->room_count++;
    metrics_add(METRIC_rooms_opened, 1);
    metrics_set(METRIC_rooms, lobby->room_count);
    log_limited(LOG_INFO, "room_opened", "game=%s room=%s instance=%u", game->module.name, name,
                setup.instance);
    room_begin(room, lobby->tick);
    return room;
}

static const char *const LANES[LANE_COUNT] = {"none", "linear", "game"}; /* as the log says them */

/* Why rows of this room were sent, field by field: for the author of its game. */
static void tell_prediction(const struct room *room) {
    struct room_field field;
    for (uint32_t cursor = 0; room_next_field(room, &cursor, &field);)
        log_write(LOG_INFO, "prediction",
                  "game=%s room=%s lane=%s kind=%s field=%s intents=%llu corrections=%llu", room_game(room),
                  room_name(room), LANES[field.lane], field.kind, field.field,
                  (unsigned long long)field.intents, (unsigned long long)field.corrections);
}

static void keep(const struct lobby *lobby, const struct room *room, const struct room_outcome *outcome) {
    struct store_request request = {.what = outcome->what == ROOM_ADD ? STORE_ADD : STORE_SCORE,
                                    .account = outcome->account,
                                    .number = outcome->number};
    snprintf(request.game, sizeof request.game, "%s", room_game(room));
    memcpy(request.name, outcome->name, sizeof request.name);
    if (lobby->outside.store && !store_ask(lobby->outside.store, &request))
        log_limited(LOG_WARN, "store_full", "game=%s", request.game);
}

/* What games say for people who leave with the room; nobody hears the rest any more. */
static void keep_last(struct lobby *lobby, struct room *room) {
    struct room_outcome outcome;
    for (int round = 0; round < 2; round++) {
        while (room_outcome(room, &outcome))
            if (outcome.what == ROOM_ADD || outcome.what == ROOM_SCORE) keep(lobby, room, &outcome);
        if (round == 1) return;
        room_begin(room, lobby->tick);
        room_clear(room);
    }
}

static void close_room(struct lobby *lobby, uint32_t slot, enum code code) {
    struct room *room = lobby->rooms[slot];
    for (uint32_t i = 0; i < room_players_max(room); i++)
        if (room_session(room, (uint16_t)i))
            session_end(lobby->outside.sessions, room_session(room, (uint16_t)i), code);
    keep_last(lobby, room);
    log_limited(LOG_INFO, "room_closed", "game=%s room=%s instance=%u", room_game(room), room_name(room),
                room_instance(room));
    room_destroy(room);
    lobby->rooms[slot] = NULL;
    metrics_set(METRIC_rooms, --lobby->room_count);
}

static bool is_main(const struct lobby *lobby, const char *game, const char *name) {
    return strcmp(name, "main") == 0 && strcmp(game, lobby->outside.config->game) == 0;
}

/* The slot of this room; if it does not stand, a free one; rooms_max: none is left. */
static uint32_t find_slot(const struct lobby *lobby, const char *game, const char *name) {
    uint32_t slots = lobby->outside.config->rooms_max, free_slot = slots;
    if (is_main(lobby, game, name)) return SLOT_MAIN;
    for (uint32_t i = SLOT_MAIN + 1; i < slots; i++) {
        if (!lobby->rooms[i]) {
            if (free_slot == slots) free_slot = i;
        } else if (strcmp(room_game(lobby->rooms[i]), game) == 0 &&
                   strcmp(room_name(lobby->rooms[i]), name) == 0) {
            return i;
        }
    }
    return free_slot;
}

/* If it is not open: its game may have ended it. The front game was loaded first. */
static bool open_main(struct lobby *lobby) {
    return lobby->rooms[SLOT_MAIN] || open_room(lobby, lobby->games.all[0], "main", SLOT_MAIN);
}

/* ---- Arrivals. */

static uint32_t people(const struct lobby *lobby) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < lobby->outside.config->rooms_max; i++)
        if (lobby->rooms[i]) sum += room_people(lobby->rooms[i]);
    return sum;
}

static enum code find_room(struct lobby *lobby, const struct arrival *arrival, uint32_t *slot,
                           struct game **game) {
    char why[GAMES_WHY];
    *game = games_find(&lobby->games, arrival->join.game, why);
    if (!*game) {
        log_limited(LOG_INFO, "no_game", "game=%s why=%s", arrival->join.game, LOG_QUOTE(why));
        return CODE_NO_GAME;
    }
    *slot = find_slot(lobby, arrival->join.game, arrival->join.room);
    if (lobby->people >= lobby->outside.config->sessions_max) return CODE_SERVER_FULL;
    if (*slot == lobby->outside.config->rooms_max) return CODE_SERVER_FULL;
    if (!lobby->rooms[*slot] && !open_room(lobby, *game, arrival->join.room, *slot)) return CODE_SERVER_FULL;
    return CODE_NONE;
}

static void tell_joined(const struct lobby *lobby, const struct arrival *arrival, const struct room *room,
                        uint16_t player) {
    struct session_about about;
    if (!session_about(lobby->outside.sessions, arrival->session, &about)) return;
    log_limited(LOG_INFO, "joined", "game=%s room=%s player=%u name=%s from=%s over=%s lane=%s people=%u",
                room_game(room), room_name(room), player, LOG_QUOTE(about.name), about.address, about.over,
                LANES[arrival->lane], room_people(room));
}

/* A client that has other predictors than we, or none, is served what everybody can do. */
static uint8_t lane_for(const struct game *game, const struct arrival *arrival) {
    if (arrival->lane < LANE_GAME) return arrival->lane;
    return game->digest && arrival->join.predictor == game->digest ? LANE_GAME : LANE_LINEAR;
}

/* What room_join has let in gets its session's seat, or goes again if the session is no more. */
static void take_seat(struct lobby *lobby, const struct arrival *arrival, const struct session_seat *seat) {
    struct room *room = lobby->rooms[seat->room];
    if (session_seat(lobby->outside.sessions, arrival->session, seat)) {
        lobby->people++;
        tell_joined(lobby, arrival, room, seat->player);
        return;
    }
    struct arrival gone = {.what = ARRIVAL_LEAVE,
                           .reason = GAME_LOST,
                           .player = seat->player,
                           .session = arrival->session,
                           .instance = room_instance(room)};
    room_arrive(room, &gone);
}

/* Seats a player; or CODE_ROOM_FULL or CODE_SERVER_FULL, with the `slot` of the room; or why not at all. */
static enum code seat(struct lobby *lobby, const struct arrival *arrival, uint32_t *slot) {
    struct game *game;
    uint16_t player;
    enum code code = find_room(lobby, arrival, slot, &game);
    if (code != CODE_NONE) return code;
    struct room *room = lobby->rooms[*slot];
    struct arrival settled = *arrival;
    settled.lane = lane_for(game, arrival);
    code = room_join(room, &settled, &player);
    if (code != CODE_NONE) return code;
    struct session_seat seat = {.room = (uint16_t)*slot,
                                .player = player,
                                .instance = room_instance(room),
                                .tick = lobby->tick,
                                .lane = settled.lane,
                                .shapes = &game->shapes[settled.lane],
                                .room_name = room_name(room)};
    take_seat(lobby, &settled, &seat);
    return CODE_NONE;
}

static void refuse(struct lobby *lobby, const struct arrival *arrival, enum code code) {
    log_limited(LOG_INFO, "refused", "game=%s room=%s code=%u why=\"%s\"", arrival->join.game,
                arrival->join.room, code, code_text(code));
    session_end(lobby->outside.sessions, arrival->session, code);
}

/* ---- The waiting line. */

static bool is_full(enum code code) {
    return code == CODE_ROOM_FULL || code == CODE_SERVER_FULL;
}

/* How many of the line are seated before somebody who joins it now for this slot. */
static uint32_t count_ahead(const struct lobby *lobby, uint32_t slot) {
    uint32_t ahead = 0;
    for (uint32_t i = 0; i < lobby->line.count; i++)
        ahead += lobby->crowded || lobby->line.entries[i].slot == slot;
    return ahead;
}

/* False: the line is full. */
static bool stand_in_line(struct lobby *lobby, const struct arrival *arrival, uint32_t slot) {
    uint32_t place = count_ahead(lobby, slot) + 1;
    if (lobby->line.count == lobby->line.max) return false;
    if (!session_line(lobby->outside.sessions, arrival->session, place)) return true; /* gone already */
    line_put(&lobby->line, arrival, slot);
    metrics_set(METRIC_waiting, lobby->line.count);
    log_limited(LOG_INFO, "queued", "game=%s room=%s place=%u", arrival->join.game, arrival->join.room,
                place);
    return true;
}

/* Newcomers do not go before those who wait, even if a seat came free just now. */
static void join(struct lobby *lobby, const struct arrival *arrival) {
    const char *game = arrival->join.game, *name = arrival->join.room;
    uint32_t slot = find_slot(lobby, game, name);
    enum code code = lobby->crowded ? CODE_SERVER_FULL : CODE_ROOM_FULL;
    if (!lobby->crowded && !line_waits_for(&lobby->line, game, name)) code = seat(lobby, arrival, &slot);
    if (code == CODE_NONE) return;
    if (code == CODE_SERVER_FULL && lobby->line.max) lobby->crowded = true;
    if (is_full(code) && stand_in_line(lobby, arrival, slot)) return;
    refuse(lobby, arrival, code);
}

static bool still_waits(void *context, struct line_entry *entry) {
    struct lobby *lobby = context;
    if (!session_line(lobby->outside.sessions, entry->join.session, 0)) return false;
    enum code code = seat(lobby, &entry->join, &entry->slot);
    if (code == CODE_SERVER_FULL) lobby->crowded = true;
    if (code != CODE_NONE && !is_full(code)) refuse(lobby, &entry->join, code);
    return is_full(code);
}

/* Seats that came free are given to who waits for them longest. */
static void serve_line(struct lobby *lobby) {
    lobby->crowded = false;
    line_filter(&lobby->line, still_waits, lobby);
    metrics_set(METRIC_waiting, lobby->line.count);
}

/* Among those who wait for the same room; if they wait for the server, among all. */
static bool tell_place(void *context, struct line_entry *entry) {
    struct lobby *lobby = context;
    uint32_t *ahead = &lobby->ahead[lobby->crowded ? lobby->outside.config->rooms_max : entry->slot];
    bool waits = session_line(lobby->outside.sessions, entry->join.session, *ahead + 1);
    *ahead += waits;
    return waits;
}

static void tell_places(struct lobby *lobby) {
    memset(lobby->ahead, 0, (lobby->outside.config->rooms_max + 1) * sizeof *lobby->ahead);
    line_filter(&lobby->line, tell_place, lobby);
    metrics_set(METRIC_waiting, lobby->line.count);
}

/* ---- Other arrivals. */

static struct room *room_of(const struct lobby *lobby, uint32_t instance) {
    for (uint32_t i = 0; i < lobby->outside.config->rooms_max; i++)
        if (lobby->rooms[i] && room_instance(lobby->rooms[i]) == instance) return lobby->rooms[i];
    return NULL;
}

/* Who was kicked is told of before the session ends, and has no code yet. */
static void tell_left(const struct lobby *lobby, const struct room *room, uint32_t session, uint16_t player,
                      enum game_reason reason) {
    struct session_about about;
    if (!session_about(lobby->outside.sessions, session, &about)) return;
    enum code code = about.code == CODE_NONE ? CODE_KICKED : about.code;
    log_limited(
        LOG_INFO, "left", "game=%s room=%s player=%u name=%s code=%u why=\"%s\" rtt_ms=%.1f people=%u",
        room_game(room), room_name(room), player, LOG_QUOTE(about.name), code,
        reason == GAME_LOST ? "connection lost" : code_text(code), about.rtt_us / 1000.0, room_people(room));
}

static void arrive(struct lobby *lobby, const struct arrival *arrival) {
    if (arrival->what == ARRIVAL_JOIN) {
        join(lobby, arrival);
        return;
    }
    struct room *room = room_of(lobby, arrival->instance);
    if (room) room_arrive(room, arrival);
    if (arrival->what != ARRIVAL_LEAVE) return;
    if (room) tell_left(lobby, room, arrival->session, arrival->player, (enum game_reason)arrival->reason);
    session_unseat(lobby->outside.sessions, arrival->session);
}

/* ---- Outcomes. */

/* Carries one outcome out; false: the room ended with it. */
static bool carry_out(struct lobby *lobby, uint32_t slot, const struct room_outcome *outcome) {
    switch (outcome->what) {
    case ROOM_REPLY:
        session_reply(lobby->outside.sessions, outcome->session, outcome->bytes, outcome->size);
        break;
    case ROOM_KICKED:
        tell_left(lobby, lobby->rooms[slot], outcome->session, outcome->player, GAME_KICKED);
        session_end(lobby->outside.sessions, outcome->session, CODE_KICKED);
        break;
    case ROOM_ENDED:
        close_room(lobby, slot, CODE_ROOM_ENDED);
        return false;
    default:
        keep(lobby, lobby->rooms[slot], outcome);
    }
    return true;
}

static void turn_room(struct lobby *lobby, uint32_t slot) {
    struct room_outcome outcome;
    room_turn(lobby->rooms[slot]);
    while (room_outcome(lobby->rooms[slot], &outcome))
        if (!carry_out(lobby, slot, &outcome)) return;
}

/* ---- For main. */

struct lobby *lobby_create(const struct lobby_outside *outside) {
    char why[GAMES_WHY];
    struct lobby *lobby = calloc(1, sizeof *lobby);
    if (!lobby) return NULL;
    lobby->outside = *outside;
    lobby->games.config = outside->config;
    lobby->journal_left = outside->config->journal_mb * UINT64_C(1000000);
    lobby->rooms = calloc(outside->config->rooms_max, sizeof *lobby->rooms);
    lobby->ahead = calloc(outside->config->rooms_max + 1, sizeof *lobby->ahead);
    bool well = line_create(&lobby->line, outside->config->line_max) && lobby->rooms && lobby->ahead;
    struct game *game = well ? games_find(&lobby->games, outside->config->game, why) : NULL;
    if (game && open_main(lobby)) return lobby;
    log_write(LOG_ERROR, "game_failed", "game=%s why=%s", outside->config->game,
              LOG_QUOTE(!well || game ? "no memory" : why));
    lobby_destroy(lobby);
    return NULL;
}

void lobby_destroy(struct lobby *lobby) {
    if (!lobby) return;
    for (uint32_t i = 0; lobby->rooms && i < lobby->outside.config->rooms_max; i++)
        if (lobby->rooms[i]) close_room(lobby, i, CODE_SHUTDOWN);
    games_finish(&lobby->games);
    free(lobby->rooms);
    free(lobby->ahead);
    line_destroy(&lobby->line);
    free(lobby);
}

static uint32_t serve_ticks(const struct lobby *lobby) {
    return lobby->outside.config->rate < SERVES ? 1 : lobby->outside.config->rate / SERVES;
}

bool lobby_deserted(const struct lobby *lobby) {
    return lobby->people == 0 && lobby->line.count == 0;
}

void lobby_turn(struct lobby *lobby, uint32_t tick) {
    lobby->tick = tick;
    for (uint32_t i = 0; i < lobby->outside.config->rooms_max; i++)
        if (lobby->rooms[i]) room_begin(lobby->rooms[i], tick);
    if (lobby->line.count == 0) lobby->crowded = false; /* who waited for the server has gone */
    if (lobby->line.count && tick % serve_ticks(lobby) == 0) serve_line(lobby);
    inbox_take(lobby->outside.inbox);
    for (const struct arrival *arrival; (arrival = inbox_next(lobby->outside.inbox));) arrive(lobby, arrival);
    for (uint32_t i = 0; i < lobby->outside.config->rooms_max; i++)
        if (lobby->rooms[i]) turn_room(lobby, i);
    lobby->people = people(lobby);
    metrics_set(METRIC_players, lobby->people);
}

void lobby_tidy(struct lobby *lobby, uint32_t tick) {
    if (lobby->line.count) tell_places(lobby);
    open_main(lobby);
    uint32_t patience = lobby->outside.config->room_empty_s * lobby->outside.config->rate;
    for (uint32_t i = 0; i < lobby->outside.config->rooms_max; i++) {
        if (!lobby->rooms[i]) continue;
        room_flush(lobby->rooms[i]);
        if (i != SLOT_MAIN && room_people(lobby->rooms[i]) == 0 &&
            tick - room_empty_since(lobby->rooms[i]) > patience)
            close_room(lobby, i, CODE_ROOM_ENDED);
    }
}

void lobby_tell_prediction(const struct lobby *lobby) {
    for (uint32_t i = 0; i < lobby->outside.config->rooms_max; i++)
        if (lobby->rooms[i]) tell_prediction(lobby->rooms[i]);
}
