/* The code of the game that is played, if it is at hand: linked in (the arena) or a shared object. From it
 * the bots have its predictors and its computer players. */
#pragma once
#include "game/game_api.h"

struct game {
    const struct schema *schema; /* NULL: not at hand */
    const struct game_calls *calls;
    void *handle;
};

/* Looks in `folder` ("": nowhere) for NAME.so, then at what is linked in. Nothing found is no failure. */
void game_find(struct game *game, const char *folder, const char *name);
void game_close(struct game *game);
