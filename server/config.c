/* One table of settings, and the four ways that it is read or told: file, environment, flags, help. The rules
 * of games ([game NAME] sections) are only collected here: the games know what they mean. */
#include "server/config.h"
#include "protocol/base.h"
#include "server/edge/address.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* section, key, type, default, min, max, unit, help. For TEXT min … max is the length and the field's size
 * bounds it too; for CHOICE the unit lists what may be chosen. Keys are the names of `struct config`. */
#define CONFIG_TABLE(X)                                                                                      \
    X(server, bind, TEXT, "::", 1, 63, "ADDRESS", "address to listen on; :: takes IPv4 too")                 \
    X(server, port, UINT, "8443", 1, 65535, "N", "one port for pages, API and players")                      \
    X(server, plain, FLAG, "false", 0, 1, "", "no TLS: for benchmarks and behind a proxy")                   \
    X(server, certificate, TEXT, "", 0, 255, "FILE",                                                         \
      "PEM certificate chain; empty: certificate.pem in state")                                              \
    X(server, key, TEXT, "", 0, 255, "FILE", "PEM private key; empty: key.pem in state")                     \
    X(server, state, TEXT, "state", 1, 200, "DIR", "folder of the database and the certificate")             \
    X(server, games, TEXT, "build/game", 1, 200, "DIR", "folder of the games' shared objects")               \
    X(server, pages, TEXT, "build/page", 1, 200, "DIR", "folder of the built pages")                         \
    X(server, origins, TEXT, "", 0, 1023, "LIST", "origins allowed besides our own, by spaces; *: any")      \
    X(server, io_threads, UINT, "0", 0, 64, "N", "threads for connections; 0: cores - 1, at least 1")        \
    X(server, connections_max, UINT, "25000", 1, 1000000, "N",                                               \
      "sockets at once: seats, the line, an eighth more, and pages")                                         \
    X(server, address_connections, UINT, "512", 0, 1000000, "N",                                             \
      "sockets of one address at once; 0: no bound")                                                         \
    X(server, address_rate, UINT, "64", 0, 100000, "N",                                                      \
      "new sockets of one address in a second, eight seconds' worth at once; 0: no bound")                   \
    X(server, connection_rate, UINT, "2000", 0, 100000, "N",                                                 \
      "new sockets of all in a second, two seconds' worth at once; 0: no bound")                             \
    X(server, memory_mb, UINT, "0", 0, 1048576, "MB",                                                        \
      "with more memory in use nobody new is let in; 0: three quarters of the machine's")                    \
    X(server, proxies, TEXT, "", 0, 1023, "LIST",                                                            \
      "networks of proxies that are believed, by spaces: 10.0.0.0/8 ::1")                                    \
    X(server, proxy_protocol, FLAG, "false", 0, 1, "",                                                       \
      "those proxies send a PROXY header; else they send X-Forwarded-For")                                   \
    X(players, sessions_max, UINT, "20000", 1, 900000, "N",                                                  \
      "seated players at once; one more waits in line")                                                      \
    X(players, line_max, UINT, "1000", 0, 10000, "N",                                                        \
      "players who wait in line while all seats are taken; one more is refused")                             \
    X(players, handshake_s, UINT, "10", 1, 600, "SECONDS",                                                   \
      "a connection's TLS and first whole request must come within")                                         \
    X(players, request_s, UINT, "75", 1, 3600, "SECONDS",                                                    \
      "a connection may rest so long between two requests")                                                  \
    X(players, hello_s, UINT, "10", 1, 600, "SECONDS", "HELLO must come within")                             \
    X(players, ping_s, UINT, "20", 1, 3600, "SECONDS", "a connection quiet for this long is pinged")         \
    X(players, silence_s, UINT, "45", 2, 7200, "SECONDS", "a connection silent for this long is closed")     \
    X(players, poll_s, UINT, "25", 1, 600, "SECONDS", "a long poll without news is answered after this")     \
    X(players, resume_s, UINT, "15", 0, 3600, "SECONDS", "how long a session outlives its connection")       \
    X(players, idle_s, UINT, "0", 0, 86400, "SECONDS",                                                       \
      "a player whose inputs do not change for this long is let go; 0: never")                               \
    X(players, keepalive_ms, UINT, "1000", 50, 60000, "MS", "a frame is sent at least this often")           \
    X(players, budget, UINT, "0", 0, 100000000, "BYTES",                                                     \
      "sent to one client in a second at most; 0: no bound")                                                 \
    X(rooms, game, TEXT, "arena", 1, 23, "NAME", "game of the front page; its room main is always open")     \
    X(rooms, rate, UINT, "20", 1, 128, "HZ", "ticks a second")                                               \
    X(rooms, rooms_max, UINT, "64", 1, 4096, "N", "rooms at once, of all games")                             \
    X(rooms, room_empty_s, UINT, "60", 1, 86400, "SECONDS", "a room without people closes after this")       \
    X(rooms, seed, UINT, "0", 0, UINT64_MAX, "N", "random seed of all rooms; 0: a new one for each room")    \
    X(rooms, journal, TEXT, "", 0, 200, "DIR", "folder of the rooms' journals; empty: none are kept")        \
    X(log, log, CHOICE, "info", 0, 0, "debug|info|warn|error", "lines below this level are dropped")         \
    X(log, metrics, CHOICE, "local", 0, 0, "off|local|all", "who may read /metrics")

