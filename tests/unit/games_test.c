/* Loading games with the rules of their sections: what holds, and what is refused in which words. GAMES is a
 * folder of the build. */
#include "server/games.h"
#include "tests/check.h"

static struct config config;
static struct games games = {.config = &config};
static char why[GAMES_WHY];

/* The game with one line in its section. */
static struct game *find_with(const char *name, const char *key, float value) {
    struct config_game_line line = {.value = value, .where = "tidewire.ini:2"};
    games_finish(&games);
    snprintf(line.game, sizeof line.game, "%s", name);
    snprintf(line.key, sizeof line.key, "%s", key);
    config.game_lines[0] = line;
    config.game_line_count = 1;
    return games_find(&games, name, why);
}

static bool refused(const char *key, float value, const char *words) {
    bool good = !find_with("arena", key, value) && !strcmp(why, words) && games.count == 0;
    if (!good) printf("# '%s', expected '%s'\n", why, words);
    return good;
}

static void one_is_loaded_once(void) {
    struct game *dots = games_find(&games, "dots", why);
    EXPECT(dots && dots == games_find(&games, "dots", why));
    EXPECT(games_find(&games, "arena", why) != dots);
    EXPECT_EQ(games.count, 2);
    EXPECT(!games_find(&games, "chess", why) && strstr(why, "chess.so: No such file"));
    EXPECT_EQ(games.count, 2);
    EXPECT(dots->computers == 0 && games.all[1]->computers == 6); /* the front game's */
}

static void a_section_sets_rules(void) {
    struct game *dots = find_with("dots", "speed", 100);
    EXPECT(dots && *(const float *)(const void *)dots->rules == 100);
    dots = find_with("dots", "computers", 3);
    EXPECT(dots && dots->computers == 3);
}

static void what_is_no_rule_is_refused(void) {
    EXPECT(refused("spede", 1, "tidewire.ini:2: arena has no rule spede"));
    EXPECT(refused("sight", -1, "tidewire.ini:2: sight must lie within 200 and 2400"));
    EXPECT(refused("rocks", 2.5f, "tidewire.ini:2: rocks must be a whole number"));
    EXPECT(refused("computers", -1, "tidewire.ini:2: computers must lie within 0 and 8192"));
    EXPECT(refused("computers", 0.5f, "tidewire.ini:2: computers must be a whole number"));
    EXPECT(refused("computers", 1e30f, "tidewire.ini:2: computers must lie within 0 and 8192"));
}

int main(void) {
    config = config_default();
    snprintf(config.games, sizeof config.games, "%s", GAMES);
    RUN(one_is_loaded_once);
    RUN(a_section_sets_rules);
    RUN(what_is_no_rule_is_refused);
    games_finish(&games);
    return check_done();
}
