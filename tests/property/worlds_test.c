/* Random worlds, end to end without sockets: a game that does everything a game may do to its rows (world.h),
 * in a real room, seen through real sessions and frames by clients that skip ticks, acknowledge late, come
 * back and forget. After every frame a client holds exactly the rows that it may hold (sight.h), cell for
 * cell as the room believes it to, remainders too; and what the room believes is within tolerance of the
 * truth. */
#include "server/world/room_inside.h" /* to see what a room believes */
#include "tests/check.h"
#include "tests/dice.h"
#include "tests/property/sight.h"
#include "tests/property/world.h"
#include "tests/rig.h"
#include <inttypes.h>

enum { CLIENTS = 7 };
enum { FROST_EVERY = 500, FROST = 200 }; /* ticks: in between all may come to rest */

/* ---- What must be true. */

struct watcher {
    struct rig_client rig;
    char token[LIMIT_TOKEN];
    uint32_t lane, pause, patience; /* ticks until it looks again; how lazy it is */
    int32_t heard;                  /* serial of the next news that it may hear */
};

static struct tally {
    uint64_t kept, owed, frames, bytes, rows, missing, resumed, stale, hashes, unbounded, rested;
    size_t longest;
} tally;

static const int32_t *believed(const struct room *room, uint32_t lane, const struct shape_kind *kind,
                               uint32_t row) {
    const struct lane *of = room->lanes[lane];
    return of->believed + of->believed_first[kind - of->shapes->kinds] +
           (size_t)(row - kind->first) * row_stride(kind);
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

static void compare_row(const struct watcher *watcher, const struct room *room, uint32_t row) {
    const struct shape_kind *kind = shape_kind_of(room->lanes[watcher->lane]->shapes, row);
    const int32_t *cells = replica_row(&watcher->rig.client.replica, row);
    EXPECT(memcmp(cells, believed(room, watcher->lane, kind, row), row_stride(kind) * sizeof *cells) == 0);
}

static void compare_rows(struct rig *rig, const struct watcher *watcher, bool complete) {
    const struct shown *shown = &rig->room->shown;
    const struct client *client = &watcher->rig.client;
    uint32_t player = client->welcome.player;
    for (uint32_t row = 0; row < watcher->rig.shapes.row_count; row++) {
        bool held = held_has(client->replica.held, row), may = sight_allows(shown, player, row);
        bool must = may && sight_must_hold(shown, player, row);
        tally.missing += must && !held;
        EXPECT(!held || (may && sight_may_hold(shown, player, row)));
        if (complete && !how.budget) EXPECT(held || !must);
        if (!held || !may) continue;
        tally.rows++;
        if ((how.budget || !complete) && is_owed(rig, watcher, row))
            tally.owed++;
        else if (!is_left_alone(rig, row))
            compare_row(watcher, rig->room, row);
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

static bool is_for(int32_t serial, const struct watcher *watcher) {
    int32_t to = world_news_to[serial];
    return to == WORLD_EVERYBODY || to == (int32_t)watcher->rig.client.welcome.player;
}

/* Nothing before `serial` that was not heard was for this player. */
static void pass_over(struct watcher *watcher, int32_t serial) {
    for (; watcher->heard < serial; watcher->heard++) EXPECT(!is_for(watcher->heard, watcher));
}

/* All news that was for this player was heard once, in order. */
static void hear(struct watcher *watcher) {
    const struct client *client = &watcher->rig.client;
    const struct frame_slice *list = &client->frame.lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = client->events_before};
    while (replica_event_next(client->shapes, &reader, client->replica.tick, &event)) {
        if (event.record != WORLD_NEWS) continue;
        bool known = event.cells[0] >= watcher->heard && event.cells[0] < world_news_count;
        EXPECT(known);
        if (!known) return;
        EXPECT(is_for(event.cells[0], watcher));
        pass_over(watcher, event.cells[0]);
        watcher->heard = event.cells[0] + 1;
    }
    pass_over(watcher, world_news_count);
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
        watcher->heard = world_news_count;
        EXPECT_EQ(client->welcome.used, rig->room->told[client->welcome.player].used);
    }
    if (news != CLIENT_FRAME) return;
    tally.frames++;
    tally.bytes += watcher->rig.size;
    tally.stale += client->frame.lists[FRAME_STALE].elements > 0;
    tally.hashes += client->frame.hash != 0;
    if (watcher->rig.size > tally.longest) tally.longest = watcher->rig.size;
    EXPECT_EQ(client->replica.tick, rig->tick);
    EXPECT_EQ(client->replica.used, rig->room->told[client->welcome.player].used);
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
    } else if (client_owes_ack(&watcher->rig.client, false) && dice_once_in(&how.dice, 2)) {
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

static void turn_world(struct rig *rig) {
    rig_turn(rig);
    sight_follow(&rig->room->shown);
    for (uint32_t lane = 0; lane < LANE_COUNT; lane++) compare_truth(rig->room, lane);
}

/* Nothing happens any more: what was left out comes, too. */
static void catch_up(struct rig *rig, struct watcher *watcher, bool complete) {
    for (uint32_t left = 30; left && !check_failures; left--) {
        turn_world(rig);
        if (client_owes_ack(&watcher->rig.client, false)) rig_ack(rig, &watcher->rig);
        look(rig, watcher, complete || left == 1);
    }
}

/* `complete`: all that a player may hold fits into a frame. */
static void run_world(uint64_t seed, uint16_t slots, uint16_t signs, uint32_t ticks, bool complete) {
    static struct watcher watchers[CLIENTS];
    world_make(seed, slots, signs);
    if (!complete) how.radius = 0, how.budget = 0;
    sight_begin();
    struct rig *rig = rig_create_bounded(&world_schema, &world_calls, seed, how.budget);
    log_set_level(LOG_ERROR); /* these worlds show values out of their ranges, too */
    memset(watchers, 0, sizeof watchers);
    for (uint32_t tick = 0; tick < ticks && !check_failures; tick++) {
        how.quiet = tick + 100 > ticks;
        how.frozen = tick % FROST_EVERY > FROST_EVERY - FROST;
        turn_world(rig);
        for (uint32_t i = 0; i < CLIENTS; i++) {
            if (tick == i * 40) greet(rig, &watchers[i], "");
            if (tick >= i * 40) act(rig, &watchers[i], complete);
        }
    }
    for (uint32_t i = 0; i < CLIENTS; i++) catch_up(rig, &watchers[i], complete);
    for (uint32_t i = 0; i < CLIENTS; i++) rig_client_finish(&watchers[i].rig);
    if (check_failures) printf("# in the world of seed %" PRIu64 ", tick %u\n", seed, rig->tick);
    rig_destroy(rig);
}

static void tell_tally(void) {
    uint64_t frames = tally.frames + !tally.frames;
    printf("# %" PRIu64 " frames of %" PRIu64 " bytes, longest %zu, %" PRIu64 " with stale; %" PRIu64
           " rows compared, %" PRIu64 " times one was missing; %" PRIu64 " hashes; came back %" PRIu64
           " times, %" PRIu64 " with what it held; %" PRIu64 " times a row was owed, %" PRIu64
           " times one rested\n",
           tally.frames, tally.bytes / frames, tally.longest, tally.stale, tally.rows, tally.missing,
           tally.hashes, tally.resumed, tally.kept, tally.owed, tally.rested);
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
