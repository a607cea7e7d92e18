/* Schemas from strangers: what is read keeps its bounds, and written again it reads the same. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static struct shape_set set, again;
    static uint8_t written[1 << 17];
    struct wire_reader reader = wire_reader_init(bytes, size);
    shape_set_read(&reader, &set);
    if (!wire_read_all(&reader)) return 0;
    CHECK(set.row_count <= LIMIT_ROWS && set.kind_count <= LIMIT_KINDS && set.record_count <= LIMIT_RECORDS);
    if (set.row_count) CHECK(shape_kind_of(&set, set.row_count - 1) < set.kinds + set.kind_count);
    struct wire_writer writer = wire_writer_init(written, sizeof written);
    shape_set_write(&writer, &set);
    CHECK(!writer.full);
    struct wire_reader back = wire_reader_init(written, writer.size);
    shape_set_read(&back, &again);
    CHECK(wire_read_all(&back) && memcmp(&set, &again, sizeof set) == 0);
    return 0;
}
