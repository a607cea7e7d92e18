/* The gate before a link, on links that are made of numbers: bandwidth, way there and back, and a stall.
 * Frames merge what was missed: one that covers several ticks takes as long as two. */
#include "server/session/session_flow.h"
#include "tests/check.h"
#include "tests/dice.h"

enum { TICK_US = 50000, FRAME_BYTES = 1000, RING = 256, STEP_US = 1000 };

struct road {
    uint32_t frame_bytes; /* 0: FRAME_BYTES */
    uint64_t way_us;      /* there and back */
    uint64_t byte_us;     /* that one byte takes; 0: no time */
    uint64_t jitter_us;   /* of each frame's way, by chance; they stay in order */
    bool fits;            /* frames are cut to what flow_room gives */
    uint64_t stall_from_us, stall_to_us;
    uint64_t longer_from_us, longer_us;  /* from when on the way is so much longer */
    uint64_t slow_from_us, slow_byte_us; /* from when on each byte takes so much */
};
struct run {
    uint32_t frames, most_under_way, late_frames, late_acks; /* late: in the last fifth of the time */
    uint64_t age_most_us;                                    /* of what came in the second half */
};

static struct {
    uint64_t written_us, back_us;
    uint32_t bytes, acks;
} sent[RING];

/* The client: the frames from `first` on have come to it, one more with each call. It answers as it was told.
 */
static bool answers(uint32_t first, uint32_t come) {
    return come - first >= sent[(come - 1) % RING].acks;
}

static struct flow_news news_of(uint32_t first, uint32_t come, uint32_t end) {
    struct flow_news news = {sent[first % RING].written_us, sent[(come - 1) % RING].written_us, come - first,
                             0, 0};
    for (uint32_t i = first; i < come; i++) news.bytes += sent[i % RING].bytes;
    for (uint32_t i = come; i < end; i++) news.bytes_left += sent[i % RING].bytes;
    return news;
}

struct line { /* one that is driven */
    const struct road *road;
    uint64_t until_us;
    struct flow flow;
    struct run run;
    uint32_t first, come, end; /* frames: not acknowledged, not arrived, not written */
    uint64_t free_us;          /* when the link has passed on all that was written */
    uint64_t wrote_us, back_us, dice;
};

static bool is_late(const struct line *line, uint64_t now_us) {
    return now_us >= line->until_us - line->until_us / 5;
}

static void take_answers(struct line *line, uint64_t now_us) {
    while (line->come < line->end && sent[line->come % RING].back_us <= now_us) {
        uint64_t took_us = now_us - sent[line->come++ % RING].written_us;
        if (now_us > line->until_us / 2 && took_us > line->run.age_most_us) line->run.age_most_us = took_us;
        if (!answers(line->first, line->come)) continue;
        struct flow_news news = news_of(line->first, line->come, line->end);
        line->first = line->come;
        flow_acknowledge(&line->flow, &news, TICK_US, now_us);
        line->run.late_acks += is_late(line, now_us);
    }
}

/* What is due: what was missed is told, too, but no more than there is room for. */
static uint32_t bytes_due(const struct line *line, uint64_t now_us) {
    uint32_t usual = line->road->frame_bytes ? line->road->frame_bytes : FRAME_BYTES;
    uint32_t bytes = now_us - line->wrote_us > TICK_US ? 2 * usual : usual;
    uint32_t room = flow_room(&line->flow, TICK_US, now_us);
    return line->road->fits && bytes > room ? room : bytes;
}

/* When the answer to so many bytes will be back. */
static uint64_t carry(struct line *line, uint32_t bytes, uint64_t now_us) {
    const struct road *road = line->road;
    bool slow = road->slow_from_us && now_us >= road->slow_from_us;
    bool longer = road->longer_us && now_us >= road->longer_from_us;
    if (line->free_us < now_us) line->free_us = now_us;
    if (line->free_us >= road->stall_from_us && line->free_us < road->stall_to_us)
        line->free_us = road->stall_to_us;
    line->free_us += bytes * (slow ? road->slow_byte_us : road->byte_us);
    uint64_t due_us = line->free_us + road->way_us + (longer ? road->longer_us : 0);
    if (road->jitter_us) due_us += dice_below(&line->dice, (uint32_t)road->jitter_us);
    if (due_us > line->back_us) line->back_us = due_us;
    return line->back_us;
}

