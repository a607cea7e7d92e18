/* Metrics: counting from many threads, and the text, read back line by line as Prometheus would. */
#include "server/metrics.h"
#include "protocol/codes.h"
#include "tests/check.h"
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static char text[16384];

/* The value of one sample, by its whole name; −1: not there. */
static long long sample(const char *name) {
    size_t length = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (!strncmp(line, name, length) && line[length] == ' ') return atoll(line + length + 1);
    return -1;
}

static void *count(void *unused) {
    for (int i = 0; i < 10000; i++) {
        metrics_add(METRIC_messages, 1);
        metrics_add(METRIC_players, 2);
        metrics_take(METRIC_players, 1);
        metrics_closed(4002);
    }
    return unused;
}

static void threads_count_together(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    EXPECT_EQ(metrics_get(METRIC_messages), 40000);
    EXPECT_EQ(metrics_get(METRIC_players), 40000);
    metrics_set(METRIC_players, 7);
    EXPECT_EQ(metrics_get(METRIC_players), 7);
}

static void text_tells_all(void) {
    metrics_closed(4035);
    metrics_closed(12345);
    size_t length = metrics_text(text, sizeof(text));
    EXPECT_EQ(length, strlen(text));
    EXPECT_EQ(text[length - 1], '\n');
    EXPECT_EQ(sample("tidewire_messages_total"), 40000);
    EXPECT_EQ(sample("tidewire_players"), 7);
    EXPECT_EQ(sample("tidewire_writes_doubled_total"), 0);
    EXPECT_EQ(sample("tidewire_closed_total{code=\"4002\"}"), 40000);
    EXPECT_EQ(sample("tidewire_closed_total{code=\"4035\"}"), 1);
    EXPECT_EQ(sample("tidewire_closed_total{code=\"other\"}"), 1);
#define X(number, name, retry, words) EXPECT(sample("tidewire_closed_total{code=\"" #number "\"}") >= 0);
    CODE_TABLE(X)
#undef X
}

/* Each sample's name was introduced by a HELP and a TYPE line before it, and every line has one of three
 * forms. */
static void text_has_the_form(void) {
    char typed[64] = "", helped[64] = "", kind[16], name[64];
    int samples = 0;
    metrics_text(text, sizeof(text));
    for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        unsigned long long value;
        if (!strncmp(line, "# HELP ", 7)) {
            EXPECT_EQ(sscanf(line, "# HELP %63s %63s", helped, name), 2);
        } else if (!strncmp(line, "# TYPE ", 7)) {
            EXPECT_EQ(sscanf(line, "# TYPE %63s %15s", typed, kind), 2);
            EXPECT(!strcmp(typed, helped));
            EXPECT(!strcmp(kind, "counter") == (strstr(typed, "_total") != NULL));
        } else {
            EXPECT(sscanf(line, "%63[a-z0-9_]%*[^ ] %llu", name, &value) == 2 ||
                   sscanf(line, "%63[a-z0-9_] %llu", name, &value) == 2);
            EXPECT(!strcmp(name, typed));
            samples++;
        }
    }
    EXPECT(samples > METRIC_COUNT);
}

static void short_buffers_end_with_whole_lines(void) {
    for (size_t size = 1; size < 3000; size += 7) {
        size_t length = metrics_text(text, size);
        EXPECT(length < size);
        EXPECT_EQ(strlen(text), length);
        EXPECT(!length || text[length - 1] == '\n');
    }
    EXPECT_EQ(metrics_text(text, 0), 0);
}

int main(void) {
    RUN(threads_count_together);
    RUN(text_tells_all);
    RUN(text_has_the_form);
    RUN(short_buffers_end_with_whole_lines);
    return check_done();
}
