/* The table of all settings, and how their values are read. */
#include "server/config_inside.h"
#include "protocol/base.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
    X(rooms, journal_mb, UINT, "1000", 1, 1000000, "MB", "of all journals of a run; then they end")          \
    X(log, log, CHOICE, "info", 0, 0, "debug|info|warn|error", "lines below this level are dropped")         \
    X(log, metrics, CHOICE, "local", 0, 0, "off|local|all", "who may read /metrics")

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
_Static_assert(COUNT_OF(settings) <= SETTINGS_MAX, "settings");

const struct setting *config_setting(size_t number) {
    return number < COUNT_OF(settings) ? &settings[number] : NULL;
}

struct config config_default(void) {
    struct config config = {0};
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        config_put(&config, &settings[i], settings[i].preset, "default");
    return config;
}

/* ---- Values. */

static bool put_uint(struct config *config, const struct setting *setting, const char *value,
                     const char *where) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    bool whole = isdigit((unsigned char)*value) && !*end;
    if (!whole || errno || number < setting->min || number > setting->max)
        return config_refuse(where, "%s must be a whole number, %llu to %llu, not '%s'", setting->key,
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
        return config_refuse(where, "%s must be true or false, not '%s'", setting->key, value);
    memcpy((char *)config + setting->offset, &on, sizeof(on));
    return true;
}

static bool put_text(struct config *config, const struct setting *setting, const char *value,
                     const char *where) {
    size_t length = strlen(value);
    if (setting->type == CHOICE && !is_one_of(value, setting->unit))
        return config_refuse(where, "%s must be one of %s, not '%s'", setting->key, setting->unit, value);
    if (setting->type == TEXT && length < setting->min)
        return config_refuse(where, "%s must not be empty", setting->key);
    if (setting->type == TEXT && (length > setting->max || length >= setting->size))
        return config_refuse(where, "%s is longer than %llu bytes", setting->key,
                             (unsigned long long)setting->max);
    memcpy((char *)config + setting->offset, value, length + 1);
    return true;
}

bool config_put(struct config *config, const struct setting *setting, const char *value, const char *where) {
    switch (setting->type) {
    case UINT:
        return put_uint(config, setting, value, where);
    case FLAG:
        return put_flag(config, setting, value, where);
    default:
        return put_text(config, setting, value, where);
    }
}
