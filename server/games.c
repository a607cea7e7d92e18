#include "server/games.h"
#include "protocol/predict.h"
#include <stdio.h>
#include <stdlib.h>

enum { COMPUTERS_DEFAULT = 6 };

/* Whether the line says a number of this range, and a whole one if it must be; false with `why`. */
static bool check_value(const struct config_game_line *line, double min, double max, bool whole, char *why) {
    bool within = line->value >= min && line->value <= max;
    if (within && (!whole || line->value == (float)(int32_t)line->value)) return true;
    if (within)
        snprintf(why, GAMES_WHY, "%.100s: %s must be a whole number", line->where, line->key);
    else
        snprintf(why, GAMES_WHY, "%.100s: %s must lie within %g and %g", line->where, line->key, min, max);
    return false;
}

static bool set_rule(struct game *game, const struct shape_field *rule, const struct config_game_line *line,
                     char *why) {
    bool whole = rule->type == SCHEMA_INT;
    double step = rule->step;
    if (!check_value(line, rule->min * step, rule->max * step, whole, why)) return false;
    int32_t number = whole ? (int32_t)line->value : 0;
    memcpy(game->rules + rule->offset, whole ? (const void *)&number : &line->value, rule->size);
    return true;
}

static bool set_computers(struct game *game, const struct config_game_line *line, char *why) {
    if (!check_value(line, 0, LIMIT_PLAYERS, true, why)) return false;
    game->computers = (uint32_t)line->value;
    return true;
}

/* One line of a [game …] section. */
static bool take_line(struct game *game, const struct config_game_line *line, char *why) {
    const struct shape *rules = &game->shapes[LANE_GAME].rules;
    if (strcmp(line->key, "computers") == 0) return set_computers(game, line, why);
    for (uint8_t i = 0; i < rules->field_count; i++)
        if (strcmp(rules->fields[i].name, line->key) == 0)
            return set_rule(game, &rules->fields[i], line, why);
    snprintf(why, GAMES_WHY, "%.100s: %s has no rule %s", line->where, game->module.name, line->key);
    return false;
}

/* Rules count as they travel, rounded to their steps: so clients predict by the very same. */
static void round_rules(struct game *game) {
    int32_t cells[LIMIT_CELLS];
    row_quantise(&game->shapes[LANE_GAME].rules, game->rules, cells);
    row_restore(&game->shapes[LANE_GAME].rules, cells, game->rules);
    predict_rules(&game->shapes[LANE_GAME], cells);
}

static bool prepare(struct game *game, const struct config *config, char *why) {
    bool well = true;
    game->digest = predict_digest(game->module.schema, &game->shapes[LANE_GAME]);
    for (int lane = 0; well && lane < LANE_COUNT; lane++)
        well = shape_set_make(&game->shapes[lane], game->module.schema, (enum shape_lane)lane, config->rate,
                              why, GAMES_WHY);
    predict_presets(&game->module.schema->rules, game->rules);
    game->computers = strcmp(game->module.name, config->game) == 0 ? COMPUTERS_DEFAULT : 0;
    for (uint32_t i = 0; well && i < config->game_line_count; i++)
        if (strcmp(config->game_lines[i].game, game->module.name) == 0)
            well = take_line(game, &config->game_lines[i], why);
    if (well) round_rules(game);
    return well;
}

struct game *games_find(struct games *games, const char *name, char why[GAMES_WHY]) {
    for (uint32_t i = 0; i < games->count; i++)
        if (strcmp(games->all[i]->module.name, name) == 0) return games->all[i];
    snprintf(why, GAMES_WHY, "too many games");
    struct game *game = games->count < GAMES_MAX ? calloc(1, sizeof *game) : NULL;
    if (!game) return NULL;
    if (!module_load(&game->module, games->config->games, name, why, GAMES_WHY)) {
        free(game);
        return NULL;
    }
    if (!prepare(game, games->config, why)) {
        module_unload(&game->module);
        free(game);
        return NULL;
    }
    return games->all[games->count++] = game;
}

void games_finish(struct games *games) {
    for (uint32_t i = 0; i < games->count; i++) {
        module_unload(&games->all[i]->module);
        free(games->all[i]);
    }
    games->count = 0;
}
