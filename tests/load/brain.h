/* The game's own computer players at the helm of bots: `think` is given a view that is made of the bot's own
 * replica, so it knows what the player was sent and nothing else. */
#pragma once
#include "protocol/client.h"
#include "tests/load/game.h"

enum { BRAIN_WORDS = 16 };

struct brain_room { /* what all bots share; views are filled anew for each */
    const struct game *game;
    struct shape_set *shapes; /* with the places of fields in structs, as the lane that is served has them */
    struct game_view view;
    struct game_turn turn;
    uint8_t *memory;
    _Alignas(8) uint8_t rules[LIMIT_RECORD_BYTES], input[LIMIT_RECORD_BYTES];
    int32_t cells[LIMIT_CELLS];
};

/* Makes it for what a client was welcomed to. False: this game does not think, or its tables are others. */
bool brain_open(struct brain_room *room, const struct game *game, const struct client *client);
void brain_close(struct brain_room *room);
/* The next input's cells. `mind`: BRAIN_WORDS words of the bot's own, the first a seed. */
const int32_t *brain_next(struct brain_room *room, const struct client *client, uint32_t *mind);
