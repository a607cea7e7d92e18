/* The client's core as the browser has it: protocol/client.h, the own player and one game's tables behind
 * exported functions, one .wasm a game, one client an instance. JavaScript puts messages and words into
 * buffers that lie here, and reads rows and state where they lie: pointers are offsets into the memory, which
 * never grows, so views of it stay. Nothing is allocated. What JavaScript must not ask traps (CHECK); what
 * the network brings never does. `now` is always milliseconds of a clock that goes forward, as
 * performance.now().
 */
#include "protocol/display.h"
#include "protocol/predict.h"
#include "protocol/timing.h"

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name) /* built for this machine by a test that compares both */
#endif

/* The arena's rows and what is shown of them take 320 KB; a room that needs more than this is refused. */
enum { ROOM_BYTES = 1 << 20 };

extern const struct schema game_schema; /* the game's that this core is linked with: game/game_api.h */
extern const uint64_t game_digest;      /* predict_digest of it, counted by the build: stamp.c */

/* Where the client stands, as 32-bit words side by side: JavaScript reads them as one array. */
struct state {
    uint32_t tick, used, used_tick, sequence;
    uint32_t player, rate, lane, instance, kept, place, bye_code, bye_wait_ms;
    uint32_t event_number, hashes, hashes_wrong;
    uint32_t own, predicting; /* own: the row that is steered, its number + 1; predicting: whether it is held
                                 and predicted */
    uint32_t frames, made, mispredicted, corrections, repeated, unused;
    uint32_t row_count, version, players_max;
    uint32_t resent; /* sequence of the input that resend wrote last */
    uint32_t entered[LIMIT_KINDS], changed[LIMIT_KINDS], left[LIMIT_KINDS]; /* rows; made by count_rows */
    uint32_t any_entered;                                                   /* rows with the last frame */
};
/* Milliseconds and such, as 64-bit floats side by side, as of the last call that was given the time. */
struct times {
    double offset;      /* of the server's clock to ours */
    double rtt, jitter; /* there and back, smoothed; by how much frames come later than the fastest */
    double tick;        /* whose frame would be coming now */
    double part;        /* of the time from the newest input to the next one */
    double correction;  /* how far the own row jumped last, in units of the world */
    double lead;        /* how long before their tick inputs come */
    double pongs;       /* that the clock was set by */
    double at;          /* of that call */
};
struct answer { /* a REPLY */
    uint32_t ticket, status;
    int32_t cells[LIMIT_CELLS];
};

/* What JavaScript reads of the tables that WELCOME told, where they lie (protocol/js/schema.js). */
_Static_assert(offsetof(struct shape_field, step) == 24 && offsetof(struct shape_field, min) == 28 &&
                   offsetof(struct shape_field, max) == 32 && offsetof(struct shape_field, type) == 44 &&
                   offsetof(struct shape_field, wraps) == 45 && offsetof(struct shape_field, cell) == 47,
               "a field");
_Static_assert(offsetof(struct shape, use) == 1276 && offsetof(struct shape, answer) == 1277, "a record");
_Static_assert(offsetof(struct shape_kind, slots) == 1280 && offsetof(struct shape_kind, first) == 1284 &&
                   offsetof(struct shape_kind, predictor) == 1288 &&
                   offsetof(struct shape_kind, placed) == 1289,
               "a kind");

static struct {
    struct client client;
    struct own own;
    struct timing timing;
    struct display display;
    struct shape_set shapes; /* as WELCOME told them */
    struct message_hello hello;
    struct state state;
    struct times times;
    struct wire_reader events, answers;
    struct replica_event event;
    struct answer answer;
    uint32_t answer_values; /* elements of the answer that were not read yet */
    int32_t input[LIMIT_CELLS], call[LIMIT_CELLS];
    uint8_t in[LIMIT_FRAME], out[LIMIT_MESSAGE_UP];
    uint64_t room[ROOM_BYTES / sizeof(uint64_t)]; /* the replica, and behind it what is shown */
} core;

/* ---- State. */

