/* What a server may send to a client: after a good WELCOME, messages one after another, each behind two bytes
 * that tell its size. Whatever a replica holds after a frame that was taken lies within its range. */
#include "tests/fuzz/fuzz.h"

static void look_at_rows(const struct replica *replica) {
    for (uint32_t row = 0; row < replica->shapes->row_count; row++) {
        const int32_t *cells = replica_row(replica, row);
        const struct shape *shape = &shape_kind_of(replica->shapes, row)->row;
        for (int i = 0; cells && i < shape->field_count; i++) {
            const struct shape_field *field = &shape->fields[i];
            if (field->type == SCHEMA_TEXT)
                CHECK(memchr(cells + field->cell, 0, field->size));
            else
                CHECK(cells[field->cell] >= field->min && cells[field->cell] <= field->max - field->wraps);
        }
    }
}

static void look_at_events(const struct client *client) {
    const struct frame_slice *list = &client->frame.lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = client->events_before};
    while (replica_event_next(client->shapes, &reader, client->replica.tick, &event))
        CHECK(event.record < client->shapes->record_count);
    CHECK(event.number == client->replica.event_number);
}

/* A fuzzer shall not spend its time on frames of a million ticks. */
static bool too_long(const uint8_t *bytes, size_t size) {
    struct frame frame;
    return frame_read(bytes, size, &frame) && frame.advance > 1000;
}

static uint64_t memory[4096];

/* A WELCOME in the midst of playing: all begins anew, in a room that fits. */
static void begin(struct client *client) {
    if (client_bytes(client) <= sizeof memory)
        client_start(client, memory);
    else
        client->state = CLIENT_OVER;
}

static void take_one(struct client *client, const uint8_t *message, size_t size) {
    enum client_news news = client_take(client, message, size);
    if (news == CLIENT_WELCOMED) begin(client);
    if (news != CLIENT_FRAME) return;
    look_at_rows(&client->replica);
    look_at_events(client);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static uint8_t welcome[4096];
    static struct shape_set shapes;
    struct client client;
    uint8_t hello[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(hello, sizeof hello);
    client_init(&client, &shapes);
    client_hello(&client, &(struct message_hello){0}, &writer);
    CHECK(client_take(&client, welcome, fuzz_welcome(welcome, sizeof welcome)) == CLIENT_WELCOMED);
    CHECK(client_bytes(&client) <= sizeof memory);
    client_start(&client, memory);
    while (size >= 2 && client.state == CLIENT_PLAYING) {
        size_t take = (size_t)bytes[0] << 8 | bytes[1];
        bytes += 2;
        size -= 2;
        if (take > size) take = size;
        if (too_long(bytes, take)) return 0;
        uint8_t *message = malloc(take + 1); /* of its own, so that one byte too far is seen */
        CHECK(message);
        memcpy(message, bytes, take);
        take_one(&client, message, take);
        free(message);
        bytes += take;
        size -= take;
    }
    return 0;
}
