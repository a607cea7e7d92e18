#include "tests/load/options.h"
#include "protocol/message.h"
#include "protocol/shape.h"
#include "tests/load/behaviour.h"
#include "tests/load/scenario.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "tidewire-bots: players made of C, who play, check every byte's meaning, and tell what they felt.\n"
    "tidewire-bots proxy: the same bad roads for any program or browser; `tidewire-bots proxy --help`.\n\n"
    "Whom they visit\n"
    "  --url URL       ws://… or wss://… (default wss://localhost:8443/play, or the port in TIDEWIRE_PORT)\n"
    "  --game NAME     (arena)\n"
    "  --games FOLDER  of the games' shared objects, whose predictors and brains they then have (the "
    "arena's\n"
    "                  they have always)\n"
    "  --room NAME     (main)\n"
    "  --rooms N       spread them over N rooms NAME-1 … NAME-N\n"
    "  --verify        the server's certificate must be one that this system trusts\n"
    "  --sources N     addresses 127.1.0.1 … to come from, on the loopback (default: one for each 50 "
    "clients)\n\n"
    "What they do\n"
    "  --scenario S    a file of such words, or one of: ramp steady burst churn storm slow spectators spot "
    "idle\n"
    "                  thousands\n"
    "  --clients N     how many (200)\n"
    "  --seconds S     how long is measured, once all have joined (20)\n"
    "  --ramp S        over how long they come in (default: 300 a second)\n"
    "  --settle S      how long they play before it is measured (0)\n"
    "  --measure-ramp  the ramp is measured, too\n"
    "  --play MIX      brain (the game's own computer players), random, turns (all keys at once, once a "
    "second),\n"
    "                  spot (all to one place), watch (no inputs), mute (nor acknowledgements); or a mix:\n"
    "                  '80% brain, 20% watch' (random)\n"
    "  --rate N        inputs a second of each (default: one a tick; 0: none, they only acknowledge)\n"
    "  --stay S        churn: each leaves after S seconds or so, and comes back after --away S (1)\n"
    "  --back S        how long after a cut they come back (0.2)\n"
    "  --at 'S WHO WHAT'  in second S; WHO: all, N%, A-B; WHAT: cut, leave, join, stall S, road NAME\n"
    "  --road MIX      loopback, fibre, cable, wifi, 4g, 3g, lossy, slow, satellite, tunnel (loopback)\n"
    "  --over MIX      how messages travel: ws, stream, sse, poll (ws); with wss:// all over TLS\n"
    "  --describe 'NAME down=B/s up=B/s queue=B delay=MS jitter=MS stall=MS every=S cut=S'  one more road\n"
    "  --budget N      bytes a second that they say they can take\n"
    "  --lane N        what they can predict: 0 nothing, 1 linear, 2 as the game's own code does (2)\n"
    "  --seed N        of everything that is left to chance (1)\n\n"
    "What they look at\n"
    "  --checked N     so many of them check every row; the others only count (default: all)\n"
    "  --private KIND  rows of this kind are for the player of the same number alone (hud)\n"
    "  --garble N      bot N spoils its copy: to see that it is noticed\n\n"
    "What they tell\n"
    "  --slo LIST      objectives: 'age_p99<120ms,divergent=0'; a missed one makes them leave with 3\n"
    "  --json          one JSON object instead of the table\n"
    "  --csv FILE      one line a second\n"
    "  --html FILE     a page with plots, all in one file\n\n"
    "Leaves with 0 if everybody joined and stayed, frames came to all, and everything was right.\n";

/* ---- Reading values. */

static bool number(const char *text, double low, double high, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && *value >= low && *value <= high;
}

static bool whole(const char *text, double low, double high, uint32_t *value) {
    double read;
    if (!number(text, low, high, &read)) return false;
    *value = (uint32_t)strtoul(text, NULL, 10);
    return !((double)*value < read) && !((double)*value > read);
}

