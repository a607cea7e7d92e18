#include "tests/load/report.h"
#include "protocol/codes.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR = 20, LIVE = 256, COLUMNS_USUAL = 80 /* characters */ };

static double value(const struct report *report, const char *name) {
    const struct value *found = values_find(report->values, name);
    return found ? found->number : 0;
}

/* ---- While it runs. */

struct live {
    char words[LIVE];
    size_t size;
};

__attribute__((format(printf, 2, 3))) static void say(struct live *live, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int more = vsnprintf(live->words + live->size, LIVE - live->size, format, values);
    va_end(values);
    live->size += more > 0 ? (size_t)more : 0;
    if (live->size >= LIVE) live->size = LIVE - 1;
}

static void bar(struct live *live, double share) {
    int done = (int)(share * BAR);
    char cells[BAR + 1] = {0};
    for (int i = 0; i < BAR; i++) cells[i] = i < done ? '#' : '.';
    say(live, "[%s] ", cells);
}

/* How long a line may be that overwrites itself: one that wraps would stay. */
static size_t terminal_columns(void) {
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col - 1u : COLUMNS_USUAL - 1;
}

static void tell_live(const struct report *report, const struct live *live) {
    if (report->terminal)
        fprintf(stderr, "\r\033[K%.*s", (int)terminal_columns(), live->words);
    else
        fprintf(stderr, "%s\n", live->words);
}

void report_live(const struct report *report, const double *row, double ramp) {
    bool joining = ramp < 1;
    struct live live = {.size = 0};
    if (report->options->json || !row) return;
    if (report->terminal && joining) bar(&live, ramp);
    say(&live, "%4.0f s  %.0f %s", row[SERIES_at_s], row[SERIES_playing], joining ? "in" : "playing");
    if (row[SERIES_hashes_wrong] > 0) say(&live, "  %.0f WRONG HASHES", row[SERIES_hashes_wrong]);
    say(&live, "  age p50 %.0f p99 %.0f ms  effect p50 %.0f p99 %.0f ms", row[SERIES_age_p50_ms],
        row[SERIES_age_p99_ms], row[SERIES_effect_p50_ms], row[SERIES_effect_p99_ms]);
    if (row[SERIES_server_memory_mb] > 0) say(&live, "  server %.0f %%", row[SERIES_server_cpu_percent]);
    say(&live, "  %.0f frames/s  %.0f B/s each", row[SERIES_frames], row[SERIES_bytes_each]);
    tell_live(report, &live);
}

/* ---- At the end. */

static void line_times(const struct report *report) {
    printf("\n  %-16s %9s %9s %9s %9s %9s   ms\n", "", "p50", "p90", "p99", "p99.9", "max");
    for (int i = 0; i < TIME_COUNT; i++) {
        const struct histogram *times = &report->figures->times[i];
        if (!times->count) continue;
        printf("  %-16s", figures_time_titles[i]);
        for (int j = 0; j < SHARE_COUNT; j++) printf(" %9.1f", figures_ms(times, (enum figures_share)j));
        printf("   (%llu)\n", (unsigned long long)times->count);
    }
}

static void lines_closed(const struct figures *figures) {
    for (int i = 0; i < FIGURES_CODES && figures->closed[i].count; i++)
        printf("  %-16s %u × %u %s\n", i ? "" : "closed", figures->closed[i].count, figures->closed[i].code,
               code_text(figures->closed[i].code));
}

static void line_mix(const char *title, const struct mix *mix) {
    printf("  %-16s", title);
    for (uint32_t i = 0; i < mix->count; i++)
        printf("%s %.4g %% %s", i ? "," : "", mix->parts[i].share * 100, mix->parts[i].word);
    printf("\n");
}

static void lines_run(const struct report *report) {
    const struct options *options = report->options;
    printf("%u clients, %.1f s measured, %s, game %s, lane %u", options->clients, report->seconds,
           options->url, options->game, options->lane);
    if (options->scenario[0]) printf(", scenario %s", options->scenario);
    printf("\n");
    if (options->about[0]) printf("  %s\n", options->about);
    line_mix("play", &options->play);
    line_mix("roads", &options->road);
    if (options->over.count > 1 || strcmp(options->over.parts[0].word, "ws") != 0)
        line_mix("over", &options->over);
}

