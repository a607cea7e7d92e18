/* A bot without WebSocket: two connections, one for its posts and one for what the server says. */
#include "tests/load/bot_inside.h"
#include "protocol/piece.h"
#include <stdio.h>
#include <stdlib.h>

static const char *const WAYS[OVER_COUNT] = {
    [OVER_STREAM] = "stream", [OVER_SSE] = "sse", [OVER_POLL] = "poll"};

static void ask(struct bot *bot, struct bot_common *common, struct line *line, const char *method,
                const char *path, const uint8_t *body, size_t body_size) {
    uint8_t bytes[1024 + BOT_POST_MOST];
    char host[160];
    snprintf(host, sizeof host, "%s:%s", common->address.host, common->address.port);
    size_t head = http_ask((char *)bytes, 1024, method, host, path, body_size);
    if (body_size) memcpy(bytes + head, body, body_size);
    bot_send(bot, common, line, bytes, head + body_size);
}

/* ---- Posts. */

void bot_http_greet(struct bot *bot, struct bot_common *common) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    bot_write_hello(bot, common, &writer);
    bot->http->posting = bot->http->post_open = true;
    ask(bot, common, &bot->http->post, "POST", common->address.path, bytes, writer.size);
}

static void post(struct bot *bot, struct bot_common *common) {
    struct bot_http *http = bot->http;
    char path[HTTP_LINK + 24];
    size_t size = http->out_size;
    if (http->posting || !size || !http->link[0]) return;
    snprintf(path, sizeof path, "%s?n=%u", http->link, ++http->posts);
    http->posting = true;
    http->out_size = 0;
    ask(bot, common, &http->post, "POST", path, http->out, size);
}

void bot_http_say(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    struct bot_http *http = bot->http;
    if (http->out_size + PIECE_HEAD + size > sizeof http->out)
        return; /* it is not asked to when this is full */
    http->out_size += piece_head(http->out + http->out_size, size);
    memcpy(http->out + http->out_size, bytes, size);
    http->out_size += size;
    post(bot, common);
}

/* ---- The downlink. */

static void open_downlink(struct bot *bot, struct bot_common *common) {
    uint64_t seed = common->options->seed * UINT64_C(1000033) + bot->number;
    bot->http->down_asked = bot->http->down_begun = false;
    if (!line_open(&bot->line, bot->trying->ai_addr, bot->trying->ai_addrlen, &common->security, bot->road,
                   seed, common->now_us))
        bot_lose(bot, common, "no downlink: %s", bot->line.link.why);
}

void bot_http_reopen(struct bot *bot, struct bot_common *common) {
    line_close(&bot->line, false);
    free(bot->kept);
    bot->kept = NULL;
    bot->kept_size = 0;
    open_downlink(bot, common);
}

void bot_http_ask(struct bot *bot, struct bot_common *common) {
    char path[HTTP_LINK + 64];
    const struct client *client = &bot->client;
    snprintf(path, sizeof path, "%s/%s?tick=%u&event=%u", bot->http->link, WAYS[bot->over],
             client->replica.tick, client->replica.event_number);
    if (bot->over == OVER_POLL) bot->client.acknowledged = client->replica.tick;
    bot->http->down_asked = true;
    bot->http->down_begun = false;
    ask(bot, common, &bot->line, "GET", path, NULL, 0);
}

/* Messages of a body; how many bytes they took. */
static size_t take_pieces(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    size_t at = 0, message;
    while (!bot_is_over(bot)) {
        bool broken = false;
        size_t head = http_piece(bytes + at, size - at, &message, &broken);
        if (broken) bot_lose(bot, common, "the server sent what is no row of messages");
        if (!head) break;
        if (message) bot_take_message(bot, common, bytes + at + head, message);
        at += head + message;
    }
    return at;
}

static size_t take_events(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    static uint8_t message[LIMIT_FRAME + 16];
    size_t at = 0, message_size;
    while (!bot_is_over(bot)) {
        const uint8_t *end = memmem(bytes + at, size - at, "\n\n", 2);
        if (!end || (size_t)(end - bytes) - at > sizeof message / 3 * 4) break;
        at += http_event(bytes + at, size - at, message, &message_size);
        if (message_size) bot_take_message(bot, common, message, message_size);
    }
    return at;
}

/* The body of a refusal is a BYE, if it is anything. */
static void refused(struct bot *bot, struct bot_common *common, const char *what, const uint8_t *body,
                    const struct http_answer *answer) {
    if (answer->size) bot_take_message(bot, common, body, answer->size);
    if (!bot->wait_ms) bot->wait_ms = answer->retry_ms;
    if (bot->bye_code)
        bot_lose(bot, common, "BYE %u: %s", bot->bye_code, bot->client.bye.text);
    else
        bot_lose(bot, common, "%s was answered %u", what, answer->status);
}

/* The head of what the server says; how many bytes it took. */
static size_t begin_downlink(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    struct bot_http *http = bot->http;
    bool broken;
    size_t head = http_head(bytes, size, &http->down, &broken);
    bool fine = http->down.status == 200 || http->down.status == 204;
    if (broken) bot_lose(bot, common, "the downlink does not speak HTTP");
    if (head && !fine && size - head >= http->down.size)
        refused(bot, common, "the downlink", bytes + head, &http->down);
    if (!head || !fine || bot_is_over(bot)) return 0;
    http->down_begun = true;
    http->down_left = http->down.size;
    return head;
}

/* A poll was answered in full: the next, if that was no BYE. */
static void end_poll(struct bot *bot, struct bot_common *common) {
    if (bot_is_over(bot)) return;
    if (bot->bye_code)
        bot_lose(bot, common, "BYE %u: %s", bot->bye_code, bot->client.bye.text);
    else if (bot->http->down.closes)
        bot_http_reopen(bot, common);
    else
        bot_http_ask(bot, common);
}

size_t bot_http_heard(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    struct bot_http *http = bot->http;
    size_t at = http->down_begun ? 0 : begin_downlink(bot, common, bytes, size);
    if (bot_is_over(bot) || !http->down_begun) return at;
    if (!http->down.endless) { /* all of it, or nothing yet */
        if (size - at < http->down_left) return at;
        take_pieces(bot, common, bytes + at, http->down_left);
        at += http->down_left;
        end_poll(bot, common);
        return at;
    }
    return at + (bot->over == OVER_SSE ? take_events(bot, common, bytes + at, size - at)
                                       : take_pieces(bot, common, bytes + at, size - at));
}

/* ---- Answers to posts. */

static void welcomed(struct bot *bot, struct bot_common *common, const uint8_t *body,
                     const struct http_answer *answer) {
    snprintf(bot->http->link, sizeof bot->http->link, "%s", answer->link);
    take_pieces(bot, common, body, answer->size);
    if (!bot_is_over(bot)) open_downlink(bot, common);
}

size_t bot_http_answered(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    struct http_answer answer;
    bool broken;
    size_t head = http_head(bytes, size, &answer, &broken);
    if (broken) bot_lose(bot, common, "the server does not speak HTTP");
    if (!head || size - head < answer.size) return 0;
    bot->http->posting = false;
    if (answer.status == 201)
        welcomed(bot, common, bytes + head, &answer);
    else if (answer.status != 204)
        refused(bot, common, "a post", bytes + head, &answer);
    if (!bot_is_over(bot)) post(bot, common);
    return head + answer.size;
}
