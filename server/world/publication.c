#include "server/world/publication.h"
#include <sched.h>
#include <stdlib.h>

struct pool {
    struct publication *all;
    _Atomic(struct publication *) newest;
    _Atomic uint32_t news; /* the newest's */
};

struct board {
    uint32_t rooms, threads;
    uint32_t news; /* how many publications had some */
    struct pool *pools;
    _Atomic(struct publication *) *pins; /* by thread: what it reads */
};

struct board *board_create(uint32_t rooms, uint32_t threads) {
    struct board *board = calloc(1, sizeof *board);
    if (!board) return NULL;
    board->rooms = rooms;
    board->threads = threads;
    board->pools = calloc(rooms, sizeof *board->pools);
    board->pins = calloc(threads, sizeof *board->pins);
    if (board->pools && board->pins) return board;
    board_destroy(board);
    return NULL;
}

void board_destroy(struct board *board) {
    if (!board) return;
    for (uint32_t i = 0; board->pools && i < board->rooms; i++) board_close(board, i);
    free(board->pools);
    free(board->pins);
    free(board);
}

static uint32_t pool_size(const struct board *board) {
    return board->threads + 2;
}

/* All in one piece: large enough to be taken fresh from the system (memory.h), whatever was freed before. */
static bool init_lane(struct publication *publication, enum shape_lane which, const struct lane *lane) {
    size_t rows = lane->shapes->row_count + 1u, words = held_words(lane->shapes->row_count) + 1;
    struct publication_lane *into = &publication->lanes[which];
    uint64_t *memory =
        calloc(1, (rows + words) * sizeof *memory + rows * sizeof *into->rows + lane->blob_bytes);
    if (!memory) return false;
    publication->shapes[which] = lane->shapes;
    publication->blobs_of[which] = lane->blobs_of;
    into->hashes = memory;
    into->changed = into->hashes + rows;
    into->rows = (void *)(into->changed + words);
    into->blobs = (void *)(into->rows + rows);
    return true;
}

static void finish_lane(struct publication_lane *lane) {
    free(lane->hashes);
    *lane = (struct publication_lane){0};
}

static bool init(struct publication *publication, const struct shape_set *shapes, const uint64_t *placed,
                 uint32_t players) {
    uint32_t rows = shapes->row_count;
    bool grid = grid_init(&publication->grid, shapes, placed);
    publication->born = calloc(rows + 1u, sizeof *publication->born);
    publication->alive = calloc(held_words(rows) + 1, sizeof *publication->alive);
    publication->newborn = calloc(held_words(rows) + 1, sizeof *publication->newborn);
    publication->everyone = calloc(held_words(rows) + 1, sizeof *publication->everyone);
    publication->reserved = calloc(rows + 1u, sizeof *publication->reserved);
    publication->reserved_to = calloc(rows + 1u, sizeof *publication->reserved_to);
    publication->players = calloc(players + 1u, sizeof *publication->players);
    return grid && publication->born && publication->alive && publication->newborn && publication->everyone &&
           publication->reserved && publication->reserved_to && publication->players;
}

static void finish(struct publication *publication) {
    grid_finish(&publication->grid);
    free(publication->born);
    free(publication->alive);
    free(publication->newborn);
    free(publication->everyone);
    free(publication->reserved);
    free(publication->reserved_to);
    free(publication->players);
    free(publication->events);
    for (int i = 0; i < LANE_COUNT; i++) finish_lane(&publication->lanes[i]);
}

bool board_open(struct board *board, uint32_t room, const struct shape_set *shapes, const uint64_t *placed,
                uint32_t players) {
    struct pool *pool = &board->pools[room];
    pool->all = calloc(pool_size(board), sizeof *pool->all);
    bool well = pool->all != NULL;
    for (uint32_t i = 0; well && i < pool_size(board); i++)
        well = init(&pool->all[i], shapes, placed, players);
    if (!well) board_close(board, room);
    return well;
}

/* Threads may be reading these publications, but not lanes that were not there when they were written. */
bool board_open_lane(struct board *board, uint32_t room, enum shape_lane which, const struct lane *lane) {
    struct pool *pool = &board->pools[room];
    bool well = true;
    for (uint32_t i = 0; well && i < pool_size(board); i++) well = init_lane(&pool->all[i], which, lane);
    for (uint32_t i = 0; !well && i < pool_size(board); i++) finish_lane(&pool->all[i].lanes[which]);
    return well;
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
        while (pinned(board, &pool->all[i])) sched_yield();
        finish(&pool->all[i]);
    }
    free(pool->all);
    pool->all = NULL;
}

struct publication *board_next(struct board *board, uint32_t room) {
    struct pool *pool = &board->pools[room];
    const struct publication *newest = atomic_load(&pool->newest);
    for (uint32_t i = 0; i < pool_size(board); i++)
        if (&pool->all[i] != newest && !pinned(board, &pool->all[i])) return &pool->all[i];
    CHECK(false); /* a pool holds one publication more than can be in use */
    return NULL;
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
static bool player_differs(const struct publication_player *was, const struct publication_player *is) {
    return was->used != is->used || was->unused != is->unused || was->groups != is->groups ||
           was->event_lost != is->event_lost || was->x != is->x || was->y != is->y ||
           was->radius != is->radius || was->owns != is->owns || was->own_row != is->own_row;
}

bool publication_says_new(const struct publication *before, const struct publication *after,
                          uint32_t players) {
    bool differs = after->begins || before->event_last != after->event_last ||
                   memcmp(before->alive, after->alive, after->words * sizeof *after->alive) != 0;
    for (int i = 0; i < LANE_COUNT; i++)
        differs = differs || lane_says_new(&before->lanes[i], &after->lanes[i]);
    differs = differs || audience_differs(before, after) || places_differ(before, after);
    for (uint32_t i = 0; i < players && !differs; i++)
        differs = player_differs(&before->players[i], &after->players[i]);
    return differs;
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
