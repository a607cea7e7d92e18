/* The waiting line: joins for whom there was no seat, the longest waiting first. Fixed size; main only. */
#pragma once
#include "server/world/inbox.h"

struct line_entry {
    struct arrival join;
    uint32_t slot; /* of the room that is full; the number of slots: what is full is the server */
};

struct line { /* zeroed: one for nobody */
    struct line_entry *entries;
    uint32_t count, max;
};

/* False: no memory. `max` 0 is fine: then it is always full. */
bool line_create(struct line *line, uint32_t max);
void line_destroy(struct line *line);
/* At the end. False: the line is full. */
bool line_put(struct line *line, const struct arrival *join, uint32_t slot);
/* Whether somebody waits for this room already: then a newcomer waits behind. */
bool line_waits_for(const struct line *line, const char *game, const char *room);
/* Takes out everybody whose entry `keep` does not want; the order stays. `keep` may change the entry. */
void line_filter(struct line *line, bool (*keep)(void *context, struct line_entry *entry), void *context);
