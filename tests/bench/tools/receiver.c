/* Many listeners, as cheap as can be: they connect, say HELLO, acknowledge frames at once (as many together
 * as they are told), answer each ping with a pong, and count. The same program serves our server and the
 * controls, which so get the same bytes. receiver URL GAME ROOMS: they are evenly spread over so many rooms;
 * 0: all in one; mute: no HELLO. What they do is said on standard input, a line a command; each is answered
 * with one line of JSON, and they go on listening until the next:
 * - grow N: N of them listen.
 * - cost N PID: the same, and the CPU that all threads of PID took meanwhile.
 * - drop N: those beyond N are gone.
 * - talk N: so many inputs a second from each.
 * - acks N: so many frames to an acknowledgement, where the server does not say.
 * - most N: not more than so many, whatever the server says.
 * - measure SECONDS PID: frames and bytes that came meanwhile, and that CPU. */
#include "protocol/frame.h"
#include "protocol/message.h"
#include "tests/bench/tools/cpu.h"
#include "tests/bench/tools/sockets.h"
#include "tests/load/address.h"
#include "tests/load/link.h"
#include "tests/load/loop.h"
#include "tests/load/websocket.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    COUNT_MAX = 20000,
    COMING_MAX = 256, /* on their way in at once */
    JOIN_US = 120000000,
    SETTLE_US = 300000,
    ROUND_US = 10000,
    SOURCE_FIRST = 0x7F010001, /* 127.1.0.1, */
    SOURCE_CLIENTS = 50, /* of whom each address of ours has so many: no bound of ports or of hosts is met */
    COMMANDS = COUNT_MAX /* who standard input is to the loop */
};
enum listener_state { IDLE, LINKING, UPGRADING, WAITING, LISTENING, GONE };

struct listener {
    struct link link;
    struct websocket websocket;
    uint8_t state;                                 /* enum listener_state */
    uint32_t tick, sequence, unacknowledged, acks; /* acks: frames to an acknowledgement */
    uint8_t *kept;
    size_t kept_size;
};

struct receiver {
    struct address address;
    struct link_security security;
    struct loop loop;
    struct listener all[COUNT_MAX];
    const char *game;
    bool mute;
    uint32_t inputs, rooms; /* inputs: a second from each */
    uint32_t acks, most;    /* frames to an acknowledgement, of who is not told; of anybody */
    uint32_t started, listening, gone;
    uint64_t talking_us, inputs_sent; /* since when, and how many since */
    uint64_t frames, bytes;
    bool done;
    char ask[1024], accept[32];
    size_t ask_size;
    uint8_t buffer[2 * LIMIT_FRAME + 64];
};

static void end(struct receiver *receiver, struct listener *listener, enum listener_state state) {
    if (listener->state == LISTENING) receiver->listening--;
    link_close(&listener->link);
    websocket_free(&listener->websocket);
    free(listener->kept);
    *listener = (struct listener){.state = (uint8_t)state, .link = {.fd = -1, .state = LINK_CLOSED}};
}

static void lose(struct receiver *receiver, struct listener *listener, const char *why) {
    if (listener->state == GONE) return;
    if (receiver->gone++ == 0) fprintf(stderr, "receiver: %s\n", why);
    end(receiver, listener, GONE);
}

static void send_frame(struct receiver *receiver, struct listener *listener, uint8_t opcode,
                       const uint8_t *bytes, size_t bytes_size) {
    uint8_t frame[LIMIT_MESSAGE_UP + WEBSOCKET_HEAD];
    size_t size = websocket_write(frame, opcode, bytes, bytes_size, 0x5A17C39Eu);
    if (!link_write(&listener->link, frame, size)) lose(receiver, listener, listener->link.why);
}

static void send_message(struct receiver *receiver, struct listener *listener,
                         const struct wire_writer *writer) {
    send_frame(receiver, listener, WEBSOCKET_BINARY, writer->bytes, writer->size);
}

/* ---- Coming in. */

