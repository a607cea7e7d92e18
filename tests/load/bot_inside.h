/* What the parts of a bot share: bot.c has its connection and its times, bot_come.c how it comes in,
 * bot_take.c what it makes of messages, bot_turn.c what it says, bot_http.c its way over HTTP. */
#pragma once
#include "tests/load/bot.h"
#include "tests/load/http.h"

enum { BOT_POST_MOST = 4096 /* bytes of one post's body: the protocol's bound */ };

struct bot_http { /* its way over HTTP; bot->line is the downlink */
    struct line post;
    struct http_answer down, up; /* what comes just now */
    bool down_asked, down_begun, posting, post_open;
    size_t down_left; /* of its body */
    char link[HTTP_LINK];
    uint32_t posts;
    uint8_t *post_kept;
    size_t post_kept_size;
    uint8_t out[BOT_POST_MOST]; /* messages that wait for the next post */
    size_t out_size;
};

/* Everything that goes wrong ends here. */
__attribute__((format(printf, 3, 4))) void bot_lose(struct bot *bot, struct bot_common *common,
                                                    const char *format, ...);
bool bot_is_over(const struct bot *bot);
/* Whether the server has let it in. */
bool bot_was_welcome(const struct bot *bot);
/* Somewhere between half and one and a half times as long. */
double bot_about(struct bot_common *common, double seconds);
/* The line that comes first: over HTTP that of the posts. */
struct line *bot_first_line(struct bot *bot);
/* After all that it does: its sockets, its roads and its times are waited for. */
void bot_watch(struct bot *bot, struct bot_common *common);
/* Bytes onto one of its lines. */
void bot_send(struct bot *bot, struct bot_common *common, struct line *line, const void *bytes, size_t size);
/* A message, however it travels; an empty one is none. */
void bot_say(struct bot *bot, struct bot_common *common, const struct wire_writer *writer);
/* What is left of what was read, kept until more comes. */
void bot_keep(struct bot *bot, struct bot_common *common, uint8_t **kept, size_t *kept_size,
              const uint8_t *bytes, size_t size);

/* The first line goes on connecting; when it stands, the bot asks for its WebSocket, or says HELLO. */
void bot_proceed(struct bot *bot, struct bot_common *common);
/* Takes the answer to the upgrade and says HELLO; returns how many bytes it took, 0: it is not whole. */
size_t bot_take_answer(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size);
/* Writes its HELLO; it is then greeting. */
void bot_write_hello(struct bot *bot, struct bot_common *common, struct wire_writer *writer);
/* Takes a message of the server's. */
void bot_take_message(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size);
/* After frames: acknowledges them at once if that is to be. */
void bot_acknowledge(struct bot *bot, struct bot_common *common);
/* Says what is to be said in the turn that was due at `due_us`. */
void bot_take_turn(struct bot *bot, struct bot_common *common, uint64_t due_us);

/* Its post line stands: says HELLO. */
void bot_http_greet(struct bot *bot, struct bot_common *common);
/* A message to be said with the next post; posts go out one at a time. */
void bot_http_say(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size);
/* Bytes came on the post line, or on the downlink; returns how many were taken. */
size_t bot_http_answered(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size);
size_t bot_http_heard(struct bot *bot, struct bot_common *common, const uint8_t *bytes, size_t size);
/* The downlink ended without a word: the next. */
void bot_http_reopen(struct bot *bot, struct bot_common *common);
/* The downlink stands: asks. */
void bot_http_ask(struct bot *bot, struct bot_common *common);
