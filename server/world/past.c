#include "server/world/past.h"
#include <stdlib.h>

static size_t aligned(size_t bytes) {
    return (bytes + 7) & ~(size_t)7;
}

/* Of a kind's remembered rows first all lives, then all structs. */
static size_t life_bytes(const struct schema_kind *kind) {
    return kind->remembered ? aligned(kind->slots * sizeof(uint32_t)) : 0;
}
static size_t row_bytes(const struct schema_kind *kind) {
    return kind->remembered ? aligned((size_t)kind->slots * kind->row.size) : 0;
}

static size_t view_bytes(const struct schema *schema) {
    size_t bytes = 0;
    for (uint16_t i = 0; i < schema->kind_count; i++)
        bytes += life_bytes(&schema->kinds[i]) + row_bytes(&schema->kinds[i]);
    return bytes;
}

static void lay_out(struct game_rows *kinds, const struct schema *schema, uint8_t *at) {
    for (uint16_t i = 0; i < schema->kind_count; i++) {
        const struct schema_kind *kind = &schema->kinds[i];
        kinds[i].size = kind->row.size;
        kinds[i].slots = kind->remembered ? kind->slots : 0;
        kinds[i].life = (uint32_t *)(void *)at;
        kinds[i].rows = at + life_bytes(kind);
        at += life_bytes(kind) + row_bytes(kind);
    }
}

bool past_init(struct past *past, const struct schema *schema, uint32_t rate) {
    uint32_t ticks = (schema->past_ms * rate + 999) / 1000;
    *past = (struct past){.ticks = ticks, .kind_count = schema->kind_count};
    if (ticks == 0) return true;
    past->views = calloc(ticks, sizeof *past->views);
    past->kinds = calloc(ticks * (size_t)schema->kind_count, sizeof *past->kinds);
    past->bytes = calloc(ticks, view_bytes(schema) + 8);
    if (!past->views || !past->kinds || !past->bytes) return false;
    for (uint32_t tick = 0; tick < ticks; tick++) {
        past->views[tick].kinds = past->kinds + (size_t)tick * schema->kind_count;
        lay_out(past->views[tick].kinds, schema, past->bytes + tick * view_bytes(schema));
    }
    return true;
}

void past_finish(struct past *past) {
    free(past->views);
    free(past->kinds);
    free(past->bytes);
    *past = (struct past){0};
}

/* The oldest view becomes the newest. */
static struct game_view *turn_over(struct past *past) {
    struct game_view oldest = past->views[past->ticks - 1];
    memmove(past->views + 1, past->views, (past->ticks - 1) * sizeof *past->views);
    past->views[0] = oldest;
    if (past->known < past->ticks) past->known++;
    return &past->views[0];
}

void past_take(struct past *past, const struct game_view *view, const uint32_t *used) {
    if (past->ticks == 0) return;
    struct game_view *newest = turn_over(past);
    for (uint16_t i = 0; i < past->kind_count; i++) {
        struct game_rows *into = &newest->kinds[i];
        if (into->slots == 0) continue;
        memcpy(into->life, view->kinds[i].life, used[i] * sizeof *into->life);
        memcpy(into->rows, view->kinds[i].rows, (size_t)used[i] * into->size);
    }
}
