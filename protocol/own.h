/* The own player at once: a client's inputs are carried out on its own row in the moment they are made, and
 * carried out again, from what the server says, on those that it has not used yet, whenever a frame comes. If
 * every input reached the server in time and nothing in the world came between, the server says exactly what
 * was predicted here. Needs the lane of the game, and a kind that can be steered; else it keeps the inputs
 * alone. No allocation. */
#pragma once
#include "protocol/client.h"

enum { OWN_INPUTS = 64 }; /* that wait to be used: three seconds at 20 a second; older ones are forgotten */

struct own_input {
    uint32_t sequence;
    int32_t values[LIMIT_CELLS]; /* raw, as they were sent */
    int32_t row[ROW_CELLS];      /* the own row after it */
};

struct own {
    struct own_input inputs[OWN_INPUTS]; /* a ring of those not known to be used */
    uint32_t first, count;
    const struct shape_kind *kind; /* of the own row; NULL: there is none to be predicted just now */
    uint32_t row;                  /* its number */
    int32_t now[ROW_CELLS];        /* the row after the newest input */
    uint32_t made;                 /* inputs carried out on it */
    uint32_t corrections;          /* how often it jumped when a frame came, for whatever reason */
    uint32_t mispredicted;         /* inputs that came out otherwise although all had come in time */
    float correction;              /* how far it jumped last, in units of its place */
};

void own_init(struct own *own);
/* The client has just written an input with these values (client_input). */
void own_make(struct own *own, const struct client *client, const int32_t *values);
/* The client has just applied a frame, or was welcomed or resumed. */
void own_frame(struct own *own, const struct client *client);
/* What the own row would be one tick on with this input. `cells`: ROW_CELLS of them. Only with a kind. */
void own_ahead(const struct own *own, const struct client *client, const int32_t *values, int32_t *cells);
/* The input that comes after `before` of those the server has not used yet; NULL: there is none. */
const struct own_input *own_unused(const struct own *own, uint32_t before);
