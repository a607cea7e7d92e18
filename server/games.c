#include "server/games.h"
#include "protocol/predict.h"
#include <stdio.h>
#include <stdlib.h>

enum { COMPUTERS_DEFAULT = 6 };

/* One line of a [game …] section. */
static bool set_rule(struct game *game, const struct config_game_line *line, char *why) {
    const struct schema_record *rules = &game->module.schema->rules;
    int32_t whole = (int32_t)line->value;
    if (strcmp(line->key, "computers") == 0) {
        game->computers = (uint32_t)whole;
        return true;
    }
    for (uint16_t i = 0; i < rules->field_count; i++) {
        const struct schema_field *field = &rules->fields[i];
        if (strcmp(field->name, line->key) != 0 || field->type == SCHEMA_TEXT) continue;
        if ((field->min != 0 || field->max != 0) && (line->value < field->min || line->value > field->max)) {
            snprintf(why, GAMES_WHY, "%.100s: %s must lie within %g and %g", line->where, line->key,
                     (double)field->min, (double)field->max);
            return false;
        }
        memcpy(game->rules + field->offset, field->type == SCHEMA_INT ? (const void *)&whole : &line->value,
               4);
        return true;
    }
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
            well = set_rule(game, &config->game_lines[i], why);
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
