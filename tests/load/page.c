#include "tests/load/page.h"
#include "tests/load/plot.h"
#include <stdio.h>

enum { CURVE = 120 /* points of a percentile curve */ };

static const char HEAD[] =
    "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
    "<title>Tidewire: a run of the bots</title><style>"
    ":root{color-scheme:light dark;--ink:#1b2733;--soft:#6b7a88;--paper:#fff;--line:#dfe5ea;--part:#eef4f8;"
    "--c0:#0b6e99;--c1:#d1495b;--c2:#8a5a9e;--c3:#3a7d44}"
    "@media(prefers-color-scheme:dark){:root{--ink:#dfe7ee;--soft:#93a3b1;--paper:#12181e;--line:#2b3640;"
    "--part:#1a232b;--c0:#5ab4dd;--c1:#f0808e;--c2:#c79bdb;--c3:#7fca89}}"
    "body{font:15px/1.5 "
    "system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1320px;margin:2rem "
    "auto;padding:0 1rem}h1{font-size:1.5rem;margin:0}p{color:var(--soft);margin:.3rem 0 1.2rem}"
    "table{border-collapse:collapse;margin:0 0 1.5rem}td,th{padding:.2rem "
    ".8rem;text-align:right;border-bottom:1px "
    "solid var(--line);font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));gap:1rem}"
    "svg{width:100%;border:1px solid var(--line);border-radius:6px}svg text{fill:var(--soft);font-size:11px}"
    "svg .title{fill:var(--ink);font-size:13px;font-weight:600}svg .y{text-anchor:end}svg "
    ".x{text-anchor:middle}"
    "svg .grid{stroke:var(--line)}svg .part{fill:var(--part)}polyline{fill:none;stroke-width:1.6}"
    "polyline.l0{stroke:var(--c0)}polyline.l1{stroke:var(--c1)}polyline.l2{stroke:var(--c2)}polyline.l3{"
    "stroke:var("
    "--c3)}svg text.l0{fill:var(--c0)}svg text.l1{fill:var(--c1)}svg text.l2{fill:var(--c2)}svg "
    "text.l3{fill:var(--"
    "c3)}.good{color:var(--c3)}.bad{color:var(--c1)}.side{display:flex;flex-wrap:wrap;gap:0 3rem}"
    "@media(max-width:560px){body{font-size:13px}td,th{padding:.2rem .3rem}}</style>\n";

/* ---- Words. */

static void write_text(FILE *file, const char *text) {
    for (; *text; text++) switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        default:
            fputc(*text, file);
        }
}

static void write_title(FILE *file, const struct report *report, bool fine, bool met) {
    const struct options *options = report->options;
    fprintf(file, "<h1>%s, %u clients <span class='%s'>%s</span></h1><p>", options->game, options->clients,
            fine && met ? "good" : "bad",
            !fine ? "✗ something was wrong"
            : met ? "✓ all well"
                  : "✗ objectives missed");
    write_text(file, options->about[0] ? options->about : "a run of the bots");
    fprintf(file, ". %.1f s measured (shaded), seed %llu, ", report->seconds,
            (unsigned long long)options->seed);
    write_text(file, options->url);
    fputs("</p>\n", file);
}

static void write_complaints(FILE *file, const struct figures *figures) {
    if (!figures->complaints[0].count) return;
    fputs("<ul class='bad'>", file);
    for (int i = 0; i < FIGURES_COMPLAINTS && figures->complaints[i].count; i++) {
        fprintf(file, "<li>%u × ", figures->complaints[i].count);
        write_text(file, figures->complaints[i].words);
    }
    fputs("</ul>\n", file);
}

static void write_times(FILE *file, const struct figures *figures) {
    fputs("<table><tr><th>ms<th>p50<th>p90<th>p99<th>p99.9<th>most<th>of</tr>", file);
    for (int i = 0; i < TIME_COUNT; i++) {
        const struct histogram *times = &figures->times[i];
        if (!times->count) continue;
        fprintf(file, "<tr><td>%s", figures_time_titles[i]);
        for (int j = 0; j < SHARE_COUNT; j++)
            fprintf(file, "<td>%.1f", figures_ms(times, (enum figures_share)j));
        fprintf(file, "<td>%llu</tr>", (unsigned long long)times->count);
    }
    fputs("</table>\n", file);
}

static void write_objectives(FILE *file, const struct report *report) {
    const struct slo *slo = &report->options->slo;
    if (!slo->count) return;
    fputs("<table><tr><th>objective<th>bound<th>value</tr>", file);
    for (uint32_t i = 0; i < slo->count; i++) {
        const struct value *found;
        bool met = slo_met(&slo->all[i], report->values, &found);
        fprintf(file, "<tr class='%s'><td>%s<td>%s %.4g<td>%.4g</tr>", met ? "good" : "bad", slo->all[i].name,
                slo->all[i].than[0] == '<'   ? "below"
                : slo->all[i].than[0] == '>' ? "above"
                                             : "is",
                slo->all[i].bound, found ? found->number : 0);
    }
    fputs("</table>\n", file);
}

