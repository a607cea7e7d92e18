/* A recorded match of the arena, played again without sockets: the same arrivals in the same ticks end in the
 * same hashes. The record is a journal, as the server writes it (--journal DIR). After a change of the
 * arena's rules on purpose, record anew from the root: ninja -C build tests/match_test &&
 * build/tests/match_test --record tests/golden/match.journal
 */
#include "game/game_api.h"
#include "server/world/room.h"
#include "tests/check.h"
#include "game/math.h"
#include <inttypes.h>
#include <unistd.h>

enum {
    TICKS = 1280,
    PEOPLE = 3,
    COMPUTERS = 6,
    INSTANCE = 1,
    RATE = 20,
    LINE_BYTES = 1024,
    PATH_BYTES = 512
};

static struct module module = {.name = "arena", .schema = &game_schema, .calls = &game_calls};
static struct shape_set shapes[LANE_COUNT];
static struct board *board;

static struct room *open_room(const struct journal_head *head, struct journal *journal) {
    char why[256];
    bool well = true;
    for (int i = 0; i < LANE_COUNT; i++)
        well =
            shape_set_make(&shapes[i], &game_schema, (enum shape_lane)i, head->rate, why, sizeof why) && well;
    CHECK(well && head->rules_size == game_schema.rules.size);
    board = board_create(1, 1);
    struct room_setup setup = {.module = &module,
                               .shapes = {&shapes[LANE_NONE], &shapes[LANE_LINEAR], &shapes[LANE_GAME]},
                               .name = head->room,
                               .instance = INSTANCE,
                               .rate = head->rate,
                               .computers = head->computers,
                               .tick = head->tick,
                               .seed = head->seed,
                               .rules = head->rules,
                               .board = board,
                               .journal = journal};
    struct room *room = room_create(&setup);
    CHECK(room);
    return room;
}

static void turn(struct room *room) {
    struct room_outcome outcome;
    room_turn(room);
    while (room_outcome(room, &outcome)) {
    }
}

/* ---- Recording. */

static void preset(uint8_t *rules) {
    for (uint16_t i = 0; i < game_schema.rules.field_count; i++) {
        const struct schema_field *field = &game_schema.rules.fields[i];
        int32_t whole = (int32_t)field->preset;
        memcpy(rules + field->offset, field->type == SCHEMA_INT ? (const void *)&whole : &field->preset, 4);
    }
}

static void join(struct room *room, uint32_t session, uint16_t *player) {
    struct arrival arrival = {.what = ARRIVAL_JOIN, .session = session, .lane = LANE_LINEAR};
    snprintf(arrival.join.name, sizeof arrival.join.name, "Ada %u", session);
    arrival.join.account = session % 2 ? session : 0;
    CHECK(room_join(room, &arrival, player) == CODE_NONE);
}

/* Somebody who keeps a key pressed for a while, sometimes says nothing and then much at once. */
static void press(struct room *room, uint32_t tick, uint16_t player, uint32_t session, uint64_t *dice,
                  struct arrival *held) {
    uint32_t times = dice_below(dice, 12) ? 1 : dice_below(dice, 4);
    held->what = ARRIVAL_INPUT;
    held->player = player;
    held->session = session;
    held->instance = INSTANCE;
    for (int i = 0; i < shapes[0].input.field_count && dice_below(dice, 8) == 0; i++) {
        const struct shape_field *field = &shapes[0].input.fields[i];
        uint32_t span = (uint32_t)(field->max - field->min) + !field->wraps;
        held->cells[field->cell] = field->min + (int32_t)dice_below(dice, span);
    }
    held->seen =
        tick * LIMIT_SEEN_PARTS - dice_below(dice, 10 * LIMIT_SEEN_PARTS); /* some of it too long ago */
    for (; times; times--) {
        held->number++;
        room_arrive(room, held);
    }
}

static int record(const char *path) {
    _Alignas(8) uint8_t rules[LIMIT_RECORD_BYTES] = {0};
    char dir[] = "/tmp/match-XXXXXX", written[PATH_BYTES];
    struct journal_head head = {
        "arena", "main", INSTANCE, RATE, COMPUTERS, 0, 20240607, rules, game_schema.rules.size};
    struct arrival held[PEOPLE] = {0};
    uint16_t player[PEOPLE];
    uint64_t dice = dice_seed(1);
    preset(rules);
    CHECK(mkdtemp(dir));
    uint64_t left = UINT64_MAX;
    struct room *room = open_room(&head, journal_open(dir, &head, &left));
    for (uint32_t tick = 1; tick <= TICKS; tick++) {
        room_begin(room, tick);
        for (uint32_t i = 0; i < PEOPLE; i++) {
            uint32_t session =
                i + 1 + (i == 2 && tick > 700 ? PEOPLE : 0); /* the third comes again as another */
            struct arrival gone = {
                .what = ARRIVAL_LEAVE, .player = player[i], .session = session, .instance = INSTANCE};
            if (tick == 1 + i * 20 || (i == 2 && tick == 720)) join(room, session, &player[i]);
            if (i == 2 && tick == 700) room_arrive(room, &gone);
            if (tick > 1 + i * 20 && (i != 2 || tick < 700 || tick > 720))
                press(room, tick, player[i], session, &dice, &held[i]);
        }
        turn(room);
    }
    room_destroy(room);
    board_destroy(board);
    snprintf(written, sizeof written, "%s/arena-%d.journal", dir, INSTANCE);
    char command[2 * PATH_BYTES];
    snprintf(command, sizeof command, "mv '%s' '%s' && rmdir '%s'", written, path, dir);
    return system(command) == 0 ? 0 : 1;
}

