#include "tests/load/game.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static bool load(struct game *game, const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.so", folder, name);
    game->handle = folder[0] ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!game->handle) return false;
    game->schema = dlsym(game->handle, "game_schema");
    game->calls = dlsym(game->handle, "game_calls");
    return game->schema && game->calls && game->schema->api == GAME_API &&
           strcmp(game->schema->name, name) == 0;
}

void game_find(struct game *game, const char *folder, const char *name) {
    *game = (struct game){0};
    if (load(game, folder, name)) return;
    game_close(game);
    if (strcmp(game_schema.name, name) == 0) *game = (struct game){&game_schema, &game_calls, NULL};
}

void game_close(struct game *game) {
    if (game->handle) dlclose(game->handle);
    *game = (struct game){0};
}