static void tell(void) {
    const struct client *client = &core.client;
    const struct replica *replica = &client->replica;
    struct state *state = &core.state;
    state->tick = replica->tick;
    state->used = replica->used;
    state->used_tick = replica->used_tick;
    state->sequence = client->sequence;
    state->event_number = replica->event_number;
    state->hashes = (uint32_t)client->hashes;
    state->hashes_wrong = (uint32_t)client->hashes_wrong;
    state->own = client->own;
    state->predicting = core.own.kind != NULL;
    state->frames = (uint32_t)client->frames;
    state->made = core.own.made;
    state->mispredicted = core.own.mispredicted;
    state->corrections = core.own.corrections;
    state->repeated = client->repeated;
    state->unused = client->unused;
}

static void tell_times(double now) {
    struct timing *timing = &core.timing;
    core.times = (struct times){.offset = timing_offset(timing, now),
                                .rtt = timing->rtt,
                                .jitter = timing->jitter,
                                .tick = timing_tick(timing, now),
                                .part = timing_part(timing, now),
                                .correction = (double)core.own.correction,
                                .lead = timing->lead,
                                .pongs = timing->pong_count,
                                .at = now};
}

static void tell_welcome(void) {
    const struct message_welcome *welcome = &core.client.welcome;
    struct state *state = &core.state;
    state->player = welcome->player;
    state->rate = welcome->rate;
    state->lane = welcome->lane;
    state->instance = welcome->instance;
    state->kept = welcome->kept;
    state->row_count = core.shapes.row_count;
    state->version = core.shapes.version;
    state->players_max = core.shapes.players_max;
}

/* Where all this lies, for good: JavaScript asks once. */
struct places {
    const struct state *state; /* always current */
    const struct times *times;
    uint8_t *in; /* where a message goes; it must stay while its events and answers are read */
    size_t in_size;
    uint8_t *out;          /* what is to be sent */
    int32_t *input, *call; /* raw values of the next input and call, by the cells of their shapes */
    const int32_t *own;    /* cells of the own row as it will be when all inputs are used */
    const int32_t *rules;  /* by rules_shape */
    const struct shape *input_shape, *rules_shape;
    const char *game, *session, *device, *name, *room, *bye_text; /* what WELCOME and BYE said in words */
    struct {
        char *at;
        size_t size; /* with the zero at its end */
    } words[5];      /* of a HELLO: game, room, name, device, session; who writes them ends them */
};
#define WORD(member)                                                                                         \
    { core.hello.member, sizeof core.hello.member }
static const struct places places = {
    .state = &core.state,
    .times = &core.times,
    .in = core.in,
    .in_size = sizeof core.in,
    .out = core.out,
    .input = core.input,
    .call = core.call,
    .own = core.own.now,
    .rules = core.client.rules,
    .input_shape = &core.shapes.input,
    .rules_shape = &core.shapes.rules,
    .game = core.shapes.game,
    .session = core.client.welcome.session,
    .device = core.client.welcome.device,
    .name = core.client.welcome.name,
    .room = core.client.welcome.room,
    .bye_text = core.client.bye.text,
    .words = {WORD(game), WORD(room), WORD(name), WORD(device), WORD(session)}};
EXPORT(places) const struct places *core_places(void) {
    return &places;
}

static void count_bits(uint32_t into[LIMIT_KINDS], size_t word, uint64_t bits) {
    for (; bits; bits &= bits - 1) {
        uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
        into[shape_kind_of(&core.shapes, row) - core.shapes.kinds]++;
    }
}
/* Counts, by kind, the rows that entered, changed and left with the last frame, into the state. */
EXPORT(count_rows) void core_count_rows(void) {
    const struct replica *replica = &core.client.replica;
    memset(core.state.entered, 0, sizeof core.state.entered * 3);
    if (core.client.state != CLIENT_PLAYING) return;
    for (size_t i = 0; i < held_words(core.shapes.row_count); i++) {
        count_bits(core.state.entered, i, replica->entered[i]);
        count_bits(core.state.changed, i, replica->changed[i]);
        count_bits(core.state.left, i, replica->left[i]);
    }
}