/* Which of the values stand beside the times. */
static void write_values(FILE *file, const struct report *report) {
    static const char *const names[] = {"joined",
                                        "dropped",
                                        "frames_per_client_s",
                                        "delivered_percent",
                                        "bytes_per_client_s",
                                        "client_bytes_p99",
                                        "corrections_per_client_s",
                                        "missed_ticks",
                                        "checked",
                                        "hashes",
                                        "hashes_wrong",
                                        "cuts",
                                        "resumed",
                                        "resumed_anew",
                                        "server_cpu_cores",
                                        "server_tick_p99_ms",
                                        "server_memory_per_connection"};
    fputs("<table><tr><th>figure<th>value</tr>", file);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct value *value = values_find(report->values, names[i]);
        if (value) fprintf(file, "<tr><td>%s<td>%.5g</tr>", value->name, value->number);
    }
    fputs("</table>\n", file);
}

/* ---- Plots. */

static void plot_columns(FILE *file, const struct series *series, const char *title, const char *unit,
                         const enum series_column *columns, uint32_t count) {
    struct plot plot = {.title = title,
                        .unit = unit,
                        .bottom = "seconds",
                        .stride = SERIES_COUNT,
                        .count = series->count,
                        .line_count = count};
    if (!series->count) return;
    const double *first = series->all[0];
    plot.at = first + SERIES_at_s;
    if (series->measured_to > series->measured_from) {
        plot.from = first[series->measured_from * SERIES_COUNT + SERIES_at_s];
        plot.to = first[(series->measured_to - 1) * SERIES_COUNT + SERIES_at_s];
    }
    for (uint32_t i = 0; i < count; i++)
        plot.lines[i] = (struct plot_line){series_titles[columns[i]], first + columns[i], SERIES_COUNT};
    plot_write(file, &plot);
}

/* Share of 1 over value: the whole distribution of a time. */
static void plot_curve(FILE *file, const struct figures *figures) {
    static const enum figures_time shown[] = {TIME_AGE, TIME_EFFECT, TIME_GAP};
    double share[CURVE], values[3][CURVE];
    struct plot plot = {.title = "percentiles",
                        .unit = "ms",
                        .bottom = "percent of all",
                        .at = share,
                        .stride = 1,
                        .count = CURVE,
                        .line_count = 3};
    for (uint32_t i = 0; i < CURVE; i++) {
        share[i] = 100 * (i + 0.9) / CURVE;
        for (uint32_t j = 0; j < 3; j++)
            values[j][i] = (double)histogram_at(&figures->times[shown[j]], share[i] / 100) / 1000;
    }
    for (uint32_t j = 0; j < 3; j++)
        plot.lines[j] = (struct plot_line){figures_time_titles[shown[j]], values[j], 1};
    plot_write(file, &plot);
}

#define PLOT(title, unit, ...)                                                                               \
    plot_columns(file, series, title, unit, (const enum series_column[]){__VA_ARGS__},                       \
                 sizeof((enum series_column[]){__VA_ARGS__}) / sizeof(enum series_column))

static void write_plots(FILE *file, const struct report *report, const struct series *series) {
    fputs("<div class='plots'>\n", file);
    PLOT("age of state", "ms", SERIES_age_p50_ms, SERIES_age_p99_ms, SERIES_age_max_ms);
    PLOT("input to effect", "ms", SERIES_effect_p50_ms, SERIES_effect_p99_ms);
    PLOT("frame gap, round trip", "ms", SERIES_gap_p99_ms, SERIES_rtt_p50_ms, SERIES_rtt_p99_ms);
    plot_curve(file, report->figures);
    PLOT("players", "", SERIES_playing);
    PLOT("frames and inputs", "a second", SERIES_frames, SERIES_inputs);
    PLOT("bytes", "B/s", SERIES_bytes_each);
    if (report->server->known) {
        PLOT("server: CPU", "% of a core", SERIES_server_cpu_percent);
        PLOT("server: tick", "ms", SERIES_server_tick_p99_ms);
        PLOT("server: memory", "MB", SERIES_server_memory_mb);
    }
    fputs("</div>\n", file);
}

bool page_write(const struct report *report, const struct series *series, bool fine, bool met,
                const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) return false;
    fputs(HEAD, file);
    write_title(file, report, fine, met);
    write_complaints(file, report->figures);
    fputs("<div class='side'><div>", file);
    write_objectives(file, report);
    write_times(file, report->figures);
    fputs("</div>", file);
    write_values(file, report);
    fputs("</div>\n", file);
    write_plots(file, report, series);
    return fclose(file) == 0;
}
