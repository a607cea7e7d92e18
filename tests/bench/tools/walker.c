/* The clients of "arena walk" for servers that are not ours, as cheap as can be: each opens a WebSocket, says
 * what its server wants to hear, sends RATE inputs a second (keys by chance, other ones after as many),
 * and counts what comes. What messages look like is told on the command line, in hexadecimal, so one program
 * serves all. walker PORT PATHS CLIENTS SETTLE_S SECONDS PID OPENING REPLIES INPUTS RATE. PATHS: a file with
 * one path for each client. OPENING: messages to say first, with commas. REPLIES: `PREFIX=MESSAGE`: who
 * begins so is answered so. INPUTS: the 18 messages of dx, dy, fire. `t` before a message: text. "-": none.
 * Prints a line when the measured time begins, and at its end one of JSON. */
#include "game/math.h"
#include "protocol/base.h"
#include "tests/bench/tools/cpu.h"
#include "tests/bench/tools/sockets.h"
#include "tests/load/histogram.h"
#include "tests/load/link.h"
#include "tests/load/loop.h"
#include "tests/load/processor.h"
#include "tests/load/websocket.h"
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CLIENTS = 20000,
    MESSAGES = 24,
    MESSAGE = 64,
    KEYS = 18,
    COMING = 64, /* at once */
    READ = 512 * 1024,
    JOIN_US = 30000000, /* who takes longer to let them in does not hold them */
    LATE_TURNS = 2      /* so many behind, turns are left out and counted */
};
enum { TEXT = 1, BINARY = 2, PONG = 10 };
enum client_state { IDLE, LINKING, UPGRADING, WAITING, WALKING, GONE };

struct message {
    uint8_t bytes[MESSAGE];
    size_t size;
    uint8_t opcode;
};
struct messages {
    struct message all[MESSAGES];
    uint32_t count;
};
struct client {
    struct link link;
    uint8_t state; /* enum client_state */
    uint8_t keys;
    uint8_t turns_left;
    uint64_t heard_us;
    uint8_t *kept;
    size_t kept_size;
};

static struct walkers {
    struct sockaddr_in server;
    const char *port;
    struct client *all;
    char (*paths)[128];
    uint32_t count, started, walking, lost;
    struct loop loop;
    struct messages opening, prefixes, replies, inputs;
    double rate;
    uint64_t dice, turn_us, turns_us, turns, late;
    bool measuring;
    uint64_t frames, bytes, sent;
    struct histogram gaps;
    uint8_t buffer[READ];
} walkers;

static void die(const char *what) {
    fprintf(stderr, "walker: %s\n", what);
    exit(1);
}

/* ---- What messages look like. */

static uint8_t hex(const char *at) {
    char pair[3] = {at[0], at[1], 0};
    return (uint8_t)strtoul(pair, NULL, 16);
}

static void read_message(struct message *message, const char *at, const char *end) {
    message->opcode = *at == 't' ? TEXT : BINARY;
    at += *at == 't';
    for (message->size = 0; at + 1 < end && message->size < MESSAGE; at += 2)
        message->bytes[message->size++] = hex(at);
}

static void read_messages(struct messages *into, const char *text, struct messages *prefixes) {
    if (strcmp(text, "-") == 0) return;
    while (*text) {
        const char *end = text + strcspn(text, ","), *equals = memchr(text, '=', (size_t)(end - text));
        if (into->count == MESSAGES) die("too many messages");
        if (prefixes && equals) read_message(&prefixes->all[prefixes->count++], text, equals);
        read_message(&into->all[into->count++], prefixes && equals ? equals + 1 : text, end);
        text = end + (*end == ',');
    }
}

/* ---- Saying. */

static void lose(struct client *client, const char *why) {
    if (client->state == GONE) return;
    if (walkers.lost++ == 0) fprintf(stderr, "walker: %s\n", why);
    if (client->state == WALKING) walkers.walking--;
    link_close(&client->link);
    client->state = GONE;
}

static void say(struct client *client, uint8_t opcode, const uint8_t *bytes, size_t size) {
    uint8_t frame[256 + WEBSOCKET_HEAD];
    size_t length = websocket_write(frame, opcode, bytes, size, dice_next(&walkers.dice));
    if (!link_write(&client->link, frame, length)) lose(client, client->link.why);
}

static void say_message(struct client *client, const struct message *message) {
    if (client->state != GONE) say(client, message->opcode, message->bytes, message->size);
}

/* ---- Coming in. */

static void start(void) {
    uint32_t number = walkers.started++;
    struct client *client = &walkers.all[number];
    struct link_security plain = {0};
    client->state = LINKING;
    if (!link_open(&client->link, (struct sockaddr *)&walkers.server, sizeof walkers.server, &plain) ||
        !loop_watch(&walkers.loop, client->link.fd, number, true, false))
        lose(client, client->link.why);
}

