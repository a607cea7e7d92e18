/* When bots act and what they press: who is due first, inputs that come in time for their tick, pilots. */
#include "game/math.h"
#include "protocol/base.h"
#include "tests/check.h"
#include "tests/load/due.h"
#include "tests/load/lead.h"
#include "tests/load/pilot.h"
#include <string.h>

static void the_soonest_comes_first(void) {
    enum { MANY = 500 };
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct due due;
        uint64_t dice = dice_seed(seed), times[MANY], last = 0;
        uint32_t who, taken = 0, set = 0;
        EXPECT(due_create(&due, MANY));
        for (int i = 0; i < 4 * MANY; i++) {
            uint32_t one = dice_below(&dice, MANY), time = dice_below(&dice, 1000);
            times[one] = time < 100 ? UINT64_MAX : time;
            due_set(&due, one, times[one]);
        }
        set = due.count;
        for (; due_take(&due, 1000, &who); taken++) {
            EXPECT(times[who] >= last);
            last = times[who];
        }
        EXPECT(taken == set && due_next_us(&due) == UINT64_MAX);
        due_destroy(&due);
    }
}

enum { TICK_US = 50000, WAY_US = 5000, PLAYED = 200 /* ticks */ };

/* A bot whose turn comes `phase_us` after a tick, and `standing` inputs that wait from the beginning: how
 * long does an input wait in the end? */
static int64_t wait_us_of_last(struct lead *lead, uint32_t standing, uint32_t phase_us) {
    uint64_t made_us[PLAYED + 8] = {0};
    uint32_t made = 0, used = 0;
    int64_t waited_us = 0;
    bool left_out = false;
    for (; made < standing; made++) lead_sent(lead, made, made_us[made] = 1000000);
    for (uint64_t tick_us = 1000000; tick_us < 1000000 + PLAYED * TICK_US; tick_us += TICK_US) {
        uint64_t turn_us = tick_us + phase_us + lead->shift_us;
        if (!left_out) lead_sent(lead, made, turn_us), made_us[made++] = turn_us;
        left_out = false;
        if (used == made || made_us[used] + WAY_US > tick_us + TICK_US) continue;
        waited_us = (int64_t)(tick_us + TICK_US - made_us[used] - WAY_US);
        left_out = lead_used(lead, used++, tick_us + TICK_US, TICK_US);
    }
    return waited_us;
}

static void inputs_come_to_wait_for_a_part_of_a_tick(void) {
    for (uint32_t standing = 0; standing < 3; standing++) {
        for (uint32_t phase_us = 0; phase_us < TICK_US; phase_us += 3000) {
            struct lead lead = {0};
            lead_rtt(&lead, 2 * WAY_US);
            EXPECT_EQ(wait_us_of_last(&lead, standing, phase_us), TICK_US / LEAD_PARTS);
        }
    }
}

static void inputs_stay_in_range_and_change(void) {
    struct shape input = {.field_count = 3, .cell_count = 3};
    struct pilot pilot, twin;
    int changes = 0;
    input.fields[0] = (struct shape_field){.min = -8, .max = 8};
    input.fields[1] = (struct shape_field){.min = 0, .max = 4, .wraps = true, .cell = 1};
    input.fields[2] = (struct shape_field){.min = INT32_MIN, .max = INT32_MAX, .cell = 2};
    pilot_start(&pilot, 7);
    pilot_start(&twin, 7);
    for (int i = 0, last = 0; i < 2000; i++) {
        const int32_t *cells = pilot_next(&pilot, &input, 20);
        EXPECT(cells[0] >= -8 && cells[0] <= 8 && cells[1] >= 0 && cells[1] < 4);
        EXPECT(memcmp(cells, pilot_next(&twin, &input, 20), 12) == 0);
        changes += cells[0] != last;
        last = cells[0];
    }
    EXPECT(changes > 50 && changes < 400);
}

int main(void) {
    RUN(the_soonest_comes_first);
    RUN(inputs_come_to_wait_for_a_part_of_a_tick);
    RUN(inputs_stay_in_range_and_change);
    return check_done();
}
