#include "server/world/line.h"
#include <stdlib.h>

bool line_create(struct line *line, uint32_t max) {
    *line = (struct line){.max = max};
    line->entries = calloc(max + 1u, sizeof *line->entries);
    return line->entries != NULL;
}

void line_destroy(struct line *line) {
    free(line->entries);
    *line = (struct line){0};
}

bool line_put(struct line *line, const struct arrival *join, uint32_t slot) {
    if (line->count == line->max) return false;
    line->entries[line->count++] = (struct line_entry){*join, slot};
    return true;
}

bool line_waits_for(const struct line *line, const char *game, const char *room) {
    for (uint32_t i = 0; i < line->count; i++) {
        const struct arrival *join = &line->entries[i].join;
        if (strcmp(join->join.room, room) == 0 && strcmp(join->join.game, game) == 0) return true;
    }
    return false;
}

void line_filter(struct line *line, bool (*keep)(void *context, struct line_entry *entry), void *context) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < line->count; i++) {
        if (!keep(context, &line->entries[i])) continue;
        if (kept != i) line->entries[kept] = line->entries[i];
        kept++;
    }
    line->count = kept;
}
