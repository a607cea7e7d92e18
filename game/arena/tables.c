/* The arena's tables: what rows.h declares, with ranges and steps, in the order in which it travels. */
#include "game/arena/rows.h"
#include "game/arena/world.h"
#include "game/arena/ship.h"

#define PLACE .max = ARENA_SIZE, .wraps = true, .step = PLACE_STEP, .tolerance = 0.25f
#define SPEED .min = -2000, .max = 2000, .step = SPEED_STEP
#define WISH                                                                                                 \
    .min = -SPEED_MOST, .max = SPEED_MOST, .step = WISH_STEP, .tolerance = 0.5f, .predicted = true,          \
    .inner = true
#define SPOT    .max = ARENA_SIZE, .wraps = true, .step = 1
#define PLAYER  .max = PLAYERS_MAX - 1
#define SOMEONE .min = -1, .max = PLAYERS_MAX - 1
#define POINTS  .max = 10000

static const struct schema_field ship_fields[] = {
    SCHEMA_FIELD(struct ship, x, PLACE, .predicted = true),
    SCHEMA_FIELD(struct ship, y, PLACE, .predicted = true),
    SCHEMA_FIELD(struct ship, vx, SPEED, .predicted = true),
    SCHEMA_FIELD(struct ship, vy, SPEED, .predicted = true),
    SCHEMA_FIELD(struct ship, heading, .max = MATH_TURN, .wraps = true, .predicted = true),
    SCHEMA_FIELD(struct ship, flags, .max = 31),
    SCHEMA_FIELD(struct ship, health, .max = HEALTH_MAX),
    SCHEMA_FIELD(struct ship, turn, .min = -MATH_TURN / 2, .max = MATH_TURN / 2, .inner = true),
    SCHEMA_FIELD(struct ship, thrust, .max = 8, .inner = true),
    SCHEMA_FIELD(struct ship, wish_vx, WISH),
    SCHEMA_FIELD(struct ship, wish_vy, WISH),
};
static const struct schema_field shot_fields[] = {
    SCHEMA_FIELD(struct shot, x, PLACE),      SCHEMA_FIELD(struct shot, y, PLACE),
    SCHEMA_FIELD(struct shot, vx, SPEED),     SCHEMA_FIELD(struct shot, vy, SPEED),
    SCHEMA_FIELD(struct shot, owner, PLAYER),
};
static const struct schema_field rock_fields[] = {
    SCHEMA_FIELD(struct rock, x, PLACE),
    SCHEMA_FIELD(struct rock, y, PLACE),
    SCHEMA_FIELD(struct rock, vx, SPEED),
    SCHEMA_FIELD(struct rock, vy, SPEED),
    SCHEMA_FIELD(struct rock, size, .min = 1, .max = ROCK_SIZE_MAX),
    SCHEMA_FIELD(struct rock, shape, .max = 255),
};
static const struct schema_field pickup_fields[] = {
    SCHEMA_FIELD(struct pickup, x, PLACE),
    SCHEMA_FIELD(struct pickup, y, PLACE),
    SCHEMA_FIELD(struct pickup, type, .max = PICKUP_TYPES - 1),
};
static const struct schema_field pilot_fields[] = {
    SCHEMA_FIELD(struct pilot, score),
    SCHEMA_FIELD(struct pilot, kills),
    SCHEMA_FIELD(struct pilot, deaths),
    SCHEMA_FIELD(struct pilot, kept),
    SCHEMA_FIELD(struct pilot, hue, .max = 360, .wraps = true),
    SCHEMA_FIELD(struct pilot, computer, .max = 1),
    SCHEMA_FIELD(struct pilot, name),
};
static const struct schema_field hud_fields[] = {
    SCHEMA_FIELD(struct hud, heat, .max = 20),
    SCHEMA_FIELD(struct hud, respawn, .max = 60),
    SCHEMA_FIELD(struct hud, rapid, .max = 60),
    SCHEMA_FIELD(struct hud, shield, .max = 60),
};
static const struct schema_kind kinds[KIND_COUNT] = {
    [KIND_SHIP] = {{SCHEMA_RECORD("ship", struct ship, ship_fields)},
                   .slots = PLAYERS_MAX,
                   .placed = true,
                   .remembered = true,
                   .linear = true,
                   .step = ship_step,
                   .exact = true,
                   .steer = ship_steer},
    [KIND_SHOT] = {{SCHEMA_RECORD("shot", struct shot, shot_fields)},
                   .slots = SHOTS_MAX,
                   .placed = true,
                   .linear = true},
    [KIND_ROCK] = {{SCHEMA_RECORD("rock", struct rock, rock_fields)},
                   .slots = ROCKS_MAX,
                   .placed = true,
                   .linear = true},
    [KIND_PICKUP] = {{SCHEMA_RECORD("pickup", struct pickup, pickup_fields)},
                     .slots = PICKUPS_MAX,
                     .placed = true},
    [KIND_PILOT] = {{SCHEMA_RECORD("pilot", struct pilot, pilot_fields)}, .slots = PLAYERS_MAX},
    [KIND_HUD] = {{SCHEMA_RECORD("hud", struct hud, hud_fields)}, .slots = PLAYERS_MAX},
};

