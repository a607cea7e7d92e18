/* What travels in the arena: the rows that are shown, the input, the rules and the records, as plain structs.
 * Their tables (ranges, steps) stand in tables.c in the same order. Included by all of the arena; the
 * computer pilots know nothing else. Units: world units, seconds, headings of 256 to a turn (game/math.h). */
#pragma once
#include "game/game_api.h"
#include "game/math.h"

enum {
    ARENA_SIZE = 3200,  /* the world is round: 0 … 3200 in x and y, and 3200 is 0 again */
    PLAYERS_MAX = 256,  /* ship, pilot and hud have the player as their slot */
    SHOTS_MAX = 2048,   /* 256 ships, 5 shots a second each, 1.1 s long, and room for novas */
    ROCKS_MAX = 128,    /* big ones fall apart into four small ones */
    PICKUPS_MAX = 48,   /* lying about, and left by the dead */
    PAST_MS = 300,      /* shots are judged as their pilots saw it, but not further back than this */
    SECTORS_ACROSS = 8, /* 8 × 8 sectors: events that are only of use nearby go to a sector's group */
};
#define SPEED_MOST 500.0f /* units/s along each axis, after a bump */
/* Before anything moves by a speed it is a whole number of SPEED_STEP: at 20 ticks a second that is exactly
 * one PLACE_STEP a tick. */
#define SPEED_STEP 1.25f
#define PLACE_STEP 0.0625f
#define WISH_STEP  (1.0f / 64)

/* ---- Rows. Fields that change often come first. */
enum kind { KIND_SHIP, KIND_SHOT, KIND_ROCK, KIND_PICKUP, KIND_PILOT, KIND_HUD, KIND_COUNT };
enum ship_flag { SHIP_THRUST = 1, SHIP_FIRE = 2, SHIP_SAFE = 4, SHIP_SHIELD = 8, SHIP_RAPID = 16 };
struct ship {
    float x, y, vx, vy;
    int32_t heading, flags, health; /* flags: enum ship_flag; health 0 … 100 */
    int32_t turn, thrust;           /* for prediction: units of heading a tick, eighths */
    float wish_vx, wish_vy;         /* and the speed that vx, vy follow in leaps (ship.c) */
};
struct shot { /* flies straight on from birth to end: nothing is sent in between */
    float x, y, vx, vy;
    int32_t owner;
};
struct rock { /* radius: ROCK_RADIUS × size; shape: a seed for its looks and spin */
    float x, y, vx, vy;
    int32_t size, shape;
};
enum pickup_type { PICKUP_REPAIR, PICKUP_RAPID, PICKUP_SHIELD, PICKUP_NOVA, PICKUP_TYPES };
struct pickup {
    float x, y;
    int32_t type; /* enum pickup_type */
};
struct pilot { /* who flies: seen by all, wherever they are; there while the seat is taken, dead or alive */
    int32_t score, kills, deaths, kept, hue, computer;
    char name[LIMIT_NAME];
};
struct hud {                        /* for the pilot's own eyes */
    int32_t heat;                   /* 0 … 20, above 18 the gun waits */
    int32_t respawn, rapid, shield; /* seconds left, 0: none */
};

/* ---- Input. Keyboard: turn −8, 0 or 8 with aim −1. Mouse and touch stick: aim, and the ship turns there. */
struct arena_input {
    int32_t turn;   /* −8 … 8 eighths of the turn rate, positive towards +y (clockwise on screens) */
    int32_t thrust; /* 0 … 8 eighths */
    int32_t fire;   /* 0, 1: held */
    int32_t aim;    /* heading wanted, 0 … 255; −1: none, `turn` counts */
};

/* ---- Rules: the operator's settings. */
struct arena_rules {
    float ship_speed, turn_rate, thrust, drag; /* units/s, turns/s, units/s², part of the speed lost in 1 s */
    float shot_speed, shot_life, shot_rate;    /* units/s, s, shots/s */
    float respawn, safe, sight;                /* s, s, units */
    int32_t shot_damage, rocks, pickups;
    int32_t kill_score, rock_score, pickup_score, death_cost;
};

/* ---- Events, and one call with its answer. */
enum record {
    RECORD_KILL,
    RECORD_HIT,
    RECORD_BOOM,
    RECORD_SPAWN,
    RECORD_TAKEN,
    RECORD_PAINT,
    RECORD_PAINTED,
    RECORD_COUNT
};
struct event_kill {
    int32_t killer, victim; /* killer −1: a rock */
};
struct event_hit {
    float x, y;
    int32_t by, of; /* of −1: a rock */
};
struct event_boom {
    float x, y;
    int32_t size; /* 1 … 3 a rock of that size, 4 a ship */
};
struct event_spawn {
    float x, y;
    int32_t who;
};
struct event_taken {
    float x, y;
    int32_t who, type;
};
struct paint {
    int32_t hue;
};

#define SHIP_RADIUS   14.0f
#define ROCK_RADIUS   16.0f /* times its size, 1 … 3 */
#define ROCK_SIZE_MAX 3
#define PICKUP_RADIUS 14.0f
#define HEALTH_MAX    100
