/* A bot's conversation. Whatever goes wrong ends it at one place: `lose`. */
#include "tests/load/bot_inside.h"
#include "game/math.h"
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CACHE_LINE = 64,           /* bytes */
    AGAIN_US = 1000,           /* what is due and cannot be done yet is looked at again after this */
    SOURCE_FIRST = 0x7F010001, /* 127.1.0.1 */
    GARBLE_EVERY = 40,         /* frames: what was spoilt may be told anew meanwhile */
    NO_CODE = 1006,            /* RFC 6455: closed without a closing frame */
    TRIES_MOST = 10            /* times that it waits when it is told to */
};

enum bot_over bot_over_named(const char *word) {
    static const char *const names[OVER_COUNT] = {"ws", "stream", "sse", "poll"};
    for (int i = 0; i < OVER_COUNT; i++)
        if (strcmp(names[i], word) == 0) return (enum bot_over)i;
    return OVER_COUNT;
}

void bot_create(struct bot *bot, const struct bot_common *common, uint32_t number) {
    const struct options *options = common->options;
    *bot = (struct bot){
        .number = number, .turn_us = UINT64_MAX, .next_us = UINT64_MAX, .line.link.state = LINK_CLOSED};
    const struct mix_part *road = &options->road.parts[mix_part_of(&options->road, options->seed, number)];
    const struct mix_part *play =
        &options->play.parts[mix_part_of(&options->play, options->seed + 1, number)];
    const struct mix_part *over =
        &options->over.parts[mix_part_of(&options->over, options->seed + 2, number)];
    bot->road = roads_find(&options->roads, road->word);
    bot->over = (uint8_t)bot_over_named(over->word);
    bot->behaviour = (uint8_t)behaviour_named(play->word);
    bot->checks = number < options->checked;
}

/* ---- Ending. */

static void hang_up(struct bot *bot, bool reset) {
    line_close(&bot->line, reset);
    if (bot->http) {
        line_close(&bot->http->post, reset);
        free(bot->http->post_kept);
        free(bot->http);
        bot->http = NULL;
    }
    websocket_free(&bot->websocket);
    free(bot->kept);
    bot->kept = NULL;
    bot->kept_size = 0;
    bot->told_close = false;
}

void bot_end(struct bot *bot) {
    hang_up(bot, false);
    free(bot->memory);
    bot->memory = NULL;
    bot->state = BOT_GONE;
    bot->next_us = bot->turn_us = UINT64_MAX;
}

static bool was_welcome(const struct bot *bot) {
    return bot->state == BOT_PLAYING || bot->state == BOT_LEAVING;
}

/* It is not there for a while. */
static void go_away(struct bot *bot, const struct bot_common *common, double seconds, bool reset) {
    hang_up(bot, reset);
    bot->state = BOT_AWAY;
    bot->next_us = common->now_us + (uint64_t)(seconds * 1e6);
}

/* Somewhere between half and one and a half times as long. */
static double about(struct bot_common *common, double seconds) {
    return seconds * (0.5 + dice_next(&common->dice) / 4294967296.0);
}

void bot_cut(struct bot *bot, struct bot_common *common) {
    if (bot->state == BOT_GONE || bot->state == BOT_IDLE || bot->state == BOT_AWAY) return;
    common->figures.now.cuts++;
    if (was_welcome(bot)) common->figures.playing--;
    if (!bot->returns) bot->began_us = common->now_us;
    bot->returns = bot->joined;
    go_away(bot, common, common->options->back_s, true);
}

/* The server asked it to come back later: then it does. */
static bool told_to_wait(struct bot *bot, struct bot_common *common) {
    bool welcome = code_retry(bot->bye_code) && bot->wait_ms && !was_welcome(bot);
    if (!welcome || bot->tries++ == TRIES_MOST) return false;
    common->figures.now.told_to_wait++;
    go_away(bot, common, bot->wait_ms / 1000.0, false);
    return true;
}

