/* epoll, level-triggered: what was not read is told again. */
#include "tests/load/loop.h"
#include <time.h>

bool loop_start(struct loop *loop) {
    loop->count = 0;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    return loop->epoll >= 0;
}

static bool control(struct loop *loop, int how, int fd, uint32_t who, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u32 = who};
    return epoll_ctl(loop->epoll, how, fd, &event) == 0;
}

bool loop_watch(struct loop *loop, int fd, uint32_t who, bool writing, bool known) {
    return control(loop, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, who,
                   EPOLLIN | (writing ? (uint32_t)EPOLLOUT : 0));
}

bool loop_watch_not_reading(struct loop *loop, int fd, uint32_t who, bool writing) {
    return control(loop, EPOLL_CTL_MOD, fd, who, writing ? (uint32_t)EPOLLOUT : 0);
}

void loop_wait(struct loop *loop, uint64_t until_us) {
    uint64_t now_us = loop_now_us();
    uint64_t wait_ms = until_us > now_us ? (until_us - now_us + 999) / 1000 : 0;
    if (wait_ms > 1000) wait_ms = 1000;
    int count = epoll_wait(loop->epoll, loop->events, LOOP_EVENTS, (int)wait_ms);
    loop->count = count < 0 ? 0 : count;
}

struct loop_event loop_event(const struct loop *loop, int index) {
    const struct epoll_event *event = &loop->events[index];
    return (struct loop_event){.who = event->data.u32,
                               .readable = event->events & (EPOLLIN | EPOLLHUP | EPOLLERR),
                               .writable = event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)};
}

uint64_t loop_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
