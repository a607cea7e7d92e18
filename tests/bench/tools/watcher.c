/* Listeners that measure what time does to state. Direct ones tell what was published and when; one more,
 * behind a slow link, is held against them: its age is now less the time at which the oldest change that it
 * has not was published (0: it has all). Changes are those of rows: one has arrived when a frame of its tick
 * or later named its row; those of rows that the slow one does not hold are not missing. A tick is published
 * when the first direct listener has it. Each acknowledges a frame at once. watcher DIRECT_URL SLOW_URL|-
 * GAME CLIENTS SETTLE_S SECONDS: prints one line of JSON. The same program serves our server and the naive
 * control, whose frames have no rows: a frame of a tick then brings all up to it. */
#include "protocol/replica.h"
#include "tests/load/address.h"
#include "tests/load/link.h"
#include "tests/load/loop.h"
#include "tests/load/websocket.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    OWED = 1 << 20, /* published changes that the slow one may lack: two minutes of the fullest room */
    WHOLE = UINT16_MAX + 1, /* instead of a row: all that a tick changed */
    TICKS = 1024,           /* that are remembered */
    AGE_MS = 600000,        /* older counts as this */
    GAP_MS = 4000,          /* in steps of GAP_US */
    GAP_US = 100,
    BUFFER = 2 * LIMIT_FRAME + 64,
    JOIN_US = 30000000,
    ROUND_US = 1000
};
enum listener_state { LINKING, UPGRADING, WAITING, LISTENING, GONE };

struct listener {
    struct link link;
    struct websocket websocket;
    uint8_t state; /* enum listener_state */
    uint32_t tick, advance_most;
    uint64_t heard_us; /* when its newest frame came; 0: none yet */
    uint64_t frames, bytes;
    bool knows_rows; /* WELCOME told of them, and this is the first or the slow one */
    struct shape_set shapes;
    struct replica replica;
    uint8_t kept[BUFFER];
    size_t kept_size;
};

static struct watcher {
    struct address direct, behind;
    struct loop loop;
    struct listener *all, *slow; /* slow: the last of all, or NULL */
    const char *game;
    uint32_t count, listening;
    char ask[1024], accept[32];
    size_t ask_size;
    bool measuring;
    struct {
        uint32_t tick, row;
        uint64_t at_us;
    } owed[OWED]; /* changes that the slow one lacked when they were published, oldest first */
    uint64_t owed_first, owed_end;
    uint32_t published; /* newest tick ever */
    uint64_t published_us[TICKS];
    uint32_t named[LIMIT_ROWS]; /* by row: tick of the last frame that named it to the slow one */
    uint64_t held, held_of;     /* rows that the slow one held, and the first one, summed over its frames */
    uint64_t sampled_us;
    uint32_t ages[AGE_MS + 1], gaps[GAP_MS * 1000 / GAP_US + 1];
} watcher;

static void die(const char *what) {
    fprintf(stderr, "watcher: %s\n", what);
    exit(1);
}

static void say(struct listener *listener, const struct wire_writer *writer) {
    uint8_t frame[LIMIT_MESSAGE_UP + WEBSOCKET_HEAD];
    size_t size = websocket_write(frame, WEBSOCKET_BINARY, writer->bytes, writer->size, 0x5A17C39Eu);
    if (!link_write(&listener->link, frame, size)) die(listener->link.why);
}

/* ---- Ages and gaps. */

/* One sample for each millisecond up to now. */
static void sample_age(uint64_t now_us) {
    for (; watcher.sampled_us + 1000 <= now_us; watcher.sampled_us += 1000) {
        uint64_t at_us = watcher.sampled_us + 1000, since_us = at_us;
        if (watcher.owed_first < watcher.owed_end) since_us = watcher.owed[watcher.owed_first % OWED].at_us;
        uint64_t age_ms = since_us < at_us ? (at_us - since_us) / 1000 : 0;
        watcher.ages[age_ms < AGE_MS ? age_ms : AGE_MS] += watcher.measuring;
    }
}

static bool changes_something(const struct frame *frame) {
    for (int i = 0; i <= FRAME_EVENTS; i++)
        if (frame->lists[i].elements) return true;
    return false;
}

