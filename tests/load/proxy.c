/* A TCP proxy on the loopback: each connection gets a road of its own. TLS and all else go through untouched.
 * Its own sockets' buffers are small, so that what waits waits on the road. */
#include "tests/load/proxy.h"
#include "game/math.h"
#include "tests/load/loop.h"
#include "tests/load/mix.h"
#include "tests/load/road.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PAIRS = 256,               /* connections at once: browsers and small crowds */
    SOCKET_BUFFER = 16 * 1024, /* asked for; Linux takes it twice, half of it for itself */
    PIECE = 16 * 1024
};
enum { UP, DOWN, WAYS }; /* up: from the client to the server */

static const char HELP[] =
    "tidewire-bots proxy LISTEN_PORT SERVER_PORT [--road MIX] [--describe 'NAME KEY=VALUE …'] [--KEY VALUE "
    "…]\n"
    "  A bad road on the loopback, for a browser or any program: open the server's page by LISTEN_PORT.\n"
    "  --road MIX   each connection gets one of them: '90% fibre, 10% tunnel' (loopback)\n"
    "  --KEY VALUE  changes all roads: down, up (bytes a second), queue (bytes), delay, jitter, stall (ms, "
    "each way),\n"
    "               every, cut (s on average; cut: the connection is reset)\n"
    "  --seed N     of everything that is left to chance (1)\n";

struct pair {
    int client, server; /* 0: free */
    bool open;          /* the way to the server stands */
    bool ended[WAYS];   /* nothing more comes: the other end is told so when all that came before was given */
    bool told[WAYS];
    struct road road;
};

static struct proxy {
    int listener;
    struct sockaddr_in server;
    struct roads roads;
    struct mix mix;
    struct road_kind kinds[MIX_PARTS]; /* of the mix, as they were changed */
    uint64_t seed;
    uint32_t accepted;
    struct pair pairs[PAIRS];
} proxy;

static int die(const char *what) {
    perror(what);
    exit(1);
}

/* ---- Sockets. */

static void shape_socket(int fd) {
    int yes = 1, size = SOCKET_BUFFER;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static int make_socket(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    shape_socket(fd);
    return fd;
}

/* False: no port. */
static bool read_local(const char *port, struct sockaddr_in *address) {
    char *end;
    unsigned long number = strtoul(port, &end, 10);
    *address = (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)number),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return !*end && number >= 1 && number <= UINT16_MAX;
}

