/* tidewire-bots: reads what is asked for, brings the crowd in, measures, lets it go, tells, and leaves with 0
 * only if there is nothing to complain of. */
#include "game/game_api.h"
#include "tests/load/crowd.h"
#include "tests/load/report.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { SETTLE_US = 10000000, SPARE_DESCRIPTORS = 16 };

static volatile sig_atomic_t stop_asked;

static void ask_stop(int number) {
    (void)number;
    stop_asked = 1;
}

static bool raise_descriptors(uint32_t clients, char *why, size_t why_size) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= (rlim_t)clients + SPARE_DESCRIPTORS) return true;
    snprintf(why, why_size,
             "%u clients need more open files than the %llu that this system allows (ulimit -n)", clients,
             (unsigned long long)limit.rlim_cur);
    return false;
}

/* Once, before anybody plays: to bring a game's code overwrites the shapes that all share. */
static void prepare_newcomer(struct bot_common *common, const struct options *options) {
    client_init(&common->newcomer, &common->shapes);
    if (options->lane == LANE_GAME && strcmp(options->game, game_schema.name) == 0)
        client_bring(&common->newcomer, &game_schema, &common->shapes);
}

static bool prepare(struct bot_common *common, const struct options *options, char *why, size_t why_size) {
    const char *trouble = "";
    common->options = options;
    common->dice = options->seed;
    prepare_newcomer(common, options);
    if (!address_read(&common->address, options->url, why, why_size) ||
        !address_find(&common->address, why, why_size) || !raise_descriptors(options->clients, why, why_size))
        return false;
    struct websocket_upgrade upgrade = {common->address.host, common->address.port, common->address.path,
                                        "tidewire.1"};
    common->ask_size = websocket_ask(&upgrade, common->ask, sizeof common->ask, common->accept);
    common->security = (struct link_security){.host = common->address.host, .verify = options->verify};
    if (common->address.secure) common->security.context = tls_create(options->verify, &trouble);
    bool well = (!common->address.secure || common->security.context) && loop_start(&common->loop);
    if (!well) snprintf(why, why_size, "cannot begin: %s", trouble[0] ? trouble : "no epoll");
    return well;
}

/* Nobody got in, and somebody was refused: the others would fare no better. */
static bool hopeless(const struct figures *figures) {
    return figures->joined == 0 && figures->refused > 0;
}

static void live(struct crowd *crowd, struct totals *last, uint64_t *next_us) {
    uint64_t now_us = loop_now_us();
    if (now_us < *next_us) return;
    report_live(&crowd->common->figures, last, (double)(now_us - crowd->began_us) / 1e6);
    *last = crowd->common->figures.now;
    *next_us = now_us + 1000000;
}

/* Brings everybody in; then plays for the time that was asked. Returns the seconds that were measured. */
static double play(struct crowd *crowd, const struct options *options) {
    struct figures *figures = &crowd->common->figures;
    struct totals last = {0};
    uint64_t next_us = crowd->began_us + 1000000;
    uint64_t settled_us = crowd->began_us + (uint64_t)(options->ramp_s * 1e6) + SETTLE_US;
    while (!stop_asked && !hopeless(figures) && !crowd_settled(crowd) && loop_now_us() < settled_us) {
        crowd_round(crowd, next_us);
        live(crowd, &last, &next_us);
    }
    if (hopeless(figures)) return 0;
    crowd_begin(crowd);
    uint64_t began_us = loop_now_us(), until_us = began_us + (uint64_t)(options->seconds * 1e6);
    while (!stop_asked && figures->playing && loop_now_us() < until_us) {
        crowd_round(crowd, until_us < next_us ? until_us : next_us);
        live(crowd, &last, &next_us);
    }
    crowd_finish(crowd);
    return (double)(loop_now_us() - began_us) / 1e6;
}

static int run(struct bot_common *common, const struct options *options) {
    struct crowd crowd;
    if (!crowd_create(&crowd, common, options->clients)) {
        fprintf(stderr, "✗ no memory for %u clients\n", options->clients);
        return 1;
    }
    double seconds = play(&crowd, options);
    struct figures measured = common->figures; /* goodbyes are no part of it, but for their codes */
    crowd_leave(&crowd);
    memcpy(measured.closed, common->figures.closed, sizeof measured.closed);
    if (seconds > 0) (options->json ? report_json : report_table)(&measured, options, seconds);
    report_complaints(&measured, options);
    if (hopeless(&measured) && !common->works)
        fprintf(stderr, "  Is the server up? scripts/run starts one.\n");
    crowd_destroy(&crowd);
    return figures_fine(&measured, options->clients) ? 0 : 1;
}

int main(int argc, char **argv) {
    struct options options;
    char why[256];
    int exit_code = 1;
    if (!options_read(&options, argc, argv, &exit_code)) return exit_code;
    struct bot_common *common = calloc(1, sizeof *common);
    signal(SIGINT, ask_stop);
    signal(SIGTERM, ask_stop);
    signal(SIGPIPE, SIG_IGN);
    if (!common) return 1;
    if (prepare(common, &options, why, sizeof why))
        exit_code = run(common, &options);
    else
        fprintf(stderr, "✗ %s\n", why);
    address_free(&common->address);
    tls_destroy(common->security.context);
    free(common);
    return exit_code;
}
