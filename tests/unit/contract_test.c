/* The game's side of the contract, broken and kept: rows' values that cannot travel are clipped, what reaches
 * beyond the game's tables stops the server with words, what a game says too much is counted, and what it
 * says while its room begins counts as well. */
#include "tests/check.h"
#include "tests/unit/capture.h"
#include "server/metrics.h"
#include "server/world/room_inside.h"
#include <math.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEATS = 3, SLOTS = 4, RATE = 20 };
enum { NEWS, BANG, ASK, TOLD, SCORE, RECORDS };

struct thing {
    float x, y;
    int32_t count;
    char name[8];
};
struct news {
    int32_t count;
};
struct score {
    int32_t by;
    float worth, turn;
    char name[8];
};
static const struct schema_field thing_fields[] = {
    SCHEMA_FIELD(struct thing, x, .max = 100), SCHEMA_FIELD(struct thing, y),
    SCHEMA_FIELD(struct thing, count, .max = 9), SCHEMA_FIELD(struct thing, name)};
static const struct schema_field news_fields[] = {SCHEMA_FIELD(struct news, count)};
static const struct schema_field score_fields[] = {
    SCHEMA_FIELD(struct score, by, .min = -1, .max = 3), SCHEMA_FIELD(struct score, worth, .max = 9),
    SCHEMA_FIELD(struct score, turn, .max = 8, .wraps = true), SCHEMA_FIELD(struct score, name)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("thing", struct thing, thing_fields)}, SLOTS, .placed = true}};
