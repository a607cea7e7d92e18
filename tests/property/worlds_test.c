/* Random worlds, end to end without sockets: a game that does everything a game may do to its rows, in a real
 * room, seen through real sessions and frames by clients that skip ticks, acknowledge late, come back and
 * forget. After every frame a client holds exactly the rows that it may hold, cell for cell as the room
 * believes it to, remainders too; and what the room believes is within tolerance of the truth. */
#include "server/world/room_inside.h" /* to see what a room believes */
#include "tests/check.h"
#include "tests/dice.h"
#include "tests/rig.h"

enum { SHIP, DRONE, SIGN, SECRET, KINDS };
enum { NEWS, RUMOUR, RECORDS };
enum { SEATS = 12, THINGS_MAX = 7200, TEXT_BYTES = 60, NEWS_MAX = 1 << 16, CLIENTS = 7 };
enum { EVERYBODY = -1 };
enum { FROST_EVERY = 500, FROST = 200 }; /* ticks: in between all may come to rest */

/* One struct for all kinds; each kind's table shows a part of it. */
struct thing {
    float x, y, vx, vy;
    int32_t count, heading;
    float level;
    char text[TEXT_BYTES];
};
struct news {
    int32_t serial;
    char text[TEXT_BYTES];
};
struct push {
    int32_t x;
};
struct nothing {
    int32_t unused;
};

struct world {
    uint64_t dice;
    uint32_t lives, life[THINGS_MAX];
    struct game_to to[THINGS_MAX];
    struct thing thing[THINGS_MAX];
    uint64_t groups[SEATS];
    int32_t pushed[SEATS];
};

/* ---- Tables, made anew for each world. */

static struct schema_field ship_fields[8], drone_fields[4], sign_fields[3], secret_fields[6];
static struct schema_kind kinds[KINDS];
static const struct schema_field push_fields[] = {SCHEMA_FIELD(struct push, x, .min = -8, .max = 8)};
static const struct schema_field rules_fields[] = {SCHEMA_FIELD(struct nothing, unused)};
static const struct schema_field news_fields[] = {SCHEMA_FIELD(struct news, serial),
                                                  SCHEMA_FIELD(struct news, text)};
static const struct schema_record records[RECORDS] = {
    [NEWS] = {SCHEMA_RECORD("news", struct news, news_fields), .use = SCHEMA_MUST_ARRIVE},
    [RUMOUR] = {SCHEMA_RECORD("rumour", struct news, news_fields), .use = SCHEMA_MAY_DROP}};
static const struct schema world_schema = {.name = "worlds",
                                           .api = GAME_API,
                                           .version = 3,
                                           .world_size = sizeof(struct world),
                                           .players_max = SEATS,
                                           .input = {SCHEMA_RECORD("push", struct push, push_fields)},
                                           .rules = {SCHEMA_RECORD("rules", struct nothing, rules_fields)},
                                           .kinds = kinds,
                                           .kind_count = KINDS,
                                           .records = records,
                                           .record_count = RECORDS};

static struct how { /* what this world is like */
    uint64_t dice;
    float width, step, speed;
    uint32_t calm;   /* how seldom a row does something: once in so many ticks */
    bool quiet;      /* nothing happens any more */
    bool frozen;     /* nor does anything move, for a while */
    bool round;      /* all places wrap, over the same range */
    bool stepped;    /* ships move by a predictor of the game's own */
    float radius;    /* how far players see; 0: everywhere */
    uint32_t budget; /* bytes a second for each client; 0: no bound */
    bool frozen_audience;
} how;

/* What the room said that had to arrive: to whom, by serial. */
static int32_t news_to[NEWS_MAX], news_count;

