/* All bots of a run: brings them in over the ramp, gives each its turn once a tick, evenly spread over the
 * tick, and lets them go. */
#pragma once
#include "tests/load/bot.h"

struct crowd {
    struct bot_common *common;
    struct bot *bots;
    uint32_t count, started;
    uint64_t began_us;        /* of the ramp */
    uint64_t turns_us, turns; /* turn number t of all is due at turns_us + t × tick / count */
};

bool crowd_create(struct crowd *crowd, struct bot_common *common, uint32_t count);
void crowd_destroy(struct crowd *crowd);
/* One round: those who are due come in or have their turn; then waits for sockets, at most until `until_us`.
 */
void crowd_round(struct crowd *crowd, uint64_t until_us);
/* Whether everybody has been welcomed or refused. */
bool crowd_settled(const struct crowd *crowd);
/* The measured time begins; and ends: counts those to whom no frame came in it. */
void crowd_begin(struct crowd *crowd);
void crowd_finish(struct crowd *crowd);
/* Says goodbye for everybody and waits a little for the answers. */
void crowd_leave(struct crowd *crowd);
