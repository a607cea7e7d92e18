/* Games as shared objects: finds DIR/NAME.so, opens it and checks what it brings. The one user of dlopen. */
#pragma once
#include "game/game_api.h"

struct module {
    char name[LIMIT_LABEL];
    const struct schema *schema;
    const struct game_calls *calls;
    void *handle;
};

/* Loads the game `name` (already known to be a valid label) from folder `dir`. False: `why` says what is
 * wrong (no such file, no such symbol, another GAME_API, a call that must be there and is not, a table that
 * schema_check refuses, a step that trial_pass does, another name inside than outside). */
bool module_load(struct module *module, const char *dir, const char *name, char *why, size_t why_size);
void module_unload(struct module *module);