enum type { TEXT, UINT, FLAG, CHOICE };

struct setting {
    const char *section, *key;
    enum type type;
    const char *preset;
    uint64_t min, max;
    const char *unit, *help;
    size_t offset, size;
};

#define X(section, key, type, preset, min, max, unit, help)                                                  \
    {#section,                                                                                               \
     #key,                                                                                                   \
     type,                                                                                                   \
     preset,                                                                                                 \
     min,                                                                                                    \
     max,                                                                                                    \
     unit,                                                                                                   \
     help,                                                                                                   \
     offsetof(struct config, key),                                                                           \
     sizeof(((struct config *)0)->key)},
static const struct setting settings[] = {CONFIG_TABLE(X)};
#undef X
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]), LINE_BYTES = 1200, WHERE_BYTES = 400 };
static const char default_path[] = "tidewire.ini";

/* One clear line. Returns false, so that a reader can end with `return refuse(…)`. */
__attribute__((format(printf, 2, 3))) static bool refuse(const char *where, const char *format, ...) {
    char words[LINE_BYTES * 2];
    va_list values;
    va_start(values, format);
    vsnprintf(words, sizeof(words), format, values);
    va_end(values);
    fprintf(stderr, "%s: %s\n", where, words);
    return false;
}

/* ---- Names: looking one up, and what was probably meant. */

/* Flags are written with dashes, keys with underscores, variables in capitals: all one name. */
static bool same_name(const char *written, size_t length, const char *key) {
    if (strlen(key) != length) return false;
    for (size_t i = 0; i < length; i++) {
        char c = written[i] == '-' ? '_' : (char)tolower((unsigned char)written[i]);
        if (c != key[i]) return false;
    }
    return true;
}

static const struct setting *find(const char *written, size_t length) {
    for (size_t i = 0; i < SETTINGS; i++)
        if (same_name(written, length, settings[i].key)) return &settings[i];
    return NULL;
}

static size_t min3(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance between a name as written and a key. */
static size_t distance(const char *written, size_t length, const char *key) {
    size_t row[64], key_length = strlen(key);
    if (key_length >= sizeof(row) / sizeof(row[0])) return SIZE_MAX;
    for (size_t k = 0; k <= key_length; k++) row[k] = k;
    for (size_t w = 0; w < length; w++) {
        size_t corner = row[0];
        row[0] = w + 1;
        for (size_t k = 0; k < key_length; k++) {
            size_t change = corner + !same_name(written + w, 1, (char[]){key[k], 0});
            corner = row[k + 1];
            row[k + 1] = min3(change, row[k] + 1, corner + 1);
        }
    }
    return row[key_length];
}

/* The nearest of the keys (or sections), if it is near enough to have been meant; else NULL. */
static const char *nearest(const char *written, size_t length, bool of_sections) {
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < SETTINGS; i++) {
        const char *name = of_sections ? settings[i].section : settings[i].key;
        size_t found = distance(written, length, name);
        if (found >= best_distance) continue;
        best = name;
        best_distance = found;
    }
    return best;
}

/* Refuses an unknown name as it was written; `prefix` is how such names begin in this place. */
static bool refuse_name(const char *where, const char *what, const char *prefix, const char *written,
                        size_t length, bool of_sections) {
    const char *meant = nearest(written, length, of_sections);
    char spelled[64] = "";
    if (meant) snprintf(spelled, sizeof(spelled), "%s%s", prefix, meant);
    for (char *c = spelled; meant && *c; c++) {
        if (!strcmp(prefix, "--") && *c == '_') *c = '-';
        if (!strcmp(prefix, "TIDEWIRE_")) *c = (char)toupper((unsigned char)*c);
    }
    return refuse(where, "unknown %s '%.*s'%s%s%s", what, (int)length, written,
                  meant ? "; did you mean '" : "", spelled, meant ? "'?" : "");
}

