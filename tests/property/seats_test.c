/* What publications say of seats is so in each tick, although they are written only where something differs:
 * people come, say something, look elsewhere, leave and are kicked, now and then nothing happens for long,
 * and readers hold on to older publications. And whoever ever said an input has one in each tick. */
#include "server/world/room_inside.h" /* to see what is on the board */
#include "tests/check.h"
#include "tests/dice.h"
#include "tests/idle.h"
#include "tests/rig.h"

enum {
    SEATS = 200,
    DOTS = 8,
    TICKS = 4000,
    STILL = 40,
    BEGINNING = 3 /* ticks of which rows are the news */
};

struct number {
    int32_t number;
};
static const struct schema_field number_fields[] = {SCHEMA_FIELD(struct number, number)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("dot", struct number, number_fields)}, .slots = 2 * DOTS}};
static const struct schema schema = {.name = "seats",
                                     .api = GAME_API,
                                     .world_size = 1,
                                     .players_max = SEATS,
                                     .input = {SCHEMA_RECORD("push", struct number, number_fields)},
                                     .rules = {SCHEMA_RECORD("rules", struct number, number_fields)},
                                     .kinds = kinds,
                                     .kind_count = COUNT_OF(kinds)};

static struct seat { /* as it is to be */
    bool taken;
    uint32_t newest, queued, inputs; /* inputs: of this tick */
    struct publication_player told;
    struct game_seat shown;
} seats[SEATS], before[SEATS];
static int kick; /* player + 1 */
static uint64_t dice;

static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    (void)world, (void)profile;
    seats[who] = (struct seat){.taken = true, .told.used_tick = turn->tick};
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)world, (void)turn, (void)why;
    seats[who] = (struct seat){0};
}
static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)world, (void)turn, (void)input;
    seats[who].inputs++;
}
static void tick(void *world, struct game_turn *turn) {
    (void)world;
    if (kick) game_say(turn, (struct game_note){GAME_KICK, .to = GAME_ONE(kick - 1)}, NULL);
    kick = 0;
}
static void show(const void *world, struct game_view *view) {
    (void)world;
    for (uint16_t i = 0; i < DOTS; i++) game_show(view, 0, i, 1, &(struct number){0}, GAME_ALL);
    for (uint16_t i = 0; i < SEATS; i++) view->seats[i] = seats[i].shown;
}
static const struct game_calls calls = {idle_begin, join, leave, input, .tick = tick, .show = show};

/* ---- What happens. */

static uint16_t someone(void) {
    return (uint16_t)dice_below(&dice, SEATS);
}

static void come(struct rig *rig) {
    uint16_t player;
    struct arrival arrival = {.what = ARRIVAL_JOIN, .session = rig->tick, .lane = LANE_NONE};
    if (room_people(rig->room) < SEATS) EXPECT_EQ(room_join(rig->room, &arrival, &player), CODE_NONE);
}

static void arrive(struct rig *rig, uint16_t player, struct arrival arrival) {
    arrival.player = player;
    arrival.instance = RIG_INSTANCE;
    arrival.session = room_session(rig->room, player);
    if (arrival.session) room_arrive(rig->room, &arrival);
}

static void say(struct rig *rig, uint16_t player) {
    struct seat *seat = &seats[player];
    if (!seat->taken) return;
    arrive(rig, player, (struct arrival){.what = ARRIVAL_INPUT, .number = ++seat->newest});
    if (seat->queued == LIMIT_INPUTS)
        seat->told.unused++;
    else
        seat->queued++;
}

/* What it steers may be no row at all. */
static void look_elsewhere(uint16_t player) {
    struct game_seat *shown = &seats[player].shown;
    shown->x = (float)dice_below(&dice, 3);
    shown->groups = dice_below(&dice, 2);
    shown->owns = dice_once_in(&dice, 2);
    shown->kind = (uint8_t)dice_below(&dice, 2);
    shown->slot = (uint16_t)dice_below(&dice, 3 * DOTS);
}

