#include "onlookers.h"

struct onlookers *onlookers_await(struct rig *rig, enum shape_lane lane, uint32_t most) {
    struct onlookers *made = calloc(1, sizeof *made);
    CHECK(made);
    made->rig = rig;
    made->lane = lane;
    made->all = calloc(most, sizeof *made->all);
    CHECK(made->all);
    return made;
}

struct onlookers *onlookers_create(struct rig *rig, enum shape_lane lane, uint32_t count, uint32_t applying) {
    struct onlookers *made = onlookers_await(rig, lane, count);
    for (uint32_t i = 0; i < count; i++) onlookers_add(made, i < applying);
    return made;
}

void onlookers_destroy(struct onlookers *onlookers) {
    for (uint32_t i = 0; i < onlookers->count; i++) {
        free(onlookers->all[i].client);
        free(onlookers->all[i].memory);
    }
    free(onlookers->all);
    free(onlookers);
}

static void say(struct onlookers *onlookers, struct onlooker *one, const struct wire_writer *writer) {
    CHECK(!writer->full);
    enum code code = session_receive(onlookers->rig->sessions, &one->attachment, writer->bytes, writer->size,
                                     onlookers->rig->now_us, "bench");
    CHECK(code == CODE_NONE);
}

void onlookers_add(struct onlookers *onlookers, bool applies) {
    struct onlooker *one = &onlookers->all[onlookers->count++];
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    struct message_hello hello = {
        .device = "-", .name = "Ada", .lane = onlookers->lane, .predictor = onlookers->rig->digest};
    snprintf(hello.game, sizeof hello.game, "%s", onlookers->rig->module.name);
    if (applies) {
        one->client = calloc(1, sizeof *one->client);
        CHECK(one->client);
        client_init(one->client, &onlookers->shapes);
        client_bring(one->client, onlookers->rig->module.schema, onlookers->rig->digest);
        client_hello(one->client, &hello, &writer);
    } else {
        message_write_hello(&writer, &hello);
    }
    say(onlookers, one, &writer);
}

struct broadcast onlookers_next(struct onlookers *onlookers, uint32_t which) {
    if (which + 1 < onlookers->count)
        broadcaster_expect(onlookers->rig->broadcaster, &onlookers->all[which + 1].attachment);
    return broadcaster_next(onlookers->rig->broadcaster, &onlookers->all[which].attachment,
                            onlookers->rig->now_us);
}

static bool apply(struct onlooker *one, const struct broadcast *due) {
    enum client_news news = client_take(one->client, due->bytes, due->size);
    CHECK(news == CLIENT_WELCOMED || news == CLIENT_FRAME);
    if (news == CLIENT_FRAME) return true;
    one->memory = calloc(1, client_bytes(one->client) + 8);
    CHECK(one->memory);
    client_start(one->client, one->memory);
    return false;
}

bool onlookers_take(struct onlookers *onlookers, uint32_t which, const struct broadcast *due) {
    struct onlooker *one = &onlookers->all[which];
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    struct frame frame;
    if (due->size == 0) return false;
    CHECK(due->end == CODE_NONE);
    one->tick = onlookers->rig->tick;
    if (!one->client) {
        if (!frame_read(due->bytes, due->size, &frame)) return false;
        message_write_ack(&writer, one->tick);
    } else {
        if (!apply(one, due)) return false;
        client_input(one->client, (int32_t[LIMIT_CELLS]){0}, &writer);
    }
    say(onlookers, one, &writer);
    return true;
}

void onlookers_round(struct onlookers *onlookers) {
    for (uint32_t i = 0; i < onlookers->count; i++) {
        struct broadcast due = onlookers_next(onlookers, i);
        onlookers_take(onlookers, i, &due);
    }
    broadcaster_end(onlookers->rig->broadcaster);
}
