#include "protocol/display.h"

/* ---- Memory. */

enum { TRACK_PLACE, TRACK_WAY, TRACK_OFF, TRACKS };

static size_t aligned(size_t bytes) {
    return (bytes + 7) & ~(size_t)7;
}

static size_t value_bytes(const struct shape_kind *kind) {
    return aligned((size_t)kind->slots * kind->row.field_count * sizeof(float));
}

static size_t kind_bytes(const struct shape_kind *kind) {
    return (TRACKS + 1) * value_bytes(kind) + aligned(kind->slots * sizeof(uint16_t)) +
           aligned(kind->slots * sizeof(float));
}

size_t display_bytes(const struct shape_set *shapes) {
    size_t bytes = 2 * held_words(shapes->row_count) * sizeof(uint64_t);
    for (int i = 0; i < shapes->kind_count; i++) bytes += kind_bytes(&shapes->kinds[i]);
    return bytes;
}

static void *take(uint8_t **memory, size_t bytes) {
    void *taken = *memory;
    *memory += aligned(bytes);
    return taken;
}

void display_init(struct display *display, const struct shape_set *shapes, void *memory) {
    uint8_t *at = memory;
    memset(memory, 0, display_bytes(shapes));
    *display = (struct display){.shapes = shapes};
    display->known = take(&at, held_words(shapes->row_count) * sizeof(uint64_t));
    display->touched = take(&at, held_words(shapes->row_count) * sizeof(uint64_t));
    for (int i = 0; i < shapes->kind_count; i++) {
        const struct shape_kind *kind = &shapes->kinds[i];
        struct display_kind *into = &display->kinds[i];
        into->values = take(&at, value_bytes(kind));
        into->tracks = take(&at, TRACKS * value_bytes(kind));
        into->left_ms = take(&at, kind->slots * sizeof(float));
        into->slots = take(&at, kind->slots * sizeof(uint16_t));
        into->mine = -1;
    }
}

void display_frame(struct display *display, const struct client *client) {
    const struct replica *replica = &client->replica;
    const struct frame_slice *lists = client->frame.lists;
    bool same = !lists[FRAME_ENTERINGS].elements && !lists[FRAME_LEAVINGS].elements;
    size_t words = held_words(display->shapes->row_count);
    for (size_t i = 0; i < words; i++) display->touched[i] |= replica->changed[i];
    for (size_t i = 0; i < words && !same; i++) display->known[i] &= replica->held[i] & ~replica->entered[i];
}

/* ---- One row. */

struct pose { /* one row in one picture */
    const struct shape_kind *kind;
    float *tracks, *left_ms, *values;
    int32_t here[ROW_CELLS], next[ROW_CELLS]; /* in the tick that is shown and in the one after it */
    float part, passed;                       /* of the tick; ticks since the last picture */
    float passed_ms;
    bool known, touched; /* shown before, and what was shown may have been wrong */
};

static float span_of(const struct shape_field *field) {
    return ((float)field->max - (float)field->min) * field->step;
}

/* The short way round, for fields that wrap. */
static float short_way(const struct shape_field *field, float way) {
    float span = span_of(field);
    if (!field->wraps) return way;
    return way > span / 2 ? way - span : way < -span / 2 ? way + span : way;
}

static float within(const struct shape_field *field, float value) {
    float low = (float)field->min * field->step, span = span_of(field);
    if (!field->wraps) return value;
    if (value < low) value += span;
    return value >= low + span ? value - span : value;
}

/* In units; a linear kind's place lies between its raw values. */
static float place_of(const struct pose *pose, int i, const int32_t *cells) {
    const struct shape_field *field = &pose->kind->row.fields[i];
    float rest =
        pose->kind->predictor == PREDICT_LINEAR ? (float)cells[pose->kind->row.cell_count + i] / 256 : 0;
    return ((float)cells[field->cell] + rest) * field->step;
}

/* Moves a predicted field on; gives by how much what was shown would have come to lie elsewhere. */
static float follow(const struct pose *pose, int i, float *track) {
    const struct shape_field *field = &pose->kind->row.fields[i];
    float here = place_of(pose, i, pose->here), way = short_way(field, place_of(pose, i, pose->next) - here);
    float place = here + way * pose->part;
    float off = short_way(field, track[TRACK_PLACE] + track[TRACK_WAY] * pose->passed - place);
    track[TRACK_PLACE] = place;
    track[TRACK_WAY] = way;
    return pose->known && pose->touched ? off : 0;
}

static bool is_seen(const struct shape_field *field, float off) {
    return 2 * off > field->step || 2 * off < -field->step;
}

/* What is eased goes down to nothing evenly. What is off now is added to what is left of it, and if that
 * could be seen it has its full time again. */
static void ease(const struct pose *pose, uint32_t predicted) {
    float left = *pose->left_ms - pose->passed_ms, kept = 0;
    if (pose->known && left > 0) kept = left / *pose->left_ms;
    *pose->left_ms = kept > 0 ? left : 0;
    for (; predicted; predicted &= predicted - 1) {
        int i = __builtin_ctz(predicted);
        float *track = pose->tracks + TRACKS * i, off = follow(pose, i, track);
        track[TRACK_OFF] = track[TRACK_OFF] * kept + off;
        if (is_seen(&pose->kind->row.fields[i], off)) *pose->left_ms = DISPLAY_EASE_MS;
    }
}

