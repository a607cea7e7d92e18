/* A bot's conversation. Whatever goes wrong ends it at one place: `lose`. */
#include "tests/load/bot.h"
#include "game/math.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NO_CODE = 1006 }; /* RFC 6455: closed without a closing frame */

/* ---- Ending. */

void bot_end(struct bot *bot) {
    link_close(&bot->link);
    websocket_free(&bot->websocket);
    free(bot->kept);
    free(bot->memory);
    bot->kept = bot->memory = NULL;
    bot->kept_size = 0;
    bot->state = BOT_GONE;
}

static bool was_welcome(const struct bot *bot) {
    return bot->state == BOT_PLAYING || bot->state == BOT_LEAVING;
}

__attribute__((format(printf, 3, 4))) static void lose(struct bot *bot, struct bot_common *common,
                                                       const char *format, ...) {
    char words[FIGURES_WORDS];
    va_list more;
    if (bot->state == BOT_GONE) return;
    va_start(more, format);
    vsnprintf(words, sizeof words, format, more);
    va_end(more);
    if (was_welcome(bot)) common->figures.playing--;
    if (bot->state != BOT_LEAVING) {
        *(was_welcome(bot) ? &common->figures.dropped : &common->figures.refused) += 1;
        figures_complain(&common->figures, words);
    }
    if (was_welcome(bot) || bot->bye_code)
        figures_closed(&common->figures, bot->bye_code ? bot->bye_code : NO_CODE);
    bot_end(bot);
}

static void lose_link(struct bot *bot, struct bot_common *common) {
    if (bot->bye_code)
        lose(bot, common, "BYE %u: %s", bot->bye_code, bot->client.bye.text);
    else if (bot->state == BOT_UPGRADING && !common->address.secure)
        lose(bot, common, "%s (does it speak TLS? then wss:// instead of ws://)", bot->link.why);
    else
        lose(bot, common, "%s", bot->link.why);
}

/* ---- Sending. */

static void watch(struct bot *bot, struct bot_common *common) {
    bool writing = link_wants_room(&bot->link);
    if (bot->link.state == LINK_CLOSED || (bot->watched && writing == bot->watched_writing)) return;
    if (!loop_watch(&common->loop, bot->link.fd, bot->number, writing, bot->watched))
        lose(bot, common, "cannot watch the socket");
    bot->watched = true;
    bot->watched_writing = writing;
}

static void send_bytes(struct bot *bot, struct bot_common *common, const void *bytes, size_t size) {
    common->figures.now.sent_bytes += size;
    if (link_write(&bot->link, bytes, size)) return;
    lose_link(bot, common);
}

static size_t frame_up(struct bot_common *common, uint8_t *into, uint8_t opcode, const uint8_t *bytes,
                       size_t size) {
    return websocket_write(into, opcode, bytes, size, dice_next(&common->dice));
}

static void send_frame(struct bot *bot, struct bot_common *common, uint8_t opcode, const uint8_t *bytes,
                       size_t size) {
    uint8_t frame[LIMIT_MESSAGE_UP + WEBSOCKET_HEAD];
    send_bytes(bot, common, frame, frame_up(common, frame, opcode, bytes, size));
}

/* ---- Coming in. */

static void try_link(struct bot *bot, struct bot_common *common) {
    bot->watched = false;
    bot->state = BOT_LINKING;
    link_open(&bot->link, bot->trying->ai_addr, bot->trying->ai_addrlen, &common->security);
    watch(bot, common);
}

/* A name may stand for several addresses, of which the server has one. */
static void link_failed(struct bot *bot, struct bot_common *common) {
    if (!common->works && bot->trying->ai_next) {
        bot->trying = bot->trying->ai_next;
        try_link(bot, common);
        if (bot->link.state != LINK_CLOSED) return;
    }
    lose(bot, common, "%s:%s: %s", common->address.host, common->address.port, bot->link.why);
}

