/* What stands in a request of a link: its path, the numbers in its query, what a browser says that it got
 * last, the length of its body. Pure functions over strangers' text; strict, so that a thing has one
 * spelling. */
#pragma once
#include "server/session/session_link.h"

enum link_way { /* what is asked for below /play */
                LINK_NOTHING,
                LINK_BEGIN, /* /play itself */
                LINK_POST,  /* /play/SESSION-EPOCH */
                LINK_STREAM,
                LINK_SSE,
                LINK_POLL,
                LINK_STATE,
};

/* Which request this path stands for. `name` is filled but for NOTHING and BEGIN. */
enum link_way words_path(const char *path, struct link_name *name);
/* A whole number in decimal, without sign or leading zeros; false: it is none, or above 2^32 − 1. */
bool words_number(const char *text, uint32_t *number);
/* TICK.EVENT, the `id` of an event stream. */
bool words_event_id(const char *text, uint32_t *tick, uint32_t *event);
