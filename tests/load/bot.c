/* A bot's connection, from its beginning to its end, and its times. Whatever goes wrong ends it at one place:
 * bot_lose. */
#include "tests/load/bot_inside.h"
#include "game/math.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CACHE_LINE = 64, /* bytes */
    AGAIN_US = 1000, /* what is due and cannot be done yet is looked at again after this */
    NO_CODE = 1006,  /* RFC 6455: closed without a closing frame */
    TRIES_MOST = 10  /* times that it waits when it is told to */
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

bool bot_was_welcome(const struct bot *bot) {
    return bot->state == BOT_PLAYING || bot->state == BOT_LEAVING;
}

/* It is not there for a while. */
static void go_away(struct bot *bot, const struct bot_common *common, double seconds, bool reset) {
    hang_up(bot, reset);
    bot->state = BOT_AWAY;
    bot->next_us = common->now_us + (uint64_t)(seconds * 1e6);
}

double bot_about(struct bot_common *common, double seconds) {
    return seconds * (0.5 + dice_next(&common->dice) / 4294967296.0);
}

void bot_cut(struct bot *bot, struct bot_common *common) {
    if (bot->state == BOT_GONE || bot->state == BOT_IDLE || bot->state == BOT_AWAY) return;
    common->figures.now.cuts++;
    if (bot_was_welcome(bot)) common->figures.playing--;
    if (!bot->returns) bot->began_us = common->now_us;
    bot->returns = bot->joined;
    go_away(bot, common, common->options->back_s, true);
}

/* The server asked it to come back later: then it does. */
static bool told_to_wait(struct bot *bot, struct bot_common *common) {
    bool welcome = code_retry(bot->bye_code) && bot->wait_ms && !bot_was_welcome(bot);
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
    if (bot_was_welcome(bot)) common->figures.playing--;
    if (bot_was_welcome(bot) || bot->bye_code)
        figures_closed(&common->figures, bot->bye_code ? bot->bye_code : NO_CODE);
    if (!leaving) {
        *(bot->joined ? &common->figures.dropped : &common->figures.refused) += 1;
        figures_complain(&common->figures, words);
    }
    bot_end(bot);
    if (leaving && churns && common->figures.until_us == UINT64_MAX)
        go_away(bot, common, bot_about(common, common->options->away_s), false);
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

struct line *bot_first_line(struct bot *bot) {
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
void bot_watch(struct bot *bot, struct bot_common *common) {
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

void bot_say(struct bot *bot, struct bot_common *common, const struct wire_writer *writer) {
    if (!writer->size || bot_is_over(bot)) return;
    if (bot->http)
        bot_http_say(bot, common, writer->bytes, writer->size);
    else
        send_frame(bot, common, WEBSOCKET_BINARY, writer->bytes, writer->size);
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
    if (bot->state == BOT_UPGRADING) at += bot_take_answer(bot, common, bytes, size);
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
        bot_acknowledge(bot, common);
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
        bot_proceed(bot, common);
    else if (bot->http && !post && !bot->http->down_asked)
        proceed_down(bot, common);
    else
        move_on(bot, common, post ? &bot->http->post : &bot->line, event->writable, event->readable);
    bot_watch(bot, common);
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

void bot_due(struct bot *bot, struct bot_common *common) {
    uint64_t now_us = common->now_us;
    if (bot->next_us <= now_us) act(bot, common);
    if (!bot_is_over(bot) && (is_cut(&bot->line, now_us) || (bot->http && is_cut(&bot->http->post, now_us))))
        bot_cut(bot, common);
    if (bot->turn_us <= now_us) bot_take_turn(bot, common, bot->turn_us);
    if (bot->http) drive(bot, common, &bot->http->post);
    bool down_stands = !bot->http || bot->http->down_asked;
    if (down_stands) drive(bot, common, &bot->line);
    bot_watch(bot, common);
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
        chair_leave(&bot->chair);
        bot_say(bot, common, &writer);
    }
    bot_watch(bot, common);
}
