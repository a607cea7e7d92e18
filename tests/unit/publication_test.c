/* The board under threads: what a reader has pinned stays as it is, however fast main publishes; and each
 * publication, although it comes round only every few ticks, holds all that its lane holds. There are as
 * many, and they are as large, as is needed. */
#include "server/world/publication.h"
#include "tests/check.h"
#include <pthread.h>
#include <stdatomic.h>

enum {
    READERS = 3,
    ROWS = 600,
    SEATS = 500,
    TICKS = 20000,
    LANE_FROM = 10 /* the tick with its first client */
};

struct row {
    int32_t count;
};
static const struct schema_field fields[] = {SCHEMA_FIELD(struct row, count)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("row", struct row, fields)}, ROWS, .placed = false}};
static const struct schema schema = {.name = "rows",
                                     .world_size = 1,
                                     .players_max = SEATS,
                                     .input = {"input", NULL, 0, 0, 0, 0},
                                     .rules = {"rules", NULL, 0, 0, 0, 0},
                                     .kinds = kinds,
                                     .kind_count = 1};

static struct shape_set shapes;
static struct lane *lane_of_rows;
static struct board *board;
static uint64_t alive[ROWS / 64 + 1], placed[ROWS / 64 + 1];
static uint32_t born[ROWS], cells_first[LIMIT_KINDS];
static int32_t cells[ROWS];
static _Atomic bool done;
static _Atomic uint32_t torn;

static void open_board(void) {
    char why[256];
    EXPECT(shape_set_make(&shapes, &schema, LANE_NONE, 20, why, sizeof why));
    memset(alive, 0, sizeof alive);
    for (uint32_t row = 0; row < ROWS; row++) held_add(alive, row);
    board = board_create(1, READERS);
    board_open(board, 0, &shapes, placed, SEATS);
    EXPECT(board_pin(board, 0, 0) == NULL);
    board_unpin(board, 0);
}

static void close_board(void) {
    board_destroy(board);
    lane_destroy(lane_of_rows);
    lane_of_rows = NULL;
}

/* One tick in which row `tick % ROWS` changes; `born` says the tick all over. */
static void publish(uint32_t tick) {
    static const uint32_t used[] = {ROWS};
    struct lane_truth truth = {alive, born, used, &shapes, cells, cells_first};
    cells[tick % ROWS] = (int32_t)tick;
    memset(born, 0, sizeof born);
    if (tick == LANE_FROM) {
        EXPECT((lane_of_rows = lane_create(&shapes)) != NULL);
        board_open_lane(board, 0, LANE_NONE, lane_of_rows);
    }
    if (tick == LANE_FROM)
        lane_activate(lane_of_rows, &truth, tick);
    else if (tick > LANE_FROM)
        lane_turn(lane_of_rows, &truth, tick);
    struct publication *into = board_next(board, 0, held_words(ROWS), 1);
    into->words = held_words(ROWS);
    for (uint32_t row = 0; row < ROWS; row++) into->born[row] = tick;
    if (lane_of_rows) publication_take_lane(into, LANE_NONE, lane_of_rows);
    into->tick = tick;
    board_publish(board, 0, into);
}

static bool same_all_over(const struct publication *publication) {
    uint32_t tick = publication->tick;
    const struct publication_lane *lane = &publication->lanes[LANE_NONE];
    if (lane->active && lane->rows[tick % ROWS].sent != tick) return false;
    for (uint32_t row = 0; row < ROWS; row++)
        if (publication->born[row] != tick) return false;
    return publication->tick == tick;
}

static void *read_on(void *context) {
    uint32_t thread = *(const uint32_t *)context, newest = 0;
    while (!atomic_load(&done)) {
        const struct publication *publication = board_pin(board, thread, 0);
        bool well = !publication || (publication->tick >= newest && same_all_over(publication));
        if (!well) atomic_fetch_add(&torn, 1);
        newest = publication ? publication->tick : 0;
        board_unpin(board, thread);
    }
    return NULL;
}

