/* The arena's rules, one by one: how ships fly, what safety means, who gets a kill, what comes back and when.
 * Worlds are arranged by writing to them. */
#include "game/arena/ship.h"
#include "game/arena/world.h"
#include "tests/check.h"
#include "tests/unit/game_host.h"

enum { RATE = 20 };
static const struct arena_input idle = {.aim = -1};

static struct arena *arena_of(struct host *host) {
    return host->world;
}

/* A host with no rocks and no pick-ups, and `players` people. */
static struct host *empty(uint32_t players) {
    struct host *host = host_create(1.0f / RATE, 3);
    struct arena_rules *rules = (struct arena_rules *)(void *)host->rules;
    rules->rocks = rules->pickups = 0;
    host->turn.tick = 1;
    game_calls.begin(host->world, &host->turn, 5);
    for (uint32_t i = 0; i < players; i++) host_join(host, (game_player)i, false);
    return host;
}

static void tick_all(struct host *host, const struct arena_input *first) {
    host->turn.tick++;
    for (uint32_t i = 0; i < PLAYERS_MAX; i++)
        if (host->seated[i]) game_calls.input(host->world, &host->turn, (game_player)i, i ? &idle : first);
    game_calls.tick(host->world, &host->turn);
    host_show(host);
}

/* Puts a ship somewhere, at rest and no longer safe. */
static struct ship *put(struct host *host, game_player who, float x, float y, int32_t heading) {
    struct ship *ship = &arena_of(host)->ship[who];
    *ship = (struct ship){.x = x, .y = y, .heading = heading, .health = HEALTH_MAX};
    arena_of(host)->seat[who].safe_tick = 0;
    return ship;
}

static uint32_t said(const struct host *host, uint8_t what, uint16_t record, struct game_note *last) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < host->turn.note_count; i++) {
        const struct game_note *note = &host->turn.notes[i];
        if (note->what != what || (what == GAME_EVENT && note->record != record)) continue;
        *last = *note;
        count++;
    }
    return count;
}

static void turning_is_bounded_and_ends_at_the_aim(void) {
    struct host *host = empty(1);
    struct ship *ship = put(host, 0, 100, 100, 250);
    int32_t most = math_round(0.75f * MATH_TURN / RATE);
    tick_all(host, &(struct arena_input){.turn = 8, .aim = -1});
    EXPECT_EQ(ship->heading, heading_of(250 + most));
    tick_all(host, &(struct arena_input){.turn = -8, .aim = -1});
    EXPECT_EQ(ship->heading, 250);
    for (int i = 0; i < 20; i++) {
        int32_t before = ship->heading;
        tick_all(host, &(struct arena_input){.turn = 8, .aim = 122});
        EXPECT(abs(heading_across(before, ship->heading)) <= most);
    }
    EXPECT_EQ(ship->heading, 122);
    host_destroy(host);
}

/* What a client would guess, by the speed that it was told: a ship is never elsewhere unless it bumped. */
static void ships_are_where_their_speed_says(void) {
    struct host *host = empty(1);
    struct ship *ship = put(host, 0, 3150, 20, 0);
    uint32_t changes = 0;
    for (uint32_t i = 0; i < 600; i++) {
        struct ship before = *ship;
        struct arena_input input = {
            .turn = i < 200 && i % 40 < 5 ? 8 : 0, .thrust = i < 400 ? 8 : 0, .aim = -1};
        tick_all(host, &input);
        EXPECT(ship->vx == math_snap(ship->vx, SPEED_STEP) && ship->vy == math_snap(ship->vy, SPEED_STEP));
        EXPECT(ship->x == math_wrap(before.x + ship->vx * host->turn.dt, ARENA_SIZE));
        EXPECT(ship->y == math_wrap(before.y + ship->vy * host->turn.dt, ARENA_SIZE));
        EXPECT(ship->x >= 0 && ship->x < ARENA_SIZE && ship->y >= 0 && ship->y < ARENA_SIZE);
        EXPECT(math_length(ship->vx, ship->vy) <= 261);
        if (i > 320 && i < 400) changes += before.vx != ship->vx || before.vy != ship->vy;
    }
    EXPECT_EQ(changes, 0); /* full thrust straight on is silent */
    EXPECT(ship->vx == 0 && ship->vy == 0);
    host_destroy(host);
}