static void proceed(struct client *client) {
    struct link_security plain = {0};
    uint32_t number = (uint32_t)(client - walkers.all);
    struct websocket_upgrade upgrade = {"127.0.0.1", walkers.port, walkers.paths[number], NULL};
    char ask[1024], accept[32];
    if (link_proceed(&client->link, &plain) != LINK_OPEN) {
        if (client->link.state == LINK_CLOSED) lose(client, client->link.why);
        return;
    }
    loop_watch(&walkers.loop, client->link.fd, number, false, true);
    client->state = UPGRADING;
    size_t size = websocket_ask(&upgrade, ask, sizeof ask, accept);
    if (!link_write(&client->link, (const uint8_t *)ask, size)) lose(client, client->link.why);
}

static size_t take_answer(struct client *client, const uint8_t *bytes, size_t size) {
    struct websocket_upgrade upgrade = {"127.0.0.1", walkers.port, "/", NULL};
    char ask[1024], accept[32], why[200];
    websocket_ask(&upgrade, ask, sizeof ask, accept);
    size_t used = websocket_answer(bytes, size, accept, why, sizeof why);
    if (used && why[0]) lose(client, why);
    if (!used || why[0]) return used;
    client->state = WAITING;
    for (uint32_t i = 0; i < walkers.opening.count; i++) say_message(client, &walkers.opening.all[i]);
    return used;
}

/* ---- Hearing. Text is as good as binary here, so frames are taken apart by hand. */

static void count_message(struct client *client, size_t size, uint64_t now_us) {
    if (client->state == WAITING) walkers.walking++;
    client->state = WALKING;
    walkers.frames++;
    walkers.bytes += size;
    if (walkers.measuring && client->heard_us) histogram_add(&walkers.gaps, now_us - client->heard_us);
    client->heard_us = now_us;
}

static void take_message(struct client *client, const uint8_t *bytes, size_t size, uint64_t now_us) {
    for (uint32_t i = 0; i < walkers.prefixes.count; i++) {
        const struct message *prefix = &walkers.prefixes.all[i];
        if (size < prefix->size || memcmp(bytes, prefix->bytes, prefix->size) != 0) continue;
        if (walkers.replies.all[i].size) say_message(client, &walkers.replies.all[i]);
        return;
    }
    count_message(client, size, now_us);
}

/* Length of the head, and of the payload in *size; 0: more bytes are needed. */
static size_t read_head(const uint8_t *at, size_t have, size_t *size) {
    if (have < 2) return 0;
    size_t extra = (at[1] & 127) == 126 ? 2 : (at[1] & 127) == 127 ? 8 : 0;
    if (have < 2 + extra) return 0;
    *size = extra ? 0 : at[1] & 127;
    for (size_t i = 0; i < extra; i++) *size = *size << 8 | at[2 + i];
    return have >= 2 + extra + *size ? 2 + extra : 0;
}

static void take_frame(struct client *client, uint8_t opcode, const uint8_t *bytes, size_t size,
                       uint64_t now_us) {
    if (opcode == 9) say(client, PONG, bytes, size < 125 ? size : 125);
    if (opcode == WEBSOCKET_CLOSE) lose(client, "the server closed");
    if (opcode <= BINARY) take_message(client, bytes, size, now_us);
}

static void keep(struct client *client, const uint8_t *bytes, size_t size) {
    free(client->kept);
    client->kept = size ? malloc(size) : NULL;
    client->kept_size = size;
    if (size) memcpy(client->kept, bytes, size);
}

static void hear(struct client *client) {
    size_t size = client->kept_size, payload;
    if (size) memcpy(walkers.buffer, client->kept, size);
    size_t got = link_read(&client->link, walkers.buffer + size, READ - size);
    const uint8_t *at = walkers.buffer, *end = at + size + got;
    uint64_t now_us = loop_now_us();
    if (client->state == UPGRADING) at += take_answer(client, at, size + got);
    while (client->state >= WAITING && client->state != GONE) {
        size_t head = read_head(at, (size_t)(end - at), &payload);
        if (!head) break;
        take_frame(client, at[0] & 15, at + head, payload, now_us);
        at += head + payload;
    }
    if (client->state != GONE) keep(client, at, (size_t)(end - at));
    if (client->link.state == LINK_CLOSED) lose(client, client->link.why);
}

/* ---- Walking. */

static void walk(struct client *client) {
    if (client->state != WALKING || client->link.waiting) return;
    if (client->turns_left-- == 0) {
        uint32_t rate = (uint32_t)walkers.rate;
        client->turns_left = (uint8_t)(rate / 2 + dice_below(&walkers.dice, rate + 1));
        client->keys = (uint8_t)dice_below(&walkers.dice, KEYS);
    }
    say_message(client, &walkers.inputs.all[client->keys]);
    walkers.sent++;
}

static uint64_t turn_due_us(void) {
    return walkers.turns_us + walkers.turns * walkers.turn_us / walkers.count;
}

