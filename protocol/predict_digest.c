/* The number that tells whether both ends have the same predictors, counted where a game's tables lie: by the
 * server, by the bots, and by the build for the browser's core (protocol/wasm/stamp.c). */
#include "protocol/predict.h"

enum { DIGEST_ROWS = 64, DIGEST_TICKS = 64, DIGEST_RATE = 20, DIGEST_HOLD = 4 /* ticks with one input */ };

/* splitmix64 (Steele, Lea, Flood 2014): rows by chance that are the same everywhere. */
static uint64_t dice(uint64_t *state) {
    uint64_t value = (*state += 0x9E3779B97F4A7C15ull);
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ value >> 27) * 0x94D049BB133111EBull;
    return value ^ value >> 31;
}

/* Some values within the ranges, or, `calm`, near zero, where things are about to stand still;
 * fields without bounds stay small. */
static void make_values(const struct shape *shape, uint64_t *state, bool calm, int32_t *cells) {
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        bool any = field->min == INT32_MIN;
        int64_t low = any ? -1000 : field->min, high = any ? 1000 : field->max;
        if (calm) {
            int64_t rest = low > 0 ? low : high < 0 ? high : 0, most = (high - low) / 128 + 1;
            low = rest - most > low ? rest - most : low;
            high = rest + most < high ? rest + most : high;
        }
        if (field->type != SCHEMA_TEXT)
            cells[field->cell] =
                (int32_t)(low + (int64_t)(dice(state) % (uint64_t)(high - low + !field->wraps)));
    }
}

static void steer(const struct shape_kind *kind, uint64_t *state, int32_t *cells) {
    int32_t input[LIMIT_CELLS] = {0};
    if (!kind->steer) return;
    make_values(&kind->set->input, state, false, input);
    row_steer(kind, cells, input);
}

/* What a client with bare tables takes from WELCOME unseen. */
static uint64_t digest_fields(const struct shape *shape) {
    uint64_t hash = shape->field_count;
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        uint32_t step;
        memcpy(&step, &field->step, sizeof step);
        hash = mix_step(hash, field->type | (uint32_t)field->wraps << 8 | (uint32_t)field->predicted << 9);
        hash = mix_step(mix_step(mix_step(hash, step), (uint32_t)field->min), (uint32_t)field->max);
    }
    return hash;
}

static uint64_t digest_kind(const struct shape_kind *kind, uint64_t *state) {
    int32_t cells[ROW_CELLS];
    uint64_t sum = digest_fields(&kind->row);
    for (uint32_t row = 0; row < DIGEST_ROWS; row++) {
        memset(cells, 0, sizeof cells);
        make_values(&kind->row, state, row % 2, cells);
        row_anchor(kind, cells);
        for (int tick = 0; tick < DIGEST_TICKS; tick++) {
            if (tick % DIGEST_HOLD == 0) steer(kind, state, cells);
            row_step(kind, cells);
        }
        sum += row_hash(&kind->row, row, cells);
    }
    return sum;
}

void predict_presets(const struct schema_record *rules, void *plain) {
    for (uint16_t i = 0; i < rules->field_count; i++) {
        const struct schema_field *field = &rules->fields[i];
        int32_t whole = (int32_t)field->preset;
        if (field->type == SCHEMA_INT) memcpy((char *)plain + field->offset, &whole, sizeof whole);
        if (field->type == SCHEMA_REAL)
            memcpy((char *)plain + field->offset, &field->preset, sizeof field->preset);
    }
}

uint64_t predict_digest(const struct schema *schema, struct shape_set *scratch) {
    _Alignas(8) uint8_t plain[LIMIT_RECORD_BYTES] = {0};
    int32_t rules[LIMIT_CELLS];
    uint64_t state = 1, sum = 0;
    char why[128];
    if (!shape_set_make(scratch, schema, LANE_GAME, DIGEST_RATE, why, sizeof why)) return 0;
    predict_presets(&schema->rules, plain);
    row_quantise(&scratch->rules, plain, rules);
    predict_rules(scratch, rules);
    uint64_t tables = digest_fields(&scratch->input) + digest_fields(&scratch->rules);
    for (int i = 0; i < scratch->kind_count; i++)
        if (scratch->kinds[i].predictor == PREDICT_GAME)
            sum = mix_step(sum ^ digest_kind(&scratch->kinds[i], &state), (uint32_t)i) | 1;
    return sum ? (sum ^ tables) | 1 : 0;
}
