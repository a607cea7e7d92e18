#include "tests/load/line.h"
#include <stdlib.h>
#include <string.h>

enum {
    PIECE = 16 * 1024,
    SMALL_BUFFER = 16 * 1024 /* of the socket behind a capped road: what waits shall wait before the road */
};

/* What the kernel would keep beside the road's own queue must be small. */
static void keep_little(int fd, const struct road_kind *kind) {
    int size = SMALL_BUFFER;
    if (kind->down.bandwidth) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool line_open(struct line *line, const struct sockaddr *to, socklen_t to_size,
               const struct link_security *security, const struct road_kind *kind, uint64_t seed,
               uint64_t now_us) {
    *line = (struct line){0};
    if (!link_open(&line->link, to, to_size, security)) return false;
    if (!kind || road_is_plain(kind)) return true;
    line->road = malloc(sizeof *line->road);
    if (!line->road) return link_close(&line->link), false;
    road_start(line->road, kind, seed, now_us);
    keep_little(line->link.fd, kind);
    return true;
}

void line_change(struct line *line, const struct road_kind *kind, uint64_t seed, uint64_t now_us) {
    if (!line->road) {
        line->road = malloc(sizeof *line->road);
        if (line->road) road_start(line->road, kind, seed, now_us);
        return;
    }
    line->road->up.setup = kind->up;
    line->road->down.setup = kind->down;
}

bool line_watch(struct line *line, struct loop *loop, uint32_t who) {
    bool reading = !line->road || way_room(&line->road->down) > 0;
    bool writing = link_wants_room(&line->link);
    if (line->link.state == LINK_CLOSED) return true;
    if (line->watched && writing == line->writing && reading == line->reading) return true;
    bool known = line->watched;
    line->watched = true;
    line->writing = writing;
    line->reading = reading;
    if (known && !reading) return loop_watch_not_reading(loop, line->link.fd, who, writing);
    return loop_watch(loop, line->link.fd, who, writing, known);
}

bool line_write(struct line *line, const uint8_t *bytes, size_t size, uint64_t now_us) {
    if (!line->road) return link_write(&line->link, bytes, size);
    if (line->link.state == LINK_CLOSED || way_room(&line->road->up) < size) return false;
    if (!way_put(&line->road->up, bytes, size, now_us)) return false;
    way_move(&line->road->up, now_us);
    return true;
}

bool line_is_full(const struct line *line) {
    if (line->link.waiting) return true;
    return line->road && way_room(&line->road->up) < line->road->up.setup.queue / 2;
}

/* ---- Along the road. */

static void move_up(struct line *line, uint64_t now_us) {
    struct way *up = &line->road->up;
    way_move(up, now_us);
    while (!line->link.waiting && line->link.state == LINK_OPEN) {
        size_t size;
        uint64_t taken_us;
        const uint8_t *bytes = way_arrived(up, now_us, &size, &taken_us);
        if (size == 0) return;
        link_write(&line->link, bytes, size);
        way_gave(up, size);
    }
}

static void fill_road(struct line *line, uint64_t now_us) {
    uint8_t piece[PIECE];
    struct way *down = &line->road->down;
    do {
        size_t room = way_room(down);
        if (room > sizeof piece) room = sizeof piece;
        size_t got = room ? link_read(&line->link, piece, room) : 0;
        if (got == 0) return;
        if (!way_put(down, piece, got, now_us)) link_close(&line->link);
        if (got < room && !link_pending(&line->link)) return;
    } while (line->link.state == LINK_OPEN);
}

void line_move(struct line *line, bool writable, bool readable, uint64_t now_us) {
    if (writable) link_flush(&line->link);
    if (!line->road) return;
    if (readable && line->link.state == LINK_OPEN) fill_road(line, now_us);
    way_move(&line->road->down, now_us);
    move_up(line, now_us);
}

size_t line_read(struct line *line, uint8_t *bytes, size_t size, uint64_t now_us, uint64_t *socket_us) {
    *socket_us = now_us;
    if (!line->road) return link_read(&line->link, bytes, size);
    size_t arrived;
    const uint8_t *from = way_arrived(&line->road->down, now_us, &arrived, socket_us);
    if (arrived > size) arrived = size;
    if (arrived == 0) return 0;
    memcpy(bytes, from, arrived);
    way_gave(&line->road->down, arrived);
    return arrived;
}

bool line_is_over(const struct line *line) {
    return line->link.state == LINK_CLOSED && (!line->road || way_empty(&line->road->down));
}

uint64_t line_due_us(const struct line *line) {
    return line->road ? road_due_us(line->road) : UINT64_MAX;
}

void line_close(struct line *line, bool reset) {
    struct linger at_once = {.l_onoff = 1};
    if (reset && line->link.state != LINK_CLOSED)
        setsockopt(line->link.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    link_close(&line->link);
    if (line->road) road_finish(line->road);
    free(line->road);
    line->road = NULL;
    line->watched = false;
}
