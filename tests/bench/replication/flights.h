/* The worlds of the replication benchmark: movers that are steered in one of three ways, in tables that let a
 * client predict as much as can be predicted. All players exist from the start; a session that joins looks on
 * from its player's mover. One world at a time: what it is like lies in `flight`. */
#pragma once
#include "game/game_api.h"

enum steering { STEER_WASD, STEER_WAYPOINTS, STEER_MOUSE };
enum { FLIGHT_MOVERS = 1600, FLIGHT_WORLD = 4000 /* units along each side; round */ };

#define FLIGHT_STEP  0.0625f /* of places: what is smaller is not worth sending */
#define FLIGHT_SPEED 200.0f

struct flight { /* what a world is like */
    enum steering steering;
    bool linear; /* rows for clients that can do no more than move them along: place and speed */
    uint32_t movers;
    float radius; /* how far a player sees; 0: everywhere */
    float spot;   /* all movers stay within a square of this side; 0: everywhere */
    float speed;  /* units a second, about */
};

struct mover { /* as it is shown; a kind's table names a part of it */
    float x, y, vx, vy;
    int32_t way, heading, turn;
};

struct flight_world {
    uint64_t dice;
    struct mover movers[FLIGHT_MOVERS];
    struct hand { /* who steers it */
        int32_t age, stroke,
            whole;          /* ticks: since the last decision, of the stroke, until the next decision */
        float at, from, to; /* of a mouse: where it points, and the stroke that it makes */
    } hands[FLIGHT_MOVERS];
};

/* The tables of such a world; valid until the next call. */
const struct schema *flight_schema(const struct flight *flight);
extern const struct game_calls flight_calls;
/* The world that was shown last. */
const struct flight_world *flight_truth(void);
