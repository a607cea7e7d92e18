#include "tests/load/behaviour.h"
#include "game/math.h"

enum { NEAR = 60 /* units: this near to the middle is there */ };

enum behaviour behaviour_named(const char *word) {
    static const char *const names[BEHAVE_COUNT] = {"brain", "random", "turns", "spot", "watch", "mute"};
    for (int i = 0; i < BEHAVE_COUNT; i++)
        if (strcmp(names[i], word) == 0) return (enum behaviour)i;
    return BEHAVE_COUNT;
}

bool behaviour_known(const char *word) {
    return behaviour_named(word) != BEHAVE_COUNT;
}

/* How far it is from the row's place to the middle of its range, along one axis. */
static float to_middle(const struct shape_field *field, int32_t cell) {
    return ((float)field->min + (float)field->max) / 2 * field->step - (float)cell * field->step;
}

static void set_field(const struct shape *input, const char *name, int32_t value, int32_t *cells) {
    for (int i = 0; i < input->field_count; i++) {
        const struct shape_field *field = &input->fields[i];
        if (strcmp(field->name, name) != 0) continue;
        cells[field->cell] = value < field->min ? field->min : value > field->max ? field->max : value;
    }
}

static int32_t direction(float way) {
    return way > NEAR / 2 ? 8 : way < -NEAR / 2 ? -8 : 0;
}

void behaviour_gather(const struct client *client, int32_t *cells) {
    const struct shape_kind *kind = &client->shapes->kinds[0];
    const struct shape *input = &client->shapes->input;
    const int32_t *row = replica_row(&client->replica, kind->first + client->welcome.player);
    memset(cells, 0, input->cell_count * sizeof *cells);
    set_field(input, "aim", -1, cells);
    if (!row || !kind->placed) return;
    float x = to_middle(&kind->row.fields[0], row[0]), y = to_middle(&kind->row.fields[1], row[1]);
    set_field(input, "aim", heading_towards(x, y), cells);
    set_field(input, "thrust", math_length(x, y) > NEAR ? 8 : 0, cells);
    set_field(input, "x", direction(x), cells);
    set_field(input, "y", direction(y), cells);
    set_field(input, "dx", direction(x), cells);
    set_field(input, "dy", direction(y), cells);
}
