/* What the fuzzers share: the schema that they play with, and its WELCOME. Each fuzzer is one function,
 * LLVMFuzzerTestOneInput; clang's libFuzzer calls it with what it thinks up, replay.c with what is kept in
 * tests/fuzz/corpus/. To fuzz, say, the client, from the root:
 *     clang -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -I. \
 *         tests/fuzz/client.c $(find protocol -name "*.c") -o fuzz_client
 *     ./fuzz_client -max_total_time=120 tests/fuzz/corpus/client
 */
#pragma once
#include "protocol/client.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct fuzz_row {
    float x, y, vx, vy;
    int32_t count;
    char text[10];
};

#define FUZZ_PLACE .min = -10, .max = 500, .step = 0.5f, .tolerance = 1
#define FUZZ_SPEED .min = -100, .max = 100, .step = 0.5f
static const struct schema_field fuzz_mover[] = {
    SCHEMA_FIELD(struct fuzz_row, x, FUZZ_PLACE, .wraps = true), SCHEMA_FIELD(struct fuzz_row, y, FUZZ_PLACE),
    SCHEMA_FIELD(struct fuzz_row, vx, FUZZ_SPEED), SCHEMA_FIELD(struct fuzz_row, vy, FUZZ_SPEED),
    SCHEMA_FIELD(struct fuzz_row, text)};
static const struct schema_field fuzz_sign[] = {SCHEMA_FIELD(struct fuzz_row, text),
                                                SCHEMA_FIELD(struct fuzz_row, count)};
static const struct schema_field fuzz_number[] = {SCHEMA_FIELD(struct fuzz_row, count, .min = -8, .max = 8)};
static const struct schema_kind fuzz_kinds[] = {
    {{SCHEMA_RECORD("mover", struct fuzz_row, fuzz_mover)}, 70, .placed = true, .linear = true},
    {{SCHEMA_RECORD("sign", struct fuzz_row, fuzz_sign)}, 60, .placed = false}};
static const struct schema_record fuzz_records[] = {
    {SCHEMA_RECORD("boom", struct fuzz_row, fuzz_sign), .use = SCHEMA_MUST_ARRIVE},
    {SCHEMA_RECORD("dust", struct fuzz_row, fuzz_number), .use = SCHEMA_MAY_DROP},
    {SCHEMA_RECORD("ask", struct fuzz_row, fuzz_sign), .use = SCHEMA_CALL, .answer = 3},
    {SCHEMA_RECORD("told", struct fuzz_row, fuzz_number), .use = SCHEMA_ANSWER}};
static const struct schema fuzz_schema = {.name = "fuzz",
                                          .version = 1,
                                          .world_size = 1,
                                          .players_max = 4,
                                          .input = {SCHEMA_RECORD("input", struct fuzz_row, fuzz_number)},
                                          .rules = {SCHEMA_RECORD("rules", struct fuzz_row, fuzz_number)},
                                          .kinds = fuzz_kinds,
                                          .kind_count = COUNT_OF(fuzz_kinds),
                                          .records = fuzz_records,
                                          .record_count = COUNT_OF(fuzz_records)};

static inline const struct shape_set *fuzz_shapes(void) {
    static struct shape_set shapes;
    char why[256];
    if (shapes.kind_count) return &shapes;
    bool well = schema_check(&fuzz_schema, why, sizeof why) &&
                shape_set_make(&shapes, &fuzz_schema, LANE_LINEAR, 20, why, sizeof why);
    CHECK(well);
    return &shapes;
}

/* The bytes of a WELCOME; returns their number. */
static inline size_t fuzz_welcome(uint8_t *bytes, size_t capacity) {
    struct wire_writer writer = wire_writer_init(bytes, capacity);
    struct message_welcome welcome = {.session = "0123456789abcdef0123456789abcdef",
                                      .instance = 1,
                                      .tick = 250,
                                      .rate = 20,
                                      .lane = LANE_LINEAR,
                                      .name = "Ada",
                                      .room = "main"};
    const int32_t rules[LIMIT_CELLS] = {3};
    message_write_welcome(&writer, &welcome, fuzz_shapes(), rules);
    CHECK(!writer.full);
    return writer.size;
}
