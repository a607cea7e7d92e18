/* Whether a client was told the truth, and only what is for it. When a hash differs, another client of the
 * same room and tick, whose hash was right, shows which field is the first that is wrong. */
#pragma once
#include "protocol/client.h"
#include "tests/load/figures.h"

enum { AUDIT_WORDS = FIGURES_WORDS };

struct audit { /* of all clients: one divergence at a time is looked into */
    struct figures *figures;
    char private_kind[LIMIT_LABEL];
    uint32_t suspect, instance, tick, lane; /* who differs, and where; instance 0: nobody is looked into */
    uint64_t *held;                         /* copies of what it held, in one block; or NULL */
    int32_t *cells;
};

/* After each frame that states a hash. `who`: a name for the words. */
void audit_hash(struct audit *audit, const struct client *client, uint32_t who, bool *divergent);
/* After each frame that brought rows: rows of others that are private. */
void audit_private(struct audit *audit, const struct client *client);
/* Before a frame is applied: its tick must come after the one before, and it may acknowledge only what was
 * sent. */
void audit_order(struct audit *audit, const struct client *client, uint32_t used_before);
/* At the end: a divergence that nobody could explain is told as it is. */
void audit_finish(struct audit *audit);
/* Spoils one field of what a client holds. */
void audit_garble(struct client *client);
