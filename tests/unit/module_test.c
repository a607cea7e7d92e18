/* Loading games: a whole one, each fault with its own words, and the real ones. MODULES and GAMES are folders
 * of the build. */
#include "server/world/module.h"
#include "tests/check.h"

static char why[300];

static bool refused(const char *name, const char *words) {
    struct module module;
    bool good =
        !module_load(&module, MODULES, name, why, sizeof(why)) && strstr(why, words) && !module.handle;
    if (!good) printf("# %s: '%s', expected '%s'\n", name, why, words);
    return good;
}

static void loads_a_whole_one(void) {
    struct module module, again;
    EXPECT(module_load(&module, MODULES, "whole", why, sizeof(why)));
    EXPECT(!strcmp(module.name, "whole"));
    EXPECT(module.schema && !strcmp(module.schema->name, "whole"));
    EXPECT(module.calls && module.calls->tick && !module.calls->think);
    EXPECT(module_load(&again, MODULES, "whole", why, sizeof(why)));
    module_unload(&again);
    EXPECT_EQ(module.schema->players_max, 4); /* still there */
    module_unload(&module);
    EXPECT(!module.schema);
    module_unload(&module);
}

static void two_games_do_not_meet(void) {
    struct module whole, dots;
    EXPECT(module_load(&whole, MODULES, "whole", why, sizeof(why)));
    EXPECT(module_load(&dots, GAMES, "dots", why, sizeof(why)));
    EXPECT(dots.schema != whole.schema && dots.calls != whole.calls);
    EXPECT(dots.schema && !strcmp(dots.schema->name, "dots"));
    module_unload(&dots);
    module_unload(&whole);
}

static void loads_the_arena(void) {
    struct module arena;
    EXPECT(module_load(&arena, GAMES, "arena", why, sizeof(why)));
    if (!arena.schema) return;
    EXPECT(!strcmp(arena.schema->name, "arena"));
    EXPECT(arena.calls->think != NULL);
    module_unload(&arena);
}

static void refuses_each_fault(void) {
    char other[64];
    snprintf(other, sizeof(other), "made for game api %d, this server has %d", GAME_API + 1, GAME_API);
    EXPECT(refused("not_there", "not_there.so: No such file"));
    EXPECT(refused("other-api", other));
    EXPECT(refused("no-tick", "game_calls has no tick"));
    EXPECT(refused("bad-table", "push.x: the step is negative"));
    EXPECT(refused("bad-step", "spot.x: step changes it, but it is not predicted"));
    EXPECT(refused("misnamed", "misnamed.so: its game_schema says that it is whole"));
    EXPECT(refused("no-calls", "no symbol game_calls"));
    EXPECT(refused("unresolved", "nobody_has_this"));
}

static void refuses_what_is_no_object(void) {
    char folder[] = "/tmp/module_test_XXXXXX", path[64];
    struct module module;
    EXPECT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/text.so", folder);
    FILE *file = fopen(path, "w");
    fputs("not an object", file);
    fclose(file);
    EXPECT(!module_load(&module, folder, "text", why, sizeof(why)));
    EXPECT(strstr(why, "text.so") != NULL);
    remove(path);
    remove(folder);
}

static void refuses_endless_paths(void) {
    static char folder[1000];
    struct module module;
    memset(folder, 'x', sizeof(folder) - 1);
    EXPECT(!module_load(&module, folder, "dots", why, sizeof(why)));
    EXPECT(strstr(why, "too long") != NULL);
}

int main(void) {
    RUN(loads_a_whole_one);
    RUN(two_games_do_not_meet);
    RUN(loads_the_arena);
    RUN(refuses_each_fault);
    RUN(refuses_what_is_no_object);
    RUN(refuses_endless_paths);
    return check_done();
}