static struct schema_field place(size_t offset, const char *name, bool wraps) {
    struct schema_field field = SCHEMA_FIELD(struct thing, x, .max = how.width);
    if (!how.round) field.min = dice_once_in(&how.dice, 2) ? -how.width : 0;
    field.wraps = wraps || how.round;
    field.predicted = true;
    field.step = how.step;
    field.tolerance = how.step * (float)dice_within(&how.dice, 1, 6);
    field.offset = (uint16_t)offset;
    field.name = name;
    return field;
}
static struct schema_field speed(size_t offset, const char *name) {
    struct schema_field field = SCHEMA_FIELD(struct thing, vx, .min = -100, .max = 100, .step = 0.5f);
    field.tolerance = dice_once_in(&how.dice, 2) ? 0 : 1.5f;
    field.offset = (uint16_t)offset;
    field.name = name;
    return field;
}

static void move_fields(struct schema_field *into, bool wraps) {
    into[0] = place(offsetof(struct thing, x), "x", wraps);
    into[1] = place(offsetof(struct thing, y), "y", wraps);
    into[2] = speed(offsetof(struct thing, vx), "vx");
    into[3] = speed(offsetof(struct thing, vy), "vy");
}

static struct schema_kind kind_of(const char *name, struct schema_field *fields, uint16_t count,
                                  uint16_t slots, bool linear) {
    struct schema_record row = {
        .name = name, .fields = fields, .field_count = count, .size = sizeof(struct thing)};
    return (struct schema_kind){.row = row, .slots = slots, .placed = linear, .linear = linear};
}

static void move(struct thing *thing, const struct schema_kind *kind, float dt);

/* What a ship does by itself in worlds where it has a predictor of its own. */
static void ship_step(void *row, const void *rules, float dt) {
    struct thing *thing = row;
    (void)rules;
    thing->heading += thing->vx > 0 ? 2 : -3;
    thing->level = thing->level == thing->level ? math_clamp(thing->level, -2, 2) * 0.97f : 0;
    thing->x += thing->level * dt;
    move(thing, &kinds[SHIP], dt);
}

static void make_tables(uint64_t seed, uint16_t slots, uint16_t signs) {
    static const float steps[] = {0.0625f, 0.125f, 0.25f, 1, 2};
    how = (struct how){.dice = dice_seed(seed)};
    how.step = steps[dice_below(&how.dice, COUNT_OF(steps))];
    how.width = how.step * (float)dice_within(&how.dice, 20, 4000);
    how.speed = dice_once_in(&how.dice, 3) ? 100 : 12;
    how.calm = (uint32_t)dice_within(&how.dice, 4, 60);
    how.round = dice_once_in(&how.dice, 3);
    how.stepped = dice_once_in(&how.dice, 2);
    how.radius = dice_once_in(&how.dice, 2) ? 0 : how.width * dice_between(&how.dice, 0.05f, 0.6f);
    how.budget = !dice_once_in(&how.dice, 3) ? 0 : (uint32_t)dice_within(&how.dice, 300, 6000);
    move_fields(ship_fields, true);
    ship_fields[4] = (struct schema_field)SCHEMA_FIELD(struct thing, count, .min = 0, .max = 100);
    ship_fields[5] =
        (struct schema_field)SCHEMA_FIELD(struct thing, heading, .max = 256, .wraps = true, .tolerance = 3);
    ship_fields[5].predicted = true;
    ship_fields[6] = (struct schema_field)SCHEMA_FIELD(struct thing, text);
    ship_fields[7] =
        (struct schema_field)SCHEMA_FIELD(struct thing, level, .min = -2, .max = 2, .step = 0.01f,
                                          .tolerance = 0.03f, .predicted = true, .inner = true);
    move_fields(drone_fields, false);
    sign_fields[0] = (struct schema_field)SCHEMA_FIELD(struct thing, text);
    sign_fields[1] = (struct schema_field)SCHEMA_FIELD(struct thing, count);
    sign_fields[2] = (struct schema_field)SCHEMA_FIELD(struct thing, level, .step = 0.3f);
    move_fields(secret_fields, dice_once_in(&how.dice, 2));
    secret_fields[4] =
        (struct schema_field)SCHEMA_FIELD(struct thing, level, .min = -1, .max = 1, .step = 0.01f);
    secret_fields[5] = (struct schema_field)SCHEMA_FIELD(struct thing, text);
    kinds[SHIP] = kind_of("ship", ship_fields, COUNT_OF(ship_fields), slots, true);
    if (how.stepped) kinds[SHIP].step = ship_step;
    kinds[DRONE] = kind_of("drone", drone_fields, COUNT_OF(drone_fields), slots, true);
    kinds[SIGN] = kind_of("sign", sign_fields, COUNT_OF(sign_fields), signs, false);
    kinds[SECRET] = kind_of("secret", secret_fields, COUNT_OF(secret_fields), slots, true);
}