static void draw(const struct pose *pose) {
    const struct shape *row = &pose->kind->row;
    uint32_t predicted = pose->kind->predictor == PREDICT_NONE ? 0 : pose->kind->predicted;
    ease(pose, predicted);
    for (int i = 0; i < row->field_count; i++) {
        const struct shape_field *field = &row->fields[i];
        const float *track = pose->tracks + TRACKS * i;
        if (predicted >> i & 1)
            pose->values[i] = within(field, track[TRACK_PLACE] + track[TRACK_OFF]);
        else
            pose->values[i] = field->type == SCHEMA_TEXT ? 0 : (float)pose->here[field->cell] * field->step;
    }
}

/* ---- All rows. */

struct picture {
    struct display *display;
    const struct client *client;
    const struct own *own;
    const int32_t *wanted;
    const struct display_time *time;
    double own_tick;
};

/* The player's own time goes by its own clock, whatever frames say. */
static float own_passed(const struct picture *picture, const struct pose *pose) {
    return pose->passed_ms * (float)picture->client->welcome.rate / 1000;
}

static void pose_own(const struct picture *picture, struct pose *pose) {
    memcpy(pose->here, picture->own->now, row_stride(pose->kind) * sizeof *pose->here);
    own_ahead(picture->own, picture->client, picture->wanted, pose->next);
    pose->part = picture->time->part;
    pose->passed = own_passed(picture, pose);
    pose->touched = true;
}

static void pose_other(const struct picture *picture, struct pose *pose, uint32_t row, bool mine) {
    const struct replica *replica = &picture->client->replica;
    double ahead = (mine ? picture->own_tick : picture->time->tick) - replica->tick;
    ahead = ahead < 0 ? 0 : ahead > DISPLAY_AHEAD ? DISPLAY_AHEAD : ahead;
    uint32_t whole = (uint32_t)ahead, shown = replica->tick + whole;
    memcpy(pose->here, replica_row(replica, row), row_stride(pose->kind) * sizeof *pose->here);
    row_advance(pose->kind, row, pose->here, replica->tick, shown);
    memcpy(pose->next, pose->here, sizeof pose->next);
    row_advance(pose->kind, row, pose->next, shown, shown + 1);
    pose->part = (float)(ahead - whole);
    pose->passed = mine ? own_passed(picture, pose) : (float)(replica->tick + ahead - picture->display->tick);
    pose->touched = held_has(picture->display->touched, row);
}

static bool is_mine(const struct picture *picture, const struct display_kind *of,
                    const struct shape_kind *kind, uint32_t row) {
    if (of->mine < 0 || of->mine >= kind->row.field_count) return false;
    const int32_t *cells = replica_row(&picture->client->replica, row);
    return cells[kind->row.fields[of->mine].cell] == (int32_t)picture->client->welcome.player;
}

static void show_row(const struct picture *picture, struct display_kind *of, const struct shape_kind *kind,
                     uint32_t row) {
    uint32_t slot = row - kind->first, fields = kind->row.field_count;
    struct pose pose = {.kind = kind,
                        .tracks = of->tracks + (size_t)slot * TRACKS * fields,
                        .left_ms = &of->left_ms[slot],
                        .values = of->values + (size_t)of->count * fields,
                        .passed_ms = (float)(picture->time->now - picture->display->now),
                        .known = held_has(picture->display->known, row)};
    if (picture->own->kind == kind && picture->own->row == row)
        pose_own(picture, &pose);
    else
        pose_other(picture, &pose, row, is_mine(picture, of, kind, row));
    draw(&pose);
    of->slots[of->count++] = (uint16_t)slot;
    held_add(picture->display->known, row);
}

static void show_kind(const struct picture *picture, int i) {
    const struct shape_kind *kind = &picture->display->shapes->kinds[i];
    const uint64_t *held = picture->client->replica.held;
    uint32_t end = kind->first + kind->slots;
    picture->display->kinds[i].count = 0;
    for (uint32_t row = kind->first; (row = held_next(held, row, end)) < end; row++)
        show_row(picture, &picture->display->kinds[i], kind, row);
}

/* Of a tab that nobody looked at: things are where they are, not on their way there. */
static void forget_old(struct display *display, double now) {
    if (now - display->now > DISPLAY_SEEN_MS)
        memset(display->known, 0, held_words(display->shapes->row_count) * sizeof *display->known);
}

void display_show(struct display *display, const struct client *client, const struct own *own,
                  const int32_t *wanted, const struct display_time *time) {
    struct picture picture = {display, client, own,
                              wanted,  time,   client->replica.tick + own->count + (double)time->part};
    double ahead = time->tick - client->replica.tick;
    forget_old(display, time->now);
    for (int i = 0; i < display->shapes->kind_count; i++) show_kind(&picture, i);
    memset(display->touched, 0, held_words(display->shapes->row_count) * sizeof *display->touched);
    display->tick = client->replica.tick + (ahead < 0 ? 0 : ahead > DISPLAY_AHEAD ? DISPLAY_AHEAD : ahead);
    display->now = time->now;
}
