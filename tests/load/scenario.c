#include "tests/load/scenario.h"
#include "game/math.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 16 * 1024 };

/* ---- Events. */

static bool read_who(struct options_event *event, const char *word) {
    char *end;
    if (strcmp(word, "all") == 0) return event->share = 1, true;
    double number = strtod(word, &end);
    if (end == word || !(number >= 0 && number <= UINT32_MAX)) return false;
    if (strcmp(end, "%") == 0) return event->share = number / 100, number <= 100 && number > 0;
    event->first = event->last = (uint32_t)number;
    if (*end == '-') event->last = (uint32_t)strtoul(end + 1, &end, 10);
    return !*end && event->last >= event->first;
}

static bool read_what(struct options *options, struct options_event *event, const char *what,
                      const char *more) {
    static const char *const plain[] = {[AT_CUT] = "cut", [AT_LEAVE] = "leave", [AT_JOIN] = "join"};
    for (uint8_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(what, plain[i]) == 0) return event->what = i, !more;
    if (!more) return false;
    if (strcmp(what, "stall") == 0) {
        event->what = AT_STALL;
        event->seconds = strtod(more, NULL);
        return event->seconds > 0;
    }
    const struct road_kind *road = strcmp(what, "road") == 0 ? roads_find(&options->roads, more) : NULL;
    event->what = AT_ROAD;
    if (road) event->road = (uint8_t)(road - options->roads.kinds);
    return road != NULL;
}

bool scenario_event(struct options *options, const char *text) {
    struct options_event event = {0};
    char words[128], *rest = words, *end;
    if (options->event_count == OPTIONS_EVENTS ||
        snprintf(words, sizeof words, "%s", text) >= (int)sizeof words)
        return false;
    const char *at = strtok_r(rest, " \t", &rest), *who = strtok_r(NULL, " \t", &rest);
    const char *what = strtok_r(NULL, " \t", &rest), *more = strtok_r(NULL, " \t", &rest);
    if (!what || (more && strtok_r(NULL, " \t", &rest))) return false;
    event.at_s = strtod(at, &end);
    if (*end || !(event.at_s >= 0) || !read_who(&event, who) || !read_what(options, &event, what, more))
        return false;
    options->events[options->event_count++] = event;
    return true;
}

bool scenario_concerns(const struct options *options, uint32_t number, uint32_t who) {
    const struct options_event *event = &options->events[number];
    uint64_t dice = dice_seed(options->seed * UINT64_C(7919) + number * UINT64_C(1000003) + who);
    if (!(event->share > 0)) return who >= event->first && who <= event->last;
    return dice_next(&dice) / 4294967296.0 < event->share;
}

/* ---- Files. */

static char *trim(char *line) {
    line[strcspn(line, "#\r")] = 0;
    while (isspace((unsigned char)*line)) line++;
    for (size_t length = strlen(line); length && isspace((unsigned char)line[length - 1]);)
        line[--length] = 0;
    return line;
}

static bool read_line(struct options *options, char *line, char *why, size_t why_size) {
    size_t name = strcspn(line, " \t");
    char *value = line + name + (line[name] != 0);
    line[name] = 0;
    while (isspace((unsigned char)*value)) value++;
    return options_take(options, line, value, why, why_size);
}

bool scenario_read(struct options *options, const char *text, char *why, size_t why_size) {
    char copy[TEXT_MOST], trouble[200], *rest = copy;
    int number = 0;
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) {
        snprintf(why, why_size, "longer than %d bytes", TEXT_MOST);
        return false;
    }
    while (rest) {
        char *line = trim(strsep(&rest, "\n"));
        number++;
        if (!*line || read_line(options, line, trouble, sizeof trouble)) continue;
        snprintf(why, why_size, "line %d: %s", number, trouble);
        return false;
    }
    return true;
}

static FILE *open_named(const char *name) {
    const char *folders[] = {getenv("TIDEWIRE_SCENARIOS"), SCENARIOS};
    char path[512];
    FILE *file = strchr(name, '/') || strchr(name, '.') ? fopen(name, "r") : NULL;
    for (size_t i = 0; !file && i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/%s.txt", folders[i] ? folders[i] : ".", name);
        file = fopen(path, "r");
    }
    return file;
}

bool scenario_load(struct options *options, const char *name, char *why, size_t why_size) {
    char text[TEXT_MOST], trouble[240];
    FILE *file = open_named(name);
    if (!file) {
        snprintf(why, why_size, "there is no scenario '%s'", name);
        return false;
    }
    size_t size = fread(text, 1, sizeof text - 1, file);
    bool failed = ferror(file);
    fclose(file);
    if (failed) {
        snprintf(why, why_size, "scenario '%s' cannot be read", name);
        return false;
    }
    text[size] = 0;
    snprintf(options->scenario, sizeof options->scenario, "%s", name);
    if (scenario_read(options, text, trouble, sizeof trouble)) return true;
    snprintf(why, why_size, "scenario '%s', %s", name, trouble);
    return false;
}