static bool has_arrived(uint32_t tick, uint32_t row) {
    const struct listener *slow = watcher.slow;
    if (row == WHOLE) return slow->tick >= tick;
    return !held_has(slow->replica.held, row) || watcher.named[row] >= tick;
}

/* Lets go of the oldest that have arrived; one that came before an older one waits for it. */
static void forget_arrived(void) {
    for (; watcher.owed_first < watcher.owed_end; watcher.owed_first++)
        if (!has_arrived(watcher.owed[watcher.owed_first % OWED].tick,
                         watcher.owed[watcher.owed_first % OWED].row))
            return;
}

static void owe(uint32_t tick, uint32_t row, uint64_t at_us) {
    if (watcher.owed_end - watcher.owed_first == OWED) die("the slow one lacks too much");
    watcher.owed[watcher.owed_end % OWED].tick = tick;
    watcher.owed[watcher.owed_end % OWED].row = row;
    watcher.owed[watcher.owed_end++ % OWED].at_us = at_us;
}

/* The tick was seen by a direct listener, with changes. */
static void publish(uint32_t tick, uint64_t now_us) {
    if (tick <= watcher.published) return;
    watcher.published = tick;
    watcher.published_us[tick % TICKS] = now_us;
    if (watcher.slow && !watcher.slow->knows_rows) owe(tick, WHOLE, now_us);
}

/* The rows that the first listener was told of: after a merged frame nobody knows in which of its ticks each
 * was sent, and the first of them counts. */
static void publish_rows(const struct listener *first, uint32_t advance) {
    uint64_t at_us = watcher.published_us[first->tick % TICKS];
    for (uint32_t row = 0; row < first->shapes.row_count; row++)
        if (held_has(first->replica.changed, row)) owe(first->tick - advance + 1, row, at_us);
}

static void arrive(struct listener *slow) {
    for (uint32_t row = 0; slow->knows_rows && row < slow->shapes.row_count; row++)
        if (held_has(slow->replica.changed, row) || held_has(slow->replica.entered, row))
            watcher.named[row] = slow->tick;
}

static void count_held(void) {
    const struct listener *slow = watcher.slow, *first = &watcher.all[0];
    if (!watcher.measuring || !slow->knows_rows || !first->knows_rows) return;
    watcher.held += held_count(slow->replica.held, held_words(slow->shapes.row_count));
    watcher.held_of += held_count(first->replica.held, held_words(first->shapes.row_count));
}

static void note_gap(struct listener *listener, uint64_t now_us) {
    uint64_t gap = (now_us - listener->heard_us) / GAP_US;
    if (watcher.measuring && listener->heard_us)
        watcher.gaps[gap < COUNT_OF(watcher.gaps) ? gap : COUNT_OF(watcher.gaps) - 1]++;
    listener->heard_us = now_us;
}

/* ---- Listening. */

static void acknowledge(struct listener *listener) {
    uint8_t message[16];
    struct wire_writer writer = wire_writer_init(message, sizeof message);
    message_write_ack(&writer, listener->tick);
    say(listener, &writer);
}

static void take_frame(struct listener *listener, const struct websocket_piece *piece, uint64_t now_us) {
    struct frame frame;
    if (!frame_read(piece->bytes, piece->size, &frame)) die("this is no frame");
    watcher.listening += listener->state == WAITING;
    listener->state = LISTENING;
    listener->tick += frame.advance;
    listener->frames++;
    if (listener->knows_rows && !replica_apply(&listener->replica, &frame))
        die("this does not fit what is held");
    if (watcher.measuring && frame.advance > listener->advance_most) listener->advance_most = frame.advance;
    if (listener == watcher.slow) {
        arrive(listener);
        count_held();
    } else {
        note_gap(listener, now_us);
        if (changes_something(&frame)) publish(listener->tick, now_us);
        if (listener->knows_rows && watcher.slow && frame.advance) publish_rows(listener, frame.advance);
    }
    forget_arrived();
    acknowledge(listener);
}