void bot_lose(struct bot *bot, struct bot_common *common, const char *format, ...) {
    char words[FIGURES_WORDS];
    va_list more;
    if (bot->state == BOT_GONE || bot->state == BOT_AWAY) return;
    if (told_to_wait(bot, common)) return;
    va_start(more, format);
    vsnprintf(words, sizeof words, format, more);
    va_end(more);
    bool leaving = bot->state == BOT_LEAVING, churns = common->options->stay_s > 0;
    if (was_welcome(bot)) common->figures.playing--;
    if (was_welcome(bot) || bot->bye_code)
        figures_closed(&common->figures, bot->bye_code ? bot->bye_code : NO_CODE);
    if (!leaving) {
        *(bot->joined ? &common->figures.dropped : &common->figures.refused) += 1;
        figures_complain(&common->figures, words);
    }
    bot_end(bot);
    if (leaving && churns && common->figures.until_us == UINT64_MAX)
        go_away(bot, common, about(common, common->options->away_s), false);
}

static void lose_line(struct bot *bot, struct bot_common *common, const struct line *line) {
    char why[sizeof line->link.why];
    snprintf(why, sizeof why, "%s", line->link.why);
    if (bot->bye_code)
        bot_lose(bot, common, "BYE %u: %s", bot->bye_code, bot->client.bye.text);
    else if (bot->state == BOT_UPGRADING && !common->address.secure)
        bot_lose(bot, common, "%s (does it speak TLS? then wss:// instead of ws://)", why);
    else
        bot_lose(bot, common, "%s", why);
}

bool bot_is_over(const struct bot *bot) {
    return bot->state == BOT_GONE || bot->state == BOT_AWAY;
}

/* ---- Sending. */

/* The line that comes first: over HTTP that of the posts. */
static struct line *first_line(struct bot *bot) {
    return bot->http ? &bot->http->post : &bot->line;
}

/* Who a line is to the loop: first the downlinks of all, then the server's metrics, then the posts of all. */
static uint32_t number_of(const struct bot *bot, const struct bot_common *common, const struct line *line) {
    return line == &bot->line ? bot->number : common->options->clients + 1 + bot->number;
}

static void watch_line(struct bot *bot, struct bot_common *common, struct line *line, uint64_t *due_us) {
    if (line->link.state == LINK_CLOSED && !line->road) return;
    if (!line_watch(line, &common->loop, number_of(bot, common, line)))
        bot_lose(bot, common, "cannot watch the socket");
    else if (line_due_us(line) < *due_us)
        *due_us = line_due_us(line);
}

/* What it waits for next: its sockets, its roads, its return. */
static void watch(struct bot *bot, struct bot_common *common) {
    uint64_t due_us = bot->next_us < bot->turn_us ? bot->next_us : bot->turn_us;
    if (!bot_is_over(bot)) watch_line(bot, common, &bot->line, &due_us);
    if (!bot_is_over(bot) && bot->http) watch_line(bot, common, &bot->http->post, &due_us);
    uint64_t soonest_us = due_us == UINT64_MAX ? 0 : common->now_us + AGAIN_US;
    due_set(&common->due, bot->number, due_us < soonest_us ? soonest_us : due_us);
}

void bot_send(struct bot *bot, struct bot_common *common, struct line *line, const void *bytes, size_t size) {
    common->figures.now.sent_bytes += size;
    if (line_write(line, bytes, size, common->now_us) || !line_is_over(line)) return;
    lose_line(bot, common, line);
}

static size_t frame_up(struct bot_common *common, uint8_t *into, uint8_t opcode, const uint8_t *bytes,
                       size_t size) {
    return websocket_write(into, opcode, bytes, size, dice_next(&common->dice));
}

static void send_frame(struct bot *bot, struct bot_common *common, uint8_t opcode, const uint8_t *bytes,
                       size_t size) {
    uint8_t frame[LIMIT_MESSAGE_UP + WEBSOCKET_HEAD];
    bot_send(bot, common, &bot->line, frame, frame_up(common, frame, opcode, bytes, size));
}

