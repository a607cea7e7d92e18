/* Players over a bad way: 64 pilots fly the arena's ships through a real room, session and broadcaster, by
 * inputs that arrive late and uneven, and frames that do. Nothing else is in their world, so that whatever
 * the server says of a pilot's ship must be what the pilot foresaw, bit for bit, if its inputs were in time;
 * and if they were not, no more than one correction for each that was late. Where they see one another, each
 * is drawn near to where it was at the time that is shown, without leaps, and exactly there once no news of
 * it has come for as long as easing takes. */
#include "game/arena/rows.h"
#include "game/arena/ship.h"
#include "protocol/display.h"
#include "protocol/timing.h"
#include "tests/check.h"
#include "tests/dice.h"
#include "tests/rig.h"

enum {
    FLIERS = 64,
    TICK_MS = 50,
    TICK_US = 50000,
    STEP_US = 2000, /* how finely time passes between two ticks */
    LETTERS = 512,  /* on one way at once */
    LETTER_BYTES = 2048,
    PICTURE_US = 16000,
    WAY_MOST = 5,     /* units that a ship flies from picture to picture, and a little */
    WARM_TICKS = 200, /* until clocks and paces have settled */
    TICKS = 1500,
    CALM_TICKS = 40, /* after which the last gust has been heard of */
    LOOKERS = 8,     /* pilots whose picture of the others is compared with the truth */
    LOOK_TICKS = 600,
    OFF_SELDOM = 6,                /* units: what a ship under thrust does before news of it has come */
    OFF_MOST = 100,                /* news may wait for 0.2 s where a link is taken for slow */
    OTHERS_WAY_MOST = 8,           /* as WAY_MOST, and an eighth of what is eased */
    EASED_TICKS = 40,              /* half a turn towards an aim, news of its end, and easing */
    KEPT_TICKS = 32,               /* of the truth: more than a frame takes, with all its jitter */
    SIGHTS = 16 * LOOKERS * FLIERS /* that wait for the truth: some ticks' pictures */
};

/* ---- A world of ships that meet nothing. */

struct world {
    struct ship ship[FLIERS];
    uint32_t life[FLIERS];
    uint64_t dice;
};

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)turn;
    ((struct world *)world)->dice = dice_seed(seed);
}
static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    struct world *w = world;
    (void)turn, (void)profile;
    float x = dice_between(&w->dice, 0, ARENA_SIZE), y = dice_between(&w->dice, 0, ARENA_SIZE);
    w->ship[who] = (struct ship){.health = 100};
    ship_set_place(&w->ship[who], x, y);
    w->life[who]++;
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)world, (void)turn, (void)who, (void)why;
}
static float ago_sum; /* of all inputs of a flight: how old was what their pilots saw */
static uint32_t ago_count;
static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    struct ship *ship = &((struct world *)world)->ship[who];
    ago_sum += turn->ago;
    ago_count++;
    EXPECT(turn->ago >= 0 && turn->ago <= PAST_MS / TICK_MS);
    ship_steer(ship, turn->rules, input, turn->dt);
    ship_step(ship, turn->rules, turn->dt);
}
static bool crowded; /* all see one another */
static bool winds;   /* the world interferes: now and then a gust */
static void tick(void *world, struct game_turn *turn) {
    struct world *w = world;
    for (uint16_t i = 0; winds && i < FLIERS; i++)
        if (dice_below(&w->dice, 50) == 0) ship_set_speed(&w->ship[i], 100, -100);
    (void)turn;
}
static void keep(const struct world *w);
static void show(const void *world, struct game_view *view) {
    const struct world *w = world;
    float radius = crowded ? 0 : 100;
    for (uint16_t i = 0; i < FLIERS; i++) {
        if (!w->life[i]) continue;
        game_show(view, KIND_SHIP, i, w->life[i], &w->ship[i], crowded ? GAME_ALL : GAME_ONE(i));
        view->seats[i] = (struct game_seat){w->ship[i].x, w->ship[i].y, radius, .owns = true, .slot = i};
    }
    keep(w);
}
static const struct game_calls calls = {begin, join, leave, input, .tick = tick, .show = show};

