#include "protocol/client.h"
#include "protocol/predict.h"

void client_init(struct client *client, struct shape_set *shapes) {
    *client = (struct client){.shapes = shapes};
}

void client_bring(struct client *client, const struct schema *schema, uint64_t digest) {
    client->schema = schema;
    client->predictor = digest;
}

void client_hello(struct client *client, const struct message_hello *hello, struct wire_writer *writer) {
    struct message_hello says = *hello;
    bool holds = client->frames && strcmp(hello->session, client->welcome.session) == 0;
    if (client->predictor && hello->lane == LANE_GAME) says.predictor = client->predictor;
    if (holds) {
        says.instance = client->welcome.instance;
        says.tick = client->replica.tick;
        says.event = client->replica.event_number;
    }
    client->state = CLIENT_GREETING;
    client->place = 0;
    message_write_hello(writer, &says);
}

static enum client_news broken(struct client *client) {
    client->state = CLIENT_OVER;
    return CLIENT_BROKEN;
}

/* What the game's own code moves comes only to who has that code: elsewhere nothing could step it. */
static bool bind_predictors(struct client *client) {
    const struct shape_set *shapes = client->shapes;
    if (client->welcome.lane == LANE_GAME)
        return client->schema &&
               predict_bind(client->shapes, client->schema, client->welcome.rate, client->rules);
    for (int i = 0; i < shapes->kind_count; i++)
        if (shapes->kinds[i].predictor == PREDICT_GAME) return false;
    return true;
}

/* Whether the row that it may come to steer can be predicted here. */
static bool predicts_own(const struct client *client) {
    if (client->welcome.lane != LANE_GAME || !client->schema) return false;
    for (int i = 0; i < client->schema->kind_count; i++)
        if (client->schema->kinds[i].steer) return true;
    return false;
}

static enum client_news take_welcome(struct client *client, const uint8_t *bytes, size_t size) {
    bool expected = client->state == CLIENT_GREETING || client->state == CLIENT_PLAYING;
    client->place = client->own = 0;
    if (!expected || !message_read_welcome(bytes, size, &client->welcome, client->shapes, client->rules) ||
        !(client->welcome.kept || bind_predictors(client)))
        return broken(client);
    client->sequence = client->welcome.used > client->sequence ? client->welcome.used : client->sequence;
    client->acknowledged = client->welcome.tick;
    client->acks = 1;
    client->says = false;
    client->predicts_own = predicts_own(client);
    if (!client->welcome.kept) return CLIENT_WELCOMED;
    if (!client->frames || client->replica.tick != client->welcome.tick) return broken(client);
    client->replica.used = client->welcome.used;
    client->state = CLIENT_PLAYING;
    return CLIENT_RESUMED;
}

size_t client_bytes(const struct client *client) {
    return replica_bytes(client->shapes);
}

void client_start(struct client *client, void *memory) {
    replica_init(&client->replica, client->shapes, client->welcome.tick, client->welcome.used, memory);
    client->state = CLIENT_PLAYING;
}

void client_fresh(struct client *client) {
    uint32_t event_number = client->replica.event_number;
    client_start(client, client->replica.held);
    client->replica.event_number = event_number;
}

static void take_own(struct client *client, struct wire_reader *reader) {
    client->own = (uint32_t)wire_read_uint(reader, client->shapes->row_count);
}

static void take_missed(struct client *client, struct wire_reader *reader) {
    client->repeated += wire_read_u32(reader);
    client->unused += wire_read_u32(reader);
    client->missed = true;
}

/* How many elements must follow the number of such an answer; 0: any. */
static uint32_t answer_elements(uint32_t type) {
    return type == MESSAGE_OWN || type == MESSAGE_ACKS ? 1 : type == MESSAGE_MISSED ? 2 : 0;
}

/* Answers that are for the client itself; PONG and REPLY are its user's. */
bool client_take_answers(struct client *client) {
    const struct frame_slice *list = &client->frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    uint32_t type, elements;
    while (message_next_answer(&reader, &type, &elements)) {
        if (answer_elements(type) && elements != answer_elements(type)) return false;
        if (type == MESSAGE_OWN)
            take_own(client, &reader);
        else if (type == MESSAGE_MISSED)
            take_missed(client, &reader);
        else if (type == MESSAGE_ACKS)
            client->acks = wire_read_u32(&reader);
        else
            wire_skip_many(&reader, elements);
    }
    return !reader.failed;
}

/* More ticks than inputs: in some of them the last input was used again. */
static void count_missed(struct client *client) {
    const struct frame *frame = &client->frame;
    if (!client->predicts_own || client->missed || client->replica.used == 0 || frame->used >= frame->advance)
        return;
    client->repeated += frame->advance - frame->used;
}

static enum client_news take_frame(struct client *client, const uint8_t *bytes, size_t size) {
    if (client->state != CLIENT_PLAYING || !frame_read(bytes, size, &client->frame)) return broken(client);
    client->events_before = client->replica.event_number;
    client->missed = false;
    if (!replica_apply(&client->replica, &client->frame) || !client_take_answers(client))
        return broken(client);
    count_missed(client);
    client->frames++;
    if (client->frame.hash) {
        client->hashes++;
        client->hashes_wrong += client->replica.hash_differs;
    }
    return CLIENT_FRAME;
}

static enum client_news take_bye(struct client *client, const uint8_t *bytes, size_t size) {
    client->state = CLIENT_OVER;
    return message_read_bye(bytes, size, &client->bye) ? CLIENT_GOODBYE : CLIENT_BROKEN;
}

static enum client_news take_queued(struct client *client, const uint8_t *bytes, size_t size) {
    bool well = client->state == CLIENT_GREETING && message_read_queued(bytes, size, &client->place);
    return well ? CLIENT_QUEUED : broken(client);
}

enum client_news client_take(struct client *client, const uint8_t *bytes, size_t size) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    wire_read_array(&reader);
    uint32_t type = wire_read_u32(&reader);
    if (reader.failed) return broken(client);
    if (type >= MESSAGE_FRAME) return take_frame(client, bytes, size);
    switch (type) {
    case MESSAGE_WELCOME:
        return take_welcome(client, bytes, size);
    case MESSAGE_BYE:
        return take_bye(client, bytes, size);
    case MESSAGE_QUEUED:
        return take_queued(client, bytes, size);
    default:
        return broken(client);
    }
}

bool client_says_input(const struct client *client, const int32_t *cells) {
    size_t size = client->shapes->input.cell_count * sizeof *cells;
    return client->predicts_own || !client->says || memcmp(client->said, cells, size) != 0;
}

static void note_acknowledged(struct client *client) {
    client->acknowledged = client->replica.tick;
    client->frames_acknowledged = client->frames;
}

void client_input(struct client *client, const int32_t *cells, struct wire_writer *writer) {
    note_acknowledged(client);
    memcpy(client->said, cells, client->shapes->input.cell_count * sizeof *cells);
    client->says = true;
    message_write_input(writer, ++client->sequence, client->acknowledged, &client->shapes->input, cells,
                        client->ahead);
}

bool client_owes_ack(const struct client *client, bool flows) {
    uint32_t least = client->acks + (client->predicts_own && flows);
    return client->state == CLIENT_PLAYING && client->replica.tick != client->acknowledged &&
           client->frames - client->frames_acknowledged >= least;
}

void client_ack(struct client *client, struct wire_writer *writer) {
    note_acknowledged(client);
    message_write_ack(writer, client->acknowledged);
}
