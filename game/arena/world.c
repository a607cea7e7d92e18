#include "game/arena/world.h"

enum { PLACE_THROWS = 8, SECTOR = ARENA_SIZE / SECTORS_ACROSS };

uint32_t world_life(struct arena *arena) {
    if (++arena->lives == 0) arena->lives = 1;
    return arena->lives;
}

uint32_t world_ticks(const struct game_turn *turn, float seconds) {
    int32_t ticks = math_floor(seconds / turn->dt + 0.999f);
    return ticks < 1 ? 1 : (uint32_t)ticks;
}

float world_distance2(float ax, float ay, float bx, float by) {
    float x = math_across(ax, bx, ARENA_SIZE), y = math_across(ay, by, ARENA_SIZE);
    return x * x + y * y;
}

static float loneliness(const struct arena *arena, float x, float y) {
    float nearest = (float)ARENA_SIZE * ARENA_SIZE;
    for (uint32_t i = 0; i < PLAYERS_MAX; i++) {
        float distance2 = world_distance2(x, y, arena->ship[i].x, arena->ship[i].y);
        if (arena->ship_life[i] && distance2 < nearest) nearest = distance2;
    }
    for (uint32_t i = 0; i < ROCKS_MAX; i++) {
        float distance2 = world_distance2(x, y, arena->rock[i].x, arena->rock[i].y);
        if (arena->rock_life[i] && distance2 < nearest) nearest = distance2;
    }
    return nearest;
}

void world_place(struct arena *arena, float *x, float *y) {
    float best = -1;
    for (int32_t i = 0; i < PLACE_THROWS; i++) {
        float at_x = dice_between(&arena->dice, 0, ARENA_SIZE);
        float at_y = dice_between(&arena->dice, 0, ARENA_SIZE);
        float lonely = loneliness(arena, at_x, at_y);
        if (lonely > best) best = lonely, *x = at_x, *y = at_y;
    }
}

/* ---- Who may hear what is of use nearby only. */
static uint32_t sector_of(int32_t column, int32_t line) {
    return (uint32_t)((line & (SECTORS_ACROSS - 1)) * SECTORS_ACROSS + (column & (SECTORS_ACROSS - 1)));
}

uint64_t world_sectors(float x, float y, float sight) {
    uint64_t sectors = 0;
    int32_t left = math_floor((x - sight) / SECTOR), right = math_floor((x + sight) / SECTOR);
    int32_t top = math_floor((y - sight) / SECTOR), bottom = math_floor((y + sight) / SECTOR);
    for (int32_t line = top; line <= bottom; line++)
        for (int32_t column = left; column <= right; column++) sectors |= 1ull << sector_of(column, line);
    return sectors;
}

void world_tell_near(struct game_turn *turn, uint16_t record, float x, float y, const void *event) {
    uint32_t sector = sector_of(math_floor(x / SECTOR), math_floor(y / SECTOR));
    struct game_note note = {.what = GAME_EVENT, .record = record, .to = GAME_GROUP(sector)};
    game_say(turn, note, event);
}