/* ---- The game. */

static void write_text(uint64_t *dice, char text[TEXT_BYTES]) {
    static const char *const letters[] = {"a", "Z", " ", "é", "ß", "€", "語", "🚀", "\xff"};
    size_t length = 0;
    memset(text, 0, TEXT_BYTES);
    for (uint32_t left = dice_below(dice, TEXT_BYTES); left; left--) {
        const char *letter = letters[dice_below(dice, dice_once_in(dice, 50) ? 9 : 8)];
        if (length + strlen(letter) > TEXT_BYTES) return;
        memcpy(text + length, letter, strlen(letter));
        length += strlen(letter);
    }
}

static struct game_to random_to(uint64_t *dice, bool secret) {
    uint32_t roll = dice_below(dice, 4);
    if (roll == 0 || (secret && roll < 2)) return GAME_ONE(dice_below(dice, SEATS));
    if (secret || roll == 1) return GAME_GROUP(dice_below(dice, 4));
    return GAME_ALL;
}

static void begin_thing(struct world *w, uint32_t i, bool secret) {
    uint64_t *dice = &w->dice;
    struct thing *thing = &w->thing[i];
    thing->x = dice_between(dice, -how.width, how.width);
    thing->y = dice_between(dice, -how.width, how.width);
    thing->vx = math_snap(dice_between(dice, -how.speed, how.speed), 0.5f);
    thing->vy = math_snap(dice_between(dice, -how.speed, how.speed), 0.5f);
    thing->count = (int32_t)dice_within(dice, INT32_MIN, INT32_MAX);
    thing->level = dice_between(dice, -2, 2);
    write_text(dice, thing->text);
    w->life[i] = ++w->lives;
    w->to[i] = random_to(dice, secret);
}

/* One of the things that may happen to a living row. */
static void disturb(struct world *w, uint32_t i, bool secret) {
    uint64_t *dice = &w->dice;
    struct thing *thing = &w->thing[i];
    switch (dice_below(dice, 12)) {
    case 0:
        w->life[i] = 0;
        break;
    case 1:
        begin_thing(w, i, secret);
        break;
    case 2: /* a jump that its game forgot to call one */
        thing->x = dice_between(dice, -how.width, how.width);
        break;
    case 3:
        if (!how.frozen_audience) w->to[i] = random_to(dice, secret);
        break;
    case 4:
        write_text(dice, thing->text);
        break;
    case 5:
        thing->count = (int32_t)dice_within(dice, INT32_MIN, INT32_MAX);
        break;
    case 6:
        thing->level = dice_once_in(dice, 9) ? __builtin_nanf("") : dice_between(dice, -2, 2);
        break;
    case 7:
        thing->heading += (int32_t)dice_within(dice, -300, 300);
        break;
    case 8: /* a change that its tolerance may hide */
        thing->vx += 0.5f;
        thing->heading++;
        break;
    case 9:
        thing->x += how.step * dice_between(dice, -2, 2);
        break;
    default:
        thing->vx = dice_between(dice, -how.speed, how.speed);
        thing->vy = math_snap(dice_between(dice, -how.speed, how.speed), 0.5f);
    }
}

