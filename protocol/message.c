#include "protocol/message.h"

#define TIME_MAX (UINT64_C(1) << 53)

enum { HELLO_LEAST = 7, HELLO_MOST = 12, WELCOME_ELEMENTS = 14 };

/* ---- Values. */

void message_write_values(struct wire_writer *writer, const struct shape *shape, const int32_t *cells) {
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        if (field->type == SCHEMA_TEXT)
            wire_text(writer, (const char *)(cells + field->cell));
        else
            wire_int(writer, cells[field->cell]);
    }
}

static bool number_in_range(const struct shape_field *field, int64_t value) {
    return value >= field->min && (field->wraps ? value < field->max : value <= field->max);
}

void message_take_values(struct wire_reader *reader, const struct shape *shape, int32_t *cells,
                         bool *in_range) {
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        if (field->type == SCHEMA_TEXT) {
            cells[field->cell + field->cells - 1] = 0;
            wire_read_text(reader, (char *)(cells + field->cell), field->size);
            continue;
        }
        int64_t value = wire_read_int(reader, INT64_MIN, INT64_MAX);
        if (!number_in_range(field, value)) *in_range = false;
        cells[field->cell] = (int32_t)value;
    }
}

enum code message_read_values(struct wire_reader *values, const struct shape *shape, int32_t *cells) {
    bool in_range = true;
    message_take_values(values, shape, cells, &in_range);
    if (!wire_read_all(values)) return CODE_MALFORMED;
    return in_range ? CODE_NONE : CODE_RANGE;
}

enum code message_read_input(struct wire_reader *values, const struct shape *shape, int32_t *cells,
                             uint32_t *ahead) {
    bool in_range = true;
    message_take_values(values, shape, cells, &in_range);
    *ahead = values->at < values->end ? wire_read_u32(values) : 0;
    if (!wire_read_all(values)) return CODE_MALFORMED;
    return in_range && *ahead <= LIMIT_AHEAD ? CODE_NONE : CODE_RANGE;
}

/* A message of one number. */
static void write_one(struct wire_writer *writer, enum message_type type, uint64_t number) {
    wire_array(writer, 2);
    wire_uint(writer, type);
    wire_uint(writer, number);
}

/* ---- From the client. */

/* A word that is too long for its place is well-formed all the same: DEL stands for it, which no label, name
 * or token may hold, so that its judge refuses it with the code that fits. */
static void read_word(struct wire_reader *reader, char *into, size_t size) {
    char word[LIMIT_MESSAGE_UP];
    wire_read_text(reader, word, sizeof word);
    memset(into, 0, size);
    memcpy(into, strlen(word) < size ? word : "\x7f", strlen(word) < size ? strlen(word) : 1);
}

static void read_hello(struct wire_reader *reader, struct message_hello *hello, uint32_t elements) {
    *hello = (struct message_hello){0};
    if (elements < HELLO_LEAST || elements > HELLO_MOST) reader->failed = true;
    read_word(reader, hello->game, sizeof hello->game);
    read_word(reader, hello->room, sizeof hello->room);
    read_word(reader, hello->name, sizeof hello->name);
    read_word(reader, hello->device, sizeof hello->device);
    read_word(reader, hello->session, sizeof hello->session);
    hello->lane = wire_read_u32(reader);
    if (elements > HELLO_LEAST) hello->predictor = wire_read_uint(reader, UINT64_MAX);
    if (elements > HELLO_LEAST + 1) hello->budget = wire_read_u32(reader);
    if (elements > HELLO_LEAST + 2) hello->instance = wire_read_u32(reader);
    if (elements > HELLO_LEAST + 3) hello->tick = wire_read_u32(reader);
    if (elements > HELLO_LEAST + 4) hello->event = wire_read_u32(reader);
}

/* How many elements each message has, its number included; 0: at least those that read_up takes. */
static uint32_t elements_of(uint8_t type) {
    static const uint8_t elements[] = {
        [MESSAGE_ACK] = 2, [MESSAGE_PING] = 2, [MESSAGE_BYE_UP] = 1, [MESSAGE_HASH] = 1};
    return type < COUNT_OF(elements) ? elements[type] : 0;
}

enum code message_read_up(const uint8_t *bytes, size_t size, struct message_up *up) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    uint32_t elements = wire_read_array(&reader);
    uint32_t type = wire_read_u32(&reader);
    if (reader.failed || elements == 0) return CODE_MALFORMED;
    if (type > MESSAGE_HASH) return CODE_UNKNOWN;
    up->type = (uint8_t)type;
    if (elements_of(up->type) && elements != elements_of(up->type)) return CODE_MALFORMED;
    switch (up->type) {
    case MESSAGE_HELLO:
        read_hello(&reader, &up->hello, elements);
        break;
    case MESSAGE_ACK:
        up->acknowledged = wire_read_u32(&reader);
        break;
    case MESSAGE_PING:
        up->stamp = wire_read_uint(&reader, TIME_MAX);
        break;
    case MESSAGE_INPUT:
        up->sequence = wire_read_u32(&reader);
        up->acknowledged = wire_read_u32(&reader);
        break;
    case MESSAGE_CALL:
        up->ticket = wire_read_u32(&reader);
        up->record = wire_read_u32(&reader);
        break;
    default:
        break;
    }
    up->values = reader;
    bool open = up->type == MESSAGE_INPUT || up->type == MESSAGE_CALL;
    return reader.failed || (!open && reader.at != reader.end) ? CODE_MALFORMED : CODE_NONE;
}

