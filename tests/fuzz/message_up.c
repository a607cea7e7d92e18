/* What a stranger may send to the server: the outline of a message, and the values of inputs and calls. */
#include "tests/fuzz/fuzz.h"

static void read_values(const struct message_up *up, const struct shape *shape) {
    int32_t cells[LIMIT_CELLS];
    uint32_t ahead = 0;
    struct wire_reader reader = up->values;
    enum code code = up->type == MESSAGE_INPUT ? message_read_input(&reader, shape, cells, &ahead)
                                               : message_read_values(&reader, shape, cells);
    if (code != CODE_NONE) return;
    CHECK(ahead <= LIMIT_AHEAD);
    for (int i = 0; i < shape->field_count; i++) { /* what was let in lies within its range */
        const struct shape_field *field = &shape->fields[i];
        if (field->type == SCHEMA_TEXT)
            CHECK(memchr(cells + field->cell, 0, field->size));
        else
            CHECK(cells[field->cell] >= field->min && cells[field->cell] <= field->max - field->wraps);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const struct shape_set *shapes = fuzz_shapes();
    struct message_up up;
    if (message_read_up(bytes, size, &up) != CODE_NONE) return 0;
    if (up.type == MESSAGE_HELLO) {
        message_label_valid(up.hello.game);
        message_label_valid(up.hello.room);
        message_name_valid(up.hello.name);
    }
    if (up.type == MESSAGE_INPUT) read_values(&up, &shapes->input);
    if (up.type == MESSAGE_CALL && up.record < shapes->record_count)
        read_values(&up, &shapes->records[up.record]);
    return 0;
}
