/* The games of this server: each is loaded when a room of it is first asked for, with what all of its rooms
 * share. Main alone calls this. */
#pragma once
#include "protocol/shape.h"
#include "server/config.h"
#include "server/world/module.h"

enum {
    GAMES_MAX = 16, /* each keeps its code and tables for as long as the server runs */
    GAMES_WHY = 256 /* bytes of a reason with its end */
};

struct game { /* with the rules of its [game …] section */
    struct module module;
    struct shape_set shapes[LANE_COUNT];
    _Alignas(8) uint8_t rules[LIMIT_RECORD_BYTES];
    uint32_t computers;
    uint64_t digest; /* of its predictors; 0: it has none */
};

struct games { /* zeroed but for `config`: none was loaded */
    const struct config *config;
    struct game *all[GAMES_MAX];
    uint32_t count;
};

/* The game of this name, loaded if it was not; it stays where it is until games_finish. NULL with `why`: no
 * such game, or a line of its section that it has no rule for. */
struct game *games_find(struct games *games, const char *name, char why[GAMES_WHY]);
void games_finish(struct games *games);