/* ---- Playing again. */

struct replay {
    struct room *room;
    uint32_t tick, hashes, arrivals;
    bool begun; /* the tick was begun, but not turned */
};

static void finish_tick(struct replay *replay) {
    if (!replay->begun) room_begin(replay->room, replay->tick);
    turn(replay->room);
    replay->tick++;
    replay->begun = false;
}

/* Turns all ticks before `tick`, and begins that one. */
static void reach(struct replay *replay, uint32_t tick) {
    while (replay->tick < tick) finish_tick(replay);
    if (!replay->begun) room_begin(replay->room, tick);
    replay->begun = true;
}

static void replay_join(struct replay *replay, uint16_t player, const char *rest) {
    struct arrival arrival = {.what = ARRIVAL_JOIN, .session = player + 1u};
    uint16_t seat;
    int at = 0;
    sscanf(rest, "%" SCNu64 " %" SCNd64 " %" SCNd64 " %n", &arrival.join.account, &arrival.join.kept,
           &arrival.join.best, &at);
    snprintf(arrival.join.name, sizeof arrival.join.name, "%.*s", LIMIT_NAME - 1, rest + at);
    EXPECT_EQ(room_join(replay->room, &arrival, &seat), CODE_NONE);
    EXPECT_EQ(seat, player);
}

static void replay_numbers(struct replay *replay, struct arrival *arrival, const char *rest) {
    char *at = NULL;
    arrival->instance = INSTANCE;
    arrival->session = arrival->player + 1u;
    arrival->number = (uint32_t)strtoul(rest, &at, 10);
    if (arrival->what == ARRIVAL_LEAVE) arrival->reason = (uint8_t)arrival->number;
    if (arrival->what == ARRIVAL_INPUT) arrival->seen = (uint32_t)strtoul(at, &at, 10);
    if (arrival->what == ARRIVAL_CALL) arrival->record = (uint16_t)strtoul(at, &at, 10);
    for (uint32_t i = 0; i < ARRIVAL_CELLS; i++) arrival->cells[i] = (int32_t)strtol(at, &at, 10);
    room_arrive(replay->room, arrival);
}

static void compare_hash(struct replay *replay, uint32_t tick, const char *hash) {
    while (replay->tick <= tick) finish_tick(replay);
    uint64_t recorded = strtoull(hash, NULL, 16), found = room_hash(replay->room);
    if (found != recorded)
        printf("# tick %u: %016" PRIx64 ", recorded is %016" PRIx64 "\n", tick, found, recorded);
    EXPECT(found == recorded);
    replay->hashes++;
}

static void replay_line(struct replay *replay, char *line) {
    uint32_t tick, player;
    char what[16];
    int at = 0;
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%u hash %n", &tick, &at) == 1 && at > 0) {
        compare_hash(replay, tick, line + at);
        return;
    }
    int found = sscanf(line, "%u %15s %u %n", &tick, what, &player, &at);
    EXPECT_EQ(found, 3);
    if (found != 3) return;
    reach(replay, tick);
    replay->arrivals++;
    struct arrival arrival = {.player = (uint16_t)player};
    arrival.what = strcmp(what, "input") == 0  ? ARRIVAL_INPUT
                   : strcmp(what, "call") == 0 ? ARRIVAL_CALL
                                               : ARRIVAL_LEAVE;
    if (strcmp(what, "join") == 0)
        replay_join(replay, (uint16_t)player, line + at);
    else
        replay_numbers(replay, &arrival, line + at);
}

/* The head's line; `rules` takes the plain struct. */
static struct journal_head read_head(const char *line, uint8_t *rules) {
    char hex[2 * LIMIT_RECORD_BYTES + 1] = "";
    struct journal_head head = {.room = "main", .rules = rules};
    int found = sscanf(line, "journal 2 arena %*s %" SCNu64 " %u %u %u %512s", &head.seed, &head.rate,
                       &head.computers, &head.tick, hex);
    EXPECT_EQ(found, 5);
    head.rules_size = strlen(hex) / 2;
    for (size_t i = 0; i < head.rules_size; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        rules[i] = (uint8_t)byte;
    }
    return head;
}

static void the_match_ends_as_it_did(void) {
    _Alignas(8) uint8_t rules[LIMIT_RECORD_BYTES];
    char line[LINE_BYTES];
    FILE *file = fopen("tests/golden/match.journal", "r");
    EXPECT(file && fgets(line, sizeof line, file));
    if (check_failures) return;
    struct journal_head head = read_head(line, rules);
    struct replay replay = {.room = open_room(&head, NULL), .tick = head.tick ? head.tick : 1};
    while (fgets(line, sizeof line, file) && check_failures < 5) replay_line(&replay, line);
    printf("# %u ticks, %u arrivals, %u hashes\n", replay.tick - 1, replay.arrivals, replay.hashes);
    EXPECT(replay.hashes >= TICKS / 64 && replay.arrivals > 1000);
    fclose(file);
    room_destroy(replay.room);
    board_destroy(board);
}

int main(int count, char **words) {
    if (count == 3 && strcmp(words[1], "--record") == 0) return record(words[2]);
    RUN(the_match_ends_as_it_did);
    return check_done();
}