static void lines_players(const struct report *report) {
    const struct figures *figures = report->figures;
    const struct totals *now = &figures->now;
    printf("\n  %-16s %u of %u   dropped %u   heard nothing %u\n", "joined", figures->joined,
           report->options->clients, figures->dropped, figures->silent);
    printf("  %-16s %.0f/s in all, %.2f/s a client, %.1f %% in the tick in which they were due\n", "frames",
           value(report, "frames_per_s"), value(report, "frames_per_client_s"),
           value(report, "delivered_percent"));
    printf("  %-16s %.0f B/s a client (p50 %.0f, p99 %.0f, max %.0f), %.0f with heads; %.0f up\n", "bytes",
           value(report, "bytes_per_client_s"), value(report, "client_bytes_p50"),
           value(report, "client_bytes_p99"), value(report, "client_bytes_max"),
           value(report, "wire_bytes_per_client_s"), value(report, "up_bytes_per_client_s"));
    printf("  %-16s %.2f/s a client\n", "corrections", value(report, "corrections_per_client_s"));
    if (now->cuts || now->resumed)
        printf("  %-16s %llu cuts, %llu went on with what they held, %llu began anew\n", "came back",
               (unsigned long long)now->cuts, (unsigned long long)now->resumed,
               (unsigned long long)now->resumed_anew);
    if (now->told_to_wait)
        printf("  %-16s %llu times told to wait, and waited\n", "", (unsigned long long)now->told_to_wait);
}

static void lines_checks(const struct report *report) {
    const struct totals *now = &report->figures->now;
    printf("  %-16s %u of %u clients; %llu hashes, %llu wrong; %llu private rows of others; %llu inputs and "
           "%llu "
           "ticks out of order; %llu inputs unanswered\n",
           "checked", report->options->checked, report->options->clients, (unsigned long long)now->hashes,
           (unsigned long long)now->hashes_wrong, (unsigned long long)now->private_seen,
           (unsigned long long)now->inputs_misacknowledged, (unsigned long long)now->ticks_disordered,
           (unsigned long long)now->inputs_unacknowledged);
    if (now->late)
        printf(
            "  %-16s %llu turns left out: this process was too slow, and the times above are its own too\n",
            "behind", (unsigned long long)now->late);
}

static void line_bots(const struct report *report) {
    printf("  %-16s CPU %.2f cores, %.2f more waited for\n", "bots", value(report, "bots_cpu_cores"),
           value(report, "bots_waited_cores"));
}

static void line_server(const struct report *report) {
    const struct scraped *server = report->server;
    if (!server->known) return;
    printf("  %-16s CPU %.2f cores   tick p99 %.2f ms, late p99 %.2f ms, %.0f slipped   %.1f MB, %.1f KB "
           "more for "
           "each connection\n",
           "server", server->cpu_cores, server->tick_p99_us / 1000, server->tick_late_p99_us / 1000,
           server->ticks_slipped, server->memory_bytes / 1e6, server->memory_per_connection / 1e3);
}

static void lines_objectives(const struct report *report) {
    const struct slo *slo = &report->options->slo;
    for (uint32_t i = 0; i < slo->count; i++) {
        const struct objective *objective = &slo->all[i];
        const struct value *found;
        bool met = slo_met(objective, report->values, &found);
        if (found)
            printf("  %-16s %s %s%s%.4g: %.4g\n", i ? "" : "objectives", met ? "✓" : "✗", objective->name,
                   objective->than, objective->bound, found->number);
    }
}

bool report_objectives(const struct report *report) {
    const struct slo *slo = &report->options->slo;
    bool well = true;
    for (uint32_t i = 0; i < slo->count; i++) {
        const struct objective *objective = &slo->all[i];
        const struct value *found;
        if (slo_met(objective, report->values, &found)) continue;
        well = false;
        if (found)
            fprintf(stderr, "✗ %s is %.4g, not %s %.4g\n", found->name, found->number, objective->than,
                    objective->bound);
        else
            fprintf(stderr, "✗ the server did not tell %s\n", objective->name);
    }
    return well;
}

void report_table(const struct report *report) {
    if (report->terminal) fputs("\r\033[K", stderr);
    lines_run(report);
    lines_players(report);
    lines_checks(report);
    line_times(report);
    printf("\n");
    line_bots(report);
    line_server(report);
    lines_closed(report->figures);
    lines_objectives(report);
}

void report_complaints(const struct report *report) {
    const struct figures *figures = report->figures;
    const struct totals *now = &figures->now;
    uint32_t clients = report->options->clients;
    for (int i = 0; i < FIGURES_COMPLAINTS && figures->complaints[i].count; i++)
        fprintf(stderr, "✗ %u × %s\n", figures->complaints[i].count, figures->complaints[i].words);
    if (figures->joined < clients)
        fprintf(stderr, "✗ %u of %u did not get in\n", clients - figures->joined, clients);
    if (figures->joined && !now->frames) fprintf(stderr, "✗ no frame came\n");
    if (figures->silent) fprintf(stderr, "✗ %u heard nothing in the measured time\n", figures->silent);
    if (now->inputs_unacknowledged)
        fprintf(stderr, "✗ %llu inputs were never acknowledged\n",
                (unsigned long long)now->inputs_unacknowledged);
    if (now->frames && !now->hashes) fprintf(stderr, "✗ no hash was stated, so nothing was checked\n");
}
