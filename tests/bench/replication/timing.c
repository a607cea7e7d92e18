/* What replication costs in time, held against something in the same run; and what is counted instead of
 * timed: encodings. Times are the CPU time of this thread, so that others on the machine count little. */
#include "parts.h"
#include "sends.h"
#include "server/metrics.h"
#include <time.h>

enum {
    WARM_UP_TICKS = 60,
    COUNT_WARM_UP_TICKS = 12, /* under callgrind all is slow */
    CHUNK = SENDS_SOCKETS,    /* so many assemblies, then as many sends */
    FRAME_MOST = 1024,        /* bytes of a frame in play */
    JOIN_TICKS = 20           /* a second */
};

static double cpu_us(void) {
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void warm_up(struct onlookers *onlookers, uint32_t ticks) {
    while (ticks--) {
        rig_turn(onlookers->rig);
        onlookers_round(onlookers);
    }
}

/* ---- Assembly beside sends. */

struct chunk {
    struct broadcast due[CHUNK];
    uint8_t bytes[CHUNK * FRAME_MOST]; /* one after another */
};

/* Frames for some sessions, kept until they are sent. */
static void assemble(struct onlookers *onlookers, struct chunk *chunk, uint32_t first, uint32_t count) {
    uint8_t *into = chunk->bytes;
    for (uint32_t i = 0; i < count; i++) {
        chunk->due[i] = onlookers_next(onlookers, first + i);
        CHECK(chunk->due[i].size <= FRAME_MOST);
        memcpy(into, chunk->due[i].bytes, chunk->due[i].size);
        chunk->due[i].bytes = into;
        into += chunk->due[i].size;
    }
}

static void send_all(struct sends *sends, const struct chunk *chunk, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) sends_one(sends, i, chunk->due[i].bytes, chunk->due[i].size);
}

void measure_assemble(const struct case_of *what, uint32_t ticks) {
    struct rig *rig = begin(what, what->flight.movers);
    struct onlookers *onlookers = onlookers_create(rig, LANE_GAME, what->flight.movers, 0);
    struct sends *sends = sends_create();
    struct chunk *chunk = calloc(1, sizeof *chunk);
    double assembling = 0, sending = 0, bytes = 0, frames = 0;
    CHECK(chunk);
    warm_up(onlookers, WARM_UP_TICKS);
    for (uint32_t tick = 0; tick < ticks; tick++) {
        rig_turn(rig);
        for (uint32_t first = 0; first < onlookers->count; first += CHUNK) {
            uint32_t count = onlookers->count - first < CHUNK ? onlookers->count - first : CHUNK;
            double start = cpu_us();
            assemble(onlookers, chunk, first, count);
            double middle = cpu_us();
            send_all(sends, chunk, count);
            sending += cpu_us() - middle;
            assembling += middle - start;
            for (uint32_t i = 0; i < count; i++) {
                frames += onlookers_take(onlookers, first + i, &chunk->due[i]);
                bytes += (double)chunk->due[i].size;
            }
        }
        broadcaster_end(rig->broadcaster);
    }
    printf("{\"case\":\"%s\",\"figure\":\"assemble\",\"value\":%.4f,\"unit\":\"us\",\"control\":%.4f,"
           "\"ratio\":%.4f,\"frame_bytes\":%.1f}\n",
           what->name, assembling / frames, sending / frames, assembling / sending, bytes / frames);
    free(chunk);
    sends_destroy(sends);
    onlookers_destroy(onlookers);
    rig_destroy(rig);
}

/* A name for callgrind: it collects in here alone. */
__attribute__((noinline)) void counted_round(struct onlookers *onlookers) {
    onlookers_round(onlookers);
}

void run_assemble(const struct case_of *what, uint32_t ticks) {
    struct rig *rig = begin(what, what->flight.movers);
    struct onlookers *onlookers = onlookers_create(rig, LANE_GAME, what->flight.movers, 0);
    warm_up(onlookers, COUNT_WARM_UP_TICKS);
    uint64_t before = metrics_get(METRIC_frames);
    while (ticks--) {
        rig_turn(rig);
        counted_round(onlookers);
    }
    printf("{\"case\":\"%s\",\"frames\":%llu}\n", what->name,
           (unsigned long long)(metrics_get(METRIC_frames) - before));
    onlookers_destroy(onlookers);
    rig_destroy(rig);
}