/* A message, however it travels. */
static void say(struct bot *bot, struct bot_common *common, const struct wire_writer *writer) {
    if (!writer->size || bot_is_over(bot)) return;
    if (bot->http)
        bot_http_say(bot, common, writer->bytes, writer->size);
    else
        send_frame(bot, common, WEBSOCKET_BINARY, writer->bytes, writer->size);
}

/* ---- Coming in. */

static bool is_loopback(const struct addrinfo *to) {
    const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)to->ai_addr;
    return to->ai_family == AF_INET && ntohl(address->sin_addr.s_addr) >> 24 == 127;
}

/* Many clients need more ports than one address has, and servers bound what comes from one: the loopback has
 * many addresses. */
static uint32_t source_of(const struct bot *bot, const struct bot_common *common) {
    uint32_t sources = common->options->sources;
    return is_loopback(bot->trying) && sources > 1 ? SOURCE_FIRST + bot->number % sources : 0;
}

/* The first address to try: one of the loopback that can be come to from many, if that is wanted. */
static struct addrinfo *first_address(const struct bot_common *common) {
    if (common->works) return common->works;
    for (struct addrinfo *one = common->address.all; one && common->options->sources > 1; one = one->ai_next)
        if (is_loopback(one)) return one;
    return common->address.all;
}

static void try_link(struct bot *bot, struct bot_common *common) {
    uint64_t seed = common->options->seed * UINT64_C(1000003) + bot->number;
    bot->state = BOT_LINKING;
    common->security.from = source_of(bot, common);
    if (bot->over != OVER_WS && !bot->http) {
        bot->http = calloc(1, sizeof *bot->http);
        bot->line.link.state = LINK_CLOSED;
    }
    if (bot->over != OVER_WS && !bot->http) {
        bot_lose(bot, common, "no memory");
        return;
    }
    line_open(first_line(bot), bot->trying->ai_addr, bot->trying->ai_addrlen, &common->security, bot->road,
              seed, common->now_us);
    watch(bot, common);
}

/* A name may stand for several addresses, of which the server has one. */
static void link_failed(struct bot *bot, struct bot_common *common) {
    if (!common->works && bot->trying->ai_next) {
        bot->trying = bot->trying->ai_next;
        try_link(bot, common);
        if (bot_is_over(bot) || first_line(bot)->link.state != LINK_CLOSED) return;
    }
    bot_lose(bot, common, "%s:%s: %s", common->address.host, common->address.port, first_line(bot)->link.why);
}

static void begin_anew(struct bot *bot, struct bot_common *common) {
    bot->client = common->newcomer;
    bot->chair = (struct chair){0};
    bot->lead = (struct lead){0};
    bot->asked = bot->leaves_out = false;
    bot->turns = 0;
    bot->held_us = 0;
    pilot_start(&bot->pilot, common->options->seed * UINT64_C(1000003) + bot->number);
    memset(bot->mind, 0, sizeof bot->mind);
    bot->mind[0] = bot->number * 2654435761u + (uint32_t)common->options->seed;
}

void bot_start(struct bot *bot, struct bot_common *common, uint64_t due_us) {
    if (!bot->returns) begin_anew(bot, common);
    if (!bot->returns && !bot->tries) bot->began_us = due_us;
    bot->next_us = UINT64_MAX;
    bot->bye_code = bot->wait_ms = 0;
    bot->begun = false;
    bot->trying = first_address(common);
    try_link(bot, common);
    if (!bot_is_over(bot) && first_line(bot)->link.state == LINK_CLOSED) link_failed(bot, common);
    watch(bot, common);
}

static void proceed(struct bot *bot, struct bot_common *common) {
    switch (link_proceed(&first_line(bot)->link, &common->security)) {
    case LINK_CLOSED:
        link_failed(bot, common);
        return;
    case LINK_OPEN:
        common->works = bot->trying;
        bot->state = BOT_UPGRADING;
        if (bot->http)
            bot_http_greet(bot, common);
        else
            bot_send(bot, common, &bot->line, common->ask, common->ask_size);
        return;
    default:
        return;
    }
}