static void listen_on(struct sockaddr_in address) {
    int yes = 1;
    proxy.listener = make_socket();
    setsockopt(proxy.listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(proxy.listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(proxy.listener, PAIRS) != 0)
        die("listen");
}

/* ---- Pairs. */

static void end_pair(struct pair *pair) {
    close(pair->client);
    close(pair->server);
    road_finish(&pair->road);
    *pair = (struct pair){0};
}

static void reset_pair(struct pair *pair) {
    struct linger at_once = {.l_onoff = 1};
    setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    setsockopt(pair->server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    end_pair(pair);
}

static void begin_pair(struct pair *pair, int client, uint64_t now_us) {
    uint32_t number = proxy.accepted++;
    const struct road_kind *kind = &proxy.kinds[mix_part_of(&proxy.mix, proxy.seed, number)];
    shape_socket(client);
    pair->client = client;
    pair->server = make_socket();
    road_start(&pair->road, kind, proxy.seed * UINT64_C(1000003) + number, now_us);
    if (connect(pair->server, (struct sockaddr *)&proxy.server, sizeof proxy.server) != 0 &&
        errno != EINPROGRESS)
        end_pair(pair);
}

static void accept_one(uint64_t now_us) {
    for (int i = 0; i < PAIRS; i++) {
        if (proxy.pairs[i].client) continue;
        int fd = accept4(proxy.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) begin_pair(&proxy.pairs[i], fd, now_us);
        return;
    }
}

/* ---- Bytes. False: that end is gone. */

static bool take(struct way *way, int from, bool *ended, uint64_t now_us) {
    uint8_t piece[PIECE];
    size_t room = *ended ? 0 : way_room(way);
    if (room == 0) return true;
    ssize_t got = recv(from, piece, room < PIECE ? room : PIECE, 0);
    if (got > 0) return way_put(way, piece, (size_t)got, now_us);
    *ended = got == 0;
    return *ended || errno == EAGAIN || errno == EINTR;
}

static bool give(struct way *way, int to, uint64_t now_us) {
    for (;;) {
        size_t size;
        uint64_t taken_us;
        const uint8_t *bytes = way_arrived(way, now_us, &size, &taken_us);
        if (size == 0) return true;
        ssize_t sent = send(to, bytes, size, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        way_gave(way, (size_t)sent);
        if ((size_t)sent < size) return true;
    }
}

static void tell_end(struct pair *pair, const struct way *way, int which, int to) {
    if (pair->told[which] || !pair->ended[which] || !way_empty(way)) return;
    shutdown(to, SHUT_WR);
    pair->told[which] = true;
}

static void carry(struct pair *pair, uint64_t now_us) {
    int ends[WAYS] = {pair->client, pair->server};
    struct way *ways[WAYS] = {&pair->road.up, &pair->road.down};
    bool well = true;
    for (int i = 0; i < WAYS && well; i++) {
        way_move(ways[i], now_us);
        well = take(ways[i], ends[i], &pair->ended[i], now_us);
        way_move(ways[i], now_us);
        well = well && give(ways[i], ends[!i], now_us);
        if (well) tell_end(pair, ways[i], i, ends[!i]);
    }
    if (!well || (pair->told[UP] && pair->told[DOWN])) end_pair(pair);
}

static bool connected(struct pair *pair, short events) {
    int error = 0;
    socklen_t size = sizeof error;
    if (!(events & (POLLOUT | POLLHUP | POLLERR))) return false;
    getsockopt(pair->server, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) end_pair(pair);
    return !error;
}

/* ---- Turning. */

/* An end that nothing is wanted from is not looked at: that it has gone would be told without end. */
static struct pollfd watch_end(const struct pair *pair, int which) {
    const struct way *way = which == UP ? &pair->road.up : &pair->road.down;
    bool reading = pair->open && !pair->ended[which] && way_room(way);
    return (struct pollfd){reading ? which == UP ? pair->client : pair->server : -1, POLLIN, 0};
}

/* Fills in what to wait for; returns when time alone will do something. */
static uint64_t watch(struct pollfd *fds, const struct pair *pair) {
    bool opening = pair->client && !pair->open;
    fds[UP] = watch_end(pair, UP);
    fds[DOWN] = opening ? (struct pollfd){pair->server, POLLOUT, 0} : watch_end(pair, DOWN);
    return pair->open ? road_due_us(&pair->road) : UINT64_MAX;
}

/* At least one: what is due may wait for a socket that takes no more. */
static int wait_ms(uint64_t due_us, uint64_t now_us) {
    if (due_us == UINT64_MAX) return -1;
    return due_us > now_us ? (int)((due_us - now_us + 999) / 1000) : 1;
}

static void turn(void) {
    struct pollfd fds[1 + WAYS * PAIRS] = {{-1, POLLIN, 0}};
    uint64_t due_us = UINT64_MAX;
    for (int i = 0; i < PAIRS; i++) {
        uint64_t pair_us = watch(&fds[1 + WAYS * i], &proxy.pairs[i]);
        if (pair_us < due_us) due_us = pair_us;
        if (!proxy.pairs[i].client) fds[0].fd = proxy.listener; /* while all are taken, who comes waits */
    }
    if (poll(fds, 1 + WAYS * PAIRS, wait_ms(due_us, loop_now_us())) < 0 && errno != EINTR) die("poll");
    uint64_t now_us = loop_now_us();
    for (int i = 0; i < PAIRS; i++) {
        struct pair *pair = &proxy.pairs[i];
        if (!pair->client) continue;
        if (!pair->open) pair->open = connected(pair, fds[1 + WAYS * i + DOWN].revents);
        if (pair->open && now_us >= pair->road.cut_us)
            reset_pair(pair);
        else if (pair->open)
            carry(pair, now_us);
    }
    if (fds[0].revents) accept_one(now_us);
}

/* ---- Starting. */

static bool find_kinds(void) {
    for (uint32_t i = 0; i < proxy.mix.count; i++) {
        const struct road_kind *kind = roads_find(&proxy.roads, proxy.mix.parts[i].word);
        if (!kind) return false;
        proxy.kinds[i] = *kind;
    }
    return true;
}

static bool set_all(const char *key, const char *value) {
    char *end;
    double number = strtod(value, &end);
    bool well = end != value && !*end;
    for (uint32_t i = 0; i < proxy.mix.count && well; i++) well = road_set(&proxy.kinds[i], key, number);
    return well;
}

/* First which roads there are and which are taken, then what changes them. */
static bool read_words(int argc, char **argv, bool changes) {
    for (int i = 2; i + 1 < argc; i += 2) {
        const char *name = argv[i] + 2, *value = argv[i + 1];
        bool well = strncmp(argv[i], "--", 2) == 0, names = true;
        if (!well) return false;
        if (strcmp(name, "road") == 0)
            well = mix_read(&proxy.mix, value);
        else if (strcmp(name, "describe") == 0)
            well = roads_read(&proxy.roads, value);
        else if (strcmp(name, "seed") == 0)
            proxy.seed = strtoull(value, NULL, 10);
        else
            names = false;
        if (!well || (!names && changes && !set_all(name, value))) return false;
    }
    return true;
}

int proxy_main(int argc, char **argv) {
    struct sockaddr_in from;
    if (argc == 1 && strcmp(argv[0], "--help") == 0) return fputs(HELP, stdout), 0;
    proxy.seed = 1;
    roads_init(&proxy.roads);
    mix_read(&proxy.mix, "loopback");
    bool well = argc >= 2 && argc % 2 == 0 && read_local(argv[0], &from) &&
                read_local(argv[1], &proxy.server) && read_words(argc, argv, false) && find_kinds() &&
                read_words(argc, argv, true);
    if (!well) return fputs(HELP, stderr), 2;
    signal(SIGPIPE, SIG_IGN);
    listen_on(from);
    fprintf(stderr, "a road from port %s to port %s; Ctrl-C ends it\n", argv[0], argv[1]);
    for (;;) turn();
}
