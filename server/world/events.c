#include "server/world/events.h"
#include "server/metrics.h"
#include <stdlib.h>

enum {
    MUST_ARRIVE_TICKS = 1024, /* what must arrive waits so long for a stalled client: 51 s at 20 Hz */
    EVENT_BYTES_MAX = 512     /* of one event's values: 64 cells of at most 5 bytes, or texts */
};

bool events_init(struct events *events, uint32_t players) {
    *events = (struct events){.players = players};
    events->lost_by = calloc(players, sizeof *events->lost_by);
    return events->lost_by != NULL;
}

void events_finish(struct events *events) {
    free(events->kept);
    free(events->lost_by);
    *events = (struct events){0};
}

static uint32_t lifetime(const struct publication_event *event) {
    return event->use == SCHEMA_MAY_DROP ? PUBLICATION_MAY_DROP_TICKS : MUST_ARRIVE_TICKS;
}

/* Whoever has not seen this one by now has lost it. Groups change, so what was for one counts for all. */
static void lose(struct events *events, const struct publication_event *event) {
    if (event->use != SCHEMA_MUST_ARRIVE) return;
    events->losses++;
    if (event->to.whom == GAME_TO_ONE && event->to.id < events->players)
        events->lost_by[event->to.id] = event->number;
    else
        events->lost = event->number;
}

/* Keeps the events that `keeps` says, and moves their bytes together. */
static void keep(struct events *events, const bool keeps[LIMIT_EVENTS]) {
    uint32_t kept = 0, bytes = 0;
    for (uint32_t i = 0; i < events->count; i++) {
        struct publication_event event = events->kept->all[i];
        if (!keeps[i]) {
            lose(events, &event);
            continue;
        }
        memmove(events->kept->bytes + bytes, events->kept->bytes + event.at, event.size);
        event.at = (uint16_t)bytes;
        bytes += event.size;
        events->kept->all[kept++] = event;
    }
    events->count = kept;
}

void events_age(struct events *events, uint32_t tick) {
    bool keeps[LIMIT_EVENTS];
    for (uint32_t i = 0; i < events->count; i++)
        keeps[i] = tick - events->kept->all[i].tick <= lifetime(&events->kept->all[i]);
    keep(events, keeps);
}

static uint32_t bytes_used(const struct events *events) {
    if (events->count == 0) return 0;
    const struct publication_event *last = &events->kept->all[events->count - 1];
    return last->at + (uint32_t)last->size;
}

/* The oldest goes, such as may be dropped first. */
static void drop_event(struct events *events) {
    bool keeps[LIMIT_EVENTS];
    uint32_t victim = 0;
    memset(keeps, true, sizeof keeps);
    for (uint32_t i = events->count; i-- > 0;)
        if (events->kept->all[i].use != SCHEMA_MUST_ARRIVE) victim = i;
    keeps[victim] = false;
    metrics_add(METRIC_events_lost, 1);
    keep(events, keeps);
}

static void put(struct events *events, struct publication_event *event, const uint8_t *bytes) {
    while (events->count == LIMIT_EVENTS || PUBLICATION_EVENT_BYTES - bytes_used(events) < event->size)
        drop_event(events);
    event->at = (uint16_t)bytes_used(events);
    memcpy(events->kept->bytes + event->at, bytes, event->size);
    events->kept->all[events->count++] = *event;
}

void events_take(struct events *events, const struct shape *shape, const struct game_note *note,
                 const int32_t *cells, uint32_t tick) {
    uint8_t bytes[EVENT_BYTES_MAX];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    message_write_values(&writer, shape, cells);
    CHECK(!writer.full);
    struct publication_event event = {.number = ++events->last,
                                      .tick = tick,
                                      .to = note->to,
                                      .record = (uint8_t)note->record,
                                      .elements = shape->field_count,
                                      .size = (uint16_t)writer.size,
                                      .use = shape->use};
    if (!events->kept) events->kept = malloc(sizeof *events->kept);
    if (events->kept)
        put(events, &event, bytes);
    else
        lose(events, &event);
}

static void publish_losses(const struct events *events, struct publication *into) {
    if (into->event_losses == events->losses) return;
    into->event_losses = events->losses;
    into->event_lost = events->lost;
    memcpy(into->event_lost_by, events->lost_by, into->seats_max * sizeof *into->event_lost_by);
}

void events_publish(const struct events *events, struct publication *into) {
    publish_losses(events, into);
    into->event_count = 0;
    into->event_last = events->last;
    if (events->count && !into->events) into->events = malloc(sizeof *into->events);
    if (events->count == 0 || !into->events) return; /* without memory they wait for another publication */
    into->event_count = events->count;
    memcpy(into->events->all, events->kept->all, events->count * sizeof *into->events->all);
    memcpy(into->events->bytes, events->kept->bytes, bytes_used(events));
}