/* ---- The way: letters arrive in order, each after its own delay. */

struct letter {
    uint64_t due_us;
    size_t size;
    uint8_t bytes[LETTER_BYTES];
};
struct way {
    struct letter letters[LETTERS];
    uint32_t first, count;
};
struct weather {                            /* of both ways */
    uint32_t delay_us, jitter_us, stall_us; /* stalls come seldom */
};

static void post(struct way *way, const struct weather *weather, uint64_t *dice, uint64_t now_us,
                 const uint8_t *bytes, size_t size) {
    CHECK(way->count < LETTERS && size <= LETTER_BYTES);
    struct letter *letter = &way->letters[(way->first + way->count) % LETTERS];
    uint64_t before_us = way->count ? way->letters[(way->first + way->count - 1) % LETTERS].due_us : 0;
    uint64_t due_us = now_us + weather->delay_us + dice_below(dice, weather->jitter_us + 1);
    if (weather->stall_us && dice_below(dice, 1000) == 0) due_us += weather->stall_us;
    letter->due_us = due_us > before_us ? due_us : before_us;
    letter->size = size;
    memcpy(letter->bytes, bytes, size);
    way->count++;
}

static const struct letter *arrived(struct way *way, uint64_t now_us) {
    if (way->count == 0 || way->letters[way->first].due_us > now_us) return NULL;
    const struct letter *letter = &way->letters[way->first];
    way->first = (way->first + 1) % LETTERS;
    way->count--;
    return letter;
}

/* ---- A pilot and its ship. */

/* How others are drawn. */
struct view {
    float way, off;          /* the longest way from one picture to the next; farthest from the truth */
    uint64_t compared, near; /* with the truth; of these nearer than OFF_SELDOM */
};

struct flier {
    struct rig_client rig;
    struct own own;
    struct timing timing;
    struct way up, down;
    int32_t input[LIMIT_CELLS];
    struct display display;
    void *drawn; /* the display's memory */
    struct place {
        float x, y;
        uint32_t picture; /* its number, from 1 */
        double told_ms;   /* when a frame's news of it was drawn */
    } places[FLIERS];     /* of all ships, when they were drawn last */
    uint32_t pictures;
    float own_way; /* the longest from one picture to the next */
    struct view others;
    double offset_ms, ping_ms; /* its clock is ahead of the rig's by offset_ms */
    uint32_t mispredicted_at_ease, missed_at_ease, made_at_ease;
};

/* Another's ship as it was drawn for a time that the server may not have reached yet. */
struct sight {
    struct flier *flier;
    double tick;
    float x, y;
    uint16_t slot;
};

static struct scene {
    struct rig *rig;
    struct weather weather;
    uint64_t dice, now_us;
    struct flier fliers[FLIERS];
    struct place truth[KEPT_TICKS][FLIERS]; /* where each ship was, by tick */
    struct sight sights[SIGHTS];
    uint32_t sight_count;
    bool still; /* no key is touched any more */
} scene;

static void keep(const struct world *w) {
    struct place *places = scene.truth[scene.rig->tick % KEPT_TICKS];
    for (int i = 0; i < FLIERS; i++) places[i] = (struct place){.x = w->ship[i].x, .y = w->ship[i].y};
}

static double now_of(const struct flier *flier) {
    return (double)scene.now_us / 1e3 + flier->offset_ms;
}

static void say(struct flier *flier, const struct wire_writer *writer) {
    CHECK(!writer->full);
    post(&flier->up, &scene.weather, &scene.dice, scene.now_us, writer->bytes, writer->size);
}

