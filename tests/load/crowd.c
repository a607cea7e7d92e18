#include "tests/load/crowd.h"
#include <stdlib.h>

enum { RATE_FIRST = 20, LEAVE_US = 3000000, LEAVE_ROUND_US = 20000, BEHIND_TICKS = 2 };

bool crowd_create(struct crowd *crowd, struct bot_common *common, uint32_t count) {
    *crowd = (struct crowd){.common = common, .count = count, .began_us = loop_now_us()};
    crowd->turns_us = crowd->began_us;
    crowd->bots = calloc(count, sizeof *crowd->bots);
    if (!crowd->bots) return false;
    for (uint32_t i = 0; i < count; i++) crowd->bots[i].number = i;
    return true;
}

void crowd_destroy(struct crowd *crowd) {
    for (uint32_t i = 0; i < crowd->started; i++) bot_end(&crowd->bots[i]);
    free(crowd->bots);
}

/* ---- Whose time has come. */

static uint64_t tick_us(const struct crowd *crowd) {
    uint32_t rate = crowd->common->figures.rate;
    return 1000000 / (rate ? rate : RATE_FIRST);
}

static uint64_t start_due_us(const struct crowd *crowd) {
    if (crowd->started == crowd->count) return UINT64_MAX;
    double share = (double)crowd->started / crowd->count;
    return crowd->began_us + (uint64_t)(crowd->common->options->ramp_s * 1e6 * share);
}

static uint64_t turn_due_us(const struct crowd *crowd) {
    return crowd->turns_us + crowd->turns * tick_us(crowd) / crowd->count;
}

static void start_due(struct crowd *crowd, uint64_t now_us) {
    while (start_due_us(crowd) <= now_us) bot_start(&crowd->bots[crowd->started++], crowd->common);
}

/* Turns that this process is too slow for are left out, and counted: they are no fault of the server's. */
static void skip_turns(struct crowd *crowd, uint64_t now_us) {
    uint64_t behind_us = now_us - turn_due_us(crowd);
    if (behind_us < BEHIND_TICKS * tick_us(crowd)) return;
    uint64_t skipped = behind_us / tick_us(crowd) * crowd->count;
    crowd->turns += skipped;
    crowd->common->figures.now.late += skipped;
}

static void turn_due(struct crowd *crowd, uint64_t now_us) {
    if (turn_due_us(crowd) <= now_us) skip_turns(crowd, now_us);
    for (; turn_due_us(crowd) <= now_us; crowd->turns++)
        bot_turn(&crowd->bots[crowd->turns % crowd->count], crowd->common);
}

static void serve_sockets(struct crowd *crowd, uint64_t until_us) {
    struct loop *loop = &crowd->common->loop;
    loop_wait(loop, until_us);
    for (int i = 0; i < loop->count; i++) {
        struct loop_event event = loop_event(loop, i);
        bot_ready(&crowd->bots[event.who], crowd->common, &event);
    }
}

static uint64_t sooner(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

void crowd_round(struct crowd *crowd, uint64_t until_us) {
    uint64_t now_us = loop_now_us();
    uint32_t rate = crowd->common->figures.rate;
    start_due(crowd, now_us);
    turn_due(crowd, now_us);
    serve_sockets(crowd, sooner(until_us, sooner(start_due_us(crowd), turn_due_us(crowd))));
    if (rate != crowd->common->figures.rate) { /* the server's own rate is known now */
        crowd->turns_us = loop_now_us();
        crowd->turns = 0;
    }
}

bool crowd_settled(const struct crowd *crowd) {
    const struct figures *figures = &crowd->common->figures;
    return figures->joined + figures->refused >= crowd->count;
}

/* ---- The measured time. */

void crowd_begin(struct crowd *crowd) {
    figures_begin(&crowd->common->figures);
    for (uint32_t i = 0; i < crowd->count; i++) {
        crowd->bots[i].frames_before = crowd->bots[i].client.frames;
        crowd->bots[i].frame_us = 0;
    }
}

void crowd_finish(struct crowd *crowd) {
    for (uint32_t i = 0; i < crowd->count; i++) {
        const struct bot *bot = &crowd->bots[i];
        bool joined = bot->state == BOT_PLAYING;
        if (joined && bot->client.frames == bot->frames_before) crowd->common->figures.silent++;
    }
}

void crowd_leave(struct crowd *crowd) {
    uint64_t until_us = loop_now_us() + LEAVE_US;
    for (uint32_t i = 0; i < crowd->started; i++) bot_leave(&crowd->bots[i], crowd->common);
    while (crowd->common->figures.playing && loop_now_us() < until_us)
        serve_sockets(crowd, loop_now_us() + LEAVE_ROUND_US);
}
