/* One array of relaxed atomics; the tables in metrics.h and protocol/codes.h make names and text. */
#include "server/metrics.h"
#include "protocol/codes.h"
#include "server/log.h"
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>

enum closed {
#define X(number, name, retry, text) CLOSED_##name,
    CODE_TABLE(X)
#undef X
        CLOSED_OTHER,
    CLOSED_COUNT
};

struct text {
    char *into;
    size_t size, length;
};

static _Atomic uint64_t values[METRIC_COUNT];
static _Atomic uint64_t closed[CLOSED_COUNT];
static _Atomic uint32_t thread_count, threads[METRICS_THREADS_MAX];

void metrics_add(enum metric metric, uint64_t amount) {
    atomic_fetch_add_explicit(&values[metric], amount, memory_order_relaxed);
}

void metrics_set(enum metric metric, uint64_t value) {
    atomic_store_explicit(&values[metric], value, memory_order_relaxed);
}

void metrics_take(enum metric metric, uint64_t amount) {
    atomic_fetch_sub_explicit(&values[metric], amount, memory_order_relaxed);
}

uint64_t metrics_get(enum metric metric) {
    return atomic_load_explicit(&values[metric], memory_order_relaxed);
}

void metrics_threads(uint32_t count) {
    atomic_store_explicit(&thread_count, count, memory_order_relaxed);
}

void metrics_thread_connections(uint32_t thread, int32_t more) {
    atomic_fetch_add_explicit(&threads[thread], (uint32_t)more, memory_order_relaxed);
}

static enum closed closed_index(unsigned code) {
    switch (code) {
#define X(number, name, retry, text)                                                                         \
    case number:                                                                                             \
        return CLOSED_##name;
        CODE_TABLE(X)
#undef X
    default:
        return CLOSED_OTHER;
    }
}

void metrics_closed(unsigned code) {
    atomic_fetch_add_explicit(&closed[closed_index(code)], 1, memory_order_relaxed);
}

/* Lines go in whole or not at all: half a line would be a wrong number. */
static void put(struct text *text, const char *format, const char *name, const char *more, uint64_t value) {
    if (text->length == text->size) return;
    size_t left = text->size - text->length;
    int length = snprintf(text->into + text->length, left, format, name, more, (unsigned long long)value);
    if (length > 0 && (size_t)length < left) {
        text->length += (size_t)length;
        return;
    }
    text->into[text->length] = 0;
    text->size = text->length; /* full: nothing after the gap either */
}

static void put_counter(struct text *text, const char *name, const char *help, uint64_t value) {
    put(text, "# HELP tidewire_%s_total %s\n", name, help, 0);
    put(text, "# TYPE tidewire_%s_total counter\n", name, "", 0);
    put(text, "tidewire_%s_total%s %llu\n", name, "", value);
}

static void put_gauge(struct text *text, const char *name, const char *help, uint64_t value) {
    put(text, "# HELP tidewire_%s %s\n", name, help, 0);
    put(text, "# TYPE tidewire_%s gauge\n", name, "", 0);
    put(text, "tidewire_%s%s %llu\n", name, "", value);
}

static void put_closed(struct text *text, const char *code, enum closed index) {
    put(text, "tidewire_closed_total{code=\"%s\"}%s %llu\n", code, "",
        atomic_load_explicit(&closed[index], memory_order_relaxed));
}

static void put_threads(struct text *text) {
    uint32_t count = atomic_load_explicit(&thread_count, memory_order_relaxed);
    put(text, "# HELP tidewire_%s %s\n", "thread_connections", "open sockets, by I/O thread", 0);
    put(text, "# TYPE tidewire_%s gauge\n", "thread_connections", "", 0);
    for (uint32_t i = 0; i < count; i++) {
        char number[12];
        snprintf(number, sizeof number, "%u", i);
        put(text, "tidewire_thread_connections{thread=\"%s\"}%s %llu\n", number, "",
            atomic_load_explicit(&threads[i], memory_order_relaxed));
    }
}

static uint64_t us_of(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static uint64_t memory_bytes(void) {
    char line[128];
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "RssAnon: %llu kB", &kilobytes) != 1) {
    }
    if (file) fclose(file);
    return kilobytes * 1024;
}

static void look_at_process(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        metrics_set(METRIC_cpu_us, us_of(usage.ru_utime) + us_of(usage.ru_stime));
    metrics_set(METRIC_memory_bytes, memory_bytes());
    metrics_set(METRIC_log_lines_lost, log_lines_lost());
}

size_t metrics_text(char *into, size_t size) {
    look_at_process();
    struct text text = {.into = into, .size = size};
    if (size) into[0] = 0;
#define X(name, help) put_counter(&text, #name, help, metrics_get(METRIC_##name));
    METRIC_COUNTERS(X)
#undef X
#define X(name, help) put_gauge(&text, #name, help, metrics_get(METRIC_##name));
    METRIC_GAUGES(X)
#undef X
    put_threads(&text);
    put(&text, "# HELP tidewire_%s %s\n", "closed_total", "conversations that ended, by code", 0);
    put(&text, "# TYPE tidewire_%s counter\n", "closed_total", "", 0);
#define X(number, name, retry, words) put_closed(&text, #number, CLOSED_##name);
    CODE_TABLE(X)
#undef X
    put_closed(&text, "other", CLOSED_OTHER);
    return text.length;
}
