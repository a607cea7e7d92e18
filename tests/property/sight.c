#include "tests/property/sight.h"
#include "tests/property/world.h"
#include <string.h>

enum { TURN_TICKS = 4 }; /* a quarter of the sessions looks at everything in each */

/* For how many ticks a placed row has been within a player's sight, or beyond it by more than the hysteresis.
 */
static uint32_t inside[WORLD_SEATS][WORLD_THINGS_MAX], outside[WORLD_SEATS][WORLD_THINGS_MAX];

void sight_begin(void) {
    memset(inside, 0, sizeof inside);
    memset(outside, 0, sizeof outside);
}

static float across(float from, float to, const struct schema_field *field) {
    float way = __builtin_fabsf(to - from), span = field->max - field->min;
    return how.round && way > span / 2 ? span - way : way;
}

/* Places as they are shown, in whole steps: what the server looks at. */
static bool within(const struct shown *shown, const struct game_seat *seat, const struct shape_kind *kind,
                   uint32_t row, float radius) {
    size_t which = (size_t)(kind - shown->shapes->kinds);
    const struct schema_field *fields = world_kinds[which].row.fields;
    const int32_t *cells =
        shown->cells + shown->cells_first[which] + (size_t)(row - kind->first) * kind->row.cell_count;
    float dx = across(seat->x, (float)cells[0] * kind->row.fields[0].step, &fields[0]);
    float dy = across(seat->y, (float)cells[1] * kind->row.fields[1].step, &fields[1]);
    return dx * dx + dy * dy <= radius * radius;
}

void sight_follow(const struct shown *shown) {
    for (uint32_t row = 0; how.radius > 0 && row < shown->shapes->row_count; row++) {
        const struct shape_kind *kind = shape_kind_of(shown->shapes, row);
        if (!kind->placed) continue;
        for (uint32_t seat = 0; seat < WORLD_SEATS; seat++) {
            const struct game_seat *at = &shown->view.seats[seat];
            bool anew = held_has(shown->newborn, row), alive = held_has(shown->alive, row);
            bool in = alive && within(shown, at, kind, row, how.radius * 0.999f);
            bool out = !alive || !within(shown, at, kind, row, how.radius * 1.101f);
            inside[seat][row] = in ? (anew ? 1 : inside[seat][row] + 1) : 0;
            outside[seat][row] = out ? (anew ? 1 : outside[seat][row] + 1) : 0;
        }
    }
}

bool sight_allows(const struct shown *shown, uint32_t player, uint32_t row) {
    const struct shape_kind *kind = shape_kind_of(shown->shapes, row);
    const struct game_rows *rows = &shown->kinds[kind - shown->shapes->kinds];
    struct game_to to = rows->to[row - kind->first];
    if (!rows->life[row - kind->first]) return false;
    if (to.whom == GAME_TO_ONE) return to.id == player;
    return to.whom == GAME_TO_ALL || (shown->view.seats[player].groups >> to.id & 1);
}

static bool is_everywhere(const struct shown *shown, uint32_t row) {
    return how.radius <= 0 || !shape_kind_of(shown->shapes, row)->placed;
}

bool sight_may_hold(const struct shown *shown, uint32_t player, uint32_t row) {
    return is_everywhere(shown, row) || outside[player][row] < TURN_TICKS;
}

bool sight_must_hold(const struct shown *shown, uint32_t player, uint32_t row) {
    return is_everywhere(shown, row) || inside[player][row] >= TURN_TICKS;
}