static void move(struct thing *thing, const struct schema_kind *kind, float dt) {
    float *places[] = {&thing->x, &thing->y}, speeds[] = {thing->vx, thing->vy};
    if (!kind->linear) return;
    for (int axis = 0; axis < 2; axis++) {
        const struct schema_field *field = &kind->row.fields[axis];
        float next = *places[axis] + speeds[axis] * dt;
        if (field->wraps)
            *places[axis] = field->min + math_wrap(next - field->min, field->max - field->min);
        else
            *places[axis] = math_clamp(next, field->min, field->max);
    }
}

static void world_begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)turn;
    ((struct world *)world)->dice = dice_seed(seed);
}
static void world_join(void *world, struct game_turn *turn, game_player who,
                       const struct game_profile *profile) {
    struct world *w = world;
    (void)turn, (void)profile;
    w->groups[who] = dice_next(&w->dice) & 15;
}
static void world_leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)turn, (void)why;
    ((struct world *)world)->groups[who] = 0;
}
static void world_input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)turn;
    ((struct world *)world)->pushed[who] += ((const struct push *)input)->x;
}

static void tell(struct world *w, struct game_turn *turn) {
    struct news news = {.serial = news_count};
    bool must = dice_once_in(&w->dice, 2);
    struct game_to to = dice_once_in(&w->dice, 2) ? GAME_ALL : GAME_ONE(dice_below(&w->dice, SEATS));
    write_text(&w->dice, news.text);
    struct game_note note = {GAME_EVENT, .record = must ? NEWS : RUMOUR, .to = to};
    if (game_say(turn, note, &news) && must)
        news_to[news_count++] = to.whom == GAME_TO_ALL ? EVERYBODY : to.id;
}

static void freeze(struct world *w) {
    for (uint32_t i = 0; i < THINGS_MAX; i++) w->thing[i].vx = w->thing[i].vy = 0;
}

static void world_tick(void *world, struct game_turn *turn) {
    struct world *w = world;
    uint32_t i = 0;
    if (how.frozen) {
        freeze(w);
        return;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        for (uint32_t slot = 0; slot < kinds[kind].slots; slot++, i++) {
            bool happens = !how.quiet && dice_once_in(&w->dice, how.calm);
            if (w->life[i] && kinds[kind].step)
                kinds[kind].step(&w->thing[i], turn->rules, turn->dt);
            else if (w->life[i])
                move(&w->thing[i], &kinds[kind], turn->dt);
            if (!happens) continue;
            if (w->life[i])
                disturb(w, i, kind == SECRET);
            else
                begin_thing(w, i, kind == SECRET);
        }
    }
    while (!how.quiet && news_count < NEWS_MAX - 8 && dice_once_in(&w->dice, 4)) tell(w, turn);
    if (!how.quiet && dice_once_in(&w->dice, 20))
        w->groups[dice_below(&w->dice, SEATS)] ^= 1u << dice_below(&w->dice, 4);
}

static void world_show(const void *world, struct game_view *view) {
    const struct world *w = world;
    uint32_t i = 0;
    for (uint8_t kind = 0; kind < KINDS; kind++)
        for (uint16_t slot = 0; slot < kinds[kind].slots; slot++, i++)
            if (w->life[i]) game_show(view, kind, slot, w->life[i], &w->thing[i], w->to[i]);
    for (uint32_t seat = 0; seat < SEATS; seat++)
        view->seats[seat] = (struct game_seat){
            .x = w->thing[seat].x, .y = w->thing[seat].y, .radius = how.radius, .groups = w->groups[seat]};
}
static const struct game_calls world_calls = {world_begin, world_join,         world_leave,
                                              world_input, .tick = world_tick, .show = world_show};

/* ---- What must be true. */

struct watcher {
    struct rig_client rig;
    char token[LIMIT_TOKEN];
    uint32_t lane, pause, patience; /* ticks until it looks again; how lazy it is */
    int32_t heard;                  /* serial of the next news that it may hear */
    bool gone;
};

static struct tally {
    uint64_t kept, owed, frames, bytes, rows, missing, resumed, stale, hashes, wrong, unbounded, rested;
    size_t longest;
} tally;