static const struct schema_field input_fields[] = {
    SCHEMA_FIELD(struct arena_input, turn, .min = -8, .max = 8),
    SCHEMA_FIELD(struct arena_input, thrust, .max = 8),
    SCHEMA_FIELD(struct arena_input, fire, .max = 1),
    SCHEMA_FIELD(struct arena_input, aim, .min = -1, .max = MATH_TURN - 1),
};
static const struct schema_field rules_fields[] = {
    SCHEMA_FIELD(struct arena_rules, ship_speed, .min = 50, .max = 500, .preset = 260, .step = 1),
    SCHEMA_FIELD(struct arena_rules, turn_rate, .min = 0.125f, .max = 3, .preset = 0.75f, .step = 0.0625f),
    SCHEMA_FIELD(struct arena_rules, thrust, .min = 50, .max = 1500, .preset = 320, .step = 1),
    SCHEMA_FIELD(struct arena_rules, drag, .min = 0, .max = 3, .preset = 0.625f, .step = 0.0625f),
    SCHEMA_FIELD(struct arena_rules, shot_speed, .min = 100, .max = 1000, .preset = 560, .step = 1),
    SCHEMA_FIELD(struct arena_rules, shot_life, .min = 0.25f, .max = 3, .preset = 1.125f, .step = 0.0625f),
    SCHEMA_FIELD(struct arena_rules, shot_rate, .min = 0.5f, .max = 10, .preset = 5, .step = 0.5f),
    SCHEMA_FIELD(struct arena_rules, respawn, .min = 0.5f, .max = 60, .preset = 3, .step = 0.5f),
    SCHEMA_FIELD(struct arena_rules, safe, .min = 0, .max = 30, .preset = 2, .step = 0.5f),
    SCHEMA_FIELD(struct arena_rules, sight, .min = 200, .max = 2400, .preset = 800, .step = 1),
    SCHEMA_FIELD(struct arena_rules, shot_damage, .min = 1, .max = 100, .preset = 12),
    SCHEMA_FIELD(struct arena_rules, rocks, .min = 0, .max = 96, .preset = 36),
    SCHEMA_FIELD(struct arena_rules, pickups, .min = 0, .max = 40, .preset = 14),
    SCHEMA_FIELD(struct arena_rules, kill_score, .preset = 100, POINTS),
    SCHEMA_FIELD(struct arena_rules, rock_score, .preset = 10, POINTS),
    SCHEMA_FIELD(struct arena_rules, pickup_score, .preset = 5, POINTS),
    SCHEMA_FIELD(struct arena_rules, death_cost, .preset = 25, POINTS),
};

static const struct schema_field kill_fields[] = {
    SCHEMA_FIELD(struct event_kill, killer, SOMEONE),
    SCHEMA_FIELD(struct event_kill, victim, PLAYER),
};
static const struct schema_field hit_fields[] = {
    SCHEMA_FIELD(struct event_hit, x, SPOT),
    SCHEMA_FIELD(struct event_hit, y, SPOT),
    SCHEMA_FIELD(struct event_hit, by, PLAYER),
    SCHEMA_FIELD(struct event_hit, of, SOMEONE),
};
static const struct schema_field boom_fields[] = {
    SCHEMA_FIELD(struct event_boom, x, SPOT),
    SCHEMA_FIELD(struct event_boom, y, SPOT),
    SCHEMA_FIELD(struct event_boom, size, .min = 1, .max = 4),
};
static const struct schema_field spawn_fields[] = {
    SCHEMA_FIELD(struct event_spawn, x, SPOT),
    SCHEMA_FIELD(struct event_spawn, y, SPOT),
    SCHEMA_FIELD(struct event_spawn, who, PLAYER),
};
static const struct schema_field taken_fields[] = {
    SCHEMA_FIELD(struct event_taken, x, SPOT),
    SCHEMA_FIELD(struct event_taken, y, SPOT),
    SCHEMA_FIELD(struct event_taken, who, PLAYER),
    SCHEMA_FIELD(struct event_taken, type, .max = PICKUP_TYPES - 1),
};
static const struct schema_field paint_fields[] = {
    SCHEMA_FIELD(struct paint, hue, .max = 360, .wraps = true),
};
static const struct schema_record records[RECORD_COUNT] = {
    [RECORD_KILL] = {SCHEMA_RECORD("kill", struct event_kill, kill_fields), .use = SCHEMA_MUST_ARRIVE},
    [RECORD_HIT] = {SCHEMA_RECORD("hit", struct event_hit, hit_fields), .use = SCHEMA_MAY_DROP},
    [RECORD_BOOM] = {SCHEMA_RECORD("boom", struct event_boom, boom_fields), .use = SCHEMA_MAY_DROP},
    [RECORD_SPAWN] = {SCHEMA_RECORD("spawn", struct event_spawn, spawn_fields), .use = SCHEMA_MAY_DROP},
    [RECORD_TAKEN] = {SCHEMA_RECORD("taken", struct event_taken, taken_fields), .use = SCHEMA_MAY_DROP},
    [RECORD_PAINT] = {SCHEMA_RECORD("paint", struct paint, paint_fields), .use = SCHEMA_CALL,
                      .answer = RECORD_PAINTED},
    [RECORD_PAINTED] = {SCHEMA_RECORD("painted", struct paint, paint_fields), .use = SCHEMA_ANSWER},
};

const struct schema game_schema = {
    .name = "arena",
    .api = GAME_API,
    .version = 1,
    .world_size = sizeof(struct arena),
    .input = {SCHEMA_RECORD("input", struct arena_input, input_fields)},
    .rules = {SCHEMA_RECORD("rules", struct arena_rules, rules_fields)},
    .kinds = kinds,
    SCHEMA_RECORDS(records),
    .players_max = PLAYERS_MAX,
    .kind_count = KIND_COUNT,
    .past_ms = PAST_MS,
};