static void press(struct flier *flier) {
    struct arena_input keys = {.turn = 8 * (int32_t)dice_below(&scene.dice, 3) - 8,
                               .thrust = (int32_t)dice_below(&scene.dice, 9),
                               .aim = -1};
    if (scene.still || dice_below(&scene.dice, 8)) return;
    if (dice_below(&scene.dice, 2)) keys.aim = (int32_t)dice_below(&scene.dice, MATH_TURN);
    row_quantise(&flier->rig.shapes.input, &keys, flier->input);
}

static void make_input(struct flier *flier) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    press(flier);
    double ahead =
        (timing_tick(&flier->timing, now_of(flier)) - flier->rig.client.replica.tick) * LIMIT_SEEN_PARTS;
    flier->rig.client.ahead = ahead < 0 ? 0 : ahead > LIMIT_AHEAD ? LIMIT_AHEAD : (uint32_t)ahead;
    client_input(&flier->rig.client, flier->input, &writer);
    own_make(&flier->own, &flier->rig.client, flier->input);
    timing_sent(&flier->timing, flier->rig.client.sequence, now_of(flier));
    say(flier, &writer);
}

static void ping(struct flier *flier) {
    uint8_t bytes[16];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    message_write_ping(&writer, timing_ping(&flier->timing, now_of(flier)));
    flier->ping_ms = now_of(flier) + 500;
    say(flier, &writer);
}

static void take_pongs(struct flier *flier) {
    const struct frame_slice *list = &flier->rig.client.frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    uint32_t type, elements;
    while (message_next_answer(&reader, &type, &elements)) {
        struct message_pong pong;
        if (type == MESSAGE_PONG) {
            message_read_pong(&reader, &pong);
            timing_pong(&flier->timing, pong.stamp, (double)pong.received_us / 1e3,
                        (double)pong.held_us / 1e3, now_of(flier));
        } else {
            wire_skip_many(&reader, elements);
        }
    }
}

static void take(struct flier *flier, const struct letter *letter) {
    struct client *client = &flier->rig.client;
    uint32_t missed = client->repeated + client->unused;
    enum client_news news = client_take(client, letter->bytes, letter->size);
    EXPECT(news == CLIENT_WELCOMED || news == CLIENT_FRAME);
    if (news == CLIENT_WELCOMED) {
        free(flier->rig.memory);
        flier->rig.memory = calloc(1, client_bytes(client) + 8);
        client_start(client, flier->rig.memory);
        free(flier->drawn);
        flier->drawn = calloc(1, display_bytes(client->shapes));
        display_init(&flier->display, client->shapes, flier->drawn);
        timing_welcome(&flier->timing, client->welcome.rate, (double)client->welcome.now_us / 1e3,
                       now_of(flier));
        return;
    }
    own_frame(&flier->own, client);
    display_frame(&flier->display, client);
    if (client->frame.advance) timing_frame(&flier->timing, client->replica.tick, now_of(flier));
    if (client->frame.used && !client->frame.late)
        timing_used(&flier->timing, client->replica.used, now_of(flier));
    timing_missed(&flier->timing, client->repeated + client->unused - missed);
    take_pongs(flier);
}

static float across(float from, float to) {
    return math_across(from, to, ARENA_SIZE);
}

static float larger(float a, float b) {
    return a > b ? a : b;
}

/* How far a ship was drawn from where it was at that time. */
static float off_truth(const struct sight *sight) {
    uint32_t tick = (uint32_t)sight->tick;
    float part = (float)(sight->tick - tick);
    const struct place *here = &scene.truth[tick % KEPT_TICKS][sight->slot];
    const struct place *next = &scene.truth[(tick + 1) % KEPT_TICKS][sight->slot];
    return math_length(across(here->x, sight->x) - across(here->x, next->x) * part,
                       across(here->y, sight->y) - across(here->y, next->y) * part);
}

static void note_off(struct view *view, float off) {
    view->off = larger(view->off, off);
    view->compared++;
    view->near += off < OFF_SELDOM;
}

