/* The game's side of the contract, broken and kept: values that cannot travel are clipped, what would write
 * or read beyond its place stops the server, what a game says too much is counted, and what it says while its
 * room begins counts as well. */
#include "tests/check.h"
#include "server/metrics.h"
#include "server/world/room_inside.h"
#include <math.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEATS = 3, SLOTS = 4, RATE = 20 };
enum { NEWS, BANG, ASK, TOLD, RECORDS };

struct thing {
    float x, y;
    int32_t count;
    char name[8];
};
struct news {
    int32_t count;
};
static const struct schema_field thing_fields[] = {
    SCHEMA_FIELD(struct thing, x, .max = 100), SCHEMA_FIELD(struct thing, y),
    SCHEMA_FIELD(struct thing, count, .max = 9), SCHEMA_FIELD(struct thing, name)};
static const struct schema_field news_fields[] = {SCHEMA_FIELD(struct news, count)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("thing", struct thing, thing_fields)}, SLOTS, .placed = true}};
static const struct schema_record records[RECORDS] = {
    [NEWS] = {SCHEMA_RECORD("news", struct news, news_fields), .use = SCHEMA_MUST_ARRIVE},
    [BANG] = {"bang", NULL, 0, 0, SCHEMA_MAY_DROP, 0},
    [ASK] = {SCHEMA_RECORD("ask", struct news, news_fields), .use = SCHEMA_CALL, .answer = TOLD},
    [TOLD] = {SCHEMA_RECORD("told", struct news, news_fields), .use = SCHEMA_ANSWER}};
static const struct schema schema = {.name = "things",
                                     .api = GAME_API,
                                     .world_size = 1,
                                     .players_max = SEATS,
                                     .input = {SCHEMA_RECORD("push", struct news, news_fields)},
                                     .rules = {.name = "rules"},
                                     .kinds = kinds,
                                     .kind_count = 1,
                                     .records = records,
                                     .record_count = RECORDS};

/* ---- A game that does what the test wants. */

static struct wanted {
    uint16_t slot; /* where the thing is shown */
    struct thing thing;
    struct game_seat seat;
    bool kick_computers, end; /* in the calls with which a room begins */
    uint32_t says;            /* so many notes in a tick, */
    struct game_note note;    /* this one, */
    const void *record;       /* with this */
    uint32_t inputs;          /* how many it was given */
} wanted;

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)world, (void)seed;
    if (wanted.end) game_say(turn, (struct game_note){.what = GAME_END}, NULL);
}
static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    (void)world;
    if (wanted.kick_computers && profile->computer)
        game_say(turn, (struct game_note){.what = GAME_KICK, .to = GAME_ONE(who)}, NULL);
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)world, (void)who, (void)why;
    game_say(turn, (struct game_note){.what = GAME_EVENT, .record = BANG}, NULL);
}
static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)world, (void)turn, (void)who, (void)input;
    wanted.inputs++;
}
static void tick(void *world, struct game_turn *turn) {
    (void)world;
    for (uint32_t i = 0; i < wanted.says; i++) game_say(turn, wanted.note, wanted.record);
}
static void show(const void *world, struct game_view *view) {
    (void)world;
    game_show(view, 0, wanted.slot, 1, &wanted.thing, GAME_ALL);
    view->seats[0] = wanted.seat;
}
static void think(const struct game_view *view, const struct game_turn *turn, game_player who, uint32_t *mind,
                  void *input) {
    (void)turn, (void)who, (void)mind, (void)input;
    EXPECT(game_row(view, 0, SLOTS) == NULL && game_row(view, 0, UINT16_MAX) == NULL);
}
static const struct game_calls calls = {begin,        join,         leave,         input,
                                        .tick = tick, .show = show, .think = think};

/* ---- Its room. */

static const struct module module = {.name = "things", .schema = &schema, .calls = &calls};
static struct shape_set shapes[LANE_COUNT];
static struct board *board;

static struct room *open_room(uint32_t computers) {
    struct room_setup setup = {.module = &module,
                               .shapes = {&shapes[LANE_NONE], &shapes[LANE_LINEAR], &shapes[LANE_GAME]},
                               .name = "main",
                               .instance = 1,
                               .rate = RATE,
                               .computers = computers,
                               .rules = "",
                               .board = board};
    struct room *room = room_create(&setup);
    CHECK(room);
    return room;
}