static void start(struct receiver *receiver) {
    uint32_t number = receiver->started++;
    struct listener *listener = &receiver->all[number];
    const struct addrinfo *to = receiver->address.all;
    listener->state = LINKING;
    receiver->security.from = SOURCE_FIRST + number / SOURCE_CLIENTS * 4;
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
    if (receiver->mute) {
        listener->state = LISTENING;
        receiver->listening++;
        return used;
    }
    snprintf(hello.game, sizeof hello.game, "%s", receiver->game);
    if (receiver->rooms)
        snprintf(hello.room, sizeof hello.room, "room-%u",
                 (uint32_t)(listener - receiver->all) % receiver->rooms);
    message_write_hello(&writer, &hello);
    listener->state = WAITING;
    send_message(receiver, listener, &writer);
    return used;
}

/* ---- Listening. */

static void acknowledge(struct receiver *receiver, struct listener *listener) {
    uint8_t message[16];
    uint32_t acks = listener->acks ? listener->acks : receiver->acks;
    if (++listener->unacknowledged < acks && listener->unacknowledged < receiver->most) return;
    listener->unacknowledged = 0;
    struct wire_writer writer = wire_writer_init(message, sizeof message);
    message_write_ack(&writer, listener->tick);
    send_message(receiver, listener, &writer);
}

/* How many frames an acknowledgement is to tell of, if the frame says so. */
static void take_answers(struct listener *listener, const struct websocket_piece *piece) {
    struct frame frame;
    if (!frame_read(piece->bytes, piece->size, &frame)) return; /* a control's */
    const struct frame_slice *answers = &frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(answers->bytes, answers->size);
    uint32_t type, elements;
    while (message_next_answer(&reader, &type, &elements)) {
        if (type == MESSAGE_ACKS)
            listener->acks = wire_read_u32(&reader);
        else
            wire_skip_many(&reader, elements);
    }
}

static void take_frame(struct receiver *receiver, struct listener *listener, uint32_t advance, size_t size) {
    listener->tick += advance;
    if (listener->state == WAITING) receiver->listening++;
    listener->state = LISTENING;
    receiver->frames++;
    receiver->bytes += size;
    acknowledge(receiver, listener);
}

static void lose_with_bye(struct receiver *receiver, struct listener *listener,
                          const struct websocket_piece *piece) {
    struct message_bye bye;
    char why[100];
    if (!message_read_bye(piece->bytes, piece->size, &bye)) {
        lose(receiver, listener, "the server said what nobody understands");
        return;
    }
    snprintf(why, sizeof why, "the server said goodbye: %u, %s", bye.code, bye.text);
    lose(receiver, listener, why);
}

