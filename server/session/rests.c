#include "server/session/rests.h"
#include <stdlib.h>

struct rest_room {
    uint32_t count;       /* so many rest there */
    uint32_t news, stirs; /* of the room, when the first of them was looked at */
};

struct rests {
    const struct board *board;
    const struct sessions *sessions;
    uint32_t room_count;
    struct rest_room rooms[];
};

struct rests *rests_create(const struct board *board, const struct sessions *sessions, uint32_t rooms) {
    struct rests *rests = calloc(1, sizeof *rests + rooms * sizeof *rests->rooms);
    if (!rests) return NULL;
    rests->board = board;
    rests->sessions = sessions;
    rests->room_count = rooms;
    return rests;
}

void rests_destroy(struct rests *rests) {
    free(rests);
}

void rests_take(struct rests *rests, struct attachment *attachment, const struct session *session,
                const struct publication *from) {
    struct rest_room *room = &rests->rooms[session->room];
    if (room->count++ == 0) {
        room->news = from->news;
        room->stirs = session_stirs(rests->sessions, session->room);
    }
    attachment->room = session->room;
    attachment->rests = true;
}

void rests_leave(struct rests *rests, struct attachment *attachment) {
    if (attachment->rests) rests->rooms[attachment->room].count--;
    attachment->rests = false;
}

static bool room_stirred(const struct rests *rests, uint32_t room) {
    const struct rest_room *then = &rests->rooms[room];
    return then->count && (then->news != board_news(rests->board, room) ||
                           then->stirs != session_stirs(rests->sessions, room));
}

bool rests_any_stirred(const struct rests *rests) {
    for (uint32_t i = 0; i < rests->room_count; i++)
        if (room_stirred(rests, i)) return true;
    return false;
}

bool rests_rouse(struct rests *rests, struct attachment *attachment) {
    bool stirred = attachment->rests && room_stirred(rests, attachment->room);
    if (stirred) rests_leave(rests, attachment);
    return stirred;
}