/* ---- A conversation. */

/* A client that knows the game's code and holds nothing, so that the next HELLO begins anew. To be called
 * first, too. */
EXPORT(forget) void core_forget(void) {
    client_init(&core.client, &core.shapes);
    own_init(&core.own);
    client_bring(&core.client, &game_schema, game_digest);
    tell();
}

static void take_pongs(double now) {
    const struct frame_slice *list = &core.client.frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    uint32_t type, elements;
    while (message_next_answer(&reader, &type, &elements)) {
        if (type != MESSAGE_PONG || elements != 3) {
            wire_skip_many(&reader, elements);
            continue;
        }
        struct message_pong pong;
        message_read_pong(&reader, &pong);
        if (!reader.failed)
            timing_pong(&core.timing, pong.stamp, (double)pong.received_us / 1e3, (double)pong.held_us / 1e3,
                        now);
    }
}

/* What the frame says of time: it came, and by which inputs. */
static void time_frame(uint32_t missed_before, double now) {
    const struct client *client = &core.client;
    if (client->frame.advance) timing_frame(&core.timing, client->replica.tick, now);
    if (client->frame.used && !client->frame.late) timing_used(&core.timing, client->replica.used, now);
    timing_missed(&core.timing, client->repeated + client->unused - missed_before);
    take_pongs(now);
}

static enum client_news welcomed(void) {
    size_t rows = (client_bytes(&core.client) + 7) & ~(size_t)7;
    if (rows + display_bytes(&core.shapes) > sizeof core.room) {
        core.client.state = CLIENT_OVER;
        return CLIENT_BROKEN;
    }
    client_start(&core.client, core.room);
    display_init(&core.display, &core.shapes, (uint8_t *)core.room + rows);
    own_init(&core.own);
    return CLIENT_WELCOMED;
}

static void begin(double now) {
    tell_welcome();
    timing_welcome(&core.timing, core.client.welcome.rate, (double)core.client.welcome.now_us / 1e3, now);
}

static void framed(void) {
    const struct frame_slice *events = &core.client.frame.lists[FRAME_EVENTS];
    const struct frame_slice *answers = &core.client.frame.lists[FRAME_ANSWERS];
    core.events = wire_reader_init(events->bytes, events->size);
    core.event = (struct replica_event){.number = core.client.events_before};
    core.answers = wire_reader_init(answers->bytes, answers->size);
    core.answer_values = 0;
    core.state.any_entered = core.client.frame.lists[FRAME_ENTERINGS].elements != 0;
    own_frame(&core.own, &core.client);
    display_frame(&core.display, &core.client);
}

/* Takes the message of `size` bytes that lies at `in`: gives an enum client_news. After WELCOMED and RESUMED
 * the client plays. */
EXPORT(take) uint32_t core_take(uint32_t size, double now) {
    uint32_t missed = core.client.repeated + core.client.unused;
    CHECK(size <= sizeof core.in);
    enum client_news news = client_take(&core.client, core.in, size);
    if (news == CLIENT_WELCOMED) news = welcomed();
    if (news == CLIENT_WELCOMED || news == CLIENT_RESUMED) begin(now);
    if (news == CLIENT_RESUMED) own_frame(&core.own, &core.client);
    if (news == CLIENT_FRAME) framed();
    if (news == CLIENT_FRAME) time_frame(missed, now);
    core.state.place = core.client.place;
    core.state.bye_code = core.client.bye.code;
    core.state.bye_wait_ms = core.client.bye.wait_ms;
    tell();
    tell_times(now);
    return news;
}

/* Drops all rows, as of WELCOME's tick: the next frame begins anew. Nothing, if none can come. */
EXPORT(fresh) void core_fresh(void) {
    if (core.client.state != CLIENT_PLAYING) return;
    client_fresh(&core.client);
    own_frame(&core.own, &core.client);
    tell();
}

/* ---- What to send: each gives the bytes that now lie at `out`, 0 if there is nothing to be said. */

static struct wire_writer writer(void) {
    return wire_writer_init(core.out, sizeof core.out);
}