static const struct schema_record records[RECORDS] = {
    [NEWS] = {SCHEMA_RECORD("news", struct news, news_fields), .use = SCHEMA_MUST_ARRIVE},
    [BANG] = {"bang", NULL, 0, 0, SCHEMA_MAY_DROP, 0},
    [ASK] = {SCHEMA_RECORD("ask", struct news, news_fields), .use = SCHEMA_CALL, .answer = TOLD},
    [TOLD] = {SCHEMA_RECORD("told", struct news, news_fields), .use = SCHEMA_ANSWER},
    [SCORE] = {SCHEMA_RECORD("score", struct score, score_fields), .use = SCHEMA_MAY_DROP}};
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
    uint8_t kind, looks_at; /* where the thing is shown, and which kind `show` looks at */
    uint16_t slot;
    uint32_t life;
    struct game_to to;
    struct thing thing;
    struct game_seat seat;
    bool kick_computers, end; /* in the calls with which a room begins */
    uint32_t says;            /* so many notes in a tick, */
    struct game_note note;    /* this one, */
    const void *record;       /* with this */
    uint32_t inputs;          /* how many it was given */
    bool looks_back;          /* at a kind that is not remembered */
    bool strict;              /* what it says is checked as in a build of its tests */
} wanted;
static const struct wanted nothing_odd = {.life = 1};

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
    if (wanted.strict) game_check_values("game_say", &schema.records[wanted.note.record], wanted.record);
    for (uint32_t i = 0; i < wanted.says; i++) game_say(turn, wanted.note, wanted.record);
    if (wanted.looks_back) game_past(turn, 0, 0, 1, 1);
}
static void show(const void *world, struct game_view *view) {
    (void)world;
    game_show(view, wanted.kind, wanted.slot, wanted.life, &wanted.thing, wanted.to);
    game_row(view, wanted.looks_at, 0);
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
    wanted = nothing_odd;
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

/* Whether a line of this text ends so. */
static bool says(const char *text, const char *end) {
    const char *found = strstr(text, end);
    return found && found[strlen(end)] == '\n';
}

static void what_is_clipped_is_told(void) {
    static char lines[4096];
    static const struct score score = {.by = 1, .worth = 9.6f, .turn = NAN};
    uint64_t before = metrics_get(METRIC_values_clipped);
    wanted = (struct wanted){.life = 1,
                             .thing = {.x = 101, .y = NAN, .count = 9},
                             .says = 1,
                             .note = {.what = GAME_EVENT, .record = SCORE},
                             .record = &score};
    struct room *room = open_room(0);
    struct capture capture = capture_begin(STDERR_FILENO);
    turn(room, 1, ROOM_ENDED);
    capture_end(&capture, lines, sizeof lines);
    EXPECT_EQ(metrics_get(METRIC_values_clipped) - before, 4);
    EXPECT(says(lines, "warn value_clipped game=things kind=thing field=x value=101 min=0 max=100"));
    EXPECT(says(lines, "game=things kind=score field=worth value=9.6 min=0 max=9"));
    EXPECT(strstr(lines, "kind=thing field=y value=") && strstr(lines, "kind=score field=turn value="));
    EXPECT(!strstr(lines, "field=count") && !strstr(lines, "field=by"));
    wanted = nothing_odd;
    wanted.thing.x = 100.4f;
    turn(room, 2, ROOM_ENDED);
    EXPECT_EQ(metrics_get(METRIC_values_clipped) - before, 4);
    room_destroy(room);
}

/* What a process says in which a tick with all that is wanted was turned, if that stops it; else NULL. */
static const char *last_words(void) {
    static char words[300];
    int ends[2], status;
    EXPECT(pipe(ends) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        struct room *room = open_room(0);
        turn(room, 1, ROOM_ENDED);
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t more; (more = read(ends[0], words + length, sizeof words - 1 - length)) > 0;)
        length += (size_t)more;
    words[length] = 0;
    close(ends[0]);
    EXPECT(waitpid(child, &status, 0) == child);
    return status ? words : NULL;
}

static bool is_fine(void) {
    const char *words = last_words();
    if (words) printf("# it stopped: %s\n", words);
    return !words;
}

/* Whether it stops, for this reason. */
static bool stops(const char *why) {
    static const char first[] = "tidewire: stopped by a mistake of its game: ";
    const char *words = last_words();
    size_t length = words ? strlen(words) : 0;
    bool good = length > sizeof first && !strncmp(words, first, sizeof first - 1) &&
                words[length - 1] == '\n' && !strncmp(words + sizeof first - 1, why, strlen(why)) &&
                strlen(why) == length - sizeof first;
    if (!good) printf("# it said: %s\n", words ? words : "nothing");
    return good;
}

static void say(struct game_note note, const void *record) {
    wanted = nothing_odd;
    wanted.says = 1, wanted.note = note, wanted.record = record;
}
static bool saying_is_fine(struct game_note note, const void *record) {
    say(note, record);
    return is_fine();
}
static bool saying_stops(struct game_note note, const void *record, const char *why) {
    say(note, record);
    return stops(why);
}

static void a_row_beyond_the_tables_stops(void) {
    wanted = nothing_odd;
    wanted.slot = SLOTS - 1;
    EXPECT(is_fine());
    wanted.slot = SLOTS;
    EXPECT(stops("game_show: no slot 4: kind 0 has 4"));
    wanted = nothing_odd;
    wanted.kind = 1;
    EXPECT(stops("game_show: no kind 1: there are 1"));
    wanted.kind = 255;
    EXPECT(stops("game_show: no kind 255: there are 1"));
    wanted = nothing_odd;
    wanted.looks_at = 1;
    EXPECT(stops("game_row: no kind 1: there are 1"));
    wanted = nothing_odd;
    wanted.looks_back = true;
    EXPECT(stops("game_past: no kind 0 that is remembered"));
}

static void a_row_without_life_or_for_no_group_stops(void) {
    wanted = nothing_odd;
    wanted.life = 0;
    EXPECT(stops("game_show: kind 0, slot 0: life 0 means not there"));
    wanted = nothing_odd;
    wanted.to = GAME_GROUP(63);
    EXPECT(is_fine());
    wanted.to = GAME_GROUP(64);
    EXPECT(stops("game_show: no group 64: there are 64"));
    wanted.to = (struct game_to){GAME_TO_GROUP + 1, 0};
    EXPECT(stops("game_show: to nobody that game_whom names"));
}

static void a_note_with_a_wrong_record_stops(void) {
    static const struct news news = {1};
    EXPECT(saying_is_fine((struct game_note){.what = GAME_EVENT, .record = NEWS}, &news));
    EXPECT(saying_is_fine((struct game_note){.what = GAME_EVENT, .record = BANG}, NULL));
    EXPECT(saying_is_fine((struct game_note){.what = GAME_REPLY, .record = TOLD, .to = GAME_ONE(0)}, &news));
    EXPECT(saying_is_fine((struct game_note){.what = GAME_REPLY, .status = 1, .to = GAME_ONE(0)}, NULL));
    EXPECT(saying_is_fine((struct game_note){.what = GAME_SCORE, .account = 1}, NULL));
    EXPECT(saying_stops((struct game_note){.what = GAME_EVENT, .record = NEWS}, NULL,
                        "game_say: news without its values"));
    EXPECT(saying_stops((struct game_note){.what = GAME_EVENT, .record = TOLD}, &news,
                        "game_say: told is no record for events"));
    EXPECT(saying_stops((struct game_note){.what = GAME_EVENT, .record = RECORDS}, NULL,
                        "game_say: no record 5: there are 5"));
    EXPECT(saying_stops((struct game_note){.what = GAME_REPLY, .record = TOLD, .to = GAME_ONE(0)}, NULL,
                        "game_say: told without its values"));
    EXPECT(saying_stops((struct game_note){.what = GAME_REPLY, .record = NEWS, .to = GAME_ONE(0)}, &news,
                        "game_say: news is no record for answers"));
    EXPECT(saying_stops((struct game_note){.what = GAME_WHATS}, NULL, "game_say: no note says 6"));
}

/* As a SCORE to everybody, in a build of the game's tests; else it is clipped. */
static bool is_in_range(struct score score) {
    say((struct game_note){.what = GAME_EVENT, .record = SCORE}, &score);
    wanted.strict = true;
    return is_fine();
}
static bool is_out_of_range(struct score score, const char *why) {
    struct game_note note = {.what = GAME_EVENT, .record = SCORE};
    bool clipped = saying_is_fine(note, &score);
    wanted.strict = true;
    return clipped && stops(why);
}

static void what_is_said_out_of_range_stops_tests(void) {
    EXPECT(is_in_range((struct score){.worth = 9.4f}));
    EXPECT(is_in_range((struct score){.by = 3, .turn = 1e9f}));
    EXPECT(is_out_of_range((struct score){.by = 4}, "game_say: score.by is 4, its range is -1 to 3"));
    EXPECT(is_out_of_range((struct score){.by = -2}, "game_say: score.by is -2, its range is -1 to 3"));
    EXPECT(
        is_out_of_range((struct score){.worth = 9.6f}, "game_say: score.worth is 9.6, its range is 0 to 9"));
    EXPECT(is_out_of_range((struct score){.turn = INFINITY}, "game_say: score.turn is no number"));
}

static void a_note_for_nobody_stops(void) {
    static const struct news news = {1};
    EXPECT(saying_stops((struct game_note){.what = GAME_KICK}, NULL,
                        "game_say: replies and kicks are to GAME_ONE(player)"));
    EXPECT(saying_stops((struct game_note){.what = GAME_REPLY, .record = TOLD}, &news,
                        "game_say: replies and kicks are to GAME_ONE(player)"));
    EXPECT(saying_stops((struct game_note){.what = GAME_EVENT, .record = NEWS, .to = GAME_GROUP(64)}, &news,
                        "game_say: no group 64: there are 64"));
}

static void whom_nobody_is_hears_nothing(void) {
    static const struct news news = {1};
    EXPECT(saying_is_fine((struct game_note){.what = GAME_EVENT, .record = NEWS, .to = GAME_ONE(UINT16_MAX)},
                          &news));
    EXPECT(saying_is_fine((struct game_note){.what = GAME_KICK, .to = GAME_ONE(UINT16_MAX)}, NULL));
    EXPECT(
        saying_is_fine((struct game_note){.what = GAME_REPLY, .record = TOLD, .to = GAME_ONE(SEATS)}, &news));
}

static void what_is_said_too_much_is_counted(void) {
    static const struct news news = {1};
    uint64_t before = metrics_get(METRIC_notes_lost);
    wanted = (struct wanted){
        .life = 1, .says = 100000, .note = {.what = GAME_EVENT, .record = NEWS}, .record = &news};
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
    wanted = (struct wanted){.life = 1, .end = true};
    struct room *room = open_room(0);
    EXPECT_EQ(turn(room, 1, ROOM_ENDED), 1);
    EXPECT_EQ(turn(room, 2, ROOM_ENDED), 0);
    room_destroy(room);
}

/* Events are numbered by 32 bits: before they begin anew the room ends. */
static void who_said_all_that_there_is_ends(void) {
    static const struct news news = {1};
    wanted =
        (struct wanted){.life = 1, .says = 1, .note = {.what = GAME_EVENT, .record = NEWS}, .record = &news};
    struct room *room = open_room(0);
    room->events.last = UINT32_MAX - EVENTS_SPARE - 2;
    EXPECT_EQ(turn(room, 1, ROOM_ENDED), 0);
    EXPECT_EQ(turn(room, 2, ROOM_ENDED), 0);
    EXPECT_EQ(turn(room, 3, ROOM_ENDED), 1);
    room_destroy(room);
}

static void computers_may_be_refused(void) {
    wanted = (struct wanted){.life = 1, .kick_computers = true};
    struct room *room = open_room(2);
    turn(room, 1, ROOM_KICKED);
    wanted.inputs = 0;
    turn(room, 2, ROOM_KICKED);
    EXPECT_EQ(wanted.inputs, 0);
    room_destroy(room);
    wanted = nothing_odd;
    room = open_room(2);
    turn(room, 1, ROOM_KICKED);
    EXPECT_EQ(wanted.inputs, 2);
    room_destroy(room);
}

/* Who is kicked leaves when the tick's events were taken already. */
static void what_is_said_of_a_kick_is_told(void) {
    uint16_t player;
    struct arrival arrival = {.what = ARRIVAL_JOIN, .session = 5, .lane = LANE_NONE};
    wanted = (struct wanted){.life = 1, .says = 1, .note = {.what = GAME_KICK, .to = GAME_ONE(0)}};
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
    RUN(what_is_clipped_is_told); /* the first ten lines of a second */
    RUN(odd_values_are_clipped);
    RUN(a_row_beyond_the_tables_stops);
    RUN(a_row_without_life_or_for_no_group_stops);
    RUN(a_note_with_a_wrong_record_stops);
    RUN(what_is_said_out_of_range_stops_tests);
    RUN(a_note_for_nobody_stops);
    RUN(whom_nobody_is_hears_nothing);
    RUN(what_is_said_too_much_is_counted);
    RUN(a_room_may_end_as_it_begins);
    RUN(who_said_all_that_there_is_ends);
    RUN(computers_may_be_refused);
    RUN(what_is_said_of_a_kick_is_told);
    board_destroy(board);
    return check_done();
}
