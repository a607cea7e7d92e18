#include "sends.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct sends {
    int near[SENDS_SOCKETS], far[SENDS_SOCKETS], epoll;
    pthread_t reader;
};

static void need(int well, const char *what) {
    if (well) return;
    perror(what);
    exit(1);
}

/* Until the near ends are closed. */
static void *drain(void *of) {
    struct sends *sends = of;
    struct epoll_event events[SENDS_SOCKETS];
    char bytes[65536];
    for (int open = SENDS_SOCKETS; open;) {
        int count = epoll_wait(sends->epoll, events, SENDS_SOCKETS, -1);
        for (int i = 0; i < count; i++) {
            if (read(events[i].data.fd, bytes, sizeof bytes) > 0) continue;
            close(events[i].data.fd);
            open--;
        }
    }
    return NULL;
}

static void connect_pair(struct sends *sends, int listener, const struct sockaddr_in *at, int i) {
    int one = 1;
    sends->near[i] = socket(AF_INET, SOCK_STREAM, 0);
    need(connect(sends->near[i], (const struct sockaddr *)at, sizeof *at) == 0, "connect");
    sends->far[i] = accept(listener, NULL, NULL);
    need(sends->far[i] >= 0, "accept");
    setsockopt(sends->near[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = sends->far[i]};
    need(epoll_ctl(sends->epoll, EPOLL_CTL_ADD, sends->far[i], &event) == 0, "epoll_ctl");
}

struct sends *sends_create(void) {
    struct sends *made = calloc(1, sizeof *made);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    need(made != NULL, "memory");
    made->epoll = epoll_create1(0);
    need(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, SENDS_SOCKETS) == 0 &&
             getsockname(listener, (struct sockaddr *)&at, &size) == 0,
         "listen");
    for (int i = 0; i < SENDS_SOCKETS; i++) connect_pair(made, listener, &at, i);
    close(listener);
    need(pthread_create(&made->reader, NULL, drain, made) == 0, "thread");
    return made;
}

void sends_destroy(struct sends *sends) {
    for (int i = 0; i < SENDS_SOCKETS; i++) close(sends->near[i]);
    pthread_join(sends->reader, NULL);
    close(sends->epoll);
    free(sends);
}

void sends_one(struct sends *sends, uint32_t which, const uint8_t *bytes, size_t size) {
    need(send(sends->near[which % SENDS_SOCKETS], bytes, size, 0) == (ssize_t)size, "send");
}
