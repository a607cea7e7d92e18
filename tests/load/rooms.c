#include "tests/load/rooms.h"
#include <stdlib.h>

struct rooms_one *rooms_get(struct rooms *rooms, uint32_t instance, uint32_t tick, uint32_t rate,
                            uint64_t now_us) {
    for (uint32_t i = 0; i < ROOMS_MAX; i++) {
        struct rooms_one **at = &rooms->all[(instance * 2654435761u + i) % ROOMS_MAX];
        if (*at && (*at)->instance == instance) return *at;
        if (*at) continue;
        if (!(*at = calloc(1, sizeof **at))) return NULL;
        **at =
            (struct rooms_one){.instance = instance, .newest = tick, .tick_us = 1000000 / (rate ? rate : 1)};
        (*at)->published_us[tick % ROOMS_TICKS] = now_us;
        return *at;
    }
    return NULL;
}

void rooms_saw(struct rooms_one *room, uint32_t tick, uint64_t us) {
    int32_t ahead = (int32_t)(tick - room->newest);
    if (ahead <= -ROOMS_TICKS) return;
    uint64_t *at = &room->published_us[tick % ROOMS_TICKS];
    if (ahead <= 0) {
        if (us < *at) *at = us;
        return;
    }
    /* Nobody had those in between: they came at the room's own pace. */
    uint32_t missed = (uint32_t)ahead - 1;
    if (missed >= ROOMS_TICKS) missed = ROOMS_TICKS - 1;
    for (uint32_t i = 1; i <= missed; i++)
        room->published_us[(tick - i) % ROOMS_TICKS] = us - (uint64_t)i * room->tick_us;
    *at = us;
    room->newest = tick;
}

uint64_t rooms_published_us(const struct rooms_one *room, uint32_t tick) {
    int32_t behind = (int32_t)(room->newest - tick);
    uint64_t newest_us = room->published_us[room->newest % ROOMS_TICKS];
    if (behind < 0) return newest_us + (uint64_t)-behind * room->tick_us;
    if (behind < ROOMS_TICKS) return room->published_us[tick % ROOMS_TICKS];
    return newest_us - (uint64_t)behind * room->tick_us;
}

void rooms_free(struct rooms *rooms) {
    for (uint32_t i = 0; i < ROOMS_MAX; i++) free(rooms->all[i]);
}
