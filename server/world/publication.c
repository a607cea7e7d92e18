#include "server/world/publication.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

struct pool {
    const struct shape_set *shapes;
    const uint64_t *placed;
    const struct lane *lanes[LANE_COUNT]; /* which its publications can take; NULL: not yet */
    uint32_t seats_max;
    struct publication **all; /* NULL: not made yet */
    _Atomic(struct publication *) newest;
    _Atomic uint32_t news; /* the newest's */
};

struct board {
    uint32_t rooms, threads;
    uint32_t news; /* how many publications had some */
    struct pool *pools;
    struct publication **publications;   /* of all pools */
    _Atomic(struct publication *) *pins; /* by thread: what it reads */
};

static uint32_t pool_size(const struct board *board) {
    return board->threads + 2;
}

struct board *board_create(uint32_t rooms, uint32_t threads) {
    struct board *board = calloc(1, sizeof *board);
    if (!board) return NULL;
    board->rooms = rooms;
    board->threads = threads;
    board->pools = calloc(rooms, sizeof *board->pools);
    board->publications = calloc((size_t)rooms * pool_size(board), sizeof *board->publications);
    board->pins = calloc(threads, sizeof *board->pins);
    if (board->pools && board->publications && board->pins) return board;
    board_destroy(board);
    return NULL;
}

void board_destroy(struct board *board) {
    if (!board) return;
    for (uint32_t i = 0; board->pools && board->publications && i < board->rooms; i++) board_close(board, i);
    free(board->pools);
    free(board->publications);
    free(board->pins);
    free(board);
}

/* ---- One publication. */

static void lay_lane(struct publication *publication, enum shape_lane which, const struct lane *lane,
                     struct memory_parts *parts) {
    uint32_t rows = publication->rows_max;
    struct publication_lane *into = &publication->lanes[which];
    publication->shapes[which] = lane->shapes;
    publication->blobs_of[which] = lane->blobs_of;
    into->hashes = memory_part(parts, rows, sizeof *into->hashes);
    into->changed = memory_part(parts, held_words(rows), sizeof *into->changed);
    into->rows = memory_part(parts, rows, sizeof *into->rows);
    into->blobs = memory_part(parts, lane_blob_bytes(lane, rows), 1);
}

static void lay_seats(struct publication *publication, struct memory_parts *parts) {
    uint32_t seats = publication->seats_max;
    size_t blocks = seats / PUBLICATION_BLOCK + 1;
    publication->players = memory_part(parts, seats, sizeof *publication->players);
    publication->seats = memory_part(parts, seats, sizeof *publication->seats);
    publication->seats_since = memory_part(parts, blocks, sizeof *publication->seats_since);
    publication->event_lost_by = memory_part(parts, seats, sizeof *publication->event_lost_by);
}

static void lay_out(struct publication *publication, const struct pool *pool, struct memory_parts *parts) {
    uint32_t rows = publication->rows_max;
    size_t words = held_words(rows);
    lay_seats(publication, parts);
    publication->alive = memory_part(parts, words, sizeof *publication->alive);
    publication->newborn = memory_part(parts, words, sizeof *publication->newborn);
    publication->everyone = memory_part(parts, words, sizeof *publication->everyone);
    for (int i = 0; i < LANE_COUNT; i++)
        if (pool->lanes[i]) lay_lane(publication, (enum shape_lane)i, pool->lanes[i], parts);
    publication->born = memory_part(parts, rows, sizeof *publication->born);
    grid_init(&publication->grid, pool->shapes, pool->placed, rows, parts);
    publication->reserved = memory_part(parts, rows, sizeof *publication->reserved);
    publication->reserved_to = memory_part(parts, rows, sizeof *publication->reserved_to);
}

/* Memory for so many more at once: rooms fill one by one, and their publications are not to be made anew for
 * each. With so many rows a piece is taken fresh from the system, and goes back there (memory.h). */
enum { STEP = 256 };

static uint32_t enough(uint32_t needed, uint32_t most) {
    uint32_t steps = needed / STEP + (needed % STEP != 0);
    return steps * STEP < most ? steps * STEP : most;
}

