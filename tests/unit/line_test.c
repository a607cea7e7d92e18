/* The waiting line, and the times for coming back: order is kept whoever leaves, and a crowd that is sent
 * away comes back spread. */
#include "server/session/session_comeback.h"
#include "server/world/line.h"
#include "tests/check.h"
#include <stdio.h>

enum { SECONDS = 64 };

static struct arrival join_of(uint32_t session, const char *game, const char *room) {
    struct arrival arrival = {.what = ARRIVAL_JOIN, .session = session};
    snprintf(arrival.join.game, sizeof arrival.join.game, "%s", game);
    snprintf(arrival.join.room, sizeof arrival.join.room, "%s", room);
    return arrival;
}

static bool put(struct line *line, uint32_t session, const char *room) {
    struct arrival arrival = join_of(session, "arena", room);
    return line_put(line, &arrival, session % 3);
}

/* Keeps sessions that do not divide by the number, and notes whom it was asked of. */
struct asked {
    uint32_t divisor, count, sessions[16];
};
static bool keeps(void *context, struct line_entry *entry) {
    struct asked *asked = context;
    asked->sessions[asked->count++] = entry->join.session;
    return entry->join.session % asked->divisor != 0;
}

static void order_is_kept(void) {
    struct line line;
    struct asked asked = {.divisor = 3}, all = {.divisor = 100};
    static const uint32_t left[] = {1, 2, 4, 5, 7, 8};
    EXPECT(line_create(&line, 9));
    for (uint32_t i = 1; i <= 9; i++) EXPECT(put(&line, i, "main"));
    EXPECT(!put(&line, 10, "main"));
    line_filter(&line, keeps, &asked);
    EXPECT_EQ(line.count, 6);
    line_filter(&line, keeps, &all);
    for (uint32_t i = 0; i < 6; i++) EXPECT_EQ(all.sessions[i], left[i]);
    EXPECT_EQ(line.entries[5].slot, 8 % 3);
    EXPECT(put(&line, 11, "main"));
    line_destroy(&line);
}

static void who_waits_for_a_room(void) {
    struct line line;
    EXPECT(line_create(&line, 2));
    EXPECT(!line_waits_for(&line, "arena", "main"));
    put(&line, 1, "east");
    EXPECT(line_waits_for(&line, "arena", "east"));
    EXPECT(!line_waits_for(&line, "arena", "main") && !line_waits_for(&line, "dots", "east"));
    line_destroy(&line);
}

static void a_line_for_nobody(void) {
    struct line line;
    EXPECT(line_create(&line, 0));
    EXPECT(!put(&line, 1, "main"));
    line_destroy(&line);
}

/* ---- Coming back. */

static void waits_have_bounds(void) {
    EXPECT_EQ(comeback_spread_ms(CODE_SHUTDOWN, 0, 0), 1000);
    EXPECT_EQ(comeback_spread_ms(CODE_SHUTDOWN, 0, UINT32_MAX), 2999);
    EXPECT_EQ(comeback_spread_ms(CODE_SHUTDOWN, 20000, UINT32_MAX), 20999);
    EXPECT_EQ(comeback_spread_ms(CODE_SHUTDOWN, 4000000000u, UINT32_MAX), 60999);
    EXPECT_EQ(comeback_spread_ms(CODE_SERVER_FULL, 0, 0), 5000);
    EXPECT_EQ(comeback_wait_ms(CODE_LEFT), 0);
    EXPECT(comeback_wait_ms(CODE_SHUTDOWN) >= 1000 && comeback_retry_s() >= 5);
}

/* 20,000 who are sent away at once: no second has many more than its thousand. */
static void a_crowd_is_spread(void) {
    uint32_t comers[SECONDS] = {0};
    comeback_crowd(20000);
    for (int i = 0; i < 20000; i++) {
        uint32_t second = comeback_wait_ms(CODE_SHUTDOWN) / 1000;
        EXPECT(second < SECONDS);
        comers[second % SECONDS]++;
    }
    for (int i = 0; i < SECONDS; i++) EXPECT(comers[i] < 1250); /* eight times the deviation of chance */
    EXPECT_EQ(comers[0], 0);
}

int main(void) {
    RUN(order_is_kept);
    RUN(who_waits_for_a_room);
    RUN(a_line_for_nobody);
    RUN(waits_have_bounds);
    RUN(a_crowd_is_spread);
    return check_done();
}