static void the_safe_moment_ends_with_the_first_shot(void) {
    struct host *host = empty(1);
    struct arena *arena = arena_of(host);
    tick_all(host, &idle);
    EXPECT(arena->ship[0].flags & SHIP_SAFE);
    tick_all(host, &(struct arena_input){.fire = 1, .aim = -1});
    EXPECT(!(arena->ship[0].flags & SHIP_SAFE) && (arena->ship[0].flags & SHIP_FIRE));
    host_leave(host, 0);
    host_join(host, 0, false);
    for (int i = 0; i < 2 * RATE + 2; i++) tick_all(host, &idle);
    EXPECT(!(arena->ship[0].flags & SHIP_SAFE));
    host_destroy(host);
}

static void shots_fly_straight_hit_and_end(void) {
    struct host *host = empty(2);
    struct arena *arena = arena_of(host);
    put(host, 0, 3190, 500, 0); /* fires over the seam */
    put(host, 1, 90, 500, 0);
    tick_all(host, &(struct arena_input){.fire = 1, .aim = -1});
    EXPECT(arena->shot_life[0] != 0 && arena->shot[0].vx == 560 && arena->shot[0].vy == 0);
    uint32_t life = arena->shot_life[0];
    for (int i = 0; i < 6; i++) tick_all(host, &idle);
    EXPECT_EQ(arena->ship[1].health, HEALTH_MAX - 12);
    EXPECT_EQ(arena->shot_life[0], 0);
    struct game_note note = {0};
    EXPECT_EQ(said(host, GAME_EVENT, RECORD_HIT, &note), 1);
    EXPECT_EQ(note.to.whom, GAME_TO_GROUP);
    put(host, 1, 1500, 1500, 0);
    arena->shot_next = 0;
    tick_all(host, &(struct arena_input){.fire = 1, .aim = -1});
    EXPECT(arena->shot_life[0] > life); /* the same slot, another life */
    for (int i = 0; i < 30; i++) tick_all(host, &idle);
    EXPECT_EQ(arena->shot_life[0], 0);
    host_destroy(host);
}

/* A ship flies upward past the muzzle; a pilot who sees what was `ago` ticks before fires when it has gone
 * by. Whether the shot hits. */
static bool hits_what_was(float ago, bool reborn) {
    enum { TICKS_BACK = 6 };
    static struct ship ships[TICKS_BACK][PLAYERS_MAX];
    static uint32_t lives[TICKS_BACK][PLAYERS_MAX];
    static struct game_rows kinds[TICKS_BACK][KIND_COUNT];
    struct game_view past[TICKS_BACK];
    struct host *host = empty(2);
    struct arena *arena = arena_of(host);
    put(host, 0, 1000, 1000, 0);
    struct ship *target = put(host, 1, 1040, 1000 - 4 * 12.5f, 0);
    ship_set_speed(target, 0, -250);
    for (uint32_t i = 0; i < TICKS_BACK; i++) { /* 12.5 units a tick */
        ships[i][1] = *target;
        ships[i][1].y = target->y + 12.5f * (float)(i + 1);
        lives[i][1] = arena->ship_life[1] + (reborn ? 1 : 0);
        kinds[i][KIND_SHIP] = (struct game_rows){
            .rows = (uint8_t *)ships[i], .life = lives[i], .slots = PLAYERS_MAX, .size = sizeof(struct ship)};
        past[i] = (struct game_view){.kinds = kinds[i]};
    }
    host->turn.past = past;
    host->turn.past_count = TICKS_BACK;
    host->turn.ago = ago;
    tick_all(host, &(struct arena_input){.fire = 1, .aim = -1});
    bool hit = arena->ship[1].health < HEALTH_MAX;
    host_destroy(host);
    return hit;
}

