/* What a bot makes of the server's messages: it begins to play, and counts and checks its frames. */
#include "tests/load/bot_inside.h"
#include <stdio.h>
#include <stdlib.h>

enum { GARBLE_EVERY = 40 /* frames: what was spoilt may be told anew meanwhile */ };

static void open_brain(struct bot *bot, struct bot_common *common) {
    if (common->brain_tried) return;
    common->brain_tried = true;
    common->brain_works = brain_open(&common->brain, &common->game, &bot->client);
    if (!common->brain_works && bot->behaviour == BEHAVE_BRAIN)
        fprintf(stderr, "· %s has no brain at hand: these bots play at random\n", common->options->game);
}

static bool begin_copy(struct bot *bot, struct bot_common *common) {
    if (bot->checks && !bot->memory) bot->memory = malloc(client_bytes(&bot->client));
    if (bot->memory)
        client_start(&bot->client, bot->memory);
    else if (bot->checks)
        bot_lose(bot, common, "no memory for the bot's copy of the room");
    else
        bot->client.replica =
            (struct replica){.tick = bot->client.welcome.tick, .used = bot->client.welcome.used};
    return !bot_is_over(bot);
}

static void plays(struct bot *bot, struct bot_common *common) {
    const struct message_welcome *welcome = &bot->client.welcome;
    common->figures.playing += !bot_was_welcome(bot);
    bot->client.state = CLIENT_PLAYING;
    bot->state = BOT_PLAYING;
    bot->chair.room =
        rooms_get(&common->rooms, welcome->instance, welcome->tick, welcome->rate, common->now_us);
    if (common->figures.measuring && !bot->chair.sampled_us) chair_begin(&bot->chair, common->now_us);
    common->figures.rate = welcome->rate;
    common->figures.joined += !bot->joined;
    bot->joined = true;
    bot->tries = 0;
    if (common->options->stay_s > 0)
        bot->next_us = common->now_us + (uint64_t)(bot_about(common, common->options->stay_s) * 1e6);
}

static void welcomed(struct bot *bot, struct bot_common *common) {
    open_brain(bot, common);
    if (!begin_copy(bot, common)) return;
    if (bot->returns) common->figures.now.resumed_anew++;
    bot->chair.inputs_at = bot->chair.inputs_end;
    plays(bot, common);
}

/* Over HTTP also when a downlink goes on from what was lost on the way. */
static void resumed(struct bot *bot, struct bot_common *common) {
    common->figures.now.resumed += bot->returns;
    plays(bot, common);
}

/* The time for which the server held it is not the road's. */
static void take_pong(struct bot *bot, struct bot_common *common, struct wire_reader *reader) {
    struct message_pong pong;
    message_read_pong(reader, &pong);
    if (reader->failed || pong.stamp >= BOT_PINGS) return;
    uint64_t away_us = common->now_us - bot->pinged_us[pong.stamp];
    if (pong.held_us > away_us) return;
    uint64_t rtt_us = away_us - pong.held_us;
    common->figures.now.pongs++;
    figures_time(&common->figures, TIME_RTT, rtt_us);
    lead_rtt(&bot->lead, rtt_us);
}

static void take_answers(struct bot *bot, struct bot_common *common) {
    const struct frame_slice *answers = &bot->client.frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(answers->bytes, answers->size);
    uint32_t type, elements;
    while (message_next_answer(&reader, &type, &elements)) {
        if (type == MESSAGE_PONG && elements == 3)
            take_pong(bot, common, &reader);
        else
            wire_skip_many(&reader, elements);
    }
}

static uint64_t count_events(const struct client *client) {
    const struct frame_slice *list = &client->frame.lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = client->events_before};
    uint64_t count = 0;
    while (replica_event_next(client->shapes, &reader, client->replica.tick, &event)) count++;
    return count;
}

static bool says_something(const struct frame *frame) {
    for (int i = 0; i < FRAME_ANSWERS; i++)
        if (frame->lists[i].elements) return true;
    return false;
}

/* The first frame of a connection: now the player sees the room. */
static void begin_to_see(struct bot *bot, struct bot_common *common) {
    enum figures_time which = bot->returns ? TIME_RESUME : TIME_JOIN;
    if (bot->begun) return;
    bot->begun = true;
    uint64_t now_us = common->now_us;
    figures_time(&common->figures, which, now_us > bot->began_us ? now_us - bot->began_us : 0);
    bot->returns = false;
}