static uint32_t written(const struct wire_writer *writer) {
    tell();
    return writer->full ? 0 : (uint32_t)writer->size;
}

/* `lane`: enum shape_lane; `budget`: bytes a second, 0 for no bound. With the token of the session in its
 * word it says what is held still. */
EXPORT(hello) uint32_t core_hello(uint32_t lane, uint32_t budget) {
    struct wire_writer to = writer();
    core.hello.lane = lane;
    core.hello.budget = budget;
    client_hello(&core.client, &core.hello, &to);
    return written(&to);
}

/* How far beyond the newest frame lies what is shown. */
static uint32_t seen_ahead(double now) {
    double ahead = (timing_tick(&core.timing, now) - core.client.replica.tick) * LIMIT_SEEN_PARTS;
    return ahead < 0 ? 0 : ahead > LIMIT_AHEAD ? LIMIT_AHEAD : (uint32_t)ahead;
}
/* Makes the next input: it is carried out on the own row at once. */
EXPORT(input) uint32_t core_input(double now) {
    struct wire_writer to = writer();
    if (core.client.state != CLIENT_PLAYING) return 0;
    core.client.ahead = seen_ahead(now);
    client_input(&core.client, core.input, &to);
    own_make(&core.own, &core.client, core.input);
    timing_sent(&core.timing, core.client.sequence, now);
    return written(&to);
}
/* How long until the next input is to be made; 0: now. It keeps to one a tick, so that each comes to the
 * server a little before it is needed; what need not be said is looked at again a tick later. Only after
 * WELCOME. */
EXPORT(due) double core_due(double now) {
    if (!client_says_input(&core.client, core.input)) return core.timing.tick_ms;
    return timing_due(&core.timing, now);
}
/* Writes once more the first input after sequence `before` that the server has not used: what got lost with a
 * connection. The state tells its sequence. */
EXPORT(resend) uint32_t core_resend(uint32_t before) {
    struct wire_writer to = writer();
    const struct own_input *input = own_unused(&core.own, before);
    if (core.client.state != CLIENT_PLAYING || !input) return 0;
    message_write_input(&to, input->sequence, core.client.replica.tick, &core.shapes.input, input->values, 0);
    core.state.resent = input->sequence;
    return written(&to);
}
EXPORT(ack) uint32_t core_ack(double now) {
    struct wire_writer to = writer();
    if (!client_owes_ack(&core.client, timing_flows(&core.timing, now))) return 0;
    client_ack(&core.client, &to);
    return written(&to);
}
EXPORT(call) uint32_t core_call(uint32_t ticket, uint32_t record) {
    struct wire_writer to = writer();
    if (core.client.state != CLIENT_PLAYING || record >= core.shapes.record_count) return 0;
    message_write_call(&to, ticket, record, &core.shapes.records[record], core.call);
    return written(&to);
}
/* To be sent often in the first two seconds, then now and then: what comes back sets the clock. */
EXPORT(ping) uint32_t core_ping(double now) {
    struct wire_writer to = writer();
    message_write_ping(&to, timing_ping(&core.timing, now));
    return written(&to);
}
EXPORT(bye) uint32_t core_bye(void) {
    struct wire_writer to = writer();
    message_write_bye_up(&to);
    return written(&to);
}

/* The hash of what is held now. */
EXPORT(hash) uint64_t core_hash(void) {
    return core.client.replica.held ? replica_hash(&core.client.replica) : 0;
}

/* ---- Rows: row r of kind k lies at rows(k) + 4 × (r − first) × stride(k), and is there if bit r of
 * held() is set. After the cells of its shape come what its predictor remembers: in the lane of the game the
 * plain struct. */

