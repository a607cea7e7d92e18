/* The scripts of the golden vectors: what happens in each, and what its client takes of it. The room in which
 * they run is script.h's. */
#pragma once
#include <stddef.h>

struct scripts_entry {
    const char *name;
    void (*run)(void);
};
extern const struct scripts_entry scripts[];
extern const size_t scripts_count;

/* The first of them: WELCOME and two frames, after which rows 0, 1 and 3 are held. */
void scripts_keyframe(void);