static bool label(const char *text, char into[LIMIT_LABEL]) {
    if (strlen(text) >= LIMIT_LABEL || !message_label_valid(text)) return false;
    snprintf(into, LIMIT_LABEL, "%s", text);
    return true;
}

static bool path(const char *text, char into[OPTIONS_PATH]) {
    return *text && snprintf(into, OPTIONS_PATH, "%s", text) < OPTIONS_PATH;
}

static bool signed_whole(const char *text, int32_t *value) {
    uint32_t read = 0;
    if (!whole(text, 0, 1000000, &read)) return false;
    *value = (int32_t)read;
    return true;
}

static bool seed(const char *text, uint64_t *value) {
    *value = strtoull(text, NULL, 10);
    return number(text, 0, 1.8e19, &(double){0});
}

static bool play_mix(const char *text, struct mix *mix) {
    if (!mix_read(mix, text)) return false;
    for (uint32_t i = 0; i < mix->count; i++)
        if (!behaviour_known(mix->parts[i].word)) return false;
    return true;
}

static bool road_mix(const char *text, struct options *options) {
    if (!mix_read(&options->road, text)) return false;
    for (uint32_t i = 0; i < options->road.count; i++)
        if (!roads_find(&options->roads, options->road.parts[i].word)) return false;
    return true;
}

static bool over_mix(const char *text, struct mix *mix) {
    static const char *const known[] = {"ws", "stream", "sse", "poll"};
    bool well = mix_read(mix, text);
    for (uint32_t i = 0; well && i < mix->count; i++) {
        well = false;
        for (size_t j = 0; j < sizeof known / sizeof *known; j++)
            well |= strcmp(mix->parts[i].word, known[j]) == 0;
    }
    return well;
}

static bool flag(const char *text, bool *value) {
    *value = true;
    return !*text || strcmp(text, "yes") == 0;
}

/* ---- The table: name, whether it is a flag, what it does with its value. */
#define OPTIONS_TABLE(X)                                                                                     \
    X("url", 0, path(value, o->url))                                                                         \
    X("about", 0, path(value, o->about))                                                                     \
    X("game", 0, label(value, o->game))                                                                      \
    X("games", 0, path(value, o->games))                                                                     \
    X("room", 0, label(value, o->room))                                                                      \
    X("rooms", 0, whole(value, 1, 4096, &o->rooms))                                                          \
    X("verify", 1, flag(value, &o->verify))                                                                  \
    X("sources", 0, whole(value, 1, 60000, &o->sources))                                                     \
    X("clients", 0, whole(value, 1, 100000, &o->clients))                                                    \
    X("seconds", 0, number(value, 0.1, 1e6, &o->seconds))                                                    \
    X("ramp", 0, number(value, 0, 1e6, &o->ramp_s))                                                          \
    X("settle", 0, number(value, 0, 1e6, &o->settle_s))                                                      \
    X("measure-ramp", 1, flag(value, &o->measure_ramp))                                                      \
    X("play", 0, play_mix(value, &o->play))                                                                  \
    X("rate", 0, signed_whole(value, &o->rate))                                                              \
    X("stay", 0, number(value, 0.1, 1e6, &o->stay_s))                                                        \
    X("away", 0, number(value, 0, 1e6, &o->away_s))                                                          \
    X("back", 0, number(value, 0, 1e6, &o->back_s))                                                          \
    X("at", 0, scenario_event(o, value))                                                                     \
    X("road", 0, road_mix(value, o))                                                                         \
    X("over", 0, over_mix(value, &o->over))                                                                  \
    X("describe", 0, roads_read(&o->roads, value))                                                           \
    X("budget", 0, whole(value, 1, 1e9, &o->budget))                                                         \
    X("lane", 0, whole(value, 0, LANE_GAME, &o->lane))                                                       \
    X("seed", 0, seed(value, &o->seed))                                                                      \
    X("checked", 0, whole(value, 1, 100000, &o->checked))                                                    \
    X("private", 0, label(value, o->private_kind))                                                           \
    X("garble", 0, signed_whole(value, &o->garble))                                                          \
    X("slo", 0, slo_read(&o->slo, value, why, why_size))                                                     \
    X("json", 1, flag(value, &o->json))                                                                      \
    X("csv", 0, path(value, o->csv))                                                                         \
    X("html", 0, path(value, o->html))                                                                       \
    X("scenario", 0, scenario_load(o, value, why, why_size))