void bot_write_hello(struct bot *bot, struct bot_common *common, struct wire_writer *writer) {
    const struct options *options = common->options;
    struct message_hello hello = {.device = "-", .lane = options->lane, .budget = options->budget};
    snprintf(hello.game, sizeof hello.game, "%s", options->game);
    snprintf(hello.name, sizeof hello.name, "bot %u", bot->number + 1);
    if (options->rooms)
        snprintf(hello.room, sizeof hello.room, "%.12s-%u", options->room, bot->number % options->rooms + 1);
    else
        snprintf(hello.room, sizeof hello.room, "%s", options->room);
    if (bot->returns) snprintf(hello.session, sizeof hello.session, "%s", bot->client.welcome.session);
    client_hello(&bot->client, &hello, writer);
    bot->state = BOT_GREETING;
}

static void say_hello(struct bot *bot, struct bot_common *common) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    bot_write_hello(bot, common, &writer);
    send_frame(bot, common, WEBSOCKET_BINARY, bytes, writer.size);
}

static size_t take_answer(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    char why[FIGURES_WORDS];
    size_t used = websocket_answer(bytes, size, common->accept, why, sizeof why);
    if (used && why[0])
        bot_lose(bot, common, "%s", why);
    else if (used)
        say_hello(bot, common);
    return used;
}

/* ---- Playing. */

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
    common->figures.playing += !was_welcome(bot);
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
        bot->next_us = common->now_us + (uint64_t)(about(common, common->options->stay_s) * 1e6);
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

/* PONG has four stamps: what passed between them on the server is not the road's. */
static void take_pong(struct bot *bot, struct bot_common *common, struct wire_reader *reader) {
    uint64_t stamp = wire_read_uint(reader, UINT64_MAX), received_us = wire_read_uint(reader, UINT64_MAX);
    uint64_t sent_us = wire_read_uint(reader, UINT64_MAX), held_us = sent_us - received_us;
    if (reader->failed || stamp + held_us > common->now_us) return;
    uint64_t rtt_us = common->now_us - stamp - held_us;
    common->figures.now.pongs++;
    figures_time(&common->figures, TIME_RTT, rtt_us);
    lead_rtt(&bot->lead, rtt_us);
}