/* ---- Values. */

static bool put_uint(struct config *config, const struct setting *setting, const char *value,
                     const char *where) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    bool whole = isdigit((unsigned char)*value) && !*end;
    if (!whole || errno || number < setting->min || number > setting->max)
        return refuse(where, "%s must be a whole number, %llu to %llu, not '%s'", setting->key,
                      (unsigned long long)setting->min, (unsigned long long)setting->max, value);
    uint32_t small = (uint32_t)number;
    uint64_t large = number;
    bool is_small = setting->size == sizeof(small);
    memcpy((char *)config + setting->offset, is_small ? (void *)&small : (void *)&large, setting->size);
    return true;
}

/* The list's words have a | between them. */
static bool is_one_of(const char *value, const char *list) {
    size_t length = strlen(value);
    for (const char *at = list; *at; at += strspn(at, "|")) {
        size_t size = strcspn(at, "|");
        if (size == length && !strncmp(at, value, size)) return true;
        at += size;
    }
    return false;
}

static bool put_flag(struct config *config, const struct setting *setting, const char *value,
                     const char *where) {
    bool on = is_one_of(value, "true|yes|on|1");
    if (!on && !is_one_of(value, "false|no|off|0"))
        return refuse(where, "%s must be true or false, not '%s'", setting->key, value);
    memcpy((char *)config + setting->offset, &on, sizeof(on));
    return true;
}

static bool put_text(struct config *config, const struct setting *setting, const char *value,
                     const char *where) {
    size_t length = strlen(value);
    if (setting->type == CHOICE && !is_one_of(value, setting->unit))
        return refuse(where, "%s must be one of %s, not '%s'", setting->key, setting->unit, value);
    if (setting->type == TEXT && length < setting->min)
        return refuse(where, "%s must not be empty", setting->key);
    if (setting->type == TEXT && (length > setting->max || length >= setting->size))
        return refuse(where, "%s is longer than %llu bytes", setting->key, (unsigned long long)setting->max);
    memcpy((char *)config + setting->offset, value, length + 1);
    return true;
}

static bool put(struct config *config, const struct setting *setting, const char *value, const char *where) {
    switch (setting->type) {
    case UINT:
        return put_uint(config, setting, value, where);
    case FLAG:
        return put_flag(config, setting, value, where);
    default:
        return put_text(config, setting, value, where);
    }
}

uint32_t config_conversations(const struct config *config) {
    uint32_t places = config->sessions_max + config->line_max;
    return places + places / 8 + 16;
}

struct config config_default(void) {
    struct config config = {0};
    for (size_t i = 0; i < SETTINGS; i++) put(&config, &settings[i], settings[i].preset, "default");
    return config;
}

/* ---- The file. */

