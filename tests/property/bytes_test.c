/* Random schemas and random rows travel and come back: whole, as a change, and as a schema; and random or
 * mutated bytes never get out of the readers nor leave anything beyond its range (the sanitizers look on). */
#include "protocol/client.h"
#include "tests/check.h"
#include "tests/dice.h"

enum { ROUNDS = 3000, MUTATIONS = 20000, BYTES_MAX = 1 << 17 };

static uint64_t dice;
static struct shape_set set, again;
static uint8_t bytes[BYTES_MAX], anew[BYTES_MAX];

/* ---- Random shapes: not through a game's tables, but straight as a WELCOME may bring them. */

static struct shape_field random_field(const struct shape *shape, bool number) {
    struct shape_field field = {.name = "f", .cell = shape->cell_count, .size = 4, .cells = 1, .step = 0.5f};
    field.type = (uint8_t)dice_below(&dice, number ? 2 : 3);
    if (field.type == SCHEMA_TEXT) {
        field.size = (uint16_t)dice_within(&dice, 1, 16);
        field.max = field.size;
        field.cells = (uint8_t)((field.size + 3) / 4);
        return field;
    }
    bool wide = dice_once_in(&dice, 4);
    field.min = (int32_t)dice_within(&dice, wide ? INT32_MIN : -300, wide ? 0 : 10);
    field.max = (int32_t)dice_within(&dice, field.min + 1, wide ? INT32_MAX : 300);
    field.wraps = dice_once_in(&dice, 2);
    return field;
}

static void random_shape(struct shape *shape, int min, bool numbers) {
    snprintf(shape->name, sizeof shape->name, "s");
    int count = (int)dice_within(&dice, min, 12);
    for (int i = 0; i < count; i++) {
        struct shape_field field = random_field(shape, numbers || i < min);
        if (shape->cell_count + field.cells > LIMIT_CELLS) return;
        shape->fields[shape->field_count++] = field;
        shape->cell_count = (uint8_t)(shape->cell_count + field.cells);
    }
}

static void random_set(void) {
    memset(&set, 0, sizeof set);
    snprintf(set.game, sizeof set.game, "g");
    set.players_max = 4;
    random_shape(&set.input, 0, true);
    random_shape(&set.rules, 0, true);
    set.kind_count = (uint8_t)dice_within(&dice, 1, 4);
    for (int i = 0; i < set.kind_count; i++) {
        struct shape_kind *kind = &set.kinds[i];
        kind->predictor = dice_once_in(&dice, 2);
        kind->predicted = kind->predictor == PREDICT_LINEAR ? 3 : 0;
        random_shape(&kind->row, kind->predictor ? 4 : 1, false);
        kind->slots = (uint32_t)dice_within(&dice, 1, 100);
        kind->first = set.row_count;
        set.row_count += kind->slots;
        for (int axis = 0; axis < 2 && kind->predictor; axis++)
            kind->move[axis] = (int32_t)dice_within(&dice, -4000000, 4000000);
    }
    set.record_count = (uint8_t)dice_within(&dice, 0, 5);
    for (int i = 0; i < set.record_count; i++) {
        random_shape(&set.records[i], 0, false);
        set.records[i].use = i == 0 ? SCHEMA_ANSWER : (uint8_t)dice_below(&dice, 4); /* to all calls */
    }
}

static void random_cells(const struct shape *shape, int32_t *cells) {
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        memset(cells + field->cell, 0, field->cells * sizeof *cells);
        if (field->type != SCHEMA_TEXT)
            cells[field->cell] = (int32_t)dice_within(&dice, field->min, field->max - field->wraps);
        else
            memset(cells + field->cell, 'a' + (int)dice_below(&dice, 26), dice_below(&dice, field->size));
    }
}

static const struct shape_kind *random_kind(void) {
    return &set.kinds[dice_below(&dice, set.kind_count)];
}

/* ---- There and back. */

/* Some kinds become so fast that doubles could not count their places. */
static void speed_up(void) {
    for (int i = 0; i < set.kind_count; i++)
        for (int axis = 0; axis < 2 && set.kinds[i].predictor; axis++)
            set.kinds[i].move[axis] = (int32_t)dice_within(&dice, INT32_MIN, INT32_MAX);
}

static bool is_countable(const struct shape_kind *kind) {
    for (int axis = 0; axis < 2 && kind->predictor; axis++) {
        const struct shape_field *speed = &kind->row.fields[2 + axis];
        int64_t forth = speed->max, back = -(int64_t)speed->min;
        if ((forth > back ? forth : back) * llabs(kind->move[axis]) >= INT64_C(1) << 53) return false;
    }
    return true;
}