/* JavaScript may still ask for a kind that a WELCOME which was refused has overwritten. */
static const struct shape_kind *kind_at(uint32_t kind) {
    CHECK(kind < LIMIT_KINDS);
    return &core.shapes.kinds[kind];
}
EXPORT(stride) uint32_t core_stride(uint32_t kind) {
    return row_stride(kind_at(kind));
}
EXPORT(held) const uint64_t *core_held(void) {
    return core.client.replica.held;
}
/* Bits of the rows that entered with the last frame. */
EXPORT(entered) const uint64_t *core_entered(void) {
    return core.client.replica.entered;
}
/* Where a kind's rows lie until the next WELCOME. They are true as of the newest frame once this was asked
 * after it: only then those that it did not name are moved on. */
EXPORT(rows) const int32_t *core_rows(uint32_t kind) {
    const struct replica *replica = &core.client.replica;
    if (replica->held) replica_forward(replica, kind_at(kind));
    return replica->cells + replica->first_cell[kind];
}
/* ---- What is drawn: protocol/display.h. */

/* Once for each picture: makes what is shown of all kinds, as of now. The input that is wanted lies at
 * `input`. */
EXPORT(show) void core_show(double now) {
    if (core.client.state != CLIENT_PLAYING) return;
    tell_times(now);
    struct display_time time = {core.times.tick, (float)core.times.part, now};
    display_show(&core.display, &core.client, &core.own, core.input, &time);
}
/* Of a kind: how many rows are shown; where their slots lie, 16 bits each; and where, row after row, a 32-bit
 * float lies for each field. The three are words side by side; all stay where they are until the next
 * WELCOME. */
EXPORT(shown) const struct display_kind *core_shown(uint32_t kind) {
    CHECK(kind < LIMIT_KINDS);
    return &core.display.kinds[kind];
}
/* Rows of this kind whose field names this player are shown at the player's own time: what it fires. */
EXPORT(mine) void core_mine(uint32_t kind, int32_t field) {
    CHECK(kind < core.shapes.kind_count);
    core.display.kinds[kind].mine = field;
}

/* ---- Tables, as WELCOME told them: each gives NULL beyond the last, else what is true until the next one.
 */

EXPORT(kind) const struct shape_kind *core_kind(uint32_t index) {
    return index < core.shapes.kind_count ? &core.shapes.kinds[index] : NULL;
}
EXPORT(record) const struct shape *core_record(uint32_t index) {
    return index < core.shapes.record_count ? &core.shapes.records[index] : NULL;
}
EXPORT(field) const struct shape_field *core_field(const struct shape *shape, uint32_t index) {
    return index < shape->field_count ? &shape->fields[index] : NULL;
}

/* ---- What the last frame brought besides rows. */

/* The frame's next event, or NULL: number, record and tick, 32 bits each, and behind them the cells by the
 * shape of its record. */
EXPORT(event) const struct replica_event *core_event(void) {
    const struct client *client = &core.client;
    bool more = client->state == CLIENT_PLAYING &&
                replica_event_next(client->shapes, &core.events, client->replica.tick, &core.event);
    return more ? &core.event : NULL;
}

/* The frame's next REPLY, or NULL: ticket and status, 32 bits each. */
EXPORT(reply) const struct answer *core_reply(void) {
    struct wire_reader *answers = &core.answers;
    wire_skip_many(answers, core.answer_values);
    core.answer_values = 0;
    uint32_t type, elements;
    while (message_next_answer(answers, &type, &elements)) {
        if (type != MESSAGE_REPLY || elements < 2) {
            wire_skip_many(answers, elements);
            continue;
        }
        core.answer.ticket = wire_read_u32(answers);
        core.answer.status = wire_read_u32(answers);
        core.answer_values = elements - 2;
        return answers->failed ? NULL : &core.answer;
    }
    return NULL;
}
/* Reads the REPLY's values by the shape of `record`, which its call tells: 1 if they are that record's. They
 * lie behind ticket and status. */
EXPORT(reply_values) uint32_t core_reply_values(uint32_t record) {
    CHECK(record < LIMIT_RECORDS);
    const struct shape *shape = &core.shapes.records[record];
    bool in_range = true;
    if (record >= core.shapes.record_count || core.answer_values != shape->field_count) return 0;
    core.answer_values = 0;
    message_take_values(&core.answers, shape, core.answer.cells, &in_range);
    return in_range && !core.answers.failed;
}