struct reader {
    struct config *config;
    const char *path;
    unsigned line;
    char where[WHERE_BYTES]; /* path:line */
    char section[24], game[24];
    bool seen[SETTINGS];
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

/* Games and rooms are named in lower case with dashes, rules as the fields that they are. */
static bool is_label(const char *text, bool of_rule) {
    size_t length = strlen(text);
    for (const char *c = text; *c; c++) {
        bool fine = islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-';
        if (!fine && !(of_rule && (isupper((unsigned char)*c) || *c == '_'))) return false;
    }
    return length && length < 24;
}

static bool read_section(struct reader *reader, char *text) {
    size_t length = strlen(text);
    if (text[length - 1] != ']') return refuse(reader->where, "a section ends with ']'");
    text[length - 1] = 0;
    char *name = trim(text + 1);
    reader->game[0] = 0;
    if (!strncmp(name, "game", 4) && isspace((unsigned char)name[4])) {
        char *game = trim(name + 4);
        if (!is_label(game, false)) return refuse(reader->where, "'%s' is no name of a game", game);
        snprintf(reader->game, sizeof(reader->game), "%s", game);
        return true;
    }
    for (size_t i = 0; i < SETTINGS; i++) {
        if (strcmp(name, settings[i].section)) continue;
        snprintf(reader->section, sizeof(reader->section), "%s", name);
        return true;
    }
    return refuse_name(reader->where, "section", "", name, strlen(name), true);
}

static bool read_game_line(struct reader *reader, const char *key, const char *value) {
    struct config *config = reader->config;
    if (!is_label(key, true)) return refuse(reader->where, "'%s' is no name of a rule", key);
    for (uint32_t i = 0; i < config->game_line_count; i++) {
        const struct config_game_line *line = &config->game_lines[i];
        if (!strcmp(line->game, reader->game) && !strcmp(line->key, key))
            return refuse(reader->where, "%s was already given at %s", key, line->where);
    }
    char *end;
    float number = strtof(value, &end);
    if (!*value || *end || !(number - number == 0.0f))
        return refuse(reader->where, "%s must be a number, not '%s'", key, value);
    if (config->game_line_count == CONFIG_GAME_LINES)
        return refuse(reader->where, "more than %d lines about games", CONFIG_GAME_LINES);
    struct config_game_line *line = &config->game_lines[config->game_line_count++];
    *line = (struct config_game_line){.value = number};
    snprintf(line->game, sizeof(line->game), "%s", reader->game);
    snprintf(line->key, sizeof(line->key), "%s", key);
    snprintf(line->where, sizeof(line->where), "%.*s:%u", CONFIG_TEXT - 16, reader->path, reader->line);
    return true;
}

static bool read_setting(struct reader *reader, const char *key, const char *value) {
    if (!reader->section[0]) return refuse(reader->where, "'%s' stands before the first [section]", key);
    const struct setting *setting = NULL;
    for (size_t i = 0; i < SETTINGS; i++)
        if (!strcmp(settings[i].key, key)) setting = &settings[i];
    if (!setting) return refuse_name(reader->where, "key", "", key, strlen(key), false);
    if (strcmp(setting->section, reader->section))
        return refuse(reader->where, "'%s' belongs into [%s], not [%s]", key, setting->section,
                      reader->section);
    bool *seen = &reader->seen[setting - settings];
    if (*seen) return refuse(reader->where, "'%s' was already given", key);
    *seen = true;
    return put(reader->config, setting, value, reader->where);
}

static bool read_line(struct reader *reader, char *line) {
    strip_comment(line);
    char *text = trim(line);
    if (!*text) return true;
    if (*text == '[') return read_section(reader, text);
    char *equals = strchr(text, '=');
    if (!equals) return refuse(reader->where, "expected 'key = value', not '%s'", text);
    *equals = 0;
    const char *key = trim(text), *value = trim(equals + 1);
    return reader->game[0] ? read_game_line(reader, key, value) : read_setting(reader, key, value);
}

static bool read_lines(struct reader *reader, FILE *file) {
    char line[LINE_BYTES];
    while (fgets(line, sizeof(line), file)) {
        reader->line++;
        snprintf(reader->where, sizeof(reader->where), "%.*s:%u", WHERE_BYTES - 16, reader->path,
                 reader->line);
        if (!strchr(line, '\n') && !feof(file))
            return refuse(reader->where, "longer than %d bytes, or not text", LINE_BYTES - 2);
        if (!read_line(reader, line)) return false;
    }
    return !ferror(file) || refuse(reader->path, "%s", strerror(errno));
}

/* `named`: somebody asked for this file, so it must be there. */
static bool read_file(struct config *config, const char *path, bool named) {
    FILE *file = fopen(path, "re");
    if (!file) return (errno == ENOENT && !named) || refuse(path, "%s", strerror(errno));
    struct reader reader = {.config = config, .path = path};
    bool good = read_lines(&reader, file);
    fclose(file);
    return good;
}

/* ---- Environment and flags. */

/* Variables that are not settings: the file's own name, and what scripts/ tells its tests. */
static bool is_elsewhere(const char *name, size_t length) {
    static const char *const names[] = {"config", "binary", "bots", "build", "scenarios"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (same_name(name, length, names[i])) return true;
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
        const struct setting *setting = find(name, length);
        if (!setting) return refuse_name(where, "setting", prefix, name, length, false);
        if (!put(config, setting, equals + 1, where)) return false;
    }
    return true;
}

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
    flag->setting = find(flag->name, flag->length);
    bool alone = flag->setting ? flag->setting->type == FLAG : !same_name(flag->name, flag->length, "config");
    flag->wrong = "needs a value";
    if (flag->name[flag->length])
        flag->value = flag->name + flag->length + 1;
    else if (!alone && *at < argc)
        flag->value = argv[(*at)++];
    return alone || flag->value;
}

static bool is_flag(const struct flag *flag, const char *name) {
    return !flag->value && same_name(flag->name, flag->length, name);
}