/* And those that are too fast are refused. */
static void schemas_travel(void) {
    uint32_t refused = 0;
    for (int i = 0; i < ROUNDS && !check_failures; i++) {
        bool countable = true;
        random_set();
        if (dice_once_in(&dice, 3)) speed_up();
        for (int kind = 0; kind < set.kind_count; kind++) countable &= is_countable(&set.kinds[kind]);
        struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
        shape_set_write(&writer, &set);
        struct wire_reader reader = wire_reader_init(bytes, writer.size);
        shape_set_read(&reader, &again);
        EXPECT_EQ(wire_read_all(&reader), countable);
        refused += !countable;
        if (!countable) continue;
        struct wire_writer back = wire_writer_init(anew, sizeof anew);
        shape_set_write(&back, &again);
        EXPECT(back.size == writer.size && memcmp(bytes, anew, back.size) == 0);
        EXPECT(again.row_count == set.row_count);
    }
    printf("# %u of %d are too fast\n", refused, ROUNDS);
    EXPECT(refused > 0 && refused < ROUNDS / 2);
}

static void whole_rows_travel(void) {
    for (int i = 0; i < ROUNDS && !check_failures; i++) {
        int32_t cells[LIMIT_CELLS], back[LIMIT_CELLS];
        bool in_range = true;
        random_set();
        const struct shape *shape = &random_kind()->row;
        random_cells(shape, cells);
        struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
        message_write_values(&writer, shape, cells);
        struct wire_reader reader = wire_reader_init(bytes, writer.size);
        message_take_values(&reader, shape, back, &in_range);
        EXPECT(in_range && wire_read_all(&reader));
        EXPECT(memcmp(cells, back, shape->cell_count * sizeof *cells) == 0);
    }
}

/* read(write(a, b)) = b, for what was predicted, too. */
static void changes_travel(void) {
    for (int i = 0; i < ROUNDS && !check_failures; i++) {
        int32_t a[ROW_CELLS] = {0}, b[ROW_CELLS] = {0}, stepped[ROW_CELLS];
        struct delta_change change;
        random_set();
        const struct shape_kind *kind = random_kind();
        uint32_t predicted = kind->predicted;
        random_cells(&kind->row, a);
        random_cells(&kind->row, b);
        memcpy(stepped, a, sizeof a);
        for (int field = 0; field < kind->row.field_count; field++) /* intents first */
            if (!(predicted >> field & 1))
                memcpy(stepped + kind->row.fields[field].cell, b + kind->row.fields[field].cell,
                       kind->row.fields[field].cells * sizeof *b);
        row_step(kind, stepped);
        uint32_t mask =
            (delta_mask(&kind->row, a, b) & ~predicted) | (delta_mask(&kind->row, stepped, b) & predicted);
        struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
        EXPECT_EQ(delta_write(&writer, kind, mask, a, stepped, b), 1 + __builtin_popcount(mask));
        struct wire_reader reader = wire_reader_init(bytes, writer.size);
        EXPECT_EQ(wire_read_uint(&reader, UINT32_MAX), mask);
        delta_read(&reader, &kind->row, mask, &change);
        EXPECT(wire_read_all(&reader) && delta_apply(kind, &change, a));
        EXPECT(memcmp(a, b, row_stride(kind) * sizeof *a) == 0);
    }
}

/* ---- Bytes of strangers. */

static size_t random_bytes(void) {
    size_t size = dice_below(&dice, 60);
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)dice_next(&dice);
    if (size) bytes[0] = (uint8_t)(0x90 | (bytes[0] & 15));
    if (size > 1) bytes[1] = (uint8_t)(bytes[1] % 22);
    return size;
}

static size_t mutate(size_t size) {
    for (uint32_t left = 1 + dice_below(&dice, 4); left && size; left--) {
        size_t at = dice_below(&dice, (uint32_t)size);
        switch (dice_below(&dice, 4)) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << dice_below(&dice, 8));
            break;
        case 1:
            bytes[at] = (uint8_t)dice_next(&dice);
            break;
        case 2:
            size = at;
            break;
        default:
            memmove(bytes + at + 1, bytes + at, size - at);
            size++;
        }
    }
    return size;
}

static bool cells_in_range(const struct shape *shape, const int32_t *cells) {
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        int32_t cell = cells[field->cell];
        if (field->type != SCHEMA_TEXT && (cell < field->min || cell > field->max - field->wraps))
            return false;
    }
    return true;
}

