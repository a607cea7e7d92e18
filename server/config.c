/* The four ways that settings are read, in their order: defaults, file, environment, flags. What they are
 * stands in config_table.c. */
#include "server/config_inside.h"
#include "protocol/base.h"
#include "server/edge/address.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char default_path[] = "tidewire.ini";

uint32_t config_conversations(const struct config *config) {
    uint32_t places = config->sessions_max + config->line_max;
    return places + places / 8 + 16;
}

/* ---- The environment. */

/* Variables that are not settings: the file's own name, and what scripts/ tells its tests. */
static bool is_elsewhere(const char *name, size_t length) {
    static const char *const names[] = {"config", "binary", "bots", "build", "scenarios"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (config_is_name(name, length, names[i])) return true;
    return false;
}

static bool read_environment(struct config *config) {
    static const char prefix[] = "TIDEWIRE_";
    for (char **entry = environ; entry && *entry; entry++) { /* NULL after clearenv */
        const char *equals = strchr(*entry, '=');
        if (!equals || strncmp(*entry, prefix, sizeof(prefix) - 1)) continue;
        char where[64];
        snprintf(where, sizeof(where), "%.*s", (int)(equals - *entry), *entry);
        const char *name = *entry + sizeof(prefix) - 1;
        size_t length = (size_t)(equals - name);
        if (is_elsewhere(name, length)) continue;
        const struct setting *setting = config_find(name, length);
        if (!setting) return config_refuse_name(where, "setting", prefix, name, length, false);
        if (!config_put(config, setting, equals + 1, where)) return false;
    }
    return true;
}

/* ---- Flags. */

/* One flag, taken apart. `value` NULL: none was given with it. */
struct flag {
    const char *name, *value, *wrong;
    size_t length;
    const struct setting *setting;
    char where[64];
};

/* Takes the flag at argv[*at] with its value and moves on behind it. False: `wrong` says why not. */
static bool next_flag(int argc, char **argv, int *at, struct flag *flag) {
    const char *word = argv[(*at)++];
    CHECK(word); /* at < argc */
    *flag = (struct flag){.name = word, .wrong = "expected a flag such as --port; --help lists them"};
    snprintf(flag->where, sizeof(flag->where), "%.*s", (int)strcspn(word, "="), word);
    if (strncmp(word, "--", 2)) return false;
    flag->name += 2;
    flag->length = strcspn(flag->name, "=");
    flag->setting = config_find(flag->name, flag->length);
    bool alone =
        flag->setting ? flag->setting->type == FLAG : !config_is_name(flag->name, flag->length, "config");
    flag->wrong = "needs a value";
    if (flag->name[flag->length])
        flag->value = flag->name + flag->length + 1;
    else if (!alone && *at < argc)
        flag->value = argv[(*at)++];
    return alone || flag->value;
}

static bool is_flag(const struct flag *flag, const char *name) {
    return !flag->value && config_is_name(flag->name, flag->length, name);
}

static bool read_flags(struct config *config, int argc, char **argv) {
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!next_flag(argc, argv, &at, &flag)) return config_refuse(flag.where, "%s", flag.wrong);
        if (config_is_name(flag.name, flag.length, "config")) continue;
        if (!flag.setting) return config_refuse_name(flag.where, "flag", "--", flag.name, flag.length, false);
        if (!config_put(config, flag.setting, flag.value ? flag.value : "true", flag.where)) return false;
    }
    return true;
}

/* ---- All of it. */

/* Prints what --help, --version or --print-config ask for, wherever they stand. True: that was all. */
static bool tell(int argc, char **argv) {
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!next_flag(argc, argv, &at, &flag)) return false; /* read_flags will say so */
        bool help = is_flag(&flag, "help"), example = is_flag(&flag, "print_config");
        if (help) config_print_help();
        if (example) config_print_example();
        if (is_flag(&flag, "version")) printf("tidewire %s\n", TIDEWIRE_VERSION);
        if (help || example || is_flag(&flag, "version")) return fflush(stdout) == 0;
    }
    return false;
}

/* The file that flags or environment name; NULL: nobody named one. */
static const char *named_path(int argc, char **argv) {
    const char *path = getenv("TIDEWIRE_CONFIG");
    if (path && !*path) path = NULL;
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!next_flag(argc, argv, &at, &flag)) break;
        if (config_is_name(flag.name, flag.length, "config")) path = flag.value;
    }
    return path;
}

static bool check_proxies(const char *list) {
    struct networks networks;
    const char *wrong;
    if (networks_parse(list, &networks, &wrong)) return true;
    if (networks.count == NETWORKS_MAX)
        return config_refuse("proxies", "more than %d networks", NETWORKS_MAX);
    return config_refuse("proxies", "'%.*s' is no network such as 10.0.0.0/8 or ::1",
                         (int)strcspn(wrong, " "), wrong);
}

/* What no single setting can know. */
static bool check_whole(const struct config *config) {
    if (!check_proxies(config->proxies)) return false;
    if (!config_is_label(config->game, false))
        return config_refuse("game", "'%s' is no name of a game", config->game);
    if (config->ping_s >= config->silence_s)
        return config_refuse("ping_s", "must be less than silence_s (%u), not %u", config->silence_s,
                             config->ping_s);
    return true;
}

bool config_read(struct config *config, int argc, char **argv, int *exit_code) {
    *exit_code = 0;
    if (tell(argc, argv)) return false;
    *exit_code = 2;
    const char *path = named_path(argc, argv);
    return config_read_file(config, path ? path : default_path, path) && read_environment(config) &&
           read_flags(config, argc, argv) && check_whole(config);
}