static void write_frame(struct line *line, uint64_t now_us) {
    uint32_t bytes = bytes_due(line, now_us);
    flow_tell(&line->flow, flow_acks(&line->flow));
    sent[line->end % RING].acks = line->flow.more + 1u;
    sent[line->end % RING].written_us = line->wrote_us = now_us;
    sent[line->end % RING].bytes = bytes;
    sent[line->end++ % RING].back_us = carry(line, bytes, now_us);
    flow_write(&line->flow, bytes, now_us);
    line->run.frames++;
    line->run.late_frames += is_late(line, now_us);
    if (line->end - line->first > line->run.most_under_way)
        line->run.most_under_way = line->end - line->first;
}

static struct run drive(const struct road *road, uint64_t until_us) {
    struct line line = {.road = road, .until_us = until_us, .dice = 7};
    for (uint64_t now_us = TICK_US; now_us < until_us; now_us += STEP_US) {
        take_answers(&line, now_us);
        if (now_us % TICK_US == 0 && !flow_closed(&line.flow, line.end - line.first, TICK_US, now_us))
            write_frame(&line, now_us);
    }
    return line.run;
}

/* And is asked to acknowledge the less often, the smaller frames are. */
static void a_quick_link_gets_a_frame_in_every_tick(void) {
    static const struct {
        uint32_t bytes, acks;
    } sizes[] = {
        {FLOW_UNHEARD / FLOW_ACKS, FLOW_ACKS},
        {FLOW_UNHEARD / FLOW_ACKS + 1, FLOW_ACKS / 2},
        {FLOW_UNHEARD / (FLOW_ACKS / 2), FLOW_ACKS / 2},
        {FLOW_UNHEARD / (FLOW_ACKS / 2) + 1, 1},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (uint64_t way_us = 0; way_us <= 400000; way_us += 40000) {
            struct road road = {.frame_bytes = sizes[i].bytes, .way_us = way_us, .byte_us = 10};
            struct run run = drive(&road, 20000000);
            EXPECT_EQ(run.late_frames, 80);
            EXPECT(run.late_acks >= 80 / sizes[i].acks);
            EXPECT(run.late_acks <= 80 / sizes[i].acks + 1);
            EXPECT(run.most_under_way <= (way_us + TICK_US) / TICK_US + 1 + sizes[i].acks);
        }
    }
}

/* Acknowledgements are few when it begins to queue; then each counts again. Four seconds later it is known.
 */
static void a_link_that_becomes_slow_is_found_out(void) {
    for (uint32_t bytes = 100; bytes <= 3200; bytes *= 2) {
        struct road road = {.frame_bytes = bytes,
                            .way_us = 40000,
                            .byte_us = 5000 / bytes,
                            .slow_from_us = 8000000,
                            .slow_byte_us = 100000 / bytes,
                            .fits = true};
        struct run run = drive(&road, 24000000);
        EXPECT(run.late_frames >= 36);
        EXPECT(run.late_acks >= 36);
        EXPECT(run.age_most_us <= 250000);
    }
}

/* A frame takes 100 ms and more, so every second tick is missed at least: a merged one takes 200. */
static void a_slow_link_has_no_queue(void) {
    struct road road = {.way_us = 2000, .byte_us = 100};
    struct run run = drive(&road, 20000000);
    EXPECT(run.late_frames >= 18); /* of 20 that the link can pass on */
    EXPECT(run.age_most_us <= 300000);
}

static void a_slow_and_long_link_is_kept_busy(void) {
    struct road road = {.way_us = 150000, .byte_us = 100};
    struct run run = drive(&road, 20000000);
    EXPECT(run.late_frames >= 14);
    EXPECT(run.age_most_us <= 600000);
}

/* Frames that are cut to what it passes leave often, and are young when they arrive. */
static void a_slow_link_passes_what_fits(void) {
    struct road road = {.way_us = 40000, .byte_us = 100, .fits = true};
    struct run run = drive(&road, 20000000);
    EXPECT(run.late_frames >= 36);
    EXPECT(run.age_most_us <= 250000);
}

static void a_link_with_jitter_is_not_slow(void) {
    struct road road = {.way_us = 200000, .byte_us = 5, .jitter_us = 120000, .fits = true};
    EXPECT(drive(&road, 20000000).late_frames >= 64); /* of 80 */
}