static const int32_t *believed(const struct room *room, uint32_t lane, const struct shape_kind *kind,
                               uint32_t row) {
    const struct lane *of = room->lanes[lane];
    return of->believed + of->believed_first[kind - of->shapes->kinds] +
           (size_t)(row - kind->first) * row_stride(kind);
}

static bool may_see(const struct room *room, uint16_t player, const struct shape_kind *kind, uint32_t row) {
    const struct game_rows *rows = &room->shown.kinds[kind - room->setup.shapes[LANE_NONE]->kinds];
    uint32_t slot = row - kind->first;
    struct game_to to = rows->to[slot];
    if (!rows->life[slot]) return false;
    if (to.whom == GAME_TO_ONE) return to.id == player;
    return to.whom == GAME_TO_ALL || (room->shown.view.seats[player].groups >> to.id & 1);
}

/* For how many ticks a placed row has been within a player's sight, or beyond it by more than the hysteresis.
 */
static uint32_t inside[SEATS][THINGS_MAX], outside[SEATS][THINGS_MAX];

static float across(float from, float to, const struct schema_field *field) {
    float way = __builtin_fabsf(to - from), span = field->max - field->min;
    return how.round && way > span / 2 ? span - way : way;
}

/* Places as they are shown, in whole steps: what the server looks at. */
static bool within_sight(const struct room *room, const struct game_seat *seat, const struct shape_kind *kind,
                         uint32_t row, float radius) {
    const struct shown *shown = &room->shown;
    size_t which = (size_t)(kind - shown->shapes->kinds);
    const int32_t *cells =
        shown->cells + shown->cells_first[which] + (size_t)(row - kind->first) * kind->row.cell_count;
    float dx = across(seat->x, (float)cells[0] * kind->row.fields[0].step, &kinds[which].row.fields[0]);
    float dy = across(seat->y, (float)cells[1] * kind->row.fields[1].step, &kinds[which].row.fields[1]);
    return dx * dx + dy * dy <= radius * radius;
}

static void follow_sight(const struct room *room) {
    const struct shown *shown = &room->shown;
    for (uint32_t row = 0; how.radius > 0 && row < shown->shapes->row_count; row++) {
        const struct shape_kind *kind = shape_kind_of(shown->shapes, row);
        if (!kind->placed) continue;
        for (uint32_t seat = 0; seat < SEATS; seat++) {
            const struct game_seat *at = &shown->view.seats[seat];
            bool anew = held_has(shown->newborn, row), alive = held_has(shown->alive, row);
            bool in = alive && within_sight(room, at, kind, row, how.radius * 0.999f);
            bool out = !alive || !within_sight(room, at, kind, row, how.radius * 1.101f);
            inside[seat][row] = in ? (anew ? 1 : inside[seat][row] + 1) : 0;
            outside[seat][row] = out ? (anew ? 1 : outside[seat][row] + 1) : 0;
        }
    }
}

/* Interest may lag by a quarter's turn, but for newborn rows. */
static bool may_be_held(const struct shape_kind *kind, uint32_t player, uint32_t row) {
    return how.radius <= 0 || !kind->placed || outside[player][row] < 4;
}
static bool must_be_held(const struct shape_kind *kind, uint32_t player, uint32_t row) {
    return how.radius <= 0 || !kind->placed || inside[player][row] >= 4;
}

/* The rows whose newest sending this client was not given yet. */
static bool is_owed(struct rig *rig, const struct watcher *watcher, uint32_t row) {
    struct session *session = session_lock(rig->sessions, &watcher->rig.attachment);
    bool owed = session && session->owes && held_has(session_owed(session), row);
    if (session) session_unlock(session);
    return owed;
}

/* Whether the frame had to leave out what is far: the link is found to be slow, or so little known that the
 * frame is about as long as it may be (entries are reckoned longer than most are). */
