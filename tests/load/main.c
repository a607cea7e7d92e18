/* tidewire-bots: reads what is asked for, brings the crowd in, measures, lets it go, tells, and leaves with 0
 * only if there is nothing to complain of. */
#include "protocol/predict.h"
#include "tests/load/crowd.h"
#include "tests/load/export.h"
#include "tests/load/page.h"
#include "tests/load/processor.h"
#include "tests/load/proxy.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    SETTLE_US = 10000000,
    SPARE_DESCRIPTORS = 16,
    SOURCE_CLIENTS = 50, /* of one address: players behind one router; ports do not run short either */
    EXIT_MISSED = 3
};

static volatile sig_atomic_t stop_asked;

static void ask_stop(int number) {
    (void)number;
    stop_asked = 1;
}

/* ---- Preparing. */

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
    game_find(&common->game, options->games, options->game);
    client_init(&common->newcomer, &common->shapes);
    if (options->lane == LANE_GAME && common->game.schema)
        client_bring(&common->newcomer, common->game.schema,
                     predict_digest(common->game.schema, &common->shapes));
}

/* Before anything is measured: a name that was mistyped is not to be learnt of after the run. */
static bool know_objectives(const struct slo *slo, const struct figures *none, char *why, size_t why_size) {
    struct values values;
    values_collect(&values, none, &(struct scraped){.known = true},
                   &(struct values_run){.clients = 1, .seconds = 1});
    for (uint32_t i = 0; i < slo->count; i++) {
        if (values_find(&values, slo->all[i].name)) continue;
        snprintf(why, why_size, "nothing is called %s: --json names all values", slo->all[i].name);
        return false;
    }
    return true;
}

