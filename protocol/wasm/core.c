/* The client's core as the browser has it: protocol/client.h and one game's tables behind exported functions,
 * one .wasm a game, one client an instance. JavaScript puts messages and words into buffers that lie here,
 * and reads rows where they lie: pointers are offsets into the memory, which never grows, so views of it
 * stay. Nothing is allocated. What JavaScript must not ask traps (CHECK); what the network brings never does.
 */
#include "protocol/client.h"
#include "protocol/predict.h"

#define EXPORT(name) __attribute__((export_name(#name)))

enum { REPLICA_BYTES = 1 << 20 }; /* the arena's rows take 100 KB; a room of more is refused */

extern const struct schema game_schema; /* the game's that this core is linked with: game/game_api.h */

static struct {
    struct client client;
    struct shape_set shapes, own; /* as WELCOME told them; the game's, by its presets at 20 ticks a second */
    struct message_hello hello;
    struct wire_reader events;
    struct replica_event event;
    const struct shape_kind *trial; /* the kind of the trial row */
    int32_t trial_row[ROW_CELLS], input[LIMIT_CELLS];
    uint8_t in[LIMIT_FRAME], out[LIMIT_MESSAGE_UP];
    uint64_t replica[REPLICA_BYTES / sizeof(uint64_t)];
} core;

/* ---- A conversation. */

/* A new client that knows the game's code. To be called first. */
EXPORT(reset) void core_reset(void) {
    memset(&core, 0, sizeof core);
    client_init(&core.client, &core.shapes);
    client_bring(&core.client, &game_schema, &core.own);
}

/* Where a message goes, and most of its bytes. It must stay there while its events and answers are read. */
EXPORT(in) uint8_t *core_in(void) {
    return core.in;
}
EXPORT(in_size) uint32_t core_in_size(void) {
    return sizeof core.in;
}

static enum client_news start(void) {
    if (client_bytes(&core.client) > sizeof core.replica) {
        core.client.state = CLIENT_OVER;
        return CLIENT_BROKEN;
    }
    client_start(&core.client, core.replica);
    return CLIENT_WELCOMED;
}

/* Takes the message of `size` bytes that lies at in(): gives an enum client_news. After WELCOMED the client
 * plays. */
EXPORT(take) uint32_t core_take(uint32_t size) {
    CHECK(size <= sizeof core.in);
    enum client_news news = client_take(&core.client, core.in, size);
    if (news == CLIENT_WELCOMED) news = start();
    if (news == CLIENT_FRAME) {
        const struct frame_slice *list = &core.client.frame.lists[FRAME_EVENTS];
        core.events = wire_reader_init(list->bytes, list->size);
        core.event = (struct replica_event){.number = core.client.events_before};
    }
    return news;
}

/* ---- What to send: each gives the bytes that now lie at out(), 0 if there is nothing to be said. */

EXPORT(out) uint8_t *core_out(void) {
    return core.out;
}

static struct wire_writer writer(void) {
    return wire_writer_init(core.out, sizeof core.out);
}

static uint32_t written(const struct wire_writer *writer) {
    return writer->full ? 0 : (uint32_t)writer->size;
}

/* The words of a HELLO: 0 game, 1 room, 2 name, 3 device, 4 session. Where to put one, and its size with the
 * zero at its end. */
static char *word(uint32_t which, uint32_t *size) {
    struct message_hello *hello = &core.hello;
    char *const words[] = {hello->game, hello->room, hello->name, hello->device, hello->session};
    const uint32_t sizes[] = {sizeof hello->game, sizeof hello->room, sizeof hello->name,
                              sizeof hello->device, sizeof hello->session};
    CHECK(which < COUNT_OF(words));
    *size = sizes[which];
    return words[which];
}
EXPORT(word) char *core_word(uint32_t which) {
    uint32_t size;
    return word(which, &size);
}
EXPORT(word_size) uint32_t core_word_size(uint32_t which) {
    uint32_t size;
    word(which, &size);
    return size;
}