/* Whether it is taken: then all its values are in range. */
static bool read_up(size_t size) {
    struct message_up up;
    const struct shape *shape = &set.kinds[0].row;
    int32_t cells[LIMIT_CELLS];
    uint8_t *message =
        malloc(size + !size); /* its end is the memory's: the sanitizers see who reads beyond */
    CHECK(message);
    memcpy(message, bytes, size);
    bool taken = message_read_up(message, size, &up) == CODE_NONE;
    if (taken && (up.type == MESSAGE_INPUT || up.type == MESSAGE_CALL)) {
        taken = message_read_values(&up.values, shape, cells) == CODE_NONE;
        EXPECT(!taken || cells_in_range(shape, cells));
    }
    free(message);
    return taken;
}

static size_t write_up(int which) {
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    const struct shape *shape = &set.kinds[0].row;
    int32_t cells[LIMIT_CELLS];
    random_cells(shape, cells);
    if (which == 0)
        message_write_hello(&writer, &(struct message_hello){.game = "game", .name = "name", .lane = 1});
    if (which == 1) message_write_input(&writer, 1, 2, shape, cells, 0);
    if (which == 2) message_write_call(&writer, 1, 2, shape, cells);
    return writer.size;
}

static void messages_from_strangers(void) {
    uint32_t taken = 0, refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
        if (i % 100 == 0) random_set();
        read_up(random_bytes());
        size_t size = write_up(i % 3);
        EXPECT(read_up(size));
        bool still = read_up(mutate(size));
        taken += still;
        refused += !still;
    }
    printf("# %u of %d mutated messages taken\n", taken, MUTATIONS);
    EXPECT(taken > 100 && refused > 100);
}

static void write_whole_row(struct wire_writer *writer, uint32_t *elements, uint32_t number, uint32_t next) {
    int32_t cells[LIMIT_CELLS];
    const struct shape_kind *kind = shape_kind_of(&set, number);
    random_cells(&kind->row, cells);
    wire_uint(writer, number - next);
    wire_uint(writer, dice_below(&dice, LIMIT_AGE + 1));
    message_write_values(writer, &kind->row, cells);
    *elements += 2u + kind->row.field_count;
}

/* A frame that lets some rows in. */
static size_t write_frame(struct wire_writer *writer) {
    static uint8_t list[BYTES_MAX];
    struct wire_writer rows = wire_writer_init(list, sizeof list);
    struct frame frame = {.advance = dice_below(&dice, 300), .hash = dice_once_in(&dice, 3)};
    uint32_t elements = 0, next = 0;
    for (uint32_t row = 0; row < set.row_count; row++) {
        if (dice_below(&dice, 5)) continue;
        write_whole_row(&rows, &elements, row, next);
        next = row + 1;
    }
    frame.lists[FRAME_ENTERINGS] = (struct frame_slice){list, rows.size, elements};
    frame_write(writer, &frame);
    return writer->size;
}

static size_t write_changes(struct wire_writer *writer) {
    static uint8_t list[256];
    struct wire_writer rows = wire_writer_init(list, sizeof list);
    struct frame frame = {.advance = 1 + dice_below(&dice, 5)};
    enum frame_list which = (enum frame_list)dice_below(&dice, FRAME_LISTS);
    uint32_t elements = dice_below(&dice, 12);
    for (uint32_t i = 0; i < elements; i++) wire_int(&rows, dice_within(&dice, -2, 9));
    frame.lists[which] = (struct frame_slice){list, rows.size, elements};
    frame_write(writer, &frame);
    return writer->size;
}

static bool rows_in_range(const struct replica *replica) {
    for (uint32_t row = 0; row < set.row_count; row++) {
        const int32_t *cells = replica_row(replica, row);
        if (cells && !cells_in_range(&shape_kind_of(&set, row)->row, cells)) return false;
    }
    return true;
}

static void frames_from_strangers(void) {
    uint32_t taken = 0;
    for (int i = 0; i < MUTATIONS / 4 && !check_failures; i++) {
        struct client client;
        random_set();
        client_init(&client, &set);
        uint64_t *memory = calloc(1, client_bytes(&client) + 8);
        CHECK(memory);
        client_start(&client, memory);
        for (int message = 0; message < 6 && client.state == CLIENT_PLAYING; message++) {
            struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
            size_t size = message == 0 ? write_frame(&writer) : write_changes(&writer);
            if (dice_once_in(&dice, 3)) size = mutate(size);
            taken += client_take(&client, bytes, size) == CLIENT_FRAME;
            EXPECT(client.state != CLIENT_PLAYING || rows_in_range(&client.replica));
        }
        free(memory);
    }
    printf("# %u frames taken\n", taken);
    EXPECT(taken > 100);
}

int main(void) {
    dice = dice_seed(dice_of_test());
    RUN(schemas_travel);
    RUN(whole_rows_travel);
    RUN(changes_travel);
    RUN(messages_from_strangers);
    RUN(frames_from_strangers);
    return check_done();
}
