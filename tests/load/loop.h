/* Waiting for sockets (epoll), and the clock: the one file of the bots that asks for the time. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { LOOP_EVENTS = 512 };

struct loop {
    int epoll, count;
    struct epoll_event events[LOOP_EVENTS];
};

struct loop_event {
    uint32_t who; /* as given to loop_watch */
    bool readable, writable;
};

bool loop_start(struct loop *loop);
/* Watches `fd` for bytes to read, and for room to write if `writing`. `known`: it is watched already. */
bool loop_watch(struct loop *loop, int fd, uint32_t who, bool writing, bool known);
/* One that is watched is from now on watched only for room to write, if `writing`. */
bool loop_watch_not_reading(struct loop *loop, int fd, uint32_t who, bool writing);
/* Waits until something is ready or `until_us` has come; the events are then there to be read. */
void loop_wait(struct loop *loop, uint64_t until_us);
struct loop_event loop_event(const struct loop *loop, int index);
/* Microseconds on a steady clock. */
uint64_t loop_now_us(void);
