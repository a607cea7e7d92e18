/* A player's line to the server: a link, and perhaps a simulated road before it. What is written goes up the
 * road and then into the socket; what is on the socket comes down the road before it can be read. */
#pragma once
#include "tests/load/link.h"
#include "tests/load/loop.h"
#include "tests/load/road.h"

struct line {
    struct road *road; /* NULL: none */
    bool watched, reading, writing;
    struct link link;
};

/* `kind` NULL or plain: no road. False: it is closed, link.why tells. */
bool line_open(struct line *line, const struct sockaddr *to, socklen_t to_size,
               const struct link_security *security, const struct road_kind *kind, uint64_t seed,
               uint64_t now_us);
/* Takes from now on another road, if it has one: bytes that travel already are not touched. */
void line_change(struct line *line, const struct road_kind *kind, uint64_t seed, uint64_t now_us);
/* Tells the loop what to wait for. False: it cannot. */
bool line_watch(struct line *line, struct loop *loop, uint32_t who);
/* False: it is closed, or the road takes no more. */
bool line_write(struct line *line, const uint8_t *bytes, size_t size, uint64_t now_us);
/* Whether what was written before still stands before the socket or the road: then nothing new should be. */
bool line_is_full(const struct line *line);
/* Its socket is ready, or time has passed: bytes go their ways. */
void line_move(struct line *line, bool writable, bool readable, uint64_t now_us);
/* Bytes that are here; 0: none just now. *socket_us: when they were on the socket. */
size_t line_read(struct line *line, uint8_t *bytes, size_t size, uint64_t now_us, uint64_t *socket_us);
/* Whether the other end is gone and everything that it said has been read. */
bool line_is_over(const struct line *line);
/* When it should be moved again without an event. */
uint64_t line_due_us(const struct line *line);
/* Ends, at once if `reset`: the other end then sees a connection reset. Any number of times. */
void line_close(struct line *line, bool reset);
