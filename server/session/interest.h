/* Interest management: which placed rows are near enough to a player. Exact to the radius, with hysteresis:
 * in at the radius, out at 1.1 times it. Runs on the I/O threads, from a pinned publication alone. */
#pragma once
#include "server/world/publication.h"
#include "server/session/session.h"

#define INTEREST_OUT 1.1f
enum { INTEREST_TICKS = 4 /* a quarter of the sessions is looked at whole each tick */ };

/* Brings session->near (under its lock) up to the publication: with a whole look if it is this session's
 * turn, if ticks were missed, or if the player jumped; else only at what is newborn. */
void interest_update(struct session *session, const struct publication *from);