static bool read_flags(struct config *config, int argc, char **argv) {
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!next_flag(argc, argv, &at, &flag)) return refuse(flag.where, "%s", flag.wrong);
        if (same_name(flag.name, flag.length, "config")) continue;
        if (!flag.setting) return refuse_name(flag.where, "flag", "--", flag.name, flag.length, false);
        if (!put(config, flag.setting, flag.value ? flag.value : "true", flag.where)) return false;
    }
    return true;
}

/* ---- Words. */

static const char *dashed(char into[32], const char *key) {
    snprintf(into, 32, "%s", key);
    for (char *c = into; *c; c++)
        if (*c == '_') *c = '-';
    return into;
}

static void print_help(void) {
    printf(
        "tidewire %s: an authoritative real-time game server for browsers\n\n"
        "usage: tidewire [--flag value | --flag=value]...\n\n"
        "Settings come from tidewire.ini, then from TIDEWIRE_... in the environment (TIDEWIRE_PORT=8443),\n"
        "then from flags; the last one holds.\n",
        TIDEWIRE_VERSION);
    const char *section = "";
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        if (strcmp(section, s->section)) printf("\n[%s]\n", section = s->section);
        char name[32], flag[64];
        snprintf(flag, sizeof(flag), "--%s %s", dashed(name, s->key), s->unit);
        printf("  %-27s %s%s%s%s\n", flag, s->help, *s->preset ? " (" : "", s->preset, *s->preset ? ")" : "");
    }
    printf("\nRules of games stand in the file alone, in sections [game NAME].\n\n"
           "  %-27s %s\n  %-27s %s\n  %-27s %s\n  %-27s %s\n",
           "--config FILE", "read this file instead of tidewire.ini (or TIDEWIRE_CONFIG)", "--print-config",
           "print an example of tidewire.ini with all defaults", "--version", "print the version", "--help",
           "print this");
}

static void print_range(const struct setting *s) {
    if (s->type == UINT)
        printf(" (%llu to %llu)", (unsigned long long)s->min, (unsigned long long)s->max);
    else if (s->type == CHOICE)
        printf(" (%s)", s->unit);
}

static void print_example(void) {
    printf("# Tidewire's settings, each with its default. Copy this file to tidewire.ini in the folder where "
           "the\n"
           "# server is started, and take the # away from what you change. TIDEWIRE_PORT=8443 in the "
           "environment\n"
           "# goes over this file, and --port 8443 over both. Printed by: tidewire --print-config\n");
    const char *section = "";
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        if (strcmp(section, s->section)) printf("\n[%s]\n", section = s->section);
        printf("# %s", s->help);
        print_range(s);
        printf("\n#%s =%s%s\n", s->key, *s->preset ? " " : "", s->preset);
    }
    printf("\n# Rules of a game, by the names in its table of rules, and how many computer players its rooms "
           "have.\n"
           "#[game arena]\n#computers = 6\n");
}

/* Prints what --help, --version or --print-config ask for, wherever they stand. True: that was all. */
static bool tell(int argc, char **argv) {
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!next_flag(argc, argv, &at, &flag)) return false; /* read_flags will say so */
        bool help = is_flag(&flag, "help"), example = is_flag(&flag, "print_config");
        if (help) print_help();
        if (example) print_example();
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
        if (same_name(flag.name, flag.length, "config")) path = flag.value;
    }
    return path;
}

static bool check_proxies(const char *list) {
    struct networks networks;
    const char *wrong;
    if (networks_parse(list, &networks, &wrong)) return true;
    if (networks.count == NETWORKS_MAX) return refuse("proxies", "more than %d networks", NETWORKS_MAX);
    return refuse("proxies", "'%.*s' is no network such as 10.0.0.0/8 or ::1", (int)strcspn(wrong, " "),
                  wrong);
}

/* What no single setting can know. */
static bool check_whole(const struct config *config) {
    if (!check_proxies(config->proxies)) return false;
    if (!is_label(config->game, false)) return refuse("game", "'%s' is no name of a game", config->game);
    if (config->ping_s >= config->silence_s)
        return refuse("ping_s", "must be less than silence_s (%u), not %u", config->silence_s,
                      config->ping_s);
    return true;
}

bool config_read(struct config *config, int argc, char **argv, int *exit_code) {
    *exit_code = 0;
    if (tell(argc, argv)) return false;
    *exit_code = 2;
    const char *path = named_path(argc, argv);
    return read_file(config, path ? path : default_path, path) && read_environment(config) &&
           read_flags(config, argc, argv) && check_whole(config);
}
