#include "server/world/events.h"
#include "server/metrics.h"

enum {
    MUST_ARRIVE_TICKS = 1024 /* what must arrive waits so long for a stalled client: 51 s at 20 Hz */
};

static uint32_t lifetime(const struct publication_event *event) {
    return event->use == SCHEMA_MAY_DROP ? PUBLICATION_MAY_DROP_TICKS : MUST_ARRIVE_TICKS;
}

/* Drops the events that grew too old, and moves the rest together. */
void events_age(struct events *events, uint32_t tick) {
    uint32_t kept = 0, bytes = 0;
    for (uint32_t i = 0; i < events->count; i++) {
        struct publication_event event = events->all[i];
        if (tick - event.tick > lifetime(&event)) {
            if (event.use == SCHEMA_MUST_ARRIVE) events->lost = event.number;
            continue;
        }
        memmove(events->bytes + bytes, events->bytes + event.at, event.size);
        event.at = (uint16_t)bytes;
        bytes += event.size;
        events->all[kept++] = event;
    }
    events->count = kept;
}

static uint32_t bytes_used(const struct events *events) {
    if (events->count == 0) return 0;
    const struct publication_event *last = &events->all[events->count - 1];
    return last->at + (uint32_t)last->size;
}

/* The oldest goes, that one which may be dropped first. */
static void drop_event(struct events *events) {
    uint32_t victim = 0;
    for (uint32_t i = events->count; i-- > 0;)
        if (events->all[i].use != SCHEMA_MUST_ARRIVE) victim = i;
    if (events->all[victim].use == SCHEMA_MUST_ARRIVE) events->lost = events->all[victim].number;
    metrics_add(METRIC_events_lost, 1);
    memmove(events->all + victim, events->all + victim + 1,
            (events->count - victim - 1) * sizeof *events->all);
    events->count--;
}

void events_take(struct events *events, const struct shape *shape, const struct game_note *note,
                 const void *record, uint32_t tick) {
    int32_t cells[LIMIT_CELLS];
    if (events->count == LIMIT_EVENTS) drop_event(events);
    uint32_t at = bytes_used(events);
    struct wire_writer writer = wire_writer_init(events->bytes + at, sizeof events->bytes - at);
    row_quantise(shape, record, cells);
    message_write_values(&writer, shape, cells);
    struct publication_event event = {.number = ++events->last,
                                      .tick = tick,
                                      .to = note->to,
                                      .record = (uint8_t)note->record,
                                      .elements = shape->field_count,
                                      .size = (uint16_t)writer.size,
                                      .use = shape->use,
                                      .at = (uint16_t)at};
    if (!writer.full) {
        events->all[events->count++] = event;
        return;
    }
    if (event.use == SCHEMA_MUST_ARRIVE) events->lost = event.number;
    metrics_add(METRIC_events_lost, 1);
}

void events_publish(const struct events *events, struct publication *into) {
    into->event_count = events->count;
    into->event_last = events->last;
    into->event_lost = events->lost;
    memcpy(into->events, events->all, events->count * sizeof *into->events);
    memcpy(into->event_bytes, events->bytes, bytes_used(events));
}
