/* What a server does that does not look at acknowledgements: in each tick it writes a frame of a given size
 * to every client, and keeps what a socket does not take. With `newest` it writes only to sockets that took
 * all of the frame before. naive PORT RATE BYTES [newest] */
#include "protocol/frame.h"
#include "tests/bench/tools/sockets.h"
#include "tests/load/link.h"
#include "tests/load/loop.h"
#include "tests/load/websocket.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLIENTS = 256, LISTENER = CLIENTS, READ_BYTES = 4096, HEAD = 10 };
enum peer_state { FREE, UPGRADING, GREETING, LISTENING };

struct peer {
    struct link link;
    uint8_t state; /* enum peer_state */
    uint32_t told; /* tick of the newest frame */
};

static struct peer peers[CLIENTS];
static struct loop loop;
static int listener;
static uint32_t tick;
static size_t frame_bytes;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void accept_one(void) {
    int yes = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    for (uint32_t i = 0; i < CLIENTS && fd >= 0; i++) {
        if (peers[i].state != FREE) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        peers[i] = (struct peer){.link = {.fd = fd, .state = LINK_OPEN}, .state = UPGRADING};
        loop_watch(&loop, fd, i, false, false);
        return;
    }
    if (fd >= 0) close(fd);
}

/* ---- What they are told. */

static void write_message(struct peer *peer, const struct wire_writer *writer) {
    uint8_t head[HEAD] = {0x82, (uint8_t)(writer->size < 126 ? writer->size : 126),
                          (uint8_t)(writer->size >> 8), (uint8_t)writer->size};
    link_write(&peer->link, head, writer->size < 126 ? 2 : 4);
    link_write(&peer->link, writer->bytes, writer->size);
}

/* Only what the watcher reads of a WELCOME: the tick is its sixth element. */
static void welcome(struct peer *peer) {
    uint8_t bytes[64];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    wire_array(&writer, 6);
    wire_uint(&writer, MESSAGE_WELCOME);
    for (int i = 0; i < 4; i++) wire_uint(&writer, 0);
    wire_uint(&writer, tick);
    write_message(peer, &writer);
    peer->state = LISTENING;
    peer->told = tick;
}

static void tell(struct peer *peer) {
    static uint8_t bytes[65536], ones[65536];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    uint32_t rest = (uint32_t)(frame_bytes > HEAD ? frame_bytes - HEAD : 1);
    struct frame frame = {.advance = tick - peer->told};
    memset(ones, 1, rest);
    frame.lists[FRAME_CHANGES] = (struct frame_slice){ones, rest, rest};
    frame_write(&writer, &frame);
    write_message(peer, &writer);
    peer->told = tick;
}

static void watch(struct peer *peer) {
    if (peer->link.state == LINK_CLOSED)
        *peer = (struct peer){.state = FREE};
    else
        loop_watch(&loop, peer->link.fd, (uint32_t)(peer - peers), link_wants_room(&peer->link), true);
}

static void tell_all(bool newest) {
    tick++;
    for (uint32_t i = 0; i < CLIENTS; i++) {
        if (peers[i].state != LISTENING || (newest && peers[i].link.waiting)) continue;
        tell(&peers[i]);
        watch(&peers[i]);
    }
}

/* ---- What they say: the upgrade in one piece, then HELLO, then acknowledgements, all of them unread. */

static void hear(struct peer *peer, const struct loop_event *event) {
    char request[READ_BYTES + 1], accept[32], answer[256];
    if (event->writable) link_flush(&peer->link);
    size_t got = event->readable ? link_read(&peer->link, (uint8_t *)request, READ_BYTES) : 0;
    if (got && peer->state == GREETING) welcome(peer);
    if (got && peer->state == UPGRADING) {
        request[got] = 0;
        const char *key = strstr(request, "Sec-WebSocket-Key: ");
        snprintf(answer, sizeof answer, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key ? key + 19 : "");
        tls_digest(answer, accept);
        int size =
            snprintf(answer, sizeof answer,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Protocol: tidewire.1\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     accept);
        link_write(&peer->link, (const uint8_t *)answer, (size_t)size);
        peer->state = GREETING;
    }
    watch(peer);
}

static void listen_on(int port) {
    listener = sockets_listen(port);
    if (listener < 0) die("listen");
    loop_watch(&loop, listener, LISTENER, false, false);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "naive PORT RATE BYTES [newest]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (!loop_start(&loop)) die("epoll");
    listen_on(atoi(argv[1]));
    frame_bytes = (size_t)atol(argv[3]);
    uint64_t period_us = 1000000 / (uint64_t)atol(argv[2]), due_us = loop_now_us() + period_us;
    for (;;) {
        loop_wait(&loop, due_us);
        for (int i = 0; i < loop.count; i++) {
            struct loop_event event = loop_event(&loop, i);
            if (event.who == LISTENER)
                accept_one();
            else if (peers[event.who].state != FREE)
                hear(&peers[event.who], &event);
        }
        if (loop_now_us() < due_us) continue;
        tell_all(argc > 4);
        due_us += period_us;
    }
}