static struct publication *make(const struct pool *pool, size_t words, uint32_t seats) {
    uint32_t rows = pool->shapes->row_count ? pool->shapes->row_count : 1;
    struct publication plan = {.rows_max = enough((uint32_t)words * 64, rows),
                               .seats_max = enough(seats, pool->seats_max)};
    struct memory_parts parts = {0};
    lay_out(&plan, pool, &parts);
    struct publication *made = calloc(1, sizeof *made + parts.size);
    if (!made) return NULL;
    *made = plan;
    parts = (struct memory_parts){.at = (uint8_t *)(made + 1)};
    lay_out(made, pool, &parts);
    return made;
}

static void discard(struct publication **publication) {
    if (*publication) free((*publication)->events);
    free(*publication);
    *publication = NULL;
}

/* Whether it has memory for what is to be said. */
static bool suffices(const struct publication *publication, const struct pool *pool, size_t words,
                     uint32_t seats) {
    bool well = held_words(publication->rows_max) >= words && publication->seats_max >= seats;
    for (int i = 0; i < LANE_COUNT; i++) well = well && (publication->shapes[i] || !pool->lanes[i]);
    return well;
}

/* ---- Pools. */

void board_open(struct board *board, uint32_t room, const struct shape_set *shapes, const uint64_t *placed,
                uint32_t seats) {
    struct pool *pool = &board->pools[room];
    pool->shapes = shapes;
    pool->placed = placed;
    pool->seats_max = seats;
    pool->all = board->publications + (size_t)room * pool_size(board);
}

void board_open_lane(struct board *board, uint32_t room, enum shape_lane which, const struct lane *lane) {
    board->pools[room].lanes[which] = lane;
}

static bool pinned(const struct board *board, const struct publication *publication) {
    for (uint32_t i = 0; i < board->threads; i++)
        if (atomic_load(&board->pins[i]) == publication) return true;
    return false;
}

void board_close(struct board *board, uint32_t room) {
    struct pool *pool = &board->pools[room];
    atomic_store(&pool->newest, NULL);
    for (uint32_t i = 0; pool->all && i < pool_size(board); i++) {
        while (pool->all[i] && pinned(board, pool->all[i])) sched_yield();
        discard(&pool->all[i]);
    }
    pool->all = NULL;
    memset(pool->lanes, 0, sizeof pool->lanes);
}

/* Those made first are taken first: a thread seldom reads for longer than a tick, and then two are all that
 * is needed. */
static struct publication **find_free(const struct board *board, const struct pool *pool) {
    const struct publication *newest = atomic_load(&pool->newest);
    for (uint32_t i = 0; i < pool_size(board); i++)
        if (!pool->all[i] || (pool->all[i] != newest && !pinned(board, pool->all[i]))) return &pool->all[i];
    CHECK(false); /* a pool may hold one publication more than can be in use */
    return NULL;
}

struct publication *board_next(struct board *board, uint32_t room, size_t words, uint32_t seats) {
    struct pool *pool = &board->pools[room];
    struct publication **next = find_free(board, pool);
    if (*next && !suffices(*next, pool, words, seats)) discard(next);
    if (!*next) *next = make(pool, words, seats);
    return *next;
}

static void take_kind(struct publication *publication, enum shape_lane which, const struct lane *lane,
                      int kind, bool everything) {
    const struct shape_kind *of = &lane->shapes->kinds[kind];
    const struct lane_blobs *blobs = &lane->blobs_of[kind];
    struct publication_lane *into = &publication->lanes[which];
    if (publication->hashed)
        memcpy(into->hashes + of->first, lane->hashes + of->first, lane->used[kind] * sizeof *into->hashes);
    for (uint32_t slot = 0; slot < lane->used[kind]; slot++) {
        const struct lane_row *row = &lane->rows[of->first + slot];
        if (!everything && row->touched <= publication->tick) continue;
        size_t at = blobs->first + (size_t)slot * blobs->stride;
        into->rows[of->first + slot] = *row;
        memcpy(into->blobs + at, lane->blobs + at, row->change_size);
        memcpy(into->blobs + at + blobs->whole_at, lane->blobs + at + blobs->whole_at, row->whole_size);
    }
}

