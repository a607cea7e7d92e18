/* Reads tidewire.ini. The rules of games ([game NAME] sections) are only collected here: the games know what
 * they mean. */
#include "server/config_inside.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1200, WHERE_BYTES = 400 };

struct reader {
    struct config *config;
    const char *path;
    unsigned line;
    char where[WHERE_BYTES]; /* path:line */
    char section[24], game[24];
    bool seen[SETTINGS_MAX]; /* by number of the setting */
};

static char *trim(char *text) {
    while (isspace((unsigned char)*text)) text++;
    size_t length = strlen(text);
    while (length && isspace((unsigned char)text[length - 1])) text[--length] = 0;
    return text;
}

/* A comment begins the line or follows a space. */
static void strip_comment(char *text) {
    for (char *c = text; *c; c++)
        if ((*c == '#' || *c == ';') && (c == text || isspace((unsigned char)c[-1]))) *c = 0;
}

static bool read_section(struct reader *reader, char *text) {
    size_t length = strlen(text);
    if (text[length - 1] != ']') return config_refuse(reader->where, "a section ends with ']'");
    text[length - 1] = 0;
    char *name = trim(text + 1);
    reader->game[0] = 0;
    if (!strncmp(name, "game", 4) && isspace((unsigned char)name[4])) {
        char *game = trim(name + 4);
        if (!config_is_label(game, false))
            return config_refuse(reader->where, "'%s' is no name of a game", game);
        snprintf(reader->game, sizeof(reader->game), "%s", game);
        return true;
    }
    const struct setting *setting;
    for (size_t i = 0; (setting = config_setting(i)); i++) {
        if (strcmp(name, setting->section)) continue;
        snprintf(reader->section, sizeof(reader->section), "%s", name);
        return true;
    }
    return config_refuse_name(reader->where, "section", "", name, strlen(name), true);
}

static bool read_game_line(struct reader *reader, const char *key, const char *value) {
    struct config *config = reader->config;
    if (!config_is_label(key, true)) return config_refuse(reader->where, "'%s' is no name of a rule", key);
    for (uint32_t i = 0; i < config->game_line_count; i++) {
        const struct config_game_line *line = &config->game_lines[i];
        if (!strcmp(line->game, reader->game) && !strcmp(line->key, key))
            return config_refuse(reader->where, "%s was already given at %s", key, line->where);
    }
    char *end;
    float number = strtof(value, &end);
    if (!*value || *end || !(number - number == 0.0f))
        return config_refuse(reader->where, "%s must be a number, not '%s'", key, value);
    if (config->game_line_count == CONFIG_GAME_LINES)
        return config_refuse(reader->where, "more than %d lines about games", CONFIG_GAME_LINES);
    struct config_game_line *line = &config->game_lines[config->game_line_count++];
    *line = (struct config_game_line){.value = number};
    snprintf(line->game, sizeof(line->game), "%s", reader->game);
    snprintf(line->key, sizeof(line->key), "%s", key);
    snprintf(line->where, sizeof(line->where), "%.*s:%u", CONFIG_TEXT - 16, reader->path, reader->line);
    return true;
}

static bool read_setting(struct reader *reader, const char *key, const char *value) {
    if (!reader->section[0])
        return config_refuse(reader->where, "'%s' stands before the first [section]", key);
    const struct setting *setting;
    size_t number = 0;
    while ((setting = config_setting(number)) && strcmp(setting->key, key)) number++;
    if (!setting) return config_refuse_name(reader->where, "key", "", key, strlen(key), false);
    if (strcmp(setting->section, reader->section))
        return config_refuse(reader->where, "'%s' belongs into [%s], not [%s]", key, setting->section,
                             reader->section);
    if (reader->seen[number]) return config_refuse(reader->where, "'%s' was already given", key);
    reader->seen[number] = true;
    return config_put(reader->config, setting, value, reader->where);
}

static bool read_line(struct reader *reader, char *line) {
    strip_comment(line);
    char *text = trim(line);
    if (!*text) return true;
    if (*text == '[') return read_section(reader, text);
    char *equals = strchr(text, '=');
    if (!equals) return config_refuse(reader->where, "expected 'key = value', not '%s'", text);
    *equals = 0;
    const char *key = trim(text), *value = trim(equals + 1);
    return reader->game[0] ? read_game_line(reader, key, value) : read_setting(reader, key, value);
}

/* What some editors put in front of a text in UTF-8. */
static char *pass_mark(char *line) {
    static const char mark[] = "\xEF\xBB\xBF";
    return strncmp(line, mark, sizeof(mark) - 1) ? line : line + sizeof(mark) - 1;
}

static bool read_lines(struct reader *reader, FILE *file) {
    char line[LINE_BYTES];
    while (fgets(line, sizeof(line), file)) {
        reader->line++;
        snprintf(reader->where, sizeof(reader->where), "%.*s:%u", WHERE_BYTES - 16, reader->path,
                 reader->line);
        if (!strchr(line, '\n') && !feof(file))
            return config_refuse(reader->where, "longer than %d bytes, or not text", LINE_BYTES - 2);
        if (!read_line(reader, reader->line == 1 ? pass_mark(line) : line)) return false;
    }
    return !ferror(file) || config_refuse(reader->path, "%s", strerror(errno));
}

bool config_read_file(struct config *config, const char *path, bool named) {
    FILE *file = fopen(path, "re");
    if (!file) return (errno == ENOENT && !named) || config_refuse(path, "%s", strerror(errno));
    struct reader reader = {.config = config, .path = path};
    bool good = read_lines(&reader, file);
    fclose(file);
    return good;
}
