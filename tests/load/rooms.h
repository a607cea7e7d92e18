/* When each tick of a room was published: as soon as the first of all bots had it on its socket. The bots of
 * one room share an entry. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { ROOMS_MAX = 8192, ROOMS_TICKS = 512 };

struct rooms_one {
    uint32_t instance; /* 0: free */
    uint32_t newest, tick_us;
    uint64_t published_us[ROOMS_TICKS];
};
struct rooms {
    struct rooms_one *all[ROOMS_MAX];
};

/* The entry of an instance, made if need be; NULL: no memory. */
struct rooms_one *rooms_get(struct rooms *rooms, uint32_t instance, uint32_t tick, uint32_t rate,
                            uint64_t now_us);
/* A frame of `tick` was there at `us`. */
void rooms_saw(struct rooms_one *room, uint32_t tick, uint64_t us);
/* When a tick was published; for one that nobody saw and older ones by the room's rate. */
uint64_t rooms_published_us(const struct rooms_one *room, uint32_t tick);
void rooms_free(struct rooms *rooms);