void bot_start(struct bot *bot, struct bot_common *common) {
    bot->client = common->newcomer;
    pilot_start(&bot->pilot, common->options->seed * UINT64_C(1000003) + bot->number);
    bot->checks = bot->number < common->options->checked;
    bot->began_us = loop_now_us();
    bot->trying = common->works ? common->works : common->address.all;
    try_link(bot, common);
    if (bot->link.state == LINK_CLOSED) link_failed(bot, common);
}

static void proceed(struct bot *bot, struct bot_common *common) {
    switch (link_proceed(&bot->link, &common->security)) {
    case LINK_CLOSED:
        link_failed(bot, common);
        return;
    case LINK_OPEN:
        common->works = bot->trying;
        bot->state = BOT_UPGRADING;
        send_bytes(bot, common, common->ask, common->ask_size);
        return;
    default:
        return;
    }
}

static void say_hello(struct bot *bot, struct bot_common *common) {
    const struct options *options = common->options;
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    struct message_hello hello = {.device = "-", .lane = options->lane};
    snprintf(hello.game, sizeof hello.game, "%s", options->game);
    snprintf(hello.name, sizeof hello.name, "bot %u", bot->number + 1);
    if (options->rooms)
        snprintf(hello.room, sizeof hello.room, "%.12s-%u", options->room, bot->number % options->rooms + 1);
    else
        snprintf(hello.room, sizeof hello.room, "%s", options->room);
    client_hello(&bot->client, &hello, &writer);
    bot->state = BOT_GREETING;
    send_frame(bot, common, WEBSOCKET_BINARY, bytes, writer.size);
}

static size_t take_answer(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    char why[FIGURES_WORDS];
    size_t used = websocket_answer(bytes, size, common->accept, why, sizeof why);
    if (used && why[0])
        lose(bot, common, "%s", why);
    else if (used)
        say_hello(bot, common);
    return used;
}

/* ---- Playing. */

static void welcomed(struct bot *bot, struct bot_common *common, uint64_t now_us) {
    if (bot->checks) bot->memory = malloc(client_bytes(&bot->client));
    if (bot->memory)
        client_start(&bot->client, bot->memory);
    else if (bot->checks)
        lose(bot, common, "no memory for the bot's copy of the room");
    else
        bot->client.replica.tick = bot->client.welcome.tick;
    if (bot->state == BOT_GONE) return;
    bot->client.state = CLIENT_PLAYING;
    bot->state = BOT_PLAYING;
    common->figures.joined++;
    common->figures.playing++;
    common->figures.rate = bot->client.welcome.rate;
    histogram_add(&common->figures.join_us, now_us - bot->began_us);
}

/* PONG has four stamps: what passed between them on the server is not the road's. */
static void take_pong(struct wire_reader *reader, struct figures *figures, uint64_t now_us) {
    uint64_t stamp = wire_read_uint(reader, UINT64_MAX), received_us = wire_read_uint(reader, UINT64_MAX);
    uint64_t sent_us = wire_read_uint(reader, UINT64_MAX), held_us = sent_us - received_us;
    if (reader->failed || stamp + held_us > now_us) return;
    figures->now.pongs++;
    histogram_add(&figures->rtt_us, now_us - stamp - held_us);
}