/* ---- A crowd beside the same players spread out. */

struct effort {
    double tick_us, assembly_us, bytes, frames;
};

static void take_turn(struct onlookers *onlookers, struct effort *effort) {
    double start = cpu_us();
    rig_turn(onlookers->rig);
    effort->tick_us += cpu_us() - start;
    for (uint32_t i = 0; i < onlookers->count; i++) {
        start = cpu_us();
        struct broadcast due = onlookers_next(onlookers, i);
        effort->assembly_us += cpu_us() - start;
        effort->bytes += (double)due.size;
        effort->frames += onlookers_take(onlookers, i, &due);
    }
    broadcaster_end(onlookers->rig->broadcaster);
}

/* What one reading of the clock adds, which is no one's effort. */
static double clock_cost_us(void) {
    enum { READINGS = 10000 };
    double spent = 0;
    for (int i = 0; i < READINGS; i++) {
        double before = cpu_us();
        spent += cpu_us() - before;
    }
    return spent / READINGS;
}

static struct effort endeavour(const struct case_of *what, uint32_t ticks) {
    uint32_t count = what->flight.movers;
    struct rig *rig = begin(what, count);
    struct onlookers *onlookers = onlookers_create(rig, LANE_GAME, count, 0);
    struct effort effort = {0};
    warm_up(onlookers, WARM_UP_TICKS * 3);
    for (uint32_t tick = 0; tick < ticks; tick++) take_turn(onlookers, &effort);
    effort.assembly_us -= clock_cost_us() * count * ticks;
    effort.tick_us /= ticks;
    effort.assembly_us /= ticks;
    effort.bytes *= (double)rig->config.rate / count / ticks;
    onlookers_destroy(onlookers);
    rig_destroy(rig);
    return effort;
}

void measure_crowd(const struct case_of *crowd, const struct case_of *spread, uint32_t ticks) {
    struct effort there = endeavour(spread, ticks), here = endeavour(crowd, ticks);
    double value = here.tick_us + here.assembly_us, control = there.tick_us + there.assembly_us;
    printf("{\"case\":\"%s\",\"figure\":\"crowd_tick\",\"value\":%.1f,\"unit\":\"us\",\"control\":%.1f,"
           "\"ratio\":%.3f,\"tick\":%.1f,\"assembly\":%.1f,\"control_tick\":%.1f,\"control_assembly\":%.1f,"
           "\"bytes_s\":%.0f,\"budget\":%u,\"control_bytes_s\":%.0f}\n",
           crowd->name, value, control, value / control, here.tick_us, here.assembly_us, there.tick_us,
           there.assembly_us, here.bytes, crowd->budget, there.bytes);
}

/* ---- Encodings. */

/* All encodings while `clients` join evenly over a second and for a second more. */
static uint64_t encodings(const struct case_of *what, uint32_t clients) {
    struct rig *rig = begin(what, clients);
    struct onlookers *onlookers = onlookers_await(rig, LANE_GAME, clients);
    uint64_t before = metrics_get(METRIC_rows_encoded) + metrics_get(METRIC_rows_anchored);
    for (uint32_t tick = 0; tick < 2 * JOIN_TICKS; tick++) {
        uint32_t due = (tick + 1) * clients / JOIN_TICKS;
        while (onlookers->count < clients && (onlookers->count < due || onlookers->count == 0))
            onlookers_add(onlookers, false);
        rig_turn(rig);
        onlookers_round(onlookers);
    }
    onlookers_destroy(onlookers);
    rig_destroy(rig);
    return metrics_get(METRIC_rows_encoded) + metrics_get(METRIC_rows_anchored) - before;
}

void measure_encodes(const struct case_of *what, uint32_t clients) {
    uint64_t together = encodings(what, clients), alone = encodings(what, 1);
    printf("{\"case\":\"%s\",\"figure\":\"encodes_per_join\",\"value\":%.5f,\"unit\":\"encodes\","
           "\"of\":\"(%llu - %llu) / %u\"}\n",
           what->name, ((double)together - (double)alone) / clients, (unsigned long long)together,
           (unsigned long long)alone, clients);
}
