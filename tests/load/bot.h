/* One player: connects, says hello, plays, checks what it is sent, comes back if it was cut off, says
 * goodbye. Many of them share one thread and one `bot_common`; crowd.h says when each has its turn. */
#pragma once
#include "tests/load/address.h"
#include "tests/load/audit.h"
#include "tests/load/behaviour.h"
#include "tests/load/chair.h"
#include "tests/load/due.h"
#include "tests/load/lead.h"
#include "tests/load/line.h"
#include "tests/load/options.h"
#include "tests/load/websocket.h"

enum {
    BOT_READ =
        2 * (LIMIT_FRAME + WEBSOCKET_HEAD), /* what one read takes: a whole frame behind a part of one */
    BOT_PINGS = 8                           /* under way: of eight seconds at least */
};
enum bot_state {
    BOT_IDLE,      /* never came yet */
    BOT_LINKING,   /* to the socket */
    BOT_UPGRADING, /* to a WebSocket */
    BOT_GREETING,  /* HELLO was said */
    BOT_PLAYING,
    BOT_LEAVING, /* BYE was said */
    BOT_AWAY,    /* comes back at next_us */
    BOT_GONE
};

enum bot_over { OVER_WS, OVER_STREAM, OVER_SSE, OVER_POLL, OVER_COUNT }; /* how its messages travel */

struct bot_common {
    const struct options *options;
    struct address address;
    struct addrinfo *works; /* of its addresses: the one that took us; NULL: none yet */
    struct link_security security;
    struct loop loop;
    struct due due;
    struct shape_set shapes; /* one game and lane: all bots read the same */
    struct client newcomer;  /* what every bot begins as */
    struct game game;
    struct brain_room brain;
    bool brain_tried, brain_works;
    struct figures figures;
    struct rooms rooms;
    struct audit audit;
    char ask[1024], accept[32];
    size_t ask_size;
    uint64_t dice;
    uint64_t now_us;    /* when what a bot does just now began: the caller's clock */
    uint64_t socket_us; /* when what it reads just now was on the socket, before a simulated road */
    uint8_t buffer[BOT_READ];
};

struct bot { /* first what each frame and each turn touches: see bot_expect */
    uint32_t number;
    uint8_t state;                               /* enum bot_state */
    uint8_t behaviour;                           /* enum behaviour */
    uint8_t over;                                /* enum bot_over */
    bool told_close, joined, returns, divergent; /* joined: ever */
    bool begun, asked;                           /* a frame came on this connection; the hash was asked for */
    bool checks;     /* rebuilds every row; else it knows of a frame only how far it goes */
    bool leaves_out; /* the next input: one more than needed waits at the server */
    uint32_t turns;
    uint64_t turn_us; /* when it makes the input of its turn; UINT64_MAX: it is made */
    uint64_t next_us; /* when it comes back, or leaves (churn); UINT64_MAX: never */
    uint64_t held_us; /* a key that was pressed while nothing could be sent; 0: none */
    uint64_t bytes;   /* that came */
    double inputs_due;
    struct bot_http *http; /* NULL: over a WebSocket */
    uint8_t *kept;         /* the begun frame at the end of what was read */
    size_t kept_size;
    struct websocket websocket;
    struct line line;
    struct client client;
    struct chair chair;
    struct lead lead;
    struct pilot pilot;
    uint32_t mind[BRAIN_WORDS];
    void *memory; /* of the replica; NULL if it does not check */
    const struct road_kind *road;
    struct addrinfo *trying;
    uint32_t bye_code, wait_ms, tries;
    uint32_t sequence_end;         /* its newest input when the measured time was over */
    uint64_t began_us;             /* when it should have come in, or was cut off */
    uint64_t bytes_before;         /* when the measured time began */
    uint64_t pinged_us[BOT_PINGS]; /* by stamp: the newest */
    uint32_t pings;
};

void bot_create(struct bot *bot, const struct bot_common *common, uint32_t number);
/* Comes in, or comes back. `due_us`: when it should have. */
void bot_start(struct bot *bot, struct bot_common *common, uint64_t due_us);
/* OVER_COUNT: nobody knows that word. */
enum bot_over bot_over_named(const char *word);
/* It is the next to be ready: what that touches is fetched meanwhile. A crowd does not fit the processor's
 * caches, and waiting for memory was half of the bots' own time. */
void bot_expect(const struct bot *bot);
/* Its socket is ready; `post`: that of its posts. */
void bot_ready(struct bot *bot, struct bot_common *common, const struct loop_event *event, bool post);
/* Time has passed: its road brings something, or it comes back, or has stayed long enough. */
void bot_due(struct bot *bot, struct bot_common *common);
/* Its turn, once a tick: one input (soon, see lead.h), or an acknowledgement; and a PING each second.
 * `due_us`: the turn's time. */
void bot_turn(struct bot *bot, struct bot_common *common, uint64_t due_us);
/* Its connection breaks off, without a word; it comes back after a while. */
void bot_cut(struct bot *bot, struct bot_common *common);
void bot_leave(struct bot *bot, struct bot_common *common);
/* Ends without a word, and frees all that it has. Any number of times. */
void bot_end(struct bot *bot);