static void check_frame(struct bot *bot, struct bot_common *common, uint32_t used_before) {
    const struct client *client = &bot->client;
    audit_order(&common->audit, client, used_before);
    if (!bot->checks) return;
    if (client->frame.lists[FRAME_ENTERINGS].elements) audit_private(&common->audit, client);
    if (client->frame.hash) audit_hash(&common->audit, client, bot->number, &bot->divergent);
    if (client->frame.lists[FRAME_EVENTS].elements) common->figures.now.events += count_events(client);
}

static void took_frame(struct bot *bot, struct bot_common *common, uint32_t used_before) {
    const struct client *client = &bot->client;
    struct replica *replica = &bot->client.replica;
    struct figures *figures = &common->figures;
    figures->now.frames++;
    figures->now.corrections += replica->corrections;
    replica->corrections = 0;
    check_frame(bot, common, used_before);
    begin_to_see(bot, common);
    if (client->frame.lists[FRAME_ANSWERS].elements) take_answers(bot, common);
    if (!client->frame.advance) return; /* only answers: the world did not move */
    struct chair_frame frame = {.base = replica->tick - client->frame.advance,
                                .tick = replica->tick,
                                .late = replica->late,
                                .says = says_something(&client->frame),
                                .used = replica->used,
                                .used_tick = replica->used_tick,
                                .at_us = common->now_us,
                                .road_us = common->socket_us};
    chair_frame(&bot->chair, figures, &frame);
    if (client->frame.used && !client->frame.late && bot->chair.room)
        bot->leaves_out |=
            lead_used(&bot->lead, replica->used, rooms_published_us(bot->chair.room, replica->tick),
                      bot->chair.room->tick_us);
}

/* How old the oldest news may be, for who does not rebuild rows: what was merged may be as old as the frame
 * before. Events are counted on the way: who comes back says which was the last. */
static uint32_t skim_news(struct client *client) {
    const struct frame *frame = &client->frame;
    const struct frame_slice *events = &frame->lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(events->bytes, events->size);
    struct replica_event event = {.number = client->replica.event_number};
    uint32_t tick = client->replica.tick;
    uint32_t late = frame->lists[FRAME_STALE].elements && frame->advance ? frame->advance - 1 : 0;
    while (replica_event_next(client->shapes, &reader, tick, &event))
        if (tick - event.tick > late) late = tick - event.tick;
    client->replica.event_number = event.number;
    return late;
}

/* Reads a message without rebuilding anything: a frame tells only how far it goes. */
static enum client_news skim(struct client *client, const uint8_t *bytes, size_t size) {
    struct frame *frame = &client->frame;
    if (!frame_read(bytes, size, frame)) return client_take(client, bytes, size);
    if (!client_take_answers(client)) return CLIENT_BROKEN;
    client->replica.tick += frame->advance;
    client->replica.late = skim_news(client);
    client->replica.used += frame->used;
    if (frame->used) client->replica.used_tick = client->replica.tick - frame->late;
    client->frames++;
    return CLIENT_FRAME;
}

static enum client_news take_news(struct bot *bot, const uint8_t *bytes, size_t size) {
    bool whole = bot->checks || bot->client.state != CLIENT_PLAYING;
    return whole ? client_take(&bot->client, bytes, size) : skim(&bot->client, bytes, size);
}

void bot_take_message(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    common->figures.now.payload_bytes += size;
    bot->bytes += size;
    uint32_t used_before = bot->client.replica.used;
    bool garbled = common->options->garble == (int32_t)bot->number && bot->client.frames % GARBLE_EVERY == 1;
    if (garbled && bot->checks && bot->state == BOT_PLAYING) audit_garble(&bot->client);
    switch (take_news(bot, bytes, size)) {
    case CLIENT_WELCOMED:
        welcomed(bot, common);
        return;
    case CLIENT_RESUMED:
        resumed(bot, common);
        return;
    case CLIENT_FRAME:
        took_frame(bot, common, used_before);
        return;
    case CLIENT_QUEUED: /* in line, with its place told: it waits */
        return;
    case CLIENT_GOODBYE:
        bot->bye_code = bot->client.bye.code;
        bot->wait_ms = bot->client.bye.wait_ms;
        return;
    default:
        bot_lose(bot, common, "the server sent what makes no sense (message %zu bytes, tick %u)", size,
                 bot->client.replica.tick);
    }
}