bool message_label_valid(const char *label) {
    size_t length = 0;
    for (; label[length]; length++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", label[length])) return false;
    return length > 0 && length < LIMIT_LABEL;
}

/* Marks that would change how the rest of a line is read: C1 controls, U+2028–202E, U+2066–2069. */
static bool marks_line(const uint8_t *at) {
    if (at[0] == 0xc2) return at[1] < 0xa0;
    return at[0] == 0xe2 && ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
                             (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

bool message_name_valid(const char *name) {
    bool seen = false;
    for (const uint8_t *at = (const uint8_t *)name; *at; at++) {
        if (*at < 0x20 || *at == 0x7f || marks_line(at)) return false;
        seen = seen || *at != ' ';
    }
    return seen || !*name;
}

static uint32_t hello_elements(const struct message_hello *hello) {
    if (hello->instance) return HELLO_MOST;
    return HELLO_LEAST + (hello->budget ? 2 : hello->predictor ? 1 : 0);
}

void message_write_hello(struct wire_writer *writer, const struct message_hello *hello) {
    const uint64_t numbers[] = {hello->predictor, hello->budget, hello->instance, hello->tick, hello->event};
    uint32_t elements = hello_elements(hello);
    wire_array(writer, elements);
    wire_uint(writer, MESSAGE_HELLO);
    wire_text(writer, hello->game);
    wire_text(writer, hello->room);
    wire_text(writer, hello->name);
    wire_text(writer, hello->device);
    wire_text(writer, hello->session);
    wire_uint(writer, hello->lane);
    for (uint32_t i = 0; i < elements - HELLO_LEAST; i++) wire_uint(writer, numbers[i]);
}

void message_write_input(struct wire_writer *writer, uint32_t sequence, uint32_t acknowledged,
                         const struct shape *shape, const int32_t *cells, uint32_t ahead) {
    wire_array(writer, 3u + shape->field_count + (ahead > 0));
    wire_uint(writer, MESSAGE_INPUT);
    wire_uint(writer, sequence);
    wire_uint(writer, acknowledged);
    message_write_values(writer, shape, cells);
    if (ahead) wire_uint(writer, ahead);
}

void message_write_ack(struct wire_writer *writer, uint32_t acknowledged) {
    write_one(writer, MESSAGE_ACK, acknowledged);
}

void message_write_ping(struct wire_writer *writer, uint64_t stamp) {
    write_one(writer, MESSAGE_PING, stamp);
}

void message_write_call(struct wire_writer *writer, uint32_t ticket, uint32_t record,
                        const struct shape *shape, const int32_t *cells) {
    wire_array(writer, 3u + shape->field_count);
    wire_uint(writer, MESSAGE_CALL);
    wire_uint(writer, ticket);
    wire_uint(writer, record);
    message_write_values(writer, shape, cells);
}

void message_write_bye_up(struct wire_writer *writer) {
    wire_array(writer, 1);
    wire_uint(writer, MESSAGE_BYE_UP);
}

void message_write_hash(struct wire_writer *writer) {
    wire_array(writer, 1);
    wire_uint(writer, MESSAGE_HASH);
}

/* ---- From the server. */

void message_write_welcome(struct wire_writer *writer, const struct message_welcome *welcome,
                           const struct shape_set *shapes, const int32_t *rules) {
    wire_array(writer, WELCOME_ELEMENTS + welcome->kept);
    wire_uint(writer, MESSAGE_WELCOME);
    wire_text(writer, welcome->session);
    wire_text(writer, welcome->device);
    wire_uint(writer, welcome->instance);
    wire_uint(writer, welcome->player);
    wire_uint(writer, welcome->tick);
    wire_uint(writer, welcome->rate);
    wire_uint(writer, welcome->lane);
    wire_uint(writer, welcome->now_us);
    wire_uint(writer, welcome->used);
    wire_text(writer, welcome->name);
    wire_text(writer, welcome->room);
    if (welcome->kept) {
        wire_array(writer, 0);
        wire_array(writer, 0);
        wire_uint(writer, 1);
        return;
    }
    shape_set_write(writer, shapes);
    wire_array(writer, shapes->rules.field_count);
    message_write_values(writer, &shapes->rules, rules);
}

static bool opens(struct wire_reader *reader, uint32_t elements, uint8_t type) {
    return wire_read_array(reader) == elements && wire_read_u32(reader) == type && !reader->failed;
}

bool message_read_welcome(const uint8_t *bytes, size_t size, struct message_welcome *welcome,
                          struct shape_set *shapes, int32_t *rules) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    bool in_range = true;
    uint32_t elements = wire_read_array(&reader);
    if (elements != WELCOME_ELEMENTS && elements != WELCOME_ELEMENTS + 1) return false;
    if (wire_read_u32(&reader) != MESSAGE_WELCOME) return false;
    wire_read_text(&reader, welcome->session, sizeof welcome->session);
    wire_read_text(&reader, welcome->device, sizeof welcome->device);
    welcome->instance = wire_read_u32(&reader);
    welcome->player = (uint32_t)wire_read_uint(&reader, LIMIT_PLAYERS - 1);
    welcome->tick = wire_read_u32(&reader);
    welcome->rate = (uint32_t)wire_read_uint(&reader, 1000);
    welcome->lane = (uint32_t)wire_read_uint(&reader, LANE_COUNT - 1);
    welcome->now_us = wire_read_uint(&reader, TIME_MAX);
    welcome->used = wire_read_u32(&reader);
    wire_read_text(&reader, welcome->name, sizeof welcome->name);
    wire_read_text(&reader, welcome->room, sizeof welcome->room);
    welcome->kept = elements > WELCOME_ELEMENTS;
    if (welcome->kept) {
        bool empty = wire_read_array(&reader) == 0 && wire_read_array(&reader) == 0;
        return wire_read_uint(&reader, 1) == 1 && empty && wire_read_all(&reader) && welcome->rate > 0;
    }
    shape_set_read(&reader, shapes);
    if (wire_read_array(&reader) != shapes->rules.field_count) return false;
    message_take_values(&reader, &shapes->rules, rules, &in_range);
    return wire_read_all(&reader) && in_range && welcome->rate > 0;
}

void message_write_bye(struct wire_writer *writer, uint32_t code, uint32_t wait_ms) {
    wire_array(writer, 4);
    wire_uint(writer, MESSAGE_BYE);
    wire_uint(writer, code);
    wire_text(writer, code_text(code));
    wire_uint(writer, wait_ms);
}

bool message_read_bye(const uint8_t *bytes, size_t size, struct message_bye *bye) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    if (!opens(&reader, 4, MESSAGE_BYE)) return false;
    bye->code = wire_read_u32(&reader);
    wire_read_text(&reader, bye->text, sizeof bye->text);
    bye->wait_ms = wire_read_u32(&reader);
    return wire_read_all(&reader);
}

void message_write_queued(struct wire_writer *writer, uint32_t place) {
    write_one(writer, MESSAGE_QUEUED, place);
}

bool message_read_queued(const uint8_t *bytes, size_t size, uint32_t *place) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    if (!opens(&reader, 2, MESSAGE_QUEUED)) return false;
    *place = wire_read_u32(&reader);
    return wire_read_all(&reader) && *place > 0;
}