static void take_answers(struct bot *bot, struct bot_common *common) {
    const struct frame_slice *answers = &bot->client.frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(answers->bytes, answers->size);
    while (reader.at < reader.end && !reader.failed) {
        uint32_t elements = wire_read_array(&reader);
        uint64_t type = wire_read_uint(&reader, UINT32_MAX);
        if (type == MESSAGE_PONG && elements == 4)
            take_pong(bot, common, &reader);
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

/* ---- Reading. */

static void take_close(struct bot *bot, struct bot_common *common, const struct websocket_piece *piece) {
    if (!bot->bye_code) {
        bot->bye_code = piece->code;
        snprintf(bot->client.bye.text, sizeof bot->client.bye.text, "%s", code_text(piece->code));
    }
    if (!bot->told_close) send_frame(bot, common, WEBSOCKET_CLOSE, piece->bytes, piece->size);
    bot->told_close = true;
    if (!bot_is_over(bot)) lose_line(bot, common, &bot->line);
}

static void take_piece(struct bot *bot, struct bot_common *common, enum websocket_news news,
                       const struct websocket_piece *piece) {
    switch (news) {
    case WEBSOCKET_MESSAGE:
        bot_take_message(bot, common, piece->bytes, piece->size);
        return;
    case WEBSOCKET_PINGED:
        send_frame(bot, common, WEBSOCKET_PONG, piece->bytes, piece->size);
        return;
    case WEBSOCKET_CLOSED:
        take_close(bot, common, piece);
        return;
    case WEBSOCKET_BROKEN:
        bot_lose(bot, common, "the server sent a broken WebSocket frame");
        return;
    default:
        return;
    }
}

/* Takes what is whole off the front; returns how much. */
static size_t take_bytes(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    const uint8_t *at = bytes, *end = bytes + size;
    if (bot->state == BOT_UPGRADING) at += take_answer(bot, common, bytes, size);
    while (bot->state >= BOT_GREETING && !bot_is_over(bot)) {
        const uint8_t *before = at;
        struct websocket_piece piece;
        enum websocket_news news = websocket_next(&bot->websocket, &at, end, &piece);
        if (news == WEBSOCKET_MORE) break;
        common->figures.now.wire_bytes += (uint64_t)(at - before);
        take_piece(bot, common, news, &piece);
    }
    return (size_t)(at - bytes);
}

void bot_keep(struct bot *bot, struct bot_common *common, uint8_t **kept, size_t *kept_size,
              const uint8_t *bytes, size_t size) {
    if (size == 0 && !*kept) return;
    free(*kept);
    *kept = size ? malloc(size) : NULL;
    *kept_size = *kept ? size : 0;
    if (*kept)
        memcpy(*kept, bytes, size);
    else if (size)
        bot_lose(bot, common, "no memory for the beginning of a message");
}

/* Takes what is whole of what stands on the downlink; returns how much. */
static size_t take_down(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    if (!bot->http) return take_bytes(bot, common, bytes, size);
    return bot_http_heard(bot, common, bytes, size);
}

/* Whether an input goes within the tick, and takes an acknowledgement with it. */
static bool inputs_flow(const struct bot *bot, const struct bot_common *common) {
    uint64_t sent_us = bot->lead.sent_us[bot->lead.newest % LEAD_INPUTS];
    return sent_us + 1500000 / bot->client.welcome.rate > common->now_us;
}

/* If no input goes that it can ride on, it leaves at once, as the client package's does. Over HTTP it waits
 * for the turn, and for a post. */
static void acknowledge(struct bot *bot, struct bot_common *common) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    bool mute = bot->behaviour == BEHAVE_MUTE || bot->http || line_is_full(&bot->line);
    if (bot->state != BOT_PLAYING || mute || !client_owes_ack(&bot->client) || inputs_flow(bot, common))
        return;
    client_ack(&bot->client, &writer);
    common->figures.now.acks++;
    say(bot, common, &writer);
}

/* Reads once; whether there may be more at once. */
static bool read_down(struct bot *bot, struct bot_common *common) {
    uint8_t *buffer = common->buffer;
    size_t size = bot->kept_size;
    if (size) memcpy(buffer, bot->kept, size);
    size_t got = line_read(&bot->line, buffer + size, BOT_READ - size, common->now_us, &common->socket_us);
    if (got && bot->http) common->figures.now.wire_bytes += got;
    if (got) {
        size_t used = take_down(bot, common, buffer, size + got);
        if (!bot_is_over(bot))
            bot_keep(bot, common, &bot->kept, &bot->kept_size, buffer + used, size + got - used);
        acknowledge(bot, common);
    }
    return got && !bot_is_over(bot) && (bot->line.road || link_pending(&bot->line.link));
}

static bool read_post(struct bot *bot, struct bot_common *common) {
    struct bot_http *http = bot->http;
    uint8_t *buffer = common->buffer;
    size_t size = http->post_kept_size;
    if (size) memcpy(buffer, http->post_kept, size);
    size_t got = line_read(&http->post, buffer + size, BOT_READ - size, common->now_us, &common->socket_us);
    common->figures.now.wire_bytes += got;
    if (got) {
        size_t used = bot_http_answered(bot, common, buffer, size + got);
        if (!bot_is_over(bot))
            bot_keep(bot, common, &http->post_kept, &http->post_kept_size, buffer + used, size + got - used);
    }
    return got && !bot_is_over(bot) && (http->post.road || link_pending(&http->post.link));
}

static void read_line(struct bot *bot, struct bot_common *common, struct line *line) {
    bool posts = bot->http && line == &bot->http->post;
    while (posts ? read_post(bot, common) : read_down(bot, common)) {
    }
    if (bot_is_over(bot) || !line_is_over(line)) return;
    if (bot->http && !posts && !bot->bye_code)
        bot_http_reopen(bot, common);
    else
        lose_line(bot, common, line);
}

static void move_on(struct bot *bot, struct bot_common *common, struct line *line, bool writable,
                    bool readable) {
    line_move(line, writable, readable, common->now_us);
    if (readable || line->road || line_is_over(line)) read_line(bot, common, line);
}

/* The downlink of a way over HTTP comes to stand. */
static void proceed_down(struct bot *bot, struct bot_common *common) {
    switch (link_proceed(&bot->line.link, &common->security)) {
    case LINK_CLOSED:
        lose_line(bot, common, &bot->line);
        return;
    case LINK_OPEN:
        bot_http_ask(bot, common);
        return;
    default:
        return;
    }
}

static void fetch(const void *from, const void *to) {
    for (const char *at = from; at < (const char *)to; at += CACHE_LINE) __builtin_prefetch(at);
}

void bot_expect(const struct bot *bot) {
    const struct client *client = &bot->client;
    fetch(bot, bot->line.link.why);
    fetch(client, &client->welcome);
    fetch(&client->replica, &client->bye);
    fetch(&client->place, client->said);
    fetch(&bot->chair, bot->chair.inputs);
    fetch(&bot->lead, bot->lead.sent_us);
}

void bot_ready(struct bot *bot, struct bot_common *common, const struct loop_event *event, bool post) {
    if (bot_is_over(bot) || bot->state == BOT_IDLE || (post && !bot->http)) return;
    if (bot->state == BOT_LINKING)
        proceed(bot, common);
    else if (bot->http && !post && !bot->http->down_asked)
        proceed_down(bot, common);
    else
        move_on(bot, common, post ? &bot->http->post : &bot->line, event->writable, event->readable);
    watch(bot, common);
}

/* ---- Its times. */

static void act(struct bot *bot, struct bot_common *common) {
    bot->next_us = UINT64_MAX;
    if (bot->state == BOT_AWAY)
        bot_start(bot, common, common->now_us);
    else if (bot->state == BOT_PLAYING)
        bot_leave(bot, common);
}

static bool is_cut(const struct line *line, uint64_t now_us) {
    return line->road && line->road->cut_us <= now_us;
}

static void drive(struct bot *bot, struct bot_common *common, struct line *line) {
    if (!bot_is_over(bot) && line->road && bot->state != BOT_LINKING)
        move_on(bot, common, line, false, false);
}

/* ---- Its turn. */

static bool input_due(struct bot *bot, const struct bot_common *common) {
    uint32_t rate = bot->client.welcome.rate;
    if (bot->behaviour >= BEHAVE_WATCH) return false;
    if (common->options->rate < 0) return true;
    bot->inputs_due += (double)common->options->rate / rate;
    if (bot->inputs_due < 1) return false;
    bot->inputs_due = bot->inputs_due >= 2 ? 1 : bot->inputs_due - 1;
    return true;
}

static const int32_t *choose_input(struct bot *bot, struct bot_common *common) {
    bool sees = bot->checks && bot->client.frames;
    if (bot->behaviour == BEHAVE_BRAIN && common->brain_works && sees)
        return brain_next(&common->brain, &bot->client, bot->mind);
    if (bot->behaviour == BEHAVE_SPOT && sees) {
        behaviour_gather(&bot->client, bot->pilot.cells);
        return bot->pilot.cells;
    }
    const struct shape *input = &common->shapes.input;
    uint32_t rate = bot->client.welcome.rate;
    return bot->behaviour == BEHAVE_TURNS ? pilot_turn(&bot->pilot, input, rate)
                                          : pilot_next(&bot->pilot, input, rate);
}

static void write_input(struct bot *bot, struct bot_common *common, const int32_t *cells,
                        struct wire_writer *writer, uint64_t due_us) {
    size_t size = common->shapes.input.cell_count * sizeof(int32_t);
    client_input(&bot->client, cells, writer);
    lead_sent(&bot->lead, bot->client.sequence, common->now_us);
    common->figures.now.inputs++;
    if (memcmp(cells, bot->last_cells, size) == 0) return;
    memcpy(bot->last_cells, cells, size);
    chair_input(&bot->chair, &common->figures, bot->client.sequence, due_us);
}

static void write_turn(struct bot *bot, struct bot_common *common, struct wire_writer *writer,
                       uint64_t due_us) {
    bool left_out = bot->leaves_out;
    const int32_t *cells = left_out || !input_due(bot, common) ? NULL : choose_input(bot, common);
    bot->leaves_out = false;
    if (cells && client_says_input(&bot->client, cells)) {
        write_input(bot, common, cells, writer, bot->held_us ? bot->held_us : due_us);
        bot->held_us = 0;
    } else if (client_owes_ack(&bot->client) && bot->behaviour != BEHAVE_MUTE) {
        client_ack(&bot->client, writer);
        common->figures.now.acks++;
    }
}

/* A PING in every second or, after the first two, in every other, as the client package says now and then;
 * and once, so that also a short run is checked, a question for the hash. */
static void write_questions(struct bot *bot, struct bot_common *common, struct wire_writer *writer) {
    uint32_t rate = bot->client.welcome.rate, turn = bot->turns++;
    uint32_t pings = turn < 2 * rate ? rate : 2 * rate;
    if (bot->behaviour == BEHAVE_MUTE) return;
    if (bot->checks && !bot->asked && turn >= rate) {
        bot->asked = true;
        message_write_hash(writer);
    } else if ((turn + bot->number) % pings == 0) {
        message_write_ping(writer, common->now_us);
        common->figures.now.pings++;
    }
}

/* What was said before is still on its way out. */
static bool is_full(const struct bot *bot) {
    if (bot->http) return bot->http->out_size > BOT_POST_MOST / 2 || line_is_full(&bot->http->post);
    return line_is_full(&bot->line);
}

static void take_turn(struct bot *bot, struct bot_common *common, uint64_t due_us) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    bot->turn_us = UINT64_MAX;
    if (bot->state != BOT_PLAYING) return;
    if (is_full(bot)) { /* the key is pressed all the same */
        if (!bot->held_us) bot->held_us = due_us;
        return;
    }
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    write_turn(bot, common, &writer, due_us);
    say(bot, common, &writer);
    writer = wire_writer_init(bytes, sizeof bytes);
    write_questions(bot, common, &writer);
    say(bot, common, &writer);
}

