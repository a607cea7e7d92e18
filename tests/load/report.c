#include "tests/load/report.h"
#include "protocol/codes.h"
#include <stdio.h>
#include <unistd.h>

struct view { /* figures per second and client, over the measured time */
    double frames_s, frames_each, payload_each, wire_each, sent_each;
};

static struct view view_of(const struct figures *figures, uint32_t clients, double seconds) {
    const struct totals *now = &figures->now, *before = &figures->before;
    double each = 1 / (seconds * clients);
    return (struct view){(double)(now->frames - before->frames) / seconds,
                         (double)(now->frames - before->frames) * each,
                         (double)(now->payload_bytes - before->payload_bytes) * each,
                         (double)(now->wire_bytes - before->wire_bytes) * each,
                         (double)(now->sent_bytes - before->sent_bytes) * each};
}

static double ms(const struct histogram *histogram, double share) {
    return (double)histogram_at(histogram, share) / 1000;
}

/* ---- While it runs. */

void report_live(const struct figures *figures, const struct totals *last, double at_s) {
    const struct totals *now = &figures->now;
    uint32_t playing = figures->playing ? figures->playing : 1;
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr,
            "\r\033[K%5.0f s  %u playing  %llu frames/s  %llu B/s each  gap p99 %.0f ms  rtt p50 %.1f ms  "
            "%llu hashes, %llu wrong",
            at_s, figures->playing, (unsigned long long)(now->frames - last->frames),
            (unsigned long long)(now->payload_bytes - last->payload_bytes) / playing,
            ms(&figures->gap_us, 0.99), ms(&figures->rtt_us, 0.5), (unsigned long long)now->hashes,
            (unsigned long long)now->hashes_wrong);
}

/* ---- At the end. */

static void line_times(const char *name, const struct histogram *histogram) {
    printf("  %-14s p50 %.1f   p99 %.1f   max %.1f ms\n", name, ms(histogram, 0.5), ms(histogram, 0.99),
           (double)histogram->max / 1000);
}

static void lines_closed(const struct figures *figures) {
    for (int i = 0; i < FIGURES_CODES && figures->closed[i].count; i++)
        printf("  %-14s %u × %u %s\n", i ? "" : "closed", figures->closed[i].count, figures->closed[i].code,
               code_text(figures->closed[i].code));
}

void report_table(const struct figures *figures, const struct options *options, double seconds) {
    struct view view = view_of(figures, options->clients, seconds);
    const struct totals *now = &figures->now;
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
    printf("%u clients, %.1f s, %s, game %s, lane %u\n", options->clients, seconds, options->url,
           options->game, options->lane);
    printf("  %-14s %u of %u   dropped %u   heard nothing %u\n", "joined", figures->joined, options->clients,
           figures->dropped, figures->silent);
    line_times("join time", &figures->join_us);
    printf("  %-14s %.0f/s in all, %.2f/s a client\n", "frames", view.frames_s, view.frames_each);
    printf("  %-14s %.0f B/s a client, %.0f with WebSocket headers; %.0f up\n", "bytes", view.payload_each,
           view.wire_each, view.sent_each);
    line_times("frame gap", &figures->gap_us);
    line_times("round trip", &figures->rtt_us);
    printf("  %-14s %llu compared by %u clients, %llu wrong\n", "hashes", (unsigned long long)now->hashes,
           options->checked, (unsigned long long)now->hashes_wrong);
    printf("  %-14s %llu\n", "events", (unsigned long long)now->events);
    if (now->late)
        printf(
            "  %-14s %llu inputs left out: this process was too slow, and the times above are its own too\n",
            "behind", (unsigned long long)now->late);
    lines_closed(figures);
}

static void json_times(const char *name, const struct histogram *histogram) {
    printf(",\"%s_p50_ms\":%.3f,\"%s_p99_ms\":%.3f,\"%s_max_ms\":%.3f", name, ms(histogram, 0.5), name,
           ms(histogram, 0.99), name, (double)histogram->max / 1000);
}

static void json_closed(const struct figures *figures) {
    printf(",\"closed\":{");
    for (int i = 0; i < FIGURES_CODES && figures->closed[i].count; i++)
        printf("%s\"%u\":%u", i ? "," : "", figures->closed[i].code, figures->closed[i].count);
    printf("}");
}

void report_json(const struct figures *figures, const struct options *options, double seconds) {
    struct view view = view_of(figures, options->clients, seconds);
    const struct totals *now = &figures->now;
    printf("{\"clients\":%u,\"seconds\":%.3f,\"joined\":%u,\"refused\":%u,\"dropped\":%u,\"silent\":%u",
           options->clients, seconds, figures->joined, figures->refused, figures->dropped, figures->silent);
    printf(",\"frames_per_s\":%.3f,\"frames_per_client_s\":%.4f,\"bytes_per_client_s\":%.2f", view.frames_s,
           view.frames_each, view.payload_each);
    printf(",\"wire_bytes_per_client_s\":%.2f,\"up_bytes_per_client_s\":%.2f", view.wire_each,
           view.sent_each);
    json_times("join", &figures->join_us);
    json_times("gap", &figures->gap_us);
    json_times("rtt", &figures->rtt_us);
    printf(",\"checked\":%u", options->checked);
    printf(",\"hashes\":%llu,\"hashes_wrong\":%llu,\"events\":%llu,\"inputs\":%llu,\"late\":%llu",
           (unsigned long long)now->hashes, (unsigned long long)now->hashes_wrong,
           (unsigned long long)now->events, (unsigned long long)now->inputs, (unsigned long long)now->late);
    json_closed(figures);
    printf(",\"fine\":%s}\n", figures_fine(figures, options->clients) ? "true" : "false");
}

void report_complaints(const struct figures *figures, const struct options *options) {
    const struct totals *now = &figures->now;
    for (int i = 0; i < FIGURES_COMPLAINTS && figures->complaints[i].count; i++)
        fprintf(stderr, "✗ %u × %s\n", figures->complaints[i].count, figures->complaints[i].words);
    if (figures->joined < options->clients)
        fprintf(stderr, "✗ %u of %u did not get in\n", options->clients - figures->joined, options->clients);
    if (figures->joined && !now->frames) fprintf(stderr, "✗ no frame came\n");
    if (figures->silent) fprintf(stderr, "✗ %u heard nothing in the measured time\n", figures->silent);
    if (now->frames && !now->hashes) fprintf(stderr, "✗ no hash was stated, so nothing was checked\n");
}