static void shots_are_judged_by_what_their_pilot_saw(void) {
    EXPECT(!hits_what_was(0, false));
    EXPECT(hits_what_was(5, false));
    EXPECT(hits_what_was(4.5f, false));
    EXPECT(!hits_what_was(1, false));
    EXPECT(!hits_what_was(5, true)); /* that was another ship: this one is where it is */
}

static void a_gun_gets_hot_and_its_pilot_alone_sees_it(void) {
    struct host *host = empty(2);
    uint32_t shots = 0;
    put(host, 0, 3190, 500, 0);
    for (int i = 0; i < 20 * RATE; i++) {
        uint32_t before = arena_of(host)->lives;
        tick_all(host, &(struct arena_input){.fire = 1, .aim = -1});
        shots += arena_of(host)->lives - before;
    }
    EXPECT(shots > 60 && shots < 80); /* 100 if it were not for the heat */
    const struct hud *hud = game_row(&host->view, KIND_HUD, 0);
    EXPECT(hud && hud->heat >= 18 && hud->heat <= 20);
    EXPECT(host->view.kinds[KIND_HUD].to[0].whom == GAME_TO_ONE && host->view.kinds[KIND_HUD].to[1].id == 1);
    host_destroy(host);
}

static void kills_count_are_told_and_kept(void) {
    struct host *host = empty(2);
    struct arena *arena = arena_of(host);
    struct game_note note = {0};
    put(host, 0, 1000, 1000, 0);
    put(host, 1, 1050, 1000, 0)->health = 5;
    uint32_t life = arena->ship_life[1];
    arena->pilot[1].score = 10;
    host_forget_notes(host);
    for (int i = 0; i < 3; i++) tick_all(host, &(struct arena_input){.fire = i == 0, .aim = -1});
    EXPECT_EQ(arena->ship_life[1], 0);
    EXPECT(arena->pilot[0].kills == 1 && arena->pilot[0].kept == 1 && arena->pilot[0].score == 100);
    EXPECT(arena->pilot[1].deaths == 1 && arena->pilot[1].score == 0);
    EXPECT_EQ(said(host, GAME_EVENT, RECORD_KILL, &note), 1);
    EXPECT_EQ(note.to.whom, GAME_TO_ALL);
    EXPECT_EQ(said(host, GAME_ADD, 0, &note), 1);
    EXPECT(note.account == 1 && note.number == 1);
    EXPECT_EQ(said(host, GAME_SCORE, 0, &note), 0); /* the best so far is 100 as well */
    const struct hud *hud = game_row(&host->view, KIND_HUD, 1);
    EXPECT(hud && hud->respawn == 3 && !host->view.seats[1].owns && host->view.seats[1].x > 0);
    for (int i = 0; i < 3 * RATE + 1; i++) tick_all(host, &idle);
    EXPECT(arena->ship_life[1] > life && arena->ship[1].health == HEALTH_MAX);
    EXPECT(arena->ship[1].flags & SHIP_SAFE);
    host_destroy(host);
}

static void rocks_hurt_fall_apart_and_credit_who_drove_one_in(void) {
    struct host *host = empty(2);
    struct arena *arena = arena_of(host);
    struct ship *ship = put(host, 0, 1000, 1000, 0);
    arena->rock[0] = (struct rock){.x = 1100, .y = 1000, .size = 3};
    arena->rock_life[0] = ++arena->lives;
    arena->rock_health[0] = 1;
    arena->seat[0].hurt_by = 1;
    arena->seat[0].hurt_tick = 1000;
    ship->vx = ship->wish_vx = 200;
    ship->health = 5;
    for (int i = 0; i < 10; i++) tick_all(host, &idle);
    EXPECT_EQ(arena->ship_life[0], 0);
    EXPECT_EQ(arena->pilot[1].kills, 1);
    EXPECT(arena->rock_life[0] && arena->rock_life[1] && !arena->rock_life[2]);
    EXPECT(arena->rock[0].size == 2 && arena->rock[1].size == 2);
    host_destroy(host);
}

