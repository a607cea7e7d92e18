#include "tests/load/crowd.h"
#include "tests/load/scenario.h"
#include <stdlib.h>

enum {
    RATE_FIRST = 20,
    LEAVE_US = 3000000,
    LEAVE_ROUND_US = 20000,
    BEHIND_TICKS = 2,
    DRAIN_US = 3000000 /* at most, for what is under way when the measured time is over */
};

/* Whether a bot comes in only when the scenario calls it. */
static bool is_called(const struct options *options, uint32_t who) {
    for (uint32_t i = 0; i < options->event_count; i++)
        if (options->events[i].what == AT_JOIN && scenario_concerns(options, i, who)) return true;
    return false;
}

bool crowd_create(struct crowd *crowd, struct bot_common *common, uint32_t count) {
    *crowd = (struct crowd){.common = common, .count = count, .began_us = loop_now_us()};
    crowd->turns_us = crowd->began_us;
    crowd->bots = calloc(count, sizeof *crowd->bots);
    scrape_init(&crowd->scrape, &common->address, &common->security);
    if (!crowd->bots || !due_create(&common->due, count)) return false;
    for (uint32_t i = 0; i < count; i++) {
        bot_create(&crowd->bots[i], common, i);
        crowd->waiting += is_called(common->options, i);
    }
    return true;
}

void crowd_destroy(struct crowd *crowd) {
    for (uint32_t i = 0; crowd->bots && i < crowd->count; i++) bot_end(&crowd->bots[i]);
    free(crowd->bots);
    due_destroy(&crowd->common->due);
    scrape_end(&crowd->scrape);
}

/* ---- Whose time has come. */

/* What bots share, for the one whose turn is now: the clock is asked once for all that it then does. */
static struct bot_common *at_now(struct crowd *crowd) {
    crowd->common->now_us = loop_now_us();
    return crowd->common;
}

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
    while (start_due_us(crowd) <= now_us) {
        uint64_t due_us = start_due_us(crowd);
        struct bot *bot = &crowd->bots[crowd->started++];
        if (!is_called(crowd->common->options, bot->number)) bot_start(bot, at_now(crowd), due_us);
    }
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
    for (uint64_t due_us; (due_us = turn_due_us(crowd)) <= now_us; crowd->turns++)
        bot_turn(&crowd->bots[crowd->turns % crowd->count], at_now(crowd), due_us);
}

static void look_due(struct crowd *crowd, uint64_t now_us) {
    uint32_t who;
    while (due_take(&crowd->common->due, now_us, &who)) bot_due(&crowd->bots[who], at_now(crowd));
}

/* ---- What the scenario says. */

static uint64_t event_due_us(const struct crowd *crowd, uint32_t number) {
    if (!crowd->events_us || crowd->events_done >> number & 1) return UINT64_MAX;
    return crowd->events_us + (uint64_t)(crowd->common->options->events[number].at_s * 1e6);
}

static void change_road(struct crowd *crowd, struct bot *bot, const struct road_kind *kind, uint64_t now_us) {
    bot->road = kind;
    if (bot->state > BOT_IDLE && bot->state < BOT_AWAY)
        line_change(&bot->line, kind, crowd->common->options->seed + bot->number, now_us);
}

static void stall(struct bot *bot, double seconds, uint64_t now_us) {
    uint64_t until_us = now_us + (uint64_t)(seconds * 1e6);
    if (!bot->line.road) return;
    way_stall(&bot->line.road->up, until_us);
    way_stall(&bot->line.road->down, until_us);
}

/* A stall needs a road to happen on: one that does nothing else is laid. */
static void stall_anyhow(struct crowd *crowd, struct bot *bot, double seconds, uint64_t now_us) {
    if (bot->state != BOT_PLAYING) return;
    if (!bot->line.road)
        line_change(&bot->line, roads_find(&crowd->common->options->roads, "loopback"), bot->number, now_us);
    stall(bot, seconds, now_us);
}

