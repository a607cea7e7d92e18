/* All rooms of this server: opens them on demand, gives each its arrivals, turns them, carries out what they
 * say, and closes them when they have stood empty. Main calls it, once a tick. */
#pragma once
#include "server/world/line.h"
#include "server/world/room.h"
#include "server/session/session.h"

struct lobby;

struct lobby_outside { /* what it works with; all of it outlives the lobby */
    const struct config *config;
    struct inbox *inbox;
    struct sessions *sessions;
    struct board *board;
    struct store *store; /* may be NULL */
};

/* Loads config.game and opens its room `main`, which never closes, unless the game ends it. NULL after one
 * log line that says what is wrong: no such game, or a [game …] line of the settings that it has no rule for.
 */
struct lobby *lobby_create(const struct lobby_outside *outside);
void lobby_destroy(struct lobby *lobby);
/* Whether nobody sits in any room or waits for a seat: nobody will see when exactly the next ticks are
 * turned. */
bool lobby_deserted(const struct lobby *lobby);
/* One tick of every room. */
void lobby_turn(struct lobby *lobby, uint32_t tick);
/* Once a second: journals are written out, rooms that stood empty close, `main` opens again if its game ended
 * it, who waits in line is told where. */
void lobby_tidy(struct lobby *lobby, uint32_t tick);
/* Logs, for every room, kind and field, how often and why it was sent: a table by which authors mend their
 * predictors. */
void lobby_tell_prediction(const struct lobby *lobby);