/* The control says no more in its WELCOME than the tick, its sixth element. */
static void take_welcome(struct listener *listener, const uint8_t *bytes, size_t size) {
    static int32_t rules[LIMIT_CELLS];
    struct message_welcome welcome;
    struct wire_reader reader = wire_reader_init(bytes, size);
    wire_read_array(&reader);
    for (int i = 0; i < 5; i++) wire_skip(&reader);
    listener->tick = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    bool judged = listener == &watcher.all[0] || listener == watcher.slow;
    if (!judged || !message_read_welcome(bytes, size, &welcome, &listener->shapes, rules)) return;
    void *memory = calloc(1, replica_bytes(&listener->shapes) + 8);
    if (!memory) die("no memory");
    replica_init(&listener->replica, &listener->shapes, listener->tick, 0, memory);
    listener->knows_rows = true;
}

static void take_message(struct listener *listener, const struct websocket_piece *piece, uint64_t now_us) {
    struct wire_reader reader = wire_reader_init(piece->bytes, piece->size);
    wire_read_array(&reader);
    uint32_t type = wire_read_u32(&reader);
    if (type >= MESSAGE_FRAME)
        take_frame(listener, piece, now_us);
    else if (type == MESSAGE_WELCOME)
        take_welcome(listener, piece->bytes, piece->size);
    else
        die("the server said goodbye, or what nobody understands");
}

static void say_hello(struct listener *listener) {
    uint8_t message[LIMIT_MESSAGE_UP];
    struct message_hello hello = {.device = "-", .lane = LANE_LINEAR};
    struct wire_writer writer = wire_writer_init(message, sizeof message);
    snprintf(hello.game, sizeof hello.game, "%s", watcher.game);
    message_write_hello(&writer, &hello);
    listener->state = WAITING;
    say(listener, &writer);
}

static size_t take_answer(struct listener *listener, const uint8_t *bytes, size_t size) {
    char why[200];
    size_t used = websocket_answer(bytes, size, watcher.accept, why, sizeof why);
    if (used && why[0]) die(why);
    if (used) say_hello(listener);
    return used;
}

static void take_bytes(struct listener *listener, size_t size, uint64_t now_us) {
    const uint8_t *at = listener->kept, *end = at + size;
    if (listener->state == UPGRADING) at += take_answer(listener, at, size);
    while (listener->state >= WAITING) {
        struct websocket_piece piece;
        const uint8_t *before = at;
        enum websocket_news news = websocket_next(&listener->websocket, &at, end, &piece);
        if (news == WEBSOCKET_MORE) break;
        listener->bytes += (uint64_t)(at - before);
        if (news == WEBSOCKET_MESSAGE) take_message(listener, &piece, now_us);
        if (news == WEBSOCKET_CLOSED || news == WEBSOCKET_BROKEN) die("closed");
    }
    listener->kept_size = (size_t)(end - at);
    memmove(listener->kept, at, listener->kept_size);
}

static void hear(struct listener *listener, uint64_t now_us) {
    size_t got =
        link_read(&listener->link, listener->kept + listener->kept_size, BUFFER - listener->kept_size);
    if (got) take_bytes(listener, listener->kept_size + got, now_us);
    if (listener->link.state == LINK_CLOSED) die(listener->link.why);
}

/* ---- Coming in. */

static void start(struct listener *listener) {
    static const struct link_security plain;
    const struct addrinfo *to = (listener == watcher.slow ? watcher.behind : watcher.direct).all;
    uint32_t number = (uint32_t)(listener - watcher.all);
    if (!link_open(&listener->link, to->ai_addr, to->ai_addrlen, &plain) ||
        !loop_watch(&watcher.loop, listener->link.fd, number, true, false))
        die(listener->link.why);
}

static void proceed(struct listener *listener) {
    static const struct link_security plain;
    enum link_state state = link_proceed(&listener->link, &plain);
    if (state == LINK_CLOSED) die(listener->link.why);
    loop_watch(&watcher.loop, listener->link.fd, (uint32_t)(listener - watcher.all), false, true);
    listener->state = UPGRADING;
    if (!link_write(&listener->link, (const uint8_t *)watcher.ask, watcher.ask_size)) die("connection lost");
}