void message_write_pong(struct wire_writer *writer, const struct message_pong *pong) {
    wire_array(writer, 4);
    wire_uint(writer, MESSAGE_PONG);
    wire_uint(writer, pong->stamp);
    wire_uint(writer, pong->received_us);
    wire_uint(writer, pong->held_us);
}

bool message_next_answer(struct wire_reader *answers, uint32_t *type, uint32_t *elements) {
    if (answers->failed || answers->at == answers->end) return false;
    uint32_t all = wire_read_array(answers);
    if (all == 0) answers->failed = true;
    *type = wire_read_u32(answers);
    *elements = all - 1;
    return !answers->failed;
}

void message_read_pong(struct wire_reader *reader, struct message_pong *pong) {
    pong->stamp = wire_read_uint(reader, TIME_MAX);
    pong->received_us = wire_read_uint(reader, TIME_MAX);
    pong->held_us = wire_read_uint(reader, TIME_MAX);
}

void message_write_own(struct wire_writer *writer, uint32_t row_and_one) {
    write_one(writer, MESSAGE_OWN, row_and_one);
}

void message_write_missed(struct wire_writer *writer, uint32_t repeated, uint32_t unused) {
    wire_array(writer, 3);
    wire_uint(writer, MESSAGE_MISSED);
    wire_uint(writer, repeated);
    wire_uint(writer, unused);
}

void message_write_acks(struct wire_writer *writer, uint32_t frames) {
    write_one(writer, MESSAGE_ACKS, frames);
}

void message_write_reply(struct wire_writer *writer, uint32_t ticket, uint32_t status,
                         const struct shape *shape, const int32_t *cells) {
    wire_array(writer, 3u + (status == 0 ? shape->field_count : 0u));
    wire_uint(writer, MESSAGE_REPLY);
    wire_uint(writer, ticket);
    wire_uint(writer, status);
    if (status == 0) message_write_values(writer, shape, cells);
}