/* Compares what was drawn for times that have come. */
static void compare(void) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scene.sight_count; i++) {
        struct sight *sight = &scene.sights[i];
        if (sight->tick >= scene.rig->tick)
            scene.sights[kept++] = *sight;
        else
            note_off(&sight->flier->others, off_truth(sight));
    }
    scene.sight_count = kept;
}

static void look_at(struct flier *flier, uint16_t slot, float x, float y) {
    struct place *place = &flier->places[slot];
    bool before = place->picture > 0 && place->picture + 1 == flier->pictures;
    float way = before ? math_length(across(place->x, x), across(place->y, y)) : 0;
    EXPECT(x >= 0 && x < ARENA_SIZE && y >= 0 && y < ARENA_SIZE);
    *place = (struct place){x, y, flier->pictures, place->told_ms};
    if (slot == flier->rig.client.welcome.player) {
        flier->own_way = larger(flier->own_way, way);
        return;
    }
    flier->others.way = larger(flier->others.way, way);
    CHECK(scene.sight_count < SIGHTS && flier->display.tick + KEPT_TICKS > scene.rig->tick);
    scene.sights[scene.sight_count++] = (struct sight){flier, flier->display.tick, x, y, slot};
}

/* Which ships the next picture has news of. */
static void hear(struct flier *flier) {
    for (uint32_t slot = 0; slot < FLIERS; slot++)
        if (held_has(flier->display.touched, slot)) flier->places[slot].told_ms = now_of(flier);
}

static void draw(struct flier *flier) {
    double now = now_of(flier);
    struct display_time time = {timing_tick(&flier->timing, now), (float)timing_part(&flier->timing, now),
                                now};
    const struct display_kind *ships = &flier->display.kinds[KIND_SHIP];
    uint32_t fields = flier->rig.client.shapes->kinds[KIND_SHIP].row.field_count;
    hear(flier);
    display_show(&flier->display, &flier->rig.client, &flier->own, flier->input, &time);
    flier->pictures++;
    for (uint32_t i = 0; i < ships->count; i++) {
        uint16_t slot = ships->slots[i];
        look_at(flier, slot, ships->values[i * fields], ships->values[i * fields + 1]);
        bool eased = slot == flier->rig.client.welcome.player || ships->left_ms[slot] == 0;
        EXPECT(eased || now - flier->places[slot].told_ms < DISPLAY_EASE_MS);
    }
}

static void turn_flier(struct flier *flier) {
    const struct letter *letter;
    while ((letter = arrived(&flier->down, scene.now_us))) take(flier, letter);
    if (flier->rig.client.state != CLIENT_PLAYING) return;
    if (timing_due(&flier->timing, now_of(flier)) == 0) make_input(flier);
    if (now_of(flier) >= flier->ping_ms) ping(flier);
    if (scene.now_us % PICTURE_US == 0 && (!crowded || flier < scene.fliers + LOOKERS)) draw(flier);
    while ((letter = arrived(&flier->up, scene.now_us)))
        EXPECT_EQ(session_receive(scene.rig->sessions, &flier->rig.attachment, letter->bytes, letter->size,
                                  scene.now_us, "test"),
                  CODE_NONE);
}

static void write_frame(struct flier *flier) {
    struct broadcast due = broadcaster_next(scene.rig->broadcaster, &flier->rig.attachment, scene.now_us);
    if (due.size) post(&flier->down, &scene.weather, &scene.dice, scene.now_us, due.bytes, due.size);
}

static void turn_all(void) {
    for (uint32_t passed = 0; passed < TICK_US; passed += STEP_US) {
        scene.now_us += STEP_US;
        for (int i = 0; i < FLIERS; i++) turn_flier(&scene.fliers[i]);
    }
    scene.rig->now_us = scene.now_us - 1000000 / scene.rig->config.rate;
    rig_turn(scene.rig);
    compare();
    for (int i = 0; i < FLIERS; i++) write_frame(&scene.fliers[i]);
    broadcaster_end(scene.rig->broadcaster);
}