static void happen(struct rig *rig) {
    uint16_t who = someone();
    switch (dice_below(&dice, 12)) {
    case 0:
        arrive(rig, who, (struct arrival){.what = ARRIVAL_LEAVE, .reason = GAME_LEFT});
        return;
    case 1:
        if (seats[who].taken) kick = who + 1;
        return;
    case 2:
        for (uint32_t left = dice_below(&dice, 2 * LIMIT_INPUTS); left; left--) say(rig, who);
        return;
    case 3:
        if (seats[who].taken) look_elsewhere(who);
        return;
    default:
        come(rig);
    }
}

/* ---- What is to be. */

static void foresee(struct seat *seat, uint32_t tick) {
    uint32_t now = seat->queued > 2 ? seat->queued - 1 : seat->queued > 0;
    if (seat->newest && now == 0) seat->told.repeated++;
    seat->queued -= now;
    seat->told.used = seat->newest - seat->queued;
    if (now) seat->told.used_tick = tick;
}

static bool owns(const struct game_seat *seat) {
    return seat->owns && seat->kind == 0 && seat->slot < DOTS;
}

static bool differs(const struct seat *was, const struct seat *is) {
    return was->told.used != is->told.used || was->told.unused != is->told.unused ||
           was->shown.x != is->shown.x || was->shown.groups != is->shown.groups ||
           owns(&was->shown) != owns(&is->shown) || (owns(&is->shown) && was->shown.slot != is->shown.slot);
}

static void look_at(const struct publication *from, uint16_t player) {
    const struct seat *seat = &seats[player];
    const struct publication_player *told = &from->players[player];
    EXPECT(told->used == seat->told.used && told->used_tick == seat->told.used_tick);
    EXPECT(told->repeated == seat->told.repeated && told->unused == seat->told.unused);
    EXPECT(from->seats[player].x == seat->shown.x && from->seats[player].groups == seat->shown.groups);
    EXPECT_EQ(publication_own(from, from->shapes[LANE_NONE], player),
              owns(&seat->shown) ? seat->shown.slot + 1u : 0);
}

/* One tick, in which so much happens. */
static void turn(struct rig *rig, uint32_t happenings) {
    room_begin(rig->room, ++rig->tick);
    for (; happenings; happenings--) happen(rig);
    for (int i = 0; i < SEATS; i++) foresee(&seats[i], rig->tick);
    uint32_t known = rig->tick == 1 ? 0 : rig->room->newest->seat_count;
    room_turn(rig->room);
    const struct publication *from = rig->room->newest;
    bool news = known == 0 && from->seat_count > 0; /* the first of all: its lane begins */
    EXPECT_EQ(from->tick, rig->tick);
    for (uint16_t i = 0; i < SEATS; i++) {
        if (i < from->seat_count) look_at(from, i);
        EXPECT(!seats[i].newest || seats[i].inputs > 0);
        seats[i].inputs = 0;
        news = news || (i < known && differs(&before[i], &seats[i]));
    }
    if (rig->tick > BEGINNING) EXPECT_EQ(from->news == from->tick, news);
    memcpy(before, seats, sizeof before);
    for (struct room_outcome outcome; room_outcome(rig->room, &outcome);) continue;
}

static void seats_are_published_as_they_are(void) {
    struct rig *rig = rig_create(&schema, &calls, 1);
    memset(seats, 0, sizeof seats);
    memset(before, 0, sizeof before);
    while (rig->tick < TICKS) {
        uint32_t most = dice_below(&dice, 4);
        for (uint32_t left = 1 + dice_below(&dice, STILL); left; left--) {
            turn(rig, most ? dice_below(&dice, most * most) : 0);
            if (dice_once_in(&dice, 5)) board_pin(rig->board, 0, RIG_SLOT);
            if (dice_once_in(&dice, 5)) board_unpin(rig->board, 0);
        }
    }
    rig_destroy(rig);
}

int main(void) {
    dice = dice_of_test();
    RUN(seats_are_published_as_they_are);
    return check_done();
}