static void happen_to(struct crowd *crowd, const struct options_event *event, struct bot *bot,
                      uint64_t now_us) {
    struct bot_common *common = at_now(crowd);
    switch (event->what) {
    case AT_CUT:
        bot_cut(bot, common);
        break;
    case AT_LEAVE:
        if (bot->state == BOT_PLAYING) bot_leave(bot, common);
        break;
    case AT_JOIN:
        if (bot->state == BOT_IDLE) bot_start(bot, common, now_us);
        break;
    case AT_STALL:
        stall_anyhow(crowd, bot, event->seconds, now_us);
        break;
    default:
        change_road(crowd, bot, &common->options->roads.kinds[event->road], now_us);
    }
    if (bot->state == BOT_AWAY) due_set(&common->due, bot->number, bot->next_us);
}

static void happen_due(struct crowd *crowd, uint64_t now_us) {
    const struct options *options = crowd->common->options;
    for (uint32_t i = 0; i < options->event_count; i++) {
        uint64_t due_us = event_due_us(crowd, i);
        if (due_us > now_us) continue;
        crowd->events_done |= 1u << i;
        for (uint32_t who = 0; who < crowd->count; who++)
            if (scenario_concerns(options, i, who))
                happen_to(crowd, &options->events[i], &crowd->bots[who], due_us);
    }
}

/* ---- Sockets. The server's metrics come over the one after those of the bots. */

static void ask_metrics(struct crowd *crowd, uint64_t now_us) {
    struct scrape *scrape = &crowd->scrape;
    const struct addrinfo *works = crowd->common->works;
    if (works && !scrape->to) scrape_at(scrape, works->ai_addr, works->ai_addrlen);
    if (!scrape_due(scrape, now_us)) return;
    scrape_ask(scrape, now_us);
    if (scrape->open) loop_watch(&crowd->common->loop, scrape->link.fd, crowd->count, true, false);
}

static void serve_metrics(struct crowd *crowd, uint64_t now_us) {
    struct scrape *scrape = &crowd->scrape;
    scrape_ready(scrape, now_us);
    if (scrape->open)
        loop_watch(&crowd->common->loop, scrape->link.fd, crowd->count, link_wants_room(&scrape->link), true);
}

/* Whose socket it is; NULL: the server's metrics come over it. */
static struct bot *bot_of(const struct crowd *crowd, uint32_t who) {
    if (who == crowd->count) return NULL;
    return &crowd->bots[who < crowd->count ? who : who - crowd->count - 1];
}

static void serve_sockets(struct crowd *crowd, uint64_t until_us) {
    struct loop *loop = &crowd->common->loop;
    loop_wait(loop, until_us);
    for (int i = 0; i < loop->count; i++) {
        struct loop_event event = loop_event(loop, i);
        struct bot *bot = bot_of(crowd, event.who);
        struct bot *next = i + 1 < loop->count ? bot_of(crowd, loop_event(loop, i + 1).who) : NULL;
        if (next) bot_expect(next);
        if (bot)
            bot_ready(bot, at_now(crowd), &event, event.who > crowd->count);
        else
            serve_metrics(crowd, loop_now_us());
    }
}

