/* Many listeners, as cheap as can be: they connect, say HELLO, answer each message with an acknowledgement at
 * once, and count. Over a measured time they also read how much CPU a server process took, all of its
 * threads. receiver URL GAME CLIENTS SECONDS PID: prints one line of JSON. The same program serves our server
 * and the control, which so get the same bytes. */
#include "protocol/message.h"
#include "tests/load/address.h"
#include "tests/load/link.h"
#include "tests/load/loop.h"
#include "tests/load/websocket.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { COMING_MAX = 256, JOIN_US = 60000000, SETTLE_US = 300000, ROUND_US = 10000 };
enum listener_state { IDLE, LINKING, UPGRADING, WAITING, LISTENING, GONE };

struct listener {
    struct link link;
    struct websocket websocket;
    uint8_t state; /* enum listener_state */
    uint32_t tick;
    uint8_t *kept;
    size_t kept_size;
};

struct receiver {
    struct address address;
    struct link_security security;
    struct loop loop;
    struct listener *all;
    const char *game;
    uint32_t count, started, listening, gone;
    uint64_t frames, bytes;
    char ask[1024], accept[32];
    size_t ask_size;
    uint8_t buffer[2 * LIMIT_FRAME + 64];
};

static void lose(struct receiver *receiver, struct listener *listener, const char *why) {
    if (listener->state == GONE) return;
    if (receiver->gone++ == 0) fprintf(stderr, "receiver: %s\n", why);
    if (listener->state == LISTENING) receiver->listening--;
    link_close(&listener->link);
    listener->state = GONE;
}

static void send_message(struct receiver *receiver, struct listener *listener,
                         const struct wire_writer *writer) {
    uint8_t frame[LIMIT_MESSAGE_UP + WEBSOCKET_HEAD];
    size_t size = websocket_write(frame, WEBSOCKET_BINARY, writer->bytes, writer->size, 0x5A17C39Eu);
    if (!link_write(&listener->link, frame, size)) lose(receiver, listener, listener->link.why);
}

/* ---- Coming in. */

static void start(struct receiver *receiver) {
    uint32_t number = receiver->started++;
    struct listener *listener = &receiver->all[number];
    const struct addrinfo *to = receiver->address.all;
    listener->state = LINKING;
    if (!link_open(&listener->link, to->ai_addr, to->ai_addrlen, &receiver->security) ||
        !loop_watch(&receiver->loop, listener->link.fd, number, true, false))
        lose(receiver, listener, listener->link.why);
}

static void proceed(struct receiver *receiver, struct listener *listener) {
    enum link_state state = link_proceed(&listener->link, &receiver->security);
    uint32_t number = (uint32_t)(listener - receiver->all);
    if (state == LINK_CLOSED) {
        lose(receiver, listener, listener->link.why);
        return;
    }
    loop_watch(&receiver->loop, listener->link.fd, number, link_wants_room(&listener->link), true);
    if (state != LINK_OPEN) return;
    listener->state = UPGRADING;
    if (!link_write(&listener->link, (const uint8_t *)receiver->ask, receiver->ask_size))
        lose(receiver, listener, listener->link.why);
}

static size_t take_answer(struct receiver *receiver, struct listener *listener, const uint8_t *bytes,
                          size_t size) {
    uint8_t message[LIMIT_MESSAGE_UP];
    char why[200];
    size_t used = websocket_answer(bytes, size, receiver->accept, why, sizeof why);
    struct message_hello hello = {.device = "-", .lane = 1};
    struct wire_writer writer = wire_writer_init(message, sizeof message);
    if (used && why[0]) lose(receiver, listener, why);
    if (!used || why[0]) return used;
    snprintf(hello.game, sizeof hello.game, "%s", receiver->game);
    message_write_hello(&writer, &hello);
    listener->state = WAITING;
    send_message(receiver, listener, &writer);
    return used;
}

/* ---- Listening. */

static void acknowledge(struct receiver *receiver, struct listener *listener) {
    uint8_t message[16];
    struct wire_writer writer = wire_writer_init(message, sizeof message);
    message_write_ack(&writer, listener->tick);
    send_message(receiver, listener, &writer);
}

static void take_frame(struct receiver *receiver, struct listener *listener, uint32_t advance, size_t size) {
    listener->tick += advance;
    if (listener->state == WAITING) receiver->listening++;
    listener->state = LISTENING;
    receiver->frames++;
    receiver->bytes += size;
    acknowledge(receiver, listener);
}

static void take_message(struct receiver *receiver, struct listener *listener,
                         const struct websocket_piece *piece) {
    struct wire_reader reader = wire_reader_init(piece->bytes, piece->size);
    wire_read_array(&reader);
    switch (wire_read_uint(&reader, UINT32_MAX)) {
    case MESSAGE_WELCOME:
        for (int i = 0; i < 4; i++) wire_skip(&reader);
        listener->tick = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
        return;
    case MESSAGE_FRAME:
        take_frame(receiver, listener, (uint32_t)wire_read_uint(&reader, LIMIT_ADVANCE), piece->size);
        return;
    default:
        lose(receiver, listener, "the server said goodbye, or what nobody understands");
    }
}

