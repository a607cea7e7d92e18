#include "tests/load/values.h"
#include <stdio.h>
#include <string.h>

static void put(struct values *values, double number, const char *name) {
    if (values->count == VALUES_MAX) return;
    struct value *value = &values->all[values->count++];
    snprintf(value->name, sizeof value->name, "%s", name);
    value->number = number;
}

static void put_times(struct values *values, enum figures_time time, const struct histogram *times) {
    char name[sizeof values->all->name];
    for (int i = 0; i < SHARE_COUNT; i++) {
        snprintf(name, sizeof name, "%s_%s_ms", figures_time_names[time], figures_share_names[i]);
        put(values, figures_ms(times, (enum figures_share)i), name);
    }
}

static void put_rates(struct values *values, const struct figures *figures, const struct values_run *run) {
    const struct totals *now = &figures->after, *before = &figures->before;
    double frames = (double)(now->frames - before->frames), each = 1 / (run->seconds * run->clients);
    double missed = (double)(now->missed_ticks - before->missed_ticks);
    put(values, frames / run->seconds, "frames_per_s");
    put(values, frames * each, "frames_per_client_s");
    put(values, (double)(now->payload_bytes - before->payload_bytes) * each, "bytes_per_client_s");
    put(values, (double)(now->wire_bytes - before->wire_bytes) * each, "wire_bytes_per_client_s");
    put(values, (double)(now->sent_bytes - before->sent_bytes) * each, "up_bytes_per_client_s");
    uint64_t said = now->inputs + now->acks + now->pings - before->inputs - before->acks - before->pings;
    put(values, (double)said * each, "messages_per_client_s");
    put(values, (double)(now->corrections - before->corrections) * each, "corrections_per_client_s");
    put(values, frames + missed > 0 ? 100 * frames / (frames + missed) : 100, "delivered_percent");
    put(values, (double)histogram_at(&figures->bytes, 0.5), "client_bytes_p50");
    put(values, (double)histogram_at(&figures->bytes, 0.99), "client_bytes_p99");
    put(values, (double)figures->bytes.max, "client_bytes_max");
}

static void put_server(struct values *values, const struct scraped *server) {
    if (!server->known) return;
    put(values, server->cpu_cores, "server_cpu_cores");
    put(values, server->tick_p99_us / 1000, "server_tick_p99_ms");
    put(values, server->tick_mean_us / 1000, "server_tick_mean_ms");
    put(values, server->tick_late_p99_us / 1000, "server_tick_late_p99_ms");
    put(values, server->ticks_slipped, "server_ticks_slipped");
    put(values, server->memory_bytes, "server_memory_bytes");
    put(values, server->connections, "server_connections");
    put(values, server->memory_per_connection, "server_memory_per_connection");
}

void values_collect(struct values *values, const struct figures *figures, const struct scraped *server,
                    const struct values_run *run) {
    values->count = 0;
    put(values, run->clients, "clients");
    put(values, run->checked, "checked");
    put(values, run->seconds, "seconds");
    put(values, run->own_cores, "bots_cpu_cores");
    put(values, run->waited_cores, "bots_waited_cores");
    put(values, figures->joined, "joined");
    put(values, figures->refused, "refused");
    put(values, figures->dropped, "dropped");
    put(values, figures->silent, "silent");
    put_rates(values, figures, run);
    for (int i = 0; i < TIME_COUNT; i++) put_times(values, (enum figures_time)i, &figures->times[i]);
#define X(name, help) put(values, (double)figures->now.name, #name);
    FIGURES_COUNTS(X)
#undef X
    put_server(values, server);
}

const struct value *values_find(const struct values *values, const char *name) {
    size_t length = strlen(name);
    for (uint32_t i = 0; i < values->count; i++) {
        const char *other = values->all[i].name;
        if (strncmp(other, name, length) == 0 && (!other[length] || strcmp(other + length, "_ms") == 0))
            return &values->all[i];
    }
    return NULL;
}
