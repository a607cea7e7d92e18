/* PROXY headers: a socket from a listed proxy is read here, by ourselves, until its header is whole; only
 * then it goes to the library, which sees what the client sent. */
#include "server/edge/net_internal.h"
#include "server/edge/proxy.h"
#include "server/log.h"
#include "server/metrics.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct newcomer { /* one whose header is awaited; its connection owns it */
    uv_poll_t poll;
    struct connection *connection;
    struct newcomer *next, **from; /* among the thread's */
    int fd;
    uint16_t size; /* bytes of the header so far */
    uint8_t bytes[PROXY_HEADER_MAX];
};

static void on_closed(uv_handle_t *handle) {
    free(handle->data);
}

/* Its connection has no newcomer any more; the socket is the caller's. */
static int let_go(struct newcomer *newcomer) {
    uv_poll_stop(&newcomer->poll);
    uv_close((uv_handle_t *)&newcomer->poll, on_closed);
    *newcomer->from = newcomer->next;
    if (newcomer->next) newcomer->next->from = newcomer->from;
    newcomer->connection->newcomer = NULL;
    return newcomer->fd;
}

void net_proxy_drop(struct newcomer *newcomer) {
    struct connection *connection = newcomer->connection;
    close(let_go(newcomer));
    net_connection_free(connection);
}

static void refuse(struct newcomer *newcomer) {
    metrics_add(METRIC_refused_proxy, 1);
    log_limited(LOG_WARN, "proxy_refused", "from=%s why=\"no proper PROXY header\"",
                net_peer(newcomer->connection));
    net_proxy_drop(newcomer);
}

static void enter(struct newcomer *newcomer, const struct proxy_header *header) {
    struct connection *connection = newcomer->connection;
    int fd = let_go(newcomer);
    if (!header->own) connection->local = false;
    if (!header->told || net_admit(connection, &header->client, true)) {
        net_adopt(connection, fd);
        return;
    }
    close(fd);
    net_connection_free(connection);
}

/* Takes what belongs to the header and no byte more: the rest is the library's. */
static void take(struct newcomer *newcomer, size_t seen) {
    struct proxy_header header;
    enum proxy_reading reading = proxy_read(newcomer->bytes, newcomer->size + seen, &header);
    size_t due = reading == PROXY_WHOLE ? header.size - newcomer->size : seen;
    if (reading == PROXY_WRONG ||
        recv(newcomer->fd, newcomer->bytes + newcomer->size, due, 0) != (ssize_t)due) {
        refuse(newcomer);
        return;
    }
    newcomer->size = (uint16_t)(newcomer->size + due);
    if (reading == PROXY_WHOLE) enter(newcomer, &header);
}

static void on_readable(uv_poll_t *handle, int status, int events) {
    struct newcomer *newcomer = handle->data;
    size_t room = sizeof newcomer->bytes - newcomer->size;
    (void)status, (void)events;
    ssize_t seen = recv(newcomer->fd, newcomer->bytes + newcomer->size, room, MSG_PEEK);
    if (seen > 0)
        take(newcomer, (size_t)seen);
    else if (seen == 0 || (errno != EAGAIN && errno != EINTR))
        net_proxy_drop(newcomer);
}

bool net_proxy_wait(struct connection *connection, int fd) {
    struct net_thread *thread = connection->thread;
    struct newcomer *newcomer = calloc(1, sizeof *newcomer);
    if (!newcomer) return false;
    newcomer->connection = connection;
    newcomer->fd = fd;
    newcomer->poll.data = newcomer;
    if (uv_poll_init_socket(&thread->loop, &newcomer->poll, fd)) {
        free(newcomer);
        return false;
    }
    connection->newcomer = newcomer;
    newcomer->next = thread->newcomers;
    newcomer->from = &thread->newcomers;
    if (newcomer->next) newcomer->next->from = &newcomer->next;
    thread->newcomers = newcomer;
    uv_poll_start(&newcomer->poll, UV_READABLE, on_readable);
    return true;
}
