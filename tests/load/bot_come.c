/* How a bot comes in, or comes back: a connection, the upgrade, HELLO. */
#include "tests/load/bot_inside.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { SOURCE_FIRST = 0x7F010001 /* 127.1.0.1 */ };

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
    line_open(bot_first_line(bot), bot->trying->ai_addr, bot->trying->ai_addrlen, &common->security,
              bot->road, seed, common->now_us);
    bot_watch(bot, common);
}

/* A name may stand for several addresses, of which the server has one. */
static void link_failed(struct bot *bot, struct bot_common *common) {
    if (!common->works && bot->trying->ai_next) {
        bot->trying = bot->trying->ai_next;
        try_link(bot, common);
        if (bot_is_over(bot) || bot_first_line(bot)->link.state != LINK_CLOSED) return;
    }
    bot_lose(bot, common, "%s:%s: %s", common->address.host, common->address.port,
             bot_first_line(bot)->link.why);
}

static void begin_anew(struct bot *bot, struct bot_common *common) {
    bot->client = common->newcomer;
    bot->chair = (struct chair){0};
    bot->lead = (struct lead){0};
    bot->asked = bot->leaves_out = false;
    bot->turns = 0;
    bot->sequence_end = 0; /* what is awaited of it at the end was another session's */
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
    if (!bot_is_over(bot) && bot_first_line(bot)->link.state == LINK_CLOSED) link_failed(bot, common);
    bot_watch(bot, common);
}

void bot_proceed(struct bot *bot, struct bot_common *common) {
    switch (link_proceed(&bot_first_line(bot)->link, &common->security)) {
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
    bot_say(bot, common, &writer);
}

size_t bot_take_answer(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size) {
    char why[FIGURES_WORDS];
    size_t used = websocket_answer(bytes, size, common->accept, why, sizeof why);
    if (used && why[0])
        bot_lose(bot, common, "%s", why);
    else if (used)
        say_hello(bot, common);
    return used;
}