static void take_bytes(struct receiver *receiver, struct listener *listener, size_t size) {
    const uint8_t *at = receiver->buffer, *end = at + size;
    if (listener->state == UPGRADING) at += take_answer(receiver, listener, at, size);
    while (listener->state >= WAITING && listener->state != GONE) {
        struct websocket_piece piece;
        enum websocket_news news = websocket_next(&listener->websocket, &at, end, &piece);
        if (news == WEBSOCKET_MORE) break;
        if (news == WEBSOCKET_MESSAGE) take_message(receiver, listener, &piece);
        if (news == WEBSOCKET_CLOSED || news == WEBSOCKET_BROKEN) lose(receiver, listener, "closed");
    }
    free(listener->kept);
    listener->kept = NULL;
    listener->kept_size = (size_t)(end - at);
    if (!listener->kept_size) return;
    listener->kept = malloc(listener->kept_size);
    CHECK(listener->kept);
    memcpy(listener->kept, at, listener->kept_size);
}

static void hear(struct receiver *receiver, struct listener *listener) {
    do {
        size_t size = listener->kept_size;
        if (size) memcpy(receiver->buffer, listener->kept, size);
        size_t got = link_read(&listener->link, receiver->buffer + size, sizeof receiver->buffer - size);
        if (got) take_bytes(receiver, listener, size + got);
    } while (listener->state != GONE && listener->link.state == LINK_OPEN && link_pending(&listener->link));
    if (listener->link.state == LINK_CLOSED) lose(receiver, listener, listener->link.why);
}

static void turn(struct receiver *receiver) {
    loop_wait(&receiver->loop, loop_now_us() + ROUND_US);
    for (int i = 0; i < receiver->loop.count; i++) {
        struct loop_event event = loop_event(&receiver->loop, i);
        struct listener *listener = &receiver->all[event.who];
        if (listener->state == LINKING)
            proceed(receiver, listener);
        else if (listener->state != GONE)
            hear(receiver, listener);
    }
}

/* ---- Measuring. */

/* Nanoseconds of CPU that all threads of a process have taken, by the scheduler's own count. */
static uint64_t cpu_ns(const char *pid) {
    char path[300];
    uint64_t sum = 0;
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        unsigned long long took = 0;
        snprintf(path, sizeof path, "/proc/%.20s/task/%.20s/schedstat", pid, task->d_name);
        FILE *file = task->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (file && fscanf(file, "%llu", &took) == 1) sum += took;
        if (file) fclose(file);
    }
    if (tasks) closedir(tasks);
    return sum;
}

static bool bring_in(struct receiver *receiver) {
    uint64_t until_us = loop_now_us() + JOIN_US;
    while (receiver->listening < receiver->count && !receiver->gone && loop_now_us() < until_us) {
        while (receiver->started < receiver->count && receiver->started - receiver->listening < COMING_MAX)
            start(receiver);
        turn(receiver);
    }
    return receiver->listening == receiver->count;
}

static void listen_for(struct receiver *receiver, uint64_t us) {
    for (uint64_t until_us = loop_now_us() + us; loop_now_us() < until_us;) turn(receiver);
}

static bool measure(struct receiver *receiver, double seconds, const char *pid) {
    listen_for(receiver, SETTLE_US);
    uint64_t frames = receiver->frames, bytes = receiver->bytes, began_us = loop_now_us(),
             began_ns = cpu_ns(pid);
    listen_for(receiver, (uint64_t)(seconds * 1e6));
    uint64_t cpu = cpu_ns(pid) - began_ns, took_us = loop_now_us() - began_us;
    frames = receiver->frames - frames;
    bytes = receiver->bytes - bytes;
    printf("{\"seconds\":%.4f,\"frames\":%llu,\"bytes\":%llu,\"cpu_us\":%.1f,\"lost\":%u}\n",
           (double)took_us / 1e6, (unsigned long long)frames, (unsigned long long)bytes, (double)cpu / 1000,
           receiver->gone);
    return receiver->gone == 0 && frames;
}

static bool prepare(struct receiver *receiver, char **argv) {
    char why[256];
    const char *trouble = "";
    if (!address_read(&receiver->address, argv[1], why, sizeof why) ||
        !address_find(&receiver->address, why, sizeof why)) {
        fprintf(stderr, "receiver: %s\n", why);
        return false;
    }
    receiver->game = argv[2];
    receiver->count = (uint32_t)atoi(argv[3]);
    receiver->security.host = receiver->address.host;
    if (receiver->address.secure) receiver->security.context = tls_create(false, &trouble);
    struct websocket_upgrade upgrade = {receiver->address.host, receiver->address.port,
                                        receiver->address.path, "tidewire.1"};
    receiver->ask_size = websocket_ask(&upgrade, receiver->ask, sizeof receiver->ask, receiver->accept);
    receiver->all = calloc(receiver->count, sizeof *receiver->all);
    return receiver->all && loop_start(&receiver->loop);
}

int main(int argc, char **argv) {
    static struct receiver receiver;
    struct rlimit limit;
    if (argc != 6) {
        fprintf(stderr, "receiver URL GAME CLIENTS SECONDS PID\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (!prepare(&receiver, argv)) return 1;
    if (bring_in(&receiver)) return measure(&receiver, atof(argv[4]), argv[5]) ? 0 : 1;
    fprintf(stderr, "receiver: %u of %u listen, %u were lost\n", receiver.listening, receiver.count,
            receiver.gone);
    return 1;
}