static void pickups_do_good(void) {
    struct host *host = empty(1);
    struct arena *arena = arena_of(host);
    for (int32_t type = 0; type < PICKUP_TYPES; type++) {
        put(host, 0, 500, 500, 0)->health = 30;
        arena->pickup[0] = (struct pickup){505, 500, type};
        arena->pickup_life[0] = ++arena->lives;
        tick_all(host, &idle);
        EXPECT_EQ(arena->pickup_life[0], 0);
    }
    EXPECT_EQ(arena->pilot[0].score, 5 * PICKUP_TYPES);
    EXPECT((arena->ship[0].flags & SHIP_RAPID) && (arena->ship[0].flags & SHIP_SHIELD));
    uint32_t shots = 0;
    for (uint32_t i = 0; i < SHOTS_MAX; i++) shots += arena->shot_life[i] != 0;
    EXPECT_EQ(shots, 16);
    put(host, 0, 500, 500, 0)->health = 80;
    arena->pickup[0] = (struct pickup){505, 500, PICKUP_REPAIR};
    arena->pickup_life[0] = ++arena->lives;
    tick_all(host, &idle);
    EXPECT_EQ(arena->ship[0].health, HEALTH_MAX);
    host_destroy(host);
}

static void paint_is_answered(void) {
    struct host *host = empty(1);
    host_forget_notes(host);
    game_calls.call(host->world, &host->turn, 0, RECORD_PAINT, 77, &(struct paint){200});
    EXPECT(host->turn.note_count == 1 && host->turn.notes[0].what == GAME_REPLY);
    EXPECT(host->turn.notes[0].ticket == 77 && host->turn.notes[0].to.id == 0);
    EXPECT_EQ(arena_of(host)->pilot[0].hue, 200);
    host_destroy(host);
}

static void who_leaves_takes_ship_and_shots_along(void) {
    struct host *host = empty(2);
    struct arena *arena = arena_of(host);
    put(host, 0, 1000, 1000, 0);
    tick_all(host, &(struct arena_input){.fire = 1, .aim = -1});
    arena->seat[1].hurt_by = 0;
    host_leave(host, 0);
    tick_all(host, &idle);
    EXPECT(!game_row(&host->view, KIND_SHIP, 0) && !game_row(&host->view, KIND_PILOT, 0));
    EXPECT(!game_row(&host->view, KIND_SHOT, 0) && !game_row(&host->view, KIND_HUD, 0));
    EXPECT_EQ(arena->seat[1].hurt_by, -1);
    host_destroy(host);
}

/* The 2³²nd thing of a room is there like all others. */
static void life_numbers_begin_anew(void) {
    struct host *host = empty(0);
    arena_of(host)->lives = UINT32_MAX;
    host_join(host, 0, false);
    tick_all(host, &idle);
    EXPECT(game_row(&host->view, KIND_SHIP, 0) && game_row(&host->view, KIND_PILOT, 0));
    host_destroy(host);
}

/* Events that matter nearby only reach exactly those whose seat has the sector's bit. */
static void seats_hear_the_sectors_in_sight(void) {
    struct host *host = empty(1);
    put(host, 0, 10, 10, 0);
    tick_all(host, &idle);
    uint64_t groups = host->view.seats[0].groups;
    EXPECT_EQ(__builtin_popcountll(groups), 25); /* 800 to each side of 10: sectors −2 … 2 */
    EXPECT(groups & 1);
    EXPECT(groups >> 63 & 1);
    EXPECT(!(groups >> 4 & 1));
    host_destroy(host);
}

int main(void) {
    RUN(turning_is_bounded_and_ends_at_the_aim);
    RUN(ships_are_where_their_speed_says);
    RUN(the_safe_moment_ends_with_the_first_shot);
    RUN(shots_fly_straight_hit_and_end);
    RUN(shots_are_judged_by_what_their_pilot_saw);
    RUN(a_gun_gets_hot_and_its_pilot_alone_sees_it);
    RUN(kills_count_are_told_and_kept);
    RUN(rocks_hurt_fall_apart_and_credit_who_drove_one_in);
    RUN(pickups_do_good);
    RUN(paint_is_answered);
    RUN(who_leaves_takes_ship_and_shots_along);
    RUN(life_numbers_begin_anew);
    RUN(seats_hear_the_sectors_in_sight);
    return check_done();
}