static uint64_t sooner(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t next_us(const struct crowd *crowd) {
    uint64_t next = sooner(start_due_us(crowd), turn_due_us(crowd));
    for (uint32_t i = 0; i < crowd->common->options->event_count; i++)
        next = sooner(next, event_due_us(crowd, i));
    return sooner(next, due_next_us(&crowd->common->due));
}

void crowd_round(struct crowd *crowd, uint64_t until_us) {
    uint64_t now_us = loop_now_us();
    uint32_t rate = crowd->common->figures.rate;
    start_due(crowd, now_us);
    happen_due(crowd, now_us);
    look_due(crowd, now_us);
    turn_due(crowd, now_us);
    ask_metrics(crowd, now_us);
    serve_sockets(crowd, sooner(until_us, next_us(crowd)));
    if (rate != crowd->common->figures.rate) { /* the server's own rate is known now */
        crowd->turns_us = loop_now_us();
        crowd->turns = 0;
    }
}

bool crowd_settled(const struct crowd *crowd) {
    const struct figures *figures = &crowd->common->figures;
    return figures->joined + figures->refused + crowd->waiting >= crowd->count;
}

bool crowd_lives(const struct crowd *crowd) {
    if (crowd->common->figures.playing || crowd->started < crowd->count) return true;
    for (uint32_t i = 0; i < crowd->count; i++)
        if (crowd->bots[i].state != BOT_IDLE && crowd->bots[i].state != BOT_GONE) return true;
    return false;
}

/* ---- The measured time. */

void crowd_begin(struct crowd *crowd) {
    uint64_t now_us = loop_now_us();
    figures_begin(&crowd->common->figures);
    scrape_begin(&crowd->scrape);
    crowd->events_us = now_us;
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct bot *bot = &crowd->bots[i];
        bot->bytes_before = bot->bytes;
        if (bot->state == BOT_PLAYING) chair_begin(&bot->chair, now_us);
    }
}

/* Whether all that was due before the end has come to this bot. */
static bool has_all(const struct bot *bot, uint64_t end_us) {
    if (bot->state != BOT_PLAYING || bot->behaviour == BEHAVE_MUTE) return true;
    return bot->chair.frame_us >= end_us && (int32_t)(bot->client.replica.used - bot->sequence_end) >= 0;
}

static bool all_came(const struct crowd *crowd, uint64_t end_us) {
    for (uint32_t i = 0; i < crowd->count; i++)
        if (!has_all(&crowd->bots[i], end_us)) return false;
    return true;
}

static void judge_end(struct crowd *crowd, struct bot *bot) {
    struct figures *figures = &crowd->common->figures;
    if (bot->state != BOT_PLAYING) return;
    chair_give_up(&bot->chair, figures, loop_now_us());
    if (bot->bytes == bot->bytes_before && bot->behaviour != BEHAVE_MUTE) figures->silent++;
    int32_t left = (int32_t)(bot->sequence_end - bot->client.replica.used);
    if (left > 0 && !bot->line.road) figures->now.inputs_unacknowledged += (uint32_t)left;
}

void crowd_finish(struct crowd *crowd) {
    struct figures *figures = &crowd->common->figures;
    uint64_t end_us = loop_now_us();
    figures_end(figures, end_us);
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct bot *bot = &crowd->bots[i];
        double seconds = (double)(end_us - crowd->events_us) / 1e6;
        bot->sequence_end = bot->client.sequence;
        if (bot->joined)
            histogram_add(&figures->bytes, (uint64_t)((double)(bot->bytes - bot->bytes_before) / seconds));
    }
    while (figures->playing && !all_came(crowd, end_us) && loop_now_us() < end_us + DRAIN_US)
        crowd_round(crowd, loop_now_us() + LEAVE_ROUND_US);
    for (uint32_t i = 0; i < crowd->count; i++) {
        chair_end(&crowd->bots[i].chair, figures, end_us);
        judge_end(crowd, &crowd->bots[i]);
    }
    audit_finish(&crowd->common->audit);
    figures_turn_second(figures);
    figures->measuring = false;
}

void crowd_leave(struct crowd *crowd) {
    uint64_t until_us = loop_now_us() + LEAVE_US;
    for (uint32_t i = 0; i < crowd->count; i++) bot_leave(&crowd->bots[i], at_now(crowd));
    while (crowd->common->figures.playing && loop_now_us() < until_us) {
        look_due(crowd, loop_now_us());
        serve_sockets(crowd, loop_now_us() + LEAVE_ROUND_US);
    }
}