/* `lane`: enum shape_lane; `budget`: bytes a second, 0 for no bound. */
EXPORT(hello) uint32_t core_hello(uint32_t lane, uint32_t budget) {
    struct wire_writer to = writer();
    for (uint32_t which = 0, size; which < 5; which++) {
        char *at = word(which, &size);
        at[size - 1] = 0;
    }
    core.hello.lane = lane;
    core.hello.budget = budget;
    client_hello(&core.client, &core.hello, &to);
    return written(&to);
}

/* Where the raw values of the next input go, by the cells of input_shape(). */
EXPORT(input_cells) int32_t *core_input_cells(void) {
    return core.input;
}
EXPORT(input) uint32_t core_input(void) {
    struct wire_writer to = writer();
    if (core.client.state != CLIENT_PLAYING) return 0;
    client_input(&core.client, core.input, &to);
    return written(&to);
}
EXPORT(ack) uint32_t core_ack(void) {
    struct wire_writer to = writer();
    if (!client_owes_ack(&core.client)) return 0;
    client_ack(&core.client, &to);
    return written(&to);
}

/* ---- Where the client stands. */

EXPORT(digest_low) uint32_t core_digest_low(void) {
    return (uint32_t)core.client.predictor;
}
EXPORT(digest_high) uint32_t core_digest_high(void) {
    return (uint32_t)(core.client.predictor >> 32);
}
EXPORT(session) const char *core_session(void) {
    return core.client.welcome.session;
}
EXPORT(player) uint32_t core_player(void) {
    return core.client.welcome.player;
}
EXPORT(rate) uint32_t core_rate(void) {
    return core.client.welcome.rate;
}
EXPORT(lane) uint32_t core_lane(void) {
    return core.client.welcome.lane;
}
EXPORT(rules) const int32_t *core_rules(void) {
    return core.client.rules;
}
EXPORT(tick) uint32_t core_tick(void) {
    return core.client.replica.tick;
}
EXPORT(used) uint32_t core_used(void) {
    return core.client.replica.used;
}
EXPORT(used_tick) uint32_t core_used_tick(void) {
    return core.client.replica.used_tick;
}
EXPORT(sequence) uint32_t core_sequence(void) {
    return core.client.sequence;
}
EXPORT(hashes_wrong) uint32_t core_hashes_wrong(void) {
    return (uint32_t)core.client.hashes_wrong;
}
EXPORT(bye_code) uint32_t core_bye_code(void) {
    return core.client.bye.code;
}

/* The hash of what is held now: counted by hash_low, whose upper half hash_high gives. */
static uint64_t hash;
EXPORT(hash_low) uint32_t core_hash_low(void) {
    hash = core.client.replica.held ? replica_hash(&core.client.replica) : 0;
    return (uint32_t)hash;
}
EXPORT(hash_high) uint32_t core_hash_high(void) {
    return (uint32_t)(hash >> 32);
}

/* ---- Rows: row r of kind k lies at cells() + 4 × (first_cell(k) + (r − first(k)) × stride(k)), and is there
 * if bit r of held() is set. After the cells of its shape come what its predictor remembers: in the lane of
 * the game the plain struct. */

EXPORT(cells) const int32_t *core_cells(void) {
    return core.client.replica.cells;
}
EXPORT(held) const uint64_t *core_held(void) {
    return core.client.replica.held;
}
EXPORT(row_count) uint32_t core_row_count(void) {
    return core.shapes.row_count;
}
EXPORT(kind_count) uint32_t core_kind_count(void) {
    return core.shapes.kind_count;
}

static const struct shape_kind *kind_at(const struct shape_set *set, uint32_t kind) {
    CHECK(kind < set->kind_count);
    return &set->kinds[kind];
}
EXPORT(first) uint32_t core_first(uint32_t kind) {
    return kind_at(&core.shapes, kind)->first;
}
EXPORT(slots) uint32_t core_slots(uint32_t kind) {
    return kind_at(&core.shapes, kind)->slots;
}
EXPORT(stride) uint32_t core_stride(uint32_t kind) {
    return row_stride(kind_at(&core.shapes, kind));
}
EXPORT(first_cell) uint32_t core_first_cell(uint32_t kind) {
    CHECK(kind < core.shapes.kind_count);
    return core.client.replica.first_cell[kind];
}

