/* Opens a game's shared object and looks at all that it brings before anyone calls it. */
#include "server/world/module.h"
#include "server/world/trial.h"
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

/* RTLD_NOW: what is missing shows here, not in the middle of a match. RTLD_LOCAL: games share names. */
static bool open_symbols(struct module *module, const char *path, char *why, size_t why_size) {
    if (access(path, R_OK)) {
        snprintf(why, why_size, "%s: %m", path);
        return false;
    }
    module->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module->handle) {
        snprintf(why, why_size, "%s", dlerror());
        return false;
    }
    module->schema = dlsym(module->handle, "game_schema");
    module->calls = dlsym(module->handle, "game_calls");
    if (module->schema && module->calls) return true;
    snprintf(why, why_size, "%s: no symbol %s", path, module->schema ? "game_calls" : "game_schema");
    return false;
}

/* The first call that must be there and is not; NULL: all are. */
static const char *missing_call(const struct game_calls *calls) {
    if (!calls->begin) return "begin";
    if (!calls->join) return "join";
    if (!calls->leave) return "leave";
    if (!calls->input) return "input";
    if (!calls->tick) return "tick";
    return calls->show ? NULL : "show";
}

static bool check(const struct module *module, const char *path, char *why, size_t why_size) {
    if (module->schema->api != GAME_API) {
        snprintf(why, why_size, "%s: made for game api %u, this server has %u", path, module->schema->api,
                 GAME_API);
        return false;
    }
    const char *missing = missing_call(module->calls);
    if (missing) {
        snprintf(why, why_size, "%s: game_calls has no %s", path, missing);
        return false;
    }
    char fault[200];
    if (!schema_check(module->schema, fault, sizeof(fault)) ||
        !trial_pass(module->schema, fault, sizeof(fault))) {
        snprintf(why, why_size, "%s: %s", path, fault);
        return false;
    }
    if (strcmp(module->schema->name, module->name) == 0) return true;
    snprintf(why, why_size, "%s: its game_schema says that it is %s", path, module->schema->name);
    return false;
}

bool module_load(struct module *module, const char *dir, const char *name, char *why, size_t why_size) {
    char path[512];
    *module = (struct module){0};
    snprintf(module->name, sizeof(module->name), "%s", name);
    int length = snprintf(path, sizeof(path), "%s/%s.so", dir, name);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        snprintf(why, why_size, "the path to %s is too long", name);
        return false;
    }
    if (open_symbols(module, path, why, why_size) && check(module, path, why, why_size)) return true;
    module_unload(module);
    return false;
}

void module_unload(struct module *module) {
    if (module->handle) dlclose(module->handle);
    *module = (struct module){0};
}