bool options_take(struct options *o, const char *name, const char *value, char *why, size_t why_size) {
    why[0] = 0;
#define X(word, is_flag, take)                                                                               \
    if (strcmp(name, word) == 0) {                                                                           \
        if (take) return true;                                                                               \
        if (!why[0]) snprintf(why, why_size, "%s %s: out of range, or not understood", name, value);         \
        return false;                                                                                        \
    }
    OPTIONS_TABLE(X)
#undef X
    snprintf(why, why_size, "'%s' is no option", name);
    return false;
}

static bool is_flag(const char *name) {
#define X(word, flag, take)                                                                                  \
    if (flag && strcmp(name, word) == 0) return true;
    OPTIONS_TABLE(X)
#undef X
    return false;
}

/* ---- All of them. */

void options_init(struct options *options) {
    const char *port = getenv("TIDEWIRE_PORT"), *games = getenv("TIDEWIRE_GAMES");
    *options = (struct options){.game = "arena",
                                .room = "main",
                                .private_kind = "hud",
                                .clients = 200,
                                .seconds = 20,
                                .ramp_s = -1,
                                .rate = -1,
                                .away_s = 1,
                                .back_s = 0.2,
                                .lane = LANE_GAME,
                                .seed = 1,
                                .garble = -1};
    roads_init(&options->roads);
    mix_read(&options->play, "random");
    mix_read(&options->road, "loopback");
    mix_read(&options->over, "ws");
    if (games) snprintf(options->games, sizeof options->games, "%s", games);
    snprintf(options->url, sizeof options->url, "wss://localhost:%s/play", port && *port ? port : "8443");
}

bool options_finish(struct options *options, char *why, size_t why_size) {
    if (options->checked == 0 || options->checked > options->clients) options->checked = options->clients;
    if (options->ramp_s < 0) options->ramp_s = options->clients / 300.0;
    if (options->garble < (int32_t)options->clients) return true;
    snprintf(why, why_size, "there is no bot %d", options->garble);
    return false;
}

/* The name of `--name` or `--name=value`, in `into`; *value is NULL in the first case. */
static bool split(const char *word, char *into, size_t size, const char **value) {
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    if (strncmp(word, "--", 2) != 0 || length - 2 >= size) return false;
    memcpy(into, word + 2, length - 2);
    into[length - 2] = 0;
    *value = equals ? equals + 1 : NULL;
    return true;
}

static bool read_words(struct options *options, int argc, char **argv, bool scenarios, char *why,
                       size_t size) {
    for (int i = 1; i < argc; i++) {
        char name[32];
        const char *value;
        if (!split(argv[i], name, sizeof name, &value)) {
            snprintf(why, size, "'%s' is not understood", argv[i]);
            return false;
        }
        if (!value) value = is_flag(name) ? "" : i + 1 < argc ? argv[++i] : "";
        if ((strcmp(name, "scenario") == 0) != scenarios) continue;
        if (!options_take(options, name, value, why, size)) return false;
    }
    return true;
}

bool options_read(struct options *options, int argc, char **argv, int *exit_code) {
    char why[300];
    options_init(options);
    *exit_code = 0;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return fputs(HELP, stdout), false;
    *exit_code = 2;
    if (read_words(options, argc, argv, true, why, sizeof why) &&
        read_words(options, argc, argv, false, why, sizeof why) && options_finish(options, why, sizeof why))
        return true;
    fprintf(stderr, "tidewire-bots: %s; --help tells more\n", why);
    return false;
}
