/* How many bytes a row that is held costs: a sample of clients applies everything, and each byte is put down
 * to a list of the frame, each change to an intent or a correction. */
#include "parts.h"
#include "game/math.h"
#include "server/metrics.h"

enum { WARM_UP_TICKS = 80, TRACED = 16 /* clients whose sight is written down for the controls */ };

struct tally {
    uint64_t frames, bytes, lists[FRAME_LISTS], rows, entered, changes, intents, corrections, owed, wrong;
    float error;
};

/* The changes of one frame: how many brought an intent, how many put right what was predicted wrong. */
static void sort_changes(struct tally *tally, const struct onlookers *onlookers, const struct frame *frame) {
    const struct shape_kind *kind = &onlookers->shapes.kinds[0];
    const struct frame_slice *list = &frame->lists[FRAME_CHANGES];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct delta_change change;
    while (reader.at < reader.end && !reader.failed) {
        bool usual;
        delta_read_gap(&reader, &usual);
        uint32_t mask = usual ? delta_usual(kind) : (uint32_t)wire_read_uint(&reader, UINT32_MAX);
        delta_read(&reader, &kind->row, mask, &change);
        tally->changes++;
        tally->intents += (change.mask & ~kind->predicted) != 0;
        tally->corrections += (change.mask & kind->predicted) != 0;
    }
}

static float across(const struct shape_field *field, int32_t held, float true_place) {
    return math_abs(math_across((float)held * field->step, true_place, FLIGHT_WORLD));
}

static void compare(struct tally *tally, const struct onlookers *onlookers, const struct onlooker *one) {
    const struct replica *replica = &one->client->replica;
    const struct shape_field *fields = onlookers->shapes.kinds[0].row.fields;
    struct session *session = session_lock(onlookers->rig->sessions, &one->attachment);
    for (uint32_t row = 0; row < onlookers->shapes.row_count; row++) {
        const int32_t *cells = replica_row(replica, row);
        const struct mover *mover = &flight_truth()->movers[row];
        if (!cells) continue;
        tally->rows += mover->vx != 0 || mover->vy != 0;
        if (session->owes && held_has(session_owed(session), row)) {
            tally->owed++;
            continue;
        }
        float x = across(&fields[0], cells[0], mover->x), y = across(&fields[1], cells[1], mover->y);
        float worst = x > y ? x : y;
        if (worst > tally->error) tally->error = worst;
    }
    session_unlock(session);
}

static void count_frame(struct tally *tally, const struct onlookers *onlookers, const struct onlooker *one,
                        size_t size) {
    const struct frame *frame = &one->client->frame;
    tally->frames++;
    tally->bytes += size;
    for (int i = 0; i < FRAME_LISTS; i++) tally->lists[i] += frame->lists[i].size;
    tally->entered +=
        frame->lists[FRAME_ENTERINGS].elements / (2u + onlookers->shapes.kinds[0].row.field_count);
    tally->wrong += one->client->replica.hash_differs;
    sort_changes(tally, onlookers, frame);
}

/* ---- The trace, for controls in another language: 32-bit numbers. Each tick: place and heading of every
 * mover, then the rows that each traced client holds, as bits. */

static void trace_head(FILE *trace, const struct case_of *what, const struct onlookers *onlookers,
                       uint32_t ticks) {
    uint32_t clients = onlookers->count < TRACED ? onlookers->count : TRACED;
    uint32_t head[] = {what->flight.movers, ticks, clients, (uint32_t)held_words(what->flight.movers) * 2};
    if (trace) fwrite(head, sizeof head, 1, trace);
}

static void trace_tick(FILE *trace, const struct case_of *what, const struct onlookers *onlookers) {
    for (uint32_t i = 0; trace && i < what->flight.movers; i++) {
        const struct mover *mover = &flight_truth()->movers[i];
        bool keys = what->flight.steering == STEER_WASD;
        int32_t numbers[] = {math_round(mover->x / FLIGHT_STEP), math_round(mover->y / FLIGHT_STEP),
                             keys ? mover->way : mover->heading};
        fwrite(numbers, sizeof numbers, 1, trace);
    }
    for (uint32_t i = 0; trace && i < onlookers->count && i < TRACED; i++)
        fwrite(onlookers->all[i].client->replica.held, sizeof(uint64_t), held_words(what->flight.movers),
               trace);
}

/* ---- All of it. */

static void tell(const struct case_of *what, const struct tally *tally, const struct onlookers *onlookers,
                 uint32_t ticks) {
    uint64_t encoded = metrics_get(METRIC_rows_encoded), changed = metrics_get(METRIC_rows_changed);
    double rows = (double)tally->rows, frames = (double)tally->frames;
    uint64_t head = tally->bytes;
    for (int i = 0; i < FRAME_LISTS; i++) head -= tally->lists[i];
    printf("{\"case\":\"%s\",\"lane\":\"%s\",\"figure\":\"bytes_per_entity_tick\",\"value\":%.5f,",
           what->name, what->flight.linear ? "linear" : "game", (double)tally->bytes / rows);
    printf("\"held\":%.2f,\"bytes_s\":%.0f,\"budget\":%u,\"error\":%.4f,\"head\":%.4f,\"changes\":%.4f,",
           rows / frames, (double)tally->bytes / onlookers->count / ticks * onlookers->rig->config.rate,
           what->budget, (double)tally->error, (double)head / rows,
           (double)tally->lists[FRAME_CHANGES] / rows);
    printf("\"enterings\":%.4f,\"leavings\":%.4f,\"stale\":%.4f,",
           (double)tally->lists[FRAME_ENTERINGS] / rows, (double)tally->lists[FRAME_LEAVINGS] / rows,
           (double)tally->lists[FRAME_STALE] / rows);
    printf("\"changes_s\":%.3f,\"corrections_s\":%.4f,\"entered_per_frame\":%.3f,\"owed\":%.4f,",
           (double)tally->intents / rows * onlookers->rig->config.rate,
           (double)tally->corrections / rows * onlookers->rig->config.rate, (double)tally->entered / frames,
           (double)tally->owed / rows);
    printf("\"clients\":%u,\"ticks\":%u,\"wrong_hashes\":%llu,"
           "\"encoded\":%llu,\"changed\":%llu}\n",
           onlookers->count, ticks, (unsigned long long)tally->wrong, (unsigned long long)encoded,
           (unsigned long long)changed);
}

void measure_bytes(const struct case_of *what, uint32_t ticks, uint32_t clients, FILE *trace) {
    struct rig *rig = begin(what, clients);
    enum shape_lane lane = what->flight.linear ? LANE_LINEAR : LANE_GAME;
    struct onlookers *onlookers = onlookers_create(rig, lane, clients, clients);
    struct tally tally = {0};
    for (uint32_t i = 0; i < WARM_UP_TICKS; i++) {
        rig_turn(rig);
        onlookers_round(onlookers);
    }
    trace_head(trace, what, onlookers, ticks);
    for (uint32_t tick = 0; tick < ticks; tick++) {
        rig_turn(rig);
        for (uint32_t i = 0; i < clients; i++) {
            struct broadcast due = onlookers_next(onlookers, i);
            if (onlookers_take(onlookers, i, &due))
                count_frame(&tally, onlookers, &onlookers->all[i], due.size);
            compare(&tally, onlookers, &onlookers->all[i]);
        }
        broadcaster_end(rig->broadcaster);
        trace_tick(trace, what, onlookers);
    }
    tell(what, &tally, onlookers, ticks);
    onlookers_destroy(onlookers);
    rig_destroy(rig);
}
