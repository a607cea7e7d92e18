/* One player: connects, says hello, plays, checks what it is sent, says goodbye. Many of them share one
 * thread and one `bot_common`; crowd.h says when each has its turn. */
#pragma once
#include "protocol/client.h"
#include "tests/load/address.h"
#include "tests/load/figures.h"
#include "tests/load/link.h"
#include "tests/load/loop.h"
#include "tests/load/options.h"
#include "tests/load/pilot.h"
#include "tests/load/websocket.h"

enum {
    BOT_READ =
        2 * (LIMIT_FRAME + WEBSOCKET_HEAD) /* what one read takes: a whole frame behind a part of one */
};
enum bot_state { BOT_IDLE, BOT_LINKING, BOT_UPGRADING, BOT_GREETING, BOT_PLAYING, BOT_LEAVING, BOT_GONE };

struct bot_common {
    const struct options *options;
    struct address address;
    struct addrinfo *works; /* of its addresses: the one that took us; NULL: none yet */
    struct link_security security;
    struct loop loop;
    struct shape_set shapes; /* one game and lane: all bots read the same */
    struct client newcomer;  /* what every bot begins as */
    struct figures figures;
    char ask[1024], accept[32];
    size_t ask_size;
    uint64_t dice;
    uint8_t buffer[BOT_READ];
};

struct bot {
    uint32_t number;
    uint8_t state; /* enum bot_state */
    bool watched, watched_writing, told_close;
    bool checks; /* rebuilds every row; else it knows of a frame only how far it goes */
    struct addrinfo *trying;
    struct link link;
    struct websocket websocket;
    struct client client;
    struct pilot pilot;
    void *memory;  /* of the replica; NULL if it does not check */
    uint8_t *kept; /* the begun frame at the end of what was read */
    size_t kept_size;
    uint32_t turns, bye_code;
    double inputs_due;
    uint64_t began_us, frame_us; /* frame_us: when the newest frame came; 0: none yet */
    uint64_t frames_before;      /* when the measured time began */
};

void bot_start(struct bot *bot, struct bot_common *common);
/* Its socket is ready. */
void bot_ready(struct bot *bot, struct bot_common *common, const struct loop_event *event);
/* Its turn, once a tick: one input, or an acknowledgement; and a PING each second. */
void bot_turn(struct bot *bot, struct bot_common *common);
void bot_leave(struct bot *bot, struct bot_common *common);
/* Ends without a word, and frees all that it has. Any number of times. */
void bot_end(struct bot *bot);