static bool is_bounded(struct rig *rig, const struct watcher *watcher) {
    struct session *session = session_lock(rig->sessions, &watcher->rig.attachment);
    if (!session) return true;
    bool slow = session->flow.bytes_per_us > 0, known = session->flow.passed == FLOW_PROVEN;
    session_unlock(session);
    return slow || (!known && watcher->rig.size > FLOW_FIRST / 2);
}

/* A replica moves a row on when it is looked at: a quarter of them, in turn, is left alone for a while. */
static bool is_left_alone(const struct rig *rig, uint32_t row) {
    return (row + rig->tick / 40) % 4 == 0;
}

static void compare_rows(struct rig *rig, const struct watcher *watcher, bool complete) {
    const struct room *room = rig->room;
    const struct client *client = &watcher->rig.client;
    const struct shape_set *shapes = &watcher->rig.shapes, *first = room->setup.shapes[LANE_NONE];
    uint32_t player = client->welcome.player;
    for (uint32_t row = 0; row < shapes->row_count; row++) {
        const struct shape_kind *kind = shape_kind_of(first, row);
        bool held = held_has(client->replica.held, row);
        const struct shape_kind *own = shape_kind_of(room->lanes[watcher->lane]->shapes, row);
        bool may = may_see(room, (uint16_t)player, kind, row);
        tally.missing += may && !held && must_be_held(kind, player, row);
        EXPECT(!held || (may && may_be_held(kind, player, row)));
        if (complete && !how.budget) EXPECT(held || !may || !must_be_held(kind, player, row));
        if (!held || !may) continue;
        tally.rows++;
        if ((how.budget || !complete) && is_owed(rig, watcher, row)) {
            tally.owed++;
            continue;
        }
        if (is_left_alone(rig, row)) continue;
        const int32_t *cells = replica_row(&client->replica, row);
        EXPECT(memcmp(cells, believed(room, watcher->lane, own, row), own->row.cell_count * sizeof *cells) ==
               0);
        EXPECT(memcmp(cells, believed(room, watcher->lane, own, row), row_stride(own) * sizeof *cells) == 0);
    }
}

static bool near(const struct shape_field *field, const int32_t *a, const int32_t *b) {
    if (field->type == SCHEMA_TEXT) return memcmp(a, b, field->cells * sizeof *a) == 0;
    int64_t off = row_difference(field, *a, *b);
    return off <= field->tolerance && -off <= field->tolerance;
}

static void compare_truth(const struct room *room, uint32_t lane) {
    const struct shape_set *shapes = room->setup.shapes[lane];
    const struct shown *shown = &room->shown;
    for (uint32_t row = 0; room->lanes[lane] && row < shapes->row_count; row++) {
        const struct shape_kind *kind = shape_kind_of(shapes, row);
        const int32_t *cells = believed(room, lane, kind, row);
        size_t which = (size_t)(kind - shapes->kinds);
        const int32_t *truth = shown->cells + shown->cells_first[which] +
                               (size_t)(row - kind->first) * shown->shapes->kinds[which].row.cell_count;
        if (!held_has(shown->alive, row)) continue;
        for (int i = 0; i < kind->row.field_count; i++) {
            const struct shape_field *field = &kind->row.fields[i];
            EXPECT(near(field, cells + field->cell, truth + field->cell));
        }
    }
}

/* Everything in `news` that was for this player was heard once, in order. */
static void hear(struct watcher *watcher) {
    const struct client *client = &watcher->rig.client;
    const struct frame_slice *list = &client->frame.lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = client->events_before};
    int32_t player = (int32_t)client->welcome.player;
    while (replica_event_next(client->shapes, &reader, client->replica.tick, &event)) {
        if (event.record != NEWS) continue;
        EXPECT(event.cells[0] >= watcher->heard && event.cells[0] < news_count);
        EXPECT(news_to[event.cells[0]] == EVERYBODY || news_to[event.cells[0]] == player);
        for (; watcher->heard < event.cells[0]; watcher->heard++)
            EXPECT(news_to[watcher->heard] != EVERYBODY && news_to[watcher->heard] != player);
        watcher->heard = event.cells[0] + 1;
    }
    for (; watcher->heard < news_count; watcher->heard++)
        EXPECT(news_to[watcher->heard] != EVERYBODY && news_to[watcher->heard] != player);
}