static void turn(void) {
    uint64_t now_us = loop_now_us();
    loop_wait(&watcher.loop, now_us + ROUND_US);
    now_us = loop_now_us();
    sample_age(now_us);
    for (int i = 0; i < watcher.loop.count; i++) {
        struct listener *listener = &watcher.all[loop_event(&watcher.loop, i).who];
        if (listener->state == LINKING)
            proceed(listener);
        else
            hear(listener, now_us);
    }
}

static void turn_for(double seconds) {
    for (uint64_t until_us = loop_now_us() + (uint64_t)(seconds * 1e6); loop_now_us() < until_us;) turn();
}

static void bring_in(void) {
    uint64_t until_us = loop_now_us() + JOIN_US;
    for (uint32_t i = 0; i < watcher.count; i++) start(&watcher.all[i]);
    watcher.sampled_us = loop_now_us();
    while (watcher.listening < watcher.count) {
        if (loop_now_us() > until_us) die("they do not all come in");
        turn();
    }
}

/* ---- The end. */

static double percentile(const uint32_t *counts, size_t size, double share) {
    uint64_t sum = 0, so_far = 0;
    for (size_t i = 0; i < size; i++) sum += counts[i];
    for (size_t i = 0; i < size; i++) {
        so_far += counts[i];
        if (sum && (double)so_far >= share * (double)sum) return (double)i;
    }
    return -1;
}

static void report(double seconds) {
    uint64_t frames = 0, bytes = 0;
    uint32_t direct = watcher.count - (watcher.slow != NULL);
    for (uint32_t i = 0; i < direct; i++) {
        frames += watcher.all[i].frames;
        bytes += watcher.all[i].bytes;
    }
    printf("{\"bytes_s\":%.1f,\"frames_s\":%.2f,\"gap_p50_ms\":%.1f,\"gap_p99_ms\":%.1f",
           (double)bytes / seconds / direct, (double)frames / seconds / direct,
           percentile(watcher.gaps, COUNT_OF(watcher.gaps), 0.5) / 10,
           percentile(watcher.gaps, COUNT_OF(watcher.gaps), 0.99) / 10);
    if (watcher.slow)
        printf(",\"age_p50_ms\":%.0f,\"age_p99_ms\":%.0f,\"age_max_ms\":%.0f,\"slow_bytes_s\":%.1f,"
               "\"slow_frames_s\":%.2f,\"slow_advance_most\":%u,\"slow_held\":%.3f",
               percentile(watcher.ages, COUNT_OF(watcher.ages), 0.5),
               percentile(watcher.ages, COUNT_OF(watcher.ages), 0.99),
               percentile(watcher.ages, COUNT_OF(watcher.ages), 1), (double)watcher.slow->bytes / seconds,
               (double)watcher.slow->frames / seconds, watcher.slow->advance_most,
               watcher.held_of ? (double)watcher.held / (double)watcher.held_of : 1);
    printf("}\n");
}

static void measure(double seconds) {
    for (uint32_t i = 0; i < watcher.count; i++) watcher.all[i].frames = watcher.all[i].bytes = 0;
    watcher.measuring = true;
    uint64_t began_us = loop_now_us();
    turn_for(seconds);
    report((double)(loop_now_us() - began_us) / 1e6);
}

static void find(struct address *address, const char *url) {
    char why[256];
    if (!address_read(address, url, why, sizeof why) || !address_find(address, why, sizeof why)) die(why);
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "watcher DIRECT_URL SLOW_URL|- GAME CLIENTS SETTLE_S SECONDS\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    find(&watcher.direct, argv[1]);
    bool slow = strcmp(argv[2], "-") != 0;
    if (slow) find(&watcher.behind, argv[2]);
    watcher.game = argv[3];
    watcher.count = (uint32_t)atoi(argv[4]) + slow;
    watcher.all = calloc(watcher.count, sizeof *watcher.all);
    if (!watcher.all || !loop_start(&watcher.loop)) die("no memory");
    if (slow) watcher.slow = &watcher.all[watcher.count - 1];
    struct websocket_upgrade upgrade = {watcher.direct.host, watcher.direct.port, watcher.direct.path,
                                        "tidewire.1"};
    watcher.ask_size = websocket_ask(&upgrade, watcher.ask, sizeof watcher.ask, watcher.accept);
    bring_in();
    turn_for(atof(argv[5]));
    measure(atof(argv[6]));
    return 0;
}