static void what_is_pinned_stays(void) {
    pthread_t threads[READERS];
    uint32_t numbers[READERS];
    open_board();
    atomic_store(&done, false);
    for (uint32_t i = 0; i < READERS; i++) {
        numbers[i] = i;
        EXPECT_EQ(pthread_create(&threads[i], NULL, read_on, &numbers[i]), 0);
    }
    for (uint32_t tick = 1; tick <= TICKS; tick++) publish(tick);
    atomic_store(&done, true);
    for (uint32_t i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
    EXPECT_EQ(torn, 0);
    close_board();
}

static void publications_catch_up(void) {
    open_board();
    memset(cells, 0, sizeof cells);
    for (uint32_t tick = 1; tick <= 700; tick++) {
        publish(tick);
        const struct publication *publication = board_pin(board, 0, 0);
        const struct publication_lane *lane = &publication->lanes[LANE_NONE];
        EXPECT_EQ(lane->active, tick >= LANE_FROM);
        if (!lane->active) continue;
        for (uint32_t row = 0; row < ROWS; row++) {
            EXPECT(lane->rows[row].sent == lane_of_rows->rows[row].sent);
            EXPECT(memcmp(lane_whole(publication->blobs_of[LANE_NONE], lane->blobs, row),
                          lane_whole(lane_of_rows->blobs_of, lane_of_rows->blobs, row),
                          lane->rows[row].whole_size) == 0);
        }
        if (tick % 3 == 0) board_unpin(board, 0); /* else it stays pinned for another tick */
    }
    board_unpin(board, 0);
    close_board();
}

static const struct publication *put(size_t words, uint32_t seats) {
    struct publication *into = board_next(board, 0, words, seats);
    into->words = words;
    into->seat_count = seats;
    board_publish(board, 0, into);
    return into;
}

/* Two do as long as nobody reads the older one; who does costs one more. */
static void as_many_as_are_read(void) {
    const struct publication *made[READERS + 2];
    open_board();
    made[0] = put(1, 1);
    made[1] = put(1, 1);
    EXPECT(made[0] != made[1] && put(1, 1) == made[0] && put(1, 1) == made[1]);
    for (uint32_t reader = 0; reader < READERS; reader++) {
        EXPECT(board_pin(board, reader, 0) == made[reader + 1]);
        EXPECT(put(1, 1) == made[0]);
        made[reader + 2] = put(1, 1);
        for (uint32_t i = 0; i < reader + 2; i++) EXPECT(made[reader + 2] != made[i]);
    }
    EXPECT(put(1, 1) == made[0] && put(1, 1) == made[READERS + 1]);
    for (uint32_t reader = 0; reader < READERS; reader++) board_unpin(board, reader);
    close_board();
}

static void as_large_as_what_is_shown(void) {
    open_board();
    for (int i = 0; i < 2; i++) {
        const struct publication *small = put(1, 1);
        EXPECT(small->rows_max >= 64 && small->rows_max < ROWS && small->seats_max < SEATS);
    }
    for (int i = 0; i < 2; i++) {
        const struct publication *large = put(held_words(ROWS), SEATS);
        EXPECT_EQ(large->rows_max, ROWS);
        EXPECT_EQ(large->seats_max, SEATS);
    }
    close_board();
}

/* Each of these alone is news; none of them is none. */
static void whatever_may_be_noticed_is_news(void) {
    open_board();
    struct publication *before = board_next(board, 0, 1, 1);
    before->tick = before->news = 1;
    board_publish(board, 0, before);
    EXPECT_EQ(board_news(board, 0), 1);
    struct publication *after = board_next(board, 0, 1, 1);
    held_add(placed, 3);
    before->words = after->words = 1;
    before->seat_count = after->seat_count = 1;
    after->seats_since[0] = 2;
    held_add(before->alive, 3);
    held_add(after->alive, 3);
    EXPECT(!publication_says_new(before, after));
#define IS_NEWS(field, value)                                                                                \
    do {                                                                                                     \
        after->field = value;                                                                                \
        EXPECT(publication_says_new(before, after));                                                         \
        after->field = before->field;                                                                        \
        EXPECT(!publication_says_new(before, after));                                                        \
    } while (0)
    IS_NEWS(begins, true);
    IS_NEWS(words, 2);
    IS_NEWS(event_last, 1);
    IS_NEWS(event_losses, 1);
    IS_NEWS(alive[0], 0);
    IS_NEWS(reserved_count, 1);
    IS_NEWS(lanes[LANE_NONE].active, true);
    IS_NEWS(grid.x[3], 1);
    IS_NEWS(grid.y[3], 1);
    IS_NEWS(players[0].used, 1);
    IS_NEWS(players[0].unused, 1);
    IS_NEWS(seats[0].groups, 1);
    IS_NEWS(seats[0].x, 1);
    IS_NEWS(seats[0].radius, 1);
    IS_NEWS(seats[0].owns, true);
    IS_NEWS(seats[0].slot, 1);
    before->lanes[LANE_NONE].active = after->lanes[LANE_NONE].active = true;
    EXPECT(publication_says_new(before, after));
    after->lanes[LANE_NONE].still = true;
    EXPECT(!publication_says_new(before, after));
    held_remove(placed, 3);
    close_board();
}

int main(void) {
    RUN(what_is_pinned_stays);
    RUN(publications_catch_up);
    RUN(as_many_as_are_read);
    RUN(as_large_as_what_is_shown);
    RUN(whatever_may_be_noticed_is_news);
    return check_done();
}
