/* The bare minimum to hold a figure against: one thread, epoll, and send() or SSL_write() to every client in
 * each tick, frames of a given size. Takes the upgrade and whatever the clients send (their first message
 * makes them listeners), and does nothing with it but unmask it. With RATE 0 it only pings each client every
 * BYTES seconds, evenly spread, and the first message is answered with one frame (so that clients know that
 * they listen); its TLS is then set to keep little in memory.
 * control PORT RATE BYTES [CERTIFICATE KEY] */
#include "protocol/message.h"
#include "tests/bench/tools/sockets.h"
#include "tests/load/tls.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    CLIENTS = 20000,
    EVENTS = 512,
    LISTENER = CLIENTS,
    TIMER,
    READ_BYTES = 4096,
    PING_TURNS_PER_S = 4,
    GREETING_BYTES = 16 /* of the frame that answers the first message if there are no others */
};
enum peer_state { FREE, SHAKING, UPGRADING, GREETING, LISTENING };

struct peer {
    SSL *stream;
    uint8_t state; /* enum peer_state */
};

static struct peer peers[CLIENTS]; /* by descriptor */
static int epoll_fd, listener, timer, highest;
static uint32_t ping_s, pinged_turns; /* RATE 0 */
static SSL_CTX *context;
static uint8_t frame[65536];
static size_t frame_size;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(int fd, uint32_t who) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = who};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
}

static void drop(int fd) {
    if (peers[fd].stream) SSL_free(peers[fd].stream);
    peers[fd] = (struct peer){0};
    close(fd);
}

/* ---- Coming in. */

static void accept_all(void) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        CHECK(fd < CLIENTS);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        peers[fd] = (struct peer){.state = context ? SHAKING : UPGRADING};
        if (context) {
            peers[fd].stream = SSL_new(context);
            SSL_set_fd(peers[fd].stream, fd);
            SSL_set_accept_state(peers[fd].stream);
        }
        if (fd > highest) highest = fd;
        watch(fd, (uint32_t)fd);
    }
}

static void shake(int fd) {
    int result = SSL_do_handshake(peers[fd].stream);
    if (result == 1)
        peers[fd].state = UPGRADING;
    else if (SSL_get_error(peers[fd].stream, result) != SSL_ERROR_WANT_READ)
        drop(fd);
}

static ssize_t put(int fd, const void *bytes, size_t size) {
    if (peers[fd].stream) return SSL_write(peers[fd].stream, bytes, (int)size);
    return send(fd, bytes, size, MSG_NOSIGNAL);
}

/* The whole request comes in one piece from our own clients. */
static void upgrade(int fd, char *request) {
    char text[128], accept[32], answer[256];
    const char *key = strstr(request, "Sec-WebSocket-Key: ");
    if (!key) {
        drop(fd);
        return;
    }
    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 19);
    tls_digest(text, accept);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Protocol: tidewire.1\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                        accept);
    put(fd, answer, (size_t)size);
    peers[fd].state = GREETING; /* pinged from now on, too */
}

/* ---- What clients say. */

static void unmask(uint8_t *bytes, size_t size) {
    for (size_t at = 0; at + 6 <= size;) {
        size_t length = bytes[at + 1] & 127, head = length == 126 ? 8 : 6;
        if (length == 126) length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        for (size_t i = 0; i < length && at + head + i < size; i++)
            bytes[at + head + i] ^= bytes[at + head - 4 + i % 4];
        at += head + length;
    }
}

static void hear(int fd) {
    uint8_t bytes[READ_BYTES + 1];
    struct peer *peer = &peers[fd];
    if (peer->state == SHAKING) {
        shake(fd);
        return;
    }
    ssize_t got = peer->stream ? SSL_read(peer->stream, bytes, READ_BYTES) : recv(fd, bytes, READ_BYTES, 0);
    if (got <= 0) {
        bool again = peer->stream ? SSL_get_error(peer->stream, (int)got) == SSL_ERROR_WANT_READ
                                  : got < 0 && errno == EAGAIN;
        if (!again) drop(fd);
        return;
    }
    bytes[got] = 0;
    if (peer->state == UPGRADING) {
        upgrade(fd, (char *)bytes);
        return;
    }
    unmask(bytes, (size_t)got);
    if (ping_s && peer->state == GREETING) put(fd, frame, frame_size);
    peer->state = LISTENING;
}

/* ---- What they are told. */

/* A part of all descriptors in each turn. */
static void ping_some(void) {
    static const uint8_t ping[] = {0x89, 1, 'p'};
    uint32_t turns = ping_s * PING_TURNS_PER_S, turn = pinged_turns++ % turns;
    uint32_t count = (uint32_t)highest + 1;
    for (uint32_t fd = count * turn / turns; fd < count * (turn + 1) / turns; fd++)
        if (peers[fd].state >= GREETING) put((int)fd, ping, sizeof ping);
}

static void tell_all(void) {
    uint64_t turns;
    if (read(timer, &turns, sizeof turns) != sizeof turns) return;
    if (ping_s) {
        ping_some();
        return;
    }
    for (int fd = 0; fd <= highest; fd++)
        if (peers[fd].state == LISTENING && put(fd, frame, frame_size) < 0 && !peers[fd].stream &&
            errno != EAGAIN)
            drop(fd);
}

/* A binary message of `size` bytes that begins as a frame of Tidewire's does: one tick passed. */
static void make_frame(size_t size) {
    size_t at = 0;
    CHECK(size >= 4 && size + 4 <= sizeof frame);
    frame[at++] = 0x82;
    frame[at++] = (uint8_t)(size < 126 ? size : 126);
    if (size >= 126) {
        frame[at++] = (uint8_t)(size >> 8);
        frame[at++] = (uint8_t)size;
    }
    frame[at] = 0x92;
    frame[at + 1] = MESSAGE_FRAME + 2;
    frame_size = at + size;
}

/* ---- Starting. */

static void listen_on(int port) {
    listener = sockets_listen(port);
    if (listener < 0) die("listen");
    watch(listener, LISTENER);
}

static void pace(long rate) {
    struct timespec period = {.tv_sec = rate == 1, .tv_nsec = 1000000000L / rate % 1000000000L};
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    timerfd_settime(timer, 0, &(struct itimerspec){period, period}, NULL);
    watch(timer, TIMER);
}

static void secure(const char *certificate, const char *key) {
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    if (ping_s) SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        die("certificate");
}

int main(int argc, char **argv) {
    static struct epoll_event events[EVENTS];
    if (argc != 4 && argc != 6) {
        fprintf(stderr, "control PORT RATE BYTES [CERTIFICATE KEY]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    sockets_many();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    long rate = atol(argv[2]);
    if (rate == 0) ping_s = (uint32_t)atol(argv[3]);
    make_frame(rate ? (size_t)atol(argv[3]) : GREETING_BYTES);
    if (argc == 6) secure(argv[4], argv[5]);
    listen_on(atoi(argv[1]));
    pace(rate ? rate : PING_TURNS_PER_S);
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            uint32_t who = events[i].data.u32;
            if (who == LISTENER)
                accept_all();
            else if (who == TIMER)
                tell_all();
            else if (peers[who].state != FREE)
                hear((int)who);
        }
    }
}