/* One player in each lane. */
static void seat_all(struct room *room) {
    uint16_t player;
    for (uint8_t lane = 0; lane < LANE_COUNT; lane++)
        EXPECT_EQ(room_join(room, &(struct arrival){.what = ARRIVAL_JOIN, .session = lane + 1u, .lane = lane},
                            &player),
                  CODE_NONE);
}

/* Turns once; how many outcomes of this sort there were. */
static uint32_t turn(struct room *room, uint32_t number, enum room_what what) {
    struct room_outcome outcome;
    uint32_t count = 0;
    room_begin(room, number);
    room_turn(room);
    while (room_outcome(room, &outcome)) count += outcome.what == what;
    return count;
}

/* ---- Tests. */

static const float odd[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, -0.0f, 101, -1};

static void odd_values_are_clipped(void) {
    wanted = (struct wanted){0};
    struct room *room = open_room(0);
    room_begin(room, 1);
    seat_all(room);
    memset(wanted.thing.name, 'a', sizeof wanted.thing.name); /* without an end */
    for (uint32_t i = 0; i < COUNT_OF(odd) * COUNT_OF(odd); i++) {
        wanted.thing.x = wanted.seat.x = odd[i % COUNT_OF(odd)];
        wanted.thing.y = wanted.seat.y = wanted.seat.radius = odd[i / COUNT_OF(odd)];
        wanted.thing.count = i % 2 ? INT32_MIN : INT32_MAX;
        wanted.seat.owns = true;
        wanted.seat.kind = (uint8_t)(i * 7);
        wanted.seat.slot = (uint16_t)(i * 997);
        turn(room, i + 1, ROOM_ENDED);
        const struct publication *seen = board_pin(board, 0, 0);
        EXPECT(seen && seen->grid.x[0] >= 0 && seen->grid.x[0] <= 100 && isfinite(seen->grid.y[0]));
        EXPECT(seen && seen->seats[0].slot < SLOTS);
        board_unpin(board, 0);
    }
    room_destroy(room);
}

/* Whether a tick with all that is wanted stops the process. */
static bool stops(void) {
    pid_t child = fork();
    if (!child) {
        struct room *room = open_room(0);
        turn(room, 1, ROOM_ENDED);
        _exit(0);
    }
    int status;
    EXPECT(waitpid(child, &status, 0) == child);
    return status != 0;
}

static bool saying_stops(struct game_note note, const void *record) {
    wanted = (struct wanted){.says = 1, .note = note, .record = record};
    return stops();
}

static void a_row_beyond_its_slots_stops(void) {
    wanted = (struct wanted){.slot = SLOTS - 1};
    EXPECT(!stops());
    wanted.slot = SLOTS;
    EXPECT(stops());
}

static void a_note_with_a_wrong_record_stops(void) {
    static const struct news news = {1};
    EXPECT(!saying_stops((struct game_note){.what = GAME_EVENT, .record = NEWS}, &news));
    EXPECT(!saying_stops((struct game_note){.what = GAME_EVENT, .record = BANG}, NULL));
    EXPECT(!saying_stops((struct game_note){.what = GAME_REPLY, .record = TOLD}, &news));
    EXPECT(!saying_stops((struct game_note){.what = GAME_REPLY, .status = 1}, NULL));
    EXPECT(!saying_stops((struct game_note){.what = GAME_SCORE, .account = 1}, NULL));
    EXPECT(saying_stops((struct game_note){.what = GAME_EVENT, .record = NEWS}, NULL));
    EXPECT(saying_stops((struct game_note){.what = GAME_EVENT, .record = TOLD}, &news));
    EXPECT(saying_stops((struct game_note){.what = GAME_EVENT, .record = RECORDS}, NULL));
    EXPECT(saying_stops((struct game_note){.what = GAME_REPLY, .record = TOLD}, NULL));
    EXPECT(saying_stops((struct game_note){.what = GAME_REPLY, .record = NEWS}, &news));
}

static void whom_nobody_is_hears_nothing(void) {
    static const struct news news = {1};
    wanted =
        (struct wanted){.says = 1, .note = {.what = GAME_EVENT, .to = GAME_ONE(UINT16_MAX)}, .record = &news};
    EXPECT(!stops());
    EXPECT(!saying_stops((struct game_note){.what = GAME_KICK, .to = GAME_ONE(UINT16_MAX)}, NULL));
    EXPECT(
        !saying_stops((struct game_note){.what = GAME_REPLY, .record = TOLD, .to = GAME_ONE(SEATS)}, &news));
    EXPECT(!saying_stops((struct game_note){.what = UINT8_MAX}, NULL));
}

