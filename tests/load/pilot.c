#include "tests/load/pilot.h"
#include "game/math.h"

enum { FAR = 1000 }; /* of a range without bounds, this much either way is used */

void pilot_start(struct pilot *pilot, uint64_t seed) {
    *pilot = (struct pilot){.dice = dice_seed(seed)};
}

static int32_t choose(uint64_t *dice, const struct shape_field *field) {
    int64_t low = field->min, high = field->wraps ? (int64_t)field->max - 1 : field->max;
    if (low < -FAR && high > FAR) low = -FAR, high = FAR;
    uint64_t span = (uint64_t)(high - low) + 1;
    return (int32_t)(low + (int64_t)dice_below(dice, span > UINT32_MAX ? UINT32_MAX : (uint32_t)span));
}

const int32_t *pilot_next(struct pilot *pilot, const struct shape *input, uint32_t rate) {
    for (int i = 0; i < input->field_count; i++) {
        const struct shape_field *field = &input->fields[i];
        if (field->type == SCHEMA_TEXT || pilot->left[i]-- > 0) continue;
        pilot->left[i] = (uint16_t)(rate * 3 / 10 + dice_below(&pilot->dice, rate * 14 / 10 + 1));
        pilot->cells[field->cell] = choose(&pilot->dice, field);
    }
    return pilot->cells;
}

const int32_t *pilot_turn(struct pilot *pilot, const struct shape *input, uint32_t rate) {
    if (pilot->left[0]-- > 0) return pilot->cells;
    pilot->left[0] = (uint16_t)(rate / 2 + dice_below(&pilot->dice, rate + 1));
    for (int i = 0; i < input->field_count; i++) {
        const struct shape_field *field = &input->fields[i];
        if (field->type != SCHEMA_TEXT) pilot->cells[field->cell] = choose(&pilot->dice, field);
    }
    return pilot->cells;
}