static void look(struct rig *rig, struct watcher *watcher, bool complete) {
    enum client_news news = rig_take(rig, &watcher->rig);
    tally.rested += watcher->rig.attachment.rests;
    const struct client *client = &watcher->rig.client;
    EXPECT(news == CLIENT_NOTHING || news == CLIENT_WELCOMED || news == CLIENT_FRAME ||
           news == CLIENT_RESUMED);
    tally.kept += news == CLIENT_RESUMED;
    if (news == CLIENT_WELCOMED) {
        memcpy(watcher->token, client->welcome.session, sizeof watcher->token);
        watcher->lane = client->welcome.lane;
        watcher->heard = news_count;
        EXPECT_EQ(client->welcome.used, rig->room->players[client->welcome.player].used);
    }
    if (news != CLIENT_FRAME) return;
    tally.frames++;
    tally.bytes += watcher->rig.size;
    tally.stale += client->frame.lists[FRAME_STALE].elements > 0;
    tally.hashes += client->frame.hash != 0;
    tally.wrong += client->replica.hash_differs;
    if (watcher->rig.size > tally.longest) tally.longest = watcher->rig.size;
    EXPECT_EQ(client->replica.tick, rig->tick);
    EXPECT_EQ(client->replica.used, rig->room->players[client->welcome.player].used);
    EXPECT(!client->replica.hash_differs);
    bool bounded = is_bounded(rig, watcher);
    tally.unbounded += complete && !bounded;
    compare_rows(rig, watcher, complete && !bounded);
    hear(watcher);
}

/* ---- Clients that behave as badly as they may. */

static void greet(struct rig *rig, struct watcher *watcher, const char *token) {
    uint32_t lane = dice_below(&how.dice, LANE_COUNT);
    EXPECT_EQ(rig_hello(rig, &watcher->rig, "Ada", lane, token), CODE_NONE);
    watcher->patience = dice_once_in(&how.dice, 4) ? 600 : dice_once_in(&how.dice, 2) ? 1 : 12;
}

static void come_back(struct rig *rig, struct watcher *watcher) {
    session_detach(rig->sessions, &watcher->rig.attachment, rig->now_us);
    if (dice_once_in(&how.dice, 2)) { /* with nothing but its token */
        rig_client_finish(&watcher->rig);
        watcher->rig = (struct rig_client){0};
    }
    tally.resumed++;
    greet(rig, watcher, watcher->token);
}

static void leave_and_return(struct rig *rig, struct watcher *watcher) {
    uint8_t bytes[8];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    message_write_bye_up(&writer);
    EXPECT_EQ(rig_say(rig, &watcher->rig, &writer), CODE_LEFT);
    rig_client_finish(&watcher->rig);
    *watcher = (struct watcher){0};
    greet(rig, watcher, "");
}

static void act(struct rig *rig, struct watcher *watcher, bool complete) {
    bool playing = watcher->rig.client.state == CLIENT_PLAYING;
    int32_t push = (int32_t)dice_within(&how.dice, -8, 8);
    if (playing && dice_once_in(&how.dice, how.frozen ? 300 : 3)) {
        EXPECT_EQ(rig_input(rig, &watcher->rig, &push), CODE_NONE);
    } else if (client_owes_ack(&watcher->rig.client) && dice_once_in(&how.dice, 2)) {
        EXPECT_EQ(rig_ack(rig, &watcher->rig), CODE_NONE);
    }
    if (watcher->pause) {
        watcher->pause--;
        return;
    }
    if (playing && dice_once_in(&how.dice, 300)) come_back(rig, watcher);
    if (playing && dice_once_in(&how.dice, 900)) leave_and_return(rig, watcher);
    look(rig, watcher, complete);
    watcher->pause = dice_below(&how.dice, watcher->patience);
}