/* ---- Flights. */

static struct schema ships_only(void) {
    struct schema schema = game_schema;
    schema.name = "ships";
    schema.kind_count = 1;
    schema.record_count = 0;
    schema.world_size = sizeof(struct world);
    schema.players_max = FLIERS;
    return schema;
}

static void fly(const struct schema *schema, struct weather weather, uint64_t seed, uint32_t ticks) {
    scene.rig = rig_create(schema, &calls, seed);
    scene.weather = weather;
    scene.dice = dice_seed(seed);
    scene.still = false;
    scene.sight_count = 0;
    scene.now_us = scene.rig->now_us;
    ago_sum = 0;
    ago_count = 0;
    for (int i = 0; i < FLIERS; i++) {
        struct flier *flier = &scene.fliers[i];
        memset(flier, 0, sizeof *flier);
        flier->offset_ms = (double)dice_below(&scene.dice, 100000);
        EXPECT_EQ(rig_hello(scene.rig, &flier->rig, "Ada", LANE_GAME, ""), CODE_NONE);
    }
    for (uint32_t i = 0; i < ticks; i++) {
        turn_all();
        for (int p = 0; i == WARM_TICKS && p < FLIERS; p++) {
            struct flier *flier = &scene.fliers[p];
            flier->missed_at_ease = flier->rig.client.repeated + flier->rig.client.unused;
            flier->made_at_ease = flier->own.made;
        }
    }
}

struct sums {
    float own_way;
    uint64_t made, mispredicted, corrections, missed, missed_late, made_late, hashes, hashes_wrong;
};

static struct sums land(void) {
    struct sums sums = {0};
    for (int i = 0; i < FLIERS; i++) {
        struct flier *flier = &scene.fliers[i];
        const struct client *client = &flier->rig.client;
        sums.made += flier->own.made;
        sums.mispredicted += flier->own.mispredicted;
        sums.corrections += flier->own.corrections;
        sums.missed += client->repeated + client->unused;
        sums.missed_late += client->repeated + client->unused - flier->missed_at_ease;
        sums.made_late += flier->own.made - flier->made_at_ease;
        sums.hashes += client->hashes;
        sums.hashes_wrong += client->hashes_wrong;
        EXPECT_EQ(client->state, CLIENT_PLAYING);
        sums.own_way = larger(sums.own_way, flier->own_way);
        rig_client_finish(&flier->rig);
        free(flier->drawn);
    }
    rig_destroy(scene.rig);
    printf("# delay %u ms, jitter %u ms, stalls %u ms: %llu inputs, %llu mispredicted, %llu corrections, "
           "%llu missed "
           "(%llu of %llu once settled), %.1f units at most from picture to picture, seen %.1f ticks ago\n",
           scene.weather.delay_us / 1000, scene.weather.jitter_us / 1000, scene.weather.stall_us / 1000,
           (unsigned long long)sums.made, (unsigned long long)sums.mispredicted,
           (unsigned long long)sums.corrections, (unsigned long long)sums.missed,
           (unsigned long long)sums.missed_late, (unsigned long long)sums.made_late, (double)sums.own_way,
           (double)(ago_sum / (float)ago_count));
    return sums;
}

static uint64_t mispredicted_so_far(void) {
    uint64_t sum = 0;
    for (int i = 0; i < FLIERS; i++) sum += scene.fliers[i].own.mispredicted;
    return sum;
}

static uint64_t test_seed;