static void what_is_said_too_much_is_counted(void) {
    static const struct news news = {1};
    uint64_t before = metrics_get(METRIC_notes_lost);
    wanted = (struct wanted){.says = 100000, .note = {.what = GAME_EVENT, .record = NEWS}, .record = &news};
    struct room *room = open_room(0);
    turn(room, 1, ROOM_ENDED);
    wanted.says = 0;
    turn(room, 2, ROOM_ENDED);
    const struct publication *seen = board_pin(board, 0, 0);
    uint64_t lost = metrics_get(METRIC_notes_lost) - before;
    EXPECT(seen && seen->event_count == LIMIT_EVENTS && seen->event_last + lost == 100000);
    board_unpin(board, 0);
    room_destroy(room);
}

/* What is said before anybody is there is read in the first tick. */
static void a_room_may_end_as_it_begins(void) {
    wanted = (struct wanted){.end = true};
    struct room *room = open_room(0);
    EXPECT_EQ(turn(room, 1, ROOM_ENDED), 1);
    EXPECT_EQ(turn(room, 2, ROOM_ENDED), 0);
    room_destroy(room);
}

/* Events are numbered by 32 bits: before they begin anew the room ends. */
static void who_said_all_that_there_is_ends(void) {
    static const struct news news = {1};
    wanted = (struct wanted){.says = 1, .note = {.what = GAME_EVENT, .record = NEWS}, .record = &news};
    struct room *room = open_room(0);
    room->events.last = UINT32_MAX - EVENTS_SPARE - 2;
    EXPECT_EQ(turn(room, 1, ROOM_ENDED), 0);
    EXPECT_EQ(turn(room, 2, ROOM_ENDED), 0);
    EXPECT_EQ(turn(room, 3, ROOM_ENDED), 1);
    room_destroy(room);
}

static void computers_may_be_refused(void) {
    wanted = (struct wanted){.kick_computers = true};
    struct room *room = open_room(2);
    turn(room, 1, ROOM_KICKED);
    wanted.inputs = 0;
    turn(room, 2, ROOM_KICKED);
    EXPECT_EQ(wanted.inputs, 0);
    room_destroy(room);
    wanted = (struct wanted){0};
    room = open_room(2);
    turn(room, 1, ROOM_KICKED);
    EXPECT_EQ(wanted.inputs, 2);
    room_destroy(room);
}

/* Who is kicked leaves when the tick's events were taken already. */
static void what_is_said_of_a_kick_is_told(void) {
    uint16_t player;
    struct arrival arrival = {.what = ARRIVAL_JOIN, .session = 5, .lane = LANE_NONE};
    wanted = (struct wanted){.says = 1, .note = {.what = GAME_KICK, .to = GAME_ONE(0)}};
    struct room *room = open_room(0);
    room_begin(room, 1);
    EXPECT_EQ(room_join(room, &arrival, &player), CODE_NONE);
    EXPECT_EQ(turn(room, 1, ROOM_KICKED), 1);
    wanted.says = 0;
    for (uint32_t tick = 2; tick <= 3; tick++) {
        turn(room, tick, ROOM_KICKED);
        const struct publication *seen = board_pin(board, 0, 0);
        EXPECT(seen && seen->event_last == 1 && seen->event_count == 1 &&
               seen->events->all[0].record == BANG);
        board_unpin(board, 0);
    }
    room_destroy(room);
}

int main(void) {
    char why[256];
    CHECK(schema_check(&schema, why, sizeof why));
    for (int lane = 0; lane < LANE_COUNT; lane++)
        CHECK(shape_set_make(&shapes[lane], &schema, (enum shape_lane)lane, RATE, why, sizeof why));
    board = board_create(1, 1);
    RUN(odd_values_are_clipped);
    RUN(a_row_beyond_its_slots_stops);
    RUN(a_note_with_a_wrong_record_stops);
    RUN(whom_nobody_is_hears_nothing);
    RUN(what_is_said_too_much_is_counted);
    RUN(a_room_may_end_as_it_begins);
    RUN(who_said_all_that_there_is_ends);
    RUN(computers_may_be_refused);
    RUN(what_is_said_of_a_kick_is_told);
    board_destroy(board);
    return check_done();
}