void bot_due(struct bot *bot, struct bot_common *common) {
    uint64_t now_us = common->now_us;
    if (bot->next_us <= now_us) act(bot, common);
    if (!bot_is_over(bot) && (is_cut(&bot->line, now_us) || (bot->http && is_cut(&bot->http->post, now_us))))
        bot_cut(bot, common);
    if (bot->turn_us <= now_us) take_turn(bot, common, bot->turn_us);
    if (bot->http) drive(bot, common, &bot->http->post);
    bool down_stands = !bot->http || bot->http->down_asked;
    if (down_stands) drive(bot, common, &bot->line);
    watch(bot, common);
}

void bot_turn(struct bot *bot, struct bot_common *common, uint64_t due_us) {
    if (bot->state != BOT_PLAYING) return;
    if (bot->turn_us != UINT64_MAX) take_turn(bot, common, bot->turn_us);
    bot->turn_us = due_us + bot->lead.shift_us;
    if (!bot->lead.shift_us) take_turn(bot, common, due_us);
    watch(bot, common);
}

void bot_leave(struct bot *bot, struct bot_common *common) {
    uint8_t bytes[8];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    if (bot->state != BOT_PLAYING) {
        bot_end(bot);
    } else {
        message_write_bye_up(&writer);
        bot->state = BOT_LEAVING;
        bot->next_us = UINT64_MAX;
        say(bot, common, &writer);
    }
    watch(bot, common);
}
