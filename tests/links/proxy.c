/* A bad road as a process: a TCP proxy on the loopback with a bandwidth, a queue, a delay and jitter each
 * way, and connections that break off. link-proxy LISTEN_PORT SERVER_PORT [--down B/s] [--up B/s] [--queue
 * BYTES]
 * [--delay MS] [--jitter MS] [--cut MS] [--seed N]. Delay and jitter are those of one way; --cut: each
 * connection is reset after half to one and a half times so long. Its own sockets' buffers are small, so that
 * what waits waits in the queue. */
#include "game/math.h"
#include "tests/links/way.h"
#include "tests/load/loop.h"
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
    PAIRS = 64,
    SOCKET_BUFFER = 16 * 1024, /* asked for; Linux takes it twice, half of it for itself */
    SLEEP_MS = 1               /* while anything is on its way */
};
enum { UP, DOWN, WAYS }; /* up: from the client to the server */

struct pair {
    int client, server; /* 0: free */
    bool open;          /* the way to the server stands */
    uint64_t cut_us;    /* when it breaks off; 0: never */
    struct way ways[WAYS];
};

static struct proxy {
    int listener;
    struct sockaddr_in server;
    struct way_setup ways[WAYS];
    uint32_t cut_us;
    uint64_t dice;
    struct pair pairs[PAIRS];
} proxy;

static void die(const char *what) {
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

static struct sockaddr_in local(const char *port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void listen_on(const char *port) {
    struct sockaddr_in address = local(port);
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
    for (int i = 0; i < WAYS; i++) way_finish(&pair->ways[i]);
    pair->client = pair->server = 0;
    pair->open = false;
}

static void reset_pair(struct pair *pair) {
    struct linger at_once = {.l_onoff = 1};
    setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    setsockopt(pair->server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    end_pair(pair);
}

static void begin_pair(struct pair *pair, int client, uint64_t now_us) {
    shape_socket(client);
    pair->client = client;
    pair->server = make_socket();
    pair->cut_us = proxy.cut_us ? now_us + proxy.cut_us / 2 + dice_below(&proxy.dice, proxy.cut_us) : 0;
    bool well = true;
    for (int i = 0; i < WAYS; i++)
        well &= way_start(&pair->ways[i], &proxy.ways[i], dice_next(&proxy.dice), now_us);
    if (connect(pair->server, (struct sockaddr *)&proxy.server, sizeof proxy.server) != 0 &&
        errno != EINPROGRESS)
        well = false;
    if (!well) end_pair(pair);
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

static bool take(struct way *way, int from) {
    size_t room;
    uint8_t *into = way_room(way, &room);
    if (room == 0) return true;
    ssize_t got = recv(from, into, room, 0);
    if (got > 0) way_took(way, (size_t)got);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool give(struct way *way, int to, uint64_t now_us) {
    for (;;) {
        size_t size;
        const uint8_t *bytes = way_arrived(way, now_us, &size);
        if (size == 0) return true;
        ssize_t sent = send(to, bytes, size, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        way_gave(way, (size_t)sent);
        if ((size_t)sent < size) return true;
    }
}

static void carry(struct pair *pair, uint64_t now_us) {
    int ends[WAYS] = {pair->client, pair->server};
    bool well = true;
    for (int i = 0; i < WAYS && well; i++) {
        struct way *way = &pair->ways[i];
        way_move(way, now_us);
        well = take(way, ends[i]);
        way_move(way, now_us);
        well = well && give(way, ends[!i], now_us);
    }
    if (!well) end_pair(pair);
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

static short wish(const struct pair *pair, int way) {
    const struct ring *queue = &pair->ways[way].queue;
    return queue->end - queue->at < queue->size ? POLLIN : 0;
}

/* Fills in what to wait for; returns whether anything is on its way, which takes a clock. */
static bool watch(struct pollfd *fds, const struct pair *pair) {
    fds[UP] = (struct pollfd){pair->client ? pair->client : -1, pair->open ? wish(pair, UP) : 0, 0};
    fds[DOWN] = (struct pollfd){pair->client ? pair->server : -1, pair->open ? wish(pair, DOWN) : POLLOUT, 0};
    return pair->open && (!way_empty(&pair->ways[UP]) || !way_empty(&pair->ways[DOWN]) || pair->cut_us);
}

static void turn(void) {
    struct pollfd fds[1 + WAYS * PAIRS] = {{proxy.listener, POLLIN, 0}};
    bool busy = false;
    for (int i = 0; i < PAIRS; i++) busy |= watch(&fds[1 + WAYS * i], &proxy.pairs[i]);
    if (poll(fds, 1 + WAYS * PAIRS, busy ? SLEEP_MS : -1) < 0 && errno != EINTR) die("poll");
    uint64_t now_us = loop_now_us();
    for (int i = 0; i < PAIRS; i++) {
        struct pair *pair = &proxy.pairs[i];
        if (!pair->client) continue;
        if (!pair->open) pair->open = connected(pair, fds[1 + WAYS * i + DOWN].revents);
        if (pair->open && pair->cut_us && now_us >= pair->cut_us)
            reset_pair(pair);
        else if (pair->open)
            carry(pair, now_us);
    }
    if (fds[0].revents) accept_one(now_us);
}

/* ---- Starting. */

static bool set(const char *name, uint32_t value) {
    struct way_setup *up = &proxy.ways[UP], *down = &proxy.ways[DOWN];
    if (strcmp(name, "--down") == 0) return down->bandwidth = value, true;
    if (strcmp(name, "--up") == 0) return up->bandwidth = value, true;
    if (strcmp(name, "--queue") == 0) return up->queue = down->queue = value, value > 0;
    if (strcmp(name, "--delay") == 0) return up->delay_us = down->delay_us = value * 1000, true;
    if (strcmp(name, "--jitter") == 0) return up->jitter_us = down->jitter_us = value * 1000, true;
    if (strcmp(name, "--cut") == 0) return proxy.cut_us = value * 1000, true;
    if (strcmp(name, "--seed") == 0) return proxy.dice = dice_seed(value), true;
    return false;
}

int main(int argc, char **argv) {
    bool well = argc >= 3 && argc % 2 == 1;
    proxy.ways[UP].queue = proxy.ways[DOWN].queue = 128 * 1024;
    proxy.dice = dice_seed(1);
    for (int i = 3; well && i < argc; i += 2) well = set(argv[i], (uint32_t)strtoul(argv[i + 1], NULL, 10));
    if (!well) {
        fprintf(stderr, "link-proxy LISTEN_PORT SERVER_PORT [--down B/s] [--up B/s] [--queue BYTES]\n"
                        "    [--delay MS] [--jitter MS] [--cut MS] [--seed N]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    proxy.server = local(argv[2]);
    listen_on(argv[1]);
    for (;;) turn();
}