static void take_answers(const struct frame_slice *answers, struct figures *figures, uint64_t now_us) {
    struct wire_reader reader = wire_reader_init(answers->bytes, answers->size);
    while (reader.at < reader.end && !reader.failed) {
        uint32_t elements = wire_read_array(&reader);
        uint64_t type = wire_read_uint(&reader, UINT32_MAX);
        if (type == MESSAGE_PONG && elements == 4)
            take_pong(&reader, figures, now_us);
        else
            for (uint32_t i = 1; i < elements; i++) wire_skip(&reader);
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

static void took_frame(struct bot *bot, struct bot_common *common, uint64_t now_us) {
    struct figures *figures = &common->figures;
    const struct client *client = &bot->client;
    figures->now.frames++;
    if (client->frame.hash && bot->checks) figures->now.hashes++;
    if (client->frame.hash && bot->checks && client->replica.hash_differs) {
        figures->now.hashes_wrong++;
        figures_complain(figures, "a hash was wrong: what the bot holds is not what the server says");
    }
    if (client->frame.lists[FRAME_EVENTS].elements && bot->checks)
        figures->now.events += count_events(client);
    if (client->frame.lists[FRAME_ANSWERS].elements)
        take_answers(&client->frame.lists[FRAME_ANSWERS], figures, now_us);
    if (!client->frame.advance) return; /* only answers: the world did not move */
    if (bot->frame_us) histogram_add(&figures->gap_us, now_us - bot->frame_us);
    bot->frame_us = now_us;
}

/* Reads a message without rebuilding anything: a frame tells only how far it goes. */
static enum client_news skim(struct client *client, const struct websocket_piece *piece) {
    if (!frame_read(piece->bytes, piece->size, &client->frame))
        return client_take(client, piece->bytes, piece->size);
    client->replica.tick += client->frame.advance;
    client->frames++;
    return CLIENT_FRAME;
}

static enum client_news take_news(struct bot *bot, const struct websocket_piece *piece) {
    bool whole = bot->checks || bot->client.state != CLIENT_PLAYING;
    return whole ? client_take(&bot->client, piece->bytes, piece->size) : skim(&bot->client, piece);
}

static void take_message(struct bot *bot, struct bot_common *common, const struct websocket_piece *piece,
                         uint64_t now_us) {
    switch (take_news(bot, piece)) {
    case CLIENT_WELCOMED:
        welcomed(bot, common, now_us);
        return;
    case CLIENT_FRAME:
        took_frame(bot, common, now_us);
        return;
    case CLIENT_GOODBYE:
        bot->bye_code = bot->client.bye.code;
        return;
    default:
        lose(bot, common, "the server sent what makes no sense (message %zu bytes, tick %u)", piece->size,
             bot->client.replica.tick);
    }
}

/* ---- Reading. */

static void take_close(struct bot *bot, struct bot_common *common, const struct websocket_piece *piece) {
    if (!bot->bye_code) {
        bot->bye_code = piece->code;
        snprintf(bot->client.bye.text, sizeof bot->client.bye.text, "%s", code_text(piece->code));
    }
    if (!bot->told_close) send_frame(bot, common, WEBSOCKET_CLOSE, piece->bytes, piece->size);
    bot->told_close = true;
    if (bot->state != BOT_GONE) lose_link(bot, common);
}

static void take_piece(struct bot *bot, struct bot_common *common, enum websocket_news news,
                       const struct websocket_piece *piece, uint64_t now_us) {
    switch (news) {
    case WEBSOCKET_MESSAGE:
        common->figures.now.payload_bytes += piece->size;
        take_message(bot, common, piece, now_us);
        return;
    case WEBSOCKET_PINGED:
        send_frame(bot, common, WEBSOCKET_PONG, piece->bytes, piece->size);
        return;
    case WEBSOCKET_CLOSED:
        take_close(bot, common, piece);
        return;
    case WEBSOCKET_BROKEN:
        lose(bot, common, "the server sent a broken WebSocket frame");
        return;
    default:
        return;
    }
}

/* Takes what is whole off the front; returns how much. */
static size_t take_bytes(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    const uint8_t *at = bytes, *end = bytes + size;
    uint64_t now_us = loop_now_us();
    if (bot->state == BOT_UPGRADING) at += take_answer(bot, common, bytes, size);
    while (bot->state >= BOT_GREETING && bot->state < BOT_GONE) {
        const uint8_t *before = at;
        struct websocket_piece piece;
        enum websocket_news news = websocket_next(&bot->websocket, &at, end, &piece);
        if (news == WEBSOCKET_MORE) break;
        common->figures.now.wire_bytes += (uint64_t)(at - before);
        take_piece(bot, common, news, &piece, now_us);
    }
    return (size_t)(at - bytes);
}

static void keep_rest(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    if (bot->state == BOT_GONE || (size == 0 && !bot->kept)) return;
    free(bot->kept);
    bot->kept = size ? malloc(size) : NULL;
    bot->kept_size = bot->kept ? size : 0;
    if (bot->kept)
        memcpy(bot->kept, bytes, size);
    else if (size)
        lose(bot, common, "no memory for the beginning of a frame");
}

static void read_link(struct bot *bot, struct bot_common *common) {
    uint8_t *buffer = common->buffer;
    do {
        size_t size = bot->kept_size;
        if (size) memcpy(buffer, bot->kept, size);
        size_t got = link_read(&bot->link, buffer + size, BOT_READ - size);
        if (got) {
            size_t used = take_bytes(bot, common, buffer, size + got);
            keep_rest(bot, common, buffer + used, size + got - used);
        }
    } while (bot->state != BOT_GONE && bot->link.state == LINK_OPEN && link_pending(&bot->link));
    if (bot->state != BOT_GONE && bot->link.state == LINK_CLOSED) lose_link(bot, common);
}

void bot_ready(struct bot *bot, struct bot_common *common, const struct loop_event *event) {
    if (bot->state == BOT_GONE) return;
    if (bot->state == BOT_LINKING) {
        proceed(bot, common);
    } else {
        if (event->writable && !link_flush(&bot->link)) lose_link(bot, common);
        if (event->readable && bot->state != BOT_GONE) read_link(bot, common);
    }
    if (bot->state != BOT_GONE) watch(bot, common);
}

/* ---- Its turn. */

static bool input_due(struct bot *bot, const struct bot_common *common) {
    uint32_t rate = bot->client.welcome.rate;
    if (common->options->rate < 0) return true;
    bot->inputs_due += (double)common->options->rate / rate;
    if (bot->inputs_due < 1) return false;
    bot->inputs_due = bot->inputs_due >= 2 ? 1 : bot->inputs_due - 1;
    return true;
}

static void write_turn(struct bot *bot, struct bot_common *common, struct wire_writer *writer) {
    struct client *client = &bot->client;
    if (input_due(bot, common)) {
        client_input(client, pilot_next(&bot->pilot, &common->shapes.input, client->welcome.rate), writer);
        common->figures.now.inputs++;
    } else if (client_owes_ack(client)) {
        client_ack(client, writer);
        common->figures.now.acks++;
    }
}

static size_t put_message(struct bot_common *common, uint8_t *into, const struct wire_writer *writer) {
    return writer->size ? frame_up(common, into, WEBSOCKET_BINARY, writer->bytes, writer->size) : 0;
}

void bot_turn(struct bot *bot, struct bot_common *common) {
    uint8_t bytes[LIMIT_MESSAGE_UP], frames[2 * (LIMIT_MESSAGE_UP + WEBSOCKET_HEAD)];
    if (bot->state != BOT_PLAYING || bot->link.waiting) return;
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    write_turn(bot, common, &writer);
    size_t size = put_message(common, frames, &writer);
    if ((bot->turns++ + bot->number) % bot->client.welcome.rate == 0) {
        writer = wire_writer_init(bytes, sizeof bytes);
        message_write_ping(&writer, loop_now_us());
        size += put_message(common, frames + size, &writer);
        common->figures.now.pings++;
    }
    if (size) send_bytes(bot, common, frames, size);
    if (bot->state != BOT_GONE) watch(bot, common);
}

void bot_leave(struct bot *bot, struct bot_common *common) {
    uint8_t bytes[8];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    if (bot->state != BOT_PLAYING) {
        bot_end(bot);
        return;
    }
    message_write_bye_up(&writer);
    bot->state = BOT_LEAVING;
    send_frame(bot, common, WEBSOCKET_BINARY, bytes, writer.size);
    if (bot->state != BOT_GONE) watch(bot, common);
}
