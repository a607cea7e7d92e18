#include "tests/load/options.h"
#include "protocol/message.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char HELP[] =
    "tidewire-bots: players made of C, who play, check every byte's meaning, and tell what they felt.\n\n"
    "  --url URL       ws://… or wss://… (default wss://localhost:8443/play, or the port in TIDEWIRE_PORT)\n"
    "  --clients N     how many (200)\n"
    "  --seconds S     how long they play once all have joined (20)\n"
    "  --ramp S        over how long they come in (default: 300 a second)\n"
    "  --game NAME     (arena)\n"
    "  --room NAME     (main)\n"
    "  --rooms N       spread them over N rooms NAME-1 … NAME-N\n"
    "  --rate N        inputs a second of each (default: one a tick; 0: none, they only acknowledge)\n"
    "  --checked N     so many of them check every row; the others only count (default: all)\n"
    "  --lane N        what they can predict: 0 nothing, 1 linear, 2 as the arena's own code does (2)\n"
    "  --seed N        of their steering (1)\n"
    "  --verify        the server's certificate must be one that this system trusts\n"
    "  --json          one JSON object instead of the table\n\n"
    "Leaves with 0 if everybody joined and stayed, frames came to all, and every hash was right.\n";

enum { URL, CLIENTS, SECONDS, RAMP, GAME, ROOM, ROOMS, RATE, CHECKED, LANE, SEED, VERIFY, JSON, HELP_ };
static const struct option TABLE[] = {
    {"url", 1, NULL, URL},     {"clients", 1, NULL, CLIENTS}, {"seconds", 1, NULL, SECONDS},
    {"ramp", 1, NULL, RAMP},   {"game", 1, NULL, GAME},       {"room", 1, NULL, ROOM},
    {"rooms", 1, NULL, ROOMS}, {"rate", 1, NULL, RATE},       {"checked", 1, NULL, CHECKED},
    {"lane", 1, NULL, LANE},   {"seed", 1, NULL, SEED},       {"verify", 0, NULL, VERIFY},
    {"json", 0, NULL, JSON},   {"help", 0, NULL, HELP_},      {0}};

static bool number(const char *text, double low, double high, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && *value >= low && *value <= high;
}

static bool whole(const char *text, double low, double high, uint64_t *value) {
    double read;
    if (!number(text, low, high, &read)) return false;
    *value = strtoull(text, NULL, 10);
    return (double)*value == read;
}

static bool label(const char *text, char into[LIMIT_LABEL]) {
    if (strlen(text) >= LIMIT_LABEL || !message_label_valid(text)) return false;
    snprintf(into, LIMIT_LABEL, "%s", text);
    return true;
}

static bool take_number(struct options *options, int which, const char *text) {
    uint64_t value = 0;
    switch (which) {
    case CLIENTS:
        return whole(text, 1, 100000, &value) && (options->clients = (uint32_t)value);
    case ROOMS:
        return whole(text, 1, 4096, &value) && (options->rooms = (uint32_t)value);
    case RATE:
        if (!whole(text, 0, 1000, &value)) return false;
        options->rate = (int32_t)value;
        return true;
    case CHECKED:
        if (!whole(text, 1, 100000, &value)) return false;
        options->checked = (uint32_t)value;
        return true;
    case LANE:
        options->lane = (uint32_t)(text[0] - '0');
        return text[0] >= '0' && text[0] <= '2' && !text[1];
    case SEED:
        options->seed = strtoull(text, NULL, 10);
        return number(text, 0, 1.8e19, &(double){0});
    case SECONDS:
        return number(text, 0.1, 1e6, &options->seconds);
    default:
        return number(text, 0, 1e6, &options->ramp_s);
    }
}

static bool take(struct options *options, int which, const char *text) {
    switch (which) {
    case URL:
        return snprintf(options->url, sizeof options->url, "%s", text) < (int)sizeof options->url;
    case GAME:
        return label(text, options->game);
    case ROOM:
        return label(text, options->room);
    case VERIFY:
        return options->verify = true;
    case JSON:
        return options->json = true;
    default:
        return take_number(options, which, text);
    }
}

static struct options defaults(void) {
    const char *port = getenv("TIDEWIRE_PORT");
    struct options options = {.game = "arena",
                              .room = "main",
                              .clients = 200,
                              .seconds = 20,
                              .ramp_s = -1,
                              .rate = -1,
                              .lane = LANE_GAME,
                              .seed = 1};
    snprintf(options.url, sizeof options.url, "wss://localhost:%s/play", port && *port ? port : "8443");
    return options;
}

/* What getopt_long returned but for −1. */
static bool take_word(struct options *options, int which, int index, char **argv, int *exit_code) {
    *exit_code = 2;
    if (which == HELP_) {
        fputs(HELP, stdout);
        *exit_code = 0;
        return false;
    }
    if (which == '?' || which == ':') {
        fprintf(stderr, "tidewire-bots: %s is not understood; --help tells more\n", argv[optind - 1]);
        return false;
    }
    if (take(options, which, optarg)) return true;
    fprintf(stderr, "tidewire-bots: --%s %s: out of range; --help tells more\n", TABLE[index].name, optarg);
    return false;
}

bool options_read(struct options *options, int argc, char **argv, int *exit_code) {
    int which, index = 0;
    *options = defaults();
    opterr = 0;
    while ((which = getopt_long(argc, argv, "", TABLE, &index)) != -1)
        if (!take_word(options, which, index, argv, exit_code)) return false;
    if (optind < argc) {
        fprintf(stderr, "tidewire-bots: '%s' is one word too many; --help tells more\n", argv[optind]);
        *exit_code = 2;
        return false;
    }
    if (options->checked == 0 || options->checked > options->clients) options->checked = options->clients;
    if (options->ramp_s < 0) options->ramp_s = options->clients / 300.0;
    return true;
}
