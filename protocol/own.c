#include "protocol/own.h"
#include "protocol/delta.h"

void own_init(struct own *own) {
    memset(own, 0, sizeof *own);
}

static struct own_input *input_at(struct own *own, uint32_t i) {
    return &own->inputs[(own->first + i) % OWN_INPUTS];
}

static void forget_oldest(struct own *own) {
    own->first = (own->first + 1) % OWN_INPUTS;
    own->count--;
}

/* One used input is one steer and one step. A row whose intents change is sent, and so anchored. */
static void turn(const struct own *own, int32_t *cells, const int32_t *values, uint32_t tick) {
    uint32_t changed = row_steer(own->kind, cells, values);
    row_step(own->kind, cells);
    if (changed || row_anchors_at(own->row, tick)) row_anchor(own->kind, cells);
}

static size_t row_bytes(const struct own *own) {
    return row_stride(own->kind) * sizeof(int32_t);
}

/* The tick that will use the input after the newest if nothing is late. */
static uint32_t next_tick(const struct own *own, const struct client *client) {
    return client->replica.tick + own->count + 1;
}

void own_make(struct own *own, const struct client *client, const int32_t *values) {
    if (own->count == OWN_INPUTS) forget_oldest(own);
    uint32_t tick = next_tick(own, client);
    struct own_input *input = input_at(own, own->count++);
    input->sequence = client->sequence;
    memcpy(input->values, values, client->shapes->input.cell_count * sizeof *values);
    if (!own->kind) return;
    turn(own, own->now, values, tick);
    memcpy(input->row, own->now, row_bytes(own));
    own->made++;
}

void own_ahead(const struct own *own, const struct client *client, const int32_t *values, int32_t *cells) {
    memcpy(cells, own->now, row_bytes(own));
    turn(own, cells, values, next_tick(own, client));
}

const struct own_input *own_unused(const struct own *own, uint32_t before) {
    for (uint32_t i = 0; i < own->count; i++) {
        const struct own_input *input = &own->inputs[(own->first + i) % OWN_INPUTS];
        if (input->sequence > before) return input;
    }
    return NULL;
}

/* Forgets what the server has used. Gives the newest of it if it is still known, or NULL. */
static const struct own_input *forget_used(struct own *own, uint32_t used) {
    const struct own_input *last = NULL;
    while (own->count && input_at(own, 0)->sequence <= used) {
        last = input_at(own, 0);
        forget_oldest(own);
    }
    return last && last->sequence == used ? last : NULL;
}

/* The kind of the row that the player steers, if it is held and can be predicted. */
static const struct shape_kind *find_kind(const struct client *client) {
    if (client->own == 0 || client->state != CLIENT_PLAYING ||
        !replica_row(&client->replica, client->own - 1))
        return NULL;
    const struct shape_kind *kind = shape_kind_of(client->shapes, client->own - 1);
    return kind->predictor == PREDICT_GAME && kind->steer ? kind : NULL;
}

/* From what the server says, through all that it has not used yet. */
static void replay(struct own *own, const struct client *client) {
    memcpy(own->now, replica_row(&client->replica, own->row), row_bytes(own));
    for (uint32_t i = 0; i < own->count; i++) {
        struct own_input *input = input_at(own, i);
        turn(own, own->now, input->values, client->replica.tick + 1 + i);
        memcpy(input->row, own->now, row_bytes(own));
    }
}

static void begin(struct own *own, const struct client *client, const struct shape_kind *kind) {
    own->kind = kind;
    own->row = client->own - 1;
    replay(own, client);
}

static bool differs(const struct own *own, const int32_t *a, const int32_t *b) {
    return delta_mask(&own->kind->row, a, b) & own->kind->predicted;
}

/* Whether each tick since the frame before used an input of ours, the newest one this very tick. */
static bool all_in_time(const struct client *client) {
    const struct frame *frame = &client->frame;
    return !client->missed && frame->late == 0 && frame->used >= frame->advance;
}

static float jump(const struct own *own, const int32_t *from, const int32_t *to) {
    float sum = 0;
    for (int axis = 0; axis < 2 && own->kind->placed; axis++) {
        const struct shape_field *field = &own->kind->row.fields[axis];
        float off = (float)row_difference(field, from[axis], to[axis]) * field->step;
        sum += off * off;
    }
    return __builtin_sqrtf(sum);
}

static void reconcile(struct own *own, const struct client *client, const struct own_input *last) {
    int32_t before[ROW_CELLS];
    memcpy(before, own->now, row_bytes(own));
    if (last && all_in_time(client) && differs(own, last->row, replica_row(&client->replica, own->row)))
        own->mispredicted++;
    replay(own, client);
    if (!differs(own, before, own->now)) return;
    own->corrections++;
    own->correction = jump(own, before, own->now);
}

void own_frame(struct own *own, const struct client *client) {
    const struct own_input *last = forget_used(own, client->replica.used);
    const struct shape_kind *kind = find_kind(client);
    if (!kind)
        own->kind = NULL;
    else if (kind != own->kind || own->row != client->own - 1 ||
             held_has(client->replica.entered, client->own - 1))
        begin(own, client, kind);
    else
        reconcile(own, client, last);
}