static bool prepare(struct bot_common *common, struct options *options, char *why, size_t why_size) {
    const char *trouble = "";
    common->options = options;
    common->dice = options->seed;
    common->figures.until_us = UINT64_MAX;
    common->audit.figures = &common->figures;
    snprintf(common->audit.private_kind, sizeof common->audit.private_kind, "%s", options->private_kind);
    if (!options->sources) options->sources = (options->clients + SOURCE_CLIENTS - 1) / SOURCE_CLIENTS;
    prepare_newcomer(common, options);
    if (!know_objectives(&options->slo, &common->figures, why, why_size) ||
        !address_read(&common->address, options->url, why, why_size) ||
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

static void clear(struct bot_common *common) {
    address_free(&common->address);
    tls_destroy(common->security.context);
    brain_close(&common->brain);
    game_close(&common->game);
    rooms_free(&common->rooms);
    free(common);
}

/* ---- Running. */

struct run {
    struct processor own; /* in the measured time */
    struct crowd crowd;
    struct series series;
    struct report report;
    uint64_t next_us; /* when the second is over */
};

/* Nobody got in, and somebody was refused: the others would fare no better. */
static bool hopeless(const struct figures *figures) {
    return figures->joined == 0 && figures->refused > 0;
}

/* At the end of each second. */
static void turn_second(struct run *run) {
    struct crowd *crowd = &run->crowd;
    struct figures *figures = &crowd->common->figures;
    uint64_t now_us = loop_now_us();
    if (now_us < run->next_us) return;
    double at_s = (double)(now_us - crowd->began_us) / 1e6;
    const double *row = series_add(&run->series, figures, &crowd->scrape.newest, at_s);
    bool joining = !crowd->events_us || crowd->started < crowd->count;
    report_live(&run->report, row, joining ? (double)crowd->started / crowd->count : 2);
    figures_turn_second(figures);
    run->next_us = now_us + 1000000;
}

static void go_on(struct run *run, uint64_t until_us) {
    crowd_round(&run->crowd, until_us < run->next_us ? until_us : run->next_us);
    turn_second(run);
}

static void bring_in(struct run *run, const struct options *options) {
    struct crowd *crowd = &run->crowd;
    uint64_t settled_us = crowd->began_us + (uint64_t)(options->ramp_s * 1e6) + SETTLE_US;
    if (options->measure_ramp) settled_us = 0;
    while (!stop_asked && !hopeless(&crowd->common->figures) && !crowd_settled(crowd) &&
           loop_now_us() < settled_us)
        go_on(run, settled_us);
}

static void play_until(struct run *run, uint64_t until_us) {
    while (!stop_asked && crowd_lives(&run->crowd) && loop_now_us() < until_us) go_on(run, until_us);
}

/* Brings everybody in; then plays for the time that was asked. Returns the seconds that were measured. */
static double play(struct run *run, const struct options *options) {
    struct crowd *crowd = &run->crowd;
    struct figures *figures = &crowd->common->figures;
    bring_in(run, options);
    if (hopeless(figures)) return 0;
    play_until(run, loop_now_us() + (uint64_t)(options->settle_s * 1e6));
    crowd_begin(crowd);
    struct processor before = processor_now();
    run->series.measured_from = run->series.count;
    uint64_t began_us = loop_now_us();
    play_until(run, began_us + (uint64_t)(options->seconds * 1e6));
    double seconds = (double)(loop_now_us() - began_us) / 1e6;
    struct processor after = processor_now();
    run->own = (struct processor){after.used - before.used, after.waited - before.waited};
    run->series.measured_to = run->series.count;
    crowd_finish(crowd);
    return seconds;
}

/* ---- Telling. */

/* False: one could not be written, which is told. */
static bool write_files(const struct report *report, const struct series *series, bool fine, bool met) {
    const struct options *options = report->options;
    bool csv = !options->csv[0] || export_csv(series, options->csv);
    if (!csv) perror(options->csv);
    bool html = !options->html[0] || page_write(report, series, fine, met, options->html);
    if (!html) perror(options->html);
    return csv && html;
}

static int tell(const struct run *run, struct figures *figures, const struct options *options,
                double seconds) {
    struct values values;
    struct values_run about = {options->clients, options->checked, seconds, run->own.used / seconds,
                               run->own.waited / seconds};
    struct scraped server = scrape_result(&run->crowd.scrape);
    struct report report = run->report;
    values_collect(&values, figures, &server, &about);
    report.figures = figures;
    report.values = &values;
    report.server = &server;
    report.seconds = seconds;
    bool fine = figures_fine(figures, options->clients);
    if (!options->json) report_table(&report);
    bool met = report_objectives(&report);
    if (options->json) export_json(&report, fine, met);
    report_complaints(&report);
    bool written = write_files(&report, &run->series, fine, met);
    return !fine || !written ? 1 : met ? 0 : EXIT_MISSED;
}

static int run_all(struct bot_common *common, const struct options *options) {
    struct run run = {.report = {.options = options, .terminal = isatty(STDERR_FILENO)}};
    int exit_code = 1;
    if (!crowd_create(&run.crowd, common, options->clients)) {
        fprintf(stderr, "✗ no memory for %u clients\n", options->clients);
        return 1;
    }
    run.next_us = run.crowd.began_us + 1000000;
    double seconds = play(&run, options);
    struct figures *measured = malloc(sizeof *measured); /* goodbyes are no part of it, but for their codes */
    if (!measured) return 1;
    *measured = common->figures;
    crowd_leave(&run.crowd);
    memcpy(measured->closed, common->figures.closed, sizeof measured->closed);
    run.report.figures = measured;
    if (seconds > 0)
        exit_code = tell(&run, measured, options, seconds);
    else
        report_complaints(&run.report);
    if (hopeless(measured) && !common->works)
        fprintf(stderr, "  Is the server up? scripts/run starts one.\n");
    crowd_destroy(&run.crowd);
    series_free(&run.series);
    free(measured);
    return exit_code;
}

int main(int argc, char **argv) {
    static struct options options;
    char why[256];
    int exit_code = 1;
    if (argc > 1 && strcmp(argv[1], "proxy") == 0) return proxy_main(argc - 2, argv + 2);
    if (!options_read(&options, argc, argv, &exit_code)) return exit_code;
    struct bot_common *common = calloc(1, sizeof *common);
    signal(SIGINT, ask_stop);
    signal(SIGTERM, ask_stop);
    signal(SIGPIPE, SIG_IGN);
    if (!common) return 1;
    if (prepare(common, &options, why, sizeof why))
        exit_code = run_all(common, &options);
    else
        fprintf(stderr, "✗ %s\n", why);
    clear(common);
    return exit_code;
}
