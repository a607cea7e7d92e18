/* Who rests: players who are looked at no more, since nothing is due to them until their room has news,
 * somebody else changes what they must be told (session_stirs), they say something themselves, or their
 * keep-alive is due. One for each I/O thread, for its WebSockets. What a room was is noted when the
 * first who rests there was looked at, not for each: at worst some are looked at for nothing. */
#pragma once
#include "server/session/session.h"
#include "server/world/publication.h"

struct rests;

/* NULL without memory. `rooms`: of the board. */
struct rests *rests_create(const struct board *board, const struct sessions *sessions, uint32_t rooms);
void rests_destroy(struct rests *rests);
/* The session of this attachment, which the caller has locked, rests as of `from`. */
void rests_take(struct rests *rests, struct attachment *attachment, const struct session *session,
                const struct publication *from);
/* It rests no more; any number of times. Before an attachment that may rest is forgotten. */
void rests_leave(struct rests *rests, struct attachment *attachment);
/* Whether anybody who rests has reason to look again. */
bool rests_any_stirred(const struct rests *rests);
/* Whether this one has, who then rests no more. For all of them before the first is looked at: what its room
 * was is noted anew by the first who rests there again. */
bool rests_rouse(struct rests *rests, struct attachment *attachment);