static void run_world(uint64_t seed, uint16_t slots, uint16_t signs, uint32_t ticks, bool complete) {
    static struct watcher watchers[CLIENTS];
    news_count = 0;
    make_tables(seed, slots, signs);
    if (!complete) how.radius = 0, how.budget = 0;
    memset(inside, 0, sizeof inside);
    memset(outside, 0, sizeof outside);
    struct rig *rig = rig_create_bounded(&world_schema, &world_calls, seed, complete ? how.budget : 0);
    memset(watchers, 0, sizeof watchers);
    for (uint32_t tick = 0; tick < ticks; tick++) {
        how.quiet = tick + 100 > ticks;
        how.frozen = tick % FROST_EVERY > FROST_EVERY - FROST;
        rig_turn(rig);
        follow_sight(rig->room);
        for (uint32_t lane = 0; lane < LANE_COUNT; lane++) compare_truth(rig->room, lane);
        for (uint32_t i = 0; i < CLIENTS; i++) {
            if (tick == i * 40) greet(rig, &watchers[i], "");
            if (tick >= i * 40) act(rig, &watchers[i], complete);
        }
        if (check_failures) break;
    }
    for (uint32_t i = 0; i < CLIENTS; i++) { /* nothing happens any more: all catch up */
        for (uint32_t left = 30; left && !check_failures; left--) {
            rig_turn(rig);
            follow_sight(rig->room);
            if (client_owes_ack(&watchers[i].rig.client)) rig_ack(rig, &watchers[i].rig);
            look(rig, &watchers[i], complete || left == 1);
        }
        rig_client_finish(&watchers[i].rig);
    }
    if (check_failures) printf("# in the world of seed %llu, tick %u\n", (unsigned long long)seed, rig->tick);
    rig_destroy(rig);
}

static void tell_tally(void) {
    printf(
        "# %llu frames of %llu bytes, longest %zu, %llu with stale; %llu rows compared, %llu times one was "
        "missing; %llu hashes; came back %llu times, %llu with what it held; %llu times a row was owed, %llu "
        "times one "
        "rested\n",
        (unsigned long long)tally.frames, (unsigned long long)(tally.bytes / (tally.frames + !tally.frames)),
        tally.longest, (unsigned long long)tally.stale, (unsigned long long)tally.rows,
        (unsigned long long)tally.missing, (unsigned long long)tally.hashes,
        (unsigned long long)tally.resumed, (unsigned long long)tally.kept, (unsigned long long)tally.owed,
        (unsigned long long)tally.rested);
    tally = (struct tally){0};
}

static uint64_t test_seed;

static void many_small_worlds(void) {
    for (uint64_t i = 0; i < 40 && !check_failures; i++) {
        uint64_t dice = dice_seed(test_seed + i);
        uint16_t slots = (uint16_t)dice_within(&dice, 1, 70), signs = (uint16_t)dice_within(&dice, 1, 70);
        run_world(test_seed + i, slots, signs, 1200, true);
    }
    EXPECT(tally.unbounded > tally.frames / 2 && tally.stale > 0 && tally.hashes > 0 && tally.resumed > 0 &&
           tally.kept > 0 && tally.owed > 0 && tally.rested > 0);
    tell_tally();
}

/* More rows with longer texts than a frame holds: what does not fit leaves, and comes with later frames. */
static void worlds_beyond_a_frame(void) {
    for (uint64_t i = 0; i < 3 && !check_failures; i++) run_world(test_seed + i, 200, 6500, 420, false);
    EXPECT(tally.missing > 0 && tally.longest > LIMIT_FRAME * 3 / 4 && tally.longest <= LIMIT_FRAME);
    tell_tally();
}

int main(void) {
    test_seed = dice_of_test();
    RUN(many_small_worlds);
    RUN(worlds_beyond_a_frame);
    return check_done();
}