static void an_unknown_link_is_given_little(void) {
    struct flow flow = {0};
    uint64_t now_us = 1000000;
    EXPECT_EQ(flow_room(&flow, TICK_US, now_us), FLOW_FIRST);
    for (int i = 0; i < 2 * FLOW_PROVEN / FRAME_BYTES; i++, now_us += TICK_US) {
        struct flow_news news = {now_us - 1000, now_us - 1000, 1, FRAME_BYTES, 0};
        uint32_t before = flow_room(&flow, TICK_US, now_us);
        flow_acknowledge(&flow, &news, TICK_US, now_us);
        EXPECT(flow_room(&flow, TICK_US, now_us) >= before);
    }
    EXPECT_EQ(flow_room(&flow, TICK_US, now_us), UINT32_MAX);
}

/* Of some frames an input tells that was made long after them; an acknowledgement tells of all, at once. */
static void an_input_is_no_sign_of_trouble(void) {
    struct flow flow = {0};
    uint64_t now_us = 1000000;
    for (int i = 0; i < 10 * FLOW_EVEN; i++, now_us += TICK_US) {
        bool input = flow.more && i % 3 == 0;
        uint64_t written_us = now_us - (input ? 400000 + (uint64_t)i * 1000 : 20000);
        struct flow_news news = {written_us - 50000, written_us, input ? 1 + (uint32_t)i % 2 : 1u + flow.more,
                                 100, 0};
        flow_acknowledge(&flow, &news, TICK_US, now_us);
        flow_tell(&flow, flow_acks(&flow));
        if (i > FLOW_EVEN) EXPECT_EQ(flow_acks(&flow), FLOW_ACKS);
    }
    EXPECT_EQ(flow_rtt_us(&flow), 20001);
}

static void a_stall_is_forgotten(void) {
    struct road road = {.way_us = 60000, .byte_us = 5, .stall_from_us = 5000000, .stall_to_us = 7000000};
    struct run run = drive(&road, 20000000);
    EXPECT_EQ(run.late_frames, 80);
    EXPECT(run.frames >= 400 - 40 - 20);
}

/* Another network, or another route: the old round trip must not hold the gate for the ten seconds of its
 * memory. */
static void a_way_that_grew_is_learnt_soon(void) {
    for (uint64_t way_us = 0; way_us <= 40000; way_us += 20000) {
        for (uint64_t longer_us = 100000; longer_us <= 700000; longer_us += 100000) {
            struct road road = {
                .way_us = way_us, .byte_us = 5, .longer_from_us = 10000000, .longer_us = longer_us};
            uint32_t frames = drive(&road, 14500000).frames;
            EXPECT(drive(&road, 15500000).frames - frames >= 19); /* of 20 */
        }
    }
}

/* The smallest round trip is that of the last five to ten seconds. */
static void an_old_round_trip_is_forgotten(void) {
    struct flow flow = {0};
    for (uint64_t now_us = 1000000; now_us < 20000000; now_us += TICK_US) {
        uint64_t took_us = now_us < 2000000 ? 10000 : 80000;
        struct flow_news news = {now_us - took_us, now_us - took_us, 1, FRAME_BYTES, 0};
        flow_acknowledge(&flow, &news, TICK_US, now_us);
        if (now_us == 6000000) EXPECT_EQ(flow_rtt_us(&flow), 10001);
    }
    EXPECT_EQ(flow_rtt_us(&flow), 80001);
}

static void who_never_answers_gets_two(void) {
    struct flow flow = {0};
    uint32_t under_way = 0;
    for (uint64_t now_us = TICK_US; now_us < 60000000; now_us += TICK_US) {
        if (flow_closed(&flow, under_way, TICK_US, now_us)) continue;
        flow_write(&flow, FRAME_BYTES, now_us);
        under_way++;
    }
    EXPECT_EQ(under_way, FLOW_UNKNOWN);
}

int main(void) {
    RUN(a_quick_link_gets_a_frame_in_every_tick);
    RUN(a_link_that_becomes_slow_is_found_out);
    RUN(a_slow_link_has_no_queue);
    RUN(a_slow_and_long_link_is_kept_busy);
    RUN(a_slow_link_passes_what_fits);
    RUN(a_link_with_jitter_is_not_slow);
    RUN(an_unknown_link_is_given_little);
    RUN(an_input_is_no_sign_of_trouble);
    RUN(a_stall_is_forgotten);
    RUN(a_way_that_grew_is_learnt_soon);
    RUN(an_old_round_trip_is_forgotten);
    RUN(who_never_answers_gets_two);
    return check_done();
}