void publication_take_lane(struct publication *publication, enum shape_lane which, const struct lane *lane) {
    struct publication_lane *into = &publication->lanes[which];
    if (!lane->active) return;
    for (int kind = 0; kind < lane->shapes->kind_count; kind++)
        take_kind(publication, which, lane, kind, !into->active);
    memcpy(into->changed, lane->changed, publication->words * sizeof *into->changed);
    into->active = true;
    into->still = lane->still;
}

/* ---- What is new. */

static bool lane_says_new(const struct publication_lane *before, const struct publication_lane *after) {
    return after->active && !(before->active && after->still);
}

static bool audience_differs(const struct publication *before, const struct publication *after) {
    if (before->reserved_count != after->reserved_count) return true;
    for (uint32_t i = 0; i < after->reserved_count; i++) {
        const struct game_to *was = &before->reserved_to[i], *is = &after->reserved_to[i];
        if (before->reserved[i] != after->reserved[i] || was->whom != is->whom || was->id != is->id)
            return true;
    }
    return false;
}

/* Of the rows that are there before and after. */
static bool places_differ(const struct publication *before, const struct publication *after) {
    const struct grid *was = &before->grid, *is = &after->grid;
    for (size_t i = 0; i < after->words; i++) {
        for (uint64_t left = after->alive[i] & is->placed[i]; left; left &= left - 1) {
            size_t row = i * 64 + (size_t)__builtin_ctzll(left);
            if (was->x[row] != is->x[row] || was->y[row] != is->y[row]) return true;
        }
    }
    return false;
}

/* Inputs that are used again say nothing: see MISSED in docs/protocol.md. */
static bool seat_differs(const struct publication *before, const struct publication *after, uint32_t seat) {
    const struct publication_player *was = &before->players[seat], *is = &after->players[seat];
    return was->used != is->used || was->unused != is->unused ||
           memcmp(&before->seats[seat], &after->seats[seat], sizeof *after->seats) != 0;
}

static bool seats_differ(const struct publication *before, const struct publication *after) {
    uint32_t count = before->seat_count; /* who came to a seat beyond has yet to be told anything */
    for (uint32_t block = 0; block * PUBLICATION_BLOCK < count; block++) {
        if (before->seats_since[block] == after->seats_since[block]) continue;
        uint32_t seat = block * PUBLICATION_BLOCK, end = seat + PUBLICATION_BLOCK;
        for (; seat < end && seat < count; seat++)
            if (seat_differs(before, after, seat)) return true;
    }
    return false;
}

bool publication_says_new(const struct publication *before, const struct publication *after) {
    bool differs = after->begins || before->event_last != after->event_last ||
                   before->event_losses != after->event_losses || before->words != after->words ||
                   memcmp(before->alive, after->alive, after->words * sizeof *after->alive) != 0;
    for (int i = 0; i < LANE_COUNT; i++)
        differs = differs || lane_says_new(&before->lanes[i], &after->lanes[i]);
    return differs || audience_differs(before, after) || places_differ(before, after) ||
           seats_differ(before, after);
}

/* ---- Readers. */

void board_publish(struct board *board, uint32_t room, struct publication *publication) {
    atomic_store(&board->pools[room].news, publication->news);
    atomic_store(&board->pools[room].newest, publication);
    board->news += publication->news == publication->tick;
}

uint32_t board_news_count(const struct board *board) {
    return board->news;
}

uint32_t board_news(const struct board *board, uint32_t room) {
    return atomic_load(&board->pools[room].news);
}

const struct publication *board_pin(struct board *board, uint32_t thread, uint32_t room) {
    struct publication *newest = atomic_load(&board->pools[room].newest);
    for (;;) {
        atomic_store(&board->pins[thread], newest);
        struct publication *again = atomic_load(&board->pools[room].newest);
        if (again == newest) return newest;
        newest = again;
    }
}

void board_unpin(struct board *board, uint32_t thread) {
    atomic_store(&board->pins[thread], NULL);
}