static void walk_due(void) {
    uint64_t now_us = loop_now_us();
    if (now_us > turn_due_us() + LATE_TURNS * walkers.turn_us) {
        uint64_t skipped = (now_us - turn_due_us()) / walkers.turn_us * walkers.count;
        walkers.turns += skipped;
        walkers.late += skipped * walkers.measuring;
    }
    for (; turn_due_us() <= now_us; walkers.turns++) walk(&walkers.all[walkers.turns % walkers.count]);
}

static void turn(void) {
    walk_due();
    loop_wait(&walkers.loop, turn_due_us());
    for (int i = 0; i < walkers.loop.count; i++) {
        struct loop_event event = loop_event(&walkers.loop, i);
        struct client *client = &walkers.all[event.who];
        if (client->state == LINKING)
            proceed(client);
        else if (client->state != GONE && event.readable)
            hear(client);
        if (client->state > LINKING && client->state != GONE && event.writable) {
            link_flush(&client->link);
            loop_watch(&walkers.loop, client->link.fd, event.who, link_wants_room(&client->link), true);
        }
    }
}

/* ---- Measuring. */

static void bring_in(void) {
    uint64_t until_us = loop_now_us() + JOIN_US;
    while (walkers.walking + walkers.lost < walkers.count && loop_now_us() < until_us) {
        while (walkers.started < walkers.count && walkers.started - walkers.walking - walkers.lost < COMING)
            start();
        turn();
    }
}

static void walk_for(double seconds) {
    for (uint64_t until_us = loop_now_us() + (uint64_t)(seconds * 1e6); loop_now_us() < until_us;) turn();
}

static void measure(double seconds, int pid) {
    uint64_t frames = walkers.frames, bytes = walkers.bytes, sent = walkers.sent, cpu = cpu_ns(pid),
             began_us = loop_now_us();
    struct processor before = processor_now();
    walkers.measuring = true;
    puts("measuring");
    fflush(stdout);
    walk_for(seconds);
    double took = (double)(loop_now_us() - began_us) / 1e6, each = took * walkers.count;
    struct processor after = processor_now();
    printf("{\"clients\":%u,\"walking\":%u,\"seconds\":%.3f,\"frames_per_client_s\":%.4f,\"bytes_per_client_"
           "s\":%.2f,"
           "\"inputs_per_client_s\":%.3f,\"gap_p50_ms\":%.2f,\"gap_p99_ms\":%.2f,\"late\":%llu,\"server_"
           "cores\":%.4f,"
           "\"own_cores\":%.4f,\"own_waited\":%.4f}\n",
           walkers.count, walkers.walking, took, (double)(walkers.frames - frames) / each,
           (double)(walkers.bytes - bytes) / each, (double)(walkers.sent - sent) / each,
           (double)histogram_at(&walkers.gaps, 0.5) / 1000, (double)histogram_at(&walkers.gaps, 0.99) / 1000,
           (unsigned long long)walkers.late, (double)(cpu_ns(pid) - cpu) / 1e9 / took,
           (after.used - before.used) / took, (after.waited - before.waited) / took);
}

static void read_paths(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) die("no paths");
    for (uint32_t i = 0; i < walkers.count; i++) {
        if (!fgets(walkers.paths[i], sizeof walkers.paths[i], file)) die("too few paths");
        walkers.paths[i][strcspn(walkers.paths[i], "\r\n")] = 0;
    }
    fclose(file);
}

int main(int argc, char **argv) {
    if (argc != 11) die("walker PORT PATHS CLIENTS SETTLE_S SECONDS PID OPENING REPLIES INPUTS RATE");
    signal(SIGPIPE, SIG_IGN);
    sockets_many();
    walkers.port = argv[1];
    walkers.count = (uint32_t)atoi(argv[3]);
    walkers.rate = atof(argv[10]);
    if (walkers.count == 0 || walkers.count > CLIENTS || !(walkers.rate > 0.1 && walkers.rate <= 100))
        die("how many, how often?");
    walkers.turn_us = (uint64_t)(1e6 / walkers.rate);
    walkers.server = (struct sockaddr_in){.sin_family = AF_INET,
                                          .sin_port = htons((uint16_t)atoi(argv[1])),
                                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    walkers.all = calloc(walkers.count, sizeof *walkers.all);
    walkers.paths = calloc(walkers.count, sizeof *walkers.paths);
    walkers.dice = dice_seed(1);
    if (!walkers.all || !walkers.paths || !loop_start(&walkers.loop)) die("no memory");
    read_paths(argv[2]);
    read_messages(&walkers.opening, argv[7], NULL);
    read_messages(&walkers.replies, argv[8], &walkers.prefixes);
    read_messages(&walkers.inputs, argv[9], NULL);
    if (walkers.inputs.count != KEYS) die("18 inputs are wanted");
    walkers.turns_us = loop_now_us();
    bring_in();
    walk_for(atof(argv[4]));
    measure(atof(argv[5]), atoi(argv[6]));
    return walkers.lost ? 1 : 0;
}
