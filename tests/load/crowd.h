/* All bots of a run: brings them in over the ramp, gives each its turn once a tick, evenly spread over the
 * tick, lets happen what the scenario says, and lets them go. */
#pragma once
#include "tests/load/bot.h"
#include "tests/load/scrape.h"

struct crowd {
    struct bot_common *common;
    struct bot *bots;
    struct scrape scrape;
    uint32_t count, started, waiting; /* waiting: that come only when the scenario says so */
    uint64_t began_us;                /* of the ramp */
    uint64_t turns_us, turns;         /* turn number t of all is due at turns_us + t × tick / count */
    uint64_t events_us;               /* the measured time began, from which events count; 0: not yet */
    uint32_t events_done;             /* bits */
};

bool crowd_create(struct crowd *crowd, struct bot_common *common, uint32_t count);
void crowd_destroy(struct crowd *crowd);
/* One round: those who are due come in or have their turn; then waits for sockets, at most until `until_us`.
 */
void crowd_round(struct crowd *crowd, uint64_t until_us);
/* Whether everybody who is to come without being told has been welcomed or refused. */
bool crowd_settled(const struct crowd *crowd);
/* Whether anybody plays, or is on the way. */
bool crowd_lives(const struct crowd *crowd);
/* The measured time begins. */
void crowd_begin(struct crowd *crowd);
/* It is over: what is under way still comes in for a moment; then those to whom no frame came are counted,
 * and inputs that nobody acknowledged. */
void crowd_finish(struct crowd *crowd);
/* Says goodbye for everybody and waits a little for the answers. */
void crowd_leave(struct crowd *crowd);