/* The tables are the arena's, all but its world. */
static void in_free_flight_nothing_is_mispredicted(void) {
    static const struct weather weathers[] = {
        {0, 0, 0}, {100000, 20000, 0}, {30000, 20000, 0}, {100000, 40000, 400000}, {5000, 60000, 150000}};
    struct schema schema = ships_only();
    for (size_t i = 0; i < COUNT_OF(weathers); i++) {
        fly(&schema, weathers[i], test_seed + i, TICKS);
        struct sums sums = land();
        EXPECT_EQ(sums.mispredicted, 0);
        EXPECT(sums.made > FLIERS * (TICKS - 50));
        EXPECT_EQ(sums.hashes_wrong, 0);
        EXPECT(sums.hashes > FLIERS * 10);
        if (weathers[i].stall_us > 0) continue;
        EXPECT(sums.own_way < WAY_MOST);
        float way_ticks = (float)(2 * weathers[i].delay_us + weathers[i].jitter_us) / TICK_US;
        EXPECT(ago_sum / (float)ago_count > way_ticks - 0.5f &&
               ago_sum / (float)ago_count < way_ticks + 1.5f);
        EXPECT(sums.missed_late * 1000 <= sums.made_late);
    }
}

static void gusts_are_corrections_and_soon_forgotten(void) {
    struct schema schema = ships_only();
    winds = true;
    fly(&schema, (struct weather){50000, 20000, 0}, test_seed, TICKS);
    winds = false;
    for (int i = 0; i < CALM_TICKS; i++) turn_all();
    uint64_t gusts = mispredicted_so_far();
    for (int i = 0; i < CALM_TICKS; i++) turn_all();
    EXPECT_EQ(mispredicted_so_far(), gusts);
    struct sums sums = land();
    EXPECT(sums.mispredicted > 0 && sums.mispredicted <= sums.made / 30);
    EXPECT(sums.own_way < 6 * WAY_MOST); /* it leaps by up to 80 units: eased over eight pictures */
    EXPECT_EQ(sums.hashes_wrong, 0);
}

/* How the others were drawn since the last time this was asked. */
static struct view view_since(void) {
    struct view sum = {0};
    for (int i = 0; i < LOOKERS; i++) {
        struct view *view = &scene.fliers[i].others;
        sum.way = larger(sum.way, view->way);
        sum.off = larger(sum.off, view->off);
        sum.compared += view->compared;
        sum.near += view->near;
        *view = (struct view){0};
    }
    return sum;
}

static struct view view_of(int ticks) {
    view_since();
    for (int i = 0; i < ticks; i++) turn_all();
    return view_since();
}

static void others_are_drawn_where_they_are(void) {
    static const struct weather weathers[] = {
        {0, 0, 0}, {30000, 20000, 0}, {100000, 20000, 0}, {5000, 40000, 0}};
    struct schema schema = ships_only();
    crowded = true;
    for (size_t i = 0; i < COUNT_OF(weathers); i++) {
        fly(&schema, weathers[i], test_seed + i, WARM_TICKS);
        struct view flying = view_of(LOOK_TICKS);
        scene.still = true; /* they go on turning and thrusting as they did: there is no news of them */
        view_of(EASED_TICKS);
        struct view still = view_of(CALM_TICKS);
        printf("# others, %u + 0 to %u ms: drawn %.1f units off at most, %llu of %llu by less than %d; %.1f "
               "from picture to picture; %.3f off without news\n",
               weathers[i].delay_us / 1000, weathers[i].jitter_us / 1000, (double)flying.off,
               (unsigned long long)flying.near, (unsigned long long)flying.compared, OFF_SELDOM,
               (double)flying.way, (double)still.off);
        EXPECT(flying.compared > LOOKERS * LOOK_TICKS * (FLIERS / 2) && still.compared > 0);
        EXPECT(flying.off < OFF_MOST && (flying.compared - flying.near) * 500 <= flying.compared);
        EXPECT(flying.way < OTHERS_WAY_MOST);
        EXPECT(still.off < PLACE_STEP && still.way < OTHERS_WAY_MOST);
        EXPECT_EQ(land().hashes_wrong, 0);
    }
    crowded = false;
}

int main(void) {
    test_seed = dice_of_test();
    RUN(in_free_flight_nothing_is_mispredicted);
    RUN(gusts_are_corrections_and_soon_forgotten);
    RUN(others_are_drawn_where_they_are);
    return check_done();
}