static void take_message(struct receiver *receiver, struct listener *listener,
                         const struct websocket_piece *piece) {
    struct wire_reader reader = wire_reader_init(piece->bytes, piece->size);
    wire_read_array(&reader);
    uint32_t type = wire_read_u32(&reader);
    if (type >= MESSAGE_FRAME) {
        take_answers(listener, piece);
        take_frame(receiver, listener, frame_advance(type), piece->size);
    } else if (type == MESSAGE_WELCOME) {
        for (int i = 0; i < 4; i++) wire_skip(&reader);
        listener->tick = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
        listener->sequence = 0;
        listener->acks = 1;
    } else {
        lose_with_bye(receiver, listener, piece);
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
        if (news == WEBSOCKET_PINGED) send_frame(receiver, listener, WEBSOCKET_PONG, piece.bytes, piece.size);
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

/* ---- Talking. */

/* An input of a game whose inputs are one number, in which nothing is asked for. */
static void send_input(struct receiver *receiver, struct listener *listener) {
    uint8_t message[32];
    struct wire_writer writer = wire_writer_init(message, sizeof message);
    wire_array(&writer, 4);
    wire_uint(&writer, MESSAGE_INPUT);
    wire_uint(&writer, ++listener->sequence);
    wire_uint(&writer, listener->tick);
    wire_uint(&writer, 0);
    listener->unacknowledged = 0;
    send_message(receiver, listener, &writer);
}

/* All inputs evenly spread over time. */
static void talk(struct receiver *receiver) {
    uint64_t due = (loop_now_us() - receiver->talking_us) * receiver->inputs * receiver->started / 1000000;
    for (; receiver->inputs_sent < due; receiver->inputs_sent++) {
        struct listener *listener = &receiver->all[receiver->inputs_sent % receiver->started];
        if (listener->state == LISTENING) send_input(receiver, listener);
    }
}

/* ---- Turns. Returns whether there is a command to be read. */

static bool turn(struct receiver *receiver) {
    bool told = false;
    if (receiver->inputs && receiver->started == receiver->listening) talk(receiver);
    loop_wait(&receiver->loop, loop_now_us() + ROUND_US);
    for (int i = 0; i < receiver->loop.count; i++) {
        struct loop_event event = loop_event(&receiver->loop, i);
        struct listener *listener = &receiver->all[event.who < COMMANDS ? event.who : 0];
        if (event.who == COMMANDS)
            told = true;
        else if (listener->state == LINKING)
            proceed(receiver, listener);
        else if (listener->state != GONE && listener->state != IDLE)
            hear(receiver, listener);
    }
    return told;
}

/* ---- Measuring. */

static void listen_for(struct receiver *receiver, uint64_t us) {
    for (uint64_t until_us = loop_now_us() + us; loop_now_us() < until_us;) turn(receiver);
}

static void measure(struct receiver *receiver, double seconds, int pid) {
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
}

static void tell_count(const struct receiver *receiver) {
    printf("{\"listening\":%u,\"lost\":%u}\n", receiver->listening, receiver->gone);
}

static bool grow(struct receiver *receiver, uint32_t count) {
    uint64_t until_us = loop_now_us() + JOIN_US;
    if (count > COUNT_MAX) count = COUNT_MAX;
    while (receiver->listening < count && !receiver->gone && loop_now_us() < until_us) {
        while (receiver->started < count && receiver->started - receiver->listening < COMING_MAX)
            start(receiver);
        turn(receiver);
    }
    return receiver->listening == count;
}

static void cost(struct receiver *receiver, uint32_t count, int pid) {
    uint64_t began_ns = cpu_ns(pid);
    bool all = grow(receiver, count);
    printf("{\"cpu_us\":%.1f,\"lost\":%d}\n", (double)(cpu_ns(pid) - began_ns) / 1000, !all);
}

static void start_talking(struct receiver *receiver, uint32_t rate) {
    receiver->inputs = rate;
    receiver->talking_us = loop_now_us();
    receiver->inputs_sent = 0;
    tell_count(receiver);
}

static void drop(struct receiver *receiver, uint32_t count) {
    while (receiver->started > count) end(receiver, &receiver->all[--receiver->started], IDLE);
    tell_count(receiver);
}

/* ---- The commands. */

static void obey(struct receiver *receiver) {
    char line[200];
    double seconds;
    uint32_t count;
    int pid;
    receiver->done = !fgets(line, sizeof line, stdin);
    if (receiver->done) return;
    if (sscanf(line, "grow %u", &count) == 1) {
        grow(receiver, count);
        tell_count(receiver);
    } else if (sscanf(line, "cost %u %d", &count, &pid) == 2)
        cost(receiver, count, pid);
    else if (sscanf(line, "drop %u", &count) == 1)
        drop(receiver, count);
    else if (sscanf(line, "talk %u", &count) == 1)
        start_talking(receiver, count);
    else if (sscanf(line, "acks %u", &receiver->acks) == 1 || sscanf(line, "most %u", &receiver->most) == 1)
        tell_count(receiver);
    else if (sscanf(line, "measure %lf %d", &seconds, &pid) == 2)
        measure(receiver, seconds, pid);
    else
        printf("{\"lost\":1}\n");
    fflush(stdout);
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
    receiver->mute = strcmp(argv[3], "mute") == 0;
    receiver->rooms = (uint32_t)atoi(argv[3]);
    receiver->security.host = receiver->address.host;
    if (receiver->address.secure) receiver->security.context = tls_create(false, &trouble);
    struct websocket_upgrade upgrade = {receiver->address.host, receiver->address.port,
                                        receiver->address.path, "tidewire.1"};
    receiver->ask_size = websocket_ask(&upgrade, receiver->ask, sizeof receiver->ask, receiver->accept);
    return loop_start(&receiver->loop) && loop_watch(&receiver->loop, STDIN_FILENO, COMMANDS, false, false);
}

int main(int argc, char **argv) {
    static struct receiver receiver = {.acks = 1, .most = UINT32_MAX};
    if (argc != 4) {
        fprintf(stderr, "receiver URL GAME ROOMS\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    sockets_many();
    setvbuf(stdin, NULL, _IONBF, 0); /* a line that is read already would wake nobody */
    if (!prepare(&receiver, argv)) return 1;
    while (!receiver.done)
        if (turn(&receiver)) obey(&receiver);
    return receiver.gone != 0;
}