/* ---- Shapes: handles, good until the next WELCOME. */

EXPORT(kind_shape) const struct shape *core_kind_shape(uint32_t kind) {
    return &kind_at(&core.shapes, kind)->row;
}
EXPORT(record_shape) const struct shape *core_record_shape(uint32_t record) {
    CHECK(record < core.shapes.record_count);
    return &core.shapes.records[record];
}
EXPORT(input_shape) const struct shape *core_input_shape(void) {
    return &core.shapes.input;
}
EXPORT(rules_shape) const struct shape *core_rules_shape(void) {
    return &core.shapes.rules;
}
EXPORT(shape_name) const char *core_shape_name(const struct shape *shape) {
    return shape->name;
}
EXPORT(field_count) uint32_t core_field_count(const struct shape *shape) {
    return shape->field_count;
}

static const struct shape_field *field_at(const struct shape *shape, uint32_t field) {
    CHECK(field < shape->field_count);
    return &shape->fields[field];
}
EXPORT(field_name) const char *core_field_name(const struct shape *shape, uint32_t field) {
    return field_at(shape, field)->name;
}
EXPORT(field_type) uint32_t core_field_type(const struct shape *shape, uint32_t field) {
    return field_at(shape, field)->type;
}
EXPORT(field_cell) uint32_t core_field_cell(const struct shape *shape, uint32_t field) {
    return field_at(shape, field)->cell;
}
EXPORT(field_step) float core_field_step(const struct shape *shape, uint32_t field) {
    return field_at(shape, field)->step;
}
EXPORT(field_min) int32_t core_field_min(const struct shape *shape, uint32_t field) {
    return field_at(shape, field)->min;
}
EXPORT(field_max) int32_t core_field_max(const struct shape *shape, uint32_t field) {
    return field_at(shape, field)->max;
}
EXPORT(field_wraps) uint32_t core_field_wraps(const struct shape *shape, uint32_t field) {
    return field_at(shape, field)->wraps;
}

/* ---- What the last frame brought besides rows. */

/* Goes on to the frame's next event: 0 if there is none. Then number, record and tick lie at event(), 32 bits
 * each, and behind them the cells by the shape of its record. */
EXPORT(event_next) uint32_t core_event_next(void) {
    const struct client *client = &core.client;
    if (client->state != CLIENT_PLAYING) return 0;
    return replica_event_next(client->shapes, &core.events, client->replica.tick, &core.event);
}
EXPORT(event) const struct replica_event *core_event(void) {
    return &core.event;
}
/* The answers as they came, one array after another. */
EXPORT(answers) const uint8_t *core_answers(void) {
    return core.client.frame.lists[FRAME_ANSWERS].bytes;
}
EXPORT(answers_size) uint32_t core_answers_size(void) {
    return (uint32_t)core.client.frame.lists[FRAME_ANSWERS].size;
}

/* ---- The trial row: one row of the game's own by its presets at 20 ticks a second, to try its motion on. */

/* A zeroed row of this kind, and where its cells lie. */
EXPORT(trial) int32_t *core_trial(uint32_t kind) {
    core.trial = kind_at(&core.own, kind);
    memset(core.trial_row, 0, sizeof core.trial_row);
    return core.trial_row;
}
EXPORT(trial_shape) const struct shape *core_trial_shape(void) {
    return &core.trial->row;
}
EXPORT(trial_stride) uint32_t core_trial_stride(void) {
    return row_stride(core.trial);
}
/* Intents were changed in the cells: `fields`, by their bits. */
EXPORT(trial_refresh) void core_trial_refresh(uint32_t fields) {
    row_refresh(core.trial, core.trial_row, fields);
}
EXPORT(trial_step) void core_trial_step(void) {
    row_step(core.trial, core.trial_row);
}
EXPORT(trial_anchor) void core_trial_anchor(void) {
    row_anchor(core.trial, core.trial_row);
}
